"""Captions and tags: how often each tag is there, where the trigger stands, how long captions are."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import ConceptSummary, Plural, Report, TagRow, Translator, contains_word, visible
from tagmetry.reporters.html.charts import Histogram, histogram, share_width
from tagmetry.reporters.html.findings import anchor
from tagmetry.reporters.html.images import images_link
from tagmetry.reporters.html.overview import Fact
from tagmetry.reporters.html.wording import name_text, setting_origin

SHOWN_TAGS: Final = 15
MOST_TAGS: Final = 40
OPEN_CONCEPTS: Final = 3
MOST_CONCEPTS: Final = 60

CLIP_LIMIT_TOKENS: Final = 75
"""Tokens of one chunk of CLIP, start and end left out."""


@dataclass(frozen=True, slots=True)
class TagBar:
    """A tag with its share as the width of a bar; `finding` is the anchor of a finding about it."""

    tag: str
    width: str
    n: str
    share: str
    images: str
    note: str
    finding: str


@dataclass(frozen=True, slots=True)
class ConceptCaptions:
    name: str
    counted: str
    facts: tuple[Fact, ...]
    tags: tuple[TagBar, ...]
    folded: tuple[TagBar, ...]
    folded_title: str
    left: str
    open: bool


@dataclass(frozen=True, slots=True)
class CaptionView:
    facts: tuple[Fact, ...]
    concepts: tuple[ConceptCaptions, ...]
    concepts_left: str
    tokens: Histogram | None
    tokens_note: str
    any: bool


def captions(report: Report, say: Translator) -> CaptionView:
    training = [concept for concept in report.dataset.concepts if concept.role == "train"]
    by_concept: dict[str, list[TagRow]] = {}
    for row in report.tags:
        by_concept.setdefault(row.concept, []).append(row)
    texts = _texts(report)
    marked = {
        (finding.subject.identity[0], finding.subject.name): anchor(finding)
        for finding in reversed(report.findings)
        if finding.subject.kind == "tag" and len(finding.subject.identity) > 1 and finding.status == "open"
    }
    shown = tuple(
        _concept(
            concept,
            by_concept.get(concept.name, []),
            texts.get(concept.name, []),
            marked=marked,
            is_open=place < OPEN_CONCEPTS,
            say=say,
        )
        for place, concept in enumerate(training[:MOST_CONCEPTS])
    )
    left = len(training) - len(shown)
    return CaptionView(
        facts=_facts(report, texts, say),
        concepts=shown,
        concepts_left=say.format(
            Plural("{n:count} more concept is not drawn", "{n:count} more concepts are not drawn"), {"n": left}
        )
        if left > 0
        else "",
        tokens=_tokens(report, say),
        tokens_note=_tokens_note(report, say),
        any=any(any(of_concept) for of_concept in texts.values()),
    )


def _texts(report: Report) -> dict[str, list[str]]:
    """The captions of the training images by concept, empty texts included."""
    table = report.images
    found: dict[str, list[str]] = {}
    train = table.role.equals("train").tolist()
    for row, text in enumerate(table.captions):
        if train[row]:
            found.setdefault(table.concept.label(row), []).append(text)
    return found


def _facts(report: Report, texts: Mapping[str, Sequence[str]], say: Translator) -> tuple[Fact, ...]:
    every = [text for of_concept in texts.values() for text in of_concept]
    written = [text for text in every if text.strip()]
    facts = []
    style = report.policy.profile.get("caption_style")
    if style is not None and written:
        words = {"tags": "tags", "sentences": "sentences"}
        value = say.text(words.get(str(style.value), "not known"))
        facts.append(
            Fact(say.text("caption style"), value, setting_origin(style.origin, style.basis, style.place, say))
        )
    if every:
        facts.append(
            Fact(
                say.text("training images with a caption"),
                say.format("{n:count} of {total:count}", {"n": len(written), "total": len(every)}),
            )
        )
    if written:
        distinct = len(set(written))
        facts.append(Fact(say.text("different captions"), say.value(distinct, "count")))
    once: Counter[str] = Counter()
    for row in report.tags:
        once[row.tag] += row.n
    if once:
        single = sum(1 for n in once.values() if n == 1)
        note = say.format("{n:count} of them on one image only", {"n": single})
        facts.append(Fact(say.text("different tags"), say.value(len(once), "count"), note))
    return tuple(facts)


def _concept(
    concept: ConceptSummary,
    rows: Sequence[TagRow],
    texts: Sequence[str],
    *,
    marked: Mapping[tuple[str, str], str],
    is_open: bool,
    say: Translator,
) -> ConceptCaptions:
    written = [text for text in texts if text.strip()]
    facts = [
        fact
        for fact in (
            _coverage(say.text("trigger word"), concept.trigger, written, say),
            _coverage(say.text("class word"), concept.class_word, written, say),
        )
        if fact is not None
    ]
    bars = tuple(_bar(row, concept, marked, say) for row in rows[:MOST_TAGS])
    left = len(rows) - len(bars)
    return ConceptCaptions(
        name=name_text(concept.name),
        counted=say.format(
            Plural("{n:count} caption, {tags:count} tags", "{n:count} captions, {tags:count} tags"),
            {"n": len(written), "tags": len(rows)},
        )
        if rows
        else say.format(Plural("{n:count} caption", "{n:count} captions"), {"n": len(written)}),
        facts=tuple(facts),
        tags=bars[:SHOWN_TAGS],
        folded=bars[SHOWN_TAGS:],
        folded_title=say.format("the next {n:count} tags", {"n": len(bars) - SHOWN_TAGS})
        if len(bars) > SHOWN_TAGS
        else "",
        left=say.format(Plural("{n:count} rarer tag is not drawn", "{n:count} rarer tags are not drawn"), {"n": left})
        if left > 0
        else "",
        open=is_open,
    )


def _coverage(name: str, word: str | None, written: Sequence[str], say: Translator) -> Fact | None:
    """In how many captions a word stands, whatever its case and place."""
    if word is None:
        return None
    n = sum(1 for text in written if contains_word(text, word))
    note = (
        say.format("in {n:count} of {total:count} captions", {"n": n, "total": len(written)})
        if written
        else say.text("no captions")
    )
    return Fact(name, name_text(word), note)


def _bar(row: TagRow, concept: ConceptSummary, marked: Mapping[tuple[str, str], str], say: Translator) -> TagBar:
    note = ""
    if _form(row.tag) == _form(concept.trigger or ""):
        note = say.text("trigger word")
    elif _form(row.tag) == _form(concept.class_word or ""):
        note = say.text("class word")
    return TagBar(
        tag=name_text(row.tag),
        width=share_width(row.share),
        n=say.value(row.n, "count"),
        share=say.value(row.share, "percent"),
        images=images_link(role="train", concept=visible(row.concept), tag=visible(row.tag)),
        note=note,
        finding=marked.get((row.concept, row.tag), ""),
    )


def _form(word: str) -> str:
    return re.sub(r"[\s_]+", " ", word.casefold()).strip()


def _tokens(report: Report, say: Translator) -> Histogram | None:
    table = report.images
    train = table.role.equals("train")
    values = [int(value) for value in table.tokens.take(train.nonzero()[0]).present().tolist()]
    if not values:
        return None
    setting = report.policy.profile.get("max_token_length")
    limit = CLIP_LIMIT_TOKENS if setting is None or setting.value is None else int(setting.value)
    return histogram(
        values,
        limit=limit,
        limit_text=say.format("{limit:tokens}", {"limit": limit}),
        unit=say.text("CLIP tokens in a caption"),
        summary=say.format(
            Plural(
                "{n:count} of {total:count} captions is longer than {limit:tokens}.",
                "{n:count} of {total:count} captions are longer than {limit:tokens}.",
            ),
            {"n": sum(1 for value in values if value > limit), "total": len(values), "limit": limit},
        ),
        say=say,
    )


def _tokens_note(report: Report, say: Translator) -> str:
    if report.tokens_exact:
        return say.format("Counted exactly ({counter}).", {"counter": report.token_counter})
    return say.format(
        "Estimated ({counter}): the counts are lower bounds, the captions may be longer.",
        {"counter": report.token_counter},
    )
