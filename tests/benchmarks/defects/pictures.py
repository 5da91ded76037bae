"""Drawn pictures with captions that are true of them: what a clean set is made of.

Every picture is put together from parts (place, clothes, face, hair, distance, size) of the sample dataset's drawings,
and its caption names the parts that were drawn. The same seed draws the same picture.
"""

from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np

from tagmetry.demo.characters import Expression, Girl, Pose
from tagmetry.demo.pictures import Drawing, paint

TALL, WIDE, SQUARE = (512, 768), (768, 512), (640, 640)


@dataclass(frozen=True)
class Person:
    """Whom a concept shows: her looks, and the words that call her; without a trigger somebody of the class."""

    girl: Girl
    hair_colour: str
    trigger: str | None = None
    class_word: str = "girl"


@dataclass(frozen=True)
class Parts:
    """The parts of a caption, each the tags for one matter; `sentence` says the same in words."""

    called: tuple[str, ...]
    face: tuple[str, ...]
    hair: tuple[str, ...]
    clothes: tuple[str, ...]
    distance: tuple[str, ...]
    place: tuple[str, ...]
    sentence: str

    @property
    def tags(self):
        return ", ".join((*self.called, *self.face, *self.hair, *self.clothes, *self.distance, *self.place))


@dataclass(frozen=True)
class Clean:
    """A picture as it was drawn, encoded, and what is true of it."""

    data: bytes
    parts: Parts


LUMIKA = Person(
    Girl((206, 222, 243), (158, 150, 222), (240, 162, 36), "long", clip=(255, 210, 70), ahoge=True),
    "silver hair",
    "lumika",
)
NORAVEL = Person(Girl((206, 84, 60), (170, 56, 50), (80, 150, 120), "bob", skin=(255, 226, 206)), "red hair", "noravel")
OTHERS = (
    Person(Girl((150, 96, 66), (120, 70, 56), (84, 140, 90), "bob"), "brown hair"),
    Person(Girl((246, 214, 130), (236, 180, 100), (72, 130, 210), "long"), "blonde hair"),
    Person(Girl((66, 60, 84), (46, 40, 66), (150, 60, 70), "ponytail"), "black hair"),
    Person(Girl((248, 172, 194), (232, 130, 170), (120, 90, 190), "twintails"), "pink hair"),
    Person(Girl((128, 186, 140), (90, 150, 120), (220, 120, 60), "long"), "green hair"),
)

# Scene: tags, then the words of a sentence.
PLACES = {
    "cherry blossoms": (("cherry blossoms", "path", "outdoors", "day"), "under cherry blossoms on a sunny path"),
    "beach": (("beach", "sea", "outdoors", "day"), "on a beach by the sea"),
    "city at dusk": (("city", "skyline", "outdoors", "sunset"), "above the city at sunset"),
    "starry hill": (("starry sky", "hill", "outdoors", "night"), "on a hill under the stars"),
    "snow": (("snow", "pine tree", "outdoors", "winter"), "in the snow among pine trees"),
    "rain": (("rain", "street", "outdoors", "evening"), "on a wet street in the rain"),
    "autumn": (("autumn leaves", "park", "outdoors"), "in a park full of autumn leaves"),
    "sunflowers": (("sunflower", "field", "blue sky", "outdoors"), "in a field of sunflowers"),
    "festival": (("summer festival", "paper lantern", "outdoors", "night"), "at a summer festival at night"),
    "fireworks": (("fireworks", "river", "outdoors", "night"), "watching fireworks over the river"),
    "forest": (("forest", "mushroom", "sunbeam", "outdoors"), "in a forest where sunbeams fall"),
    "lake": (("lake", "mountain", "tent", "outdoors", "dusk"), "beside a tent at a mountain lake"),
    "meadow": (("meadow", "grass", "flower", "from above"), "in the grass of a meadow, seen from above"),
    "shrine": (("shrine", "torii", "stone stairs", "outdoors"), "on the stone stairs of a shrine"),
    "rooftop": (("rooftop", "cloud", "outdoors", "day"), "on a rooftop with clouds behind"),
    "classroom": (("classroom", "window", "indoors", "day"), "in a classroom near the windows"),
    "library": (("library", "bookshelf", "indoors", "warm lighting"), "between the shelves of a library"),
    "bedroom": (("bedroom", "bed", "indoors", "lamp"), "in a bedroom by lamplight"),
    "kitchen": (("kitchen", "indoors", "morning"), "in a kitchen in the morning"),
    "cafe": (("cafe", "table", "indoors"), "in a small cafe"),
    "aquarium": (("aquarium", "fish", "indoors", "dim lighting"), "in front of the fish of an aquarium"),
    "train": (("train interior", "seat", "indoors"), "inside a train"),
    "greenhouse": (("greenhouse", "plant", "indoors", "sunlight"), "among the plants of a greenhouse"),
    "stage": (("stage", "spotlight", "indoors"), "on a stage in the spotlight"),
    "fireside": (("fireplace", "living room", "indoors"), "by the fireplace of a living room"),
}

