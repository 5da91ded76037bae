"""A suppression of the policy whose time is over.

What it finds
    Suppressions whose `expires` lies before today. On that day itself they still hold. The findings that they
    accepted are open again.

Why it matters
    Somebody meant to look again by then. A suppression that is over also hides nothing any more, so it
    only makes the policy longer.

What to do
    Mend what was accepted and take the suppression out, or give it a new day if the reason still holds.

Known limits
    Today is the day on the computer that runs the audit, or that of `SOURCE_DATE_EPOCH`.
"""

from collections.abc import Iterator

from tagmetry.api import Finding, NoOptions, Plural, Remedies, Rule, Severity, SuppressionUse

rule = Rule(
    id="suppression-expired",
    severity=Severity.WARNING,
    evidence="heuristic",
    messages={
        "found": Plural(
            "the suppression of {rule} ended on {day}; {n:count} finding is open again",
            "the suppression of {rule} ended on {day}; {n:count} findings are open again",
            by="n",
        ),
        "nothing-left": "the suppression of {rule} ended on {day}, and there is nothing left to accept",
    },
    remedies={
        "found": Remedies(data=("mend what was accepted, or give the suppression a new day in the policy",)),
        "nothing-left": Remedies(data=("take the suppression out of the policy",)),
    },
)


@rule.each_suppression
def check(suppression: SuppressionUse, options: NoOptions) -> Iterator[Finding]:
    if not suppression.is_expired:
        return
    yield rule.finding(
        suppression.subject(),
        "found" if suppression.n_findings or not suppression.was_judged else "nothing-left",
        values={"rule": suppression.rule, "day": suppression.expires, "n": suppression.n_findings},
        location=suppression.location,
    )
