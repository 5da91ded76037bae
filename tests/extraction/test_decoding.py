import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFile, TiffImagePlugin, features

from tagmetry.extraction.decoding import decoded
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.sniffing import ALLOWED

ORIENTATION = 274


def saved(picture, format, **options):
    target = BytesIO()
    picture.save(target, format, **options)
    return target.getvalue()


def upright(data, side_px=512, **options):
    return decoded(data, limits=Limits(), side_px=side_px, **options).upright


def pixels(data, **options):
    return np.asarray(upright(data, **options)).astype(int)


def png_head(width, height, depth=8, colour=2):
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


LOSSLESS = [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]


@pytest.mark.parametrize(("format", "options"), LOSSLESS)
def test_small_pictures_come_out_as_they_are(gradient, format, options):
    picture = gradient()
    found = decoded(saved(picture, format, **options), limits=Limits(), side_px=512)
    assert found.upright.mode == "RGB"
    assert np.array_equal(np.asarray(found.upright), np.asarray(picture))
    header = found.header
    assert (header.format, header.mode, header.width, header.height) == (format, "RGB", 24, 16)
    assert (header.frames, header.has_alpha, header.exif_orientation) == (1, False, 1)
    assert header.size_bytes == len(saved(picture, format, **options))


@pytest.mark.parametrize("format", ["JPEG", "GIF", "AVIF"])
def test_lossy_formats_come_out_nearly_as_they_are(gradient, format):
    if format == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow without AVIF")
    picture = gradient((96, 64))
    found = pixels(saved(picture, format))
    assert np.abs(found - np.asarray(picture)).mean() < 12


@pytest.mark.parametrize("size", [(1024, 768), (768, 1024), (1030, 517), (5000, 3), (513, 513)])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_large_pictures_are_shrunk_in_proportion(gradient, size, format):
    found = upright(saved(gradient((8, 8)).resize(size), format))
    assert max(found.size) == 512
    longest = max(size)
    assert found.size == tuple(max(1, round(side * 512 / longest)) for side in size)


def test_pictures_at_and_below_the_working_size_are_not_scaled(gradient):
    assert upright(saved(gradient((512, 512)), "PNG")).size == (512, 512)
    assert upright(saved(gradient((1, 1)), "PNG")).size == (1, 1)


def test_full_size_is_given_when_asked_for(gradient):
    assert upright(saved(gradient((900, 30)), "JPEG"), side_px=None).size == (900, 30)


def test_shrinking_on_load_looks_the_same(gradient):
    picture = gradient((64, 48)).resize((2048, 1536), Image.Resampling.BICUBIC)
    by_jpeg = pixels(saved(picture, "JPEG", quality=95))
    by_png = pixels(saved(picture, "PNG"))
    assert np.abs(by_jpeg - by_png).mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_exif_orientation_is_turned_upright(gradient, format, orientation):
    picture = gradient((96, 64))
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = picture.transpose(turned[orientation]) if orientation in turned else picture
    options = {"quality": 95} if format in ("JPEG", "WEBP") else {}
    if format == "TIFF":
        options["tiffinfo"] = {ORIENTATION: orientation}
    else:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    found = decoded(saved(stored, format, **options), limits=Limits(), side_px=512)
    assert found.header.exif_orientation == orientation
    assert (found.header.width, found.header.height) == stored.size
    assert found.upright.size == (96, 64)
    assert np.abs(np.asarray(found.upright).astype(int) - np.asarray(picture)).mean() < 6


def test_exif_behind_the_pixels_of_a_png_counts(gradient, png_of):
    picture = gradient()
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    rows = b"".join(b"\0" + np.asarray(picture)[row].tobytes() for row in range(16))
    data = png_of(png_head(24, 16), (b"IDAT", zlib.compress(rows)), (b"eXIf", exif.tobytes()[6:]), (b"IEND", b""))
    found = decoded(data, limits=Limits(), side_px=512)
    assert found.header.exif_orientation == 3
    assert np.array_equal(np.asarray(found.upright), np.asarray(picture)[::-1, ::-1])