CLOTHES = {
    "school": (("school uniform", "pleated skirt"), "a sailor school uniform"),
    "winter school": (("blazer", "plaid skirt"), "a blazer with a plaid skirt"),
    "sundress": (("sundress", "straw hat"), "a white sundress and a straw hat"),
    "yellow dress": (("yellow dress",), "a yellow dress with dots"),
    "red coat": (("red coat", "beanie", "scarf"), "a red coat with scarf and beanie"),
    "yukata": (("yukata", "obi"), "a blue yukata"),
    "shrine robe": (("red hakama", "wide sleeves"), "the white and red of a shrine maiden"),
    "raincoat": (("yellow raincoat", "hood up"), "a yellow raincoat with its hood up"),
    "overalls": (("overalls", "striped shirt"), "overalls and a striped shirt"),
    "hoodie": (("green hoodie", "black shorts"), "a green hoodie and shorts"),
    "pajamas": (("pink pajamas",), "pink pajamas"),
    "witch": (("witch hat", "purple dress"), "a purple dress and a witch hat"),
    "sweater": (("green sweater", "beret"), "a green sweater and a beret"),
    "cream sweater": (("white sweater", "pleated skirt"), "a cream sweater"),
    "apron": (("blue dress", "apron", "hair bow"), "an apron over a blue dress"),
    "idol": (("pink dress", "frills", "hair bow"), "the frilled dress of an idol"),
    "ball gown": (("ball gown",), "a violet ball gown"),
    "velvet dress": (("red dress", "hair bow"), "a red velvet dress"),
    "sportswear": (("tracksuit",), "a red tracksuit"),
    "blouse": (("white blouse", "orange skirt"), "a white blouse and an orange skirt"),
}

# Eyes and mouth: tags, then the words of a sentence.
FACES = (
    (("smile", "looking at viewer"), "smiling at the viewer", Expression("open", "smile")),
    (("open mouth", "surprised"), "looking surprised", Expression("wide", "round", brows=-8)),
    (("closed eyes", "laughing"), "laughing with closed eyes", Expression("happy", "laugh", blush=0.9)),
    (("frown", "sad"), "frowning sadly", Expression("open", "frown", brows=-18)),
    (("grin",), "grinning", Expression("open", "grin")),
    (("pout",), "pouting", Expression("open", "pout", brows=8)),
    (("wink", "one eye closed"), "winking", Expression("wink", "cat")),
    (("half-closed eyes", "sleepy"), "with sleepy eyes", Expression("half", "smile")),
    (("serious",), "with a serious look", Expression("open", "flat", brows=6)),
    (("looking to the side",), "looking to the side", Expression("open", "smile", look=(0.8, 0.0))),
)

HAIR = {
    "long": ("long hair", "long hair"),
    "bob": ("bob cut", "a bob cut"),
    "twintails": ("twintails", "twintails"),
    "ponytail": ("ponytail", "a ponytail"),
    "short": ("short hair", "short hair"),
    "braids": ("braids", "two braids"),
}

