"""kohya's folders: `N_trigger class` below a parent folder; N is the number of repeats.

Only images that lie directly in such a folder are trained, so everything else is left out with that reason.
"""

from pathlib import PurePosixPath

from tagmetry.dataset import Excluded
from tagmetry.layout import FolderReading, Layout, Reading
from tagmetry.layouts.pairing import folder_of, paired, sorted_files
from tagmetry.layouts.tree import Tree
from tagmetry.messages import message
from tagmetry.profile import Profile
from tagmetry.text import words_of_name
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
            folders[folder] = _reading(folder, *parsed)
    read_here = [image for image in sorting.images if folder_of(image) in folders]
    for image in sorting.images:
        if folder_of(image) not in folders:
            sorting.excluded.append(_not_read(image))
    for of_stem in list(sorting.captions.values()):
        for suffix, caption in list(of_stem.items()):
            if folder_of(caption) not in folders:
                sorting.excluded.append(_not_read(caption))
                del of_stem[suffix]
    sorting.images = read_here
    return paired(tree, layout="kohya-folders", sorting=sorting, folders=folders, trainer="kohya")


def _folders_with_images(tree: Tree) -> set[str]:
    return {folder_of(image) for image in sorted_files(tree).images}


def _numbered(tree: Tree, folder: str) -> tuple[int, str] | None:
    """Repeats and class tokens of a folder's name; None for a folder that kohya does not read."""
    name = tree.root.name if folder == "." else PurePosixPath(folder).name
    parsed = kohya.parse_folder_name(name)
    return None if parsed is None else (parsed.repeats, parsed.class_tokens)


def _reading(folder: str, repeats: int, tokens: str) -> FolderReading:
    words = words_of_name(tokens)
    return FolderReading(
        path=folder,
        concept=tokens or folder,
        repeats=float(repeats),
        trigger_hint=words[0] if words else None,
        # One word cannot be both; it calls the concept.
        class_hint=words[-1] if len(words) > 1 else None,
    )


def _not_read(path: str) -> Excluded:
    return Excluded(
        path, "not-in-a-kohya-folder", message("kohya trains only what lies directly in a folder named N_name")
    )


layout = Layout("kohya-folders", "Folders named N_trigger class below a parent folder.", recognizes, read)
