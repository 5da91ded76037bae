"""Beside imagededup and cleanvision: `python tests/benchmarks/peers.py [--images DIR] [--n 300] [--rounds 3]`.

Makes an environment for the two in the folder `--environment` (by default .venv-peers) if there is none, which takes
some gigabytes and minutes; they are no dependencies of Tagmetry. `--torch` names the version of PyTorch to install
first, such as `2.13.0+cpu` for one without CUDA. Then all three go over the same files in turns, each with two
processes: imagededup's PHash.encode_images, cleanvision's find_issues with all its checks, and every feature of
Tagmetry, near-duplicate views included. The start of each tool and its imports do not count for the peers; that of
the workers counts for Tagmetry. Writes docs/measured/peers.csv: medians over the rounds, as ratios of one round each.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from measuring import measured
from photographs_on_disk import originals, write_mixed

from extraction import timed
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.supervision import Item
from tagmetry.extraction.work import Measuring, places_of
from tagmetry.features import FEATURES

ROOT = Path(__file__).resolve().parents[2]

PEERS = {
    "imagededup": """
import importlib.metadata, sys, time
from imagededup.methods import PHash
if __name__ == "__main__":
    hasher = PHash(verbose=False)
    start = time.perf_counter()
    found = hasher.encode_images(image_dir=sys.argv[1], num_enc_workers=2)
    print(time.perf_counter() - start, len(found), importlib.metadata.version("imagededup"))
""",
    "cleanvision": """
import contextlib, importlib.metadata, io, sys, time
from cleanvision import Imagelab
if __name__ == "__main__":
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        lab = Imagelab(data_path=sys.argv[1])
        lab.find_issues(n_jobs=2, verbose=False)
    print(time.perf_counter() - start, len(lab.issues), importlib.metadata.version("cleanvision"))
""",
}


def python_of(environment, torch):
    """The interpreter of the environment, which is made where there is none."""
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        venv.create(environment, with_pip=True)
        wanted = [f"torch=={torch}"] if torch else []
        subprocess.run([python, "-m", "pip", "install", *wanted, *PEERS], check=True)
    return python


def seconds_of_peer(python, name, root, n):
    """Seconds of one pass, and the peer's version."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / f"run_{name}.py"
        script.write_text(PEERS[name], encoding="utf-8")
        run = subprocess.run([python, script, root], capture_output=True, text=True, check=True, cwd=folder)
    seconds, found, version = run.stdout.split()[-3:]
    if int(found) != n:
        raise SystemExit(f"{name} took {found} of {n} files")
    return float(seconds), version


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", help="folder of photographs to cut the files out of")
    parser.add_argument("--n", type=int, default=300, help="files (default 300)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--environment", type=Path, default=ROOT / ".venv-peers", help="folder of the peers")
    parser.add_argument("--torch", help="version of PyTorch to install first, such as 2.13.0+cpu")
    arguments = parser.parse_args()
    python = python_of(arguments.environment, arguments.torch)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "files"
        root.mkdir()
        write_mixed(root, originals(arguments.images), arguments.n)
        items = [Item(file.name, file.stat().st_size) for file in sorted(root.iterdir())]
        ours = Measuring(root, Limits(), places_of(FEATURES))
        seconds = {"tagmetry": [], **{name: [] for name in PEERS}}
        versions = {}
        for number in range(arguments.rounds + 1):
            found = {"tagmetry": timed(ours, items)}
            for name in PEERS:
                found[name], versions[name] = seconds_of_peer(python, name, root, len(items))
            # The first round only warms the page cache.
            if number:
                for name, taken in found.items():
                    seconds[name].append(taken)
    rates = {name: statistics.median(len(items) / taken for taken in times) for name, times in seconds.items()}

    def against(name):
        return statistics.median(b / a for a, b in zip(seconds["tagmetry"], seconds[name], strict=True))

    measured(
        "peers",
        [
            ("files", len(items), "", ""),
            ("Tagmetry, all features", rates["tagmetry"], "images/s", ""),
            (f"imagededup {versions['imagededup']}, PHash", rates["imagededup"], "images/s", ""),
            (f"cleanvision {versions['cleanvision']}, full audit", rates["cleanvision"], "images/s", ""),
            ("all features against imagededup's PHash", against("imagededup"), "times as fast", "2 or more"),
            ("all features against cleanvision's audit", against("cleanvision"), "times as fast", "6 or more"),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
