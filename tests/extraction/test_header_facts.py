"""Depth, compression, colour profile and generator: what headers tell, on files that Pillow wrote."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tagmetry.extraction.decoding import decoded
from tagmetry.extraction.header_facts import jpeg_quality
from tagmetry.extraction.limits import Limits

PARAMETERS = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64"


def header(image, format="PNG", **options):
    file = BytesIO()
    image.save(file, format, **options)
    return decoded(file.getvalue(), limits=Limits(), side_px=512).header


def picture(mode="RGB"):
    ramp = np.arange(64 * 64, dtype=np.uint32).reshape(64, 64) % 251
    return Image.fromarray(ramp.astype(np.uint8)).convert(mode)


def texts(**said):
    info = PngImagePlugin.PngInfo()
    for key, text in said.items():
        info.add_text(key.replace("_at_", ":"), text)
    return info


def test_a_plain_picture_has_eight_bits_and_nothing_else():
    found = header(picture())
    assert (found.bit_depth, found.jpeg_quality, found.colour_profile, found.generator) == (8, 0, "none", "none")


@pytest.mark.parametrize("quality", [1, 10, 30, 49, 50, 51, 75, 85, 92, 95, 100])
def test_quality_is_that_by_which_a_jpeg_was_saved(quality):
    assert header(picture(), "JPEG", quality=quality).jpeg_quality == quality
    assert header(picture("L"), "JPEG", quality=quality).jpeg_quality == quality


def test_lower_quality_gives_a_lower_estimate():
    found = [header(picture(), "JPEG", quality=quality).jpeg_quality for quality in range(5, 100, 5)]
    assert found == sorted(found)


def test_foreign_tables_get_the_nearest_quality():
    own = [max(1, round(step * 0.55)) for step in (16, 11, 10, 16, 24, 40, 51, 61) for _ in range(8)]
    assert 1 <= jpeg_quality({0: own}) <= 100
    assert jpeg_quality({}) == jpeg_quality(None) == jpeg_quality({0: [1, 2]}) == 0


def test_sixteen_bits_are_seen_though_the_decoder_reduces_them():
    deep = Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64))
    assert header(deep).bit_depth == 16
    file = BytesIO()
    picture().save(file, "PNG")
    data = bytearray(file.getvalue())
    assert data[24] == 8
    assert header(picture("1")).bit_depth == 1
    assert header(picture("P")).bit_depth == 8


def test_a_profile_is_srgb_by_its_primaries_or_its_name():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for format in ("PNG", "JPEG", "WEBP"):
        assert header(picture(), format, icc_profile=srgb).colour_profile == "srgb"
    # The same with green further out, as in a wide gamut, and another name.
    at = srgb.index(b"gXYZ")
    start = int.from_bytes(srgb[at + 4 : at + 8], "big") + 8
    wide = srgb[:start] + (0x3000).to_bytes(4, "big") + srgb[start + 4 :]
    wide = wide.replace(b"s\0R\0G\0B", b"W\0i\0d\0e").replace(b"sRGB", b"Wide")
    assert header(picture(), "JPEG", icc_profile=wide).colour_profile == "other"
    grey = srgb[:16] + b"GRAY" + srgb[20:]
    assert header(picture("L"), "JPEG", icc_profile=grey).colour_profile == "grey"


def test_a_damaged_profile_is_none_or_another():
    assert header(picture(), "JPEG", icc_profile=b"short").colour_profile == "none"
    assert header(picture(), "JPEG", icc_profile=b"\xff" * 300).colour_profile == "other"
    assert header(picture(), "JPEG", icc_profile=b"\0" * 16 + b"RGB " + b"\xff" * 200).colour_profile == "other"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"parameters": PARAMETERS}, "stable-diffusion-webui"),
        ({"workflow": '{"nodes": []}'}, "comfyui"),
        ({"prompt": '{"3": {"class_type": "KSampler"}}'}, "comfyui"),
        ({"prompt": "what the photographer was asked to do"}, "none"),
        ({"invokeai_metadata": "{}"}, "invokeai"),
        ({"Software": "NovelAI", "Title": "AI generated image"}, "novelai"),
        ({"Description": "a cat --v 6 Job ID: 1", "Author": "somebody"}, "none"),
        ({"Software": "Midjourney"}, "midjourney"),
        ({"Software": "Adobe Photoshop 25.0", "Comment": "holiday"}, "none"),
        ({"Comment": "my parameters were lost"}, "none"),
    ],
)
def test_png_texts_of_generators(said, kind):
    assert header(picture(), pnginfo=texts(**said)).generator == kind


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-8"])
@pytest.mark.parametrize("format", ["JPEG", "WEBP", "PNG"])
def test_parameters_in_exif_are_seen_in_any_encoding(format, encoding):
    exif = Image.Exif()
    exif[0x0131] = "an editor"
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + PARAMETERS.encode(encoding)
    assert header(picture(), format, exif=exif).generator == "stable-diffusion-webui"


def test_a_cameras_exif_is_no_generator():
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Nikon", "D90", "GIMP 2.10"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0steps of the town hall"
    assert header(picture(), "JPEG", exif=exif).generator == "none"


def test_credentials_count_if_they_say_that_a_model_made_it():
    made = b"jumb c2pa ... http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia ..."
    taken = b"jumb c2pa ... http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture ..."
    for manifest, kind in ((made, "content-credentials"), (taken, "none")):
        file = BytesIO()
        picture().save(file, "JPEG")
        data = file.getvalue()
        segment = b"\xff\xeb" + (len(manifest) + 2).to_bytes(2, "big") + manifest
        assert decoded(data[:2] + segment + data[2:], limits=Limits(), side_px=512).header.generator == kind
        info = PngImagePlugin.PngInfo()
        info.add(b"caBX", manifest)
        assert header(picture(), pnginfo=info).generator == kind
        xmp = b"<x:xmpmeta>" + manifest + b"</x:xmpmeta>"
        assert header(picture(), "WEBP", xmp=xmp).generator == kind
