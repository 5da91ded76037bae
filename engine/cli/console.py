"""The terminal: streams that never fail on a character, colour, and progress on standard error."""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from typing import Final, TextIO

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


def encodable(stream: TextIO, text: str) -> bool:
    """Whether a stream can show a text as it is; tried, not guessed from the platform's name."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # a closed stream
        return False


def wants_color(choice: str, stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """`--color`, then NO_COLOR, FORCE_COLOR, TERM=dumb, then whether the stream is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and environment.get("TERM") != "dumb"


def width() -> int:
    return max(_SHORTEST_LINE, shutil.get_terminal_size((80, 24)).columns)


class Progress:
    """Says on standard error what is going on: one line that renews itself on a terminal, plain lines elsewhere."""

    def __init__(self, choice: str, translator: Translator, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._translator = translator
        self._silent = choice == "none"
        self._renews = choice == "auto" and is_terminal(self._stream)
        self._started = time.monotonic()
        self._phase_started = self._started
        self._shown_at = 0.0
        self._phase: Message | None = None
        self._line_open = False
        self.timings: list[tuple[Message, float]] = []

    def phase(self, name: Message) -> None:
        self._end_phase()
        self._phase, self._phase_started, self._shown_at = name, time.monotonic(), time.monotonic()
        if self._silent:
            return
        text = self._translator.render(name)
        if self._renews:
            self._renew(text)
        else:
            self._print(text)

    def progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        wait = REFRESH_SECONDS if self._renews else PLAIN_SECONDS
        if self._silent or self._phase is None or now - self._shown_at < wait:
            return
        self._shown_at = now
        elapsed = now - self._phase_started
        rate = done / elapsed if elapsed > 0 else 0.0
        remaining = message("{s:count} s left", s=round((total - done) / rate)) if rate > 0 else message("starting")
        figures = self._translator.format(
            "{done:count} of {total:count}, {rate:number} a second, ",
            {"done": done, "total": total, "rate": round(rate, 1)},
        )
        text = f"{figures}{self._translator.render(remaining)}"
        if not self._renews:
            self._print(text)
            return
        filled = round(_BAR_CELLS * done / total) if total else 0
        full, empty = ("█", "░") if encodable(self._stream, "█░") else ("#", ".")
        self._renew(f"{self._translator.render(self._phase)} {full * filled}{empty * (_BAR_CELLS - filled)} {text}")

    def done(self) -> None:
        self._end_phase()
        if self._line_open:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._line_open = False

    def _end_phase(self) -> None:
        if self._phase is not None:
            self.timings.append((self._phase, time.monotonic() - self._phase_started))
            self._phase = None

    def _renew(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text[: width() - 1]}")
        self._stream.flush()
        self._line_open = True

    def _print(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()
