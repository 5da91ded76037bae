"""Features measured on pictures that a test draws."""

from io import BytesIO

from PIL import Image

from tagmetry.extraction.decoding import decoded
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.records import FeatureValue
from tagmetry.extraction.work import plain_value
from tagmetry.feature import WORKING_SIDE_PX, Feature, Picture


def picture(image: Image.Image) -> Picture:
    """An image as features get to see it: saved as PNG, decoded, brought to the working size."""
    file = BytesIO()
    image.save(file, "PNG")
    seen = decoded(file.getvalue(), limits=Limits(), side_px=WORKING_SIDE_PX, suffix=".png")
    return Picture(seen.header, seen.picture, seen.last, seen.lines, seen.lines_of_px)


def measured(feature: Feature, image: Image.Image) -> FeatureValue:
    """The feature's figure, NaN where it is missing. Raises what the feature raises.

    Raises TypeError or ValueError for a figure that breaks the feature's declaration.
    """
    assert feature.function is not None, f"{feature.name} has no measure function"
    return plain_value(feature, feature.function(picture(image)))
