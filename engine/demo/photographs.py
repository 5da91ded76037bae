"""Photographs of a teapot that does not exist: shaded quadrics, soft light, lens and sensor.

The pot is a union of ellipsoids (tubes are rows of spheres), seen by a far camera, so that rays are
parallel and each surface is a closed formula per pixel. Units: half the pot's width is 1; x points
right, y up, z towards the viewer; the pot stands on y = 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tagmetry.demo.drawing import Colour, smooth

Array = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]
Vector = tuple[float, float, float]
Matter = Literal["glaze", "cup", "tea", "hollow", "lemon", "leaf"]

POT = 5
"""The seed of the glaze."""

MATTERS: tuple[Matter, ...] = ("glaze", "cup", "tea", "hollow", "lemon", "leaf")


@dataclass(frozen=True, slots=True)
class Light:
    """One large soft lamp or window, and what the room adds."""

    azimuth: float = -50.0
    """Degrees from the viewer's direction, to the right."""
    height: float = 50.0
    """Degrees above the table."""
    power: float = 1.0
    room: float = 0.42
    softness: float = 0.35
    """Blur of the cast shadow, in units."""
    warmth: float = 0.0
    """-1 (blue) to 1 (orange)."""
    pattern: Literal["none", "blinds", "leaves", "panes"] = "none"
    """What stands between lamp and table."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph with its caption."""

    caption: str
    size: tuple[int, int]
    yaw: float
    """Degrees the pot is turned: at 0 the spout points right, at 90 away from the viewer."""
    pitch: float
    """Degrees the camera looks down."""
    zoom: float
    at: tuple[float, float]
    """The point (across, up) of the view that is in the middle of the picture."""
    light: Light = field(default_factory=Light)
    backdrop: Colour = (236, 234, 230)
    table: Literal["paper", "wood", "linen", "stone"] = "paper"
    table_colour: Colour | None = None
    cups: tuple[tuple[float, float], ...] = ()
    """Where cups stand: x, z."""
    leaves: int = 0
    lemon: tuple[float, float] | None = None
    tray: float = 0.0
    """Radius of a wooden tray under the pot."""
    lidless: bool = False
    noise: float = 2.2
    """Standard deviation of the sensor's noise, of 255."""


@dataclass(frozen=True, slots=True)
class _Solid:
    """An ellipsoid: (p - centre)' form (p - centre) = 1 in the pot's coordinates."""

    centre: Array
    form: Array
    matter: Matter
    along: Array | None = None
    """The direction of the tube that this sphere is a part of."""
    cut: float = np.inf
    """Height above which it is open: one looks inside."""
    turns: bool = True
    """Turns with the pot."""


def _ellipsoid(centre: Vector, radii: Vector, matter: Matter, *, cut: float = np.inf, turns: bool = True) -> _Solid:
    form = np.diag(1.0 / np.square(np.array(radii, dtype=np.float32))).astype(np.float32)
    return _Solid(np.array(centre, dtype=np.float32), form, matter, cut=cut, turns=turns)


def _tube(line: Sequence[tuple[float, float]], radii: Sequence[float], *, count: int = 46) -> list[_Solid]:
    """Spheres along a smooth line in the plane z = 0."""
    curve = smooth(line)
    places = np.linspace(0, len(curve) - 1, count)
    xs, ys = (np.interp(places, np.arange(len(curve)), curve[:, axis]) for axis in (0, 1))
    sizes = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(radii)), radii)
    steps = np.stack([np.gradient(xs), np.gradient(ys), np.zeros(count)], axis=1)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    return [
        _Solid(
            np.array([x, y, 0.0], dtype=np.float32),
            (np.eye(3) / size**2).astype(np.float32),
            "glaze",
            along=step.astype(np.float32),
        )
        for x, y, size, step in zip(xs, ys, sizes, steps, strict=True)
    ]


def _ring(y: float, radius: float, thick: float, *, count: int = 72) -> list[_Solid]:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return [
        _Solid(
            np.array([radius * np.cos(a), y, radius * np.sin(a)], dtype=np.float32),
            (np.eye(3) / thick**2).astype(np.float32),
            "glaze",
            along=np.array([-np.sin(a), 0.0, np.cos(a)], dtype=np.float32),
        )
        for a in angles
    ]


