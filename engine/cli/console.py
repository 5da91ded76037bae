"""The terminal: streams that never fail on a character, colour, and progress on standard error."""

import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Mapping
from typing import Final, TextIO
from unicodedata import east_asian_width

from tagmetry.messages import Message, Translator, message

REFRESH_SECONDS: Final = 0.1
PLAIN_SECONDS: Final = 30.0
_BAR_CELLS: Final = 24
_SHORTEST_LINE: Final = 40


def prepare_streams() -> None:
    """Human output falls back to escapes where the console lacks a character; it never raises."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def encodable(stream: TextIO | None, text: str) -> bool:
    """Whether a stream can show a text as it is; tried, not guessed from the platform's name."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_terminal(stream: TextIO | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a line on the stream can be written over. A program without a console has no streams at all."""
    try:
        return stream is not None and stream.isatty() and environment.get("TERM") != "dumb"
    except ValueError:  # a closed stream
        return False


def wants_color(choice: str, stream: TextIO | None, environment: Mapping[str, str] = os.environ) -> bool:
    """`--color`, then NO_COLOR, FORCE_COLOR, TERM=dumb, then whether the stream is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal(stream, environment)


def width() -> int:
    return max(_SHORTEST_LINE, shutil.get_terminal_size((80, 24)).columns)


def cells(text: str) -> int:
    """Columns that a text takes on a terminal: Chinese and Japanese characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1 + (east_asian_width(character) in "WF")
        for character in text
    )


def cut_to_cells(text: str, most: int) -> str:
    """As much of the beginning of a text as fits into a number of columns."""
    if text.isascii():
        return text[:most]
    taken = 0
    for place, character in enumerate(text):
        taken += cells(character)
        if taken > most:
            return text[:place]
    return text


class Progress:
    """Says on standard error what is going on: one line that renews itself on a terminal, plain lines elsewhere.

    A stream that fails, because its reader has left, is not written to any more; the run goes on.
    """

    def __init__(self, choice: str, translator: Translator, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = sys.stderr if stream is None else stream
        self._translator = translator
        self._silent = choice == "none"
        self._renews = choice == "auto" and is_terminal(self._stream)
        self._phase_started = time.monotonic()
        self._shown_at = 0.0
        self._phase: Message | None = None
        self._cells_shown = 0
        self.timings: list[tuple[Message, float]] = []

    def phase(self, name: Message) -> None:
        self._end_phase()
        self._phase, self._phase_started, self._shown_at = name, time.monotonic(), time.monotonic()
        self._show(self._translator.render(name))

    def progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        wait = REFRESH_SECONDS if self._renews else PLAIN_SECONDS
        if self._silent or self._phase is None or now - self._shown_at < wait:
            return
        self._shown_at = now
        elapsed = now - self._phase_started
        rate = done / elapsed if elapsed > 0 else 0.0
        figures = self._translator.format(
            "{done:count} of {total:count}, {rate:number} a second, ",
            {"done": done, "total": total, "rate": round(rate, 1)},
        )
        text = figures + self._translator.render(_left((total - done) / rate) if rate > 0 else message("starting"))
        if not self._renews:
            self._show(text)
            return
        filled = min(_BAR_CELLS, round(_BAR_CELLS * done / total)) if total else 0
        full, empty = ("█", "░") if encodable(self._stream, "█░") else ("#", ".")
        self._show(f"{self._translator.render(self._phase)} {full * filled}{empty * (_BAR_CELLS - filled)} {text}")

    def done(self) -> None:
        self._end_phase()
        if self._cells_shown:
            self._show("")
            self._write("\r")

    def _end_phase(self) -> None:
        if self._phase is not None:
            self.timings.append((self._phase, time.monotonic() - self._phase_started))
            self._phase = None

    def _show(self, text: str) -> None:
        if not self._renews:
            self._write(f"{text}\n")
            return
        # Blanks instead of the code for "erase to the end", which older Windows consoles print as it is.
        text = cut_to_cells(text, width() - 1)
        shown = cells(text)
        self._write(f"\r{text}{' ' * (self._cells_shown - shown)}")
        self._cells_shown = shown

    def _write(self, text: str) -> None:
        if self._silent or self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._silent = True


def _left(seconds: float) -> Message:
    seconds = max(0.0, seconds)
    if seconds < 100:
        return message("{s:count} s left", s=round(seconds))
    if seconds < 100 * 60:
        return message("{min:count} min left", min=round(seconds / 60))
    return message("{h:number} h left", h=round(seconds / 3600, 1))
