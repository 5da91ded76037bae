"""A background, garment, style or colour that always comes with the trigger.

What it finds
    Of the captions that hold the trigger, at least `limit` also hold a tag of surroundings (background,
    light, hour, weather, season) or look (clothes, accessories, colours, style). At least `min_support`
    such captions are needed. Declared core tags and what the profile expects the trigger to bring along
    (`expected_fusion`) are left out, and so is what the purpose makes the concept's own:
    clothes for fashion, rendering for a style. The first finding of a concept also names what is
    always there and taken as traits (hair, eyes, subject).

Why it matters
    Trigger and tag cannot be told apart by the captions, so the trigger learns both: the same
    background or dress comes with every picture, other prompts do not remove it, and it leaks into
    pictures of other concepts.

What to do
    Add images of the concept in front of other backgrounds, in other clothes or light, and name what is
    seen there. Or take the tag out of some captions. Two outfits that are both wanted are best trained as
    separate LoRAs. What belongs to the concept is declared as a core tag; what is no part of it and shall come with
    the trigger all the same, such as the set of a stage act, as expected fusion.

Known limits
    The share as counted is judged; with few images the truth may lie anywhere in the interval shown
    beside it. Only captions are read: a white background that nobody tagged is not seen. Plain colour
    words are an estimate, since they may belong to anything. The tag may also be reported by
    `tag-frequency`, which is about how often it stands, not about the trigger.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
    TagCount,
    option,
    spread_out,
    wilson_interval,
    with_word,
)
from tagmetry.text import contains_word, normal_form


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.95,
        "Share of the captions with the trigger from which on a tag counts as coupled to it.",
        unit="share",
        low=0,
        high=1,
        source="S1",
    )
    min_support: int = option(
        8,
        "Concepts with fewer captions that hold the trigger are not judged.",
        unit="images",
        low=1,
        high=100_000,
    )


_KINDS: Final = ("surroundings", "look")
"""What should vary. The most telling comes first."""
_TRAITS: Final = "traits"
_OTHERS: Final = "others"
_ESTIMATED_GROUP: Final = "colour"
_COUPLED: Final = (
    '"{tag}" is in {share:percent} of the captions with the trigger "{trigger}" '
    "({n:count} of {support:count}; 95 % interval {low:percent} to {high:percent})"
)
_COUPLED_BESIDE_TRAITS: Final = (
    '"{tag}" is in {share:percent} of the captions with the trigger "{trigger}" '
    "({n:count} of {support:count}; 95 % interval {low:percent} to {high:percent}); "
    "also with it, but taken as traits: {traits}"
)
_BESIDE_TRAITS: Final = "-beside-traits"
_DECLARE: Final = 'if "{tag}" belongs to "{concept}", declare it as a core tag: profile.concepts.NAME.core_tags'
_EXPECT: Final = 'if "{trigger}" shall always bring "{tag}" along, declare that: profile.concepts.NAME.expected_fusion'
_TAKE_OUT: Final = 'or take "{tag}" out of some captions, such as those of {examples}'
_KEPT: Final = 0.8
"""Share of the captions that keep the tag when the named ones lose it: the cap that S0 proposes."""

_OTHER_SURROUNDINGS: Final = Remedies(
    data=(
        'add images of "{concept}" in other surroundings, and name those in their captions',
        _TAKE_OUT,
        _EXPECT,
    ),
)
_OTHER_LOOKS: Final = Remedies(
    data=('add images of "{concept}" without it', _TAKE_OUT, _DECLARE),
    training=("where several looks are wanted, train separate LoRAs",),
)

rule = Rule(
    id="trigger-coupling",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed", "memorization", "style-drift"),
    messages={
        "surroundings": _COUPLED,
        "surroundings-beside-traits": _COUPLED_BESIDE_TRAITS,
        "look": _COUPLED,
        "look-beside-traits": _COUPLED_BESIDE_TRAITS,
        "too-few": Plural(
            "the trigger is in one caption, fewer than the {limit:count} needed to judge a coupling",
            "the trigger is in {n:count} captions, fewer than the {limit:count} needed to judge a coupling",
        ),
    },
    remedies={
        "surroundings": _OTHER_SURROUNDINGS,
        "surroundings-beside-traits": _OTHER_SURROUNDINGS,
        "look": _OTHER_LOOKS,
        "look-beside-traits": _OTHER_LOOKS,
    },
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    trigger = concept.trigger
    if concept.dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not concept.captioned.any():
        raise Skip("no-captions")
    if trigger is None:
        raise Skip("no-trigger")
    with_it = concept.where(with_word(concept, trigger))
    if with_it.n < options.min_support:
        raise Skip("too-few", n=with_it.n, limit=options.min_support)
    companions = with_it.tag_frequencies()
    called = _called(trigger, companions, with_it.n)
    always = _always(concept, companions, options.limit)
    traits = tuple(trait.name for trait in always.get(_TRAITS, ()))
    beside_traits = _BESIDE_TRAITS if traits else ""
    for kind in _KINDS:
        for tag in always.get(kind, ()):
            low, high = wilson_interval(tag.n, with_it.n)
            yield rule.finding(
                concept.pair(called, tag),
                f"{kind}{beside_traits}",
                values={
                    "concept": concept.name,
                    "trigger": trigger,
                    "tag": tag.name,
                    "share": tag.share,
                    "n": tag.n,
                    "support": with_it.n,
                    "low": low,
                    "high": high,
                    "traits": traits,
                    "examples": spread_out(
                        with_it.where(with_it.with_tag(tag.form)).paths, max(1, tag.n - int(_KEPT * with_it.n))
                    ),
                    "apart": tuple(with_it.where(~with_it.with_tag(tag.form)).paths),
                    "others": tuple(other.name for other in always.get(_OTHERS, ())),
                },
                measured=Measurement("p_tag_given_trigger", tag.share, options.limit, option="limit", unit="share"),
                evidence="heuristic" if _is_estimated(concept, tag) else None,
            )
            # The traits are those of the concept; to tell them once is enough.
            beside_traits = ""


def _always(concept: Concept, companions: Sequence[TagCount], limit: float) -> dict[str, list[TagCount]]:
    """The tags that always come with the trigger by what they tell: one of `_KINDS`, `_TRAITS` or `_OTHERS`."""
    found: dict[str, list[TagCount]] = defaultdict(list)
    for tag in companions:
        if tag.share < limit:
            break
        if not concept.is_own_word(tag.form):
            found[_kind(concept, tag)].append(tag)
    return found


def _kind(concept: Concept, tag: TagCount) -> str:
    if concept.is_trait(tag.form):
        return _TRAITS
    kinds = concept.dataset.vocabulary.kinds_of(tag.form)
    return next((kind for kind in _KINDS if kind in kinds), _OTHERS)


def _is_estimated(concept: Concept, tag: TagCount) -> bool:
    return concept.dataset.vocabulary.groups_of(tag.form) == (_ESTIMATED_GROUP,)


def _called(trigger: str, companions: Sequence[TagCount], support: int) -> TagCount:
    """The trigger as it stands among the tags: by itself, or in the most frequent tag that holds it (`sks woman`)."""
    form = normal_form(trigger)
    alone = next((tag for tag in companions if tag.form == form), None)
    within = next((tag for tag in companions if contains_word(tag.form, trigger)), None)
    return alone or within or TagCount(form, trigger, support, 1.0)
