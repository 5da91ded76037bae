"""The listing of a dataset: every directory entry once, links never followed, nothing opened.

Layouts work on this listing; so does the account at the end of a run, which must find every entry again.
"""

import os
import stat
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tagmetry.dataset import Excluded, FileProblem
from tagmetry.errors import UsageError
from tagmetry.extraction.records import FileStamp
from tagmetry.messages import Plural, message

SYSTEM_FILES: Final = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})


@dataclass(frozen=True, slots=True)
class Tree:
    """All entries below the chosen folders. Paths are relative to `root`, with forward slashes, sorted.

    `stamps` are the regular files that layouts may use; `excluded` and `problems` are the entries that no layout
    gets to see. `n_seen` counts every entry that is no folder.
    """

    root: Path
    stamps: tuple[FileStamp, ...]
    excluded: tuple[Excluded, ...]
    problems: tuple[FileProblem, ...]
    n_seen: int
    chosen: tuple[str, ...] = (".",)
    """The folders that were named on the command line, relative to `root`."""
    _by_folder: dict[str, list[str]] = field(default_factory=dict, repr=False)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(stamp.path for stamp in self.stamps)

    @property
    def files_in(self) -> dict[str, list[str]]:
        """File names by folder (`.` is the root), both sorted."""
        if not self._by_folder:
            found: dict[str, list[str]] = defaultdict(list)
            for stamp in self.stamps:
                folder, _, name = stamp.path.rpartition("/")
                found[folder or "."].append(name)
            self._by_folder.update(sorted(found.items()))
        return self._by_folder

    def read_bytes(self, path: str, limit: int) -> bytes:
        """At most `limit` + 1 bytes of a small text file of the tree. Raises OSError."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        # Joined as text and read without a file object: pathlib and io take longer than the system for a short text.
        descriptor = os.open(os.path.join(self.root, path), flags)  # noqa: PTH118
        try:
            data = os.read(descriptor, limit + 1)
            while len(data) <= limit and (more := os.read(descriptor, limit + 1 - len(data))):
                data += more
            return data
        finally:
            os.close(descriptor)


@dataclass(slots=True)
class _Scan:
    root: Path
    configs: frozenset[str] = frozenset()
    stamps: list[FileStamp] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    n_seen: int = 0


def dataset_root(paths: Sequence[Path]) -> tuple[Path, tuple[Path, ...]]:
    """The root of one dataset given as one or several folders: their nearest common folder.

    Raises UsageError for a path that is no readable folder.
    """
    folders = []
    for path in paths:
        try:
            folder = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise UsageError(
                message("there is no folder {path}", path=str(path)),
                message("give the folder that holds the images and captions"),
            ) from error
        if not folder.is_dir():
            raise UsageError(
                message("{path} is a file, and Tagmetry reads folders of images and captions", path=str(path)),
                message("give the folder that holds the images"),
            )
        folders.append(folder)
    outermost = [folder for folder in folders if not any(other in folder.parents for other in folders)]
    unique = tuple(sorted(set(outermost)))
    if len(unique) == 1:
        return unique[0], unique
    try:
        return Path(os.path.commonpath(unique)), unique
    except ValueError as error:
        raise UsageError(
            message("the folders lie on different drives: {paths}", paths=tuple(str(folder) for folder in unique)),
            message("check them one by one, or move them below one folder"),
        ) from error


def scan(root: Path, folders: Sequence[Path], configs: Sequence[str] = ()) -> Tree:
    """List everything below the folders, iteratively, in sorted order. `configs` are no files of the dataset."""
    found = _Scan(root, frozenset(configs))
    for folder in folders:
        _walk(folder, found)
    found.stamps.sort(key=lambda stamp: stamp.path)
    return Tree(
        root=root,
        stamps=tuple(found.stamps),
        excluded=tuple(sorted(found.excluded, key=lambda entry: entry.path)),
        problems=tuple(sorted(found.problems, key=lambda problem: problem.path)),
        n_seen=found.n_seen,
        chosen=tuple(_relative(root, str(folder)) or "." for folder in folders),
    )


def _walk(folder: Path, found: _Scan) -> None:
    waiting = [str(folder)]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            # The folder itself is no counted entry, but what it hides must not go unsaid.
            path = _relative(found.root, current) or "."
            found.problems.append(_unreachable(path, "folder-unreadable", reason=_strerror(error)))
            found.n_seen += 1
            continue
        folders = [entry.path for entry in entries if _take(entry, found)]
        waiting.extend(reversed(folders))


def _take(entry: "os.DirEntry[str]", found: _Scan) -> bool:
    """File one entry away; true for a folder that is to be walked."""
    path = _relative(found.root, entry.path)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        found.n_seen += 1
        code = "vanished" if isinstance(error, FileNotFoundError) else "no-permission"
        found.problems.append(_unreachable(path, code, reason=_strerror(error)))
        return False
    hidden = entry.name.startswith(".")
    if stat.S_ISDIR(status.st_mode) and not _is_junction(entry):
        if hidden:
            n = _count_entries(entry.path)
            found.n_seen += n
            if n:
                text = message(Plural("hidden folder with {n:count} file", "hidden folder with {n:count} files"), n=n)
                found.excluded.append(Excluded(path, "hidden-folder", text, n))
            return False
        return True
    found.n_seen += 1
    if hidden:
        found.excluded.append(Excluded(path, "hidden-file", message("hidden file")))
    elif path in found.configs:
        found.excluded.append(Excluded(path, "trainer-config", message("config of the trainer, read as such")))
    elif entry.name.casefold() in SYSTEM_FILES:
        found.excluded.append(Excluded(path, "system-file", message("file of the operating system")))
    elif stat.S_ISLNK(status.st_mode) or _is_junction(entry):
        _take_link(entry, path, found)
    elif not stat.S_ISREG(status.st_mode):
        found.problems.append(_unreachable(path, "not-regular"))
    else:
        found.stamps.append(
            FileStamp(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)
        )
    return False


def _take_link(entry: "os.DirEntry[str]", path: str, found: _Scan) -> None:
    try:
        target = Path(entry.path).resolve(strict=True)
    except FileNotFoundError:
        found.problems.append(_unreachable(path, "broken-link"))
        return
    except (OSError, RuntimeError):
        found.problems.append(_unreachable(path, "symlink-loop"))
        return
    if target != found.root and found.root not in target.parents:
        found.problems.append(_unreachable(path, "outside-root"))
        return
    if target in Path(entry.path).parents:
        found.problems.append(_unreachable(path, "symlink-loop"))
        return
    text = message("link to {target}, which is read in its own place", target=_relative(found.root, str(target)) or ".")
    found.excluded.append(Excluded(path, "link-inside", text))


def _is_junction(entry: "os.DirEntry[str]") -> bool:
    """Windows' folder links; asked by reparse tag, since `is_junction` came with Python 3.12."""
    tag = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0)
    return tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _count_entries(folder: str) -> int:
    n = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        n += 1
        except OSError:
            # What a hidden folder hides from us too is no part of the dataset either way.
            n += 1
    return n


def _relative(root: Path, path: str) -> str:
    # Nearly every path begins with the root; os.path.relpath takes longer than the listing itself.
    above = str(root).removesuffix(os.sep) + os.sep
    relative = path[len(above) :] if path.startswith(above) else os.path.relpath(path, root)
    return "" if relative == "." else relative.replace(os.sep, "/")


def _unreachable(path: str, code: str, **values: str) -> FileProblem:
    return FileProblem(path, "unreachable", code, values)


def _strerror(error: OSError) -> str:
    return error.strerror or type(error).__name__
