"""kohya's folders: `N_trigger class` below a parent folder; N is the number of repeats.

Only images that lie directly in such a folder are trained, so everything else is left out with that reason.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tagmetry.layout import FolderReading, Layout, Reading
from tagmetry.layouts.pairing import Sorting, folder_of, leave_out, paired, sorted_files
from tagmetry.layouts.tree import Tree
from tagmetry.messages import message
from tagmetry.profile import Profile
from tagmetry.trainers import kohya


def recognizes(tree: Tree, profile: Profile) -> int:
    if not any(_numbered(tree, folder) for folder in _folders_with_images(tree)):
        return 0
    return 60 if profile.trainer == "kohya" else 20


def read(tree: Tree, profile: Profile) -> Reading:
    sorting = sorted_files(tree)
    folders = {}
    for folder in sorted({folder_of(image) for image in sorting.images}):
        parsed = _numbered(tree, folder)
        if parsed is not None:
            folders[folder] = reading_of(folder, *parsed)
    unread = frozenset(folder_of(path) for path in _all_paths(sorting)) - frozenset(folders)
    text = message("kohya trains only what lies directly in a folder named N_name")
    leave_out(sorting, unread, id="not-in-a-kohya-folder", text=text)
    return paired(tree, layout="kohya-folders", sorting=sorting, folders=folders, trainer="kohya")


def _folders_with_images(tree: Tree) -> set[str]:
    return {folder_of(image) for image in sorted_files(tree).images}


def _numbered(tree: Tree, folder: str) -> tuple[int, str] | None:
    """Repeats and class tokens of a folder's name; None for a folder that kohya does not read."""
    name = tree.root.name if folder == "." else PurePosixPath(folder).name
    parsed = kohya.parse_folder_name(name)
    return None if parsed is None else (parsed.repeats, parsed.class_tokens)


def reading_of(folder: str, repeats: int, tokens: str) -> FolderReading:
    """What repeats and class tokens tell of a folder."""
    # Split at white space alone: a trigger such as `lumi_v2` is one word.
    words = [word for part in tokens.split() if (word := part.strip(",;、，"))]
    return FolderReading(
        path=folder,
        concept=tokens or folder,
        repeats=float(repeats),
        trigger_hint=words[0] if words else None,
        # One word cannot be both; it calls the concept.
        class_hint=words[-1] if len(words) > 1 else None,
    )


def _all_paths(sorting: Sorting) -> Iterator[str]:
    yield from sorting.images
    for of_stem in sorting.captions.values():
        yield from of_stem.values()


layout = Layout("kohya-folders", "Folders named N_trigger class below a parent folder.", recognizes, read)
