"""Places to draw somebody in: each fills the picture and says what light falls there.

Units as in `Painter.on`: (0, 0) is the middle, the shorter side measures 2; y points down.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from tagmetry.demo.drawing import Colour, Painter, Points, box, ellipse, mixed, outline, ribbon, smooth, star

WHITE: Colour = (255, 255, 255)

Random = np.random.Generator
Layer = Callable[[Painter, Random], None]


@dataclass(frozen=True, slots=True)
class Clear:
    """A circle that nothing falls into: her face."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Scene:
    behind: Layer
    light: Colour = WHITE
    """The colour of the light on whoever stands here."""
    front: Callable[[Painter, Random, Clear], None] | None = None
    """What falls or hangs between her and us."""


def soften(painter: Painter, radius: float) -> None:
    """Blur what is there by a radius in units: what lies behind somebody is out of focus."""
    if radius <= 0:
        return
    image = painter.image
    small = image.reduce(4).filter(ImageFilter.GaussianBlur(radius * painter.unit / 4))
    image.paste(small.resize(image.size, Image.Resampling.BILINEAR), (0, 0))


# --- parts ---------------------------------------------------------------------------------------


def _all(p: Painter, top: Colour, bottom: Colour, *, low: float | None = None, high: float | None = None) -> None:
    left, upper, right, lower = p.edges
    p.gradient(box(left, upper if high is None else high, right, lower if low is None else low), top, bottom)


def _cloud(p: Painter, x: float, y: float, size: float, colour: Colour) -> None:
    shade = mixed(colour, (120, 140, 190), 0.25)
    puffs = [(-0.9, 0.05, 0.45), (-0.4, -0.22, 0.55), (0.2, -0.35, 0.62), (0.75, -0.05, 0.5), (0.0, 0.1, 0.6)]
    for fill, drop in ((shade, 0.07), (colour, 0.0)):
        for dx, dy, r in puffs:
            p.fill(ellipse(x + dx * size, y + (dy + drop) * size, r * size, r * size * 0.72), fill)


def _hill(p: Painter, y: float, height: float, colour: Colour, random: Random, *, bumps: int = 6) -> None:
    left, _, right, lower = p.edges
    xs = np.linspace(left - 0.2, right + 0.2, bumps)
    crest = smooth(np.stack([xs, y - height * random.random(bumps)], axis=1))
    p.fill(np.concatenate([crest, [(right + 0.2, lower + 0.1), (left - 0.2, lower + 0.1)]]), colour)


def _stars(p: Painter, random: Random, low: float, count: int = 130) -> None:
    left, upper, right, _ = p.edges
    for x, y, size in zip(
        random.uniform(left, right, count), random.uniform(upper, low, count), random.random(count) ** 4, strict=True
    ):
        r = 0.003 + 0.008 * float(size)
        p.fill(ellipse(float(x), float(y), r, r), (255, 250, 225))
        if size > 0.6:
            p.glow(float(x), float(y), 0.06, (200, 215, 255), alpha=0.5)


def _tree(p: Painter, x: float, y: float, size: float, leaves: Colour, trunk: Colour, random: Random) -> None:
    p.fill(
        outline(
            [(x - 0.10 * size, y), (x - 0.06 * size, y - 0.9 * size)],
            [(x + 0.05 * size, y - 0.9 * size), (x + 0.11 * size, y)],
        ),
        trunk,
    )
    for bough in (-1, 1):
        p.line([(x, y - 0.6 * size), (x + bough * 0.3 * size, y - 1.1 * size)], trunk, (0.07 * size, 0.03 * size))
    for layer, colour in enumerate((mixed(leaves, (60, 30, 80), 0.25), leaves, mixed(leaves, WHITE, 0.32))):
        for _ in range(13 - 2 * layer):
            dx, dy = random.normal(0, 0.36, 2) * size
            r = float(random.uniform(0.16, 0.32)) * size * (1 - 0.2 * layer)
            p.fill(
                ellipse(
                    x + float(dx) - 0.05 * layer * size,
                    y - 1.25 * size + 0.7 * float(dy) - 0.12 * layer * size,
                    r,
                    r * 0.85,
                ),
                colour,
            )


def _pine(p: Painter, x: float, y: float, size: float, colour: Colour, snow: Colour | None) -> None:
    p.fill(box(x - 0.05 * size, y - 0.2 * size, x + 0.05 * size, y), (92, 66, 62))
    for level in range(4):
        base = y - (0.12 + 0.28 * level) * size
        half = (0.42 - 0.085 * level) * size
        tier = outline(
            [(x, base - 0.48 * size), (x - half * 0.6, base - 0.16 * size), (x - half, base)],
            [(x - half, base), (x, base + 0.06 * size), (x + half, base)],
            [(x + half, base), (x + half * 0.6, base - 0.16 * size), (x, base - 0.48 * size)],
        )
        p.fill(tier, mixed(colour, (20, 30, 60), 0.06 * (3 - level)))
        if snow is not None:
            cap = outline(
                [(x, base - 0.48 * size), (x - half * 0.62, base - 0.14 * size)],
                [
                    (x - half * 0.62, base - 0.14 * size),
                    (x - 0.1 * size, base - 0.22 * size),
                    (x + half * 0.62, base - 0.14 * size),
                ],
                [(x + half * 0.62, base - 0.14 * size), (x, base - 0.48 * size)],
            )
            p.fill(cap, snow)


def _window(
    p: Painter, left: float, top: float, right: float, bottom: float, sky: tuple[Colour, Colour], frame: Colour
) -> None:
    p.fill(box(left - 0.05, top - 0.05, right + 0.05, bottom + 0.05), frame)
    p.gradient(box(left, top, right, bottom), *sky)
    with p.inside(box(left, top, right, bottom)) as pane:
        _cloud(pane, left + 0.35 * (right - left), top + 0.45 * (bottom - top), 0.2, mixed(sky[1], WHITE, 0.75))
    middle = (left + right) / 2
    p.fill(box(middle - 0.02, top, middle + 0.02, bottom), frame)
    p.fill(box(left, (top + bottom) / 2 - 0.018, right, (top + bottom) / 2 + 0.018), frame)
    p.fill(box(left - 0.1, bottom + 0.04, right + 0.1, bottom + 0.1), mixed(frame, (60, 40, 60), 0.15))


