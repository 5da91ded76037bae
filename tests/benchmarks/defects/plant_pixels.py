"""Faults of the pictures themselves."""

from functools import lru_cache
from io import BytesIO
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, PngImagePlugin

from benchmarks.defects.pictures import encoded
from benchmarks.defects.planting import Expected, called, named, plants, some
from benchmarks.defects.sets import LUMIKA_FOLDER, pictures_of
from tagmetry.demo.photographs import TEAPOT_SHOTS, photograph


def as_png(one, sample, image, **how):
    """The sample with another picture, saved as PNG."""
    path = str(PurePosixPath(sample.path).with_suffix(".png"))
    return one.change(sample, path=path, data=encoded(image, format="PNG", compress_level=1, **how))


@plants("animated-image")
def pictures_that_move(one, random):
    victims = []
    for sample in some(one.train, 2, random):
        frames = [ImageChops.offset(sample.picture(), 9 * k, 0) for k in range(3)]
        held = BytesIO()
        frames[0].save(held, "GIF", save_all=True, append_images=frames[1:], duration=80)
        path = str(PurePosixPath(sample.path).with_suffix(".gif"))
        victims.append(one.change(sample, path=path, data=held.getvalue()))
    return named(victims)


@plants("blank-image", pixels=True)
def pictures_of_one_colour(one, random):
    colours = ((0, 0, 0), (255, 255, 255), (90, 140, 60))
    victims = some(one.train, 3, random)
    for sample, colour in zip(victims, colours, strict=True):
        one.change(sample, data=encoded(Image.new("RGB", sample.picture().size, colour)))
    return named(victims)


@plants("extreme-dimensions", consequences=("extreme-aspect-ratio",))
def a_picture_ten_times_as_large(one, random):
    victim = some(one.train, 1, random)[0]
    image = victim.picture()
    return named([one.repaint(victim, lambda _: image.resize((image.width * 10, image.height * 10)), quality=60)])


@plants("extreme-compression", pixels=True)
def pictures_squeezed_to_nothing(one, random):
    victims = some(one.train, 3, random)
    for sample, quality in zip(victims, (4, 8, 12), strict=True):
        one.repaint(sample, lambda image: image, quality=quality)
    return named(victims)


