"""Backgrounds, views or light that hardly change.

What it finds
    Concepts whose captions name the background (or the view, or the light) mostly in one and the same way: the
    normalized entropy of what is named is at most `limit`. At least `min_images` captions and half of all must name
    it. For Flux it is a note, and also where a single tag is on nine of ten images and `tag-frequency` names it.

Why it matters
    What never changes is taken for a part of the concept. The model repeats the background, the angle and the light
    of the training pictures, whatever the prompt says.

What to do
    Add pictures with other backgrounds, from other sides, in other light, and name what is seen. Where the uniformity
    is wanted, declare the tag as a core tag of the concept.

Known limits
    The entropy is `H / ln K` over the `K` different sets of tags that captions name together: 1 if all are equally
    frequent, 0 if there is one. Only what captions name is counted, not what is seen; in sentences the words of the
    vocabulary are looked for, which is an estimate. With a purpose declared the view is left to `framing-bias`. For
    Flux uniform pictures are held to be good, and there `uneven-conditions` says so where they are not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import (
    Concept,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    Spread,
    never_named,
    option,
    spread,
)


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5,
        "Normalized entropy up to which a group of tags counts as nearly constant; 1 is all alike often.",
        low=0,
        high=1,
    )
    min_images: int = option(
        10,
        "Captions that must name something of the group.",
        unit="images",
        low=2,
        high=100_000,
    )


_GROUPS: Final = {"background": ("background",), "view": ("viewpoint", "framing"), "light": ("lighting", "time")}
_NAMED: Final = 0.5
"""Share of the captions that must name something of the group: of fewer the others are unknown."""

_FREQUENT: Final = 0.9
"""From here on `tag-frequency` reports the tag itself."""

_VARY: Final = {
    "background": "add pictures in front of other backgrounds, and name those in their captions",
    "view": "add pictures from other sides and distances, and name those in their captions",
    "light": "add pictures in other light and at other hours, and name those in their captions",
}
_KEYS: Final = ("background", "view", "view-never", "light", "light-never")
_DECLARE: Final = 'if it belongs to "{concept}", declare it as a core tag: profile.concepts.NAME.core_tags'

rule = Rule(
    id="low-tag-entropy",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("memorization", "concept-bleed"),
    messages={
        "background": (
            'the background of "{concept}" hardly changes: {n:count} of the {named:count} captions that name one say '
            "{usual}"
        ),
        "view": (
            'the view of "{concept}" hardly changes: {n:count} of the {named:count} captions that name one say {usual}'
        ),
        "light": (
            'the light of "{concept}" hardly changes: {n:count} of the {named:count} captions that name it say {usual}'
        ),
        "view-never": (
            'the view of "{concept}" hardly changes: {n:count} of the {named:count} captions that name one say '
            "{usual}; no caption ever says {never}"
        ),
        "light-never": (
            'the light of "{concept}" hardly changes: {n:count} of the {named:count} captions that name it say '
            "{usual}; no caption ever says {never}"
        ),
        "too-few": Plural(
            "too few captions of a concept name a background, a view or the light: it takes {limit:count}, half of "
            "all, and at most one does",
            "too few captions of a concept name a background, a view or the light: it takes {limit:count}, half of "
            "all, and at most {n:count} do",
        ),
    },
    remedies={key: Remedies(data=(_VARY[key.removesuffix("-never")], _DECLARE)) for key in _KEYS},
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if not concept.captioned.any():
        raise Skip("no-captions")
    profile = concept.dataset.profile
    groups = {name: of for name, of in _GROUPS.items() if name != "view" or profile.purpose is None}
    spreads = {name: spread(concept, of, without=concept.protected_words) for name, of in groups.items()}
    judged = {name: one for name, one in spreads.items() if one.named >= max(options.min_images, _NAMED * one.n)}
    if not judged:
        raise Skip("too-few", n=max(one.named for one in spreads.values()), limit=options.min_images)
    for name, one in judged.items():
        if one.evenness <= options.limit:
            yield _found(concept, name, one, options)


def _found(concept: Concept, name: str, one: Spread, options: Options) -> Finding:
    is_told = one.values[0][2] >= _FREQUENT * concept.n and concept.dataset.profile.caption_style != "sentences"
    is_wanted = concept.dataset.profile.base_model == "flux"
    # Of backgrounds there are too many for those that are missing to say anything.
    scales = () if name == "background" else _GROUPS[name]
    never = tuple(value for group in scales for value in never_named(concept, group))
    return rule.finding(
        concept.subject(concept.rows[one.usual_at]),
        f"{name}-never" if never else name,
        values={
            "concept": concept.name,
            "n": one.n_usual,
            "named": one.named,
            "usual": one.usual,
            "entropy": one.evenness,
            "never": never,
            "others": tuple(value for value, _, _ in one.values if value not in one.usual),
        },
        measured=Measurement("tag_entropy", one.evenness, options.limit, option="limit"),
        severity=Severity.INFO if is_told or is_wanted else None,
        key=name,
    )
