"""Pictures that are there more than once."""

from dataclasses import replace
from pathlib import PurePosixPath

from PIL import ImageEnhance, ImageOps

from benchmarks.defects.pictures import encoded
from benchmarks.defects.planting import TWO_CONCEPTS, Expected, plants, some, together
from benchmarks.defects.sets import LUMIKA_FOLDER, NORAVEL_FOLDER, REG_FOLDER

GROUPED = (
    "lookalikes-same-caption",
    "near-duplicate-cluster",
    "near-duplicate-ratio",
    "dominant-cluster",
    "effective-size",
    "too-small-to-balance",
)


def copy_of(sample, name, data=None):
    path = PurePosixPath(sample.path)
    return replace(sample, path=str(path.with_name(f"{path.stem}-{name}{path.suffix}")), data=data or sample.data)


def cut(image):
    return image.crop((0, 0, round(image.width * 0.95), round(image.height * 0.95)))


def changes(random):
    """Ways in which copies come about, in an order of their own."""
    ways = [
        lambda image: image.resize((round(image.width * 1.25), round(image.height * 1.25))),
        lambda image: ImageEnhance.Brightness(image).enhance(1.12),
        lambda image: ImageEnhance.Color(image).enhance(0.5),
        # Enlarged first, so that the rest is no smaller than the other pictures.
        lambda image: cut(image.resize((round(image.width * 1.1), round(image.height * 1.1)))),
        lambda image: ImageOps.expand(image, border=round(image.width * 0.04), fill="white"),
        lambda image: ImageOps.grayscale(image).convert("RGB"),
        lambda image: image.rotate(2, expand=False, fillcolor=(128, 128, 128)),
    ]
    return [ways[place] for place in random.permutation(len(ways))]


def near_copies(one, sample, n, random):
    """n near-duplicates of a sample, added to the set, with the sample itself."""
    made = []
    ways = changes(random)
    for k in range(n):
        data = encoded(ways[k % len(ways)](sample.picture()), quality=60 + 4 * k)
        made.append(one.add(copy_of(sample, f"copy{k}", data)))
    return [sample, *made]


@plants("exact-duplicates", pixels=True, consequences=GROUPED)
def the_same_file_twice(one, random):
    victims = some(one.train, 2, random)
    return [wanted for sample in victims for wanted in together([sample, one.add(copy_of(sample, "again"))])]


@plants("exact-duplicates", pixels=True, consequences=GROUPED)
def the_same_pixels_in_another_file(one, random):
    found = []
    for sample in some(one.train, 2, random):
        first = one.change(sample, data=encoded(sample.picture(), format="PNG", compress_level=1))
        other = copy_of(first, "again", encoded(sample.picture(), format="PNG", compress_level=6))
        first = one.change(first, path=str(PurePosixPath(first.path).with_suffix(".png")))
        other = one.add(replace(other, path=str(PurePosixPath(other.path).with_suffix(".png"))))
        found += together([first, other])
    return found


@plants("near-duplicate-cluster", pixels=True, consequences=GROUPED)
def two_near_copies_each(one, random):
    return [wanted for sample in some(one.train, 2, random) for wanted in together(near_copies(one, sample, 2, random))]


@plants("near-duplicate-ratio", pixels=True, consequences=GROUPED)
def a_fifth_of_the_set_in_copies(one, random):
    for sample in some(one.train, 3, random):
        near_copies(one, sample, 3, random)
    return [Expected()]


@plants("dominant-cluster", pixels=True, consequences=GROUPED)
def one_picture_six_times(one, random):
    return together(near_copies(one, some(one.train, 1, random)[0], 5, random))


@plants("effective-size", pixels=True, consequences=GROUPED)
def a_quarter_of_the_set_are_copies(one, random):
    for sample in some(one.train, max(4, len(one.train) // 3), random):
        near_copies(one, sample, 1, random)
    return [Expected()]


@plants("duplicate-across-sets", folders=TWO_CONCEPTS, consequences=GROUPED)
def pictures_in_two_concepts(one, random):
    found = []
    for sample in some(one.of(LUMIKA_FOLDER), 2, random):
        copy = copy_of(sample, "copy", encoded(changes(random)[0](sample.picture()), quality=70))
        moved = replace(copy, path=copy.path.replace(LUMIKA_FOLDER, NORAVEL_FOLDER))
        found += together([sample, one.add(replace(moved, caption=sample.caption.replace("lumika", "noravel")))])
    return found


@plants("duplicate-across-sets", pixels=True)
def training_pictures_in_other_sets(one, random):
    """Among the regularization images and in a hold-out set, saved anew or changed."""
    found = []
    for number, sample in enumerate(some(one.train, 4, random)):
        folder = REG_FOLDER if number % 2 else "val/1_girl"
        data = encoded(changes(random)[0](sample.picture()), quality=70) if number > 1 else sample.data
        copy = copy_of(sample, "copy", data)
        moved = replace(copy, path=f"{folder}/{PurePosixPath(copy.path).name}")
        found += together([sample, one.add(replace(moved, caption=sample.caption.replace("lumika, ", "")))])
    return found


@plants("mirrored-duplicates", pixels=True)
def pictures_and_their_mirror_images(one, random):
    found = []
    for sample in some(one.train, 3, random):
        mirrored = encoded(ImageOps.mirror(sample.picture()), quality=80)
        found += together([sample, one.add(copy_of(sample, "mirrored", mirrored))])
    return found


@plants("lookalikes-same-caption", consequences=GROUPED[1:])
def near_copies_that_share_their_caption(one, random):
    near_copies(one, some(one.train, 1, random)[0], 4, random)
    return [Expected()]


@plants("duplicate-caption-mismatch", consequences=(*GROUPED, "exact-duplicates"))
def copies_with_different_tags(one, random):
    found = []
    for sample in some(one.train, 2, random):
        parts = sample.parts
        other = ", ".join((*parts.called, "frown", "hat", "scarf", "night", "street", "wide shot"))
        found += together([sample, one.add(replace(copy_of(sample, "again"), caption=other))])
    return found
