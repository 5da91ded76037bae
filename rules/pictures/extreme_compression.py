"""An image that was compressed until its blocks and rings can be seen.

What it finds
    JPEGs whose own tables say that they were saved at a quality below `least_quality`, and photographs as JPEG, WebP
    or AVIF with fewer bits per pixel than their format needs.

Why it matters
    Blocks, rings around edges and smeared colours are learned like anything else, and the model paints them.

What to do
    Find a better copy: the original, or the largest one that a picture search finds. Saving it again at a higher
    quality does not bring back what is lost.

Known limits
    Of a JPEG only the last compression is known: saved at 20 and again at 95 it passes for 95. The quality is that of
    the most common library; other programs' scales differ. Drawings and other even pictures need few bits, and are
    judged by their tables alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import ROLES, Hits, Remedies, Rule, Samples, Severity, option
from tagmetry.features import bits_per_pixel, level_range, rendering


@dataclass(frozen=True, slots=True)
class Options:
    least_quality: int = option(
        50,
        "Estimated quality of a JPEG below which it is reported. Most programs save at 75 to 95, and from about 50 "
        "down blocks are seen at a glance.",
        low=1,
        high=100,
    )
    least_jpeg_bits: float = option(
        0.25,
        "Bits per pixel of a photograph as JPEG below which it is reported. Those looked at have 0.57 and more.",
        unit="ratio",
        low=0,
    )
    least_webp_bits: float = option(
        0.2,
        "Bits per pixel of a photograph as WebP or AVIF below which it is reported. At quality 75 they have about 1.",
        unit="ratio",
        low=0,
    )
    drawn: float = option(
        0.2,
        "Share of even areas with hard edges (the feature `rendering`) from which on bits per pixel are not judged.",
        unit="share",
        low=0,
        high=1,
    )


_LEAST_LEVELS: Final = 140

rule = Rule(
    id="extreme-compression",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift", "instability"),
    roles=ROLES,
    needs=(bits_per_pixel, rendering, level_range),
    messages={
        "quality": "{path} was saved as JPEG at a quality of about {quality:count}",
        "bits": "{path} has {bits:number} bits per pixel, less than a photograph as {format} needs",
    },
    remedies=Remedies(data=("replace {path} by a copy that was compressed less, or leave it out",)),
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    quality = samples.column("jpeg_quality")
    poor = quality.valid & (quality.values < options.least_quality)
    yield rule.hits(
        "quality",
        poor,
        values={"path": samples.paths, "quality": quality.values},
        metric="jpeg_quality",
        measured=quality.values,
        limit=options.least_quality,
        option="least_quality",
    )
    bits, drawn = samples.values(bits_per_pixel), samples.values(rendering)
    # What spans few levels, such as a washed-out picture, needs few bits.
    contrasty = samples.values(level_range).values >= _LEAST_LEVELS
    photograph = bits.valid & drawn.valid & (drawn.values < options.drawn) & contrasty & ~poor
    formats = samples.codes("format")
    for format, name in (("JPEG", "least_jpeg_bits"), ("WEBP", "least_webp_bits"), ("AVIF", "least_webp_bits")):
        least = getattr(options, name)
        yield rule.hits(
            "bits",
            photograph & formats.equals(format) & (bits.values < least),
            values={
                "path": samples.paths,
                "bits": np.where(bits.valid, bits.values, 0),
                "format": format,
            },
            metric="bits_per_pixel",
            measured=np.where(bits.valid, bits.values, 0),
            limit=least,
            option=name,
        )
