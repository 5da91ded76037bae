"""View: the picture in small, grey, as near-duplicates are recognized by.

The whole picture squeezed to 64 by 64, and where its edges are uniform (a border, letterbox bars, the white around a
drawing) what is inside them at 48 by 48, with size and content box: one vector of bytes, laid out as in
`tagmetry.duplicates.views`. It serves `tagmetry.duplicates.near_pairs` and says nothing by itself.
"""

import numpy as np
from PIL import Image

from tagmetry.duplicates.views import PACKED_BYTES, TRIMMED_SIDE, WHOLE_SIDE, Grey, content_box, packed
from tagmetry.feature import Feature, Picture

EDGES_SIDE_PX = 256
"""Edges are looked for at about this size: pixels are then large enough for a border to be even."""

view = Feature(
    "view", version=1, unit="packed bytes", doc="Small grey views of the picture.", dtype=np.uint8, width=PACKED_BYTES
)


@view.measure
def measure(picture: Picture) -> Grey:
    grey = picture.grey
    width, height = grey.size
    factor = max(1, -(-max(width, height) // EDGES_SIDE_PX))
    small = grey.reduce(factor) if factor > 1 else grey
    left, top, right, bottom = content_box(np.asarray(small))
    # The last line of a reduced picture may stand for fewer pixels than the others.
    box = (left * factor, top * factor, min(right * factor, width), min(bottom * factor, height))
    whole = _squeezed(grey, WHOLE_SIDE, (0, 0, width, height))
    trimmed = None if box == (0, 0, width, height) else _squeezed(grey, TRIMMED_SIDE, box)
    return packed((width, height), box, whole, trimmed)


def _squeezed(grey: Image.Image, side: int, box: tuple[int, int, int, int]) -> Grey:
    # HAMMING is as quick as averaging and does not jump when a pixel crosses the edge of a cell.
    return np.asarray(grey.resize((side, side), Image.Resampling.HAMMING, box=box))
