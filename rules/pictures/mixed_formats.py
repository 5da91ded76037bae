"""Images with transparency or a palette among others without.

What it finds
    A concept in which some images have an alpha channel, or are stored with a palette, and others are not; and, as a
    note, one in which some images are stored without loss and others are compressed.

Why it matters
    Most trainers drop transparency: what comes out underneath is black, white or whatever the program left there, and
    cut-out edges stay behind. A palette of 256 colours shows as bands. Where only part of the set looks like that,
    it is a look that the model can learn.

What to do
    Lay transparent images on a plain colour that suits the others, and save all images of the concept in one format.

Known limits
    Reads what the file says it has. An alpha channel that is opaque everywhere is reported too, and costs nothing to
    remove. That all images have transparency is reported as well, since trainers drop it all the same.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Codes, Concept, Finding, Mask, Measurement, Remedies, Rule, Severity, Subject

_PALETTE_MODES: Final = ("P", "PA")
_LOSSLESS: Final = ("PNG", "BMP", "TIFF", "GIF")
_COMPRESSED: Final = ("JPEG", "WEBP", "AVIF")

rule = Rule(
    id="mixed-formats",
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift",),
    messages={
        "alpha": (
            '{n:count} of the {total:count} images of "{concept}" have an alpha channel, which most trainers drop: '
            "{examples}"
        ),
        "palette": '{n:count} of the {total:count} images of "{concept}" are stored with a palette: {examples}',
        "lossless": (
            '{n:count} of the {total:count} images of "{concept}" are stored without loss ({lossless}), the others '
            "are compressed ({compressed})"
        ),
    },
    remedies={
        "alpha": Remedies(data=("lay these images on a plain colour that suits the others: {examples}",)),
        "palette": Remedies(data=("replace these images by copies in full colour: {examples}",)),
        "lossless": Remedies(data=("where it costs nothing, save all images of the concept in one format",)),
    },
)


@rule.each_concept
def check(concept: Concept, options: object) -> Iterator[Finding]:
    formats, modes = concept.codes("format"), concept.codes("mode")
    # Animations have palettes and transparency by their nature, and are told by `animated-image`.
    still = concept.column("frames").values == 1
    alpha = concept.column("has_alpha").values.astype(bool) & still
    palette = _any_of(modes, _PALETTE_MODES) & ~alpha & still
    if alpha.any():
        yield _of_some(concept, "alpha", alpha)
    if palette.any() and not palette.all():
        yield _of_some(concept, "palette", palette)
    lossless, compressed = _any_of(formats, _LOSSLESS), _any_of(formats, _COMPRESSED)
    if lossless.any() and compressed.any() and not alpha.any() and not palette.any():
        yield rule.finding(
            _subject(concept, lossless),
            "lossless",
            values={
                "concept": concept.name,
                "n": int(lossless.sum()),
                "total": concept.n,
                "lossless": tuple(sorted({formats.label(place) for place in np.flatnonzero(lossless).tolist()})),
                "compressed": tuple(sorted({formats.label(place) for place in np.flatnonzero(compressed).tolist()})),
            },
            measured=Measurement("lossless_share", float(lossless.mean()), None, unit="share"),
            severity=Severity.INFO,
            key="lossless",
        )


def _of_some(concept: Concept, message: str, mask: Mask) -> Finding:
    subject = _subject(concept, mask)
    return rule.finding(
        subject,
        message,
        values={
            "concept": concept.name,
            "n": int(mask.sum()),
            "total": concept.n,
            "examples": subject.paths,
        },
        measured=Measurement(f"{message}_share", float(mask.mean()), None, unit="share"),
        key=message,
    )


def _any_of(codes: Codes, labels: tuple[str, ...]) -> Mask:
    return np.isin(codes.codes, [number for number, label in enumerate(codes.labels) if label in labels])


def _subject(concept: Concept, mask: Mask) -> Subject:
    return concept.subject(concept.rows[mask])
