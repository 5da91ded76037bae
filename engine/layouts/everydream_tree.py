"""EveryDream trees: folders at any depth, with `multiply.txt` and the like beside the images."""

from tagmetry.layout import FolderReading, Layout, Reading
from tagmetry.layouts.pairing import folder_of, folder_titles, leave_out, paired, sorted_files
from tagmetry.layouts.tree import Tree
from tagmetry.messages import message
from tagmetry.profile import Profile
from tagmetry.trainers import everydream

_MARKS = frozenset(
    {"multiply.txt", "cond_dropout.txt", "flip_p.txt", "global.yaml", "global.yml", "local.yaml", "local.yml"}
)
_LONGEST_NUMBER = 64


def recognizes(tree: Tree, profile: Profile) -> int:
    if profile.trainer == "everydream":
        return 60
    return 30 if any(name in _MARKS for names in tree.files_in.values() for name in names) else 0


def read(tree: Tree, profile: Profile) -> Reading:
    sorting = sorted_files(tree)
    with_images = sorted({folder_of(image) for image in sorting.images})
    repeats = {folder: _multiplier(tree, folder) for folder in with_images}
    left_out = frozenset(folder for folder, multiplier in repeats.items() if multiplier <= 0)
    leave_out(
        sorting, left_out, id="multiplied-away", text=message("multiply.txt is negative: the trainer leaves it out")
    )
    with_images = [folder for folder in with_images if folder not in left_out]
    titles = folder_titles(tree, with_images)
    folders = {
        folder: FolderReading(path=folder, concept=titles[folder], repeats=repeats[folder]) for folder in with_images
    }
    return paired(tree, layout="everydream-tree", sorting=sorting, folders=folders, trainer="everydream")


def _multiplier(tree: Tree, folder: str) -> float:
    """What `multiply.txt` means to the trainer; it holds for its own folder alone."""
    if "multiply.txt" not in tree.files_in.get(folder, ()):
        return 1.0
    path = "multiply.txt" if folder == "." else f"{folder}/multiply.txt"
    try:
        text = tree.read_bytes(path, _LONGEST_NUMBER).decode("utf-8", errors="replace")
    except OSError:
        return 1.0
    return everydream.multiplier_of(text)


layout = Layout("everydream-tree", "Folders with multiply.txt and other EveryDream settings.", recognizes, read)