def _pot(*, lidless: bool) -> list[_Solid]:
    solids = [
        _ellipsoid((0.0, 0.80, 0.0), (1.0, 0.80, 1.0), "glaze", cut=1.46 if lidless else np.inf),
        _ellipsoid((0.0, 0.10, 0.0), (0.60, 0.12, 0.60), "glaze"),
        *_ring(1.475, 0.50, 0.05),
        *_tube([(0.78, 0.55), (1.14, 0.72), (1.36, 1.10), (1.62, 1.42)], (0.30, 0.22, 0.15, 0.115)),
        _ellipsoid((1.665, 1.465, 0.0), (0.075, 0.075, 0.075), "hollow"),
        *_tube(
            [(-0.82, 1.22), (-1.24, 1.36), (-1.58, 1.06), (-1.42, 0.62), (-0.90, 0.42)],
            (0.10, 0.085, 0.08, 0.085, 0.11),
        ),
    ]
    if lidless:
        return [*solids, _ellipsoid((0.0, 1.22, 0.0), (0.80, 0.02, 0.80), "tea")]
    return [
        *solids,
        _ellipsoid((0.0, 1.50, 0.0), (0.49, 0.17, 0.49), "glaze"),
        _ellipsoid((0.0, 1.66, 0.0), (0.08, 0.10, 0.08), "glaze"),
        _ellipsoid((0.0, 1.80, 0.0), (0.15, 0.12, 0.15), "glaze"),
    ]


def _props(shot: Shot, random: np.random.Generator) -> list[_Solid]:
    solids = []
    for x, z in shot.cups:
        solids += [
            _ellipsoid((x, 0.52, z), (0.46, 0.50, 0.46), "cup", cut=0.62, turns=False),
            _ellipsoid((x, 0.50, z), (0.45, 0.012, 0.45), "tea", turns=False),
            _ellipsoid((x, 0.05, z), (0.24, 0.06, 0.24), "cup", turns=False),
        ]
    if shot.lemon is not None:
        x, z = shot.lemon
        solids.append(_ellipsoid((x, 0.27, z), (0.36, 0.27, 0.27), "lemon", turns=False))
        solids.append(_ellipsoid((x + 0.35, 0.27, z), (0.06, 0.07, 0.07), "lemon", turns=False))
    for _ in range(shot.leaves):
        angle, far = random.uniform(0, 2 * np.pi), random.uniform(1.25, 2.3)
        size = random.uniform(0.035, 0.075)
        centre = (float(far * np.cos(angle)), 0.015, float(far * np.sin(angle)) + 0.3)
        spin = random.uniform(0, np.pi)
        turn = np.array([[np.cos(spin), 0, -np.sin(spin)], [0, 1, 0], [np.sin(spin), 0, np.cos(spin)]])
        flat = np.diag([1 / size**2, 1 / 0.02**2, 1 / (0.4 * size) ** 2])
        solids.append(
            _Solid(np.array(centre, dtype=np.float32), (turn @ flat @ turn.T).astype(np.float32), "leaf", turns=False)
        )
    return solids


# --- noise ---------------------------------------------------------------------------------------


def _noise3(points: Array, lattice: Array) -> Array:
    """Smooth noise in 0..1 at points (n, 3), periodic over the lattice."""
    size = lattice.shape[0]
    values = lattice.ravel()
    cell = np.floor(points)
    t = points - cell
    tx, ty, tz = (t * t * (3 - 2 * t)).T
    low = cell.astype(np.int32) % size
    high = (low + 1) % size
    x0, y0, z0 = low.T * np.array([[size * size], [size], [1]], dtype=np.int32)
    x1, y1, z1 = high.T * np.array([[size * size], [size], [1]], dtype=np.int32)

    def along_x(row: NDArray[np.int32]) -> Array:
        first = values[x0 + row]
        met: Array = first + (values[x1 + row] - first) * tx
        return met

    def along_y(layer: NDArray[np.int32]) -> Array:
        first = along_x(y0 + layer)
        met: Array = first + (along_x(y1 + layer) - first) * ty
        return met

    near = along_y(z0)
    met: Array = near + (along_y(z1) - near) * tz
    return met


def _cloudy(
    size: tuple[int, int], cells: tuple[float, float], random: np.random.Generator, *, octaves: int = 4
) -> Array:
    """Smooth noise in about 0..1 over a picture; `cells` are counts across and down."""
    total = np.zeros((size[1], size[0]), dtype=np.float32)
    for octave in range(octaves):
        wide = max(2, min(size[0], round(cells[0] * 2**octave)))
        high = max(2, min(size[1], round(cells[1] * 2**octave)))
        grid = Image.fromarray(random.random((high, wide), dtype=np.float32))
        total += np.asarray(grid.resize(size, Image.Resampling.BICUBIC)) * 0.5 ** (octave + 1)
    return total


def _blurred(values: Numbers, radius: float) -> Array:
    """A Gaussian blur of values in 0..1, one or three channels."""
    levels = Image.fromarray(np.clip(values * 255, 0, 255).astype(np.uint8))
    soft = levels.filter(ImageFilter.GaussianBlur(radius))
    return (np.asarray(soft, dtype=np.float32) / 255).astype(np.float32)