@pytest.mark.parametrize("value", [0, 9, 99])
def test_an_orientation_that_does_not_exist_is_upright(gradient, value):
    exif = Image.Exif()
    exif[ORIENTATION] = value
    found = decoded(saved(gradient(), "JPEG", exif=exif), limits=Limits(), side_px=512)
    assert (found.header.exif_orientation, found.upright.size) == (1, (24, 16))


def test_garbage_in_exif_does_not_matter(gradient):
    data = saved(gradient(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"garbage" * 9)
    assert decoded(data, limits=Limits(), side_px=512).header.exif_orientation == 1


@pytest.mark.parametrize(
    ("mode", "value", "rgb"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 90, (90, 90, 90)),
        ("RGB", (10, 20, 30), (10, 20, 30)),
        ("I;16", 65535, (255, 255, 255)),
        ("I;16", 257 * 40, (40, 40, 40)),
        ("LA", (90, 255), (90, 90, 90)),
        ("LA", (90, 0), (255, 255, 255)),
        ("RGBA", (0, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (255, 0, 0, 255), (255, 0, 0)),
    ],
)
def test_each_mode_of_png_becomes_rgb_on_white(mode, value, rgb):
    found = pixels(saved(Image.new(mode, (9, 7), value), "PNG"))
    assert found.shape == (7, 9, 3)
    assert (found == rgb).all()


def test_half_transparent_black_on_white_is_grey():
    found = pixels(saved(Image.new("RGBA", (9, 7), (0, 0, 0, 128)), "PNG"))
    assert (np.abs(found - 127) <= 1).all()


def test_colours_under_full_transparency_do_not_bleed_when_shrinking():
    picture = Image.new("RGBA", (1024, 1024), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 513, 1024))
    found = pixels(saved(picture, "PNG"))
    red, blue = found[..., 0], found[..., 2]
    # White and blue mix to light blues; any red without as much blue comes from under the transparency.
    assert (blue >= red - 2).all()


def test_a_palette_with_transparency_is_laid_on_white(look):
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((0, 0), 0)
    data = saved(picture, "PNG", transparency=0)
    found = decoded(data, limits=Limits(), side_px=512)
    assert found.header.mode == "P"
    assert found.header.has_alpha
    assert found.upright.getpixel((0, 0)) == (255, 255, 255)
    assert found.upright.getpixel((1, 1)) == (0, 255, 0)


def test_a_transparent_colour_of_an_rgb_png_is_laid_on_white():
    picture = Image.new("RGB", (4, 4), (1, 2, 3))
    picture.putpixel((0, 0), (9, 9, 9))
    found = decoded(saved(picture, "PNG", transparency=(1, 2, 3)), limits=Limits(), side_px=512)
    assert found.header.has_alpha
    assert found.upright.getpixel((1, 1)) == (255, 255, 255)
    assert found.upright.getpixel((0, 0)) == (9, 9, 9)


def test_cmyk_becomes_rgb():
    found = decoded(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), limits=Limits(), side_px=512)
    assert found.header.mode == "CMYK"
    red, green, blue = found.upright.getpixel((4, 4))
    assert red > 220
    assert max(green, blue) < 60


def test_floating_point_grey_is_stretched():
    values = np.linspace(-5, 5, 64, dtype=np.float32).reshape(8, 8)
    found = pixels(saved(Image.fromarray(values), "TIFF"))
    assert (found.min(), found.max()) == (0, 255)
    assert (np.diff(found[..., 0].reshape(-1)) >= 0).all()


def test_32_bit_grey_is_stretched_also_when_shrunk():
    values = np.arange(1024 * 4, dtype=np.int32).reshape(4, 1024) * 1000
    found = pixels(saved(Image.fromarray(values), "TIFF"))
    assert found.shape == (2, 512, 3)
    assert (found.min(), found.max()) == (0, 255)


