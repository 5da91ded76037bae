"""A drawn girl: head, hair, clothes and limbs from a few dozen curves.

Units: half the width of her face is 1. The body's origin is the base of her neck, the head's is the
middle of her face; y points down. `side` is -1 for what is left in the picture and 1 for what is right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tagmetry.demo.drawing import (
    Colour,
    Painter,
    Point,
    Points,
    box,
    ellipse,
    ink,
    limb,
    mirrored,
    mixed,
    outline,
    ribbon,
    rotated,
    shifted,
    smooth,
    star,
)

Style = Literal["long", "bob", "twintails", "ponytail", "short", "braids"]
Eyes = Literal["open", "wide", "half", "happy", "shut", "wink"]
Mouth = Literal["smile", "open", "laugh", "round", "frown", "cat", "pout", "grin", "flat"]

Placing = Callable[[Points | Sequence[Point]], Points]
"""Lays points on the front of the head."""

WHITE: Colour = (255, 255, 255)
LASH: Colour = (58, 40, 62)
SIDES = (-1, 1)

HIP = 1.28
"""From the neck down to where the legs begin."""
THIGH, SHIN = 0.82, 0.80
UPPER_ARM, FOREARM = 0.60, 0.56


@dataclass(frozen=True, slots=True)
class Girl:
    """What stays the same in all pictures of one person."""

    hair: Colour
    tips: Colour
    eyes: Colour
    style: Style
    skin: Colour = (255, 231, 216)
    clip: Colour | None = None
    """A star on her hair."""
    ahoge: bool = False


@dataclass(frozen=True, slots=True)
class Outfit:
    top: Colour
    bottom: Colour
    accent: Colour
    sleeves: Literal["none", "puff", "short", "long", "wide"] = "short"
    cut: Literal["skirt", "dress", "gown", "trousers", "shorts", "coat", "robe"] = "skirt"
    neck: Literal["plain", "sailor", "collar", "crossed", "scarf", "roll", "hood", "frill"] = "plain"
    front: Literal["none", "buttons", "apron", "straps", "sash", "zip"] = "none"
    pattern: Literal["none", "stripes", "dots", "checks", "flowers", "pleats"] = "none"
    legs: Colour | None = None
    """Socks or tights; None leaves the legs bare."""
    leg_length: float = 1.0
    """Share of the leg, from the foot up, that `legs` covers."""
    shoes: Colour = (110, 70, 60)
    boots: bool = False
    hat: Literal["none", "straw", "witch", "beanie", "beret", "bow", "hood"] = "none"
    hat_colour: Colour = (240, 214, 150)


@dataclass(frozen=True, slots=True)
class Expression:
    eyes: Eyes = "open"
    mouth: Mouth = "smile"
    brows: float = 0.0
    """Degrees: positive for anger, negative for worry."""
    blush: float = 0.5
    tears: bool = False
    look: Point = (0.0, 0.0)
    """Where the irises stand, -1 to 1 each way."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Angles in degrees: 0 hangs down, positive turns away from the middle of the body."""

    arms: tuple[tuple[float, float], tuple[float, float]] = ((14.0, 8.0), (14.0, 8.0))
    """Left and right in the picture: upper arm, forearm."""
    legs: tuple[tuple[float, float], tuple[float, float]] = ((3.0, 2.0), (3.0, 2.0))
    lean: float = 0.0
    tilt: float = 0.0
    turn: float = 0.0
    """-1 to 1: how far the face is turned to the left or right of the picture."""
    sway: float = 0.0
    """How far hair and skirt swing, in units."""
    seated: bool = False
    behind: bool = False
    """Seen from behind."""
    arms_back: bool = False


def hands(pose: Pose) -> tuple[Point, Point]:
    """Where her hands are, left and right in the picture."""
    places = rotated(np.array([_hand(pose, side) for side in SIDES]), pose.lean, about=(0.0, HIP))
    (left_x, left_y), (right_x, right_y) = places.tolist()
    return (left_x, left_y), (right_x, right_y)