def _shelf(p: Painter, left: float, y: float, right: float, height: float, random: Random, wood: Colour) -> None:
    x = left + 0.02
    hues: tuple[Colour, ...] = (
        (176, 74, 66),
        (66, 98, 140),
        (214, 170, 90),
        (92, 130, 96),
        (136, 92, 130),
        (222, 208, 184),
        (70, 70, 96),
    )
    while x < right - 0.05:
        wide = float(random.uniform(0.035, 0.085))
        tall = height * float(random.uniform(0.62, 0.93))
        colour = hues[int(random.integers(len(hues)))]
        book = box(x, y - tall, x + wide, y)
        p.fill(book, colour)
        p.fill(box(x, y - tall, x + wide * 0.25, y), mixed(colour, WHITE, 0.18))
        p.fill(box(x, y - tall * 0.8, x + wide, y - tall * 0.74), mixed(colour, (255, 236, 180), 0.6))
        x += wide + 0.006
    p.fill(box(left, y, right, y + 0.045), wood)


def _falling(
    random: Random, p: Painter, count: int, clear: Clear | None = None
) -> list[tuple[float, float, float, float]]:
    """Places with a size in 0..1 (mostly small) and a turn in degrees, all over the picture."""
    left, upper, right, lower = p.edges
    falling = [
        (float(x), float(y), float(size), float(turn))
        for x, y, size, turn in zip(
            random.uniform(left, right, count),
            random.uniform(upper, lower, count),
            random.random(count) ** 2,
            random.uniform(0, 360, count),
            strict=True,
        )
    ]
    if clear is None:
        return falling
    return [one for one in falling if np.hypot(one[0] - clear.x, one[1] - clear.y) > clear.radius]


def _petal(x: float, y: float, size: float, turn: float) -> Points:
    return ellipse(x, y, size, size * 0.55, turn=turn)


def _grass(p: Painter, y: float, top: Colour, bottom: Colour, random: Random) -> None:
    left, _, right, lower = p.edges
    _all(p, top, bottom, high=y)
    for x, depth in zip(random.uniform(left, right, 160), random.random(160) ** 0.8, strict=True):
        base = y + 0.03 + float(depth) * (lower - y)
        tall = 0.03 + 0.09 * float(depth)
        lean = float(random.uniform(-0.03, 0.03))
        p.line(
            [(float(x), base), (float(x) + lean, base - tall)],
            mixed(bottom, WHITE, float(random.uniform(0.0, 0.22))),
            (0.012 + 0.014 * float(depth), 0.003),
        )


def _lamp(p: Painter, x: float, y: float, drop: float, colour: Colour) -> None:
    p.line([(x, y - drop), (x, y)], (70, 56, 60), (0.012, 0.012))
    p.fill(outline([(x - 0.05, y), (x + 0.05, y)], [(x + 0.17, y + 0.16), (x, y + 0.19), (x - 0.17, y + 0.16)]), colour)
    p.glow(x, y + 0.2, 0.55, (255, 226, 160), alpha=0.55)


def _bokeh(p: Painter, random: Random, count: int, low: float, high: float, colours: tuple[Colour, ...]) -> None:
    left, _, right, _ = p.edges
    for _ in range(count):
        x, y = float(random.uniform(left, right)), float(random.uniform(low, high))
        p.glow(
            x, y, float(random.uniform(0.05, 0.17)), colours[int(random.integers(len(colours)))], alpha=0.65, core=0.75
        )


# --- outdoors ------------------------------------------------------------------------------------


def _cherry_park(p: Painter, random: Random) -> None:
    _all(p, (150, 205, 246), (236, 246, 252))
    _cloud(p, -0.5, -0.6, 0.36, WHITE)
    _hill(p, 0.30, 0.25, (178, 212, 190), random)
    _grass(p, 0.42, (176, 214, 130), (116, 176, 96), random)
    left, _, right, lower = p.edges
    p.fill(
        outline([(-0.10, 0.42), (-0.5, 0.8), (-1.0, lower)], [(1.0, lower), (0.45, 0.8), (0.10, 0.42)]), (236, 222, 200)
    )
    for x, y, size in (
        (left + 0.3, 0.55, 0.75),
        (right - 0.25, 0.55, 0.8),
        (left - 0.05, 0.8, 1.25),
        (right + 0.1, 0.85, 1.3),
    ):
        _tree(p, x, y, size, (250, 190, 212), (122, 84, 82), random)


def _petals(p: Painter, random: Random, clear: Clear) -> None:
    for x, y, size, turn in _falling(random, p, 34, clear):
        p.fill(_petal(x, y, 0.014 + 0.026 * size, turn), (255, 206, 222) if turn > 120 else (250, 178, 204))


def _beach(p: Painter, random: Random) -> None:
    _all(p, (72, 160, 232), (196, 234, 250), low=0.1)
    _cloud(p, 0.55, -0.25, 0.42, WHITE)
    _cloud(p, -0.7, -0.05, 0.30, WHITE)
    _all(p, (40, 132, 196), (126, 218, 222), high=-0.02, low=0.5)
    left, _, right, _ = p.edges
    for x, y in zip(random.uniform(left, right, 60), random.uniform(0.02, 0.40, 60), strict=True):
        p.line([(float(x), float(y)), (float(x) + 0.1, float(y))], (220, 250, 250), (0.002, 0.008, 0.002))
    shore = smooth([(left, 0.46), (left * 0.4, 0.42), (0.0, 0.50), (right * 0.5, 0.44), (right, 0.50)])
    _, _, _, lower = p.edges
    p.fill(np.concatenate([shore - (0, 0.05), [(right, lower), (left, lower)]]), (246, 252, 250))
    sand = np.concatenate([shore, [(right, lower), (left, lower)]])
    p.gradient(sand, (246, 226, 184), (232, 204, 154))
    for x, y, _, turn in _falling(random, p, 60):
        if y > 0.56:
            p.fill(ellipse(x, y, 0.012, 0.006, turn=turn), (214, 184, 138))
    p.fill(star(left + 0.35, 0.75, 0.08, turn=20, waist=0.45), (240, 130, 100))


