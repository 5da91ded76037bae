"""Commands as users call them: a real process, and pictures to call it on."""

import os
import subprocess
import sys

from PIL import Image, ImageDraw


def run(*arguments, cwd, environment=None, binary=False):
    """A `tagmetry` process with a cache of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TAGMETRY_")}
    env |= {"TAGMETRY_CACHE_DIR": str(cwd / "cache"), "TAGMETRY_SETTINGS": "", "COLUMNS": "80", "NO_COLOR": "1"} | (
        environment or {}
    )
    return subprocess.run(
        [sys.executable, "-m", "tagmetry", *map(str, arguments)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=not binary,
        encoding=None if binary else "utf-8",
        timeout=120,
    )


def draw(path, seed, size=(600, 640)):
    """A picture with enough structure that no two seeds look alike."""
    image = Image.new("RGB", size, (seed * 37 % 256, seed * 91 % 256, seed * 53 % 256))
    pen = ImageDraw.Draw(image)
    for i in range(12):
        x, y = (seed * 131 + i * 97) % size[0], (seed * 71 + i * 173) % size[1]
        pen.ellipse(
            [x - 60, y - 40, x + 60 + 9 * i, y + 40 + 7 * i], fill=((i * 83 + seed * 29) % 256, (i * 47) % 256, 90)
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    image.close()
