"""Smooth shapes on Pillow's polygons: a small kit for drawn pictures.

Shapes are arrays of points (n, 2) in the units of a painter's frame. A painter works on a picture
that is `OVERSAMPLE` times larger than wanted; `finished` brings it down, which smooths every edge.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = NDArray[np.float64]
Colour = tuple[int, int, int]
Point = tuple[float, float]

OVERSAMPLE = 2
STEPS = 9
"""Points per curve between two given ones."""


def smooth(points: Sequence[Point] | Points, *, closed: bool = False) -> Points:
    """A curve through the points (Catmull-Rom)."""
    given = np.asarray(points, dtype=np.float64)
    if len(given) < 3:
        return given
    if closed:
        padded = np.concatenate([given[-1:], given, given[:2]])
    else:
        padded = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    t = np.linspace(0.0, 1.0, STEPS, endpoint=False)[None, :, None]
    a, b, c, d = (padded[i : len(padded) - 3 + i, None, :] for i in range(4))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    flat = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, given[-1:]])


def outline(*runs: Sequence[Point]) -> Points:
    """A closed shape of smooth runs that meet in corners."""
    return np.concatenate([smooth(run) for run in runs])


def shifted(points: Points, x: float, y: float) -> Points:
    moved: Points = points + np.array([x, y])
    return moved


def mirrored(points: Points) -> Points:
    flipped: Points = points * np.array([-1.0, 1.0])
    return flipped


def ellipse(x: float, y: float, rx: float, ry: float, *, turn: float = 0.0) -> Points:
    """An ellipse around (x, y), turned clockwise by degrees."""
    angles = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    points = np.stack([rx * np.cos(angles), ry * np.sin(angles)], axis=1)
    return shifted(rotated(points, turn), x, y)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


def star(x: float, y: float, radius: float, *, turn: float = 0.0, points: int = 5, waist: float = 0.5) -> Points:
    angles = np.radians(turn - 90.0) + np.pi * np.arange(2 * points) / points
    radii = np.where(np.arange(2 * points) % 2 == 0, radius, radius * waist)
    return np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)


def rotated(points: Points, degrees: float, about: Point = (0.0, 0.0)) -> Points:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned: Points = (points - about) @ turn + about
    return turned


def ribbon(points: Sequence[Point] | Points, widths: Sequence[float]) -> Points:
    """The outline of a band along a smooth line, as wide as `widths` says at even distances."""
    line = smooth(points)
    steps = np.gradient(line, axis=0)
    normals = np.stack([-steps[:, 1], steps[:, 0]], axis=1)
    normals /= np.maximum(np.hypot(normals[:, 0], normals[:, 1]), 1e-9)[:, None]
    half = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    return np.concatenate([line + normals * half, (line - normals * half)[::-1]])


def limb(points: Sequence[Point] | Points, widths: Sequence[float]) -> Points:
    """A ribbon with round ends."""
    line = smooth(points)
    body = ribbon(points, widths)
    half = len(body) // 2

    def cap(middle: Points, first: Points, radius: float) -> Points:
        start = np.arctan2(first[1] - middle[1], first[0] - middle[0])
        angles = start - np.linspace(0, np.pi, 9)[1:-1]
        return np.stack([middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)], axis=1)

    end = cap(line[-1], body[half - 1], widths[-1] / 2)
    start = cap(line[0], body[-1], widths[0] / 2)
    return np.concatenate([body[:half], end, body[half:], start])


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with `share` of `second` in it."""
    r, g, b = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return r, g, b


