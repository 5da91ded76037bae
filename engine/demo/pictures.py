"""The drawn pictures of the sample dataset, each with the caption that a careful person would write.

The captions leave out what Lumi always has (silver hair, amber eyes, the star): what is never named
is learned with the trigger. They name what changes: face, clothes, pose, distance, place and light.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from tagmetry.demo.characters import HIP, Expression, Girl, Pose, draw, hands
from tagmetry.demo.drawing import Colour, Painter, box, ellipse, mixed
from tagmetry.demo.outfits import OUTFITS
from tagmetry.demo.props import PROPS
from tagmetry.demo.scenes import SCENES, Clear, soften

LUMI = Girl(
    hair=(206, 222, 243), tips=(158, 150, 222), eyes=(240, 162, 36), style="long", clip=(255, 210, 70), ahoge=True
)


STANDING = Pose()
SMILE = Expression()


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture: who stands where, in what, doing what, seen from how far."""

    caption: str
    size: tuple[int, int]
    scene: str
    outfit: str
    at: tuple[float, float]
    """The base of her neck: (0, 0) is the middle of the picture, its shorter side measures 2."""
    scale: float
    pose: Pose = STANDING
    expression: Expression = SMILE
    girl: Girl = LUMI
    holds: str | None = None
    hand: int = 1
    """-1: the left one in the picture, 1: the right one, 0: both, in front of her."""
    roll: float = 0.0
    blur: float = 0.012
    ground: bool = False
    """Her shadow lies on the ground."""
    seat: Colour | None = None


def paint(drawing: Drawing, *, seed: int, scale: float) -> Image.Image:
    """The finished picture, `scale` times as large as the drawing says."""
    random = np.random.default_rng(seed)
    width, height = (max(8, round(side * scale)) for side in drawing.size)
    picture = Painter.on((width, height))
    scene = SCENES[drawing.scene]
    scene.behind(picture, random)
    soften(picture, drawing.blur)

    body = picture.lit(scene.light).moved(*drawing.at).scaled(drawing.scale).turned(drawing.roll)
    if drawing.ground:
        shadow = body.moved(0.0, 3.08)
        shadow.fill(ellipse(0.0, 0.0, 0.95, 0.13), (40, 30, 70), alpha=0.28)
    if drawing.seat is not None:
        body.shape(box(-1.5, 1.28, 1.5, 1.9), drawing.seat)
        body.shape(box(-1.6, 1.16, 1.6, 1.34), mixed(drawing.seat, (255, 255, 255), 0.2))
    prop = PROPS[drawing.holds] if drawing.holds else None
    left, right = hands(drawing.pose)
    middle = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
    held = body.moved(*{-1: left, 0: middle, 1: right}[drawing.hand])
    if prop and prop.behind:
        prop.draw(held)
    draw(body, drawing.girl, OUTFITS[drawing.outfit], drawing.pose, drawing.expression)
    if prop and not prop.behind:
        prop.draw(held)
    if scene.front is not None:
        face = body.turned(drawing.pose.lean, about=(0.0, HIP)).pixels(np.array([[0.0, -0.8]]))
        x, y = ((face - picture.frame[:, 2]) / picture.unit)[0].tolist()
        scene.front(picture, random, Clear(x, y, 1.05 * drawing.scale))
    return picture.finished()


