"""How large the HTML review is and how fast in a browser: `python tests/benchmarks/report_page.py [--n 1000 10000]`.

`--folder 100000` measures the folder report, whose page has its data and most pictures in files beside it.

Sets in memory: tags as frequent as words are (Zipf), every tenth image with a near-duplicate, a thumbnail for as many
images as a run makes, of the size that a run makes, drawn so that they take as many bytes as those of photographs.
Measured: writing the page, its bytes, ready in Chromium (the quickest of seven), and one search that
changes everything that is shown (the middle one).
"""

import argparse
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from measuring import measured, seconds_of

from browser.conftest import CHROMIUM, FLAGS
from report_testing import context, files, report_of
from rule_testing import concept, dataset
from tagmetry.plugins import load_plugins
from tagmetry.reporters.html import reporter
from tagmetry.runner import MOST_THUMBNAILS, thumbnail_side_px

RULES = (
    "missing-caption",
    "caption-too-long",
    "near-duplicate-cluster",
    "near-duplicate-ratio",
    "resolution-below-base-model",
    "tag-frequency",
    "long-tail-tags",
)
TAGS = 3000
ROUNDS = 7
"""Times that a page is opened; the quickest counts, for a browser shares the machine with whatever else runs."""
GRAIN = 4.5
"""Standard deviation of the drawn noise, with which 128 px take the 1.4 kB that photographs take on average."""
WANTED = {1000: ("at most 5 MB", "under 0.5", "under 100"), 10_000: ("at most 8 MB", "under 1", "under 150")}
READY = "() => document.documentElement.dataset.ready ? performance.now() : 0"
SEARCH = """(query) => {
  const field = document.getElementById("search");
  const start = performance.now();
  field.value = query;
  field.dispatchEvent(new Event("input"));
  document.body.offsetHeight;
  return performance.now() - start;
}"""


def report(n, *, folder=False):
    random = np.random.default_rng(0)
    words = np.array([f"tag {number}" for number in range(TAGS)])
    frequency = 1 / np.arange(1, TAGS + 1)
    drawn = words[random.choice(TAGS, size=(n, 14), p=frequency / frequency.sum())]
    captions = [", ".join(["sks", *dict.fromkeys(row)]) for row in drawn.tolist()]
    for missing in range(0, n, 50):
        captions[missing] = None
    names = [f"{number:06d}.png" for number in range(n)]
    sizes = [(1024, 1024) if number % 3 else (832, 1216) for number in range(n)]
    images = concept("sks girl", captions=captions, names=names, sizes=sizes, trigger="sks")
    paths = dataset(images).paths
    near = [tuple(paths[start : start + 2]) for start in range(0, n, 20)]
    data = dataset(images, near=near, base_model="sdxl", root="benchmark")
    side = thumbnail_side_px(n)
    shown = paths if folder else paths[:: max(1, -(-n // MOST_THUMBNAILS))]
    # Of a large folder the pictures repeat: drawing them is not what is measured.
    drawings = [picture(random, side) for _ in range(min(len(shown), MOST_THUMBNAILS))]
    thumbnails = {path: drawings[place % len(drawings)] for place, path in enumerate(shown)}
    rules = load_plugins(foreign=False).rules
    return report_of(data, *(rules[name] for name in RULES), thumbnails=thumbnails, thumbnail_px=side)


def picture(random, side):
    """Soft shapes and grain, as WebP of the quality that a run writes."""
    rough = Image.fromarray(random.integers(20, 235, (5, 5, 3), dtype=np.uint8)).resize((side, side), Image.BICUBIC)
    grainy = np.asarray(rough, dtype=np.float32) + random.normal(0, GRAIN, (side, side, 1))
    held = BytesIO()
    Image.fromarray(grainy.clip(0, 255).astype(np.uint8)).save(held, "WEBP", quality=60, method=4)
    return held.getvalue()


def in_browser(path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        readies, searches = [], []
        for _ in range(ROUNDS):
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.goto(path.as_uri())
            while not (ready := tab.evaluate(READY)):
                pass
            readies.append(ready / 1000)
            searches += [tab.evaluate(SEARCH, query) for query in ("tag:1", "-tag:1", "sks", "0001", "")]
            nodes = tab.evaluate("() => document.querySelectorAll('*').length")
            tab.close()
        browser.close()
    return min(readies), sorted(searches)[len(searches) // 2], nodes


def of_folder(n, place):
    """A folder report: what its page takes, what lies beside it, and how soon it is ready."""
    made = report(n, folder=True)
    written, seconds = seconds_of(lambda: files(reporter, made, told=context(as_folder=True)))
    root = place / f"folder-{n}"
    for path, content in written.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8", newline="\n")
    beside = sum(len(content) for path, content in written.items() if path.startswith("data/pictures-"))
    ready, search, nodes = in_browser(root / "index.html")
    return [
        (f"{n:,} images, folder: page", len(written["index.html"].encode("utf-8")) / 1e6, "MB", "at most 8 MB"),
        (f"{n:,} images, folder: data read at the start", len(written["data/images.js"]) / 1e6, "MB", ""),
        (f"{n:,} images, folder: pictures beside it", beside / 1e6, "MB", ""),
        (f"{n:,} images, folder: written in", seconds, "s", ""),
        (f"{n:,} images, folder: ready in", ready, "s", "under 3"),
        (f"{n:,} images, folder: a search", search, "ms", ""),
        (f"{n:,} images, folder: elements of the page", nodes, "", ""),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, nargs="+", default=[1000, 10_000], help="images (default 1000 10000)")
    parser.add_argument("--folder", type=int, nargs="*", default=[], help="images of folder reports")
    asked = parser.parse_args()
    if CHROMIUM is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for n in asked.n:
            made = report(n)
            written, seconds = seconds_of(files, reporter, made)
            text = written[""].encode("utf-8")
            path = Path(folder) / f"{n}.html"
            path.write_bytes(text)
            ready, search, nodes = in_browser(path)
            size, soon, quick = WANTED.get(n, ("", "", ""))
            thumbnail = sum(map(len, made.thumbnails.values())) / len(made.thumbnails)
            rows += [
                (f"{n:,} images: page", len(text) / 1e6, "MB", size),
                (f"{n:,} images: previews in it", len(made.thumbnails), "", ""),
                (f"{n:,} images: bytes of a preview of {made.thumbnail_px} px", round(thumbnail), "", ""),
                (f"{n:,} images: written in", seconds, "s", "under 10" if n >= 10_000 else ""),
                (f"{n:,} images: ready in", ready, "s", soon),
                (f"{n:,} images: a search", search, "ms", quick),
                (f"{n:,} images: elements of the page", nodes, "", ""),
            ]
        for n in asked.folder:
            rows += of_folder(n, Path(folder))
    measured("report-page", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
