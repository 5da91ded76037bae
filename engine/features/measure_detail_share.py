"""Detail share: how much of its size in pixels a picture fills with detail.

A picture that was enlarged, or is soft, has nothing but noise in its highest frequencies. Of up to 32 lines of the
picture as decoded, before it is shrunk, the power spectrum is taken (Hann's window; the median over the lines' mean in
32 bands, which passes over the spikes of compression's blocks). Where the last bands are as faint as rounding and
compression leave them, the detail ends at the highest band with three times their power; the figure is that band's
frequency over the highest that the pixels could hold, times the decoded size over the stored one. 0.5 says that a
copy of half the size would show as much. Where the last bands hold more than that, detail or grain goes to the end.

A lower bound for large JPEGs, which are decoded smaller than they are: they are looked at up to 512 pixels or somewhat
more of their longest side. So 1 is told where no end was seen. Enlargements by 3 come out below 0.6, by 2 below 0.85;
soft photographs likewise. Missing for pictures less than 64 pixels wide.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.feature import Feature, Picture

BANDS = 32
LAST_BANDS = 5
ROUNDING = 1 / 12
"""The variance that rounding to whole levels adds."""
FAINTEST = 1.0
"""Power (grey levels squared) up to which the last bands are taken for noise of rounding and compression."""
ABOVE_NOISE = 3.0
LEAST_PX = 2 * BANDS

detail_share = Feature(
    "detail_share", version=1, unit="share", doc="Share of the size in pixels that is filled with detail."
)


@detail_share.measure
def measure(picture: Picture) -> float:
    lines = picture.grey if picture.lines is None else picture.lines
    if lines.width < LEAST_PX:
        return float("nan")
    header = picture.header
    longest = max(header.width, header.height)
    decoded = max(picture.grey.size) if picture.lines is None else picture.lines_of_px
    share = _share(_bands(np.asarray(lines, dtype=np.float32)))
    return 1.0 if share == 1.0 else share * min(1.0, decoded / longest)


def _bands(levels: NDArray[np.float32]) -> NDArray[np.float64]:
    """Power by band from the lowest frequency to the highest, in grey levels squared."""
    width = levels.shape[1]
    window = np.hanning(width).astype(np.float32)
    window /= np.sqrt((window * window).mean())
    spectrum = np.fft.rfft((levels - levels.mean(axis=1, keepdims=True)) * window, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=0)[1:] / width
    # The few frequencies that do not fill the bands are taken from the lowest, which no band is compared with.
    each = len(power) // BANDS
    return np.asarray(np.median(power[len(power) - BANDS * each :].reshape(BANDS, each), axis=1), dtype=np.float64)


def _share(bands: NDArray[np.float64]) -> float:
    noise = float(np.median(bands[-LAST_BANDS:]))
    if noise > FAINTEST:
        return 1.0
    above = np.flatnonzero(bands > ABOVE_NOISE * max(noise, ROUNDING))
    return float((above[-1] + 1) / BANDS) if len(above) else 1.0
