"""Two tags that nearly always come together.

What it finds
    Pairs of tags of one concept that tell different things (clothes and surroundings, hair and clothes, an expression
    and a place) and hardly ever stand apart: at least `min_support` images with both, a shrunk NPMI of at least
    `limit`, and more together than chance explains. Of tags that all hang together the strongest pair is reported and
    the others are named with it. Tags on nine of ten images are left to `tag-frequency`, triggers and core tags are
    left out.

Why it matters
    What is never seen apart cannot be learned apart: a prompt with one of the two brings the other along. A red dress
    that was always photographed at the beach brings sand into the room.

What to do
    Add a few pictures that show one without the other, or take one of the two out of some captions. The finding names
    the pictures that already show only one of them; more like these are what is missing. What belongs together is
    declared as core tags.

Known limits
    NPMI (Bouma 2009) is `ln(p(a,b) / (p(a) p(b))) / -ln p(a,b)`, 0 by chance and 1 if never apart. It is multiplied
    by `n(a,b) / (n(a,b) + 1)` and `m / (m + 1)`, `m` being the rarer tag (Pantel and Lin 2002), so that few images do
    not look certain. Chance is told by Fisher's exact test, at most 5 % false ones among all pairs of the concept
    (Benjamini and Hochberg 1995). Only tags that the vocabulary knows are compared, and not those of one outfit or
    one place with each other, nor poses, things, weather and season, which explain each other (umbrella and rain).
    Sentences are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import (
    Concept,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Samples,
    Severity,
    Skip,
    TagCount,
    benjamini_hochberg,
    fisher_together,
    option,
    shrunk_npmi,
)


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.75,
        "Shrunk NPMI from which on two tags count as coupled; 1 is never apart in very many images.",
        low=0,
        high=1,
    )
    min_support: int = option(
        5,
        "Images that must hold both tags.",
        unit="images",
        low=2,
        high=100_000,
    )
    min_images: int = option(
        15,
        "Concepts with fewer captioned pictures, near-duplicates counted once, are not judged.",
        unit="images",
        low=2,
        high=100_000,
    )


FALSE_SHARE: Final = 0.05
"""How many of the pairs that stand may be there by chance."""

EVERYWHERE: Final = 0.9
"""Share from which on a tag is on nearly all images, so that everything comes with it."""

_LISTED: Final = 20

# Weather and season explain what people wear, and are no coupling.
_SURROUNDINGS: Final = ("background", "lighting", "time")
_LOOK: Final = ("clothing", "footwear", "headwear", "accessory", "makeup", "colour", "style")
_TRAITS: Final = ("hair", "hair_colour", "hair_style", "eyes", "eye_colour", "body")
_ASPECTS: Final = {
    **dict.fromkeys(_SURROUNDINGS, 1),
    **dict.fromkeys(_LOOK, 2),
    **dict.fromkeys(_TRAITS, 3),
    "expression": 4,
    "viewpoint": 5,
    "framing": 5,
}
"""What the groups of the vocabulary tell; what is in none of these is not compared."""

_APART: Final = np.zeros((6, 6), dtype=bool)
for _one, _other in ((1, 2), (1, 3), (2, 3), (1, 4), (2, 4), (3, 4), (4, 5), (1, 5)):
    _APART[_one, _other] = _APART[_other, _one] = True

_FOUND: Final = Plural(
    '"{one}" and "{other}" nearly always come together in "{concept}": {both:count} images have both, '
    "one has only one of them",
    '"{one}" and "{other}" nearly always come together in "{concept}": {both:count} images have both, '
    "{apart_n:count} have only one of them",
    by="apart_n",
)
_NEVER: Final = (
    '"{one}" and "{other}" always come together in "{concept}": {both:count} of {total:count} images have both, '
    "none has only one of them"
)
_WITH_OTHERS: Final = Plural(
    '"{one}" and "{other}" nearly always come together in "{concept}": {both:count} images have both, '
    "one has only one of them; with them come {others}",
    '"{one}" and "{other}" nearly always come together in "{concept}": {both:count} images have both, '
    "{apart_n:count} have only one of them; with them come {others}",
    by="apart_n",
)
_NEVER_WITH_OTHERS: Final = (
    '"{one}" and "{other}" always come together in "{concept}": {both:count} of {total:count} images have both, '
    "none has only one of them; with them come {others}"
)
_DECLARE: Final = "if they belong together, declare them as core tags: profile.concepts.NAME.core_tags"
_SEPARATE: Final = Remedies(
    data=(
        "more pictures like these, which show one without the other, would separate them: {apart}",
        'or take "{other}" out of some captions',
        _DECLARE,
    ),
    training=("where both looks are wanted as they are, train separate LoRAs",),
)
_SHOW_APART: Final = Remedies(
    data=(
        'add two or three pictures of "{one}" without "{other}", and of "{other}" without "{one}"',
        'or take "{other}" out of some captions',
        _DECLARE,
    ),
    training=("where both looks are wanted as they are, train separate LoRAs",),
)

rule = Rule(
    id="tag-coupling",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("concept-bleed",),
    messages={
        "found": _FOUND,
        "never-apart": _NEVER,
        "found-with-others": _WITH_OTHERS,
        "never-apart-with-others": _NEVER_WITH_OTHERS,
        "too-few": Plural(
            "a concept has one captioned picture, fewer than the {limit:count} needed to judge pairs of tags",
            "a concept has {n:count} captioned pictures, fewer than the {limit:count} needed to judge pairs of tags",
        ),
    },
    remedies={
        "found": _SEPARATE,
        "never-apart": _SHOW_APART,
        "found-with-others": _SEPARATE,
        "never-apart-with-others": _SHOW_APART,
    },
)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of tags as columns: ids, images with both, images with either, and their shrunk NPMI."""

    one: NDArray[Any]
    other: NDArray[Any]
    both: NDArray[Any]
    npmi: NDArray[np.float64]


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if concept.dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not concept.captioned.any():
        raise Skip("no-captions")
    # Copies of one picture are one case, and reported by the rules about duplicates.
    cases = concept.where(concept.captioned).different_pictures
    if cases.n < options.min_images:
        raise Skip("too-few", n=cases.n, limit=options.min_images)
    pairs = _coupled(concept, cases, options)
    for members in _components(pairs):
        yield _found(concept, cases, pairs, members, options)