def times(first: Colour, second: Colour) -> Colour:
    """One colour seen in the light of another."""
    r, g, b = (a * b // 255 for a, b in zip(first, second, strict=True))
    return r, g, b


def ink(colour: Colour) -> Colour:
    """The line colour that goes with a filled area: a darker, slightly purple relative."""
    return mixed(times(colour, (150, 125, 150)), (52, 34, 62), 0.45)


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws shapes given in units onto a picture; `frame` maps units to its pixels."""

    image: Image.Image
    frame: NDArray[np.float64]
    light: Colour = (255, 255, 255)
    """Colours are multiplied by it: the same dress looks blue at night."""

    @classmethod
    def on(cls, size: tuple[int, int], colour: Colour = (255, 255, 255)) -> "Painter":
        """An empty picture. Units: (0, 0) is its centre, its shorter side measures 2."""
        width, height = size[0] * OVERSAMPLE, size[1] * OVERSAMPLE
        unit = min(width, height) / 2
        frame = np.array([[unit, 0.0, width / 2], [0.0, unit, height / 2]])
        return cls(Image.new("RGB", (width, height), colour), frame)

    @property
    def unit(self) -> float:
        """Pixels per unit."""
        return float(np.hypot(self.frame[0, 0], self.frame[1, 0]))

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the picture in units, for an unturned frame."""
        width, height = self.image.size
        (sx, _, tx), (_, sy, ty) = self.frame
        return -tx / sx, -ty / sy, (width - tx) / sx, (height - ty) / sy

    def moved(self, x: float, y: float) -> "Painter":
        return self._after([[1.0, 0.0, x], [0.0, 1.0, y]])

    def scaled(self, x: float, y: float | None = None) -> "Painter":
        return self._after([[x, 0.0, 0.0], [0.0, x if y is None else y, 0.0]])

    def turned(self, degrees: float, about: Point = (0.0, 0.0)) -> "Painter":
        """Turned clockwise."""
        if degrees == 0:
            return self
        angle = np.radians(degrees)
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        there = self.moved(*about)._after([[cos, -sin, 0.0], [sin, cos, 0.0]])
        return there.moved(-about[0], -about[1])

    def lit(self, light: Colour) -> "Painter":
        return replace(self, light=light)

    def _after(self, change: list[list[float]]) -> "Painter":
        return replace(self, frame=self.frame @ np.array([*change, [0.0, 0.0, 1.0]]))

    def pixels(self, points: Points) -> Points:
        placed: Points = points @ self.frame[:, :2].T + self.frame[:, 2]
        return placed

    def fill(self, shape: Points, colour: Colour, *, alpha: float = 1.0) -> None:
        draw = ImageDraw.Draw(self.image, "RGBA")
        draw.polygon(self._flat(shape), fill=(*times(colour, self.light), round(255 * alpha)))

    def stroke(self, shape: Points, colour: Colour, width: float, *, closed: bool = False) -> None:
        """A line of even width along the points."""
        points = np.concatenate([shape, shape[:1]]) if closed else shape
        draw = ImageDraw.Draw(self.image)
        placed = self.pixels(points)
        thick = max(2, round(width * self.unit))
        drawn = times(colour, self.light)
        draw.line([tuple(p) for p in placed.tolist()], fill=drawn, width=thick)
        if thick < 4:
            return
        # Pillow leaves wedges open where a line bends; a dot closes them.
        steps = np.diff(placed, axis=0)
        angles = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        bends = np.flatnonzero(np.abs(np.diff(angles)) > 0.15) + 1
        ends = [0, len(placed) - 1]
        radius = thick / 2 - 0.5
        for x, y in placed[[*bends.tolist(), *ends]].tolist():
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=drawn)

    def line(self, points: Sequence[Point] | Points, colour: Colour, widths: Sequence[float]) -> None:
        """A smooth line that swells and tapers as `widths` says."""
        self.fill(ribbon(points, widths), colour)

    def shape(self, shape: Points, colour: Colour, *, line: float = 0.022) -> None:
        """A filled shape with its outline in a matching ink."""
        self.fill(shape, colour)
        self.stroke(shape, ink(colour), line, closed=True)

    def gradient(self, shape: Points, top: Colour, bottom: Colour) -> None:
        """A shape filled from `top` to `bottom` of its own height."""
        bounds = self._bounds(shape)
        if bounds is None:
            return
        left, upper, right, lower = bounds
        ramp = np.linspace(0, 1, lower - upper)[:, None]
        first = np.array(times(top, self.light))
        last = np.array(times(bottom, self.light))
        column = np.round(first + (last - first) * ramp).astype(np.uint8)[:, None, :]
        area = Image.fromarray(column).resize((right - left, lower - upper), Image.Resampling.NEAREST)
        self.image.paste(area, (left, upper), self._mask(shape, bounds))

    def glow(self, x: float, y: float, radius: float, colour: Colour, *, alpha: float = 1.0, core: float = 0.0) -> None:
        """A disc of light that fades out; `core` is the share of the radius that does not fade."""
        bounds = self._bounds(ellipse(x, y, radius, radius))
        if bounds is None:
            return
        left, top, right, bottom = bounds
        # Light has no detail: an eighth of the pixels is enough.
        wide, high = max(2, (right - left) // 8), max(2, (bottom - top) // 8)
        middle = self.pixels(np.array([[x, y]]))[0]
        xs = (left + (np.arange(wide) + 0.5) * (right - left) / wide - middle[0]) / (radius * self.unit)
        ys = (top + (np.arange(high) + 0.5) * (bottom - top) / high - middle[1]) / (radius * self.unit)
        distance = np.hypot(xs[None, :], ys[:, None])
        fade = np.clip((1 - distance) / max(1e-6, 1 - core), 0, 1)
        strength = (255 * alpha * fade * fade * (3 - 2 * fade)).astype(np.uint8)
        mask = Image.fromarray(strength).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
        self.image.paste(colour, (left, top, right, bottom), mask)

    @contextmanager
    def inside(self, shape: Points) -> Iterator["Painter"]:
        """What is drawn here shows only inside the shape."""
        bounds = self._bounds(shape)
        if bounds is None:
            yield replace(self, image=Image.new("RGB", (1, 1)))
            return
        left, top, _, _ = bounds
        part = self.image.crop(bounds)
        shifted = self.frame - np.array([[0.0, 0.0, left], [0.0, 0.0, top]])
        yield replace(self, image=part, frame=shifted)
        self.image.paste(part, (left, top), self._mask(shape, bounds))

    def _flat(self, shape: Points) -> list[float]:
        flat: list[float] = self.pixels(shape).ravel().tolist()
        return flat

    def _bounds(self, shape: Points) -> tuple[int, int, int, int] | None:
        """The shape's pixels within the picture; None where it lies outside."""
        placed = self.pixels(shape)
        width, height = self.image.size
        left, top = np.floor(placed.min(axis=0)).astype(int)
        right, bottom = np.ceil(placed.max(axis=0)).astype(int) + 1
        left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
        return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None

    def _mask(self, shape: Points, bounds: tuple[int, int, int, int]) -> Image.Image:
        left, top, right, bottom = bounds
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon((self.pixels(shape) - (left, top)).ravel().tolist(), fill=255)
        return mask

    def finished(self) -> Image.Image:
        """The picture at its wanted size."""
        width, height = self.image.size
        return self.image.resize((width // OVERSAMPLE, height // OVERSAMPLE), Image.Resampling.HAMMING)
