"""The pictures of README and docs/review.md: `python tests/browser/pictures.py` writes them from the sample dataset.

Takes Chromium; the fonts of the machine decide how letters look.
"""

import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.conftest import CHROMIUM, FLAGS  # noqa: E402 - the path above makes it found
from command_testing import run  # noqa: E402

WIDTH = 1180
LARGEST_BYTES = 200_000
VIEWS = {"report": ("#verdict", 760), "duplicates": ("#duplicates", 900), "balance": ("#balance", 1000)}
"""Where the page is opened, and how many of its pixels are shown."""


def written(page, place):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for name, (where, height) in VIEWS.items():
            tab = browser.new_page(viewport={"width": WIDTH, "height": height}, reduced_motion="reduce")
            tab.goto(page.as_uri() + ("" if name == "report" else where))
            while not tab.evaluate("() => document.documentElement.dataset.ready"):
                time.sleep(0.02)
            time.sleep(0.3)
            yield place / f"{name}.png", tab.screenshot()
            tab.close()
        browser.close()


def main():
    if CHROMIUM is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        made = run("demo", "sample", "-q", "--progress", "none", cwd=Path(folder))
        if made.returncode:
            print(made.stderr, file=sys.stderr)
            return 1
        for path, data in written(Path(folder) / "sample-report.html", ROOT / "docs" / "images"):
            held = BytesIO()
            with Image.open(BytesIO(data)) as shot:
                # 256 colours are enough for a page, and a fourth of the bytes.
                shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(held, "PNG", optimize=True)
            assert held.tell() < LARGEST_BYTES, f"{path.name} takes {held.tell():,} bytes"
            path.write_bytes(held.getvalue())
            print(f"{path.name}: {held.tell():,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
