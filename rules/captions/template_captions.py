"""Captions that are all built from one template.

What it finds
    Training concepts in which one caption, one set of tags, or one sentence with a few changing words
    stands on at least `limit` of the captioned images. A sentence follows a template when at least
    `fixed_share` of its words, and four or more, stand in rows of three words that so many captions
    share; trigger and class word are not counted. Japanese, Chinese and Thai are taken in rows of five
    characters, eight or more of them. In lists of tags only parts that are clauses (six words or more) are
    looked at. The finding shows the fixed words and the images.

Why it matters
    What never changes is learned together with the picture: the model answers to that one wording,
    and to other prompts with the pictures of the training set.

What to do
    Keep naming the same things (who, where, what clothes, what view) but say them in other words and
    another order, and say what is different in each picture.

Known limits
    Counts words, not meanings. Fewer than `min_captions` captions are not judged, and templates of
    sentences from `min_template_captions` on. In lists of tags, tags that are always there are reported
    by `tag-frequency`; here only lists that are equal as a whole.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Concept, Finding, Mask, Measurement, Plural, Remedies, Rule, Severity, Skip, cut, option
from tagmetry.rules.captions.repetition import equal_captions, equal_tag_sets
from tagmetry.rules.captions.wording import distinct_texts, own_units, paths_with, rows_with, wording
from tagmetry.text import BREAK, MIN_CLAUSE_WORDS


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5,
        "Share of a concept's captions that are alike from which on it is reported.",
        unit="share",
        low=0.1,
        high=1,
    )
    fixed_share: float = option(
        0.5,
        "Share of a sentence's words that are fixed from which on it follows the template.",
        unit="share",
        low=0.2,
        high=1,
    )
    min_captions: int = option(5, "Concepts with fewer captions are not judged.", unit="images", low=2, high=100_000)
    min_template_captions: int = option(
        8,
        "Templates of sentences are looked for from so many captions on.",
        unit="images",
        low=3,
        high=100_000,
    )


_ROW_OF_WORDS: Final = 3
_ROW_OF_LETTERS: Final = 5
_MIN_FIXED_WORDS: Final = 4
_MIN_FIXED_LETTERS: Final = 8
_SHOWN: Final = 120
_VARY: Final = (
    "describe what differs between {paths}: place, light, clothes, pose, view, in changing words",
    "keep the same fields in every caption, but neither their wording nor their order",
)

rule = Rule(
    id="template-captions",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("memorization", "prompt-sensitivity"),
    messages={
        "same-caption": (
            '{n:count} of the {total:count} captions of "{concept}" ({share:percent}) are the same: "{caption}"'
        ),
        "same-tags": (
            '{n:count} of the {total:count} captions of "{concept}" ({share:percent}) hold the same tags: {tags}'
        ),
        "template": (
            '{n:count} of the {total:count} captions of "{concept}" ({share:percent}) follow one template: "{template}"'
        ),
        "too-few": Plural(
            'one caption of "{concept}" is fewer than the {limit:count} needed to tell a template',
            '{n:count} captions of "{concept}" are fewer than the {limit:count} needed to tell a template',
        ),
    },
    remedies={
        "same-caption": Remedies(data=_VARY),
        "same-tags": Remedies(data=_VARY, training=("until then, turn on shuffle_caption and a little tag dropout",)),
        "template": Remedies(data=_VARY),
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
    captions = concept.dataset.captions
    is_list = concept.dataset.profile.caption_style == "tags"
    same = equal_captions(concept)
    if same.n >= options.limit * total:
        shown = cut(captions.texts[same.texts[0]], _SHOWN)
        yield _finding(concept, "same-caption", np.array(same.texts), same.n, options, caption=shown)
        return
    if is_list:
        same = equal_tag_sets(concept)
        if same.n >= options.limit * total:
            tags = tuple(captions.names[tag] for tag in dict.fromkeys(captions.tags.row(same.texts[0]).tolist()))
            yield _finding(concept, "same-tags", np.array(same.texts), same.n, options, tags=tags)
            return
    if total < options.min_template_captions:
        return
    follows, templates = _templated(concept, texts, counts, options)
    n = int(counts[follows].sum())
    if n >= options.limit * total:
        most = Counter(dict.fromkeys(templates, 0))
        for template, count in zip(templates, counts[follows].tolist(), strict=True):
            most[template] += count
        template = min(most, key=lambda shown: (-most[shown], shown))
        yield _finding(concept, "template", texts[follows], n, options, template=cut(template, _SHOWN))


def _finding(
    concept: Concept, message: str, texts: NDArray[np.int64], n: int, options: Options, **values: str | tuple[str, ...]
) -> Finding:
    total = int(np.count_nonzero(concept.captioned))
    return rule.finding(
        concept.subject(rows_with(concept, texts.tolist())),
        message,
        values={
            "concept": concept.name,
            "n": n,
            "total": total,
            "share": n / total,
            "paths": paths_with(concept, texts.tolist()),
            **values,
        },
        measured=Measurement("template_share", n / total, options.limit, option="limit", unit="share"),
    )


def _templated(
    concept: Concept, texts: NDArray[np.int64], counts: NDArray[np.int64], options: Options
) -> tuple[Mask, list[str]]:
    """Which of the texts follow a template, and the template of each that does: fixed words, `…` for the others.

    Linear: rows of words are hashed and counted over all texts at once, never one text against another.
    """
    is_list = concept.dataset.profile.caption_style == "tags"
    rows = [_judged_units(wording(concept.dataset).units[text], clauses_only=is_list) for text in texts.tolist()]
    single = sum(len(unit) == 1 and not unit.isascii() for row in rows for unit in row)
    lettered = 2 * single > sum(map(len, rows))
    length = _ROW_OF_LETTERS if lettered else _ROW_OF_WORDS
    least = _MIN_FIXED_LETTERS if lettered else _MIN_FIXED_WORDS
    fixed = _fixed_units(rows, counts, length=length, needed=options.limit * int(counts.sum()))
    own = own_units((concept.trigger, concept.class_word))
    follows = np.zeros(len(rows), dtype=bool)
    templates = []
    for place, (row, marks) in enumerate(zip(rows, fixed, strict=True)):
        judged = [bool(mark) for unit, mark in zip(row, marks.tolist(), strict=True) if unit not in own]
        if sum(judged) >= least and sum(judged) >= options.fixed_share * len(judged):
            follows[place] = True
            templates.append(_shown(row, marks.tolist(), glue="" if lettered else " "))
    return follows, templates


def _judged_units(text_units: tuple[str, ...], *, clauses_only: bool) -> list[str]:
    """The units of a caption without its punctuation; of a list of tags those of its clauses."""
    if not clauses_only:
        return [unit for unit in text_units if unit != BREAK]
    found: list[str] = []
    part: list[str] = []
    for unit in (*text_units, BREAK):
        if unit != BREAK:
            part.append(unit)
        else:
            found.extend(part if len(part) >= MIN_CLAUSE_WORDS else ())
            part = []
    return found


_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)


def _fixed_units(rows: list[list[str]], counts: NDArray[np.int64], *, length: int, needed: float) -> list[Mask]:
    """For each text, which of its units stand in a row of `length` units that captions for `needed` images share."""
    number: dict[str, int] = {}
    ids = np.fromiter((number.setdefault(unit, len(number)) for row in rows for unit in row), dtype=np.uint64)
    sizes = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    ends = np.cumsum(sizes)
    covered = np.zeros(len(ids), dtype=bool)
    if len(ids) >= length:
        n_rows = len(ids) - length + 1
        hashes = np.zeros(n_rows, dtype=np.uint64)
        for step in range(length):
            # Wraps around at 64 bits: two different rows of a dataset share a value by a chance of 1 in 10^10.
            hashes = hashes * _MULTIPLIER + (ids[step : step + n_rows] + np.uint64(1))
        owner = np.repeat(np.arange(len(rows)), sizes)
        within = owner[:n_rows] == owner[length - 1 :]
        starts = np.flatnonzero(within)
        _, kind = np.unique(hashes[starts], return_inverse=True)
        pairs = np.unique(kind * np.int64(len(rows)) + owner[starts])
        images = np.bincount(pairs // len(rows), weights=counts[pairs % len(rows)])
        shared = starts[images[kind] >= needed]
        for step in range(length):
            covered[shared + step] = True
    return [covered[end - size : end] for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]


def _shown(row: list[str], marks: list[bool], *, glue: str) -> str:
    shown: list[str] = []
    for unit, fixed in zip(row, marks, strict=True):
        if fixed:
            shown.append(unit)
        elif not shown or shown[-1] != "…":
            shown.append("…")
    return glue.join(shown)