# Tag, words, scale and height of the neck, for tall, square and wide pictures alike.
DISTANCES = (
    ("portrait", "a portrait", 0.86, 0.72),
    ("upper body", "seen from the waist up", 0.6, 0.38),
    ("cowboy shot", "seen down to the thighs", 0.47, 0.1),
    ("full body", "seen from head to toe", 0.31, 0.0),
    ("wide shot", "seen from far away", 0.21, 0.28),
)

SENTENCES = (
    "{who} with {hair} {place}, {face}. She wears {clothes}, {distance}.",
    "{place}, {who} is {face}. {distance}; her clothes are {clothes}, her hair is worn as {hair}.",
    "A drawing, {distance}: {who}, {face}, wearing {clothes} {place}. Note {hair}.",
    "{who} in {clothes} {place}. She has {hair} and is shown {face}, {distance}.",
    "{face}, {who} wears {clothes}. The drawing shows her {place}, {distance}, with {hair}.",
)


def drawn(person, size, random):
    """A picture of a person, all its parts chosen by `random`."""
    place, outfit = random.choice(list(PLACES)), random.choice(list(CLOTHES))
    face_tags, face_words, expression = FACES[random.integers(len(FACES))]
    style = random.choice(list(HAIR))
    distance, distance_words, scale, neck = DISTANCES[random.choice(len(DISTANCES), p=(0.18, 0.26, 0.22, 0.24, 0.1))]
    pose = Pose(
        arms=tuple((float(random.uniform(8, 110)), float(random.uniform(-40, 150))) for _ in range(2)),
        legs=tuple((float(random.uniform(2, 14)), float(random.uniform(0, 12))) for _ in range(2)),
        turn=float(random.uniform(-0.7, 0.7)),
        tilt=float(random.uniform(-9, 9)),
        lean=float(random.uniform(-5, 5)),
        sway=float(random.uniform(-0.3, 0.3)),
    )
    drawing = Drawing(
        caption="",
        size=size,
        scene=str(place),
        outfit=str(outfit),
        at=(float(random.uniform(-0.3, 0.3)), neck + float(random.uniform(-0.08, 0.08))),
        scale=scale * float(random.uniform(0.92, 1.1)),
        pose=pose,
        expression=expression,
        girl=replace(person.girl, style=str(style)),
        blur=float(random.uniform(0.0, 0.012)),
        ground=scale < 0.35,
    )
    image = paint(drawing, seed=int(random.integers(2**31)), scale=1.0)
    place_tags, place_words = PLACES[place]
    clothes_tags, clothes_words = CLOTHES[outfit]
    hair_tag, hair_words = HAIR[style]
    who = " ".join(filter(None, (person.trigger, person.class_word)))
    sentence = str(random.choice(SENTENCES)).format(
        who=who if person.trigger else f"a {who}",
        hair=hair_words if person.trigger else f"{person.hair_colour} ({hair_words})",
        place=place_words,
        face=face_words,
        clothes=clothes_words,
        distance=distance_words,
    )
    parts = Parts(
        called=tuple(filter(None, (person.trigger, person.class_word))),
        face=face_tags,
        hair=(hair_tag,) if person.trigger else (person.hair_colour, hair_tag),
        clothes=clothes_tags,
        distance=(distance,),
        place=place_tags,
        sentence=sentence[0].upper() + sentence[1:] if not person.trigger else sentence,
    )
    return Clean(encoded(image), parts)


def encoded(image, *, quality=92, format="JPEG", **more):
    held = BytesIO()
    if format in ("JPEG", "WEBP", "AVIF"):
        more.setdefault("quality", quality)
    image.save(held, format, **more)
    return held.getvalue()


def clean_pictures(person, n, seed):
    """n pictures of one person, or of several in turn; most are tall, and four of each other shape fill a batch."""
    random = np.random.default_rng(seed)
    people = [person] * n if isinstance(person, Person) else [person[k % len(person)] for k in range(n)]
    sizes = [*[WIDE] * 4, *[SQUARE] * (4 if n >= 30 else 0)]
    sizes += [TALL] * (n - len(sizes))
    return [drawn(one, sizes[place], random) for one, place in zip(people, random.permutation(n), strict=True)]
