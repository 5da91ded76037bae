"""Rendering: how much the picture is made of even areas and hard edges, as cel drawings, comics and screenshots are.

Of all pairs of pixels that touch at a corner, the share whose grey levels are equal or one apart, times the share of
hard steps (40 levels and more) among the steps that can be seen (3 to 15 levels, or hard). Grain, texture and soft
light make steps of middle height, which a drawing lacks. (After Athitsos, Swain and Frankel, "Distinguishing
photographs and graphics on the World Wide Web", 1997, who compared such histograms of neighbours.)

Drawings in flat colours have 0.2 to 0.6, less where strong compression left its marks; of photographs 95 in 100 are
below 0.11 and those of things on plain white reach 0.17. A painting with soft shading looks like a photograph here.
"""

import numpy as np
from PIL import ImageChops

from tagmetry.feature import Feature, Picture

EVEN = slice(0, 2)
SOFT = slice(3, 16)
HARD = slice(40, 256)

rendering = Feature("rendering", version=1, unit="share", doc="Even areas with hard edges: drawings score high.")


@rendering.measure
def measure(picture: Picture) -> float:
    grey = picture.grey
    width, height = grey.size
    if width < 2 or height < 2:
        return float("nan")
    # Diagonal neighbours see edges of every direction in one pass.
    one, other = grey.crop((0, 0, width - 1, height - 1)), grey.crop((1, 1, width, height))
    steps = np.array(ImageChops.difference(one, other).histogram(), dtype=np.float64)
    hard = steps[HARD].sum()
    visible = hard + steps[SOFT].sum()
    return float(steps[EVEN].sum() / steps.sum() * hard / visible) if visible else 0.0
