"""Tags that are separated by different marks.

What it finds
    In lists of tags: captions that use another separator than most do, among commas, semicolons, the Japanese
    and full-width `、` and `，` and `；`, line ends, and mere spaces (`1girl solo long_hair`). And lists
    that all use a mark at which the trainer does not split: kohya, EveryDream2 and OneTrainer split at
    commas.

Why it matters
    Shuffling, tag dropout and kept tokens work on what the trainer takes for a tag. Where it finds no
    separator of its own, the whole caption is one tag, and nothing is shuffled or dropped.

What to do
    Write commas in all captions. kohya can be told of another mark (`caption_separator`), but only of one.

Known limits
    Sentences are not judged. Line ends count only where the trainer reads several lines; else
    `multiline-caption` speaks of them. kohya's mark for kept tokens (`|||`) is no separator here, and a
    `caption_separator` in a trainer's config is not seen.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity, Skip
from tagmetry.rules.captions.trainer_names import NAMES
from tagmetry.rules.captions.wording import distinct_texts, quoted
from tagmetry.text import is_sentence_like, list_separators, separators_in

_SPLIT_AT_COMMAS: Final = ("kohya", "everydream", "onetrainer")
_LINES_ARE_READ: Final = ("everydream", "ai-toolkit", "musubi", "diffusion-pipe", "diffusers")
_COMMA: Final = ","
_LINE: Final = "\n"
_SPACE: Final = " "
_KEEPING: Final = "|||"
_LEAST_WORDS: Final = 4
_LEAST_UNDERSCORES: Final = 2

_TO_COMMAS: Final = Remedies(data=("write commas between the tags of {paths}",))

rule = Rule(
    id="mixed-separators",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "other": Plural(
            "one of {total:count} captions separates tags by {mark}, most of them by {main}: {paths}",
            "{n:count} of {total:count} captions separate tags by {mark}, most of them by {main}: {paths}",
        ),
        "commas": Plural(
            "one of {total:count} captions separates tags by commas, most of them by {main}: {paths}",
            "{n:count} of {total:count} captions separate tags by commas, most of them by {main}: {paths}",
        ),
        "lines": Plural(
            "one of {total:count} captions separates tags by line ends, most of them by {main}: {paths}",
            "{n:count} of {total:count} captions separate tags by line ends, most of them by {main}: {paths}",
        ),
        "spaces": Plural(
            "one of {total:count} captions separates tags by spaces only, most of them by {main}: {paths}",
            "{n:count} of {total:count} captions separate tags by spaces only, most of them by {main}: {paths}",
        ),
        "not-split": (
            "{n:count} of {total:count} captions separate tags by {mark}, and {trainer} splits only at commas: it "
            "takes such a caption for one tag"
        ),
        "spaces-not-split": (
            "{n:count} of {total:count} captions separate tags by spaces only, and {trainer} splits only at commas: it "
            "takes such a caption for one tag"
        ),
    },
    remedies={
        "other": _TO_COMMAS,
        "commas": Remedies(data=("write one mark in all captions, best the comma, which every trainer takes",)),
        "lines": _TO_COMMAS,
        "spaces": _TO_COMMAS,
        "not-split": Remedies(
            data=("write commas between the tags",),
            training=("or tell the trainer of the mark, if it can be told (kohya: caption_separator)",),
        ),
        "spaces-not-split": Remedies(data=("write commas between the tags",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    train = dataset.train
    if not train.captioned.any():
        raise Skip("no-captions")
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    trainer = dataset.profile.trainer or ""
    texts, counts = distinct_texts(train)
    marks = {text: _marks(dataset, text) for text in texts.tolist()}
    images_of = dict(zip(texts.tolist(), counts.tolist(), strict=True))
    used: Counter[str] = Counter()
    for text, found in marks.items():
        for mark in found:
            used[mark] += images_of[text]
    if not used:
        return
    total = sum(count for text, count in images_of.items() if marks[text])
    main = min(used, key=lambda mark: (-used[mark], mark != _COMMA, mark))
    if main != _COMMA and trainer in _SPLIT_AT_COMMAS:
        yield _finding(dataset, marks, main, total, f"{'spaces-' if main == _SPACE else ''}not-split", main=main)
        # With commas in them the captions that differ will be like the others.
        return
    for mark in sorted(used):
        if mark != main:
            key = {_COMMA: "commas", _LINE: "lines", _SPACE: "spaces"}.get(mark, "other")
            yield _finding(dataset, marks, mark, total, key, main=main)


def _finding(
    dataset: Dataset, marks: dict[int, frozenset[str]], mark: str, total: int, message: str, *, main: str
) -> Finding:
    holding = np.array([text for text, found in marks.items() if mark in found], dtype=np.int64)
    rows = dataset.train.rows[np.isin(dataset.train.text_ids, holding)]
    n = len(rows)
    return rule.finding(
        dataset.subject(rows.tolist()),
        message,
        values={
            "n": n,
            "total": total,
            "mark": quoted([mark]),
            "main": quoted([main]),
            "trainer": NAMES.get(dataset.profile.trainer or "", ""),
            "paths": tuple(dataset.paths[row] for row in rows),
        },
        measured=Measurement("other_separator_share", n / total, 0, unit="share"),
        key=message if message.endswith("not-split") else mark,
    )


def _marks(dataset: Dataset, text: int) -> frozenset[str]:
    """The marks at which a list of tags is meant to be split; nothing for sentences and single words."""
    written = dataset.captions.texts[text]
    words = written.split()
    present = separators_in(written)
    underscored = sum("_" in word.strip("_") for word in words)
    # Words with underscores are tags, so this comes before the question whether it is a sentence.
    if not present and len(words) >= _LEAST_WORDS and underscored >= _LEAST_UNDERSCORES:
        return frozenset({_SPACE})
    if is_sentence_like(written):
        return frozenset()
    found = {mark for mark in list_separators(written) if mark in present} - {_KEEPING}
    if dataset.profile.trainer not in _LINES_ARE_READ:
        found.discard(_LINE)
    return frozenset(found)
