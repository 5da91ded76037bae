"""Preservation images shown too often or too seldom beside the new ones.

What it finds
    The exposures of the preservation images (images times repeats) as a share of those of the new training images:
    above `high`, or below `low`.

Why it matters
    Preservation images are shown so that the model does not forget what it could before. A few of them in each epoch
    are enough; shown as often as they are many, they drown the new images. Too few hold nothing.

What to do
    Set a multiplier below one for their folder, so that a random part of them is drawn in each epoch. For 200 new and
    1,000 preservation images 0.05 to 0.1 was proposed, which are 50 to 100 images per epoch. Real pictures are better
    than generated ones, which teach the model its own errors.

Known limits
    The source gives one example; that the share of the new exposures, 25 % to 50 %, is what carries over to sets of
    other sizes is Tagmetry's own reading. Multipliers in a trainer's config count only when that was given.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.trainers import TRAINERS


@dataclass(frozen=True, slots=True)
class Options:
    low: float = option(
        0.25, "Share of the new exposures below which preservation images are too few.", unit="share", low=0
    )
    high: float = option(0.5, "Share of the new exposures above which they are too many.", unit="share", low=0)


_REAL = "use real pictures rather than generated ones"

rule = Rule(
    id="preservation-mix",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("concept-bleed",),
    messages={
        "too-many": Plural(
            "one preservation image is shown {shown:number} times per epoch, {share:percent} of the {new:number} "
            "exposures of new images; more than {limit:percent} drown them",
            "{n:count} preservation images are shown {shown:number} times per epoch, {share:percent} of the "
            "{new:number} exposures of new images; more than {limit:percent} drown them",
        ),
        "too-many-whole": Plural(
            "one preservation image is shown {shown:number} times per epoch, {share:percent} of the {new:number} "
            "exposures of new images; more than {limit:percent} drown them",
            "{n:count} preservation images are shown {shown:number} times per epoch, {share:percent} of the "
            "{new:number} exposures of new images; more than {limit:percent} drown them",
        ),
        "too-few": Plural(
            "one preservation image is shown {shown:number} times per epoch, {share:percent} of the {new:number} "
            "exposures of new images; less than {limit:percent} hold little",
            "{n:count} preservation images are shown {shown:number} times per epoch, {share:percent} of the "
            "{new:number} exposures of new images; less than {limit:percent} hold little",
        ),
    },
    remedies={
        "too-many": Remedies(
            data=(_REAL,), training=("set the multiplier of their folder to about {multiplier:number}",)
        ),
        "too-many-whole": Remedies(
            data=(
                (
                    "leave out preservation images until {low:count} to {high:count} exposures are left: this trainer "
                    "cannot draw a part of a folder"
                ),
                _REAL,
            )
        ),
        "too-few": Remedies(
            data=("add preservation images, real ones rather than generated",),
            training=("or set the multiplier of their folder to about {multiplier:number}",),
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    kept = dataset.role("preservation")
    if not dataset.train.n:
        raise Skip("no-training-images")
    if not kept.n:
        raise Skip("no-images-of", roles=("preservation",))
    new, shown = (float(dataset.repeats[samples.rows].sum()) for samples in (dataset.train, kept))
    if not new:
        return
    share = shown / new
    if options.low <= share <= options.high:
        return
    is_many = share > options.high
    limit = options.high if is_many else options.low
    multiplier = (options.low + options.high) / 2 * new / kept.n
    yield rule.finding(
        dataset.subject(),
        ("too-many" if _draws_parts(dataset) else "too-many-whole") if is_many else "too-few",
        values={
            "n": kept.n,
            "shown": shown,
            "new": new,
            "share": share,
            "limit": limit,
            "multiplier": multiplier,
            "low": int(options.low * new),
            "high": int(options.high * new),
        },
        measured=Measurement("preservation_share", share, limit, option="high" if is_many else "low", unit="share"),
    )


def _draws_parts(dataset: Dataset) -> bool:
    """Whether the trainer takes a multiplier below one; where none is named, nothing speaks against it."""
    trainer = TRAINERS.get(dataset.profile.trainer or "")
    return trainer is None or trainer.legal_repeats(0.5)
