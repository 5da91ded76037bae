"""How fast images are measured: `python tests/benchmarks/extraction.py [--images DIR] [--n 300] [--rounds 5]`.

A mix of JPEG, PNG and WebP photographs is measured by two workers in turns:

- core: SHA-256, header, pHash, dHash, brightness, contrast, colourfulness, entropy, sharpness;
- all: every feature that comes with Tagmetry, near-duplicate views included, thumbnails not;
- limit: reading, SHA-256 and Pillow's quickest way to the working size (`thumbnail` with `reducing_gap=1`), in the
  same workers, with nothing measured;
- decoding: the limit without the last resize, so at half to whole working size and more;
- naive, on every fifth file: a full decode, imagehash, and the same statistics in double precision.

The photographs are cut out of those in DIR, else out of some computed by the sample dataset's code. Writes
docs/measured/extraction.csv: medians over the rounds, as ratios of one round each.
"""

import argparse
import hashlib
import statistics
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from measuring import highest_megabytes, measured, seconds_of
from PIL import Image

from tagmetry.extraction.limits import Limits
from tagmetry.extraction.supervision import Item, supervised
from tagmetry.extraction.work import Measuring, places_of
from tagmetry.feature import WORKING_SIDE_PX
from tagmetry.features import (
    FEATURES,
    brightness,
    colourfulness,
    contrast,
    dhash,
    entropy,
    phash,
    sharpness,
)

CORE = (brightness, colourfulness, contrast, dhash, entropy, phash, sharpness)
JOBS = 2
NAIVE_EVERY = 5


@dataclass(frozen=True)
class Shrinking:
    """The limit: read, hash, decode to the working size by Pillow's own way; or without the resize behind it."""

    root: Path
    resized: bool

    def prepare(self):
        Image.preinit()

    def on(self, path, claim):
        data = (self.root / path).read_bytes()
        digest = hashlib.sha256(data).digest()
        side = WORKING_SIDE_PX
        with Image.open(BytesIO(data)) as image:
            if self.resized:
                image.thumbnail((side, side), reducing_gap=1.0)
            else:
                factor = min(1.0, side / max(image.size))
                image.draft(None, (round(image.width * factor), round(image.height * factor)))
            image.load()
            return digest, image.size


@dataclass(frozen=True)
class Remembering:
    """Another kind of work, whose results are the most memory that the worker has held so far, in MB."""

    work: Measuring

    def prepare(self):
        self.work.prepare()

    def on(self, path, claim):
        self.work.on(path, claim)
        return highest_megabytes()


@dataclass(frozen=True)
class Naive:
    """What a script does that nobody tuned."""

    root: Path

    def prepare(self):
        Image.preinit()

    def on(self, path, claim):
        # Not at the top, where the other workers would import it too.
        import imagehash

        data = (self.root / path).read_bytes()
        digest = hashlib.sha256(data).digest()
        with Image.open(BytesIO(data)) as opened:
            image = opened.convert("RGB")
            size = opened.size
        grey_image = image.convert("L")
        grey = np.asarray(grey_image, dtype=np.float64)
        counts = np.bincount(np.asarray(grey_image).ravel(), minlength=256)
        shares = counts[counts > 0] / counts.sum()
        laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
        pixels = np.asarray(image, dtype=np.float64)
        red_green = pixels[..., 0] - pixels[..., 1]
        yellow_blue = (pixels[..., 0] + pixels[..., 1]) / 2 - pixels[..., 2]
        return (
            digest,
            size,
            str(imagehash.phash(image)),
            str(imagehash.dhash(image)),
            grey.mean(),
            grey.std(),
            -(shares * np.log2(shares)).sum(),
            laplacian.var(),
            np.hypot(red_green.std(), yellow_blue.std()) + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()),
        )


def timed(work, items):
    """Seconds that the workers take for all items, their start included; every item must give a result."""
    return results_of(work, items)[1]


def results_of(work, items):
    """The results in any order, and the seconds."""
    numbers, results = [], []

    def receive(number, result):
        numbers.append(number)
        results.append(result)

    _, seconds = seconds_of(lambda: supervised(work, items, jobs=JOBS, limits=Limits(), receive=receive))
    assert sorted(numbers) == list(range(len(items)))
    return results, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", help="folder of photographs to cut the files out of")
    parser.add_argument("--n", type=int, default=300, help="files (default 300)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    arguments = parser.parse_args()
    from photographs_on_disk import originals, write_mixed

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_mixed(root, originals(arguments.images), arguments.n)
        files = sorted(root.iterdir())
        items = [Item(file.name, file.stat().st_size) for file in files]
        works = {
            "core": (Measuring(root, Limits(), places_of(CORE)), items),
            "all": (Measuring(root, Limits(), places_of(FEATURES)), items),
            "limit": (Shrinking(root, resized=True), items),
            "decoding": (Shrinking(root, resized=False), items),
            "naive": (Naive(root), items[::NAIVE_EVERY]),
        }
        memory = max(results_of(Remembering(works["all"][0]), items)[0])
        rates = {name: [] for name in works}
        for number in range(arguments.rounds + 1):
            for name, (work, some) in works.items():
                seconds = timed(work, some)
                # The first round only warms the page cache.
                if number:
                    rates[name].append(len(some) / seconds)
        megapixels = 0.0
        for file in files:
            with Image.open(file) as image:
                megapixels += image.width * image.height / 1e6

    def ratio(one, other):
        return statistics.median(a / b for a, b in zip(rates[one], rates[other], strict=True))

    measured(
        "extraction",
        [
            ("files", len(items), "", ""),
            ("megapixels", megapixels, "", ""),
            ("core features against the naive way", ratio("core", "naive"), "times as fast", "8 or more"),
            ("core features", 100 * ratio("core", "limit"), "% of the limit", "85 or more"),
            ("all features", 100 * ratio("all", "limit"), "% of the limit", "65 or more"),
            ("core features, against decoding without the resize", 100 * ratio("core", "decoding"), "%", ""),
            ("all features, against decoding without the resize", 100 * ratio("all", "decoding"), "%", ""),
            ("core features with two workers", statistics.median(rates["core"]), "images/s", ""),
            ("all features with two workers", statistics.median(rates["all"]), "images/s", ""),
            ("largest worker that measures all features", memory, "MB", "under 300"),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
