"""Unicode normal forms in linear time.

`unicodedata.normalize` sorts each run of combining marks by insertion: a caption of one megabyte that is
nothing but marks would take minutes. Texts longer than any honest run of marks are normalized in parts that
meet where no mark and no conjoining letter follows.
"""

import re
import unicodedata
from typing import Final, Literal

# Real text has a handful of marks on a letter; Unicode's stream-safe format (UAX 15) allows 30.
LONGEST_RUN: Final = 1024
"""Characters normalized at once. Only a run of marks longer than this comes out unlike Unicode's form."""

_LONG_RUN: Final = re.compile(rf"[^\x00-\x7f]{{{LONGEST_RUN + 1},}}")
# Starters that can still join the letter before them: conjoining jamo. (Others are marks by category.)
_JAMO: Final = range(0x1160, 0x1200)


def normalized(form: Literal["NFC", "NFKC"], text: str) -> str:
    """The text in a normal form, in time proportional to its length."""
    if text.isascii():
        return text
    if len(text) <= LONGEST_RUN or not _LONG_RUN.search(text):
        return unicodedata.normalize(form, text)
    parts = []
    start = 0
    while start < len(text):
        end = _safe_end(text, start)
        parts.append(unicodedata.normalize(form, text[start:end]))
        start = end
    return "".join(parts)


def _safe_end(text: str, start: int) -> int:
    """Where a part from `start` may end: before a character that joins nothing before it."""
    end = start + LONGEST_RUN
    if end >= len(text):
        return len(text)
    for position in range(end, start, -1):
        character = text[position]
        if unicodedata.category(character)[0] != "M" and ord(character) not in _JAMO:
            return position
    return end