def _skyline(p: Painter, random: Random, y: float, colour: Colour, lit: Colour, *, tall: float) -> None:
    left, _, right, lower = p.edges
    x = left - 0.1
    while x < right:
        wide = float(random.uniform(0.16, 0.34))
        top = y - tall * float(random.uniform(0.3, 1.0))
        p.fill(box(x, top, x + wide, lower), colour)
        for wx in np.arange(x + 0.03, x + wide - 0.03, 0.05).tolist():
            for wy in np.arange(top + 0.05, y + 0.2, 0.075).tolist():
                if random.random() < 0.45:
                    p.fill(box(wx, wy, wx + 0.025, wy + 0.04), lit)
        x += wide + float(random.uniform(0.0, 0.05))


def _city_dusk(p: Painter, random: Random) -> None:
    _all(p, (92, 74, 148), (255, 176, 110), low=0.55)
    p.glow(0.45, 0.20, 0.9, (255, 226, 150), alpha=0.9)
    p.fill(ellipse(0.45, 0.22, 0.17, 0.17), (255, 240, 196))
    for y, wide in ((-0.55, 0.9), (-0.32, 1.2), (-0.75, 0.6)):
        p.line([(-wide, y), (0.1, y - 0.03), (wide, y + 0.02)], (250, 150, 130), (0.01, 0.07, 0.01))
    _skyline(p, random, 0.35, (150, 92, 124), (255, 214, 150), tall=0.5)
    _skyline(p, random, 0.60, (84, 56, 104), (255, 220, 140), tall=0.6)
    left, _, right, lower = p.edges
    p.fill(box(left, 0.72, right, 0.77), (52, 40, 74))
    for x in np.arange(left, right, 0.16).tolist():
        p.fill(box(x, 0.77, x + 0.022, lower), (52, 40, 74))


def _night_hill(p: Painter, random: Random) -> None:
    _all(p, (14, 20, 62), (66, 74, 150))
    for x, y in ((-0.9, -0.9), (-0.4, -0.55), (0.1, -0.25), (0.6, 0.1)):
        p.glow(x, y, 0.75, (130, 130, 220), alpha=0.28)
    _stars(p, random, 0.5)
    p.glow(0.62, -0.62, 0.62, (250, 240, 200), alpha=0.5)
    p.fill(ellipse(0.62, -0.62, 0.22, 0.22), (255, 248, 220))
    for x, y, r in ((0.56, -0.66, 0.04), (0.68, -0.56, 0.055), (0.66, -0.72, 0.025)):
        p.fill(ellipse(x, y, r, r), (238, 226, 190))
    _hill(p, 0.55, 0.2, (38, 46, 100), random)
    _hill(p, 0.78, 0.15, (22, 30, 70), random)


def _fireflies(p: Painter, random: Random, clear: Clear) -> None:
    for x, y, size, _ in _falling(random, p, 26, clear):
        if y > 0.0:
            p.glow(x, y, 0.05 + 0.05 * size, (236, 255, 150), alpha=0.85, core=0.15)


def _snowfield(p: Painter, random: Random) -> None:
    _all(p, (176, 200, 226), (238, 244, 250))
    left, _, right, _ = p.edges
    _hill(p, 0.25, 0.35, (206, 220, 236), random)
    for x in np.linspace(left, right, 8).tolist():
        _pine(
            p,
            x + float(random.uniform(-0.1, 0.1)),
            0.42,
            float(random.uniform(0.4, 0.75)),
            (96, 136, 140),
            (246, 250, 255),
        )
    _hill(p, 0.46, 0.08, (240, 246, 252), random)
    for x, size in ((left + 0.15, 1.15), (right - 0.2, 1.3)):
        _pine(p, x, 0.85, size, (64, 110, 118), WHITE)
    _hill(p, 0.86, 0.10, (250, 252, 255), random)


def _snowflakes(p: Painter, random: Random, clear: Clear) -> None:
    for x, y, size, _ in _falling(random, p, 70, clear):
        p.glow(x, y, 0.014 + 0.035 * size, WHITE, alpha=0.95, core=0.5)


def _rainy_street(p: Painter, random: Random) -> None:
    _all(p, (70, 84, 112), (132, 146, 168))
    _skyline(p, random, 0.35, (62, 74, 102), (240, 214, 160), tall=1.3)
    _all(p, (84, 96, 122), (52, 62, 88), high=0.45)
    _bokeh(p, random, 20, -0.3, 0.42, ((255, 190, 110), (255, 110, 100), (120, 220, 220), (255, 236, 180)))
    left, _, right, lower = p.edges
    for _ in range(24):
        x, y = float(random.uniform(left, right)), float(random.uniform(0.5, lower))
        p.fill(ellipse(x, y, 0.10, 0.016), (150, 166, 192), alpha=0.6)
        p.line([(x, 0.46), (x, 0.46 + float(random.uniform(0.2, 0.7)))], (255, 196, 130), (0.05, 0.004))


def _raindrops(p: Painter, random: Random, clear: Clear) -> None:
    for x, y, size, _ in _falling(random, p, 110, clear):
        tall = 0.10 + 0.16 * size
        p.fill(ribbon([(x, y), (x - 0.02, y + tall)], (0.003, 0.009)), (226, 238, 255), alpha=0.6)


def _autumn_path(p: Painter, random: Random) -> None:
    _all(p, (250, 222, 170), (255, 244, 214))
    p.glow(-0.4, -0.5, 1.2, (255, 252, 220), alpha=0.8)
    left, _, right, lower = p.edges
    _hill(p, 0.35, 0.2, (222, 168, 96), random)
    _all(p, (206, 150, 84), (160, 98, 62), high=0.42)
    p.fill(
        outline([(0.02, 0.42), (-0.25, 0.8), (-0.6, lower)], [(0.85, lower), (0.45, 0.8), (0.16, 0.42)]),
        (220, 184, 136),
    )
    leaves: tuple[Colour, ...] = ((232, 118, 52), (214, 74, 54), (244, 176, 62), (226, 138, 50))
    for x, y, size, hue in (
        (left + 0.25, 0.52, 0.7, 2),
        (right - 0.3, 0.52, 0.75, 0),
        (0.3, 0.46, 0.5, 3),
        (left, 0.82, 1.25, 1),
        (right, 0.85, 1.2, 2),
    ):
        _tree(p, x, y, size, leaves[hue], (98, 66, 58), random)
    for x, y, size, turn in _falling(random, p, 120):
        if y > 0.5:
            p.fill(_petal(x, y, 0.018 + 0.02 * size, turn), leaves[int(turn) % 4])