def _aspects(concept: Concept, cases: Samples) -> NDArray[np.int8]:
    """What each tag of the dataset tells, 0 for what is not compared."""
    dataset = concept.dataset
    found = np.zeros(len(dataset.captions.forms), dtype=np.int8)
    for tag in np.flatnonzero((cases.tag_images > 0) & (cases.tag_images < EVERYWHERE * cases.n)).tolist():
        form = dataset.captions.forms[tag]
        aspects = {_ASPECTS.get(group, 0) for group in dataset.vocabulary.groups_of(form)}
        # What tells two things at once, such as a coloured garment in two groups of one aspect, counts; else not.
        if len(aspects) == 1 and not concept.is_own_word(form):
            found[tag] = aspects.pop()
    return found


def _coupled(concept: Concept, cases: Samples, options: Options) -> _Pairs:
    counts, aspects, n = cases.tag_images, _aspects(concept, cases), cases.n
    blocks = [
        (block.first[judged], block.second[judged], block.n[judged])
        for block in cases.tag_pairs(min_support=options.min_support)
        if (judged := _APART[aspects[block.first], aspects[block.second]]).any()
    ]
    empty = np.zeros(0, dtype=np.int64)
    one, other, both = (np.concatenate(parts) for parts in zip(*blocks, strict=True)) if blocks else (empty,) * 3
    if not len(both):
        return _Pairs(empty, empty, empty, np.zeros(0))
    npmi = shrunk_npmi(both, counts[one], counts[other], n)
    near = np.flatnonzero(npmi >= options.limit)
    # The exact test is dear, and pairs below the limit are no findings whatever it says.
    p_values = fisher_together(both[near], counts[one[near]], counts[other[near]], n)
    kept = near[benjamini_hochberg(p_values, FALSE_SHARE, n_tests=len(both))]
    order = kept[np.lexsort((other[kept], one[kept], -both[kept], -npmi[kept]))]
    return _Pairs(one[order], other[order], both[order], npmi[order])


def _components(pairs: _Pairs) -> list[NDArray[np.int64]]:
    """The places of pairs that hang together by their tags, the strongest first in each and among them."""
    if not len(pairs.one):
        return []
    joined: dict[int, int] = {}

    def head(tag: int) -> int:
        while (above := joined.setdefault(tag, tag)) != tag:
            joined[tag] = joined[above]
            tag = above
        return tag

    for one, other in zip(pairs.one.tolist(), pairs.other.tolist(), strict=True):
        joined[head(other)] = head(one)
    label = np.array([head(tag) for tag in pairs.one.tolist()])
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    # Split by sorting: looking for the members of each would be quadratic.
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    return [members[place] for place in np.argsort(first)]


def _found(concept: Concept, cases: Samples, pairs: _Pairs, members: NDArray[np.int64], options: Options) -> Finding:
    strongest = int(members[0])
    one, other = (_tag(concept, int(column[strongest])) for column in (pairs.one, pairs.other))
    names = concept.dataset.captions.names
    others = sorted({int(tag) for column in (pairs.one, pairs.other) for tag in column[members]})
    beside = tuple(names[tag] for tag in others if names[tag] not in (one.name, other.name))
    apart = cases.where(cases.with_tag(one.form) != cases.with_tag(other.form))
    npmi = float(pairs.npmi[strongest])
    return rule.finding(
        concept.pair(one, other),
        ("found" if apart.n else "never-apart") + ("-with-others" if beside else ""),
        values={
            "concept": concept.name,
            "one": one.name,
            "other": other.name,
            "both": int(pairs.both[strongest]),
            "total": cases.n,
            "apart_n": apart.n,
            "apart": tuple(apart.paths[:_LISTED]),
            "others": beside,
            "npmi": npmi,
        },
        measured=Measurement("npmi", npmi, options.limit, option="limit"),
    )


def _tag(concept: Concept, tag: int) -> TagCount:
    captions, n = concept.dataset.captions, int(concept.tag_images[tag])
    return TagCount(captions.forms[tag], captions.names[tag], n, n / concept.n)
