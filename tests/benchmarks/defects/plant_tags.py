"""Faults of tags and trigger words."""

from collections import Counter

from benchmarks.defects.planting import TWO_CONCEPTS, Expected, called, captions_named, plants, some, together
from benchmarks.defects.sets import LUMIKA_FOLDER, NORAVEL_FOLDER

DECLARED = """\
profile:
  concepts:
    lumika girl: {match: "train/1_lumika girl/**", trigger: lumika}
"""
BACKGROUNDS = ("simple background", "white background")


@plants("tag-frequency")
def a_tag_on_nearly_every_picture(one, random):
    without = {sample.path for sample in some(one.train, 2, random)}
    for sample in one.train:
        if sample.path not in without:
            one.retag(sample, [*sample.tags, "sparkle"])
    return called("sparkle")


@plants("trigger-coupling", consequences=("tag-frequency",))
def a_background_that_comes_with_the_trigger(one, random):
    coupled = BACKGROUNDS[random.integers(len(BACKGROUNDS))]
    for sample in one.train:
        one.retag(sample, [*sample.tags[:-1], coupled])
    return called(f"lumika + {coupled}")


@plants("trigger-missing")
def captions_without_the_declared_trigger(one, random):
    one.policy = DECLARED
    victims = some(one.train, 3, random)
    for sample in victims:
        one.retag(sample, sample.tags[1:])
    return together(victims)


@plants("trigger-missing")
def captions_without_the_inferred_trigger(one, random):
    victims = some(one.train, 2, random)
    for sample in victims:
        one.retag(sample, sample.tags[1:])
    return together(victims)


@plants("long-tail-tags")
def tags_that_stand_once(one, random):
    for number, sample in enumerate(some(one.train, 5, random)):
        one.retag(sample, [*sample.tags, ("kite", "owl", "bicycle", "violin", "anchor")[number]])
    return called("lumika girl")


def rare_tags_are_there(one):
    """`long-tail-tags` states a fact, which is so in a clean set too: the concepts with a tag on two images or one."""
    counts = {}
    for sample in one.train:
        of_folder = counts.setdefault(sample.folder, Counter())
        if isinstance(sample.caption, str):
            of_folder.update(set(sample.tags))
    rare = [folder for folder, tags in counts.items() if tags and min(tags.values()) <= 2]
    return called(*("set" if folder == "." else folder.rpartition("_")[2] for folder in rare))