def _leaves(p: Painter, random: Random, clear: Clear) -> None:
    for x, y, size, turn in _falling(random, p, 22, clear):
        p.fill(_petal(x, y, 0.02 + 0.035 * size, turn), ((236, 120, 50), (246, 182, 66), (210, 70, 52))[int(turn) % 3])


def _sunflowers(p: Painter, random: Random) -> None:
    _all(p, (54, 142, 226), (190, 228, 250))
    _cloud(p, 0.5, -0.35, 0.55, WHITE)
    _cloud(p, -0.65, -0.10, 0.42, WHITE)
    _all(p, (120, 160, 60), (60, 110, 50), high=0.30)
    left, _, right, lower = p.edges
    for row, y in enumerate(np.linspace(0.30, lower, 8).tolist()):
        size = 0.05 + 0.030 * row
        places = [
            (x + float(random.uniform(-0.4, 0.4)) * size, y + float(random.uniform(-0.5, 0.5)) * size)
            for x in np.arange(left - size, right + size, size * 2.3).tolist()
        ]
        for cx, cy in places:
            p.line([(cx, cy), (cx, cy + 3 * size)], (74, 132, 58), (size * 0.2, size * 0.2))
            p.fill(ellipse(cx + size * 0.8, cy + size * 1.6, size * 0.7, size * 0.3, turn=-30), (96, 154, 66))
        for cx, cy in places:
            p.fill(star(cx, cy, size, turn=float(random.uniform(0, 40)), points=13, waist=0.62), (255, 204, 40))
            p.fill(ellipse(cx, cy, size * 0.44, size * 0.44), (112, 66, 34))
            p.fill(ellipse(cx, cy, size * 0.26, size * 0.26), (84, 46, 28))


def _festival(p: Painter, random: Random) -> None:
    _all(p, (26, 22, 66), (108, 58, 108))
    _stars(p, random, 0.0, 50)
    left, _, right, _ = p.edges
    _all(p, (74, 48, 72), (40, 28, 52), high=0.55)
    for x, colour in ((left + 0.25, (206, 60, 64)), (right - 0.3, (60, 96, 168))):
        p.gradient(box(x - 0.45, 0.1, x + 0.45, 0.75), (255, 220, 150), (214, 140, 90))
        for step in range(6):
            stripe = box(x - 0.5 + step / 6, -0.12, x - 0.5 + (step + 1) / 6, 0.14)
            p.fill(stripe, colour if step % 2 else (250, 244, 232))
        p.fill(box(x - 0.45, 0.5, x + 0.45, 0.78), mixed(colour, (40, 20, 40), 0.35))
        p.glow(x, 0.25, 0.7, (255, 214, 130), alpha=0.4)
    for y, sag in ((-0.75, 0.16), (-0.42, 0.13)):
        xs = np.linspace(left, right, 9)
        ys = y + sag * (1 - (xs / right) ** 2)
        p.line(np.stack([xs, ys], axis=1), (60, 40, 60), (0.012, 0.012))
        for x, ly in zip(xs.tolist(), ys.tolist(), strict=True):
            p.glow(x, ly + 0.12, 0.32, (255, 170, 90), alpha=0.55)
            p.gradient(ellipse(x, ly + 0.12, 0.085, 0.105), (255, 214, 140), (240, 96, 70))
            p.fill(box(x - 0.04, ly + 0.01, x + 0.04, ly + 0.03), (70, 40, 50))


def _fireworks(p: Painter, random: Random) -> None:
    _all(p, (10, 14, 44), (40, 44, 96))
    left, upper, right, _ = p.edges
    for x, y, size, colour in (
        (left * 0.55, upper * 0.55, 0.62, (255, 150, 170)),
        (right * 0.55, upper * 0.62, 0.55, (150, 230, 255)),
        (0.05, upper * 0.78, 0.42, (255, 226, 130)),
        (right * 0.8, -0.05, 0.3, (190, 255, 170)),
    ):
        p.glow(x, y, size * 1.3, colour, alpha=0.35)
        for ring in (1.0, 0.62):
            for angle in np.arange(0, 2 * np.pi, 2 * np.pi / 22):
                dx, dy = float(np.cos(angle)) * size * ring, float(np.sin(angle)) * size * ring
                p.line(
                    [(x + dx * 0.3, y + dy * 0.3), (x + dx * 0.8, y + dy * 0.8), (x + dx, y + dy + 0.03)],
                    mixed(colour, WHITE, 0.35),
                    (0.002, 0.014, 0.008),
                )
    _skyline(p, random, 0.75, (24, 24, 58), (255, 214, 140), tall=0.4)


def _forest(p: Painter, random: Random) -> None:
    _all(p, (196, 226, 170), (96, 140, 96))
    p.glow(0.2, -0.7, 1.3, (255, 255, 214), alpha=0.8)
    left, upper, right, lower = p.edges
    for depth, colour in enumerate(((142, 178, 136), (92, 130, 98), (58, 84, 70))):
        for x in np.linspace(left, right, 7 - depth).tolist():
            x += float(random.uniform(-0.15, 0.15))
            wide = 0.05 + 0.05 * depth
            if depth == 2 and abs(x) < 0.5:
                continue
            p.fill(
                outline(
                    [(x - wide * 1.4, 0.5 + 0.2 * depth), (x - wide, -0.4), (x - wide, upper)],
                    [(x + wide, upper), (x + wide, -0.4), (x + wide * 1.5, 0.5 + 0.2 * depth)],
                ),
                colour,
            )
        _hill(p, 0.45 + 0.2 * depth, 0.08, mixed(colour, (110, 170, 80), 0.5), random, bumps=9)
    for x in (-0.55, 0.0, 0.5):
        p.fill(
            np.array([(x + 0.3, upper), (x + 0.5, upper), (x + 0.1, lower), (x - 0.35, lower)]),
            (255, 255, 220),
            alpha=0.16,
        )
    for x, y, size in ((left + 0.3, 0.85, 0.10), (left + 0.48, 0.9, 0.065), (right - 0.35, 0.88, 0.09)):
        p.fill(box(x - size * 0.3, y, x + size * 0.3, y + size), (250, 240, 224))
        p.fill(
            outline(
                [
                    (x - size, y + 0.01),
                    (x - size * 0.7, y - size * 0.7),
                    (x, y - size),
                    (x + size * 0.7, y - size * 0.7),
                    (x + size, y + 0.01),
                ]
            ),
            (218, 66, 60),
        )
        for dx, dy in ((-0.4, -0.4), (0.1, -0.65), (0.45, -0.3)):
            p.fill(ellipse(x + dx * size, y + dy * size, size * 0.14, size * 0.12), WHITE)


