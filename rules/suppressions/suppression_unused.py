"""A suppression of the policy that fits no finding.

What it finds
    Suppressions that accept nothing in this run, although their rule has judged.

Why it matters
    What was accepted is mended or gone, or the suppression has a slip in its `match`. Left in the policy it
    would accept the next finding that happens to fit, for a reason that was given for something else.

What to do
    Take it out of the policy, or mend its `match`.

Known limits
    A policy that several datasets share may name what only some of them have; switch this rule off there.
    Where the rule was left out, switched off or could not judge, nothing is said.
"""

from collections.abc import Iterator

from tagmetry.api import Finding, NoOptions, Remedies, Rule, Severity, SuppressionUse

rule = Rule(
    id="suppression-unused",
    severity=Severity.WARNING,
    evidence="heuristic",
    messages={
        "found": "the suppression of {rule} for {match} fits no finding",
        "of-all": "the suppression of {rule} fits no finding",
    },
    remedies=Remedies(data=("take the suppression out of the policy, or mend its match",)),
)


@rule.each_suppression
def check(suppression: SuppressionUse, options: NoOptions) -> Iterator[Finding]:
    if suppression.n_findings or suppression.is_expired or not suppression.was_judged:
        return
    yield rule.finding(
        suppression.subject(),
        "found" if suppression.shown else "of-all",
        values={"rule": suppression.rule, "match": suppression.shown},
        location=suppression.location,
    )