def test_flat_floating_point_grey_is_black():
    assert (pixels(saved(Image.new("F", (5, 5), 0.7), "TIFF")) == 0).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_pixel_that_is_no_number_makes_the_picture_unreadable(look, bad):
    values = np.ones((8, 8), dtype=np.float32)
    values[3, 3] = bad
    assert look(saved(Image.fromarray(values), "TIFF")) == ("unreadable/non-finite", {})


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_several_frames_the_first_is_used_and_the_number_recorded(format):
    frames = [Image.new("RGB", (8, 8), (0, 80 * number, 0)) for number in range(3)]
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(frames[0], format, save_all=True, append_images=frames[1:], **options)
    found = decoded(data, limits=Limits(), side_px=512)
    assert found.header.frames == 3
    assert found.upright.getpixel((4, 4)) == (0, 0, 0)


def test_frames_are_counted_up_to_a_limit():
    frames = [Image.new("P", (8, 8), number) for number in range(70)]
    for frame in frames:
        frame.putpalette([value for number in range(256) for value in (number, 0, 0)])
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decoded(data, limits=Limits(), side_px=512).header.frames == 64
    assert decoded(data, limits=Limits(max_frames=100), side_px=512).header.frames == 70


def test_a_claim_of_two_thousand_million_frames_is_not_believed(look, png_of):
    row = b"\0" + bytes(24)
    frame = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 1, 0, 0)
    chunks = [
        png_head(8, 8),
        (b"acTL", struct.pack(">II", 2**31 - 1, 0)),
        (b"fcTL", frame),
        (b"IDAT", zlib.compress(row * 8)),
        (b"IEND", b""),
    ]
    assert look(png_of(*chunks)) == ("oversized/too-many-frames", {"limit": 100_000})
    chunks[1] = (b"acTL", struct.pack(">II", 99_999, 0))
    assert look(png_of(*chunks)) == ("PNG", "RGB", (8, 8), 64)


def test_several_pictures_in_one_jpeg_are_one_frame_of_a_jpeg(gradient):
    data = saved(gradient(), "MPO", save_all=True, append_images=[gradient((8, 8))])
    header = decoded(data, limits=Limits(), side_px=512).header
    assert (header.format, header.width, header.frames) == ("JPEG", 24, 1)


def test_too_many_pixels_are_refused_from_the_header(look, gradient):
    data = saved(gradient((100, 100)), "PNG")
    assert look(data, max_pixels=10_000)[0] == "PNG"
    values = {"width": 100, "height": 100, "pixels": 10_000, "limit": 9_999}
    assert look(data, max_pixels=9_999) == ("oversized/too-many-pixels", values)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(3) + b",", (65535, 65535)),
        (b"BM" + bytes(12) + struct.pack("<III", 40, 100_000, 100_000) + bytes(30), (100_000, 100_000)),
        (b"BM" + bytes(12) + struct.pack("<IIi", 40, 100_000, -100_000) + bytes(30), (100_000, 100_000)),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + bytes(9), (65535, 65535)),
        (
            b"RIFF\x12\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2,
            (16384, 16384),
        ),
    ],
)
def test_bombs_are_refused_before_any_memory_is_taken(look, data, size):
    outcome, values = look(data)
    assert outcome == "oversized/too-many-pixels"
    assert (values["width"], values["height"]) == size


def test_a_png_bomb_is_refused_before_any_memory_is_taken(look, png_of):
    outcome, values = look(png_of(png_head(60_000, 60_000), (b"IDAT", zlib.compress(bytes(60_000))), (b"IEND", b"")))
    assert (outcome, values["pixels"]) == ("oversized/too-many-pixels", 3_600_000_000)


