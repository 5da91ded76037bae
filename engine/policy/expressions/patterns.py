"""Regular expressions and tags as they are looked for, compiled when a policy is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import re2
from numpy.typing import NDArray

from tagmetry.messages import Message, cut, message
from tagmetry.text import normal_form, split_tags

LONGEST_REGEX: Final = 500
"""Characters of a regular expression."""

LARGEST_REGEX: Final = 4000
"""Instructions of google-re2's program. The time for a text is at most in proportion to them: `\\pL` has 1,200."""

_MEMORY_BYTES: Final = 8 << 20
"""What re2 may hold for one expression. With less it falls back to its slow way on ordinary patterns."""

_TRIAL_MEMORY_BYTES: Final = 128 << 10
"""Room for some 5,400 instructions: re2 takes 90 ms to find out that a pattern does not fit into 8 MiB, and 2 here."""


class PatternError(ValueError):
    """A regular expression or tag that cannot be looked for; `start` and `end` are places in its text."""

    def __init__(self, text: Message, help: Message | None = None, place: tuple[int, int] | None = None) -> None:
        super().__init__(text.english())
        self.text = text
        self.help = help
        self.place = place


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression that is searched for in time linear in the text."""

    pattern: str
    compiled: Any

    def found_in(self, text: str) -> bool:
        # Names of files that are not UTF-8 hold lone surrogates, which cannot be encoded.
        return self.compiled.search(text.encode("utf-8", "replace")) is not None


def compiled_regex(pattern: str) -> Regex:
    """Raises PatternError."""
    if len(pattern) > LONGEST_REGEX:
        raise PatternError(
            message(
                "the regular expression has {n:count} characters; at most {most:count} are taken",
                n=len(pattern),
                most=LONGEST_REGEX,
            )
        )
    try:
        if _compiled(pattern, _TRIAL_MEMORY_BYTES).programsize > LARGEST_REGEX:
            raise PatternError(_TOO_LARGE, _TOO_LARGE_HELP)
        return Regex(pattern, _compiled(pattern, _MEMORY_BYTES))
    except re2.error as error:
        raise _refused(pattern, error) from error


def _compiled(pattern: str, memory_bytes: int) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = memory_bytes
    return re2.compile(pattern, options)


_TOO_LARGE: Final = message("the regular expression is too large")
_TOO_LARGE_HELP: Final = message("shorten its repetitions and classes of characters")


def _refused(pattern: str, error: Exception) -> PatternError:
    """What re2 has against a pattern, with the place that it names."""
    said = error.args[0] if error.args else b""
    reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if "too large" in reason:
        return PatternError(_TOO_LARGE, _TOO_LARGE_HELP)
    what, _, fragment = reason.partition(": ")
    start = pattern.find(fragment) if fragment else -1
    help = None
    if fragment.startswith(("(?=", "(?!", "(?<")):
        help = message("looking ahead and behind is not possible")
    elif what == "invalid escape sequence" and fragment[1:2].isdigit():
        help = message("repeating what a group found is not possible")
    shown = message("the regular expression cannot be read: {reason}", reason=cut(reason, 80))
    return PatternError(shown, help, (start, start + len(fragment)) if start >= 0 else None)


@dataclass(frozen=True, slots=True)
class TagPattern:
    """A tag in normal form, or the beginning, end or middle of tags."""

    form: str
    where: Literal["whole", "beginning", "end", "anywhere"] = "whole"

    def ids(self, forms: Sequence[str], id_of: Any) -> NDArray[np.int64]:
        """The ids of the tags that it stands for; `id_of` maps each of `forms` to its place."""
        if self.where == "whole":
            found = id_of.get(self.form)
            return np.array([] if found is None else [found], dtype=np.int64)
        test = {"beginning": str.startswith, "end": str.endswith, "anywhere": str.__contains__}[self.where]
        return np.flatnonzero(np.fromiter((test(form, self.form) for form in forms), dtype=bool, count=len(forms)))


def tag_pattern(written: str) -> TagPattern:
    """A tag, with `*` at one or both ends for any text there. Raises PatternError."""
    tag = written.strip()
    if not normal_form(tag):
        raise PatternError(message("the tag is empty"))
    if "*" in tag and not _is_face(tag):
        inside = tag.strip("*")
        if not normal_form(inside):
            raise PatternError(message("* needs some text beside it"), message("whether there are tags: tag_count > 0"))
        if "*" in inside:
            raise PatternError(message("* stands only at the beginning and end of a tag"))
        return TagPattern(*_pattern(inside, before=tag.startswith("*"), after=tag.endswith("*")))
    several = split_tags(tag)
    if len(several) > 1:
        help = message("write a list: has_any([...]) or has_all([...])")
        raise PatternError(message("this is not one tag but {n:count}", n=len(several)), help)
    return TagPattern(normal_form(tag))


def _is_face(tag: str) -> bool:
    """Whether the `*` are eyes or a nose, as in *_*, *o* and >*<: no end of a pattern, and not two letters."""
    one_ended = tag.startswith("*") != tag.endswith("*")
    return len(tag) > 1 and tag.isascii() and not one_ended and sum(map(str.isalnum, tag)) < 2


def _pattern(inside: str, *, before: bool, after: bool) -> tuple[str, Literal["whole", "beginning", "end", "anywhere"]]:
    """The normal form of the text beside the `*`; a space there is part of it: `* dress` is no sundress."""
    form = normal_form(inside)
    if before and _is_gap(inside[0]):
        form = " " + form
    if after and _is_gap(inside[-1]):
        form += " "
    return form, "anywhere" if before and after else "end" if before else "beginning"


def _is_gap(character: str) -> bool:
    return character == "_" or character.isspace()
