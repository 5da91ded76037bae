"""Training images smaller than the base model works with.

What it finds
    Images whose short side is below what the base model needs: 512 px for SDXL (an error) and
    SD1.5, 768 px for Flux; 512 px while no base model is named. For SDXL it also notes images with
    fewer pixels than any shape that SDXL was trained at, which a portrait of 832 × 1216 is not;
    where those are the majority, `few-full-size-images` tells it once for all.

Why it matters
    The trainer enlarges a small image to the training resolution, and the model learns the softness
    of the enlargement. SDXL was made for about a million pixels: with less it works, with some
    loss; a side below 512 px is advised against in the documentation of its usual library.

What to do
    Get the original, larger image. Enlarging it yourself adds pixels but no detail. If there is
    no larger one, leave it out or train at a lower resolution.

Known limits
    Looks at the number of pixels, not at what they hold: an image that was enlarged before is not
    noticed. The limit for SDXL is documented, the others are experience. A trainer that crops
    makes an image smaller than it is here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Evidence, Hits, Remedies, Rule, Samples, Severity, option


@dataclass(frozen=True, slots=True)
class Options:
    sdxl_px: int = option(512, "SDXL: a shorter short side is an error.", unit="px", low=1, high=65_536, source="S1")
    sdxl_full_px: int = option(
        960,
        "SDXL: images of fewer pixels than a square of this side are noted. SDXL is at its best near 1024; the shapes "
        "that it was trained at go down to the pixels of a square of about 970.",
        unit="px",
        low=1,
        high=65_536,
    )
    sd15_px: int = option(512, "SD1.5: a shorter short side is reported.", unit="px", low=1, high=65_536, source="S1")
    flux_px: int = option(768, "Flux: a shorter short side is reported.", unit="px", low=1, high=65_536)
    any_px: int = option(
        512,
        "While no base model is named, a shorter short side is reported.",
        unit="px",
        low=1,
        high=65_536,
        source="S1",
    )


_REMEDIES: Final = Remedies(
    data=("replace it by a larger original, or leave it out",),
    training=("without larger images, train at a lower resolution",),
)

rule = Rule(
    id="resolution-below-base-model",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift",),
    told_by=("few-full-size-images",),
    messages={
        "sdxl": "{path} has a short side of {short_side:px}; SDXL needs at least {limit:px}",
        "sdxl-full": (
            "{path} is {width:number} × {height:number} px; SDXL is made for pictures of about 1024 × 1024 px"
        ),
        "sd15": "{path} has a short side of {short_side:px}; SD1.5 needs at least {limit:px}",
        "flux": "{path} has a short side of {short_side:px}; for Flux at least {limit:px} are advised",
        "any": "{path} has a short side of {short_side:px}; every base model needs at least {limit:px}",
    },
    remedies={
        "sdxl": _REMEDIES,
        "sdxl-full": Remedies(data=("use a larger original where there is one",)),
        "sd15": _REMEDIES,
        "flux": _REMEDIES,
        "any": _REMEDIES,
    },
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    base_model = samples.dataset.profile.base_model
    if base_model == "sdxl":
        yield _short(samples, "sdxl", "sdxl_px", options.sdxl_px, evidence="documented", severity=Severity.ERROR)
        yield _below_full_size(samples, options)
    elif base_model == "sd15":
        yield _short(samples, "sd15", "sd15_px", options.sd15_px, evidence="heuristic")
    elif base_model == "flux":
        yield _short(samples, "flux", "flux_px", options.flux_px, evidence="community")
    else:
        yield _short(samples, "any", "any_px", options.any_px, evidence="heuristic")


def _short(
    samples: Samples,
    message: str,
    option_name: str,
    limit_px: int,
    *,
    evidence: Evidence,
    severity: Severity | None = None,
) -> Hits:
    short_side = samples.short_side_px
    return rule.hits(
        message,
        short_side < limit_px,
        values={"path": samples.paths, "short_side": short_side, "limit": limit_px},
        metric="short_side_px",
        measured=short_side,
        limit=limit_px,
        option=option_name,
        unit="px",
        evidence=evidence,
        severity=severity,
    )


def _below_full_size(samples: Samples, options: Options) -> Hits:
    """The images that are large enough to be used, but smaller than SDXL's own."""
    width, height = (samples.column(name).values.astype(np.int64) for name in ("width", "height"))
    return rule.hits(
        "sdxl-full",
        (samples.short_side_px >= options.sdxl_px) & (width * height < options.sdxl_full_px**2),
        values={"path": samples.paths, "width": width, "height": height},
        metric="square_side_px",
        measured=np.sqrt(width * height).astype(np.int64),
        limit=options.sdxl_full_px,
        option="sdxl_full_px",
        unit="px",
        evidence="documented",
        severity=Severity.INFO,
    )
