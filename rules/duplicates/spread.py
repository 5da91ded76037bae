"""Where the images of a group lie: what the rules of this group share."""

from tagmetry.api import Dataset


def is_across_concepts_only(dataset: Dataset, rows: tuple[int, ...]) -> bool:
    """Whether no two of the images are in one concept, so that the group is all `duplicate-across-sets`'s."""
    return len({int(dataset.concept_of[row]) for row in rows}) == len(rows)