def _lake_camp(p: Painter, random: Random) -> None:
    _all(p, (30, 38, 92), (224, 142, 140), low=0.25)
    _stars(p, random, -0.3, 70)
    for dx, height, colour in ((-0.6, 0.75, (84, 74, 128)), (0.5, 0.95, (66, 62, 116)), (0.05, 0.5, (106, 84, 132))):
        p.fill(np.array([(dx - 0.95, 0.22), (dx, 0.22 - height), (dx + 0.95, 0.22)]), colour)
        p.fill(
            np.array(
                [
                    (dx - 0.2, 0.22 - height * 0.79),
                    (dx, 0.22 - height),
                    (dx + 0.2, 0.22 - height * 0.79),
                    (dx + 0.06, 0.22 - height * 0.72),
                    (dx - 0.05, 0.22 - height * 0.8),
                ]
            ),
            (232, 214, 232),
        )
    _all(p, (196, 128, 142), (54, 62, 116), high=0.2, low=0.55)
    _all(p, (52, 66, 72), (30, 38, 52), high=0.52)
    left, _, right, _ = p.edges
    x = left + 0.5
    p.fill(np.array([(x - 0.5, 0.78), (x - 0.02, 0.16), (x + 0.48, 0.78)]), (236, 150, 72))
    p.fill(np.array([(x - 0.02, 0.16), (x + 0.48, 0.78), (x + 0.12, 0.78)]), (190, 104, 60))
    p.glow(x + 0.03, 0.66, 0.35, (255, 236, 170), alpha=0.8)
    x = right - 0.42
    p.glow(x, 0.68, 0.75, (255, 160, 70), alpha=0.7)
    for size, colour in ((0.17, (244, 106, 40)), (0.12, (255, 176, 60)), (0.06, (255, 244, 180))):
        p.fill(
            outline(
                [(x, 0.80 - size * 2.1), (x + size * 0.6, 0.80 - size)],
                [
                    (x + size * 0.6, 0.80 - size),
                    (x + size, 0.78),
                    (x, 0.84),
                    (x - size, 0.78),
                    (x - size * 0.5, 0.80 - size),
                ],
                [(x - size * 0.5, 0.80 - size), (x, 0.80 - size * 2.1)],
            ),
            colour,
        )
    for turn in (-1, 1):
        p.line([(x - 0.2, 0.83 + 0.03 * turn), (x + 0.2, 0.83 - 0.03 * turn)], (86, 58, 50), (0.05, 0.05))


def _meadow_above(p: Painter, random: Random) -> None:
    """Grass and flowers seen from above, for somebody who lies in them."""
    _all(p, (128, 186, 92), (98, 160, 78))
    for x, y, size, turn in _falling(random, p, 420):
        p.line(
            [(x, y), (x + 0.10 * float(np.cos(turn)), y - 0.10 * float(np.sin(turn)))],
            mixed((84, 146, 66), (186, 222, 120), size),
            (0.024, 0.004),
        )
    hues: tuple[Colour, ...] = ((255, 255, 255), (255, 222, 92), (246, 150, 178), (176, 150, 236))
    for x, y, size, turn in _falling(random, p, 110):
        r = 0.025 + 0.03 * size
        for k in range(6):
            angle = np.radians(turn + 60 * k)
            p.fill(
                ellipse(x + r * float(np.cos(angle)), y + r * float(np.sin(angle)), r * 0.62, r * 0.62),
                hues[int(turn) % 4],
            )
        p.fill(ellipse(x, y, r * 0.5, r * 0.5), (250, 190, 60) if int(turn) % 4 != 1 else (230, 140, 50))


def _shrine(p: Painter, random: Random) -> None:
    _all(p, (168, 212, 236), (232, 240, 226))
    left, _, right, lower = p.edges
    for x in np.linspace(left, right, 6).tolist():
        _tree(p, x, 0.45, float(random.uniform(0.8, 1.1)), (70, 128, 92), (86, 70, 66), random)
    _all(p, (206, 204, 192), (170, 166, 158), high=0.42)
    for step, y in enumerate(np.linspace(0.46, lower, 7).tolist()):
        half = 0.45 + 0.14 * step
        p.fill(box(-half, y, half, y + 0.05), (222, 220, 212))
        p.fill(box(-half, y + 0.05, half, y + 0.085), (140, 136, 134))
    red: Colour = (214, 66, 50)
    for x in (-0.72, 0.72):
        p.fill(outline([(x - 0.075, 0.75), (x - 0.06, -0.6)], [(x + 0.06, -0.6), (x + 0.075, 0.75)]), red)
        p.fill(box(x - 0.09, 0.66, x + 0.09, 0.78), (50, 46, 52))
    p.fill(box(-0.95, -0.46, 0.95, -0.36), red)
    p.fill(outline([(-1.2, -0.86), (0.0, -0.76), (1.2, -0.86)], [(1.14, -0.66), (0.0, -0.60), (-1.14, -0.66)]), red)
    p.fill(
        outline([(-1.25, -0.90), (0.0, -0.80), (1.25, -0.90)], [(1.2, -0.82), (0.0, -0.73), (-1.2, -0.82)]),
        (48, 44, 54),
    )
    p.fill(box(-0.08, -0.62, 0.08, -0.44), (60, 52, 56))


def _rooftop(p: Painter, random: Random) -> None:
    _all(p, (36, 110, 210), (170, 214, 246))
    left, _, right, lower = p.edges
    _cloud(p, left * 0.55, -0.1, 0.62, WHITE)
    _cloud(p, right * 0.6, -0.55, 0.40, WHITE)
    _cloud(p, right * 0.7, 0.22, 0.5, WHITE)
    _all(p, (186, 192, 200), (148, 154, 168), high=0.62)
    metal: Colour = (232, 238, 244)
    for x in np.arange(left, right, 0.11).tolist():
        p.fill(box(x, 0.05, x + 0.016, 0.64), metal)
    for y in (0.05, 0.60):
        p.fill(box(left, y, right, y + 0.035), metal)
    for y in np.arange(0.75, lower, 0.22).tolist():
        p.fill(box(left, y, right, y + 0.012), (134, 140, 156))


