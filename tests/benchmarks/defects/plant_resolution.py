"""Faults of size and shape."""

from benchmarks.defects.planting import Expected, named, plants, some, together
from benchmarks.defects.sets import LUMIKA_FOLDER


def scaled(size):
    def change(image):
        return image.resize(size)

    return change


def smaller(factor):
    def change(image):
        return image.resize((round(image.width * factor), round(image.height * factor)))

    return change


@plants("resolution-below-base-model", pixels=True)
def small_pictures(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.repaint(sample, smaller(0.7))
    return named(victims)


@plants("resolution-below-base-model", pixels=True, profile={"base_model": "sd15"}, consequences=("bucket-upscaled",))
def small_pictures_for_sd15(one, random):
    return small_pictures(one, random)


@plants("few-full-size-images", profile={"base_model": "sdxl"})
def hardly_any_picture_of_full_size(one, random):
    return [Expected()]


@plants("inconsistent-resolution", pixels=True)
def a_shape_for_each_picture(one, random):
    for sample in one.train:
        width, height = sorted(random.integers(520, 1000, 2).tolist())
        one.repaint(sample, scaled((width, height) if random.random() < 0.5 else (height, width)))
    return [Expected(name=folder) for folder in sorted({s.folder.rpartition("_")[2] for s in one.train})]


@plants("extreme-aspect-ratio", pixels=True)
def panoramas(one, random):
    victims = some(one.train, 4, random)
    for sample in victims:
        one.repaint(sample, scaled((1536, 520)))
    return together(victims)


@plants("bucket-underfilled", profile={"base_model": "sd15", "trainer": "kohya", "batch_size": 4})
def a_shape_that_stands_alone(one, random):
    victim = some(one.of(LUMIKA_FOLDER), 1, random)
    for sample in victim:
        one.repaint(sample, scaled((1300, 560)))
    return named(victim)


@plants("bucket-crop-loss", profile={"base_model": "sd15", "trainer": "kohya"}, consequences=("extreme-aspect-ratio",))
def pictures_longer_than_any_bucket(one, random):
    victims = some(one.train, 2, random)
    for sample in victims:
        one.repaint(sample, scaled((2600, 520)))
    return together(victims)


@plants(
    "bucket-upscaled",
    profile={"base_model": "sd15", "trainer": "kohya"},
    consequences=("resolution-below-base-model",),
)
def pictures_that_must_grow(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.repaint(sample, smaller(0.3))
    return together(victims)
