"""Geometry of the charts: places in percent of the drawing, so that a chart fills any width with legible letters.

All positions are texts such as `12.50%` for SVG attributes; no chart needs a script or a `style`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Translator

MOST_BARS: Final = 40
_STEPS: Final = (1, 2, 5, 10, 15, 25, 50, 75, 100, 150, 250, 500, 1000)
_TOP: Final = 12.0
_BOTTOM: Final = 88.0
"""Percent of the drawing's height between which bars stand; limits are named above, the axis below."""


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    width: str
    y: str
    height: str
    beyond: bool
    label: str
    n: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    text: str
    place: str = "middle"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Upright bars over ranges of a whole number; `beyond` the limit they look different and say so in the table."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    limit: Tick | None
    unit: str
    summary: str
    highest: str


def percent(part: float) -> str:
    return f"{part:.2f}%"


def share_width(share: float) -> str:
    """The width of a bar for a share; what is there stays visible."""
    return percent(max(0.4, min(1.0, share) * 100)) if share > 0 else percent(0)


def histogram(
    values: Sequence[int], *, limit: int, limit_text: str, unit: str, summary: str, say: Translator
) -> Histogram:
    """Bars of equal steps from 0 to the largest value; the limit falls on an edge whenever a step divides it."""
    highest = max(*values, limit)
    step = next((step for step in _STEPS if limit % step == 0 and highest / step <= MOST_BARS), None)
    step = step or max(1, math.ceil(highest / MOST_BARS))
    # A bar holds the values (from, to]: a caption of exactly the limit lies within it.
    counts = Counter(max(0, math.ceil(value / step) - 1) for value in values)
    n_bars = max(max(counts) + 1, math.ceil(limit / step) + 1)
    most = max(counts.values())
    width = 100 / n_bars
    bars = []
    for place in range(n_bars):
        n = counts[place]
        height = n / most * (_BOTTOM - _TOP)
        low, high = place * step + 1 if place else 0, (place + 1) * step
        bars.append(
            Bar(
                x=percent(place * width + width * 0.08),
                width=percent(width * 0.84),
                y=percent(_BOTTOM - height),
                height=percent(height),
                beyond=low > limit,
                label=say.format("{low:number} to {high:number}", {"low": low, "high": high}),
                n=say.value(n, "count"),
            )
        )
    reach = n_bars * step
    return Histogram(
        bars=tuple(bars),
        ticks=_ticks(reach, say),
        limit=Tick(percent(100 * limit / reach), limit_text, "end" if limit > reach / 2 else "start"),
        unit=unit,
        summary=summary,
        highest=say.value(most, "count"),
    )


def _ticks(reach: int, say: Translator) -> tuple[Tick, ...]:
    """About five round numbers from 0 on."""
    step = next((step for step in _STEPS if reach / step <= 6), max(1, math.ceil(reach / 6)))
    return tuple(
        Tick(
            percent(100 * value / reach),
            say.value(value, "count"),
            "start" if value == 0 else "end" if value == reach else "middle",
        )
        for value in range(0, reach + 1, step)
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar that says one thing by its length."""

    look: str
    x: str
    width: str


def severity_parts(errors: int, warnings: int, notes: int, whole: int) -> tuple[Part, ...]:
    """Errors, warnings and notes one after the other, in a bar that stands for `whole` findings."""
    parts, reached = [], 0
    for look, n in (("error", errors), ("warning", warnings), ("note", notes)):
        if n:
            parts.append(Part(look, percent(100 * reached / whole), percent(100 * n / whole)))
        reached += n
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Dot:
    """Images of about one size; `r` is the radius in pixels, by the square root of their number."""

    x: str
    y: str
    r: str
    other: bool


@dataclass(frozen=True, slots=True)
class SizePlot:
    """Width by height on logarithmic axes, where one shape of picture lies on one diagonal."""

    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    square_from: tuple[str, str]
    square_to: tuple[str, str]


_SIDES_PX: Final = (64, 128, 256, 512, 768, 1024, 1536, 2048, 4096, 8192, 16384, 32768, 65536)
_CROWDED: Final = 3.0
"""Doublings of the side across the plot from which on only powers of two are named."""

_CORNER: Final = 9.0
"""Percent of the height below which a side's name beside the axis would meet the names along the bottom."""

_CELL: Final = 0.06
"""Sizes that differ by less than this part of a doubling are drawn as one dot."""


def size_plot(sizes: Iterable[tuple[int, int, bool]], say: Translator) -> SizePlot:
    """The plot of (width, height, of another role than training); at least one size."""
    cells: Counter[tuple[int, int, bool]] = Counter()
    for width, height, other in sizes:
        cells[(_cell(width), _cell(height), other)] += 1
    logs = [cell * _CELL for place in cells for cell in place[:2]]
    # A margin of a quarter doubling around, and always the sides that base models are made for.
    low = min(*logs, math.log2(512)) - 0.25
    high = max(*logs, math.log2(1024)) + 0.25
    most = max(cells.values())

    def at(log: float) -> float:
        return 100 * (log - low) / (high - low)

    dots = tuple(
        Dot(
            x=percent(at(wide * _CELL)),
            y=percent(100 - at(tall * _CELL)),
            r=f"{3.5 + 10.5 * math.sqrt((n - 1) / most):.1f}",
            other=other,
        )
        for (wide, tall, other), n in sorted(cells.items(), key=lambda item: (-item[1], item[0]))
    )
    # Powers of two alone where all sides would crowd a narrow screen.
    every = high - low <= _CROWDED
    sides = [side for side in _SIDES_PX if low <= math.log2(side) <= high and (every or side & (side - 1) == 0)]
    return SizePlot(
        dots=dots,
        x_ticks=tuple(
            Tick(percent(at(math.log2(side))), say.value(side, "count"), "start" if at(math.log2(side)) < 12 else "end")
            for side in sides
        ),
        # Where the axes meet, the name under the one line would stand on that of the other.
        y_ticks=tuple(
            Tick(percent(100 - at(math.log2(side))), say.value(side, "count") if at(math.log2(side)) > _CORNER else "")
            for side in sides
        ),
        square_from=(percent(0), percent(100)),
        square_to=(percent(100), percent(0)),
    )


def _cell(side: int) -> int:
    return round(math.log2(max(side, 1)) / _CELL)
