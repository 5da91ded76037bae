"""Explanations that stand around an exported configuration, as plain lines.

A line never holds a line break or another control character, whatever the names in it are: lines become comments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Context, Message, visible
from tagmetry.api import wrapped as in_lines

WIDTH: Final = 100
_INDENT: Final = "  "


Entry = Message | tuple[str, Message]
"""A text, or a label that is no text of ours (a key, an option of a command) with the text after it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what belongs under it. A section without members is not shown unless its heading says it all."""

    heading: Message
    members: tuple[Entry, ...] = ()
    stands_alone: bool = False


def lines(sections: Sequence[Section], context: Context, *, width: int = WIDTH) -> Iterator[str]:
    """The sections that have something to say, with an empty line between them."""
    first = True
    for section in sections:
        if not section.members and not section.stands_alone:
            continue
        if not first:
            yield ""
        first = False
        yield from wrapped(section.heading, context, width=width)
        for member in section.members:
            yield from wrapped(member, context, width=width, indent=_INDENT)


def wrapped(entry: Entry, context: Context, *, width: int = WIDTH, indent: str = "") -> Iterator[str]:
    """One entry over as many lines as it needs. A long word, such as a path, stays whole."""
    label, text = ("", entry) if isinstance(entry, Message) else entry
    shown = (f"{label}: " if label else "") + " ".join(context.translator.render(text).split("\n"))
    hanging = indent + _INDENT if indent else ""
    for line in in_lines(visible(shown), width, indent=hanging, first=indent):
        yield line.rstrip()
