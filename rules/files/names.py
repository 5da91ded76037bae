"""The names of all files and folders of a dataset, as rules about names look at them."""

from collections.abc import Callable

from tagmetry.api import Dataset


def all_paths(dataset: Dataset) -> tuple[str, ...]:
    """Every path that the run has seen: the images, then captions and all that was left out or could not be used.

    Both parts are sorted, so that what an image and its caption have in common is first seen on the image.
    """
    captions = dataset.captions
    images = set(dataset.paths)
    others = {
        *(path for path in captions.path_of if path is not None),
        *(orphan.path for orphan in captions.orphans),
        *(entry.path for entry in dataset.excluded),
        *(problem.path for problem in dataset.file_problems),
    }
    return (*sorted(images), *sorted(others - images))


def without_ending(path: str) -> str:
    """A path without the ending of its last name: what an image shares with its caption."""
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)


def first_prefix(path: str, is_wrong: Callable[[str], bool]) -> str | None:
    """The path down to the first folder or file whose name is wrong; None if none is."""
    parts = path.split("/")
    for depth, name in enumerate(parts, 1):
        if is_wrong(name):
            return "/".join(parts[:depth])
    return None
