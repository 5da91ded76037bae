"""Names that are one name on another system, or that another system cannot hold.

What it finds
    Files or folders beside each other whose names differ only in case (`Cat.png`, `cat.png`) or in the
    Unicode form of their letters (é as one character and as two): warnings. And, as notes, names that Windows
    cannot hold: device names such as `CON` or `aux.png`, a dot or space at the end, one of the
    characters `<>:"|?*\\`; names too long for Linux (255 bytes); and names that are no text in this system's
    encoding. A folder is named once, not with each of its files, and images speak for their captions.

Why it matters
    Packed here and unpacked elsewhere, one of two such files overwrites the other, or stays behind without a
    word; captions then belong to the wrong picture. Datasets travel: from Windows or a Mac to a rented
    Linux machine and back.

What to do
    Rename. A caption is renamed with its image.

Known limits
    Only names within the dataset are compared, and only folder by folder. How long a whole path may be
    depends on where the dataset lies, and is not judged.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tagmetry.api import Dataset, Finding, NoOptions, Remedies, Rule, Severity
from tagmetry.rules.files.names import all_paths, first_prefix, without_ending

_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*\\]')
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LONGEST_NAME_BYTES: Final = 255
"""Of one name on ext4, XFS, Btrfs and APFS. NTFS counts 255 characters, which may be 765 bytes."""

_RENAME: Final = Remedies(data=("rename it",))

rule = Rule(
    id="name-collision",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "case": "{n:count} names differ only in case, and are one name on Windows and macOS: {paths}",
        "form": "{n:count} names differ only in the Unicode form of their letters, and are one name on macOS: {paths}",
        "device": "{path} has the name of a device, which Windows cannot hold as a file",
        "ending": "the name of {path} ends in a dot or space, which Windows drops",
        "character": "the name of {path} contains {characters}, which Windows cannot hold",
        "too-long": "the name of {path} takes {n:bytes}, more than the {limit:count} bytes that Linux and macOS hold",
        "no-text": "the name of {path} is no text in this system's encoding",
    },
    remedies={
        "case": Remedies(data=("rename all but one of them: {paths}",)),
        "form": Remedies(data=("rename all but one of them: {paths}",)),
        "device": _RENAME,
        "ending": _RENAME,
        "character": _RENAME,
        "too-long": Remedies(data=("shorten it",)),
        "no-text": _RENAME,
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    paths = all_paths(dataset)
    yield from _collisions(dataset, paths)
    told: set[str] = set()
    for path in paths:
        place = first_prefix(path, lambda name: _unholdable(name) is not None)
        if place is None or without_ending(place) in told:
            continue
        told.add(without_ending(place))
        name = place.rpartition("/")[2]
        message = _unholdable(name)
        assert message is not None
        yield rule.finding(
            dataset.file(place),
            message,
            values={
                "path": place,
                "n": len(name.encode("utf-8", "surrogatepass")),
                "limit": _LONGEST_NAME_BYTES,
                "characters": " ".join(sorted(set(_FORBIDDEN.findall(name)))),
            },
            severity=Severity.INFO,
            key=message,
        )


def _collisions(dataset: Dataset, paths: tuple[str, ...]) -> Iterator[Finding]:
    """Of names in one folder those that fold to the same one; files below are not compared with each other again."""
    by_folder: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    seen: set[str] = set()
    for path in paths:
        # Upward until a folder that has been entered already.
        while path and path not in seen:
            seen.add(path)
            folder, _, name = path.rpartition("/")
            by_folder[folder][_folded(name)].add(path)
            path = folder
    images = set(dataset.paths)
    told: set[tuple[str, ...]] = set()
    for folder in sorted(by_folder):
        found = [tuple(sorted(twins)) for twins in by_folder[folder].values() if len(twins) > 1]
        for twins in sorted(found, key=lambda twins: (twins[0] not in images, twins)):
            stems = tuple(map(without_ending, twins))
            if stems in told:
                continue
            told.add(stems)
            forms = {unicodedata.normalize("NFC", path) for path in twins}
            yield rule.finding(
                dataset.file(twins[0]),
                "form" if len(forms) == 1 else "case",
                values={"n": len(twins), "paths": twins},
                key="collision",
            )


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())


# Names of folders come back with each of their files.
@lru_cache(maxsize=4096)
def _unholdable(name: str) -> str | None:
    """Why another system cannot hold a name: the message's key, or None."""
    if name in ("", ".", ".."):
        return None
    if _SURROGATE.search(name):
        return "no-text"
    if _DEVICE.fullmatch(name):
        return "device"
    if _FORBIDDEN.search(name):
        return "character"
    if name[-1] in ". ":
        return "ending"
    if len(name) * 4 > _LONGEST_NAME_BYTES and len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME_BYTES:
        return "too-long"
    return None
