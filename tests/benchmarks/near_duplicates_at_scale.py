"""Near-duplicates among very many: `python tests/benchmarks/near_duplicates_at_scale.py [--n 200000] [--images DIR]`.

Copies of pictures, made as in near_duplicates.py, lie among generated views until there are n in all. Their search is
the one by signs, which is taken from 20,000 pictures on. Each copy is looked for from its original only, so that copies
do not find each other's way. Written are what is found over all and of crops and borders, wrongly joined pictures,
seconds and memory, to docs/measured/near-duplicates-at-N.csv. One process.

A generated view has the frequencies of photographs (amplitudes fall as 1/f) and edges; no two are alike. With
`--images` the copies are of the photographs in that folder, the folder of each being its subject.
"""

import argparse
import sys
import threading
import time
from pathlib import Path

import numpy as np
from measuring import measured, own_megabytes, peak_megabytes
from near_duplicates import LABELLED, Files, between_copies, copies, half_of, originals_in, own_originals

from tagmetry.duplicates.pairs import EXACT_UP_TO, near_pairs
from tagmetry.duplicates.views import PACKED_BYTES, WHOLE_SIDE, packed

BATCH = 500
CUT_OR_BORDERED = ("crop", "border", "letterbox")
SIZE = (512, 512)


def generated_views(rows, seed=0):
    """Fills the rows, shape (n, `PACKED_BYTES`), with views of as many different pictures."""
    rng = np.random.default_rng(seed)
    frequencies = np.fft.fftfreq(WHOLE_SIDE)
    amplitudes = 1 / np.maximum(np.hypot(frequencies[:, None], frequencies[None, :]), 1 / WHOLE_SIDE).astype(np.float32)
    blank = packed(SIZE, (0, 0, *SIZE), np.zeros((WHOLE_SIDE, WHOLE_SIDE), dtype=np.uint8), None)
    for low in range(0, len(rows), BATCH):
        part = rows[low : low + BATCH]
        shape = (len(part), WHOLE_SIDE, WHOLE_SIDE)
        noise = rng.standard_normal(shape, dtype=np.float32) + 1j * rng.standard_normal(shape, dtype=np.float32)
        fields = np.fft.ifft2(noise * amplitudes)
        # One field is what things are painted with, the other says where the next thing begins.
        levels = fields.imag / fields.imag.std(axis=(1, 2), keepdims=True)
        levels += np.where(fields.real > 0, _drawn(rng, 0.5, 3, len(part)), 0)
        levels -= levels.mean(axis=(1, 2), keepdims=True)
        part[:] = blank
        grey = np.clip(levels * _drawn(rng, 20, 50, len(part)) + _drawn(rng, 90, 165, len(part)), 0, 255).astype(
            np.uint8
        )
        part[:, 12 : 12 + WHOLE_SIDE**2] = grey.reshape(len(part), -1)


def _drawn(rng, least, most, n):
    return rng.uniform(least, most, (n, 1, 1)).astype(np.float32)


def share_of(found, pairs):
    return sum(pair in found for pair in pairs) / max(1, len(pairs))


class PeakWhile:
    """The most memory that this process held while something ran, in megabytes, looked at ten times a second."""

    def __enter__(self):
        self.megabytes, self._done = own_megabytes(), threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self):
        while not self._done.wait(0.1):
            self.megabytes = max(self.megabytes, own_megabytes())

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=200_000, help="pictures in all (default 200000)")
    parser.add_argument("--images", type=Path, help="a folder of photographs that are not copies of each other")
    parser.add_argument("--half", choices=("odd", "even", "all"), default="even", help="subjects (default even)")
    options = parser.parse_args()
    originals = half_of(originals_in(options.images) if options.images else own_originals(), options.half)

    files = Files()
    places = copies(files, originals, LABELLED)
    own = np.stack(files.rows)
    if options.n < max(len(own), EXACT_UP_TO + 1):
        print(f"{options.n:,} are not more than the {EXACT_UP_TO:,} that are compared with each other")
        return 2
    rows = np.empty((options.n, PACKED_BYTES), dtype=np.uint8)
    rows[: len(own)] = own
    generated_views(rows[len(own) :])
    # Originals are kept, so that each copy is held against its own.
    rank = np.ones(options.n, dtype=np.int64)
    rank[[pair[0] for changed in places for pair in changed.values()]] = 0
    before = own_megabytes()
    start, cpu = time.perf_counter(), time.process_time()
    with PeakWhile() as peak:
        pairs = list(near_pairs(rows, rank=rank, apart=between_copies(files, places)))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu

    found = {(min(pair.row_a, pair.row_b), max(pair.row_a, pair.row_b)) for pair in pairs}
    origin = np.concatenate([files.origin, -1 - np.arange(options.n - len(own))])
    wrong = sum(int(origin[a] != origin[b]) for a, b in found)
    asked = [(name, pair) for changed in places for name, pair in changed.items()]
    cut = [pair for name, pair in asked if any(word in name for word in CUT_OR_BORDERED)]
    measured(
        f"near-duplicates-at-{options.n}",
        [
            ("pictures", options.n, "", ""),
            (f"copies among them, of {len(originals)} pictures", len(asked), "", ""),
            ("found, all changes together", 100 * share_of(found, [pair for _, pair in asked]), "%", "90 or more"),
            ("found, crops, borders and letterboxes", 100 * share_of(found, cut), "%", "55 or more"),
            ("pairs of different pictures joined", wrong, "", "0"),
            ("search and groups, as the clock has it", seconds, "s", ""),
            ("search and groups, time of the processor", cpu, "s", ""),
            ("the same for each picture", cpu / options.n * 1e3, "ms", ""),
            ("views held", rows.nbytes / (1 << 20), "MB", ""),
            ("memory on top of the views", peak.megabytes - before, "MB", ""),
            ("memory of the process at its most", peak_megabytes(), "MB", ""),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
