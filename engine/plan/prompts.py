"""A fixed set of prompts with seeds, to be drawn at every checkpoint and compared between settings.

Test A: the trigger and about three words: does the subject come? Test B: a long prompt in which one thing changes: does
the picture follow? Test C: the class word alone, and things that have nothing to do with the training: does the subject
or its style leak?
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from tagmetry.captioning import CLIP_WINDOW_TOKENS
from tagmetry.dataset import Concept, Dataset, TagCount
from tagmetry.plan.caps import chance
from tagmetry.text import contains_word, normal_form, split_tags

FEWEST: Final = 20
MOST: Final = 50
USUAL: Final = 24

FORMAT: Final = "tagmetry-prompts/1"

Test = Literal["A", "B", "C"]

_PLACES: Final = ("on a beach", "in a snowy forest", "in a city street at night", "in a library", "in a desert")
_PLACE_TAGS: Final = ("beach", "snow, forest", "city, night", "library", "desert")
_CLOTHES: Final = ("red coat", "business suit", "yellow raincoat", "white t-shirt, jeans", "armor")
_HAIR: Final = ("blonde hair", "black hair", "green hair", "silver hair")
_LIGHT: Final = ("sunset", "candlelight", "overcast", "neon lights")
_VIEWS: Final = ("from above", "close-up", "wide shot", "from side")
_UNRELATED: Final = (
    "a bowl of fruit on a wooden table",
    "a mountain lake, no people",
    "a red sports car in the rain",
    "an old lighthouse by the sea",
    "a plate of noodles, top view",
    "a medieval town square",
    "a wooden chair in an empty room",
    "a field of sunflowers",
    "a steam train on a bridge",
    "an astronaut on the moon",
    "a cup of coffee, close-up",
    "a library with tall shelves",
    "a sailing ship in a storm",
    "a portrait of an old man",
    "a woman reading a book in a park",
    "a bicycle in front of a brick wall",
    "two children building a sandcastle",
)
_ABOUT_THREE: Final = 3
_ALWAYS: Final = 0.9
"""Tags on more than this share of the images come with the concept anyway, and say little in a test."""

_RARE: Final = 0.1
_SWAPPED: Final = {
    "place": ("background", "lighting", "time", "weather", "season"),
    "clothes": ("clothing", "footwear", "headwear", "accessory"),
    "hair": ("hair_colour",),
    "light": ("lighting", "time", "weather"),
    "view": ("viewpoint", "framing"),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt. `changed` names what differs from the other prompts of its series, `place` and so on, or ""."""

    id: str
    test: Test
    concept: str
    text: str
    seed: int
    changed: str = ""


def prompts(dataset: Dataset, n: int, seed: int) -> tuple[Prompt, ...]:
    """n prompts, a third for each test, the concepts in turn."""
    concepts = dataset.training_concepts
    third = n // 3
    found = [
        *_taken("A", [_short(concept) for concept in concepts], n - 2 * third, seed),
        *_taken("B", [_long(concept) for concept in concepts], third, seed),
        *_taken("C", [_unrelated(concepts)], third, seed),
    ]
    return tuple(found)


Idea = tuple[str, str, str, str]
"""Concept, text, what changed, the series whose prompts share a seed."""


def _taken(test: Test, sources: Sequence[Iterator[Idea]], n: int, seed: int) -> Iterator[Prompt]:
    """n different ideas, one from each source in turn."""
    seen: set[str] = set()
    left = list(sources)
    while left and len(seen) < n:
        for source in list(left):
            idea = next((one for one in source if one[1] not in seen), None)
            if idea is None:
                left.remove(source)
                continue
            concept, text, changed, series = idea
            seen.add(text)
            number = f"{test}{len(seen)}"
            yield Prompt(number, test, concept, text, _seed(seed, series or number), changed)
            if len(seen) == n:
                return


def _seed(seed: int, series: str) -> int:
    return int(chance(f"{seed}\0prompt\0{series}") * 2**31)


def _called(concept: Concept) -> str:
    """What calls the concept in a prompt: trigger and class word, as its captions have them."""
    words = [word for word in (concept.trigger, concept.class_word) if word]
    if len(words) == 2 and contains_word(words[0], words[1]):
        del words[1]
    joint = " " if concept.dataset.profile.caption_style == "sentences" else ", "
    return joint.join(words) or concept.name


def _is_sentences(concept: Concept) -> bool:
    return concept.dataset.profile.caption_style == "sentences"


def _short(concept: Concept) -> Iterator[Idea]:
    """Test A. First tags of the concept that vary, then places it was not seen in."""
    called = _called(concept)
    if not _is_sentences(concept):
        free = [tag for tag in _free_tags(concept) if _RARE <= tag.share <= _ALWAYS]
        while len(chosen := _compatible(free, concept)) == _ABOUT_THREE:
            yield concept.name, ", ".join([called, *(tag.name for tag in chosen)]), "", ""
            free = [tag for tag in free if tag not in chosen]
        yield concept.name, called, "", ""
        for place, view in zip(_PLACE_TAGS, (*_VIEWS, "portrait"), strict=True):
            yield concept.name, f"{called}, {view}, {place}", "", ""
        for light, view in zip(_LIGHT, reversed(_VIEWS), strict=True):
            yield concept.name, f"{called}, {view}, {light}", "", ""
    else:
        yield concept.name, called, "", ""
        for place in _PLACES:
            yield concept.name, f"{called} {place}", "", ""
        for light in _LIGHT:
            yield concept.name, f"a photo of {called}, {light}", "", ""
    for number, scene in enumerate(_UNRELATED):
        yield concept.name, f"{called}, {scene.split(' ', 1)[1]}", "", f"scene {number}"


