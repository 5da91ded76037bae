"""Training concepts that are shown unequally often.

What it finds
    The exposure of a concept is its images times their repeats, as found in the dataset. With
    several training concepts, the largest exposure divided by the smallest is reported above `limit`.

Why it matters
    The concept that is shown most pulls the others towards it: what they share with it is
    learned in its form, and the small one is drowned or never settles.

What to do
    From thirty training images on, `tagmetry plan` proposes multipliers with their effect; below that it is
    better to add images to the small concept than to repeat the few there are. Equal shares are
    no aim in themselves.

Known limits
    Counts how often images are shown, not how hard they are to learn: a simple concept may need
    fewer. A concept without images or with zero repeats is not compared. Repeats set in a trainer's own
    config count only when that config was given.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        2.0,
        "Largest exposure divided by the smallest above which it is reported.",
        unit="ratio",
        low=1,
        high=1_000_000,
        source="S0",
    )


rule = Rule(
    id="concept-imbalance",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("concept-bleed",),
    messages={
        "found": (
            '"{largest}" is shown {ratio:number} times as often as "{smallest}": '
            "{high:number} images per epoch against {low:number}, repeats included"
        ),
    },
    remedies=Remedies(
        data=('add images to "{smallest}", or leave out some of "{largest}"',),
        training=("see the balance plan, which proposes repeats where there are enough images",),
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    if not dataset.train.n:
        raise Skip("no-training-images")
    shown = [concept for concept in dataset.training_concepts if concept.exposure > 0]
    if len(shown) < 2:
        return
    smallest = min(shown, key=lambda concept: (concept.exposure, concept.name))
    largest = min(shown, key=lambda concept: (-concept.exposure, concept.name))
    ratio = largest.exposure / smallest.exposure
    if ratio <= options.limit:
        return
    yield rule.finding(
        dataset.subject(),
        "found",
        values={
            "largest": largest.name,
            "smallest": smallest.name,
            "ratio": ratio,
            "high": largest.exposure,
            "low": smallest.exposure,
        },
        measured=Measurement("concept_imbalance", ratio, options.limit, option="limit", unit="ratio"),
    )