def _step(low: float, high: float, values: Numbers) -> Array:
    t = np.clip((values - low) / (high - low), 0, 1)
    smoothed: Array = (t * t * (3 - 2 * t)).astype(np.float32)
    return smoothed


def _linear(colour: Colour) -> Array:
    """Light of a screen colour."""
    return ((np.array(colour, dtype=np.float32) / 255) ** 2.2).astype(np.float32)


# --- light ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lamp:
    way: Array
    """Unit vector towards the lamp."""
    across: Array
    up: Array
    colour: Array
    pattern: Array | None

    def falls(self, points: Array) -> Array | float:
        """Share of the lamp's light that its pattern lets through to points (..., 3)."""
        if self.pattern is None:
            return 1.0
        size = self.pattern.shape[0]
        u = ((points @ self.across + 3.0) / 6.0 * size).astype(np.int32) % size
        v = ((points @ self.up + 3.0) / 6.0 * size).astype(np.int32) % size
        lit: Array = self.pattern[v, u]
        return lit


def _lamp(light: Light, random: np.random.Generator) -> _Lamp:
    azimuth, height = np.radians(light.azimuth), np.radians(light.height)
    way = np.array([np.sin(azimuth) * np.cos(height), np.sin(height), np.cos(azimuth) * np.cos(height)])
    across = np.cross([0.0, 1.0, 0.0], way)
    across /= np.linalg.norm(across)
    warm = light.warmth
    tint = np.array([1 + 0.22 * warm, 1.0 + 0.02 * warm, 1 - 0.30 * warm])
    return _Lamp(
        way.astype(np.float32),
        across.astype(np.float32),
        np.cross(way, across).astype(np.float32),
        (tint * light.power).astype(np.float32),
        _pattern(light.pattern, random),
    )


def _pattern(kind: str, random: np.random.Generator) -> Array | None:
    if kind == "none":
        return None
    size = 384
    image = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(image)
    if kind == "blinds":
        for y in range(0, size, 32):
            draw.rectangle((0, y, size, y + 15), fill=40)
        soft = 2.5
    elif kind == "panes":
        draw.rectangle((0, 0, size, size), fill=60)
        for x in (92, 200):
            for y in (60, 150, 240):
                draw.rectangle((x, y, x + 92, y + 76), fill=255)
        soft = 4.0
    else:
        for _ in range(26):
            left, top, angle = random.uniform(0, size), random.uniform(0, size), random.uniform(0, 2 * np.pi)
            for leaf in range(-4, 5):
                a = angle + leaf * 0.26
                tip = (left + 85 * np.cos(a), top + 85 * np.sin(a))
                side = (5 * np.sin(a), -5 * np.cos(a))
                middle = (left + 45 * np.cos(a), top + 45 * np.sin(a))
                draw.polygon(
                    [
                        (left, top),
                        (middle[0] + side[0], middle[1] + side[1]),
                        tip,
                        (middle[0] - side[0], middle[1] - side[1]),
                    ],
                    fill=70,
                )
        soft = 3.0
    return _blurred(np.asarray(image, dtype=np.float32) / 255, soft)


# --- the picture ---------------------------------------------------------------------------------


def photograph(shot: Shot, *, seed: int, scale: float) -> Image.Image:
    """Take the picture, `scale` times as large as the shot says."""
    random = np.random.default_rng(seed)
    width, height = (max(8, round(side * scale)) for side in shot.size)
    unit = shot.zoom * min(width, height) / 4
    pitch = np.radians(shot.pitch)
    tilt = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]], dtype=np.float32
    )
    xs = ((np.arange(width, dtype=np.float32) + 0.5 - width / 2) / unit + shot.at[0]).astype(np.float32)
    ys = (-(np.arange(height, dtype=np.float32) + 0.5 - height / 2) / unit + shot.at[1]).astype(np.float32)
    lamp = _lamp(shot.light, random)
    solids = [*_pot(lidless=shot.lidless), *_props(shot, random)]

    scene = _table(shot, lamp, solids, xs, ys, unit, random)
    colours, cover = _things(shot, lamp, solids, tilt, xs, ys)
    # The lens joins things and table softly, which also smooths the outline.
    soft = 0.75 * max(0.4, min(1.0, min(width, height) / 800))
    cover3 = cover[..., None]
    edge = _blurred(cover, soft)[..., None]
    lifted = _blurred(np.sqrt(np.clip(colours * cover3, 0, 4) / 4), soft) ** 2 * 4
    picture = scene * (1 - edge) + lifted
    return _developed(picture, shot, random)


def _turn(shot: Shot) -> Array:
    yaw = np.radians(shot.yaw)
    return np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]], dtype=np.float32)


