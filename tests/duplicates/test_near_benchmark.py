import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "near_duplicates.py"


def test_benchmark_finds_easy_copies_and_joins_no_two_pictures(tmp_path):
    for seed in range(2):
        rng = np.random.default_rng(seed)
        image = Image.new("RGB", (320, 240), (90, 120, 150))
        pen = ImageDraw.Draw(image)
        for radius in (90, 60, 40, 25, 15, 10, 6):
            for _ in range(8):
                x, y = (int(v) for v in rng.integers(0, (320, 240)))
                colour = tuple(int(v) for v in rng.integers(0, 256, 3))
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        image.save(tmp_path / f"{seed}.png")
    run = subprocess.run(
        [sys.executable, SCRIPT, "--images", tmp_path, "--half", "all", "--without-series", "--positives", "85"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    lines = {" ".join(line.split()) for line in run.stdout.splitlines()}
    assert "easy 100.0% 100.0%" in lines
    assert "wrong: 0 pairs of files, 0 pairs of pictures" in lines
    assert "groups: 84 of 84 copies joined, 0 to another picture" in lines
    assert "bytes per image: 6412" in lines
