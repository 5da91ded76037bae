"""How much processor time many captions take: a run on thousands of caption files, from the folder to the report.

The pictures are measured beforehand, so that what remains is listing, reading, tokens, tags and rules. Their figures
are those of the drawn ones in turn, each with a content, a hash and a caption of its own.
"""

import hashlib
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.defects.sets import LUMIKA_FOLDER, Memory, audited, clean_set, plugins, policy_of
from tagmetry.features import phash, structure
from tagmetry.policy.vocabulary import plugin_vocabulary
from tagmetry.runner import Request, run

CAPTIONS = (1_000, 10_000)
MORE_TAGS = 6


class Measured(Memory):
    """A cache in which every picture is known."""

    def __init__(self, records):
        super().__init__()
        self._known = records

    def known(self, root, stamps, features):
        random = np.random.default_rng(0)
        hashes = random.integers(0, 2**63, len(stamps))
        return {
            stamp.path: self._as_another(self._known[place % len(self._known)], stamp.path, int(hashes[place]))
            for place, stamp in enumerate(stamps)
        }

    def store(self, root, stamps, records, features):
        return

    @staticmethod
    def _as_another(record, path, hash_bits):
        # Without structure pictures are not laid on each other, which is measured elsewhere.
        features = {**record.features, phash.key: hash_bits, structure.key: 0.0}
        return replace(record, digest=hashlib.sha256(path.encode()).digest(), features=features)


def timed(n):
    """Seconds of a run on n captions, and how much it found."""
    memory = Memory()
    audited(clean_set(0), memory)
    records = [record for record in memory.records() if record.header.width * record.header.height > 200_000]
    random = np.random.default_rng(n)
    known = sorted(tag for tag in plugin_vocabulary(plugins()).known_tags if tag.isascii())
    parts = [sample.tags for sample in clean_set(0).of(LUMIKA_FOLDER)]
    with tempfile.TemporaryDirectory(prefix="tagmetry-speed-") as held:
        folder = Path(held) / "set" / LUMIKA_FOLDER
        folder.mkdir(parents=True)
        for number in range(n):
            tags = parts[random.integers(len(parts))][: int(random.integers(8, 13))]
            more = random.choice(len(known), MORE_TAGS, replace=False)
            (folder / f"{number:05d}.jpg").write_bytes(b"")
            (folder / f"{number:05d}.txt").write_text(", ".join([*tags, *(known[place] for place in more)]) + "\n")
        begun = time.process_time()
        report = run(
            Request((folder.parents[1],), policy=policy_of((), ""), plugins=plugins(), cache=Measured(records))
        )
        seconds = time.process_time() - begun
    if report.dataset.n_captions != n or report.failures:
        raise SystemExit(f"{report.dataset.n_captions} of {n} captions were read; failures: {report.failures}")
    return seconds, len(report.findings)


def rows():
    """Processor time, which other programs on the machine do not lengthen."""
    return [{"captions": n, "seconds": f"{timed(n)[0]:.1f}"} for n in CAPTIONS]
