"""Bits per pixel: how much file there is for each pixel.

The file's size in bits over width times height, metadata included. It compares only within a format: a clean JPEG has
1 to 4, a photograph under 0.3 shows its blocks, and one as PNG has 10 to 20; drawings need far less.
"""

from tagmetry.feature import Feature, Picture

bits_per_pixel = Feature("bits_per_pixel", version=1, unit="bits per pixel", doc="File size over the number of pixels.")


@bits_per_pixel.measure
def measure(picture: Picture) -> float:
    header = picture.header
    return header.size_bytes * 8 / (header.width * header.height)
