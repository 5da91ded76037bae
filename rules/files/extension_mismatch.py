"""An image file whose ending does not fit its content.

What it finds
    Images of every role whose content is of another format than the name's ending: a PNG named
    `.jpg`, a WebP saved from a web page as `.png`. Upper and lower case are the same here, and `.jpg`,
    `.jpeg`, `.jpe` and `.jfif` all mean JPEG.

Why it matters
    Trainers choose files by their ending and mostly open them by content, so such an image usually is
    trained on. Programs that go by the name stop at it or leave it out, and a PNG that is taken
    for a JPEG may bring a transparency that nobody expects.

What to do
    Rename the file. Its caption keeps its name, since only the ending changes; check that no other
    image has the new name already.

Known limits
    The image's figures are computed all the same. What is not one of the formats that Tagmetry
    reads is not judged here.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import ROLES, Hits, NoOptions, Remedies, Rule, Samples, Severity

# The first ending is the one to rename to. MPO is JPEG with further pictures behind, as some cameras write it.
ENDINGS: Final = {
    "AVIF": (".avif", ".avifs"),
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
NAMES: Final = {"MPO": "JPEG", "WEBP": "WebP"}

rule = Rule(
    id="extension-mismatch",
    severity=Severity.WARNING,
    evidence="documented",
    roles=ROLES,
    messages={
        "found": "{path} holds {format} data, which its name does not say",
    },
    remedies=Remedies(data=("rename it so that it ends in {ending}",)),
)


@rule.each_sample
def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
    paths = samples.paths
    formats = samples.codes("format")
    labels = [formats.label(row) for row in range(samples.n)]
    named_otherwise = [
        not path.lower().endswith(ENDINGS.get(label, "")) for path, label in zip(paths, labels, strict=True)
    ]
    yield rule.hits(
        "found",
        np.array(named_otherwise, dtype=bool),
        values={
            "path": paths,
            "format": [NAMES.get(label, label) for label in labels],
            "ending": [ENDINGS[label][0] if label in ENDINGS else "" for label in labels],
        },
    )