# --- indoors -------------------------------------------------------------------------------------


def _classroom(p: Painter, random: Random) -> None:
    _all(p, (246, 238, 220), (232, 220, 198))
    left, _, right, lower = p.edges
    p.fill(box(-0.35, -0.62, right + 0.1, 0.12), (150, 106, 72))
    p.gradient(box(-0.30, -0.57, right + 0.1, 0.07), (50, 106, 84), (64, 124, 98))
    for y in (-0.42, -0.28, -0.14):
        p.line([(0.0, y), (0.25, y - 0.01), (0.5, y + 0.01)], (226, 240, 230), (0.004, 0.012, 0.004))
    p.fill(box(0.1, 0.08, 0.5, 0.12), (222, 180, 130))
    for x in (left + 0.12, left + 0.72):
        _window(p, x - 0.05, -0.75, x + 0.42, 0.15, ((120, 190, 240), (214, 238, 250)), (250, 248, 240))
    p.fill(np.array([(left, 0.2), (left + 0.9, 0.2), (left + 1.6, lower), (left, lower)]), (255, 252, 226), alpha=0.35)
    _all(p, (206, 164, 116), (176, 132, 90), high=0.55)
    for y in np.arange(0.60, lower, 0.14).tolist():
        p.fill(box(left, y, right, y + 0.008), (160, 116, 78))
    for x in (left + 0.45, right - 0.45):
        p.fill(box(x - 0.3, 0.42, x + 0.3, 0.49), (226, 180, 122))
        for side in (-0.26, 0.23):
            p.fill(box(x + side, 0.49, x + side + 0.03, 0.9), (120, 126, 136))


def _library(p: Painter, random: Random) -> None:
    _all(p, (126, 88, 64), (84, 56, 46))
    left, upper, right, _ = p.edges
    for y in np.arange(upper + 0.36, 0.75, 0.38).tolist():
        p.fill(box(left, y - 0.36, right, y), (72, 46, 40))
        _shelf(p, left, y, right, 0.34, random, (140, 98, 66))
    for x in (left + 0.02, -0.36, 0.36, right - 0.06):
        p.fill(box(x, upper, x + 0.05, 0.8), (120, 82, 58))
    _all(p, (118, 78, 58), (80, 50, 42), high=0.78)
    for x in (-0.75, 0.78):
        p.glow(x, -0.5, 0.85, (255, 220, 140), alpha=0.5)
        _lamp(p, x, -0.72, 0.6, (250, 214, 140))


def _bedroom(p: Painter, random: Random) -> None:
    _all(p, (42, 50, 92), (66, 72, 118))
    left, _, right, lower = p.edges
    for x, y in zip(random.uniform(left, right, 30), random.uniform(-1.2, 0.3, 30), strict=True):
        p.fill(star(float(x), float(y), 0.022, turn=0), (92, 98, 150))
    _window(p, -0.85, -0.8, 0.0, 0.05, ((16, 22, 66), (70, 84, 160)), (216, 214, 236))
    p.glow(-0.62, -0.55, 0.3, (250, 244, 210), alpha=0.7)
    p.fill(ellipse(-0.62, -0.55, 0.09, 0.09), (255, 250, 224))
    for side in (-1, 1):
        x = -0.425 + side * 0.5
        p.fill(
            outline(
                [(x - 0.13, -0.92), (x - 0.10, 0.0), (x - 0.14, 0.28)],
                [(x + 0.14, 0.28), (x + 0.10, 0.0), (x + 0.13, -0.92)],
            ),
            (150, 132, 190),
        )
    p.glow(right - 0.4, 0.0, 1.0, (255, 200, 120), alpha=0.6)
    p.fill(
        outline([(right - 0.55, -0.05), (right - 0.48, -0.3)], [(right - 0.30, -0.3), (right - 0.22, -0.05)]),
        (255, 230, 170),
    )
    p.fill(box(right - 0.41, -0.05, right - 0.37, 0.3), (110, 84, 90))
    p.fill(box(right - 0.7, 0.3, right, 0.36), (130, 96, 92))
    p.gradient(box(left, 0.42, right, lower), (170, 160, 214), (124, 118, 184))
    p.fill(outline([(left, 0.42), (left + 0.1, 0.22), (left + 0.7, 0.22), (left + 0.8, 0.46)]), (236, 232, 248))
    for x in np.arange(left, right, 0.4).tolist():
        for y in np.arange(0.62, lower, 0.3).tolist():
            p.fill(star(x, y, 0.06, turn=10), (196, 188, 232))


def _kitchen(p: Painter, random: Random) -> None:
    _all(p, (252, 240, 214), (250, 226, 190))
    left, _, right, lower = p.edges
    for y in np.arange(-0.15, 0.45, 0.15).tolist():
        for x in np.arange(left, right, 0.15).tolist():
            p.fill(
                box(x + 0.006, y + 0.006, x + 0.144, y + 0.144),
                mixed((214, 236, 230), (176, 214, 210), float(random.random())),
            )
    _window(p, -0.42, -0.85, 0.42, -0.28, ((150, 206, 240), (232, 246, 250)), (250, 246, 236))
    for x, colour in (
        (left + 0.18, (230, 110, 92)),
        (left + 0.46, (240, 180, 80)),
        (right - 0.5, (120, 160, 120)),
        (right - 0.22, (90, 130, 170)),
    ):
        p.fill(box(x - 0.1, -0.62, x + 0.1, -0.42), colour)
        p.fill(box(x - 0.12, -0.66, x + 0.12, -0.61), mixed(colour, (60, 40, 40), 0.3))
    for x0, x1 in ((left, left + 0.66), (right - 0.68, right)):
        p.fill(box(x0, -0.42, x1, -0.37), (170, 118, 78))
    p.fill(box(left, 0.44, right, 0.53), (236, 224, 206))
    p.gradient(box(left, 0.53, right, lower), (196, 140, 96), (164, 110, 76))
    for x in np.arange(left + 0.1, right, 0.5).tolist():
        p.stroke(box(x, 0.62, x + 0.42, lower - 0.1), (146, 96, 66), 0.012, closed=True)
        p.fill(ellipse(x + 0.21, 0.72, 0.025, 0.025), (240, 214, 150))
    p.fill(
        outline([(left + 0.28, 0.44), (left + 0.25, 0.25)], [(left + 0.6, 0.25), (left + 0.57, 0.44)]), (206, 84, 76)
    )
    p.fill(ellipse(left + 0.425, 0.25, 0.19, 0.03), (236, 120, 104))
    for x, y, r, _ in ((left + 0.36, 0.08, 0.06, 0), (left + 0.46, -0.02, 0.08, 0)):
        p.glow(x, y, r * 2, WHITE, alpha=0.5)


