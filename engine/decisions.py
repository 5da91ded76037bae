"""Decisions about images, as the review page saves them: which to keep, which to leave out, which captions to join."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from tagmetry.errors import UsageError
from tagmetry.messages import Message, message

FORMAT: Final = "tagmetry-decisions/1"
LIMIT_BYTES: Final = 64 << 20
_HASH = re.compile(r"[0-9a-f]{32,64}")


@dataclass(frozen=True, slots=True)
class Decision:
    """One image by its path in the dataset, and the first digits of the SHA-256 that it had.

    `caption` is the text that it gets, None where its own stays.
    """

    path: str
    sha256: str
    choice: Literal["keep", "drop"]
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a review decided about the dataset whose folder has the name `root`."""

    root: str
    images: Mapping[str, Decision]


def read_decisions(path: Path) -> Decisions:
    """The decisions of a file. Raises UsageError for a file that cannot be read or says something else."""
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise _wrong(path, message("{reason}", reason=error.strerror or type(error).__name__)) from error
    if len(raw) > LIMIT_BYTES:
        raise _wrong(path, message("it is larger than {limit:bytes}", limit=LIMIT_BYTES))
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        text = message("line {line:count}, column {column:count}: no JSON", line=error.lineno, column=error.colno)
        raise _wrong(path, text) from error
    except (ValueError, RecursionError) as error:
        raise _wrong(path, message("no JSON")) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _wrong(path, message("its format is not {format}", format=FORMAT))
    entries = data.get("images")
    if not isinstance(entries, list) or not isinstance(data.get("dataset"), str):
        raise _wrong(path, message('it has no "dataset" with a name or no "images" with a list'))
    images: dict[str, Decision] = {}
    for number, entry in enumerate(entries, start=1):
        decision = _decision(entry)
        if decision is None:
            reason = message(
                'entry {number:count} of "images" is no decision: it needs a path within the dataset, a sha256, '
                'and the choice "keep" or "drop"',
                number=number,
            )
            raise _wrong(path, reason)
        if decision.path in images:
            raise _wrong(path, message("{image} is decided twice", image=decision.path))
        images[decision.path] = decision
    return Decisions(data["dataset"], images)


def _decision(entry: Any) -> Decision | None:
    if not isinstance(entry, dict):
        return None
    place, digest, choice, caption = (entry.get(key) for key in ("path", "sha256", "choice", "caption"))
    if not isinstance(place, str) or not is_within(place):
        return None
    if not isinstance(digest, str) or not _HASH.fullmatch(digest) or choice not in ("keep", "drop"):
        return None
    if caption is not None and not isinstance(caption, str):
        return None
    return Decision(place, digest, choice, caption)


def is_within(path: str) -> bool:
    """Whether a path with forward slashes stays below the folder that it starts from."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path and path[1:2] != ":"


def _wrong(path: Path, reason: Message) -> UsageError:
    return UsageError(
        message("{path} holds no decisions: {reason}", path=str(path), reason=reason.english()),
        message("the HTML review saves them: tagmetry check DATASET -o html=report.html"),
    )
