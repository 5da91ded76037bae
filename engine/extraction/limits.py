"""What one file may cost. Beyond a limit a file is named and left out; the others are measured."""

from dataclasses import dataclass
from typing import Final

from tagmetry.options import option

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits per file. Those on content are decided from the header, before anything is decoded."""

    max_bytes: int = option(256 * MIB, "Largest file that is read.", unit="bytes", low=1)

    max_pixels: int = option(
        64_000_000, "Most pixels of a picture, width times height. Decoding takes up to 4 bytes for each.", low=1
    )

    max_frames: int = option(64, "Frames that are counted; more are recorded as this many.", low=1)

    max_claimed_frames: int = option(
        100_000, "Frames that a file may hold or claim. The first one is used, so this only stops nonsense.", low=1
    )

    max_metadata_bytes: int = option(
        32 * MIB,
        "Most metadata of a picture (EXIF, XMP, colour profile, texts). Each piece counts as at least 1 KiB.",
        unit="bytes",
        low=1,
    )

    max_seconds: float = option(
        30.0, "Time for reading, decoding and measuring one file in a worker.", unit="seconds", low=0.1
    )

    max_worker_memory_bytes: int = option(
        2048 * MIB,
        "Memory that a worker may take beyond what it has when it starts. Kept where the system can (Linux).",
        unit="bytes",
        low=64 * MIB,
    )