def _cafe(p: Painter, random: Random) -> None:
    _all(p, (96, 66, 56), (138, 96, 72))
    left, _, right, lower = p.edges
    _window(p, left + 0.15, -0.7, -0.1, 0.2, ((250, 206, 160), (255, 236, 206)), (70, 48, 46))
    _window(p, 0.1, -0.7, right - 0.15, 0.2, ((250, 206, 160), (255, 236, 206)), (70, 48, 46))
    with p.inside(box(left + 0.15, -0.2, right - 0.15, 0.2)) as street:
        _bokeh(street, random, 12, -0.15, 0.18, ((255, 170, 110), (255, 226, 170), (196, 220, 180)))
    for x in (left + 0.35, 0.0, right - 0.35):
        _lamp(p, x, -0.62, 0.7, (210, 110, 80))
    for x in (left + 0.08, right - 0.08):
        for k in range(7):
            p.fill(
                ellipse(x + 0.10 * float(np.cos(k)), 0.22 - 0.06 * k, 0.12, 0.05, turn=-50 + 40 * k),
                mixed((70, 120, 76), (140, 180, 100), k / 7),
            )
        p.fill(outline([(x - 0.12, 0.28), (x + 0.12, 0.28)], [(x + 0.09, 0.5), (x - 0.09, 0.5)]), (206, 120, 84))
    _all(p, (112, 74, 58), (76, 48, 44), high=0.5)
    for y in np.arange(0.58, lower, 0.16).tolist():
        p.fill(box(left, y, right, y + 0.01), (70, 44, 40))


def _aquarium(p: Painter, random: Random) -> None:
    _all(p, (60, 176, 226), (8, 40, 100))
    left, upper, right, lower = p.edges
    for x in np.linspace(left, right, 6).tolist():
        p.fill(
            np.array([(x, upper), (x + 0.16, upper), (x + 0.5, lower), (x + 0.02, lower)]), (170, 236, 250), alpha=0.13
        )
    for _ in range(26):
        x, y = float(random.uniform(left, right)), float(random.uniform(upper, 0.7))
        size, way = float(random.uniform(0.03, 0.085)), 1 if random.random() < 0.6 else -1
        colour = ((255, 170, 60), (250, 226, 110), (120, 214, 226), (236, 110, 130))[int(random.integers(4))]
        p.fill(ellipse(x, y, size, size * 0.55), colour)
        p.fill(
            np.array(
                [
                    (x - way * size * 0.8, y),
                    (x - way * size * 1.6, y - size * 0.5),
                    (x - way * size * 1.6, y + size * 0.5),
                ]
            ),
            colour,
        )
        p.fill(ellipse(x + way * size * 0.55, y - size * 0.1, size * 0.13, size * 0.13), (30, 30, 60))
    ray = outline(
        [(-0.2, -0.75), (0.35, -0.95), (0.8, -0.6)], [(0.8, -0.6), (0.45, -0.55), (0.1, -0.45), (-0.2, -0.75)]
    )
    p.fill(ray, (90, 140, 180))
    p.line([(0.05, -0.5), (-0.25, -0.35), (-0.5, -0.38)], (90, 140, 180), (0.04, 0.004))
    for x, y, size, _ in _falling(random, p, 30):
        p.stroke(ellipse(x, y, 0.01 + 0.02 * size, 0.01 + 0.02 * size), (190, 240, 255), 0.006, closed=True)
    p.fill(box(left, 0.80, right, lower), (10, 22, 54))


def _train(p: Painter, random: Random) -> None:
    _all(p, (226, 214, 190), (196, 178, 150))
    left, upper, right, lower = p.edges
    view = box(left + 0.2, -0.72, right - 0.2, 0.18)
    p.gradient(view, (255, 190, 120), (255, 232, 180))
    with p.inside(view) as out:
        out.fill(ellipse(0.55, -0.08, 0.16, 0.16), (255, 250, 224))
        out.glow(0.55, -0.08, 0.7, (255, 240, 190), alpha=0.8)
        out.gradient(box(left, -0.02, right, 0.2), (236, 150, 110), (96, 116, 160))
        for y in (0.02, 0.06, 0.10, 0.15):
            out.line([(0.35 - y, y), (0.55, y), (0.75 + y, y)], (255, 244, 200), (0.003, 0.014, 0.003))
    p.stroke(view, (130, 112, 96), 0.05, closed=True)
    p.fill(box(-0.025, -0.72, 0.025, 0.18), (130, 112, 96))
    for x in np.linspace(left + 0.3, right - 0.3, 6).tolist():
        p.line([(x, upper), (x, -0.86)], (236, 230, 220), (0.02, 0.02))
        p.stroke(ellipse(x, -0.80, 0.06, 0.07), (246, 242, 232), 0.022, closed=True)
    p.gradient(box(left, 0.28, right, lower), (76, 118, 116), (54, 90, 94))
    for x in np.arange(left, right, 0.55).tolist():
        p.stroke(box(x + 0.02, 0.32, x + 0.53, 0.72), (46, 78, 84), 0.016, closed=True)
    p.fill(box(left, 0.72, right, 0.78), (96, 140, 134))