def _table(
    shot: Shot, lamp: _Lamp, solids: Sequence[_Solid], xs: Array, ys: Array, unit: float, random: np.random.Generator
) -> Array:
    """Table and backdrop with the shadows that fall on them, as light (height, width, 3)."""
    size = (len(xs), len(ys))
    pitch = np.radians(shot.pitch)
    z = (-ys / np.sin(pitch)).astype(np.float32)
    points = np.stack(np.broadcast_arrays(xs[None, :], np.float32(0), z[:, None]), axis=-1).astype(np.float32)
    wall = _step(2.2, 3.6, -z)[:, None, None]

    ground = _linear(shot.table_colour or shot.backdrop)
    texture = _texture(shot.table, size, unit, float(np.sin(pitch)), random)
    # Sharp where the pot stands, blurred in front of and behind it.
    far = _step(0.8, 3.2, np.abs(z - 0.2))[:, None]
    texture = texture * (1 - far) + _blurred(texture, 0.06 * unit) * far
    sharp = ground * (0.62 + 0.76 * texture[..., None])
    backdrop = _linear(shot.backdrop) * (0.80 + 0.25 * _step(-3.0, 3.0, xs * np.sign(lamp.way[0] or 1))[None, :, None])
    surface = sharp * (1 - wall) + backdrop * wall
    if shot.tray:
        inside = _step(-0.02, 0.02, shot.tray - np.hypot(points[..., 0], points[..., 2]))[..., None]
        grain = _texture("wood", size, unit, float(np.sin(pitch)), random)[..., None]
        rim = np.exp(-(((np.hypot(points[..., 0], points[..., 2]) - shot.tray) / 0.05) ** 2))[..., None]
        surface = surface * (1 - inside) + _linear((150, 104, 70)) * (0.6 + 0.8 * grain) * inside
        surface = surface * (1 - 0.35 * rim)

    shadow = _shadow(shot, lamp, solids, xs, ys, unit)[..., None]
    falls = lamp.falls(points)
    direct = (falls[..., None] if isinstance(falls, np.ndarray) else falls) * max(0.25, float(lamp.way[1]))
    direct = direct * (1 - wall) + (0.55 + 0.25 * float(lamp.way[1])) * wall
    pool = np.exp(-((xs[None, :] - 0.5 * lamp.way[0]) ** 2 + (z[:, None] * 0.7) ** 2) / 14)[..., None]
    lit = lamp.colour * direct * (1 - shadow) * (0.72 + 0.4 * pool)
    occluded = _contact(solids, points, shot)[..., None]
    result: Array = (surface * (lit + shot.light.room * (1 - 0.75 * occluded))).astype(np.float32)
    return result


def _texture(kind: str, size: tuple[int, int], unit: float, squeeze: float, random: np.random.Generator) -> Array:
    """A surface pattern around 0.5."""
    wide, high = size[0] / unit, size[1] / unit / squeeze
    if kind == "wood":
        grain = _cloudy(size, (wide * 0.5, high * 7), random)
        rings = np.sin(grain * 46 + _cloudy(size, (wide, high * 2), random) * 9)
        fine = _cloudy(size, (wide * 2, high * 60), random, octaves=2)
        boards = (np.arange(size[1], dtype=np.float32) / unit / squeeze) % 1.6
        seam = np.exp(-(((boards - 0.02) / 0.025) ** 2))[:, None]
        result = 0.40 + 0.10 * rings + 0.30 * (fine - 0.35) - 0.25 * seam + 0.12 * grain
    elif kind == "linen":
        across = np.sin(np.arange(size[0], dtype=np.float32) / unit * 150)[None, :]
        down = np.sin(np.arange(size[1], dtype=np.float32) / unit / squeeze * 150)[:, None]
        result = (
            0.48
            + 0.05 * across * down
            + 0.30 * (_cloudy(size, (wide * 3, high * 24), random) - 0.45)
            + 0.12 * (_cloudy(size, (wide * 26, high * 2), random) - 0.45)
        )
    elif kind == "stone":
        veins = np.abs(_cloudy(size, (wide * 0.9, high * 0.9), random, octaves=5) - 0.48)
        result = (
            0.52 - 0.35 * np.exp(-((veins / 0.018) ** 2)) + 0.4 * (_cloudy(size, (wide * 9, high * 9), random) - 0.45)
        )
    else:
        result = 0.5 + 0.05 * (_cloudy(size, (wide * 14, high * 14), random) - 0.45)
    pattern: Array = np.clip(result, 0, 1).astype(np.float32)
    return pattern


