"""Things to hold or to sit on, in the units of `characters`; (0, 0) is the hand that holds them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tagmetry.demo.drawing import (
    Colour,
    Painter,
    box,
    ellipse,
    ink,
    limb,
    mixed,
    outline,
    ribbon,
    rotated,
    shifted,
    star,
)

WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Prop:
    draw: Callable[[Painter], None]
    behind: bool = False
    """Drawn before her, so that her hand closes around it."""


def _umbrella(painter: Painter) -> None:
    p = painter.turned(-15)
    p.line([(0.0, 0.25), (0.02, -2.9)], (120, 90, 80), (0.06, 0.06))
    dome = outline(
        [(-1.75, -2.05), (-1.35, -2.85), (0.0, -3.25), (1.35, -2.85), (1.75, -2.05)],
        [(1.75, -2.05), (1.25, -2.20), (0.88, -2.02)],
        [(0.88, -2.02), (0.45, -2.18), (0.0, -2.0)],
        [(0.0, -2.0), (-0.45, -2.18), (-0.88, -2.02)],
        [(-0.88, -2.02), (-1.25, -2.20), (-1.75, -2.05)],
    )
    p.gradient(dome, (250, 120, 130), (222, 72, 92))
    with p.inside(dome) as cloth:
        for x in (-0.88, 0.0, 0.88):
            cloth.line([(x, -2.0), (x * 0.75, -2.65), (0.0, -3.25)], (180, 50, 76), (0.03, 0.03, 0.01))
        cloth.glow(-0.7, -2.8, 0.6, WHITE, alpha=0.3)
    p.stroke(dome, ink((222, 72, 92)), 0.024, closed=True)
    p.line([(0.0, -3.2), (0.0, -3.48)], (120, 90, 80), (0.06, 0.04))


def _book(p: Painter) -> None:
    for side in (-1, 1):
        cover = outline([(0.0, 0.20), (side * 0.48, 0.14)], [(side * 0.52, -0.42), (0.0, -0.34)])
        p.shape(cover, (90, 120, 180))
        page = outline(
            [(0.0, 0.15), (side * 0.24, 0.06), (side * 0.45, 0.09)],
            [(side * 0.47, -0.38), (side * 0.24, -0.42), (0.0, -0.31)],
        )
        p.shape(page, (253, 250, 240), line=0.014)
        for row in range(4):
            y = -0.26 + 0.09 * row
            p.line([(side * 0.08, y), (side * 0.38, y - 0.04)], (190, 184, 178), (0.014, 0.014))


def _mug(p: Painter) -> None:
    p.stroke(ellipse(0.22, -0.04, 0.10, 0.11), (240, 236, 228), 0.05, closed=True)
    body = outline([(-0.2, -0.22), (0.2, -0.22)], [(0.18, 0.18), (0.0, 0.21), (-0.18, 0.18)])
    p.shape(body, (246, 242, 234))
    p.shape(ellipse(0.0, -0.22, 0.20, 0.055), (150, 96, 70), line=0.016)
    p.fill(star(0.0, 0.0, 0.09), (255, 200, 80))
    for x, lean in ((-0.06, 0.05), (0.07, -0.05)):
        p.line(
            [(x, -0.32), (x + lean, -0.45), (x - lean, -0.58), (x, -0.72)], (252, 250, 250), (0.012, 0.04, 0.03, 0.006)
        )


def _broom(p: Painter) -> None:
    p.line([(-0.5, -1.35), (0.42, 1.0)], (150, 104, 72), (0.075, 0.075))
    straight = outline(
        [(-0.13, 0.0), (0.13, 0.0)],
        [(0.13, 0.0), (0.34, 0.35), (0.28, 0.85)],
        [(0.28, 0.85), (0.0, 0.92), (-0.28, 0.85)],
        [(-0.28, 0.85), (-0.34, 0.35), (-0.13, 0.0)],
    )
    brush = shifted(rotated(straight, -21), 0.44, 1.0)
    p.shape(brush, (230, 186, 104))
    with p.inside(brush) as straw:
        for x in np.linspace(-0.25, 0.25, 6).tolist():
            line = shifted(rotated(np.array([(x * 0.3, 0.05), (x, 0.9)]), -21), 0.44, 1.0)
            straw.line(line, (178, 128, 66), (0.01, 0.024))
    p.shape(shifted(rotated(box(-0.15, -0.02, 0.15, 0.1), -21), 0.44, 1.0), (206, 76, 76))


def _balloon(p: Painter) -> None:
    for (x, y), colour in (
        ((-0.35, -2.25), (250, 120, 130)),
        ((0.35, -2.55), (120, 190, 240)),
        ((0.1, -1.9), (255, 214, 100)),
    ):
        p.line([(0.0, 0.0), (x * 0.4, y * 0.5), (x, y + 0.4)], (120, 110, 130), (0.016, 0.016))
        p.shape(outline([(x - 0.05, y + 0.48), (x, y + 0.42), (x + 0.05, y + 0.48)]), colour)
        p.shape(ellipse(x, y, 0.36, 0.44), colour)
        p.fill(ellipse(x - 0.13, y - 0.17, 0.07, 0.12, turn=25), mixed(colour, WHITE, 0.75))


def _ice_cream(p: Painter) -> None:
    p.shape(np.array([(-0.13, -0.2), (0.13, -0.2), (0.0, 0.28)]), (228, 176, 110))
    for y in (-0.1, 0.02):
        p.line([(-0.09, y - 0.03), (0.08, y + 0.05)], (180, 124, 70), (0.014, 0.014))
    p.shape(ellipse(0.0, -0.28, 0.18, 0.16), (255, 206, 216))
    p.shape(ellipse(0.0, -0.50, 0.16, 0.15), (255, 246, 226))
    p.shape(ellipse(0.03, -0.66, 0.05, 0.05), (220, 60, 70), line=0.014)


def _candy_apple(p: Painter) -> None:
    p.line([(0.0, 0.2), (0.0, -0.3)], (230, 200, 150), (0.04, 0.04))
    p.shape(ellipse(0.0, -0.42, 0.21, 0.20), (216, 44, 52))
    p.fill(ellipse(-0.08, -0.49, 0.05, 0.07, turn=30), (255, 214, 206))


def _bouquet(p: Painter) -> None:
    for turn in (-34, -17, 0, 17, 34):
        p.line(rotated(np.array([(0.0, 0.1), (0.0, -0.45)]), turn), (96, 150, 90), (0.03, 0.03))
    hues: tuple[Colour, ...] = ((255, 150, 170), (255, 250, 246), (255, 206, 96), (196, 160, 240))
    for k, (x, y) in enumerate(
        ((-0.32, -0.45), (-0.14, -0.62), (0.08, -0.66), (0.29, -0.48), (0.0, -0.44), (-0.17, -0.38), (0.16, -0.36))
    ):
        p.shape(star(x, y, 0.15, points=7, turn=10.0 * k, waist=0.66), hues[k % 4], line=0.014)
        p.fill(ellipse(x, y, 0.05, 0.05), (250, 196, 90))
    wrap = outline([(-0.34, -0.30), (0.0, -0.20), (0.34, -0.30)], [(0.10, 0.32), (-0.10, 0.32)])
    p.shape(wrap, (240, 232, 250))
    p.shape(ellipse(0.0, 0.08, 0.12, 0.05), (240, 120, 150), line=0.014)


def _paintbrush(p: Painter) -> None:
    p.line(rotated(np.array([(0.0, 0.35), (0.0, -0.38)]), 25), (170, 110, 70), (0.05, 0.04))
    tip = rotated(
        outline([(-0.04, -0.36), (-0.06, -0.5), (0.0, -0.66)], [(0.0, -0.66), (0.06, -0.5), (0.04, -0.36)]), 25
    )
    p.shape(tip, (240, 120, 80), line=0.014)


def _cat(p: Painter) -> None:
    coat: Colour = (70, 62, 82)
    p.line([(0.24, 0.42), (0.55, 0.35), (0.55, 0.02)], coat, (0.12, 0.11, 0.05))
    p.shape(
        outline(
            [(-0.30, 0.52), (-0.32, 0.05), (0.0, -0.18), (0.32, 0.05), (0.30, 0.52)], [(0.30, 0.52), (-0.30, 0.52)]
        ),
        coat,
    )
    for side in (-1, 1):
        p.shape(np.array([(side * 0.30, -0.28), (side * 0.27, -0.62), (side * 0.06, -0.46)]), coat)
    p.shape(ellipse(0.0, -0.25, 0.34, 0.27), coat)
    for side in (-1, 1):
        p.fill(ellipse(side * 0.13, -0.27, 0.055, 0.07), (250, 226, 120))
        p.fill(ellipse(side * 0.13, -0.27, 0.018, 0.06), (30, 24, 40))
        for dy in (-0.02, 0.03):
            p.line([(side * 0.18, -0.16 + dy), (side * 0.42, -0.19 + 2 * dy)], (220, 214, 226), (0.01, 0.006))
    p.fill(ellipse(0.0, -0.19, 0.03, 0.022), (250, 150, 160))


def _bear(p: Painter) -> None:
    fur: Colour = (206, 156, 110)
    for side in (-1, 1):
        p.shape(ellipse(side * 0.26, 0.42, 0.14, 0.17), fur)
        p.shape(ellipse(side * 0.32, 0.08, 0.11, 0.17, turn=side * 30), fur)
        p.shape(ellipse(side * 0.22, -0.52, 0.11, 0.11), fur)
    p.shape(ellipse(0.0, 0.18, 0.30, 0.33), fur)
    p.shape(ellipse(0.0, -0.30, 0.32, 0.28), fur)
    p.fill(ellipse(0.0, -0.22, 0.13, 0.10), (240, 212, 178))
    p.fill(ellipse(0.0, -0.26, 0.04, 0.03), (70, 46, 44))
    for side in (-1, 1):
        p.fill(ellipse(side * 0.12, -0.35, 0.03, 0.038), (60, 40, 44))


def _microphone(p: Painter) -> None:
    p.shape(limb([(0.0, 0.3), (0.0, -0.18)], (0.09, 0.13)), (60, 56, 80))
    p.shape(ellipse(0.0, -0.27, 0.12, 0.13), (214, 218, 230))


def _watering_can(p: Painter) -> None:
    p.stroke(ellipse(0.05, 0.02, 0.22, 0.24), (70, 140, 130), 0.05, closed=True)
    p.shape(ribbon([(0.25, 0.55), (0.62, 0.30), (0.78, 0.10)], (0.12, 0.09, 0.08)), (96, 176, 160))
    p.shape(ellipse(0.80, 0.08, 0.07, 0.14, turn=-50), (120, 196, 180))
    p.shape(outline([(-0.30, 0.2), (0.36, 0.2)], [(0.40, 0.72), (-0.34, 0.72)]), (96, 176, 160))
    for k in range(5):
        p.line([(0.88 + 0.05 * k, 0.10), (0.98 + 0.08 * k, 0.7)], (150, 210, 250), (0.014, 0.024))


def _bowl(p: Painter) -> None:
    p.shape(ellipse(0.0, -0.14, 0.46, 0.13), (255, 236, 190))
    p.line([(0.10, -0.14), (0.42, -0.66)], (190, 140, 96), (0.05, 0.06))
    p.shape(
        outline(
            [(-0.47, -0.14), (0.0, -0.02), (0.47, -0.14)],
            [(0.47, -0.14), (0.34, 0.22), (0.0, 0.30), (-0.34, 0.22), (-0.47, -0.14)],
        ),
        (130, 180, 220),
    )
    p.line([(-0.40, 0.03), (0.0, 0.14), (0.40, 0.03)], WHITE, (0.03, 0.03, 0.03))


def _gift(p: Painter) -> None:
    p.shape(box(-0.36, -0.22, 0.36, 0.40), (96, 160, 150))
    p.shape(box(-0.40, -0.32, 0.40, -0.14), (110, 178, 166))
    p.fill(box(-0.06, -0.32, 0.06, 0.40), (255, 226, 140))
    for side in (-1, 1):
        p.shape(ellipse(side * 0.15, -0.42, 0.16, 0.09, turn=side * -25), (255, 226, 140), line=0.016)


def _sparkler(p: Painter) -> None:
    p.line([(0.0, 0.1), (0.0, -0.55)], (120, 110, 120), (0.03, 0.02))
    p.glow(0.0, -0.6, 0.6, (255, 220, 140), alpha=0.8)
    for angle in range(0, 360, 24):
        ray = np.array([(0.0, -0.08), (0.0, -0.34 - 0.10 * (angle % 3))])
        line = shifted(rotated(ray, angle), 0.0, -0.6)
        p.line(line, (255, 246, 200), (0.03, 0.006))


def _lantern(p: Painter) -> None:
    p.line([(0.0, -0.05), (0.0, 0.18)], (90, 70, 70), (0.03, 0.03))
    p.glow(0.0, 0.45, 0.9, (255, 206, 120), alpha=0.6)
    p.shape(
        outline([(-0.16, 0.2), (-0.24, 0.45), (-0.16, 0.7)], [(0.16, 0.7), (0.24, 0.45), (0.16, 0.2)]), (255, 224, 150)
    )
    for y in (0.2, 0.7):
        p.shape(box(-0.18, y - 0.04, 0.18, y + 0.04), (96, 70, 70), line=0.014)


def _camera(p: Painter) -> None:
    p.shape(box(-0.28, -0.16, 0.28, 0.18), (70, 72, 90))
    p.shape(box(-0.12, -0.24, 0.12, -0.15), (70, 72, 90))
    p.shape(ellipse(0.0, 0.01, 0.14, 0.14), (190, 200, 214))
    p.fill(ellipse(0.0, 0.01, 0.09, 0.09), (40, 50, 80))
    p.fill(ellipse(-0.03, -0.02, 0.03, 0.03), (190, 220, 250))


PROPS: dict[str, Prop] = {
    "umbrella": Prop(_umbrella, behind=True),
    "broom": Prop(_broom, behind=True),
    "balloons": Prop(_balloon, behind=True),
    "book": Prop(_book),
    "mug": Prop(_mug),
    "ice cream": Prop(_ice_cream),
    "candy apple": Prop(_candy_apple),
    "bouquet": Prop(_bouquet),
    "paintbrush": Prop(_paintbrush, behind=True),
    "cat": Prop(_cat),
    "bear": Prop(_bear),
    "microphone": Prop(_microphone),
    "watering can": Prop(_watering_can),
    "bowl": Prop(_bowl),
    "gift": Prop(_gift),
    "sparkler": Prop(_sparkler, behind=True),
    "lantern": Prop(_lantern, behind=True),
    "camera": Prop(_camera),
}
