"""Clean sets of real photographs, from a folder of them: for the rules that look at pixels."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from benchmarks.defects.pictures import encoded
from benchmarks.defects.sets import LUMIKA_FOLDER, N_TRAIN, Sample, Set

SHORT_SIDE = 640
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Photographs:
    """The photographs below a folder, every second of each folder in it: the even ones to choose limits on, the odd
    ones to measure."""

    folder: Path
    odd: bool

    def paths(self):
        found = []
        for folder in sorted({path.parent for path in self.folder.rglob("*") if path.suffix.lower() in SUFFIXES}):
            files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
            found += files[int(self.odd) :: 2]
        return found

    def clean(self, profile, seed):
        """A set of some of them in place of the drawn pictures."""
        paths = self.paths()
        random = np.random.default_rng([seed, int(self.odd)])
        places = sorted(random.choice(len(paths), min(N_TRAIN, len(paths)), replace=False).tolist())
        samples = [
            Sample(f"{LUMIKA_FOLDER}/photo-{number:02d}.jpg", shrunk(paths[place]), caption_of(paths[place], number))
            for number, place in enumerate(places, start=1)
        ]
        return Set(samples, profile=dict(profile))


@lru_cache(maxsize=512)
def shrunk(path):
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    factor = SHORT_SIDE / min(upright.size)
    size = tuple(round(side * min(1.0, factor)) for side in upright.size)
    return encoded(upright.resize(size, Image.Resampling.LANCZOS), quality=92)


def caption_of(path, number):
    """No rule that is measured here reads captions; they only have to be there, and unlike each other."""
    return f"lumika, {path.parent.name.replace('_', ' ')}, picture {number}"