def _compatible(tags: Sequence[TagCount], concept: Concept) -> list[TagCount]:
    """The first three tags of which no two speak of the same thing."""
    vocabulary = concept.dataset.vocabulary
    chosen: list[TagCount] = []
    told: set[str] = set()
    for tag in tags:
        about = {*vocabulary.groups_of(tag.form), *vocabulary.exclusive_sets_of(tag.form)}
        if told.isdisjoint(about):
            chosen.append(tag)
            told |= about
        if len(chosen) == _ABOUT_THREE:
            break
    return chosen


def _free_tags(concept: Concept) -> list[TagCount]:
    vocabulary = concept.dataset.vocabulary
    return [
        tag
        for tag in concept.tag_frequencies()
        if not concept.is_own_word(tag.form)
        and not vocabulary.is_quality_word(tag.form)
        and not vocabulary.is_protected(tag.form)
    ]


def _long(concept: Concept) -> Iterator[Idea]:
    """Test B: the most typical long caption, in which one thing at a time becomes another."""
    series = f"B {concept.name}"
    base = _typical(concept)
    if _is_sentences(concept):
        text = base or _called(concept)
        yield concept.name, text, "", series
        for place in _PLACES:
            yield concept.name, f"{text.rstrip('. ')}, {place}", "place", series
        for changed, words in (("light", _LIGHT), ("view", _VIEWS)):
            for word in words:
                yield concept.name, f"{text.rstrip('. ')}, {word}", changed, series
        return
    tags: tuple[str, ...] = split_tags(base) if base else (_called(concept),)
    yield concept.name, ", ".join(tags), "", series
    vocabulary = concept.dataset.vocabulary
    worn = any(vocabulary.in_group(tag.form, "clothing") for tag in concept.tag_frequencies())
    haired = any(vocabulary.in_group(tag.form, "hair_colour") for tag in concept.tag_frequencies())
    swaps: list[tuple[str, tuple[str, ...]]] = [("place", _PLACE_TAGS), ("light", _LIGHT), ("view", _VIEWS)]
    if worn:
        swaps.insert(0, ("clothes", _CLOTHES))
    if haired:
        swaps.insert(1, ("hair", _HAIR))
    for turn in range(max(len(choices) for _, choices in swaps)):
        for changed, choices in swaps:
            if turn < len(choices):
                kept = [tag for tag in tags if not _is_about(tag, changed, concept)]
                yield concept.name, ", ".join([*kept, choices[turn]]), changed, series


def _is_about(tag: str, changed: str, concept: Concept) -> bool:
    vocabulary = concept.dataset.vocabulary
    form = normal_form(tag)
    return not concept.is_own_word(form) and any(vocabulary.in_group(form, group) for group in _SWAPPED[changed])


def _typical(concept: Concept) -> str:
    """The caption whose tags are the most common ones of the concept, of those that are longer than the median.

    Those that the text encoder reads to their end go first.
    """
    captions = concept.dataset.captions
    rows = concept.rows[concept.captioned]
    if not len(rows):
        return ""
    presence = concept.dataset.tag_presence.take(rows)
    shares = np.bincount(presence.ids, minlength=max(1, len(captions.forms))) / len(rows)
    owners, lengths = presence.owners(), presence.lengths()
    common = np.bincount(owners, weights=shares[presence.ids], minlength=len(rows)) / np.maximum(lengths, 1)
    long_ones = lengths >= np.median(lengths)
    too_long = captions.tokens[captions.text_of[rows]] > CLIP_WINDOW_TOKENS
    best = int(np.lexsort((np.arange(len(rows)), -np.round(common, 9), ~long_ones, too_long))[0])
    return " ".join(captions.texts[captions.text_of[rows[best]]].split())


def _unrelated(concepts: Sequence[Concept]) -> Iterator[Idea]:
    """Test C: each class word alone, then what the training never showed."""
    for concept in concepts:
        if concept.class_word:
            yield concept.name, concept.class_word, "", ""
    for scene in _UNRELATED:
        yield "", scene, "", ""


def as_data(found: Sequence[Prompt], *, side: int | None) -> dict[str, Any]:
    """The prompts as plain data; `side` is the training resolution in pixels."""
    return {
        "format": FORMAT,
        "tests": {
            "A": "trigger and about three words: does the subject come?",
            "B": "long prompts that differ in one thing: does the picture follow?",
            "C": "nothing of the training: does the subject or its style leak?",
        },
        "prompts": [
            {
                "id": one.id,
                "test": one.test,
                "concept": one.concept,
                "prompt": one.text,
                "seed": one.seed,
                "changed": one.changed,
                **({"width": side, "height": side} if side else {}),
            }
            for one in found
        ],
    }


def as_json(found: Sequence[Prompt], *, side: int | None) -> str:
    return json.dumps(as_data(found, side=side), indent=2, ensure_ascii=False) + "\n"


def as_sample_prompts(found: Sequence[Prompt], *, side: int | None) -> str:
    """What sd-scripts takes as --sample_prompts: a prompt per line with its size and seed."""
    lines = [f"{_one_line(one.text)}{f' --w {side} --h {side}' if side else ''} --d {one.seed}" for one in found]
    return "".join(f"{line}\n" for line in lines)


def _one_line(text: str) -> str:
    """A prompt as it may stand in the file: " --" begins an option there, and a "#" in front makes a comment."""
    line = " ".join(text.split()).replace(" --", " - ")
    return f" {line}" if line.startswith("#") else line
