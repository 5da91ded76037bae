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

from benchmarks.defects.sets import LUMIKA_FOLDER, clean_set, plugins, policy_of
from tagmetry.assembly import ENGINE_FEATURES
from tagmetry.extraction import FileStamp, Limits, extract
from tagmetry.features import phash, structure
from tagmetry.policy.vocabulary import plugin_vocabulary
from tagmetry.runner import Request, run

CAPTIONS = (1_000, 10_000)
MORE_TAGS = 6


class Figures:
    """The figures of a few pictures in turn, each as if of another picture."""

    def __init__(self, pictures):
        self._pictures = pictures

    def records(self, stamps, features):
        with tempfile.TemporaryDirectory(prefix="tagmetry-speed-") as held:
            root = Path(held)
            for number, data in enumerate(self._pictures):
                (root / f"{number}.jpg").write_bytes(data)
            known = [FileStamp(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in root.iterdir()]
            table = extract(root, known, features, jobs=0, limits=Limits())
        records = [table.record(row) for row in range(len(known))]
        hashes = np.random.default_rng(0).integers(0, 2**63, len(stamps)).tolist()
        return [
            self._as_another(records[place % len(records)], stamp.path, hashes[place])
            for place, stamp in enumerate(stamps)
        ]

    def pixel_digests(self, paths):
        return dict.fromkeys(paths)

    @staticmethod
    def _as_another(record, path, hash_bits):
        # Without structure pictures are not laid on each other, which is measured elsewhere.
        features = {**record.features, phash.key: hash_bits, structure.key: 0.0}
        return replace(record, digest=hashlib.sha256(path.encode()).digest(), features=features)


class Given(Figures):
    """Figures that were made beforehand, so that making them is not timed."""

    def __init__(self, records):
        super().__init__(())
        self._records = records

    def records(self, stamps, features):
        return self._records


def timed(n):
    """Seconds of a run on n captions, and how much it found."""
    random = np.random.default_rng(n)
    known = sorted(tag for tag in plugin_vocabulary(plugins()).known_tags if tag.isascii())
    samples = clean_set(0).of(LUMIKA_FOLDER)
    features = tuple({feature.key: feature for rule in plugins().rules.values() for feature in rule.needs}.values())
    features = (*features, *(feature for feature in ENGINE_FEATURES if feature not in features))
    with tempfile.TemporaryDirectory(prefix="tagmetry-speed-") as held:
        folder = Path(held) / "set" / LUMIKA_FOLDER
        folder.mkdir(parents=True)
        names = [f"{number:05d}" for number in range(n)]
        for name in names:
            tags = samples[random.integers(len(samples))].tags[: int(random.integers(8, 13))]
            more = random.choice(len(known), MORE_TAGS, replace=False)
            (folder / f"{name}.jpg").write_bytes(b"")
            (folder / f"{name}.txt").write_text(", ".join([*tags, *(known[place] for place in more)]) + "\n")
        stamps = [FileStamp(f"{LUMIKA_FOLDER}/{name}.jpg", 0, 0) for name in names]
        records = Figures([sample.data for sample in samples]).records(stamps, features)
        paths = (folder.parents[1],)
        begun = time.process_time()
        report = run(Request(paths, policy=policy_of((), ""), plugins=plugins(), given=Given(records)))
        seconds = time.process_time() - begun
    if report.dataset.n_captions != n or report.failures:
        raise SystemExit(f"{report.dataset.n_captions} of {n} captions were read; failures: {report.failures}")
    return seconds, len(report.findings)


def rows():
    """Processor time, which other programs on the machine do not lengthen."""
    return [{"captions": n, "seconds": f"{timed(n)[0]:.1f}"} for n in CAPTIONS]