def draw(painter: Painter, girl: Girl, outfit: Outfit, pose: Pose, expression: Expression) -> None:
    """Draw her with the base of the neck at (0, 0)."""
    body = painter.turned(pose.lean, about=(0.0, HIP))
    head = body.turned(pose.tilt).moved(pose.turn * 0.05, -1.0)

    if not pose.behind:
        _hair_behind(head, girl, pose)
    if outfit.neck == "hood" and outfit.hat != "hood":
        body.shape(ellipse(0.0, 0.12, 0.62, 0.34), mixed(outfit.top, (40, 30, 60), 0.18))
    raised = [side for side in SIDES if pose.arms[(side + 1) // 2][0] > 75]
    if pose.arms_back:
        _arms(body, girl, outfit, pose, SIDES)
    _legs(body, girl, outfit, pose)
    body.gradient(box(-0.19, -0.3, 0.19, 0.22), mixed(girl.skin, (226, 150, 150), 0.55), girl.skin)
    _clothes(body, outfit, pose)
    if not pose.arms_back:
        _arms(body, girl, outfit, pose, [side for side in SIDES if side not in raised])
    _collar(body, outfit, behind=pose.behind)
    if pose.behind:
        _hair_from_behind(head, girl, pose)
    else:
        _face(head, girl, expression, pose)
        _hair_in_front(head, girl, pose)
        _brows(head, girl, expression, pose.turn)
    _hat(head, girl, outfit, pose)
    if not pose.arms_back:
        _arms(body, girl, outfit, pose, raised)


# --- limbs ---------------------------------------------------------------------------------------


def _along(start: Point, angle: float, length: float, side: int) -> Point:
    radians = np.radians(angle)
    return start[0] + side * length * float(np.sin(radians)), start[1] + length * float(np.cos(radians))


def _arm(pose: Pose, side: int) -> tuple[Point, Point, Point]:
    upper, lower = pose.arms[(side + 1) // 2]
    shoulder = (side * 0.40, 0.30)
    elbow = _along(shoulder, upper, UPPER_ARM, side)
    return shoulder, elbow, _along(elbow, lower, FOREARM, side)


def _hand(pose: Pose, side: int) -> Point:
    _, elbow, wrist = _arm(pose, side)
    return wrist[0] + 0.2 * (wrist[0] - elbow[0]), wrist[1] + 0.2 * (wrist[1] - elbow[1])


def _arms(body: Painter, girl: Girl, outfit: Outfit, pose: Pose, sides: Sequence[int]) -> None:
    for side in sides:
        shoulder, elbow, wrist = _arm(pose, side)
        hand = _hand(pose, side)
        bend = _bent(shoulder, elbow, wrist)
        body.shape(limb(bend, (0.25, 0.22, 0.19, 0.15)), girl.skin)
        along = np.subtract(wrist, elbow) / FOREARM
        palm = np.array(hand) - 0.04 * along
        thumb = palm + side * np.array([-along[1], along[0]]) * 0.085
        angle = float(np.degrees(np.arctan2(along[1], along[0])))
        body.shape(
            ellipse(float(thumb[0]), float(thumb[1]), 0.075, 0.04, turn=angle - side * 35), girl.skin, line=0.016
        )
        body.shape(ellipse(float(palm[0]), float(palm[1]), 0.135, 0.10, turn=angle), girl.skin, line=0.018)
        body.fill(limb([wrist, tuple(palm.tolist())], (0.14, 0.12)), girl.skin)
        _sleeve(body, outfit, shoulder, elbow, wrist)


def _bent(shoulder: Point, elbow: Point, wrist: Point) -> list[Point]:
    """The arm's line, rounded at the elbow."""

    def between(a: Point, b: Point, t: float) -> Point:
        return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t

    return [shoulder, between(shoulder, elbow, 0.75), between(elbow, wrist, 0.3), wrist]


def _sleeve(body: Painter, outfit: Outfit, shoulder: Point, elbow: Point, wrist: Point) -> None:
    colour = outfit.accent if outfit.front == "straps" else outfit.top
    bend = _bent(shoulder, elbow, wrist)
    if outfit.sleeves == "none":
        return
    if outfit.sleeves == "puff":
        middle = ((shoulder[0] + elbow[0]) / 2, (shoulder[1] + elbow[1]) / 2)
        body.shape(limb([shoulder, middle], (0.34, 0.40)), colour)
        return
    if outfit.sleeves == "short":
        middle = (shoulder[0] + (elbow[0] - shoulder[0]) * 0.72, shoulder[1] + (elbow[1] - shoulder[1]) * 0.72)
        shape = np.concatenate([limb([shoulder, middle], (0.32, 0.35))])
        body.shape(shape, colour)
        return
    if outfit.sleeves == "wide":
        across = np.subtract(wrist, elbow) / FOREARM
        drop = np.array([0.0, 0.52])
        upper = ribbon(bend, (0.30, 0.32, 0.36, 0.40))
        body.shape(limb(bend, (0.30, 0.32, 0.34, 0.30)), colour)
        hang = np.array([elbow, wrist + 0.05 * across, wrist + drop + 0.05 * across, np.array(elbow) + drop * 0.85])
        body.shape(outline([tuple(p) for p in hang[:2]], [tuple(p) for p in hang[2:]]), colour)
        with body.inside(upper) as cloth:
            cloth.fill(upper, colour)
        if outfit.pattern == "flowers":
            x, y = (np.array(elbow) * 0.4 + np.array(wrist) * 0.6 + drop * 0.45).tolist()
            _flower(body, x, y, 0.10, outfit.accent)
        return
    body.shape(limb(bend, (0.31, 0.30, 0.28, 0.26)), colour)
    if outfit.pattern == "stripes":
        with body.inside(limb(bend, (0.31, 0.30, 0.28, 0.26))) as cloth:
            for part in np.linspace(0.15, 0.95, 6):
                x = np.interp(part, (0, 0.5, 1), (shoulder[0], elbow[0], wrist[0]))
                y = np.interp(part, (0, 0.5, 1), (shoulder[1], elbow[1], wrist[1]))
                cloth.fill(ellipse(float(x), float(y), 0.22, 0.028), WHITE)
    cuff = np.array(wrist)
    back = cuff - 0.09 * np.subtract(wrist, elbow) / FOREARM
    body.shape(limb([tuple(back.tolist()), wrist], (0.28, 0.28)), mixed(colour, WHITE, 0.3))


def _leg(pose: Pose, side: int) -> tuple[Point, Point, Point]:
    upper, lower = pose.legs[(side + 1) // 2]
    top = (side * 0.20, HIP)
    knee = _along(top, upper, THIGH * (0.42 if pose.seated else 1.0), side)
    return top, knee, _along(knee, lower, SHIN, side)


def _legs(body: Painter, girl: Girl, outfit: Outfit, pose: Pose) -> None:
    trousers = outfit.cut == "trousers"
    for side in SIDES:
        top, knee, ankle = _leg(pose, side)
        line = _bent(top, knee, ankle)
        widths = (0.36, 0.32, 0.27, 0.21)
        body.shape(limb(line, widths), girl.skin)
        if outfit.legs is not None:
            cut = 1.0 - outfit.leg_length
            curve = smooth(line)
            part = curve[round(cut * (len(curve) - 2)) :]
            shares = np.linspace(cut, 1.0, 4)
            body.shape(limb(part, np.interp(shares, np.linspace(0, 1, 4), widths).tolist()), outfit.legs)
        step = np.subtract(ankle, knee) / SHIN
        toe = side * (0.12 if not pose.behind else 0.05)
        foot = np.array(ankle) + 0.10 * step
        if outfit.boots:
            shaft = np.array(ankle) - 0.32 * step
            body.shape(limb([tuple(shaft.tolist()), tuple(foot.tolist())], (0.30, 0.26)), outfit.shoes)
        angle = float(np.degrees(np.arctan2(-step[0], step[1])))
        shape = outline(
            [(-0.15, -0.10), (0.0, -0.13), (0.15, -0.10)],
            [(0.15, -0.10), (0.19 + max(0, toe), 0.08), (0.15 + max(0, toe), 0.15)],
            [(0.15 + max(0, toe), 0.15), (-0.15 + min(0, toe), 0.15)],
            [(-0.15 + min(0, toe), 0.15), (-0.19 + min(0, toe), 0.08), (-0.15, -0.10)],
        )
        body.shape(rotated(shape, angle) + foot, outfit.shoes)
        if trousers:
            hem = np.array(ankle) + 0.02 * step
            leg = limb([*line[:3], tuple(hem.tolist())], (0.44, 0.40, 0.36, 0.34))
            body.shape(leg, outfit.bottom)
            _print(body, leg, outfit)


# --- clothes -------------------------------------------------------------------------------------


def _clothes(body: Painter, outfit: Outfit, pose: Pose) -> None:
    sway = pose.sway
    left = smooth([(-0.17, 0.02), (-0.36, 0.12), (-0.50, 0.26), (-0.45, 0.55), (-0.40, 0.95), (-0.45, 1.34)])
    torso = np.concatenate([left, mirrored(left)[::-1]])
    if outfit.cut == "trousers":
        body.shape(outline([(-0.44, 1.0), (0.44, 1.0)], [(0.47, 1.45), (0.0, 1.52), (-0.47, 1.45)]), outfit.bottom)
    if outfit.cut == "shorts":
        for side in SIDES:
            top, knee, _ = _leg(pose, side)
            body.shape(
                limb([top, (top[0] + (knee[0] - top[0]) * 0.45, top[1] + (knee[1] - top[1]) * 0.45)], (0.46, 0.46)),
                outfit.bottom,
            )
        body.fill(box(-0.42, 1.0, 0.42, 1.4), outfit.bottom)
    if outfit.cut == "skirt":
        body.shape(torso, outfit.top)
        _print(body, torso, outfit, top=True)
        skirt = _skirt(0.98, 1.95, 0.40, 0.92, sway)
        body.shape(skirt, outfit.bottom)
        _print(body, skirt, outfit)
        _folds(body, skirt, outfit.bottom, 0.98, 1.95, 0.92, sway)
    elif outfit.cut in ("dress", "gown", "coat", "robe"):
        bottom, flare = {"dress": (2.02, 0.92), "gown": (2.85, 1.30), "coat": (2.0, 0.80), "robe": (2.82, 0.56)}[
            outfit.cut
        ]
        skirt = _skirt(0.96, bottom, 0.41, flare, sway)
        body.shape(skirt, outfit.bottom)
        _print(body, skirt, outfit)
        _folds(body, skirt, outfit.bottom, 0.96, bottom, flare, sway)
        if outfit.cut == "gown":
            _hem(body, bottom, flare, sway, outfit.accent)
        upper = torso[torso[:, 1] < 1.12]
        body.shape(upper, outfit.top)
        _print(body, upper, outfit, top=True)
        if outfit.cut in ("coat", "robe") and outfit.top == outfit.bottom:
            body.fill(box(-0.385, 0.9, 0.385, 1.2), outfit.top)
    else:
        body.shape(torso[torso[:, 1] < 1.28], outfit.top)
        _print(body, torso[torso[:, 1] < 1.28], outfit, top=True)
    with body.inside(torso) as cloth:
        cloth.fill(
            outline([(-0.6, -0.1), (0.6, -0.1)], [(0.5, 0.16), (0.0, 0.34), (-0.5, 0.16)]), (70, 40, 90), alpha=0.18
        )
        cloth.fill(outline([(0.28, 0.4), (0.40, 0.9), (0.34, 1.4)], [(0.6, 1.4), (0.6, 0.3)]), (70, 40, 90), alpha=0.13)
    if not pose.behind:
        _front(body, outfit)


def _skirt(top: float, bottom: float, waist: float, flare: float, sway: float) -> Points:
    middle = (top + bottom) / 2
    left = [(-waist, top), (-(waist + flare) / 2 - 0.06 + sway * 0.4, middle), (-flare + sway, bottom)]
    hem = [
        (flare * x + sway, bottom + 0.10 * (1 - x * x) + (0.05 if i % 2 else 0.0))
        for i, x in enumerate(np.linspace(-1, 1, 9).tolist())
    ]
    right = [(flare + sway, bottom), ((waist + flare) / 2 + 0.06 + sway * 0.4, middle), (waist, top)]
    return outline(left, hem, right)


def _folds(body: Painter, skirt: Points, colour: Colour, top: float, bottom: float, flare: float, sway: float) -> None:
    with body.inside(skirt) as cloth:
        for place in (-0.62, -0.22, 0.25, 0.66):
            x = place * flare + sway
            fold = outline(
                [(place * 0.35, top + 0.18), (x - 0.02, bottom + 0.2)],
                [(x + 0.16, bottom + 0.2), (place * 0.35, top + 0.18)],
            )
            cloth.fill(fold, (60, 30, 90), alpha=0.16)
        shade = outline(
            [(-0.6, top - 0.05), (0.6, top - 0.05)], [(0.55, top + 0.10), (0.0, top + 0.18), (-0.55, top + 0.10)]
        )
        cloth.fill(shade, (60, 30, 90), alpha=0.18)


def _hem(body: Painter, bottom: float, flare: float, sway: float, colour: Colour) -> None:
    for x in np.linspace(-1, 1, 11).tolist():
        body.shape(ellipse(flare * x + sway, bottom + 0.10 * (1 - x * x), 0.15, 0.10), colour)


def _print(body: Painter, area: Points, outfit: Outfit, *, top: bool = False) -> None:
    """The outfit's pattern: stripes lie on the top, everything else on the lower part or both."""
    left, upper = area.min(axis=0).tolist()
    right, lower = area.max(axis=0).tolist()
    pattern = outfit.pattern
    if pattern == "none" or (top and pattern in ("checks", "pleats")) or (not top and pattern == "stripes"):
        return
    with body.inside(area) as cloth:
        if pattern == "stripes":
            for y in np.arange(upper + 0.1, lower, 0.17).tolist():
                cloth.fill(box(left, y, right, y + 0.07), WHITE)
        elif pattern == "dots":
            for row, y in enumerate(np.arange(upper + 0.1, lower, 0.2).tolist()):
                for x in np.arange(left + 0.1 * (row % 2), right, 0.26).tolist():
                    cloth.fill(ellipse(x, y, 0.04, 0.04), outfit.accent)
        elif pattern == "checks":
            for x in np.arange(left, right, 0.3).tolist():
                cloth.fill(box(x, upper, x + 0.1, lower), outfit.accent, alpha=0.5)
            for y in np.arange(upper, lower, 0.3).tolist():
                cloth.fill(box(left, y, right, y + 0.1), outfit.accent, alpha=0.5)
        elif pattern == "pleats":
            for x in np.linspace(-1, 1, 10).tolist():
                middle = (left + right) / 2
                cloth.line(
                    [(x * 0.38, upper), (middle + x * (right - left) / 2, lower)], ink(outfit.bottom), (0.012, 0.025)
                )
            cloth.line(
                [(left, lower - 0.13), ((left + right) / 2, lower - 0.06), (right, lower - 0.13)],
                outfit.accent,
                (0.045, 0.045),
            )
        elif pattern == "flowers":
            places = [
                (-0.25, 0.55),
                (0.2, 0.35),
                (-0.28, 1.5),
                (0.22, 1.85),
                (-0.15, 2.25),
                (0.30, 2.55),
                (-0.36, 1.95),
                (0.05, 1.45),
            ]
            for x, y in places:
                _flower(cloth, x, y, 0.11, outfit.accent)


def _flower(painter: Painter, x: float, y: float, radius: float, colour: Colour) -> None:
    for turn in range(5):
        angle = np.radians(72 * turn - 90)
        painter.fill(
            ellipse(
                x + 0.6 * radius * float(np.cos(angle)),
                y + 0.6 * radius * float(np.sin(angle)),
                radius * 0.46,
                radius * 0.46,
            ),
            colour,
        )
    painter.fill(ellipse(x, y, radius * 0.3, radius * 0.3), (255, 226, 120))


def _front(body: Painter, outfit: Outfit) -> None:
    dark = ink(outfit.top)
    if outfit.front == "buttons":
        for side in (-0.12, 0.12) if outfit.cut == "coat" else (0.0,):
            for y in (0.5, 0.72, 0.94, *((1.2, 1.45) if outfit.cut == "coat" else ())):
                body.shape(ellipse(side, y, 0.05, 0.05), outfit.accent, line=0.014)
    elif outfit.front == "zip":
        body.line([(0.0, 0.25), (0.0, 1.26)], mixed(outfit.top, WHITE, 0.6), (0.05, 0.05))
        for side in SIDES:
            body.line([(side * 0.16, 0.3), (side * 0.15, 0.45), (side * 0.16, 0.58)], WHITE, (0.03, 0.03, 0.03))
        body.line([(-0.30, 0.98), (-0.20, 0.9), (0.20, 0.9), (0.30, 0.98)], dark, (0.015, 0.02, 0.015))
    elif outfit.front == "apron":
        body.shape(outline([(-0.26, 0.42), (0.26, 0.42)], [(0.30, 1.0), (-0.30, 1.0)]), (252, 250, 246))
        body.shape(
            outline(
                [(-0.36, 0.98), (0.36, 0.98)],
                [(0.60, 1.5), (0.56, 1.78), (0.0, 1.86), (-0.56, 1.78), (-0.60, 1.5), (-0.36, 0.98)],
            ),
            (252, 250, 246),
        )
        body.shape(box(-0.40, 0.94, 0.40, 1.04), outfit.accent)
        for side in SIDES:
            body.line([(side * 0.24, 0.44), (side * 0.27, 0.12)], (252, 250, 246), (0.10, 0.10))
    elif outfit.front == "straps":
        body.shape(outline([(-0.28, 0.58), (0.28, 0.58)], [(0.36, 1.12), (-0.36, 1.12)]), outfit.bottom)
        for side in SIDES:
            body.shape(ribbon([(side * 0.25, 0.62), (side * 0.27, 0.14)], (0.11, 0.11)), outfit.bottom)
            body.shape(ellipse(side * 0.25, 0.64, 0.05, 0.05), (244, 200, 90), line=0.014)
        body.shape(
            outline([(-0.15, 0.72), (0.15, 0.72)], [(0.13, 0.94), (0.0, 0.98), (-0.13, 0.94)]),
            mixed(outfit.bottom, WHITE, 0.15),
        )
    elif outfit.front == "sash":
        body.shape(outline([(-0.43, 0.78), (0.43, 0.78)], [(0.43, 1.12), (0.0, 1.16), (-0.43, 1.12)]), outfit.accent)
        body.shape(box(-0.44, 0.92, 0.44, 0.99), mixed(outfit.accent, WHITE, 0.55), line=0.014)


def _collar(body: Painter, outfit: Outfit, *, behind: bool) -> None:
    if outfit.neck == "sailor":
        if behind:
            body.shape(outline([(-0.42, 0.14), (0.42, 0.14)], [(0.42, 0.62), (-0.42, 0.62)]), outfit.bottom)
            return
        for side in SIDES:
            flap = np.array(
                [(side * 0.15, 0.0), (side * 0.40, 0.17), (side * 0.40, 0.34), (0.0, 0.58), (side * 0.02, 0.50)]
            )
            body.shape(flap, outfit.bottom)
            body.line([(side * 0.34, 0.31), (side * 0.05, 0.49)], WHITE, (0.028, 0.028))
        _bow(body, 0.0, 0.58, 0.26, outfit.accent)
        for side in SIDES:
            body.shape(outline([(0.0, 0.6), (side * 0.17, 0.9)], [(side * 0.04, 0.88), (0.0, 0.6)]), outfit.accent)
    elif outfit.neck == "collar":
        if not behind:
            for side in SIDES:
                body.shape(
                    outline(
                        [(0.0, 0.20), (side * 0.20, 0.02)], [(side * 0.34, 0.16), (side * 0.20, 0.34), (0.0, 0.20)]
                    ),
                    (253, 252, 250),
                )
            _bow(body, 0.0, 0.25, 0.17, outfit.accent)
    elif outfit.neck == "crossed" and not behind:
        inner = mixed(outfit.top, WHITE, 0.9)
        body.fill(np.array([(-0.15, 0.0), (0.15, 0.0), (0.0, 0.36)]), (255, 231, 216))
        body.shape(ribbon([(0.20, 0.0), (-0.06, 0.46)], (0.10, 0.10)), inner, line=0.014)
        body.shape(ribbon([(-0.20, 0.0), (0.16, 0.72)], (0.13, 0.13)), inner, line=0.014)
        body.shape(ribbon([(-0.27, 0.02), (0.12, 0.76)], (0.07, 0.07)), outfit.top, line=0.014)
    elif outfit.neck == "scarf":
        wrap = outline(
            [(-0.40, -0.02), (-0.44, 0.16), (-0.34, 0.30)],
            [(0.0, 0.36), (0.34, 0.30), (0.44, 0.16), (0.40, -0.02), (0.0, 0.08), (-0.40, -0.02)],
        )
        tail = outline([(0.10, 0.25), (0.20, 0.6), (0.16, 1.02)], [(0.40, 1.0), (0.42, 0.6), (0.34, 0.2)])
        body.shape(tail, outfit.accent)
        body.shape(wrap, outfit.accent)
        body.line([(-0.36, 0.14), (0.0, 0.22), (0.34, 0.14)], ink(outfit.accent), (0.008, 0.02, 0.008))
        for x in (0.19, 0.26, 0.33):
            body.line([(x, 0.98), (x - 0.01, 1.10)], outfit.accent, (0.04, 0.03))
    elif outfit.neck == "roll":
        body.shape(
            outline(
                [(-0.22, -0.08), (0.0, -0.02), (0.22, -0.08)],
                [(0.27, 0.10), (0.0, 0.20), (-0.27, 0.10), (-0.22, -0.08)],
            ),
            outfit.top,
        )
    elif outfit.neck == "hood" and not behind:
        for side in SIDES:
            body.shape(
                outline(
                    [(side * 0.12, 0.04), (side * 0.36, 0.02), (side * 0.50, 0.20)],
                    [(side * 0.30, 0.34), (side * 0.02, 0.36), (side * 0.12, 0.04)],
                ),
                outfit.top,
            )
    elif outfit.neck == "frill" and not behind:
        for x in np.linspace(-0.36, 0.36, 7).tolist():
            body.shape(ellipse(x, 0.30 - 0.55 * x * x, 0.09, 0.075), (253, 250, 252), line=0.014)
        _bow(body, 0.0, 0.40, 0.16, outfit.accent)


def _bow(painter: Painter, x: float, y: float, size: float, colour: Colour) -> None:
    for side in SIDES:
        wing = outline(
            [(0.0, 0.0), (side * 0.5, -0.42), (side * 1.0, -0.40)],
            [(side * 1.0, -0.40), (side * 1.08, 0.0), (side * 1.0, 0.42)],
            [(side * 1.0, 0.42), (side * 0.5, 0.36), (0.0, 0.0)],
        )
        painter.shape(wing * size + (x, y), colour, line=0.018)
        painter.line(np.array([(side * 0.15, 0.02), (side * 0.6, 0.02)]) * size + (x, y), ink(colour), (0.02, 0.006))
    painter.shape(ellipse(x, y, size * 0.24, size * 0.26), mixed(colour, WHITE, 0.15), line=0.018)


# --- head ----------------------------------------------------------------------------------------


def _round(points: Points, turn: float, *, radius: float = 1.35) -> Points:
    """Points on the front of the head after it has turned about its axis."""
    angle = np.arcsin(np.clip(points[:, 0] / radius, -0.98, 0.98)) + 0.34 * turn
    return np.stack([radius * np.sin(angle), points[:, 1]], axis=1)


def _face(head: Painter, girl: Girl, expression: Expression, pose: Pose) -> None:
    turn = pose.turn

    def on(points: Points | Sequence[Point]) -> Points:
        return _round(np.asarray(points, dtype=np.float64), turn)

    shift = 0.30 * turn
    left = [
        (-0.93, -0.4),
        (-0.97 + shift * 0.1, 0.1),
        (-0.90 + shift * 0.25, 0.48),
        (-0.52 + shift * 0.7, 0.84),
        (shift, 1.0),
    ]
    right = [
        (shift, 1.0),
        (0.52 + shift * 0.7, 0.84),
        (0.90 + shift * 0.25, 0.48),
        (0.97 + shift * 0.1, 0.1),
        (0.93, -0.4),
    ]
    face = outline([*left, *right[1:]], [(0.7, -0.75), (-0.7, -0.75)])
    head.shape(face, girl.skin, line=0.02)
    shadow = mixed(girl.skin, (224, 140, 150), 0.42)
    with head.inside(face) as skin:
        skin.fill(
            outline([(-1.1, -1.0), (1.1, -1.0)], [(1.0, 0.08), (0.5, -0.02), (0.0, 0.05), (-0.5, -0.02), (-1.0, 0.08)]),
            shadow,
            alpha=0.55,
        )
        for side in SIDES:
            if expression.blush > 0:
                x, y = on([(side * 0.60, 0.55)])[0].tolist()
                skin.glow(x, y, 0.30, (255, 130, 130), alpha=0.75 * expression.blush, core=0.1)
                if expression.blush > 0.7:
                    for step in (-0.08, 0.0, 0.08):
                        skin.line(
                            on([(side * 0.60 + step + 0.03, 0.52), (side * 0.60 + step - 0.03, 0.60)]),
                            (236, 96, 104),
                            (0.018, 0.018),
                        )
    for side in SIDES:
        _eye(head, girl, expression, side, turn)
    head.line(
        on([(0.0, 0.53), (0.015, 0.555), (0.0, 0.57)]), mixed(girl.skin, (190, 90, 90), 0.6), (0.008, 0.03, 0.008)
    )
    _mouth(head, expression.mouth, on)
    if expression.tears:
        for side in SIDES:
            drop = outline(
                [(side * 0.58, 0.42), (side * 0.64, 0.56), (side * 0.60, 0.64)],
                [(side * 0.54, 0.60), (side * 0.55, 0.5), (side * 0.58, 0.42)],
            )
            head.shape(on(drop), (196, 232, 255), line=0.012)


def _brows(head: Painter, girl: Girl, expression: Expression, turn: float) -> None:
    """Drawn over the hair where they say something, as is usual in this style."""
    if expression.brows == 0:
        return
    for side in SIDES:
        arch = np.array([(-0.18, 0.02), (0.0, -0.02), (0.18, 0.02)]) * (side, 1)
        brow = shifted(rotated(arch, -expression.brows * side), side * 0.41, -0.10)
        head.fill(ribbon(_round(brow, turn), (0.030, 0.055, 0.018)), mixed(_shade(girl), (60, 40, 70), 0.72))


def _eye(head: Painter, girl: Girl, expression: Expression, side: int, turn: float) -> None:
    """One eye, drawn as if on the front of the head, its outer corner away from the nose."""
    x, y = side * 0.43, 0.31
    kind = expression.eyes
    if kind == "wink":
        kind = "happy" if side > 0 else "open"

    def on(points: Points | Sequence[Point]) -> Points:
        return _round(np.asarray(points, dtype=np.float64) * (side, 1) + (x, y), turn)

    if kind in ("happy", "shut"):
        arch = [(-0.22, 0.10), (-0.12, -0.03), (0.02, -0.07), (0.15, -0.02), (0.24, 0.10)]
        lid = np.array(arch) * (1, 1 if kind == "happy" else -1) + (0, 0.0 if kind == "happy" else 0.12)
        head.fill(ribbon(on(lid), (0.02, 0.055, 0.06, 0.055, 0.02)), LASH)
        outer = lid[3]
        head.line(on([tuple(outer), (0.27, outer[1] + (0.0 if kind == "happy" else 0.05))]), LASH, (0.03, 0.006))
        return

    open_share = {"wide": 1.1, "open": 1.0, "half": 1.0}[kind]
    white = outline(
        [(-0.21, 0.02), (-0.14, -0.18), (0.01, -0.24), (0.17, -0.15), (0.23, 0.0)],
        [(0.23, 0.0), (0.17, 0.21), (0.0, 0.27), (-0.15, 0.21), (-0.21, 0.02)],
    ) * (1.0, open_share)
    lid_drop = 0.17 if kind == "half" else 0.0
    head.fill(on(white), (252, 250, 252))
    size = 0.84 if kind == "wide" else 1.0
    ix, iy = side * expression.look[0] * 0.045, expression.look[1] * 0.05 + 0.015
    dark, bright = mixed(girl.eyes, (60, 16, 50), 0.48), mixed(girl.eyes, WHITE, 0.38)
    with head.inside(on(white)) as eye:
        iris = on(ellipse(ix, iy, 0.172 * size, 0.245 * size))
        eye.fill(iris, mixed(girl.eyes, (40, 16, 50), 0.72))
        eye.gradient(on(ellipse(ix, iy + 0.008, 0.150 * size, 0.222 * size)), dark, bright)
        eye.fill(
            on(ellipse(ix, iy + 0.135 * size, 0.095 * size, 0.065 * size)), mixed(girl.eyes, WHITE, 0.62), alpha=0.75
        )
        eye.fill(on(ellipse(ix, iy, 0.068 * size, 0.105 * size)), mixed(girl.eyes, (30, 10, 40), 0.88))
        eye.fill(on(ellipse(0.0, -0.24 + lid_drop, 0.30, 0.12)), (60, 40, 90), alpha=0.35)
        # Light falls from the upper left on both eyes, so these are not mirrored.
        eye.fill(on(ellipse(side * -0.055 + ix, iy - 0.085, 0.058, 0.075)), WHITE)
        eye.fill(on(ellipse(side * 0.075 + ix, iy + 0.095, 0.028, 0.034)), WHITE, alpha=0.9)
        if kind == "half":
            eye.fill(
                on(outline([(-0.3, -0.4), (0.3, -0.4)], [(0.3, -0.02), (0.0, -0.075), (-0.3, -0.02)])),
                mixed(girl.skin, (224, 140, 150), 0.25),
            )
    top = np.array([(-0.22, -0.02), (-0.15, -0.18), (0.01, -0.255), (0.17, -0.17), (0.25, -0.03), (0.32, -0.07)])
    top = top * (1.0, open_share)
    if kind == "half":
        top = np.array([(-0.23, 0.03), (-0.14, -0.04), (0.03, -0.08), (0.18, -0.04), (0.27, 0.04)])
    head.fill(ribbon(on(top), (0.018, 0.05, 0.075, 0.07, 0.055, 0.008)), LASH)
    head.line(on([(0.20, 0.17), (0.12, 0.262), (-0.03, 0.29)]), LASH, (0.008, 0.026, 0.006))
    if kind != "half":
        crease = np.array([(-0.10, -0.275), (0.04, -0.32), (0.17, -0.25)]) * (1.0, open_share)
        head.line(on(crease), mixed(girl.skin, (150, 70, 80), 0.6), (0.006, 0.018, 0.006))


def _mouth(head: Painter, kind: Mouth, on: Placing) -> None:
    lip: Colour = (150, 62, 72)
    inside: Colour = (176, 62, 74)
    y = 0.74
    curves: dict[Mouth, list[Point]] = {
        "smile": [(-0.15, -0.04), (-0.07, 0.01), (0.0, 0.025), (0.07, 0.01), (0.15, -0.04)],
        "frown": [(-0.10, 0.04), (0.0, -0.015), (0.10, 0.04)],
        "cat": [(-0.15, -0.03), (-0.08, 0.025), (0.0, -0.03), (0.08, 0.025), (0.15, -0.03)],
        "pout": [(-0.06, 0.02), (0.0, -0.012), (0.06, 0.02)],
        "flat": [(-0.08, 0.0), (0.0, 0.006), (0.08, 0.0)],
    }
    if kind in curves:
        head.fill(ribbon(on(shifted(np.array(curves[kind]), 0.0, y)), (0.012, 0.026, 0.026, 0.012)), lip)
        return
    if kind == "round":
        shape = on(ellipse(0.0, y + 0.01, 0.065, 0.085))
    else:
        wide, deep = {"open": (0.145, 0.15), "laugh": (0.21, 0.23), "grin": (0.20, 0.12)}[kind]
        shape = on(
            outline(
                [(-wide, y - 0.05), (0.0, y - 0.025), (wide, y - 0.05)],
                [
                    (wide, y - 0.05),
                    (wide * 0.72, y - 0.05 + deep * 0.75),
                    (0.0, y - 0.04 + deep),
                    (-wide * 0.72, y - 0.05 + deep * 0.75),
                    (-wide, y - 0.05),
                ],
            )
        )
    head.fill(shape, inside)
    with head.inside(shape) as mouth:
        if kind == "grin":
            mouth.fill(box(-1, 0, 1, 2), (255, 253, 252))
            mouth.line(on([(-0.3, y + 0.005), (0.0, y + 0.025), (0.3, y + 0.005)]), (226, 210, 214), (0.014, 0.014))
        else:
            mouth.fill(on(ellipse(0.0, y + 0.17, 0.15, 0.11)), (240, 128, 132))
    head.stroke(shape, lip, 0.02, closed=True)


# --- hair ----------------------------------------------------------------------------------------


def _shade(girl: Girl) -> Colour:
    return mixed(girl.hair, mixed(girl.tips, (70, 50, 120), 0.45), 0.55)


def _hair_behind(head: Painter, girl: Girl, pose: Pose) -> None:
    shade = _shade(girl)
    s = pose.sway
    if girl.style in ("twintails",):
        for side in SIDES:
            _tail(head, girl, side, s)
    if girl.style == "ponytail":
        tail = outline(
            [(0.35, -1.0), (1.05, -1.15), (1.62 + s, -0.45), (1.60 + s, 0.6), (1.30 + 1.5 * s, 1.55)],
            [(1.30 + 1.5 * s, 1.55), (1.15 + s, 0.7), (0.9, 0.0), (0.5, -0.5)],
        )
        head.shape(tail, girl.hair)
        head.line([(0.9, -0.95), (1.35 + s * 0.7, -0.2), (1.35 + s, 0.8)], shade, (0.01, 0.05, 0.01))
    if girl.style == "long":
        left = [
            (-1.12, -0.4),
            (-1.28 + 0.2 * s, 0.5),
            (-1.36 + 0.6 * s, 1.4),
            (-1.30 + s, 2.15),
            (-1.46 + 1.4 * s, 2.75),
        ]
        right = [(1.46 + 1.4 * s, 2.75), (1.30 + s, 2.15), (1.36 + 0.6 * s, 1.4), (1.28 + 0.2 * s, 0.5), (1.12, -0.4)]
        ends = [
            [(-1.46 + 1.4 * s, 2.75), (-1.05 + 1.1 * s, 2.62), (-0.86 + s, 2.42)],
            [(-0.86 + s, 2.42), (-0.70 + 1.2 * s, 2.80), (-0.78 + 1.3 * s, 3.02)],
            [(-0.78 + 1.3 * s, 3.02), (-0.30 + s, 2.80), (-0.12 + s, 2.46)],
            [(-0.12 + s, 2.46), (0.20 + 1.1 * s, 2.82), (0.52 + 1.3 * s, 3.0)],
            [(0.52 + 1.3 * s, 3.0), (0.72 + s, 2.75), (0.80 + s, 2.42)],
            [(0.80 + s, 2.42), (1.1 + 1.1 * s, 2.66), (1.46 + 1.4 * s, 2.75)],
        ]
        shape = outline([(0.0, -1.2), (-0.8, -0.95), *left], *ends, [*right, (0.8, -0.95), (0.0, -1.2)])
        head.gradient(shape, shade, mixed(shade, girl.tips, 0.75))
        head.stroke(shape, ink(girl.hair), 0.022, closed=True)
        with head.inside(shape) as hair:
            for x in (-1.05, -0.75, 0.78, 1.08):
                hair.line(
                    [(x, 0.2), (x * 1.04 + 0.5 * s, 1.4), (x * 0.98 + 1.1 * s, 2.5)],
                    ink(girl.hair),
                    (0.004, 0.026, 0.004),
                )
    elif girl.style in ("bob", "short"):
        low = 1.18 if girl.style == "bob" else 0.72
        shape = outline(
            [(0.0, -1.25), (-0.85, -0.95), (-1.17, -0.2), (-1.18, low - 0.4), (-0.98 + 0.3 * s, low)],
            [(-0.98 + 0.3 * s, low), (-0.5, low - 0.18), (0.0, low - 0.10), (0.5, low - 0.18), (0.98 + 0.3 * s, low)],
            [(0.98 + 0.3 * s, low), (1.18, low - 0.4), (1.17, -0.2), (0.85, -0.95), (0.0, -1.25)],
        )
        head.shape(shape, shade)
    else:
        head.shape(ellipse(0.0, -0.08, 1.10, 1.12), shade)


def _tail(head: Painter, girl: Girl, side: int, s: float) -> None:
    tail = outline(
        [
            (side * 0.85, -0.75),
            (side * 1.55 + 0.3 * s, -0.75),
            (side * 1.95 + 0.7 * s, 0.1),
            (side * 1.85 + s, 1.1),
            (side * 1.45 + 1.5 * s, 1.95),
        ],
        [(side * 1.45 + 1.5 * s, 1.95), (side * 1.40 + s, 1.2), (side * 1.22 + 0.6 * s, 0.4), (side * 0.95, -0.3)],
    )
    head.gradient(tail, girl.hair, mixed(girl.hair, girl.tips, 0.8))
    head.stroke(tail, ink(girl.hair), 0.022, closed=True)
    head.line(
        [(side * 1.1, -0.5), (side * 1.55 + 0.5 * s, 0.2), (side * 1.55 + s, 1.2)], _shade(girl), (0.01, 0.05, 0.01)
    )


def _hair_in_front(head: Painter, girl: Girl, pose: Pose) -> None:
    turn, s = pose.turn, pose.sway

    def on(points: Sequence[Point]) -> list[Point]:
        placed = _round(np.array(points, dtype=np.float64), turn)
        return [(float(x), float(y)) for x, y in placed]

    def half(points: Sequence[Point]) -> list[Point]:
        """Locks hang away from the face and follow it less."""
        return [((x + x0) / 2, y) for (x, y), (x0, _) in zip(on(points), points, strict=True)]

    low = {"long": 1.28, "bob": 0.98, "short": 0.62, "twintails": 1.02, "ponytail": 0.92, "braids": 0.80}[girl.style]
    tip = 0.25 * s
    outer = [
        (-0.93 + tip, low), (-1.13, low * 0.45), (-1.16, -0.05), (-1.08, -0.55), (-0.75, -1.03), (-0.28, -1.25),
        (0.10, -1.28), (0.75, -1.05), (1.08, -0.55), (1.16, -0.05), (1.13, low * 0.45), (0.93 + tip, low),
    ]  # fmt: skip
    right_lock = [(0.93 + tip, low), *half([(0.82, low * 0.55)]), *on([(0.80, -0.10)])]
    left_lock = [*on([(-0.80, -0.10)]), *half([(-0.82, low * 0.55)]), (-0.93 + tip, low)]
    bangs = [
        on([(0.80, -0.10), (0.74, 0.0), (0.63, 0.13)]),
        on([(0.63, 0.13), (0.51, -0.04), (0.44, -0.22)]),
        on([(0.44, -0.22), (0.37, -0.08), (0.24, 0.03)]),
        on([(0.24, 0.03), (0.13, -0.08), (0.08, -0.26)]),
        on([(0.08, -0.26), (0.0, -0.06), (-0.15, 0.09)]),
        on([(-0.15, 0.09), (-0.28, -0.06), (-0.34, -0.22)]),
        on([(-0.34, -0.22), (-0.45, -0.04), (-0.61, 0.11)]),
        on([(-0.61, 0.11), (-0.74, 0.0), (-0.80, -0.10)]),
    ]
    shape = outline(outer, right_lock, *bangs, left_lock)
    shade, bright = _shade(girl), mixed(girl.hair, WHITE, 0.62)
    head.fill(shape, girl.hair)
    with head.inside(shape) as hair:
        for side in SIDES:
            hair.fill(
                outline(
                    [(side * 0.93, -0.35), (side * 1.0, low * 0.5), (side * 0.95 + tip, low + 0.1)],
                    [(side * 0.7, low), (side * 0.80, low * 0.3), (side * 0.93, -0.35)],
                ),
                shade,
                alpha=0.7,
            )
            hair.fill(
                outline(
                    [(side * 1.02, -0.7), (side * 1.12, 0.2), (side * 1.0 + tip, low)],
                    [(side * 1.3, low), (side * 1.3, -0.7)],
                ),
                shade,
                alpha=0.55,
            )
        shine = [
            (-0.82, -0.52),
            (-0.62, -0.64),
            (-0.40, -0.70),
            (-0.10, -0.74),
            (0.20, -0.73),
            (0.48, -0.67),
            (0.70, -0.57),
        ]
        lower: list[Point] = []
        for (x0, y0), (x1, _) in zip(shine[::-1], shine[-2::-1], strict=False):
            lower += [(x0, y0 + 0.10), ((x0 + x1) / 2, y0 + 0.20)]
        band = np.concatenate([smooth(on(shine)), np.array(on([*lower, (-0.82, -0.46)]))])
        hair.fill(band, bright, alpha=0.8)
        hair.glow(-0.35, -1.0, 0.7, bright, alpha=0.35)
        for points in (
            [(0.08, -0.28), (0.12, -0.7), (0.05, -1.1)],
            [(-0.34, -0.24), (-0.42, -0.6), (-0.25, -1.0)],
            [(0.44, -0.24), (0.52, -0.6), (0.32, -1.02)],
            [(0.80, -0.10), (0.86, -0.5), (0.6, -0.9)],
            [(-0.80, -0.10), (-0.88, -0.5), (-0.62, -0.9)],
        ):
            hair.line(on(points), shade, (0.03, 0.03, 0.004))
    head.stroke(shape, ink(girl.hair), 0.022, closed=True)
    if girl.ahoge:
        wisp = outline(
            [(0.0, -1.22), (0.10, -1.55), (0.42 + 0.4 * s, -1.66)],
            [(0.42 + 0.4 * s, -1.66), (0.30, -1.50), (0.16, -1.22)],
        )
        head.shape(wisp, girl.hair)
    if girl.style == "braids":
        for side in SIDES:
            for step in range(6):
                y = 0.55 + 0.27 * step
                head.shape(
                    ellipse(
                        side * (0.98 + 0.03 * step) + 0.08 * s * step, y, 0.19 - 0.012 * step, 0.17, turn=side * 18.0
                    ),
                    girl.hair,
                )
            head.shape(ellipse(side * 1.15 + 0.5 * s, 2.08, 0.11, 0.20), girl.tips)
            _bow(head, side * 1.14 + 0.45 * s, 1.94, 0.16, (226, 84, 96))
    if girl.style == "twintails":
        for side in SIDES:
            _bow(head, side * 0.98, -0.72, 0.22, (240, 110, 130))
    if girl.clip is not None:
        x, y = on([(0.66, -0.30)])[0]
        head.shape(star(x, y, 0.19, turn=12, waist=0.52), girl.clip, line=0.024)
        head.fill(star(x - 0.02, y - 0.02, 0.09, turn=12, waist=0.52), mixed(girl.clip, WHITE, 0.6))


def _hair_from_behind(head: Painter, girl: Girl, pose: Pose) -> None:
    s = pose.sway
    low = {"long": 2.05, "bob": 1.10, "short": 0.75, "twintails": 0.7, "ponytail": 0.7, "braids": 0.7}[girl.style]
    shape = outline(
        [(0.0, -1.28), (-0.75, -1.05), (-1.13, -0.3), (-1.18 + 0.2 * s, low * 0.5), (-1.02 + s, low)],
        [(-1.02 + s, low), (-0.80 + s, low - 0.10), (-0.62 + s, low - 0.22)],
        [(-0.62 + s, low - 0.22), (-0.45 + s, low + 0.05), (-0.30 + s, low + 0.16)],
        [(-0.30 + s, low + 0.16), (-0.05 + s, low - 0.02), (0.08 + s, low - 0.20)],
        [(0.08 + s, low - 0.20), (0.32 + s, low + 0.08), (0.48 + s, low + 0.14)],
        [(0.48 + s, low + 0.14), (0.78 + s, low - 0.10), (1.02 + s, low)],
        [(1.02 + s, low), (1.18 + 0.2 * s, low * 0.5), (1.13, -0.3), (0.75, -1.05), (0.0, -1.28)],
    )
    if girl.style in ("twintails",):
        for side in SIDES:
            _tail(head, girl, side, s)
    head.gradient(shape, girl.hair, mixed(girl.hair, girl.tips, 0.85))
    shade = _shade(girl)
    with head.inside(shape) as hair:
        for x in (-0.85, -0.55, -0.25, 0.05, 0.38, 0.7, 0.92):
            hair.line(
                [(x * 0.35, -1.05), (x, 0.1), (x * 1.02 + 0.5 * s, low * 0.7), (x * 0.95 + s, low)],
                shade,
                (0.004, 0.03, 0.03, 0.006),
            )
        for x in np.linspace(-0.75, 0.75, 9).tolist():
            hair.fill(ellipse(x, -0.52 - 0.18 * (1 - x * x), 0.085, 0.12), mixed(girl.hair, WHITE, 0.6), alpha=0.75)
    head.stroke(shape, ink(girl.hair), 0.022, closed=True)
    if girl.ahoge:
        head.shape(
            outline([(0.0, -1.22), (-0.10, -1.55), (-0.40, -1.64)], [(-0.40, -1.64), (-0.26, -1.48), (-0.14, -1.22)]),
            girl.hair,
        )
    if girl.clip is not None:
        head.shape(star(-0.88, -0.42, 0.17, turn=-12, waist=0.52), girl.clip, line=0.024)


# --- hats ----------------------------------------------------------------------------------------


def _hat(head: Painter, girl: Girl, outfit: Outfit, pose: Pose) -> None:
    colour = outfit.hat_colour
    if outfit.hat == "straw":
        head.shape(ellipse(0.0, -0.62, 1.75, 0.42), mixed(colour, (120, 80, 40), 0.12))
        crown = outline(
            [(-0.98, -0.66), (-0.92, -1.25), (-0.45, -1.58), (0.45, -1.58), (0.92, -1.25), (0.98, -0.66)],
            [(0.98, -0.66), (0.0, -0.52), (-0.98, -0.66)],
        )
        head.shape(crown, colour)
        head.shape(
            outline([(-0.98, -0.78), (0.0, -0.64), (0.98, -0.78)], [(0.97, -0.98), (0.0, -0.85), (-0.97, -0.98)]),
            outfit.accent,
        )
        _bow(head, 0.86, -0.78, 0.24, outfit.accent)
    elif outfit.hat == "witch":
        cone = outline(
            [(-0.95, -0.72), (-0.62, -1.5), (-0.1, -2.2), (0.55, -2.55)],
            [(0.55, -2.55), (0.45, -2.0), (0.75, -1.4), (0.95, -0.72)],
        )
        head.shape(ellipse(0.0, -0.70, 1.75, 0.36), mixed(colour, (10, 0, 30), 0.25))
        head.shape(cone, colour)
        head.shape(
            outline([(-0.94, -0.76), (0.0, -0.62), (0.94, -0.76)], [(0.86, -1.0), (0.0, -0.86), (-0.86, -1.0)]),
            outfit.accent,
        )
        head.shape(star(0.0, -0.83, 0.17), (255, 214, 90), line=0.02)
    elif outfit.hat == "beanie":
        head.shape(
            outline(
                [(-1.08, -0.55), (-1.0, -1.15), (-0.5, -1.52), (0.5, -1.52), (1.0, -1.15), (1.08, -0.55)],
                [(1.08, -0.55), (0.0, -0.42), (-1.08, -0.55)],
            ),
            colour,
        )
        head.shape(
            outline(
                [(-1.12, -0.40), (-1.14, -0.72)],
                [(-1.14, -0.72), (0.0, -0.62), (1.14, -0.72)],
                [(1.12, -0.40), (0.0, -0.28), (-1.12, -0.40)],
            ),
            mixed(colour, WHITE, 0.5),
        )
        head.shape(ellipse(0.0, -1.62, 0.26, 0.26), (252, 250, 250))
    elif outfit.hat == "beret":
        head.shape(
            rotated(
                outline(
                    [(-1.15, -0.92), (-1.1, -1.35), (-0.3, -1.62), (0.7, -1.5), (1.15, -1.1), (1.0, -0.85)],
                    [(1.0, -0.85), (0.0, -0.98), (-1.15, -0.92)],
                ),
                -10,
            ),
            colour,
        )
        head.line([(-0.2, -1.58), (-0.22, -1.72)], ink(colour), (0.06, 0.04))
    elif outfit.hat == "bow":
        _bow(head, -0.05, -1.18, 0.46, colour)
    elif outfit.hat == "hood":
        hood = outline(
            [
                (-0.80, 0.95),
                (-1.22, 0.5),
                (-1.34, -0.3),
                (-0.95, -1.2),
                (0.0, -1.52),
                (0.95, -1.2),
                (1.34, -0.3),
                (1.22, 0.5),
                (0.80, 0.95),
            ],
            [
                (0.80, 0.95),
                (1.02, 0.4),
                (1.08, -0.2),
                (0.78, -0.86),
                (0.0, -1.08),
                (-0.78, -0.86),
                (-1.08, -0.2),
                (-1.02, 0.4),
                (-0.80, 0.95),
            ],
        )
        head.shape(hood, colour)
