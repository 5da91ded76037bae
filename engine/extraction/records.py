"""What is measured of one file: the record that workers return, the cache stores and columns are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from tagmetry.dataset import ProblemKind
from tagmetry.feature import Header
from tagmetry.messages import Value

FeatureValue = float | int | tuple[float, ...] | bytes
"""A figure, several of them, or as bytes those of a feature that declares more than one `uint8`."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A file's identity without reading it; `path` is relative to the root, with forward slashes.

    Times are nanoseconds; `inode` and `device` are 0 where the system has none.
    """

    path: str
    size_bytes: int
    mtime_ns: int
    ctime_ns: int = 0
    inode: int = 0
    device: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """A readable image: SHA-256 of the file (32 bytes), its header, and features by key (NaN is missing).

    `failures` says, by feature key, why a feature's own code gave no figure; such a feature is not in `features`.
    """

    digest: bytes
    header: Header
    features: Mapping[str, FeatureValue]
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that gave no image: the kind and code of its problem with the figures for the message.

    `lasting` problems depend on the content and decoder alone and may be cached; others (no permission, changed
    during the read, timeouts, limits) are looked at again in every run.
    """

    kind: ProblemKind
    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    digest: bytes = b""
    lasting: bool = True


Record = Measured | Unusable


CODES: Final[Mapping[ProblemKind, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "unreadable": {
            "empty": (),
            # What the first bytes look like: a name such as HTML, or the bytes themselves in hex.
            "not-an-image": ("looks_like",),
            # Bytes that are there.
            "truncated": ("size",),
            # What the decoder said, in its own words.
            "corrupt": ("reason",),
            "invalid-size": ("width", "height"),
            # A floating-point picture with NaN or infinite pixels.
            "non-finite": (),
        },
        "format": {
            "not-allowed": ("content", "allowed"),
            # The format is allowed, but Pillow was built without it here.
            "no-decoder": ("content",),
        },
        "oversized": {
            "too-large": ("size", "limit"),
            "too-many-pixels": ("width", "height", "pixels", "limit"),
            "too-many-frames": ("limit",),
            "metadata-bomb": ("limit",),
        },
        "decoder": {
            "timeout": ("seconds",),
            # A signal's name, or the exit code where the system has no signals.
            "crash": ("signal",),
            "memory": ("limit",),
        },
        "unreachable": {
            "no-permission": ("reason",),
            "not-regular": (),
            "vanished": ("reason",),
            "changed": (),
            "io-error": ("reason",),
            "broken-link": (),
            "outside-root": (),
            "symlink-loop": (),
            "too-long": (),
        },
    }
)
"""Every code that measuring gives, by kind, with the names of the values it carries: what the rules' messages use.

`size` and `limit` of too-large, metadata-bomb and memory are bytes, `seconds` is a time, `allowed` is a tuple of
texts. Listing the files adds codes of kind unreachable of its own.
"""


class Refused(Exception):
    """A step of measuring cannot use the file; it ends as the record `unusable`."""

    def __init__(self, unusable: Unusable) -> None:
        super().__init__(f"{unusable.kind}/{unusable.code}")
        self.unusable = unusable


def refused(kind: ProblemKind, code: str, *, lasting: bool = True, **values: Value) -> Refused:
    return Refused(Unusable(kind, code, values, lasting=lasting))
