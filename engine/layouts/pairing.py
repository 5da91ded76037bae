"""Which files are images, which are captions, and which belong together: the part that all layouts share."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from tagmetry.dataset import Excluded
from tagmetry.layout import FolderReading, Reading
from tagmetry.layouts.tree import Tree
from tagmetry.messages import Message, message
from tagmetry.trainers import is_control_file

IMAGE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff"}
)  # fmt: skip
"""What the decoders on the allow-list read."""

FOREIGN_IMAGE_SUFFIXES: Final = frozenset(
    {
        ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".psd", ".xcf", ".kra", ".clip", ".svg", ".ico", ".tga", ".hdr",
        ".exr", ".pbm", ".pgm", ".ppm", ".pnm", ".dds", ".eps", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".qoi",
        ".mpo",
    }
)  # fmt: skip
"""Pictures in formats that are not read: they are looked at, so that somebody hears of them."""

CAPTION_SUFFIXES: Final = (".txt", ".caption")
"""In the order in which a caption is looked for."""

_PICTURE_SUFFIXES: Final = IMAGE_SUFFIXES | FOREIGN_IMAGE_SUFFIXES

CACHE_SUFFIXES: Final = frozenset({".npz", ".npy", ".safetensors", ".pt", ".pkl", ".ckpt"})
DOCUMENT_STEMS: Final = frozenset({"readme", "license", "licence", "copying", "credits", "notes", "changelog"})
POLICY_NAMES: Final = frozenset({"tagmetry.yaml", "tagmetry.yml"})


@dataclass(slots=True)
class Sorting:
    """The files of a tree put into heaps; what a layout has claimed already is left out."""

    images: list[str] = field(default_factory=list)
    captions: dict[str, dict[str, str]] = field(default_factory=dict)
    """Stem path (`folder/name` without suffix) -> suffix -> caption file."""
    excluded: list[Excluded] = field(default_factory=list)


def sorted_files(tree: Tree, *, claimed: Iterable[str] = ()) -> Sorting:
    """Images, captions by stem, and everything that is neither, with the reason."""
    taken = frozenset(claimed)
    folders_with_images = {
        folder for folder, names in tree.files_in.items() if any(is_image_name(name) for name in names)
    }
    sorting = Sorting()
    for path in tree.paths:
        if path in taken:
            continue
        suffix = suffix_of(path)
        if suffix.lower() in _PICTURE_SUFFIXES:
            sorting.images.append(path)
        elif reason := not_a_caption(path, in_image_folder=folder_of(path) in folders_with_images):
            sorting.excluded.append(reason)
        else:
            sorting.captions.setdefault(path[: -len(suffix)], {})[suffix] = path
    return sorting


def leave_out(sorting: Sorting, folders: frozenset[str], *, id: str, text: Message) -> None:
    """Take all images and captions of some folders out of the heaps, each with the reason."""
    gone = [image for image in sorting.images if folder_of(image) in folders]
    sorting.images = [image for image in sorting.images if folder_of(image) not in folders]
    for of_stem in sorting.captions.values():
        for suffix, caption in list(of_stem.items()):
            if folder_of(caption) in folders:
                gone.append(caption)
                del of_stem[suffix]
    sorting.excluded.extend(Excluded(path, id, text, is_image=is_image_name(PurePosixPath(path).name)) for path in gone)


def is_image_name(name: str) -> bool:
    return suffix_of(name).lower() in _PICTURE_SUFFIXES


def suffix_of(path: str) -> str:
    """What pathlib calls the suffix, at a twentieth of the time: every file of a dataset is asked for it."""
    at = path.rfind(".")
    start = path.rfind("/") + 1
    return path[at:] if start < at < len(path) - 1 else ""


def not_a_caption(path: str, *, in_image_folder: bool) -> Excluded | None:
    """The reason why a file that is no image is no caption either, or None for a caption file."""
    name = path.rpartition("/")[2]
    suffix = suffix_of(name)
    if is_control_file(name):
        return Excluded(path, "trainer-control-file", message("control or cache file of a trainer"))
    if name.casefold() in POLICY_NAMES:
        text = message("policy inside the dataset: it is data here; use --policy to apply it")
        return Excluded(path, "config-ignored", text)
    if suffix.lower() in CACHE_SUFFIXES:
        return Excluded(path, "cache-file", message("cache or weights file; never opened"))
    if suffix.lower() not in CAPTION_SUFFIXES:
        return Excluded(path, "other-file", message("neither an image nor a caption"))
    if suffix.lower() == ".txt" and name[: -len(suffix)].casefold() in DOCUMENT_STEMS:
        return Excluded(path, "document", message("a document, by its name"))
    if not in_image_folder:
        return Excluded(path, "text-without-images", message("text in a folder without images"))
    return None


def folder_of(path: str) -> str:
    return path.rpartition("/")[0] or "."


def paired(
    tree: Tree,
    *,
    layout: str,
    sorting: Sorting,
    folders: Mapping[str, FolderReading],
    trainer: str | None = None,
    suffixes: tuple[str, ...] = CAPTION_SUFFIXES,
) -> Reading:
    """A reading in which every image has the caption of its own stem and folder.

    `folders` holds a reading for every folder that has images. Captions of other suffixes than the one used, and
    captions without an image, are accounted for.
    """
    order = {path: number for number, path in enumerate(sorted(folders))}
    images = tuple(sorted(sorting.images))
    caption_files: list[str | None] = []
    used: set[str] = set()
    excluded = list(sorting.excluded)
    for image in images:
        stem = image[: len(image) - len(suffix_of(image))]
        of_stem = sorting.captions.get(stem, {})
        chosen = next((of_stem[suffix] for suffix in suffixes if suffix in of_stem), None)
        caption_files.append(chosen)
        if chosen is None:
            continue
        used.add(chosen)
        for other in of_stem.values():
            if other != chosen and other not in used:
                used.add(other)
                text = message("{caption} is read instead", caption=PurePosixPath(chosen).name)
                excluded.append(Excluded(other, "second-caption", text))
    orphans = sorted(path for of_stem in sorting.captions.values() for path in of_stem.values() if path not in used)
    return Reading(
        layout=layout,
        images=images,
        folder_of=tuple(order[folder_of(image)] for image in images),
        folders=tuple(folders[path] for path in sorted(folders)),
        caption_files=tuple(caption_files),
        caption_texts=(None,) * len(images),
        orphan_captions=tuple(orphans),
        excluded=tuple(sorted((*tree.excluded, *excluded), key=lambda entry: entry.path)),
        problems=tree.problems,
        trainer=trainer,
    )


def folder_titles(tree: Tree, folders: Sequence[str]) -> dict[str, str]:
    """A short name for each folder's concept: its last part where that is unique among them, else its whole path."""
    last = {folder: PurePosixPath(folder).name for folder in folders}
    uses = Counter(last.values())
    titles = {folder: name if uses[name] == 1 else folder for folder, name in last.items()}
    return titles | {".": tree.root.name}
