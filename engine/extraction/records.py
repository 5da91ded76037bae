"""What is measured of one file: the record that workers return, the cache stores and columns are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tagmetry.dataset import ProblemKind
from tagmetry.feature import Header
from tagmetry.messages import Value

FeatureValue = float | int | tuple[float, ...]


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
    """A readable image: SHA-256 of the file (32 bytes), its header, and features by key (NaN is missing)."""

    digest: bytes
    header: Header
    features: Mapping[str, FeatureValue]


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that gave no image: the kind and code of its problem with the figures for the message.

    `lasting` problems depend on the content and decoder alone and may be cached; others (no permission, changed
    during the read, timeouts) are looked at again in every run.
    """

    kind: ProblemKind
    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    digest: bytes = b""
    lasting: bool = True


Record = Measured | Unusable
