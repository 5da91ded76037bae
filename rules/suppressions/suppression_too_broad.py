"""A suppression of the policy that accepts most of what its rule looks at.

What it finds
    Suppressions that accept findings about at least `limit` of all the images or concepts that the rule judged, and
    about no fewer than `min_subjects`. Rules that judge the dataset as a whole are not counted.

Why it matters
    A reason is given for something in particular. One that covers most of a dataset switches the rule off
    without saying so, and new images that fit are accepted unseen.

What to do
    Match only what the reason speaks of. If the rule is not wanted for this dataset, switch it off or change its limit
    where everybody looks: under `rules` or `overrides`.

Known limits
    A long list of patterns can be as broad as a single one and still be right; it is the share that is judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Finding, Measurement, Remedies, Rule, Severity, SuppressionUse, option


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5, "Share of what the rule judged from which on it is too broad.", unit="share", low=0, high=1
    )
    min_subjects: int = option(10, "With fewer images or concepts accepted, nothing is said.", low=1)


rule = Rule(
    id="suppression-too-broad",
    severity=Severity.WARNING,
    evidence="heuristic",
    options=Options,
    messages={"found": "the suppression of {rule} accepts {n:count} of {judged:count} ({share:percent})"},
    remedies=Remedies(data=("match only what the reason speaks of, or set the rule under rules or overrides",)),
)


@rule.each_suppression
def check(suppression: SuppressionUse, options: Options) -> Iterator[Finding]:
    if suppression.is_expired or not suppression.n_judged or suppression.n_subjects < options.min_subjects:
        return
    share = suppression.n_subjects / suppression.n_judged
    if share < options.limit:
        return
    yield rule.finding(
        suppression.subject(),
        "found",
        values={
            "rule": suppression.rule,
            "n": suppression.n_subjects,
            "judged": suppression.n_judged,
            "share": share,
        },
        measured=Measurement("accepted_share", share, options.limit, option="limit", unit="share"),
        location=suppression.location,
    )
