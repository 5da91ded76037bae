"""A caption file that is not plain UTF-8 text.

What it finds
    Errors: captions in another encoding (Shift JIS, GBK, Windows code pages, UTF-16), damaged UTF-8,
    NUL bytes, and files that are no text. Warnings: a byte-order mark at the beginning, replacement
    characters (�) left by an earlier conversion, and files over 1 MiB. Control and invisible characters
    are reported by `hostile-text`.

Why it matters
    Trainers read captions as UTF-8. Most stop at anything else, some of them in the middle of a run;
    EveryDream2 reads garbage instead. A byte-order mark stays in front of the first word in
    kohya and EveryDream2: the trigger that everybody reads is then not the trigger that is trained.

What to do
    Save the file as UTF-8 without byte-order mark. Editors offer it under "Save with encoding"; Windows
    Notepad writes plain UTF-8 unless told otherwise.

Known limits
    The encoding of foreign bytes is a guess by the letters that come out; of a short caption it can be
    wrong. Replacement characters are not reported where the encoding itself is wrong. Whether a mark
    reaches the model depends on how its tokenizer cleans texts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from tagmetry.api import (
    CaptionProblem,
    Dataset,
    Finding,
    Location,
    NoOptions,
    Plural,
    Remedies,
    Rule,
    Severity,
    Value,
    cut,
    template_fields,
)
from tagmetry.rules.captions.trainer_names import NAMES

_KEEP_MARK: Final = ("kohya", "everydream")

_ENCODINGS: Final = {
    "cp932": "Shift JIS (cp932)",
    "euc_jp": "EUC-JP",
    "gb18030": "GBK (gb18030)",
    "cp949": "EUC-KR (cp949)",
    "big5": "Big5",
    "cp1251": "Windows-1251",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
}
_SEVERITIES: Final[Mapping[str, Severity]] = {
    "bom": Severity.WARNING,
    "bom-kept": Severity.WARNING,
    "too-large": Severity.WARNING,
    "replacement-character": Severity.WARNING,
    "other": Severity.WARNING,
}
"""What is not named here is an error: the trainer stops, or trains on garbage."""

_CHARACTERS: Final = ("control-character", "invisible-character")
"""Reported by hostile-text."""

_RESAVE: Final = Remedies(data=("save it as UTF-8 without byte-order mark",))
_CONVERT: Final = Remedies(data=("open it as {encoding} and save it as UTF-8 without byte-order mark",))
_REWRITE: Final = Remedies(data=("write the caption anew as UTF-8 text",))

rule = Rule(
    id="caption-encoding",
    severity=Severity.ERROR,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "bom": "{caption} begins with a byte-order mark",
        "bom-kept": '{caption} begins with a byte-order mark, which {trainer} keeps in front of "{first}"',
        "utf-16": "{caption} is {encoding} text, and captions are read as UTF-8",
        "utf-32": "{caption} is {encoding} text, and captions are read as UTF-8",
        "not-utf8": "{caption} is not UTF-8 from byte {offset:number} on, and not in any encoding that is known",
        "not-utf8-guessed": "{caption} is not UTF-8 from byte {offset:number} on; it looks like {encoding}",
        "damaged-utf8": "{caption} is UTF-8 text that is damaged at byte {offset:number}",
        "nul-bytes": Plural(
            "{caption} contains a NUL byte, at byte {offset:number}",
            "{caption} contains {n:count} NUL bytes, the first at byte {offset:number}",
        ),
        "nul-bytes-guessed": "{caption} is {encoding} text without a mark that says so; captions are read as UTF-8",
        "binary": "{caption} is not text",
        "binary-known": "{caption} is not text; its content looks like {looks_like}",
        "too-large": "{caption} is larger than {limit:bytes}; what comes after that was not checked",
        "replacement-character": Plural(
            "{caption} contains a replacement character (�), where an earlier conversion lost a letter",
            "{caption} contains {n:count} replacement characters (�), where an earlier conversion lost letters",
        ),
        "other": "{caption} is not written as plain UTF-8 text ({code})",
    },
    remedies={
        "bom": _RESAVE,
        "bom-kept": _RESAVE,
        "utf-16": _RESAVE,
        "utf-32": _RESAVE,
        "not-utf8": _REWRITE,
        "not-utf8-guessed": _CONVERT,
        "damaged-utf8": Remedies(data=("open it as UTF-8, correct the damaged place and save it again",)),
        "nul-bytes": Remedies(data=("take the NUL bytes out",)),
        "nul-bytes-guessed": _CONVERT,
        "binary": _REWRITE,
        "binary-known": _REWRITE,
        "too-large": Remedies(data=("check that it is a caption at all, and shorten it",)),
        "replacement-character": Remedies(data=("write the lost letters in again",)),
        "other": _RESAVE,
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    by_file: dict[str, dict[str, CaptionProblem]] = defaultdict(dict)
    for problem in dataset.captions.problems:
        if problem.code in _CHARACTERS:
            continue
        # Two images with one stem share a caption file, and with it each problem.
        by_file[problem.path].setdefault(problem.code, problem)
    for problems in by_file.values():
        found = [_finding(dataset, problem) for problem in problems.values()]
        is_unreadable = any(finding.severity is Severity.ERROR for finding in found)
        # Single characters, and the mark, follow from an encoding that is wrong as a whole.
        yield from (finding for finding in found if finding.severity is Severity.ERROR or not is_unreadable)


def _finding(dataset: Dataset, problem: CaptionProblem) -> Finding:
    values = _values(dataset, problem)
    message = _message(problem, values)
    line, column = problem.values.get("line"), problem.values.get("column")
    return rule.finding(
        dataset.caption(problem.row) if problem.row >= 0 else dataset.file(problem.path),
        message,
        values=values,
        severity=_SEVERITIES.get(message, Severity.ERROR),
        key=problem.code,
        location=Location(line, column) if isinstance(line, int) and isinstance(column, int) else None,
    )


def _values(dataset: Dataset, problem: CaptionProblem) -> dict[str, Value]:
    """The problem's own values, with the names that people know encodings by."""
    values: dict[str, Value] = {**problem.values, "caption": problem.path, "code": problem.code}
    encoding = values.get("encoding") or values.get("looks_like")
    if isinstance(encoding, str) and encoding in _ENCODINGS:
        values["encoding"] = _ENCODINGS[encoding]
    trainer = dataset.profile.trainer or ""
    first = _first_word(dataset, problem.row)
    if problem.code == "bom" and trainer in _KEEP_MARK and first:
        values.update(trainer=NAMES[trainer], first=first)
    return values


_SHOWN_OF_FIRST: Final = 30


def _first_word(dataset: Dataset, row: int) -> str:
    """What an image's caption begins with: its first tag, or the first word of its sentence."""
    text = int(dataset.captions.text_of[row]) if row >= 0 else -1
    if text < 0 or not len(tags := dataset.captions.tags.row(text)):
        return ""
    first = dataset.captions.names[int(tags[0])]
    # Scripts without spaces have sentences of one long word.
    return cut(first if dataset.profile.caption_style == "tags" else first.split()[0], _SHOWN_OF_FIRST)


def _message(problem: CaptionProblem, values: Mapping[str, Value]) -> str:
    """The message for a problem. A code of another layout, or one that lacks its values, is said in general."""
    message = problem.code
    match problem.code:
        case "bom" if "first" in values:
            message = "bom-kept"
        case "not-utf8" if values.get("looks_like") == "utf-8":
            message = "damaged-utf8"
        case "not-utf8" | "nul-bytes" if values.get("encoding"):
            message = f"{problem.code}-guessed"
        case "binary" if values.get("looks_like"):
            message = "binary-known"
    template = rule.messages.get(message)
    return message if template is not None and set(template_fields(template)) <= set(values) else "other"
