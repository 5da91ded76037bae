"""Faults of numbers."""

from benchmarks.defects.plant_duplicates import GROUPED, near_copies
from benchmarks.defects.planting import TWO_CONCEPTS, Expected, plants, some
from benchmarks.defects.sets import LUMIKA_FOLDER, NORAVEL_FOLDER


@plants("dataset-size", profile={"base_model": "flux"}, consequences=("too-small-to-balance", "regularization-ratio"))
def four_pictures_for_flux(one, random):
    one.drop(some(one.train, len(one.train) - 4, random))
    return [Expected()]


@plants("too-small-to-balance", consequences=("regularization-ratio",))
def twenty_pictures(one, random):
    one.drop(some(one.train, len(one.train) - 20, random))
    return [Expected()]


@plants(
    "too-small-to-balance",
    consequences=(
        *GROUPED, "regularization-ratio",
    ),
)  # fmt: skip
def thirty_files_of_fewer_pictures(one, random):
    one.drop(some(one.train, 6, random))
    for sample in some(one.train, 4, random):
        near_copies(one, sample, 2, random)
    return [Expected()]


@plants("concept-imbalance", folders=TWO_CONCEPTS)
def one_concept_shown_three_times_as_often(one, random):
    one.move(LUMIKA_FOLDER, LUMIKA_FOLDER.replace("1_", "3_"))
    return [Expected()]


@plants("concept-imbalance", folders=TWO_CONCEPTS, consequences=("too-small-to-balance",))
def one_concept_with_few_pictures(one, random):
    one.drop(some(one.of(NORAVEL_FOLDER), 12, random))
    return [Expected()]
