"""Faults of regularization, preservation and earlier images."""

from benchmarks.defects.planting import TWO_CONCEPTS, Expected, called, plants, some
from benchmarks.defects.sets import LUMIKA_FOLDER, NORAVEL_FOLDER, REG_FOLDER

EVENED = {"trainer": "kohya"}


@plants("class-hijack-risk")
def no_class_pictures(one, random):
    one.drop(one.regularization)
    return called("lumika girl")


@plants("class-hijack-risk")
def class_pictures_that_do_not_name_the_class(one, random):
    for sample in one.regularization:
        one.retag(sample, sample.tags[1:])
    one.move(REG_FOLDER, "reg/2_person")
    return called("lumika girl")


@plants("missing-regularization")
def a_class_word_on_most_captions_without_class_pictures(one, random):
    one.drop(one.regularization)
    for sample in some(one.train, len(one.train) // 4, random):
        one.retag(sample, [tag for tag in sample.tags if tag != "girl"])
    return called("lumika girl")


@plants("missing-regularization", consequences=("missing-caption",))
def no_captions_and_no_class_pictures(one, random):
    one.drop(one.regularization)
    for sample in one.train:
        one.change(sample, caption=None)
    return called("lumika girl")


@plants("regularization-ratio", profile=EVENED)
def more_class_pictures_than_are_ever_used(one, random):
    one.move(REG_FOLDER, REG_FOLDER.replace("2_", f"{random.integers(3, 8)}_"))
    return [Expected()]


@plants("regularization-ratio", folders=(LUMIKA_FOLDER, REG_FOLDER), profile={"trainer": "onetrainer"})
def class_pictures_shown_more_often_than_the_concept(one, random):
    one.move(REG_FOLDER, REG_FOLDER.replace("2_", f"{random.integers(3, 8)}_"))
    return [Expected()]


@plants("regularization-ratio", profile={"trainer": "onetrainer"})
def hardly_any_class_pictures(one, random):
    one.drop(some(one.regularization, 6, random))
    return [Expected()]


@plants("thin-regularization-captions")
def class_pictures_captioned_with_the_class_alone(one, random):
    for sample in one.regularization:
        one.change(sample, caption=str(random.choice(["girl", "a girl", "a photo of a girl", "1girl, solo"])))
    return called("girl")


@plants("thin-regularization-captions")
def class_pictures_without_captions(one, random):
    for sample in one.regularization:
        one.change(sample, caption=None)
    return called("girl")


def of_role(one, role, folder):
    """Declares a folder's images to be of a role."""
    one.policy = f"profile:\n  roles:\n    {role}: {folder}/**\n"


@plants("preservation-mix", folders=TWO_CONCEPTS)
def as_many_preservation_images_as_new_ones(one, random):
    one.move(NORAVEL_FOLDER, "train/1_preserved girl")
    of_role(one, "preservation", "train/1_preserved girl")
    return [Expected()]


@plants("preservation-mix", folders=TWO_CONCEPTS)
def hardly_any_preservation_images(one, random):
    one.move(NORAVEL_FOLDER, "train/1_preserved girl")
    of_role(one, "preservation", "train/1_preserved girl")
    one.drop(some(one.of("train/1_preserved girl"), 15, random))
    return [Expected()]


@plants("continuation-mix", folders=TWO_CONCEPTS)
def a_second_training_with_few_earlier_images(one, random):
    of_role(one, "earlier", NORAVEL_FOLDER)
    one.drop(some(one.of(NORAVEL_FOLDER), 12, random))
    return [Expected()]


@plants("continuation-mix", folders=TWO_CONCEPTS, consequences=("too-small-to-balance", "regularization-ratio"))
def a_second_training_with_few_new_images(one, random):
    of_role(one, "earlier", NORAVEL_FOLDER)
    kept = {sample.path for sample in some(one.of(LUMIKA_FOLDER), 8, random)}
    one.drop([sample for sample in one.of(LUMIKA_FOLDER) if sample.path not in kept])
    return [Expected()]
