"""A large dataset, cold and warm: `python tests/benchmarks/warm_runs.py [--n 100000] [--folder DIR]`.

Small drawn pictures with captions of tags, none alike, are audited by the command with the recommended policy and two
workers: the first time with JSON and HTML reports, then twice with text alone, then after a thousand pictures were
changed. In this process the steps of a warm run up to the columns are timed, and what columns take of memory is
measured on the first 5,000. Seconds are of the processor, workers included: others may be busy on the machine. The
pictures are made in DIR, where they stay and are used again, else in a folder that is removed. Writes
docs/measured/warm-runs.csv.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from measuring import measured, peak_megabytes
from PIL import Image

from tagmetry.assembly import ENGINE_FEATURES
from tagmetry.cache import open_cache
from tagmetry.extraction import Limits, extract
from tagmetry.features import FEATURES, view
from tagmetry.layouts.tree import scan

PER_FOLDER = 1000
CHANGED = 1000
PART_FOLDERS = 5
# Long enough ago for the cache to trust the time of a file.
LONG_AGO_NS = 1_700_000_000_000_000_000


def drawn(number):
    """A small picture of soft spots in colours, another for each number."""
    spots = np.random.default_rng(number).integers(0, 256, (7, 7, 3), dtype=np.uint8)
    width, height = random.Random(number).choice([(96, 96), (128, 96), (96, 128)])
    return Image.fromarray(spots).resize((width, height), Image.Resampling.BICUBIC)


def caption(number):
    rng = random.Random(number)
    tags = {f"tag {min(int(rng.paretovariate(0.7)), 2000)}" for _ in range(rng.randint(5, 14))}
    return ", ".join(["sks", *sorted(tags)])


def write(root, n):
    """n pictures with captions, a thousand to a folder, as far as they are not there."""
    for number in range(n):
        folder = root / f"set {number // PER_FOLDER:04}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number:07}.jpg"
        if not path.exists():
            save(path, number)
            path.with_suffix(".txt").write_text(caption(number), encoding="utf-8")


def save(path, number):
    drawn(number).save(path, "JPEG", quality=85)
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))


def check(root, cache, *more):
    """Seconds of the processor that a run of the command took, and the most memory of its largest process in MB."""
    command = [sys.executable, "-m", "tagmetry", "check", str(root), "--cache-dir", str(cache), "--jobs", "2"]
    run = subprocess.run(
        [sys.executable, __file__, "--watch", *command, "--progress", "none", "--fail-on", "never", *more],
        stdout=subprocess.PIPE,
        check=False,
    )
    code, seconds, memory = run.stdout.split(b"\n")[-2].split()
    if int(code) != 0:
        raise SystemExit(f"the run ended with {int(code)}")
    print(f"{' '.join(more[:2]) or 'text'}: {float(seconds):.1f} s, {float(memory):.0f} MB", flush=True)
    return float(seconds), float(memory)


def watch(command):
    """Run a command; print its exit code, its seconds and its memory, which only a parent of its own is told."""
    code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    spent = os.times()
    print(f"\n{code} {spent.children_user + spent.children_system} {peak_megabytes(children=True)}")
    return 0


def images_of(tree):
    return [stamp for stamp in tree.stamps if stamp.path.endswith(".jpg")]


def part_of(root):
    """The first folders, on which all features are measured."""
    return sorted(root.iterdir())[:PART_FOLDERS]


def fill(root, cache):
    """Measure what the command did not need, so that the cache knows all features. In a process of its own."""
    images = images_of(scan(root, part_of(root)))
    with open_cache(cache) as opened:
        extract(root, images, FEATURES, jobs=0, limits=Limits(), store=opened)
    return 0


def loaded(root, cache):
    """Seconds of the processor for listing, freshness and columns of what the engine needs."""
    start = time.process_time()
    images = images_of(scan(root, [root]))
    with open_cache(cache) as opened:
        found = extract(root, images, ENGINE_FEATURES, jobs=0, limits=Limits(), store=opened).columns()
    assert len(found["width"]) == len(images)
    return time.process_time() - start


def held_bytes(root, cache, features):
    """The bytes an image that columns of these features hold."""
    images = images_of(scan(root, part_of(root)))
    tracemalloc.start()
    with open_cache(cache) as opened:
        held = extract(root, images, features, jobs=0, limits=Limits(), store=opened).closed()
    n_bytes = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(held[0]) == len(images)
    return n_bytes / len(images)


class Counting:
    """A store that counts the rows that were not known."""

    def __init__(self, store):
        self.store = store
        self.n = 0

    def __getattr__(self, name):
        return getattr(self.store, name)

    def keep(self, root, stamps, table, rows, *, listed_ns):
        self.n += len(rows)
        self.store.keep(root, stamps, table, rows, listed_ns=listed_ns)


def measured_anew(root, cache):
    images = images_of(scan(root, [root]))
    with open_cache(cache) as opened:
        store = Counting(opened)
        extract(root, images, ENGINE_FEATURES, jobs=0, limits=Limits(), store=store)
        return store.n


def run(base, n):
    root, cache, out = base / "data", base / "cache", base / "out"
    write(root, n)
    shutil.rmtree(cache, ignore_errors=True)
    out.mkdir(exist_ok=True)
    outputs = ("-o", f"json={out / 'report.json'}", "-o", f"html={out / 'report.html'}", "--force")
    cold, cold_memory = check(root, cache, *outputs)
    first, _ = check(root, cache)
    warm, warm_memory = check(root, cache)
    full, _ = check(root, cache, *outputs)
    loading = loaded(root, cache)
    subprocess.run([sys.executable, __file__, "--fill", str(root), str(cache)], check=True)
    with_views = held_bytes(root, cache, FEATURES)
    without_views = held_bytes(root, cache, [feature for feature in FEATURES if feature is not view])
    paths = sorted(root.rglob("*.jpg"))
    for path in paths[:: max(1, len(paths) // CHANGED)][:CHANGED]:
        save(path, n + int(path.stem))
    anew = measured_anew(root, cache)
    changed, _ = check(root, cache)
    measured(
        "warm-runs",
        [
            ("image-caption pairs", n, "", ""),
            ("cold run with JSON and HTML reports", cold, "s", ""),
            ("memory of its largest process", cold_memory, "MB", ""),
            ("size of report.json", (out / "report.json").stat().st_size / 2**20, "MB", ""),
            ("size of report.html", (out / "report.html").stat().st_size / 2**20, "MB", ""),
            ("warm: listing, freshness and columns", loading, "s", "under 4 for 100,000"),
            ("warm run, recommended policy, text", min(first, warm), "s", "under 12 for 100,000"),
            ("warm run as a share of the cold one", 100 * min(first, warm) / cold, "%", "under 5"),
            ("memory of the warm run", warm_memory, "MB", ""),
            ("warm run with JSON and HTML reports", full, "s", ""),
            ("columns of all features", with_views, "bytes an image", "under 8000"),
            ("columns of all features but near-duplicate views", without_views, "bytes an image", "under 1000"),
            (f"measured anew after {CHANGED:,} files were changed", anew, "images", f"{CHANGED:,}"),
            ("run after that", changed, "s", ""),
        ],
    )


def main():
    if "--watch" in sys.argv[1:2]:
        return watch(sys.argv[2:])
    if "--fill" in sys.argv[1:2]:
        return fill(*map(Path, sys.argv[2:]))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=100_000, help="image-caption pairs (default 100000)")
    parser.add_argument("--folder", type=Path, help="folder for the files, which stay there")
    arguments = parser.parse_args()
    holder = nullcontext(arguments.folder) if arguments.folder else tempfile.TemporaryDirectory()
    with holder as folder:
        run(Path(folder), arguments.n)
    return 0


if __name__ == "__main__":
    sys.exit(main())
