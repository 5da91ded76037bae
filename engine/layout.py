"""The contract of a layout: from a listing of files to images, captions, folders and roles. No image is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tagmetry.dataset import Excluded, FileProblem
from tagmetry.messages import Value
from tagmetry.profile import Profile

if TYPE_CHECKING:
    from tagmetry.layouts.tree import Tree


@dataclass(frozen=True, slots=True)
class FolderReading:
    """A folder that holds images, as this layout understands it.

    `concept` names what its images teach; `trigger_hint` and `class_hint` come from the folder's name, where
    the layout has such names. `role` None leaves it to the profile and the usual folder names.
    """

    path: str
    concept: str
    repeats: float = 1.0
    role: str | None = None
    trigger_hint: str | None = None
    class_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A dataset as a layout reads it, as parallel lists in path order.

    `images[i]` lies in `folders[folder_of[i]]`; its caption is the file `caption_files[i]`, or the text
    `caption_texts[i]` that stands in the manifest `caption_files[i]`, or missing (None, None).
    `trainer` is what the layout gives away about the trainer. Every file of the tree is an image, a caption
    file, an orphan caption, excluded, or a problem.
    """

    layout: str
    images: tuple[str, ...]
    folder_of: tuple[int, ...]
    folders: tuple[FolderReading, ...]
    caption_files: tuple[str | None, ...]
    caption_texts: tuple[str | None, ...]
    orphan_captions: tuple[str, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    problems: tuple[FileProblem, ...] = ()
    trainer: str | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Layout:
    """One way a dataset lies on disk. `recognizes` gives a rank: 0 for no, the highest rank wins, ties by name."""

    name: str
    doc: str
    recognizes: Callable[["Tree", Profile], int]
    read: Callable[["Tree", Profile], Reading]
