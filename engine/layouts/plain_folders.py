"""Plain folders: images and captions side by side at any depth, one concept per folder."""

from tagmetry.layout import FolderReading, Layout, Reading
from tagmetry.layouts.pairing import folder_of, folder_titles, paired, sorted_files
from tagmetry.layouts.tree import Tree
from tagmetry.profile import Profile


def recognizes(tree: Tree, profile: Profile) -> int:
    return 10


def read(tree: Tree, profile: Profile) -> Reading:
    sorting = sorted_files(tree)
    with_images = sorted({folder_of(image) for image in sorting.images})
    titles = folder_titles(tree, with_images)
    folders = {folder: FolderReading(path=folder, concept=titles[folder]) for folder in with_images}
    return paired(tree, layout="plain-folders", sorting=sorting, folders=folders)


layout = Layout("plain-folders", "Images and captions side by side, one concept per folder.", recognizes, read)