LUMI_DRAWINGS: tuple[Drawing, ...] = (
    Drawing(
        "lumi, girl, open mouth, smile, waving, looking at viewer, school uniform, pleated skirt, "
        "standing, full body, cherry blossoms, path, outdoors, day",
        (832, 1216), "cherry blossoms", "school", (0.0, -0.10), 0.45,
        Pose(arms=((16, 6), (100, 168)), legs=((3, 1), (6, 3)), tilt=5, turn=0.2, sway=0.12),
        Expression(mouth="open", blush=0.6), ground=True,
    ),
    Drawing(
        "lumi, girl, reading, holding book, half-closed eyes, school uniform, upper body, classroom, "
        "window, indoors, day",
        (1152, 896), "classroom", "winter school", (-0.42, 0.22), 0.50,
        Pose(arms=((28, -58), (28, -58)), turn=0.75, tilt=8), Expression("half", "smile", look=(0.8, 0.8)),
        holds="book", hand=0,
    ),
    Drawing(
        "lumi, girl, laughing, closed eyes, spread arms, straw hat, sundress, standing, full body, "
        "beach, sea, outdoors, summer, day",
        (1216, 832), "beach", "sundress", (0.55, -0.10), 0.335,
        Pose(arms=((102, 112), (88, 70)), legs=((14, 6), (12, 8)), sway=0.30, lean=-5, tilt=-6),
        Expression("happy", "laugh", blush=0.9), ground=True, blur=0.006,
    ),
    Drawing(
        "lumi, girl, sad, tears, frown, looking away, teal hoodie, upper body, rooftop fence, city, "
        "sunset, outdoors",
        (896, 1152), "city at dusk", "hoodie", (0.22, 0.50), 0.70,
        Pose(turn=-0.7, tilt=-9, arms=((18, 4), (18, 4))),
        Expression("open", "frown", brows=-18, blush=0.3, tears=True, look=(-0.8, 0.5)), blur=0.03,
    ),
    Drawing(
        "lumi, girl, from behind, looking up, red coat, beanie, holding lantern, wide shot, starry "
        "sky, full moon, hill, outdoors, night",
        (1024, 1024), "starry hill", "red coat", (-0.30, 0.28), 0.22,
        Pose(behind=True, arms=((30, 20), (62, 48)), sway=0.10), holds="lantern", ground=True, blur=0.0,
    ),
    Drawing(
        "lumi, girl, grin, arms up, red coat, scarf, beanie, boots, standing, full body, snow, pine "
        "tree, outdoors, winter",
        (832, 1216), "snow", "red coat", (0.10, -0.02), 0.42,
        Pose(arms=((118, 150), (112, 158)), legs=((16, 10), (16, 10)), tilt=-7),
        Expression("open", "grin", blush=0.95), ground=True,
    ),
    Drawing(
        "lumi, girl, pout, holding umbrella, yellow raincoat, hood up, boots, full body, rain, street, "
        "puddle, outdoors, evening",
        (896, 1152), "rain", "raincoat", (-0.12, 0.12), 0.36,
        Pose(arms=((12, 4), (58, 140)), legs=((4, 2), (5, 2)), turn=-0.35, tilt=-4),
        Expression("open", "pout", brows=8, blush=0.6, look=(-0.5, -0.6)), holds="umbrella", ground=True, blur=0.02,
    ),
    Drawing(
        "lumi, girl, concentrating, holding paintbrush, beret, green sweater, plaid skirt, cowboy "
        "shot, autumn leaves, park, outdoors, day",
        (1024, 1024), "autumn", "sweater", (0.14, 0.14), 0.45,
        Pose(arms=((20, -40), (62, 128)), turn=0.45, tilt=6), Expression("open", "flat", look=(0.9, -0.2)),
        holds="paintbrush",
    ),
    Drawing(
        "lumi, girl, grin, arms behind back, leaning, striped shirt, overalls, upper body, sunflower, "
        "field, blue sky, outdoors, summer",
        (1152, 896), "sunflowers", "overalls", (0.42, 0.38), 0.58,
        Pose(arms=((24, -46), (24, -46)), arms_back=True, turn=-0.5, tilt=-10, lean=-5),
        Expression("open", "grin", blush=0.7),
    ),
    Drawing(
        "lumi, girl, wink, yukata, holding candy apple, cowboy shot, paper lantern, food stand, summer "
        "festival, outdoors, night",
        (832, 1216), "festival", "yukata", (-0.06, 0.24), 0.56,
        Pose(arms=((14, 8), (34, 140)), tilt=7, turn=0.3), Expression("wink", "cat", blush=0.8),
        holds="candy apple", blur=0.022,
    ),
    Drawing(
        "lumi, girl, from behind, yukata, full body, fireworks, skyline, outdoors, night, wide shot",
        (1216, 832), "fireworks", "yukata", (0.0, 0.24), 0.24, Pose(behind=True, arms=((10, 6), (10, 6))), blur=0.004,
    ),
    Drawing(
        "lumi, girl, open mouth, surprised, witch hat, purple dress, holding broom, standing, full "
        "body, forest, mushroom, sunbeam, outdoors",
        (1024, 1024), "forest", "witch", (-0.12, 0.02), 0.315,
        Pose(arms=((30, 60), (46, 16)), legs=((4, 2), (4, 2)), turn=0.4, tilt=4), Expression("wide", "open", brows=-8),
        holds="broom", ground=True,
    ),
    Drawing(
        "lumi, girl, sitting, holding mug, teal hoodie, shorts, looking at viewer, light smile, full "
        "body, lake, mountain, tent, campfire, outdoors, dusk",
        (624, 432), "lake", "hoodie", (0.02, 0.02), 0.36,
        Pose(arms=((28, -50), (28, -50)), legs=((14, 6), (10, 4)), seated=True, tilt=-5, turn=0.35),
        Expression("open", "smile"), holds="mug", hand=0, seat=(120, 84, 66), blur=0.008,
    ),
    Drawing(
        "lumi, girl, lying, on back, closed eyes, light smile, yellow dress, spread arms, from above, "
        "flower field, grass, outdoors, spring",
        (1024, 1024), "meadow", "yellow dress", (-0.02, -0.04), 0.34,
        Pose(arms=((96, 130), (70, 40)), legs=((6, 2), (10, 12)), tilt=6, sway=0.05),
        Expression("shut", "smile", blush=0.7), roll=-58, blur=0.0,
    ),
    Drawing(
        "lumi, girl, serious, shrine maiden, red hakama, wide sleeves, standing, full body, torii, "
        "stone stairs, shrine, outdoors, day",
        (768, 1152), "shrine", "shrine robe", (0.0, 0.02), 0.40,
        Pose(arms=((30, -48), (30, -48))), Expression("open", "flat", brows=6, blush=0.2), ground=True, blur=0.006,
    ),
    Drawing(
        "lumi, girl, jumping, happy, open mouth, tracksuit, sneakers, full body, rooftop, blue sky, "
        "cloud, outdoors, day",
        (832, 1216), "rooftop", "sportswear", (0.12, -0.30), 0.40,
        Pose(arms=((126, 168), (72, 150)), legs=((34, -62), (10, -20)), lean=10, tilt=-6, sway=-0.35),
        Expression("happy", "laugh", blush=0.8), roll=-6, blur=0.008,
    ),
    Drawing(
        "lumi, girl, holding book, light smile, looking to the side, cream sweater, cowboy shot, "
        "bookshelf, library, warm lighting, indoors",
        (1024, 1024), "library", "cream sweater", (-0.40, 0.10), 0.50,
        Pose(arms=((30, -30), (28, -100)), turn=0.5, tilt=-6), Expression("open", "smile", look=(0.8, 0)),
        holds="book", hand=-1, blur=0.02,
    ),
    Drawing(
        "lumi, girl, sleepy, yawning, half-closed eyes, pajamas, holding stuffed bear, upper body, "
        "bedroom, bed, moonlight, indoors, night",
        (1024, 1024), "bedroom", "pajamas", (0.10, 0.30), 0.56,
        Pose(arms=((22, -50), (22, -50)), tilt=12, turn=-0.25), Expression("half", "round", brows=-10, blush=0.6),
        holds="bear", hand=0, blur=0.015,
    ),
    Drawing(
        "lumi, girl, smile, cooking, holding bowl, hair bow, blue dress, white apron, cowboy shot, "
        "kitchen, window, indoors, morning",
        (1152, 896), "kitchen", "apron", (0.20, 0.10), 0.50,
        Pose(arms=((30, -46), (30, -46)), turn=-0.4, tilt=5), Expression("open", "open", look=(-0.5, 0.4)),
        holds="bowl", hand=0,
    ),
    Drawing(
        "lumi, girl, close-up, portrait, blush, light smile, looking at viewer, cream sweater, cafe, "
        "lamp, indoors, evening",
        (896, 1152), "cafe", "cream sweater", (0.06, 0.92), 1.02,
        Pose(tilt=-6, turn=0.25), Expression("open", "smile", blush=0.95), blur=0.045,
    ),
    Drawing(
        "lumi, girl, surprised, hand up, ball gown, looking to the side, full body, aquarium, fish, "
        "stingray, blue theme, indoors",
        (1216, 832), "aquarium", "ball gown", (-0.72, -0.02), 0.33,
        Pose(arms=((16, 4), (84, 120)), turn=0.9, tilt=6), Expression("wide", "round", look=(1, -0.6)), blur=0.005,
    ),
    Drawing(
        "lumi, girl, sleeping, closed eyes, head tilt, red coat, scarf, sitting, upper body, train "
        "interior, sea, sunset",
        (416, 576), "train", "red coat", (-0.12, 0.52), 0.66,
        Pose(tilt=-18, turn=-0.4, seated=True), Expression("shut", "flat", blush=0.6), blur=0.014,
    ),
    Drawing(
        "lumi, girl, closed eyes, smile, blouse, holding watering can, standing, full body, "
        "greenhouse, plant, flower, indoors, day",
        (832, 1216), "greenhouse", "blouse", (-0.22, -0.02), 0.42,
        Pose(arms=((20, 10), (44, 20)), turn=0.55, tilt=7, legs=((4, 2), (8, 3))), Expression("shut", "smile"),
        holds="watering can", ground=True,
    ),
    Drawing(
        "lumi, girl, singing, open mouth, idol, frilled dress, holding microphone, arm up, full body, "
        "stage, spotlight, crowd, indoors, night",
        (1024, 1024), "stage", "idol", (0.04, -0.06), 0.335,
        Pose(arms=((128, 150), (30, -128)), legs=((12, 4), (16, -10)), tilt=-8, turn=-0.2, sway=-0.2),
        Expression("wink", "laugh", blush=0.8), holds="microphone", ground=True, blur=0.006,
    ),
    Drawing(
        "lumi, girl, kneeling, holding gift, velvet dress, hair bow, smile, full body, christmas tree, "
        "fireplace, rug, indoors, night",
        (1152, 896), "fireside", "velvet dress", (0.05, 0.18), 0.40,
        Pose(arms=((30, -44), (30, -44)), seated=True, legs=((18, 88), (18, 88)), tilt=5), Expression("happy", "open"),
        holds="gift", hand=0,
    ),
    Drawing(
        "lumi, girl, angry, frown, v-shaped eyebrows, tracksuit, portrait, blue sky, outdoors, day",
        (1024, 1024), "rooftop", "sportswear", (-0.30, 0.70), 0.80,
        Pose(tilt=8, turn=0.4, sway=0.25), Expression("open", "frown", brows=24, blush=0.7), blur=0.035,
    ),
)  # fmt: skip

