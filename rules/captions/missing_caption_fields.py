"""Something that no caption of a concept names: the place, the subject, or what it looks like.

What it finds
    Training concepts whose captions never name a background or place, or never the class word (warnings);
    and, as notes, those that never name a key attribute: of people hair, clothes, view and expression, of
    other subjects colour and view. "Never" is on at most `limit` of the captions, so of fewer than twenty
    on none. Words are those of the vocabulary, in English, Japanese, Chinese and Korean; any "in the ..." or
    "on a ..." counts as a place.

Why it matters
    What no caption names is learned as part of the trigger. Without a word for the background the
    trigger binds to the whole picture, and the room or wall comes with every picture of the subject.

What to do
    Write captions by one pattern: trigger, class, what it wears or looks like, where it is, how it is
    seen. Use the same fields for regularization images. What the trigger itself shall carry, such as
    the hair of a character, may stay unnamed: declare it as a core tag.

Known limits
    Only words that the vocabulary knows are seen (a policy adds its own under `vocabulary.words`). Whether
    the subject is a person is taken from the purpose, the class word or the captions. For the purpose style
    only place and subject are looked for, for fashion no clothes. Fewer than `min_captions` captions are not
    judged.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.captions.wording import Wording, distinct_texts, tag_groups, wording
from tagmetry.text import contains_word, language_of, units


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.05,
        "Share of a concept's captions that may name a thing and it still counts as never named.",
        unit="share",
        low=0,
        high=0.5,
    )
    min_captions: int = option(5, "Concepts with fewer captions are not judged.", unit="images", low=1, high=100_000)


_LISTS: Final = {
    "background": frozenset({"places"}) | tag_groups("background", "time", "weather", "season"),
    "subject": frozenset({"subjects"}) | tag_groups("subject"),
    "hair": frozenset({"hair"}) | tag_groups("hair", "hair_colour", "hair_style"),
    "clothes": frozenset({"clothes"}) | tag_groups("clothing", "footwear", "headwear", "accessory"),
    "colour": frozenset({"colours"}) | tag_groups("colour", "hair_colour", "eye_colour"),
    "view": frozenset({"viewpoints"}) | tag_groups("viewpoint", "framing", "composition"),
    "expression": frozenset({"faces", "feelings"}) | tag_groups("expression"),
}
_OF_PEOPLE: Final = ("hair", "clothes", "view", "expression")
_OF_THINGS: Final = ("colour", "view")
_PEOPLE: Final = frozenset({"people"})
_PURPOSES_OF_PEOPLE: Final = ("person", "character", "fashion")
_MOST: Final = 0.5
_READ_FOR_LANGUAGE: Final = 50
"""Captions by which the language is told."""

_NOTE: Final = (
    'or, if the trigger of "{concept}" is to carry it, declare it as a core tag: profile.concepts.NAME.core_tags'
)

rule = Rule(
    id="missing-caption-fields",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity", "concept-bleed"),
    messages={
        "background": (
            'the {total:count} captions of "{concept}" name no background or place, so that it is learned with the '
            "concept ({share:percent} do, limit {limit:percent})"
        ),
        "subject": (
            'the {total:count} captions of "{concept}" do not say what it is: "{word}" or another word for the '
            "subject is in {share:percent} of them (limit {limit:percent})"
        ),
        "hair": (
            'the {total:count} captions of "{concept}" say nothing of the hair ({share:percent} do, '
            "limit {limit:percent})"
        ),
        "clothes": (
            'the {total:count} captions of "{concept}" say nothing of the clothes ({share:percent} do, '
            "limit {limit:percent})"
        ),
        "colour": (
            'the {total:count} captions of "{concept}" name no colour ({share:percent} do, limit {limit:percent})'
        ),
        "view": (
            'the {total:count} captions of "{concept}" say nothing of the view, such as close-up or from the side '
            "({share:percent} do, limit {limit:percent})"
        ),
        "expression": (
            'the {total:count} captions of "{concept}" say nothing of the expression ({share:percent} do, '
            "limit {limit:percent})"
        ),
        "too-few": Plural(
            'one caption of "{concept}" is fewer than the {limit:count} needed to judge what is never named',
            '{n:count} captions of "{concept}" are fewer than the {limit:count} needed to judge what is never named',
        ),
        "unknown-words": (
            'the captions of "{concept}" hold no word that the vocabulary knows; add words of your language under '
            "vocabulary.words"
        ),
    },
    remedies={
        "background": Remedies(data=("name in each caption where it is, or what stands behind it",)),
        "subject": Remedies(data=('write "{word}" behind the trigger',)),
        "hair": Remedies(data=("name colour and style of the hair where they differ", _NOTE)),
        "clothes": Remedies(data=("name what is worn in each picture", _NOTE)),
        "colour": Remedies(data=("name the colours that may change", _NOTE)),
        "view": Remedies(data=("name the view where pictures differ by it: close-up, full body, from the side",)),
        "expression": Remedies(data=("name the expression where pictures differ by it: smiling, serious", _NOTE)),
    },
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    texts, counts = distinct_texts(concept)
    total = int(counts.sum())
    if not total:
        raise Skip("no-captions")
    if total < options.min_captions:
        raise Skip("too-few", concept=concept.name, n=total, limit=options.min_captions)
    found = wording(concept.dataset)
    if not any(found.terms[text] for text in texts.tolist()):
        raise Skip("unknown-words", concept=concept.name)
    images: Counter[str] = Counter()
    naming: dict[str, list[int]] = defaultdict(list)
    for text, count in zip(texts.tolist(), counts.tolist(), strict=True):
        for name in _named(concept, found, text):
            images[name] += count
            naming[name].append(text)
    declared = _lists_of(found, concept.info.intended)
    for name in _wanted(concept, found, people_share=images["people"] / total):
        if not declared.isdisjoint(_LISTS[name]):
            continue
        share = images[name] / total
        if share > options.limit:
            continue
        yield rule.finding(
            concept.subject(concept.rows[concept.captioned & ~np.isin(concept.text_ids, naming[name])].tolist()),
            name,
            values={
                "concept": concept.name,
                "total": total,
                "share": share,
                "limit": options.limit,
                "word": concept.class_word or "",
            },
            measured=Measurement("field_share", share, options.limit, option="limit", unit="share"),
            severity=None if name in ("background", "subject") else Severity.INFO,
            key=name,
        )


def _named(concept: Concept, found: Wording, text: int) -> set[str]:
    """The fields that a caption names, and `people` where it speaks of one."""
    lists = {name for term in found.terms[text] for name in term.lists}
    named = {name for name, wanted in _LISTS.items() if not wanted.isdisjoint(lists)}
    if "people" in lists:
        named.add("people")
    # A colour may stand inside a longer term: a red brick wall.
    if not found.colour_units.isdisjoint(found.units[text]):
        named.add("colour")
    if concept.class_word and contains_word(concept.dataset.captions.texts[text], concept.class_word):
        named.add("subject")
    return named


def _lists_of(found: Wording, tags: tuple[str, ...]) -> frozenset[str]:
    """The lists that hold some declared tags."""
    return frozenset(name for tag in tags for term in found.search.find(units(tag)) for name in term.lists)


def _is_in_the_language_of(concept: Concept, word: str) -> bool:
    """Whether the captions are written in the script of a word: `hat` is no word of Japanese captions."""
    texts, _ = distinct_texts(concept)
    captions = concept.dataset.captions.texts
    language = language_of(" ".join(captions[text] for text in texts[:_READ_FOR_LANGUAGE].tolist()))
    return language == language_of(word) or {language, language_of(word)} <= {"chinese", "japanese"}


def _wanted(concept: Concept, found: Wording, *, people_share: float) -> tuple[str, ...]:
    """The fields that captions of this concept should name."""
    purpose = concept.dataset.profile.purpose
    # Without a class word, or with one of another language, nobody can say what a word for the subject would be.
    subject = ("subject",) if concept.class_word and _is_in_the_language_of(concept, concept.class_word) else ()
    if purpose == "style":
        return ("background", *subject)
    class_lists = _lists_of(found, (concept.class_word or "",))
    if purpose in _PURPOSES_OF_PEOPLE or not class_lists.isdisjoint(_PEOPLE) or people_share >= _MOST:
        attributes = tuple(name for name in _OF_PEOPLE if purpose != "fashion" or name != "clothes")
    else:
        attributes = _OF_THINGS
    return ("background", *subject, *attributes)