def test_pictures_beyond_pillows_own_limit_can_be_allowed(gradient, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    data = saved(gradient(), "PNG")
    assert decoded(data, limits=Limits(), side_px=512).upright.size == (24, 16)
    assert Image.MAX_IMAGE_PIXELS == 100


def test_truncated_pictures_are_never_half_used_even_if_pillow_is_told_so(look, gradient, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = saved(gradient((200, 200)), "JPEG")[:2000]
    assert look(data) == ("unreadable/truncated", {"size": 2000})
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


@pytest.mark.parametrize("format", [name for name in ALLOWED if name != "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_file_is_truncated_wherever_it_is_cut(look, format, share):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (120, 120, 3), dtype=np.uint8))
    data = saved(noise, format)
    cut = data[: int(len(data) * share)]
    assert look(cut) == ("unreadable/truncated", {"size": len(cut)})


def test_a_missing_end_mark_is_judged_as_pillow_and_so_the_trainers_do(look, gradient):
    assert look(saved(gradient(), "JPEG")[:-2])[0] == "unreadable/truncated"
    assert look(saved(gradient(), "PNG")[:-12])[0] == "PNG"
    assert look(saved(gradient(), "GIF")[:-1])[0] == "GIF"


def test_compressed_tiff_that_is_cut_is_truncated(look):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (120, 120, 3), dtype=np.uint8))
    data = saved(noise, "TIFF", compression="tiff_lzw")
    assert look(data[: len(data) // 2])[0] == "unreadable/truncated"


def test_a_damaged_checksum_is_corrupt_in_the_decoders_words(look, gradient):
    data = bytearray(saved(gradient(), "PNG"))
    data[29] ^= 0xFF
    outcome, values = look(bytes(data))
    assert outcome == "unreadable/corrupt"
    assert values["reason"] == "cannot identify image file"


def test_damaged_compression_is_corrupt(look, png_of):
    outcome, values = look(png_of(png_head(8, 8), (b"IDAT", b"\x78\x9c" + b"\xff" * 70), (b"IEND", b"")))
    assert outcome == "unreadable/corrupt"
    assert values["reason"]
    assert "0x" not in values["reason"]


@pytest.mark.parametrize("size", [(0, 8), (8, 0)])
def test_a_picture_without_area_has_an_invalid_size(look, png_of, size):
    values = {"width": size[0], "height": size[1]}
    assert look(png_of(png_head(*size), (b"IEND", b""))) == ("unreadable/invalid-size", values)


def test_a_hundred_texts_of_a_mebibyte_are_too_much_metadata(look, png_of):
    text = (b"tEXt", b"k\0" + b"v" * (1 << 20))
    chunks = (png_head(8, 8), *[text] * 40, (b"IDAT", zlib.compress((b"\0" + bytes(24)) * 8)), (b"IEND", b""))
    assert look(png_of(*chunks)) == ("oversized/metadata-bomb", {"limit": 32 << 20})
    assert look(png_of(*chunks[:20], *chunks[-2:]))[0] == "PNG"


def test_a_text_that_unpacks_to_more_than_pillow_takes_is_too_much_metadata(look, png_of):
    text = (b"zTXt", b"k\0\0" + zlib.compress(bytes(3 << 20)))
    chunks = (png_head(8, 8), text, (b"IDAT", zlib.compress((b"\0" + bytes(24)) * 8)), (b"IEND", b""))
    assert look(png_of(*chunks)) == ("oversized/metadata-bomb", {"limit": 1 << 20})


def test_forty_thousand_small_texts_are_too_much_metadata(look, png_of):
    chunks = (png_head(8, 8), *[(b"tEXt", b"k\0v")] * 40_000, (b"IEND", b""))
    assert look(png_of(*chunks)) == ("oversized/metadata-bomb", {"limit": 32 << 20})


def test_a_format_outside_the_list_is_named_with_the_list(look):
    assert look(b"%!PS-Adobe-3.0\n%%EOF") == ("format/not-allowed", {"content": "EPS", "allowed": ALLOWED})


def test_an_allowed_format_without_decoder_is_named(look, gradient, monkeypatch):
    data = saved(gradient(), "WEBP")
    monkeypatch.setattr(features, "check", lambda name: name != "webp")
    assert look(data) == ("format/no-decoder", {"content": "WEBP"})


def test_a_web_page_is_no_image(look):
    outcome = look(b"<!DOCTYPE html><title>404</title>")
    assert outcome == ("unreadable/not-an-image", {"looks_like": "HTML"})


def test_noise_behind_a_good_start_never_escapes_as_an_exception(look):
    rng = np.random.default_rng(7)
    starts = [
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"GIF89a\x10\0\x10\0\xf7\0\0", b"BM",
        b"II*\0\x08\0\0\0\x05\0", b"MM\0*\0\0\0\x08\0\x05", b"RIFF\xf0\0\0\0WEBPVP8 ", b"\0\0\0\x1cftypavif\0\0\0\0",
    ]  # fmt: skip
    for start in starts:
        for _ in range(20):
            outcome = look(start + rng.integers(0, 256, 400, dtype=np.uint8).tobytes())
            assert "/" in outcome[0] or outcome[0] in ALLOWED


@pytest.mark.parametrize("format", ALLOWED)
def test_flipped_bytes_never_escape_as_an_exception(look, gradient, format):
    if format == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow without AVIF")
    good = saved(gradient((64, 64)), format)
    rng = np.random.default_rng(11)
    for _ in range(40):
        data = bytearray(good)
        for at in rng.integers(0, len(data), 6):
            data[at] = int(rng.integers(0, 256))
        first, second = look(bytes(data)), look(bytes(data))
        assert first == second


def test_pillows_warnings_stay_inside(gradient):
    data = saved(gradient(), "TIFF", tiffinfo={306: "x" * 19})
    damaged = data.replace(b"x" * 19, b"\xff" * 19)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decoded(damaged, limits=Limits(), side_px=512).upright.size == (24, 16)


def linear_profile():
    """A colour profile with sRGB's primaries and linear light (ICC specification, version 2)."""

    def xyz(*numbers):
        return b"XYZ \0\0\0\0" + b"".join(round(number * 65536).to_bytes(4, "big", signed=True) for number in numbers)

    tags = [
        (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        (b"rXYZ", xyz(0.4361, 0.2225, 0.0139)),
        (b"gXYZ", xyz(0.3851, 0.7169, 0.0971)),
        (b"bXYZ", xyz(0.1431, 0.0606, 0.7139)),
        *((kind, b"curv" + bytes(8)) for kind in (b"rTRC", b"gTRC", b"bTRC")),
        (b"desc", b"desc\0\0\0\0\0\0\0\x02x\0" + bytes(78)),
        (b"cprt", b"text\0\0\0\0x\0"),
    ]
    table, content = len(tags).to_bytes(4, "big"), b""
    start = 128 + 4 + 12 * len(tags)
    for kind, value in tags:
        table += kind + (start + len(content)).to_bytes(4, "big") + len(value).to_bytes(4, "big")
        content += value + bytes(-len(value) % 4)
    white = xyz(0.9642, 1.0, 0.8249)[8:]
    head = bytes(4) + b"\x02\x20\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + white
    body = head.ljust(124, b"\0") + table + content
    return (4 + len(body)).to_bytes(4, "big") + body


def test_a_profile_is_applied_only_when_asked_for(gradient):
    data = saved(Image.new("RGB", (8, 8), (55, 55, 55)), "PNG", icc_profile=linear_profile())
    assert upright(data).getpixel((4, 4)) == (55, 55, 55)
    # 55 of 255 in linear light is mid grey in sRGB.
    assert all(abs(value - 128) <= 2 for value in upright(data, to_srgb=True).getpixel((4, 4)))


def test_a_broken_profile_is_passed_over(gradient):
    data = saved(gradient(), "PNG", icc_profile=b"no profile at all")
    assert np.array_equal(pixels(data, to_srgb=True), pixels(data))


def test_the_pixels_to_be_decoded_are_announced_after_shrinking_on_load(gradient):
    claims = []
    picture = gradient((64, 48)).resize((2048, 1536))
    decoded(saved(picture, "JPEG"), limits=Limits(), side_px=512, claim=claims.append)
    decoded(saved(picture, "JPEG", progressive=True), limits=Limits(), side_px=512, claim=claims.append)
    decoded(saved(picture, "PNG"), limits=Limits(), side_px=512, claim=claims.append)
    assert claims == [512 * 384, 2048 * 1536, 2048 * 1536]


def test_tiff_tags_in_big_endian_are_read():
    target = BytesIO()
    info = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"MM")
    info[ORIENTATION] = 6
    Image.new("L", (9, 5)).save(target, "TIFF", tiffinfo=info, big_tiff=True)
    header = decoded(target.getvalue(), limits=Limits(), side_px=512).header
    assert (header.width, header.height, header.exif_orientation) == (9, 5, 6)