def _shadow(shot: Shot, lamp: _Lamp, solids: Sequence[_Solid], xs: Array, ys: Array, unit: float) -> Array:
    """How much of the lamp each point of the table misses, softer the higher what hides it."""
    small = 4
    width, height = max(2, len(xs) // small), max(2, len(ys) // small)
    squeeze = float(np.sin(np.radians(shot.pitch)))
    turn = _turn(shot)
    layers = [Image.new("L", (width, height)) for _ in range(3)]
    brushes = [ImageDraw.Draw(layer) for layer in layers]
    angles = np.linspace(0, 2 * np.pi, 28)
    for solid in solids:
        if solid.matter in ("leaf", "tea", "hollow"):
            continue
        centre = turn @ solid.centre if solid.turns else solid.centre
        radii = 1 / np.sqrt(np.diag(solid.form))
        # Each solid is cut into level discs: the shadow of one is the same disc, shifted.
        slices = 13 if radii[0] > 0.3 else 1
        for part in np.linspace(-0.93, 0.93, slices) if slices > 1 else (0.0,):
            y = float(centre[1] + part * radii[1])
            if y <= 0 or y > solid.cut:
                continue
            radius = float(radii[0] * np.sqrt(1 - part * part))
            shift = lamp.way * (y / max(0.2, float(lamp.way[1])))
            x = centre[0] - shift[0] + radius * np.cos(angles)
            z = centre[2] - shift[2] + radius * np.sin(angles)
            across = (x - xs[0]) * unit / small
            down = (ys[0] + z * squeeze) * unit / small
            level = 0 if y < 0.35 else 1 if y < 1.0 else 2
            brushes[level].polygon(np.stack([across, down], axis=1).ravel().tolist(), fill=255)
    total = np.zeros((height, width), dtype=np.float32)
    for layer, share in zip(layers, (0.25, 0.6, 1.0), strict=True):
        soft = np.asarray(layer.filter(ImageFilter.GaussianBlur(max(0.5, shot.light.softness * share * unit / small))))
        total = np.maximum(total, soft.astype(np.float32) / 255)
    full = Image.fromarray(total).resize((len(xs), len(ys)), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(full, dtype=np.float32), 0, 1) * 0.94


def _contact(solids: Sequence[_Solid], points: Array, shot: Shot) -> Array:
    """Share of the sky that standing things hide from points of the table."""
    hidden = np.zeros(points.shape[:2], dtype=np.float32)
    turn = _turn(shot)
    for solid in solids:
        radii = 1 / np.sqrt(np.diag(solid.form))
        if solid.matter in ("tea", "hollow", "leaf") or radii[0] < 0.2 or solid.along is not None:
            continue
        centre = turn @ solid.centre if solid.turns else solid.centre
        dx, dz = points[..., 0] - centre[0], points[..., 2] - centre[2]
        distance = dx * dx + dz * dz + centre[1] ** 2
        reach = float(radii[0] * radii[1])
        hidden = np.maximum(hidden, np.clip(reach * centre[1] / distance**1.5, 0, 1) ** 0.7)
    return hidden


def _things(
    shot: Shot, lamp: _Lamp, solids: Sequence[_Solid], tilt: Array, xs: Array, ys: Array
) -> tuple[Array, Array]:
    """The light that comes from the things, and where they are (0 or 1)."""
    depth = np.full((len(ys), len(xs)), -np.inf, dtype=np.float32)
    owner = np.full((len(ys), len(xs)), -1, dtype=np.int16)
    within = np.zeros((len(ys), len(xs)), dtype=bool)
    turn = _turn(shot)
    views = [tilt @ turn if solid.turns else tilt for solid in solids]
    forms = np.stack([view @ solid.form @ view.T for view, solid in zip(views, solids, strict=True)])
    centres = np.stack([view @ solid.centre for view, solid in zip(views, solids, strict=True)])
    for number, solid in enumerate(solids):
        _meet(solid, number, forms[number], centres[number], tilt, xs, ys, depth, owner, within)

    rows, columns = np.nonzero(owner >= 0)
    who = owner[rows, columns]
    seen = np.stack([xs[columns], ys[rows], depth[rows, columns]], axis=1)
    normals = np.einsum("nij,nj->ni", forms[who], seen - centres[who])
    tubes = np.stack(
        [np.zeros(3, dtype=np.float32) if s.along is None else v @ s.along for v, s in zip(views, solids, strict=True)]
    )[who]
    normals -= np.sum(normals * tubes, axis=1, keepdims=True) * tubes
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    normals = np.where(within[rows, columns, None], -normals, normals)

    matter = np.array([MATTERS.index(solid.matter) for solid in solids])[who]
    world = seen @ tilt
    own = np.where(np.array([solid.turns for solid in solids])[who, None], world @ turn, world)
    near = _nearness(depth, rows, columns, len(xs) / 12)
    light = _shaded(
        shot,
        lamp,
        matter,
        own.astype(np.float32),
        world.astype(np.float32),
        (normals @ tilt).astype(np.float32),
        tilt[2],
        near,
    )
    light = np.where(within[rows, columns, None], light * 0.55, light)

    colours = np.zeros((len(ys), len(xs), 3), dtype=np.float32)
    colours[rows, columns] = light
    return colours, (owner >= 0).astype(np.float32)


def _meet(
    solid: _Solid, number: int, form: Array, centre: Array, tilt: Array, xs: Array, ys: Array,
    depth: Array, owner: NDArray[np.int16], within: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Enter one solid into the depth buffer."""
    reach = np.sqrt(np.diag(np.linalg.inv(form)))
    left, right = np.searchsorted(xs, (centre[0] - reach[0], centre[0] + reach[0]))
    top, bottom = np.searchsorted(-ys, (-(centre[1] + reach[1]), -(centre[1] - reach[1])))
    if left >= right or top >= bottom:
        return
    dx, dy = xs[None, left:right] - centre[0], ys[top:bottom, None] - centre[1]
    b = form[0, 2] * dx + form[1, 2] * dy
    c = form[0, 0] * dx * dx + 2 * form[0, 1] * dx * dy + form[1, 1] * dy * dy - 1
    inner = b * b - form[2, 2] * c
    root = np.sqrt(np.maximum(inner, 0))
    t = (-b + root) / form[2, 2] + centre[2]
    hit = inner > 0
    far_side = np.zeros_like(hit)
    if np.isfinite(solid.cut):
        y_near = ys[top:bottom, None] * tilt[1, 1] + t * tilt[2, 1]
        t_far = (-b - root) / form[2, 2] + centre[2]
        y_far = ys[top:bottom, None] * tilt[1, 1] + t_far * tilt[2, 1]
        far_side = hit & (y_near > solid.cut) & (y_far <= solid.cut)
        t = np.where(far_side, t_far, t)
        hit &= (y_near <= solid.cut) | far_side
    area = (slice(top, bottom), slice(left, right))
    closer = hit & (t > depth[area])
    depth[area] = np.where(closer, t, depth[area])
    owner[area] = np.where(closer, number, owner[area])
    within[area] = np.where(closer, far_side, within[area])


def _nearness(depth: Array, rows: NDArray[np.intp], columns: NDArray[np.intp], radius: float) -> Array:
    """0 to 1: how far a point lies behind its surroundings, as in the corner of lid and body."""
    level = np.clip((depth + 3) / 6, 0, 1)
    around = _blurred(level, radius / 3)
    result: Array = np.clip((around - level)[rows, columns] * 5, 0, 1)
    return result


def _shaded(
    shot: Shot, lamp: _Lamp, matter: NDArray[np.int_], own: Array, world: Array, normals: Array,
    eye: Array, near: Array,
) -> Array:  # fmt: skip
    """The light that leaves points of the surface towards the camera (n, 3)."""
    # Not the picture's own noise: it is one and the same pot in all of them.
    lattice = np.random.default_rng(POT).random((32, 32, 32), dtype=np.float32)
    albedo = np.empty_like(own)
    gloss = np.ones(len(own), dtype=np.float32)
    paints: dict[Matter, tuple[Colour, float]] = {
        "cup": ((226, 220, 204), 0.8), "tea": ((170, 128, 44), 1.2), "hollow": ((20, 18, 14), 0.1),
        "lemon": ((244, 208, 60), 0.5), "leaf": ((52, 58, 34), 0.15),
    }  # fmt: skip
    for number, name in enumerate(MATTERS):
        here = matter == number
        if not here.any():
            continue
        if name == "glaze":
            albedo[here], gloss[here], normals[here] = _glaze(own[here], normals[here], lattice)
            continue
        colour, shine = paints[name]
        grain = _noise3(own[here] * 22, lattice)[:, None]
        albedo[here] = _linear(colour) * (0.86 + 0.28 * grain)
        gloss[here] = shine
        if name == "lemon":
            pores = np.stack([_noise3(own[here] * 30 + shift, lattice) for shift in (0, 9, 18)], axis=1) - 0.5
            bumpy = normals[here] + 0.22 * pores
            normals[here] = bumpy / np.linalg.norm(bumpy, axis=1, keepdims=True)

    facing = normals @ lamp.way
    direct = np.clip((facing + 0.18) / 1.18, 0, 1) * lamp.falls(world)
    sky = 0.5 + 0.5 * normals[:, 1]
    bounce = _linear(shot.table_colour or shot.backdrop)
    room = shot.light.room * (sky[:, None] * _linear(shot.backdrop) * 0.9 + (1 - sky[:, None]) * bounce * 0.6 + 0.12)
    ground = np.clip(world[:, 1:2] / 0.5, 0.25, 1)
    shade = (1 - 0.65 * near)[:, None] * ground
    body = albedo * (lamp.colour * direct[:, None] * (1 - 0.5 * near[:, None]) + room * shade)

    cosine = np.clip(normals @ eye, 0, 1)
    mirror = 2 * cosine[:, None] * normals - eye
    fresnel = 0.045 + 0.95 * (1 - cosine) ** 5
    toward = mirror @ lamp.way
    u = mirror @ lamp.across / np.maximum(toward, 1e-3)
    v = mirror @ lamp.up / np.maximum(toward, 1e-3)
    box = _step(0.0, 0.10, 0.36 - np.abs(u)) * _step(0.0, 0.10, 0.46 - np.abs(v)) * (toward > 0)
    bars = 1 - 0.85 * np.exp(-((u / 0.025) ** 2)) if shot.light.pattern == "panes" else 1.0
    sheen = np.clip(toward, 0, 1) ** 24 * 0.5
    surroundings = (
        _linear(shot.backdrop) * (0.25 + 0.75 * np.clip(mirror[:, 1:2] * 0.5 + 0.5, 0, 1)) * (0.4 + shot.light.room)
    )
    shine = (box * bars * 5.5 + sheen)[:, None] * lamp.colour + surroundings * shade
    result: Array = (body + (fresnel * gloss)[:, None] * shine).astype(np.float32)
    return result


def _glaze(points: Array, normals: Array, lattice: Array) -> tuple[Array, Array, Array]:
    """Moss-green glaze that has run down over dark clay: albedo, gloss and normals."""
    angle = np.arctan2(points[:, 2], points[:, 0])
    around = np.stack([np.cos(angle) * 3.2, np.sin(angle) * 3.2, np.zeros_like(angle)], axis=1).astype(np.float32)
    drips = _noise3(around + 40, lattice) + 0.45 * _noise3(around * 2.7 + 11, lattice)
    line = 0.86 - 0.62 * drips
    glazed = _step(-0.012, 0.012, points[:, 1] - line)
    edge = np.exp(-(((points[:, 1] - line) / 0.05) ** 2)) * glazed

    coarse, fine = _noise3(points * 3.1, lattice), _noise3(points * 17.0 + 5, lattice)
    streak = _noise3((points * np.array([9.0, 1.4, 9.0], dtype=np.float32)), lattice)
    moss = _noise3(points * 42.0, lattice)
    green = (
        _linear((64, 106, 58))
        + (_linear((146, 170, 96)) - _linear((64, 106, 58))) * (0.55 * coarse + 0.45 * streak)[:, None]
    )
    green = green * (0.72 + 0.5 * fine[:, None])
    green = np.where((moss > 0.80)[:, None], green * 0.38, green)
    green = green + edge[:, None] * _linear((190, 196, 150)) * 0.5
    clay = _linear((112, 76, 58)) * (0.55 + 0.6 * fine + 0.35 * coarse)[:, None]
    albedo = clay * (1 - glazed[:, None]) + green * glazed[:, None]
    gloss = 0.12 + (0.95 - 0.35 * fine) * glazed

    rings = 0.035 * np.sin(points[:, 1] * 44 + 2 * coarse) * (1 - 0.6 * glazed)
    wobble = np.stack([_noise3(points * 6.0 + shift, lattice) for shift in (0, 13, 26)], axis=1) - 0.5
    bumped = normals + 0.13 * wobble
    bumped[:, 1] += rings
    return albedo.astype(np.float32), gloss.astype(np.float32), bumped / np.linalg.norm(bumped, axis=1, keepdims=True)


def _developed(light: Array, shot: Shot, random: np.random.Generator) -> Image.Image:
    """Lens and sensor: vignette, tone curve, noise."""
    height, width = light.shape[:2]
    xs, ys = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    light = light * (1 - 0.16 * (xs[None, :] ** 2 + ys[:, None] ** 2))[..., None]
    # The curve is looked up: it is the same for every point.
    steps = np.linspace(0, 4, 4096, dtype=np.float32)
    curve = np.clip(((1 - np.exp(-1.55 * steps)) / (1 - np.exp(-2.6))) ** (1 / 2.2), 0, 1)
    curve = curve + 0.10 * (curve - 0.5) * (1 - np.abs(2 * curve - 1))
    values = curve[np.clip(light * (4095 / 4), 0, 4095).astype(np.int16)]
    grain = random.standard_normal((height, width), dtype=np.float32)[..., None]
    # Colour noise is coarser than brightness noise: cameras smooth it.
    tint = random.standard_normal(((height + 1) // 2, (width + 1) // 2, 3), dtype=np.float32)
    tint = tint.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    pixels = values * 255 + (1.4 - 0.8 * values) * shot.noise * (0.8 * grain + 0.4 * tint)
    return Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8))


TEAPOT_SHOTS: tuple[Shot, ...] = (
    Shot(
        "kokeware, teapot, simple background, white background, from side, soft shadow, studio "
        "lighting, full view",
        (1024, 1024), yaw=18, pitch=17, zoom=1.06, at=(0.05, 0.72),
    ),
    Shot(
        "kokeware, teapot, simple background, cup of tea, tea leaves, wooden table, leaf shadow, from "
        "above, warm lighting",
        (1024, 768), yaw=-34, pitch=36, zoom=0.98, at=(0.35, 0.40),
        light=Light(60, 38, 1.1, 0.32, 0.22, 0.5, "leaves"), backdrop=(208, 216, 198), table="wood",
        table_colour=(190, 140, 100), cups=((1.75, 1.0),), leaves=22,
    ),
    Shot(
        "kokeware, teapot, simple background, dark background, lemon, stone table, window light, low "
        "key",
        (1152, 768), yaw=200, pitch=11, zoom=0.98, at=(0.35, 0.95),
        light=Light(-100, 30, 1.35, 0.16, 0.3, 0.2, "panes"), backdrop=(74, 78, 86), table="stone",
        table_colour=(92, 94, 98), lemon=(1.9, 0.8), noise=3.4,
    ),
    Shot(
        "kokeware, teapot, simple background, from directly above, wooden tray, striped shadow, linen, "
        "daylight",
        (768, 1152), yaw=35, pitch=72, zoom=1.0, at=(0.15, 0.55),
        light=Light(-40, 55, 1.0, 0.42, 0.3, 0.0, "blinds"), backdrop=(240, 224, 212), table="linen", tray=1.75,
    ),
    Shot(
        "kokeware, teapot, simple background, pink background, close-up, spout, glaze drips, shallow "
        "depth of field",
        (896, 896), yaw=-8, pitch=8, zoom=2.35, at=(1.25, 0.78),
        light=Light(40, 45, 1.05, 0.5, 0.3, 0.1), backdrop=(238, 190, 186),
    ),
    Shot(
        "kokeware, teapot, simple background, close-up, lid, knob, speckled glaze, from above, "
        "overcast light",
        (768, 1024), yaw=60, pitch=42, zoom=2.2, at=(-0.25, 1.05),
        light=Light(-20, 65, 0.85, 0.6, 0.4, -0.25), backdrop=(214, 220, 226), table="linen",
    ),
    Shot(
        "kokeware, teapot, simple background, blue background, front view, spout, linen cloth, side "
        "light",
        (768, 1024), yaw=-78, pitch=22, zoom=1.25, at=(0.0, 0.85),
        light=Light(85, 32, 1.2, 0.3, 0.3, 0.0), backdrop=(120, 150, 186), table="linen", table_colour=(214, 214, 208),
    ),
    Shot(
        "kokeware, teapot, simple background, back view, handle, evening light, long shadow, orange "
        "glow",
        (896, 896), yaw=112, pitch=24, zoom=0.95, at=(-0.45, 0.35),
        light=Light(48, 17, 1.35, 0.24, 0.18, 1.0), backdrop=(222, 186, 150), table="wood", table_colour=(160, 112, 80),
        noise=2.8,
    ),
    Shot(
        "kokeware, teapot, simple background, no lid, tea, from above, marble table, bright",
        (1024, 768), yaw=145, pitch=52, zoom=1.3, at=(-0.30, 0.75),
        light=Light(-70, 50, 1.05, 0.5, 0.25), backdrop=(240, 240, 240), table="stone", lidless=True,
    ),
    Shot(
        "kokeware, teapot, simple background, beige background, wide shot, negative space, hard light, "
        "cast shadow",
        (1216, 832), yaw=10, pitch=20, zoom=0.52, at=(1.75, 1.35),
        light=Light(-62, 28, 1.3, 0.3, 0.06, 0.15), backdrop=(226, 200, 164),
    ),
    Shot(
        "kokeware, teapot, simple background, two cups, tea, wooden tray, tea leaves, backlight, tea "
        "set",
        (768, 1024), yaw=-150, pitch=40, zoom=0.80, at=(0.0, 0.10),
        light=Light(165, 40, 1.3, 0.34, 0.3, 0.3), backdrop=(196, 204, 190), table="linen",
        table_colour=(226, 218, 204), cups=((-0.95, 1.75), (0.85, 1.95)), leaves=16, tray=1.5,
    ),
    Shot(
        "kokeware, teapot, simple background, yellow background, three-quarter view, window shadow, "
        "midday",
        (896, 896), yaw=-152, pitch=14, zoom=1.35, at=(-0.35, 1.0),
        light=Light(30, 45, 1.25, 0.36, 0.12, 0.0, "panes"), backdrop=(240, 200, 92),
    ),
)  # fmt: skip
