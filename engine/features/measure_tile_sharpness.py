"""Tile sharpness: how strongly neighbouring pixels differ where the picture is sharp.

The mean square of the Laplacian of luminance (the energy of the Laplacian in Pertuz, Puig and Garcia, 2013, which is
`sharpness` but for the mean, and that is near zero) for each tile of 32 pixels; the one that a tenth of the tiles
surpass. So a picture with a blurred background counts by its subject. As there, it depends on the scale, and low
contrast looks like blur: `crispness` does not depend on contrast. Missing for pictures less than 3 pixels high or wide.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

SHARPEST = 0.9

tile_sharpness = Feature(
    "tile_sharpness", version=1, unit="energy of the Laplacian", doc="Strength of fine detail in the sharpest parts."
)


@tile_sharpness.measure
def measure(picture: Picture) -> float:
    if not picture.laplacian.size:
        return float("nan")
    energy = picture.laplacian_energy
    rows, columns = (side - side % 2 or side for side in energy.shape)
    whole = energy[:rows, :columns]
    # Four tiles are one of twice the side.
    pairs = (whole[0::2] + whole[1::2]) / 2 if rows > 1 else whole
    tiles = (pairs[:, 0::2] + pairs[:, 1::2]) / 2 if columns > 1 else pairs
    return float(np.sort(tiles, axis=None)[int(SHARPEST * (tiles.size - 1))])
