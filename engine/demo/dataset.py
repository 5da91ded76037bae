"""Writes the sample dataset: two concepts and a regularization set in the kohya layout."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from tagmetry.demo.defects import COPIES, EXCLUDED, LUMI, PLANTED, TEAPOT, PlantedDefect, plant
from tagmetry.demo.photographs import TEAPOT_SHOTS, photograph
from tagmetry.demo.pictures import LUMI_DRAWINGS, REGULARIZATION_DRAWINGS, paint
from tagmetry.errors import UsageError
from tagmetry.messages import message

MARKER: Final = ".tagmetry-demo"
"""The hidden file that says that a folder was made here and may be replaced."""

REGULARIZATION: Final = "reg/1_girl"

_EXISTS = "{path} exists and was not made by tagmetry demo; nothing was written"
_HELP = "name a folder that does not exist yet: tagmetry demo NEW-FOLDER"


@dataclass(frozen=True, slots=True)
class DemoConcept:
    """One folder of training images; `n` counts what can be decoded and is not oversized."""

    folder: str
    trigger: str
    class_word: str
    repeats: int
    n: int


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the sample dataset lies and what is in it."""

    root: Path
    planted: tuple[PlantedDefect, ...]
    excluded: tuple[str, ...]
    """Hidden files that readers leave out, relative to `root`."""
    concepts: tuple[DemoConcept, ...]
    n_reg: int
    n_distinct: int
    """Training images that are no copy of another one."""

    @property
    def train(self) -> Path:
        return self.root / "train"

    @property
    def reg(self) -> Path:
        return self.root / "reg"

    @property
    def n_train(self) -> int:
        return sum(concept.n for concept in self.concepts)


def write_demo(folder: Path, *, seed: int = 7, scale: float = 1.0) -> Demo:
    """Write the sample dataset to `folder` and say what is in it.

    The same seed, scale and versions of Pillow and numpy give the same bytes. `scale` shrinks the
    pictures, not their number. A folder that bears our marker gets new `train` and `reg` folders
    and is otherwise left as it is. Raises UsageError for any other folder with something in it,
    and OSError where it cannot be written.
    """
    target = Path(folder).absolute()
    ours = _may_be_replaced(target, shown=str(folder))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tagmetry-", dir=target.parent) as workshop:
        fresh = Path(workshop) / "fresh"
        _write(fresh, seed=seed, scale=scale)
        if ours:
            for name in ("train", "reg"):
                if (target / name).exists():
                    (target / name).rename(Path(workshop) / name)
                (fresh / name).rename(target / name)
        else:
            if target.exists():
                target.rmdir()
            fresh.rename(target)
    return describe(target)


def describe(root: Path) -> Demo:
    """What `write_demo` wrote to `root`."""
    lumi_copies = sum(copy.path.startswith(LUMI) for copy in COPIES) + 1
    teapot_copies = len(COPIES) + 1 - lumi_copies
    n_lumi, n_teapot = len(LUMI_DRAWINGS), len(TEAPOT_SHOTS)
    return Demo(
        root=root,
        planted=PLANTED,
        excluded=(MARKER, *EXCLUDED),
        concepts=(
            DemoConcept(LUMI, "lumi", "girl", repeats=10, n=n_lumi + lumi_copies),
            DemoConcept(TEAPOT, "kokeware", "teapot", repeats=4, n=n_teapot + teapot_copies),
        ),
        n_reg=len(REGULARIZATION_DRAWINGS),
        n_distinct=n_lumi + n_teapot,
    )


def _may_be_replaced(target: Path, *, shown: str) -> bool:
    """Whether `target` is an earlier sample dataset; False where there is nothing yet."""
    if not target.is_symlink():
        if not target.exists() or (target.is_dir() and not any(target.iterdir())):
            return False
        if (target / MARKER).is_file():
            return True
    raise UsageError(message(_EXISTS, path=shown), help=message(_HELP))


def _write(root: Path, *, seed: int, scale: float) -> None:
    captions: dict[str, str] = {}
    for folder in (LUMI, TEAPOT, REGULARIZATION):
        (root / folder).mkdir(parents=True)
    for number, drawing in enumerate(LUMI_DRAWINGS, start=1):
        stem = f"{LUMI}/lumi-{number:02d}"
        _save(paint(drawing, seed=seed * 1000 + number, scale=scale), root, stem, number)
        captions[f"{stem}.txt"] = drawing.caption
    for number, shot in enumerate(TEAPOT_SHOTS, start=1):
        stem = f"{TEAPOT}/kokeware-{number:02d}"
        photograph(shot, seed=seed * 1000 + 300 + number, scale=scale).save(root / f"{stem}.jpg", quality=91)
        captions[f"{stem}.txt"] = shot.caption
    for number, drawing in enumerate(REGULARIZATION_DRAWINGS, start=1):
        stem = f"{REGULARIZATION}/girl-{number:02d}"
        _save(paint(drawing, seed=seed * 1000 + 600 + number, scale=scale), root, stem, number)
        captions[f"{stem}.txt"] = drawing.caption
    for path, text in captions.items():
        (root / path).write_bytes(f"{text}\n".encode())
    plant(root, captions, seed=seed)
    (root / MARKER).write_bytes(
        b"A sample dataset, made by tagmetry demo. It is replaced when the command is run again.\n"
    )


def _save(image: Image.Image, root: Path, stem: str, number: int) -> None:
    """Every fourth drawing is a WebP file, as in sets collected from the web."""
    if number % 4 == 3:
        image.save(root / f"{stem}.webp", quality=92, method=3)
    else:
        image.save(root / f"{stem}.png", compress_level=4)
