"""Plugins of other people: small distributions on the import path, a small dataset, and the command in a process."""

import os
import shutil
import subprocess
import sys
from functools import cache, partial
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "plugin"


@pytest.fixture(scope="session")
def acme(tmp_path_factory):
    """The example plugin, built and installed by pip into a folder of its own."""
    folder = tmp_path_factory.mktemp("acme")
    source, target = folder / "source", folder / "installed"
    # Building leaves files beside the source.
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert result.returncode == 0, result.stderr
    return target


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Six training images of one concept: one with black bars, two with an artist in the caption."""
    root = tmp_path_factory.mktemp("dataset") / "ohwx"
    root.mkdir()
    for i in range(6):
        bars = 45 if i == 3 else 0
        draw(root / f"{i}.png", seed=i, bars=bars)
        artist = ", art by jane roe" if i in (1, 4) else ""
        (root / f"{i}.txt").write_text(f"ohwx, place {i}, smile, red hat{artist}", encoding="utf-8")
    return root


def draw(path, *, seed, bars=0, size=(640, 360)):
    """A picture with enough structure that no two seeds look alike."""
    with Image.new("RGB", size, (60 + seed * 37 % 190, seed * 91 % 256, 60 + seed * 53 % 190)) as image:
        pen = ImageDraw.Draw(image)
        for i in range(12):
            x, y = (seed * 131 + i * 97) % size[0], (seed * 71 + i * 173) % size[1]
            corners = [x - 60, y - 40, x + 60 + 9 * i, y + 40 + 7 * i]
            pen.ellipse(corners, fill=((i * 83 + seed * 29) % 256, (i * 47) % 256, 90))
        if bars:
            pen.rectangle([0, 0, size[0], bars - 1], fill="black")
            pen.rectangle([0, size[1] - bars, size[0], size[1]], fill="black")
        image.save(path)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """Calls `tagmetry` in a process of its own that sees the distributions in `plugins`.

    The same call is made once and its result given again: what it says must not depend on when it is made.
    """
    folder = tmp_path_factory.mktemp("run")

    @cache
    def called(arguments, plugins, jobs):
        env = {name: value for name, value in os.environ.items() if not name.startswith("TAGMETRY_")}
        inherited = [env["PYTHONPATH"]] if env.get("PYTHONPATH") else []
        env |= {
            "PYTHONPATH": os.pathsep.join([*plugins, *inherited]),
            "TAGMETRY_NO_CACHE": "1",
            "TAGMETRY_JOBS": str(jobs),
            "TAGMETRY_PROGRESS": "none",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
        return subprocess.run(
            [sys.executable, "-m", "tagmetry", *arguments],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )

    def run(*arguments, plugins=(), jobs=1):
        return called(tuple(map(str, arguments)), tuple(map(str, plugins)), jobs)

    return run


@pytest.fixture(scope="session")
def write_distribution():
    """Writes a distribution as an installer leaves it: a module and its metadata. Gives the folder for the path."""

    def write(folder, name, code, *, version="1.0", value=None, entry_points=None):
        folder = folder / name
        module = name.replace("-", "_")
        info = folder / f"{module}-{version}.dist-info"
        info.mkdir(parents=True)
        entry_points = entry_points or f"[tagmetry]\n{name} = {value or module}\n"
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(entry_points, encoding="utf-8")
        (folder / f"{module}.py").write_text(code, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def distribution(tmp_path, write_distribution):
    return partial(write_distribution, tmp_path / "distributions")