@plants("duplicate-tags")
def a_tag_twice_in_a_caption(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.retag(sample, [*sample.tags, sample.tags[-1]])
    return captions_named(victims)


@plants("tag-synonyms")
def two_words_for_one_thing(one, random):
    victims = some(one.train, 12, random)
    for number, sample in enumerate(victims):
        one.retag(sample, [*sample.tags, ("t-shirt", "tee shirt")[number % 2]])
    return [Expected()]


@plants("tag-synonyms")
def underscores_beside_spaces(one, random):
    for sample in some(one.train, len(one.train) // 2, random):
        one.retag(sample, [tag.replace(" ", "_") for tag in sample.tags])
    return [Expected()]


@plants("contradictory-tags")
def tags_that_cannot_both_be_true(one, random):
    victims = some(one.train, 3, random)
    for sample, place in zip(
        victims, (("street", "day", "night"), ("bedroom", "indoors", "outdoors"), ()), strict=True
    ):
        parts = sample.parts
        hair, where = (parts.hair, place) if place else (("short hair", "very long hair"), parts.place)
        one.retag(sample, [*parts.called, *parts.face, *hair, *parts.clothes, *parts.distance, *where])
    return captions_named(victims)


@plants("unknown-tags")
def misspelt_tags(one, random):
    victims = some(one.train, 3, random)
    for sample, wrong in zip(victims, ("skool uniform", "lookin at viewer", "twintials"), strict=True):
        one.retag(sample, [*sample.tags, wrong])
    return [Expected()]


@plants("always-on-quality-tags", consequences=("tag-frequency",))
def praise_on_every_picture(one, random):
    for sample in one.train:
        one.retag(sample, [*sample.tags, "masterpiece", "best quality"])
    return [Expected()]


THINGS = (
    "umbrella", "book", "cat", "bicycle", "violin", "balloon", "lantern", "handbag", "cup", "flower", "camera",
    "guitar", "ball", "folding fan", "ribbon", "feather", "key", "map", "bottle", "basket",
)  # fmt: skip


@plants("vocabulary-skew", consequences=("tag-frequency", "trigger-coupling", "low-tag-entropy", "low-word-diversity"))
def a_few_tags_are_nearly_all(one, random):
    """Ten tags on nearly all pictures, and twenty on three each."""
    common = ["smile", "standing", "looking at viewer", "outdoors", "street", "long hair", "white dress", "full body"]
    common += ["hat", "city"]
    order = random.permutation(len(one.train)).tolist()
    rare = {place: [] for place in order}
    for number, thing in enumerate(THINGS * 3):
        rare[order[number % len(order)]].append(thing)
    for number, sample in enumerate(one.train):
        left_out = set(random.permutation(len(common))[: 1 + number % 2].tolist())
        kept = [tag for place, tag in enumerate(common) if place not in left_out]
        one.retag(sample, ["lumika", "girl", *kept, *rare[number]])
    return called("lumika girl")


@plants("low-tag-entropy", consequences=("tag-frequency", "trigger-coupling"))
def one_background_on_nearly_all(one, random):
    for number, sample in enumerate(one.train):
        parts = sample.parts
        place = parts.place if number < 2 else ("white background",)
        one.retag(sample, [*parts.called, *parts.face, *parts.hair, *parts.clothes, *parts.distance, *place])
    return [Expected()]


@plants("tag-coupling")
def an_outfit_that_is_worn_in_one_place_alone(one, random):
    for sample in some(one.train, 10, random):
        parts = sample.parts
        coupled = ("denim jacket", *parts.distance, "castle")
        one.retag(sample, [*parts.called, *parts.face, *parts.hair, *coupled])
    return called("castle + denim jacket")


@plants("trigger-collision")
def a_trigger_that_is_a_common_word(one, random):
    for sample in one.train:
        one.retag(sample, ["princess" if tag == "lumika" else tag for tag in sample.tags])
    one.policy = DECLARED.replace("trigger: lumika", "trigger: princess")
    return [Expected()]


@plants("concept-overlap", folders=TWO_CONCEPTS)
def two_concepts_described_alike(one, random):
    first = [sample.tags for sample in one.of(LUMIKA_FOLDER)]
    for sample, tags in zip(one.of(NORAVEL_FOLDER), first, strict=False):
        one.retag(sample, ["noravel", *tags[1:]])
    return [Expected()]


@plants("mixed-identities")
def two_persons_under_one_trigger(one, random):
    for number, sample in enumerate(one.train):
        colours = ["blue eyes", "blonde hair"] if number % 2 else ["red eyes", "black hair"]
        one.retag(sample, [*sample.tags[:2], *colours, *sample.tags[2:]])
    return [Expected()]


@plants("framing-bias", profile={"purpose": "character"}, consequences=("tag-frequency", "low-tag-entropy"))
def nothing_but_portraits(one, random):
    for number, sample in enumerate(one.train):
        parts = sample.parts
        framing = parts.distance if number < 2 else ("portrait",)
        one.retag(sample, [*parts.called, *parts.face, *parts.hair, *parts.clothes, *framing, *parts.place])
    return [Expected()]


@plants("purpose-mismatch", profile={"purpose": "character"}, consequences=("tag-frequency", "trigger-coupling"))
def one_face_in_all_pictures(one, random):
    for sample in one.train:
        parts = sample.parts
        one.retag(sample, [*parts.called, "smile", *parts.hair, *parts.clothes, *parts.distance, *parts.place])
    return [Expected()]