@plants("mixed-formats", consequences=("odd-color-mode",))
def formats_of_which_some_have_alpha(one, random):
    victims = some(one.train, len(one.train) // 3, random)
    for number, sample in enumerate(victims):
        image = sample.picture()
        if number % 2:
            alpha = Image.new("L", image.size, 255)
            alpha.paste(0, (0, 0, image.width // 3, image.height))
            image.putalpha(alpha)
        else:
            image = image.quantize(64)
        as_png(one, sample, image)
    return called("lumika girl")


@plants("odd-color-mode", pixels=True)
def pictures_in_other_colour_modes(one, random):
    cmyk, deep, grey = some(one.train, 3, random)
    grey_levels = np.asarray(deep.picture().convert("L"), dtype=np.uint16) * 257
    return named(
        [
            one.repaint(cmyk, lambda image: image.convert("CMYK")),
            as_png(one, deep, Image.fromarray(grey_levels)),
            one.repaint(grey, lambda image: image.convert("L")),
        ]
    )


@plants("blurry-image", pixels=True)
def blurred_pictures(one, random):
    victims = some(one.train, 3, random)
    for sample, radius in zip(victims, (5, 7, 10), strict=True):
        one.repaint(sample, lambda image, radius=radius: image.filter(ImageFilter.GaussianBlur(radius)))
    return named(victims)


@plants("tonal-outlier", pixels=True, consequences=("blurry-image", "mood-words-to-review"))
def pictures_much_too_dark_or_light(one, random):
    # Captions that name a light would excuse it.
    dark, light = (one.retag(sample, [*sample.tags[:3], "park"]) for sample in some(one.train, 2, random))
    one.repaint(dark, lambda image: ImageEnhance.Brightness(image).enhance(0.12))
    one.repaint(light, lambda image: Image.blend(image, Image.new("RGB", image.size, "white"), 0.88))
    return named([dark, light])


@plants("tonal-outlier", pixels=True)
def a_picture_under_coloured_light(one, random):
    victim = some(one.train, 1, random)[0]
    victim = one.retag(victim, [*victim.tags[:3], "park"])
    tint = ((255, 110, 20), (30, 90, 255), (60, 230, 60))[random.integers(3)]
    return named([one.repaint(victim, lambda image: ImageChops.multiply(image, Image.new("RGB", image.size, tint)))])


@plants("skewed-palette", pixels=True)
def a_concept_in_one_tint(one, random):
    tints = ((255, 150, 60), (70, 120, 255), (120, 220, 90))
    tint = tints[random.integers(len(tints))]
    for sample in one.train:
        one.repaint(
            sample,
            lambda image: Image.blend(
                image, ImageChops.multiply(image.convert("L").convert("RGB"), Image.new("RGB", image.size, tint)), 0.85
            ),
        )
    return called("lumika girl")


@plants("skewed-palette", pixels=True, consequences=("regularization-quality", "odd-color-mode"))
def a_concept_without_colours(one, random):
    for sample in one.train:
        one.repaint(sample, lambda image: ImageEnhance.Color(image).enhance(0.1))
    return called("lumika girl")


@lru_cache(maxsize=16)
def teapot(number):
    return photograph(TEAPOT_SHOTS[number], seed=number, scale=0.6)


@plants("letterbox-bars", pixels=True)
def film_stills_with_bars(one, random):
    victims = some(one.train, 3, random)
    for sample, share in zip(victims, (0.06, 0.12, 0.2), strict=True):

        def barred(image, share=share):
            lines = round(image.height * share)
            image.paste((0, 0, 0), (0, 0, image.width, lines))
            image.paste((0, 0, 0), (0, image.height - lines, image.width, image.height))
            return image

        one.repaint(sample, barred)
    return named(victims)


@plants("uneven-conditions", pixels=True, profile={"base_model": "flux"}, consequences=("tonal-outlier",))
def a_third_of_the_pictures_taken_in_the_dark(one, random):
    for sample in one.train:
        one.repaint(sample, lambda image: Image.blend(image, Image.new("RGB", image.size, (170, 170, 170)), 0.5))
    for sample in some(one.train, len(one.train) // 3, random):
        one.repaint(sample, lambda image: ImageEnhance.Brightness(image).enhance(0.3))
    return called("lumika girl")


@plants("mixed-rendering", consequences=("tonal-outlier",))
def photographs_among_drawings(one, random):
    victims = some(one.train, 8, random)
    shots = random.choice(len(TEAPOT_SHOTS), len(victims), replace=False)
    for sample, shot in zip(victims, shots.tolist(), strict=True):
        one.change(sample, data=encoded(teapot(shot)))
    return called("lumika girl")


@plants("mixed-rendering", pixels=True, drawn=False, consequences=("tonal-outlier", "skewed-palette"))
def drawings_among_photographs(one, random):
    victims = some(one.train, 8, random)
    for sample, drawing in zip(victims, pictures_of(LUMIKA_FOLDER, 0), strict=False):
        one.change(sample, data=drawing.data)
    return called("lumika girl")


@plants("uneven-conditions", profile={"base_model": "flux"}, consequences=("resolution-below-base-model",))
def a_third_of_the_pictures_much_larger(one, random):
    for sample in some(one.train, 10, random):
        one.repaint(sample, lambda image: image.resize((round(image.width * 2.4), round(image.height * 2.4))))
    return called("lumika girl")


def distances_differ(one):
    """`uneven-conditions` notes several camera distances, which clean sets have on purpose."""
    return called(*sorted({"set" if s.folder == "." else s.folder.rpartition("_")[2] for s in one.train}))


@plants("tag-image-mismatch")
def grey_words_on_coloured_pictures(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        coloured = one.repaint(sample, lambda image: ImageEnhance.Color(image).enhance(1.4))
        one.retag(coloured, [*coloured.tags, "monochrome", "greyscale"])
    return named(victims)


@plants("regularization-quality")
def smooth_class_pictures_for_sharp_ones(one, random):
    for sample in one.regularization:
        one.repaint(sample, lambda image: image.filter(ImageFilter.GaussianBlur(4)))
    return [Expected()]


@plants("generated-regularization")
def class_pictures_that_say_who_made_them(one, random):
    for sample in one.regularization:
        told = PngImagePlugin.PngInfo()
        told.add_text("parameters", "a girl\nSteps: 28, Sampler: Euler a, CFG scale: 7, Seed: 1, Model: v1-5")
        as_png(one, sample, sample.picture(), pnginfo=told)
    return [Expected()]