def _greenhouse(p: Painter, random: Random) -> None:
    _all(p, (206, 236, 232), (236, 246, 226))
    left, upper, right, _ = p.edges
    for x in np.linspace(left, right, 7).tolist():
        p.fill(
            np.array([(x - 0.012, 0.6), (x + 0.012, 0.6), (x * 0.35 + 0.012, upper), (x * 0.35 - 0.012, upper)]),
            (250, 252, 250),
        )
    for y in (-0.7, -0.35, 0.0, 0.35):
        p.fill(box(left, y, right, y + 0.02), (250, 252, 250))
    _all(p, (216, 196, 160), (180, 156, 124), high=0.66)
    for _ in range(46):
        side = -1 if random.random() < 0.5 else 1
        x = side * float(random.uniform(0.35, 1.0)) * right
        y = 0.75 - float(random.uniform(0, 1.0)) * abs(x) * 0.9
        colour = mixed((58, 118, 74), (150, 200, 100), float(random.random()))
        leaf = ellipse(x, y, float(random.uniform(0.10, 0.22)), 0.055, turn=float(random.uniform(-80, 80)))
        p.fill(leaf, colour)
        if random.random() < 0.4:
            bloom = ((246, 120, 140), (255, 200, 90), (250, 250, 250), (190, 130, 220))[int(random.integers(4))]
            p.fill(star(x, y, 0.07, points=6, turn=float(random.uniform(0, 60)), waist=0.55), bloom)
            p.fill(ellipse(x, y, 0.02, 0.02), (250, 220, 110))
    p.glow(0.1, -0.9, 1.2, (255, 255, 236), alpha=0.6)


def _stage(p: Painter, random: Random) -> None:
    _all(p, (34, 16, 66), (86, 30, 104))
    left, upper, right, lower = p.edges
    for x, lean, colour in (
        (-0.9, 0.6, (255, 120, 190)),
        (-0.3, 0.25, (140, 200, 255)),
        (0.4, -0.2, (255, 220, 130)),
        (0.95, -0.6, (170, 255, 200)),
    ):
        beam = np.array([(x - 0.04, upper), (x + 0.04, upper), (x + lean + 0.42, 0.75), (x + lean - 0.42, 0.75)])
        p.fill(beam, colour, alpha=0.28)
        p.glow(x, upper, 0.3, colour, alpha=0.9)
    _all(p, (120, 56, 132), (56, 22, 84), high=0.70)
    for x in (-0.6, 0.0, 0.6):
        p.fill(ellipse(x, 0.82, 0.4, 0.07), (220, 160, 230), alpha=0.4)
    for x, y, size, turn in _falling(random, p, 46):
        if y < 0.6:
            p.fill(
                star(x, y, 0.012 + 0.03 * size, turn=turn),
                ((255, 236, 150), (255, 190, 220), (190, 230, 255))[int(turn) % 3],
            )
    for x in np.arange(left, right, 0.13).tolist():
        p.line(
            [(x, lower), (x + 0.03, lower - 0.16 - 0.07 * float(random.random()))],
            ((120, 255, 220), (255, 150, 210))[int(x * 50) % 2],
            (0.03, 0.022),
        )


def _fireside(p: Painter, random: Random) -> None:
    _all(p, (130, 66, 60), (100, 48, 50))
    left, _, right, _ = p.edges
    for x in np.arange(left, right, 0.26).tolist():
        p.fill(box(x, -3.0, x + 0.10, 0.6), (142, 76, 66))
    x = left + 0.55
    for level in range(4):
        base, half = 0.62 - 0.30 * level, 0.50 - 0.10 * level
        p.fill(
            np.array([(x - half, base), (x, base - 0.52), (x + half, base)]),
            mixed((34, 92, 70), (60, 130, 88), level / 4),
        )
    for k in range(22):
        y = float(random.uniform(-0.6, 0.58))
        half = 0.40 * (y + 0.8) / 1.4
        lx = x + float(random.uniform(-half, half))
        p.glow(lx, y, 0.09, ((255, 220, 120), (255, 120, 100), (140, 210, 255))[k % 3], alpha=0.95, core=0.2)
    p.fill(star(x, -0.86, 0.12), (255, 222, 100))
    hx = right - 0.5
    p.fill(box(hx - 0.5, -0.12, hx + 0.5, 0.66), (176, 160, 152))
    p.fill(box(hx - 0.56, -0.20, hx + 0.56, -0.10), (110, 70, 54))
    p.fill(
        outline([(hx - 0.32, 0.66), (hx - 0.32, 0.2), (hx, 0.06), (hx + 0.32, 0.2), (hx + 0.32, 0.66)]), (50, 26, 34)
    )
    p.glow(hx, 0.5, 0.6, (255, 150, 60), alpha=0.8)
    for size, colour in ((0.16, (246, 110, 44)), (0.10, (255, 190, 70))):
        p.fill(
            outline([(hx, 0.62 - size * 2), (hx + size, 0.6), (hx, 0.66), (hx - size, 0.6), (hx, 0.62 - size * 2)]),
            colour,
        )
    _all(p, (120, 78, 60), (86, 54, 46), high=0.64)
    p.fill(ellipse(0.0, 0.90, 1.1, 0.2), (196, 70, 66))
    p.stroke(ellipse(0.0, 0.90, 1.02, 0.17), (246, 220, 190), 0.015, closed=True)


SCENES: dict[str, Scene] = {
    "cherry blossoms": Scene(_cherry_park, front=_petals),
    "beach": Scene(_beach),
    "city at dusk": Scene(_city_dusk, (255, 226, 216)),
    "starry hill": Scene(_night_hill, (180, 190, 236), _fireflies),
    "snow": Scene(_snowfield, (244, 248, 255), _snowflakes),
    "rain": Scene(_rainy_street, (234, 238, 248), _raindrops),
    "autumn": Scene(_autumn_path, (255, 240, 220), _leaves),
    "sunflowers": Scene(_sunflowers),
    "festival": Scene(_festival, (250, 222, 224)),
    "fireworks": Scene(_fireworks, (222, 214, 238)),
    "forest": Scene(_forest, (240, 250, 226)),
    "lake": Scene(_lake_camp, (246, 220, 226)),
    "meadow": Scene(_meadow_above),
    "shrine": Scene(_shrine),
    "rooftop": Scene(_rooftop),
    "classroom": Scene(_classroom, (255, 250, 240)),
    "library": Scene(_library, (255, 242, 226)),
    "bedroom": Scene(_bedroom, (230, 222, 246)),
    "kitchen": Scene(_kitchen, (255, 250, 240)),
    "cafe": Scene(_cafe, (255, 244, 232)),
    "aquarium": Scene(_aquarium, (228, 238, 252)),
    "train": Scene(_train, (255, 244, 230)),
    "greenhouse": Scene(_greenhouse, (250, 255, 246)),
    "stage": Scene(_stage, (246, 222, 255)),
    "fireside": Scene(_fireside, (255, 238, 226)),
}
