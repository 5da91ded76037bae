"""Training images that are one picture, group by group.

What it finds
    Every group of two or more training images that show one picture: saved again, resized, in
    other tones, with a border or a text, cropped, turned by a few degrees. Each image is laid on
    the one that is best kept and compared part by part; the likeness says how much agrees. The
    one to keep is the largest, among equals the sharpest, then the least compressed, then the one
    with the longest caption. Copies turned by a quarter or a half are a group of their own.
    Groups of nothing but exact copies are left to `exact-duplicates`, mirrored copies to
    `mirrored-duplicates`, and groups of which each image is in another concept to `duplicate-across-sets`.

Why it matters
    Such images count as one picture shown several times. Models have been seen to reproduce
    training pictures that had only a few such copies.

What to do
    Look at the group. Resized, filtered and cropped copies of one picture are best thinned to the
    one kept. Variants (one drawing with other eyes, one picture with and without a text) are said
    to be variants: keep them if the difference is what you teach, and caption it. A crop may stay
    where the face or detail in it would be too small otherwise.

Known limits
    Another photograph of the same scene is no near-duplicate, however alike. Crops of more than
    about a quarter, turns of more than nine degrees, collages, and pictures with hardly any
    texture are not found. Above 20,000 images crops, borders and turns are looked for less, and
    the report says so. `profile.near_duplicate_likeness` sets the likeness that is asked
    for. Turned copies do not count in the share of near-duplicates.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity
from tagmetry.rules.duplicates.spread import is_across_concepts_only

_THIN = "look at them side by side; where they are copies, keep only {keeper}"
_VARIANTS = "keep the variants only if you teach what differs, and let their captions say it"

rule = Rule(
    id="near-duplicate-cluster",
    severity=Severity.INFO,
    evidence="documented",
    points_to=("memorization",),
    messages={
        "found": Plural(
            "{keeper} has one near-duplicate (likeness {likeness:percent}): {others}",
            "{keeper} has {n:count} near-duplicates (likeness {likeness:percent} or more): {others}",
        ),
        "variants": Plural(
            "{keeper} has one near-duplicate (likeness {likeness:percent}), a variant in which a detail is another: "
            "{others}",
            "{keeper} has {n:count} near-duplicates (likeness {likeness:percent} or more): {others}; variants, in "
            "which a detail is another, are {variants}",
        ),
        "crop": Plural(
            "{keeper} and one other image are one picture, cropped otherwise (likeness {likeness:percent}): {others}",
            "{keeper} and {n:count} other images are one picture, cropped otherwise (likeness {likeness:percent} or "
            "more): {others}",
        ),
        "rotated": Plural(
            "{keeper} has one copy turned by a quarter or a half (likeness {likeness:percent}): {others}",
            "{keeper} has {n:count} copies turned by a quarter or a half (likeness {likeness:percent} or more): "
            "{others}",
        ),
    },
    remedies={
        "found": Remedies(data=(_THIN,)),
        "variants": Remedies(data=(_THIN, _VARIANTS)),
        "crop": Remedies(data=("keep {keeper}, and a crop only if it shows a detail that is too small there",)),
        "rotated": Remedies(data=("keep the one that stands upright and remove the others",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    alike = dataset.duplicates
    only_copies = frozenset(alike.exact)
    for rows in alike.near:
        if rows in only_copies or is_across_concepts_only(dataset, rows):
            continue
        variants = any(one.variant for one in alike.alike[rows])
        kind = alike.near_kind(rows)
        yield _finding(dataset, rows, "variants" if variants else "crop" if kind == "crop" else "found")
    for rows in alike.rotated:
        yield _finding(dataset, rows, "rotated")


def _finding(dataset: Dataset, rows: tuple[int, ...], key: str) -> Finding:
    alike = dataset.duplicates
    keeper = alike.keepers[rows]
    others = tuple(dataset.paths[row] for row in rows if row != keeper)
    told = alike.alike[rows]
    return rule.finding(
        dataset.cluster("rotated" if key == "rotated" else "near", rows),
        key,
        values={
            "keeper": dataset.paths[keeper],
            "others": others,
            "n": len(others),
            "likeness": min(one.likeness for one in told),
            "variants": tuple(dataset.paths[row] for row, one in zip(rows, told, strict=True) if one.variant),
        },
        measured=Measurement("cluster_size", len(rows), unit="images"),
        # One image may be kept of two groups.
        key="rotated" if key == "rotated" else "",
    )
