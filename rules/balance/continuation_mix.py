"""A second training whose images are nearly all new, or nearly all old.

What it finds
    Sets with images of an earlier training (role `earlier`, which a policy declares) whose exposures are less than
    `low` or more than `high` of all.

Why it matters
    A LoRA that is trained on forgets what it is not shown again. With half earlier and half new images the new concept
    was learned and the earlier one kept; with hardly any earlier ones it is lost, and with hardly any new ones nothing
    is learned.

What to do
    Mix in images of the earlier training until about half of what is shown per epoch is known to the model. Repeats
    reach that as well as more images do.

Known limits
    Half and half is one practitioner's experience; how far from it is too far is Tagmetry's own choice. Images of an
    earlier training are never recognized, only declared: `profile.roles.earlier`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    low: float = option(
        0.35, "Share of earlier images in all that is shown, below which they are too few.", unit="share", low=0, high=1
    )
    high: float = option(0.65, "The same, above which they are too many.", unit="share", low=0, high=1)


rule = Rule(
    id="continuation-mix",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("concept-bleed",),
    messages={
        "too-few": (
            "only {share:percent} of what is shown are images of the earlier training ({earlier:number} of "
            "{total:number} per epoch): what is not shown again is forgotten"
        ),
        "too-many": (
            "{share:percent} of what is shown are images of the earlier training ({earlier:number} of "
            "{total:number} per epoch): the new ones are hardly learned"
        ),
    },
    remedies={
        "too-few": Remedies(
            data=("add images of the earlier training until they are about half of what is shown",),
            training=("or raise their repeats",),
        ),
        "too-many": Remedies(
            data=("leave out images of the earlier training until they are about half of what is shown",),
            training=("or raise the repeats of the new ones",),
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    old = dataset.role("earlier")
    if not dataset.train.n:
        raise Skip("no-training-images")
    if not old.n:
        raise Skip("no-images-of", roles=("earlier",))
    new, earlier = (float(dataset.repeats[samples.rows].sum()) for samples in (dataset.train, old))
    total = new + earlier
    if not total:
        return
    share = earlier / total
    if options.low <= share <= options.high:
        return
    key, limit = ("too-few", options.low) if share < options.low else ("too-many", options.high)
    yield rule.finding(
        dataset.subject(),
        key,
        values={"share": share, "earlier": earlier, "total": total},
        measured=Measurement("earlier_share", share, limit, option="low" if key == "too-few" else "high", unit="share"),
    )