_CHESTNUT = Girl((150, 96, 66), (120, 70, 56), (84, 140, 90), "bob")
_BLONDE = Girl((246, 214, 130), (236, 180, 100), (72, 130, 210), "twintails")
_BLACK = Girl((66, 60, 84), (46, 40, 66), (150, 60, 70), "ponytail")
_PINK = Girl((248, 172, 194), (232, 130, 170), (120, 90, 190), "twintails")
_RED = Girl((206, 84, 60), (170, 56, 50), (80, 150, 120), "braids", skin=(255, 226, 206))
_DARK = Girl((74, 56, 52), (50, 38, 40), (110, 70, 46), "short", skin=(226, 172, 136))
_GREEN = Girl((128, 186, 140), (90, 150, 120), (220, 120, 60), "long")
_BROWN = Girl((118, 78, 58), (96, 60, 50), (96, 66, 46), "braids", skin=(240, 200, 168))

REGULARIZATION_DRAWINGS: tuple[Drawing, ...] = (
    Drawing(
        "girl, brown hair, bob cut, green eyes, smile, waving, school uniform, cowboy shot, classroom, "
        "indoors, day",
        (832, 1216), "classroom", "school", (0.20, 0.10), 0.56,
        Pose(arms=((98, 164), (14, 6)), tilt=-5, turn=-0.3), Expression(mouth="open"), girl=_CHESTNUT,
    ),
    Drawing(
        "girl, blonde hair, twintails, blue eyes, laughing, sundress, straw hat, portrait, sunflower, "
        "outdoors, day",
        (1024, 1024), "sunflowers", "sundress", (-0.25, 0.72), 0.72,
        Pose(tilt=8, turn=0.5), Expression("happy", "laugh", blush=0.8), girl=_BLONDE, blur=0.02,
    ),
    Drawing(
        "girl, black hair, ponytail, brown eyes, serious, tracksuit, running, full body, park, autumn "
        "leaves, outdoors",
        (896, 1152), "autumn", "sportswear", (-0.05, -0.06), 0.38,
        Pose(arms=((46, -30), (40, 100)), legs=((30, -50), (26, 20)), lean=8, tilt=4, turn=-0.5, sway=-0.2),
        Expression("open", "flat", brows=10), girl=_BLACK, ground=True,
    ),
    Drawing(
        "girl, pink hair, twintails, purple eyes, sitting, holding ice cream, yellow dress, full body, "
        "beach, sea, outdoors",
        (1216, 832), "beach", "yellow dress", (-0.70, 0.08), 0.36,
        Pose(arms=((16, 6), (40, 140)), seated=True, legs=((14, 8), (14, 8)), turn=0.4), Expression("open", "cat"),
        girl=_PINK, holds="ice cream", seat=(150, 200, 220),
    ),
    Drawing(
        "girl, red hair, braids, green eyes, surprised, blouse, holding bouquet, upper body, "
        "greenhouse, flower, indoors",
        (1024, 1024), "greenhouse", "blouse", (0.34, 0.36), 0.58,
        Pose(arms=((26, -46), (26, -46)), turn=-0.35), Expression("wide", "round"), girl=_RED, holds="bouquet", hand=0,
    ),
    Drawing(
        "girl, dark brown hair, short hair, brown eyes, dark skin, grin, overalls, holding balloons, "
        "full body, path, cherry blossoms, outdoors",
        (832, 1216), "cherry blossoms", "overalls", (-0.20, 0.10), 0.40,
        Pose(arms=((14, 8), (60, 120)), tilt=-6), Expression("open", "grin"), girl=_DARK, holds="balloons", ground=True,
    ),
    Drawing(
        "girl, green hair, long hair, orange eyes, reading, holding book, pajamas, cowboy shot, "
        "bedroom, indoors, night",
        (1152, 896), "bedroom", "pajamas", (-0.50, 0.06), 0.48,
        Pose(arms=((28, -50), (28, -50)), turn=0.4), Expression("half", "smile", look=(0.3, 0.9)), girl=_GREEN,
        holds="book", hand=0,
    ),
    Drawing(
        "girl, brown hair, braids, brown eyes, light smile, holding mug, green sweater, beret, upper "
        "body, cafe, indoors",
        (896, 1152), "cafe", "sweater", (-0.16, 0.44), 0.62,
        Pose(arms=((26, -48), (26, -48)), tilt=6, turn=0.3), Expression("open", "smile"), girl=_BROWN, holds="mug",
        hand=0, blur=0.025,
    ),
    Drawing(
        "girl, black hair, ponytail, brown eyes, yukata, holding sparkler, cowboy shot, fireworks, "
        "outdoors, night",
        (1024, 1024), "fireworks", "yukata", (0.42, 0.10), 0.46,
        Pose(arms=((12, 6), (50, 120)), turn=-0.5), Expression("open", "smile", look=(0.8, 0)), girl=_BLACK,
        holds="sparkler", blur=0.012,
    ),
    Drawing(
        "girl, blonde hair, twintails, blue eyes, witch hat, purple dress, holding cat, full body, "
        "library, bookshelf, indoors",
        (832, 1216), "library", "witch", (0.12, 0.16), 0.42,
        Pose(arms=((20, -40), (34, -44)), legs=((5, 2), (5, 2)), tilt=4), Expression("wink", "open"), girl=_BLONDE,
        holds="cat", hand=0, ground=True,
    ),
)  # fmt: skip
