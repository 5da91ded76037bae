import struct
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from tagmetry.extraction.containers import structure_of


def structure(data, content, *, most_frames=1000, most_metadata=1 << 20):
    return structure_of(data, content, most_frames=most_frames, most_metadata=most_metadata)


def saved(format, size=(40, 30), frames=1, **options):
    pictures = [Image.new("RGB", size) for _ in range(frames)]
    for number, picture in enumerate(pictures):
        ImageDraw.Draw(picture).rectangle((0, 0, number + 1, 5), fill=(255, 40 * number, 0))
    target = BytesIO()
    if frames > 1:
        options |= {"save_all": True, "append_images": pictures[1:]}
    pictures[0].save(target, format, **options)
    return target.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_the_size_stands_in_the_structure(format):
    found = structure(saved(format), format)
    assert (found.size, found.frames, found.ends_early) == ((40, 30), 1, False)


def test_lossless_and_extended_webp_tell_their_size():
    assert structure(saved("WEBP", lossless=True), "WEBP").size == (40, 30)
    assert structure(saved("WEBP", exif=b"Exif\0\0" + b"x" * 9), "WEBP").size == (40, 30)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "TIFF"])
def test_frames_are_counted(format):
    assert structure(saved(format, frames=5), format).frames == 5


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF"])
def test_counting_stops_above_the_limit(format):
    assert structure(saved(format, frames=9), format, most_frames=3).frames == 4


def test_a_reduced_copy_in_a_tiff_is_no_frame():
    data = bytearray(saved("TIFF", frames=2))
    # The second directory says that it is a reduced copy: its new-subfile tag replaces the first tag.
    first = struct.unpack_from("<I", data, 4)[0]
    n = struct.unpack_from("<H", data, first)[0]
    second = struct.unpack_from("<I", data, first + 2 + 12 * n)[0]
    struct.pack_into("<HHII", data, second + 2, 254, 4, 1, 1)
    assert structure(bytes(data), "TIFF").frames == 1


def test_a_loop_of_tiff_directories_ends():
    data = bytearray(saved("TIFF"))
    first = struct.unpack_from("<I", data, 4)[0]
    n = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * n, first)
    assert structure(bytes(data), "TIFF").frames == 1


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_a_file_cut_short_ends_early(format):
    data = saved(format)
    # A JPEG's pixels have no length, so only a cut in its header shows.
    cut = 100 if format == "JPEG" else len(data) - 20
    assert structure(data[:cut], format).ends_early


def test_metadata_is_added_up(png_of):
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    data = png_of((b"IHDR", head), (b"tEXt", b"k\0" + b"v" * 5000), (b"iTXt", b"v" * 3000), (b"IEND", b""))
    assert structure(data, "PNG").metadata_bytes == 8002


def test_small_pieces_of_metadata_count_a_kibibyte_each(png_of):
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    data = png_of((b"IHDR", head), *[(b"tEXt", b"k\0v")] * 40, (b"IEND", b""))
    assert structure(data, "PNG").metadata_bytes == 40 * 1024


def test_metadata_of_other_formats_is_counted():
    exif = b"Exif\0\0" + b"x" * 20_000
    assert structure(saved("JPEG", exif=exif), "JPEG").metadata_bytes >= 20_000
    assert structure(saved("WEBP", exif=exif), "WEBP").metadata_bytes >= 20_000
    assert structure(saved("GIF", comment=b"c" * 20_000), "GIF").metadata_bytes >= 20_000
    assert structure(saved("TIFF", icc_profile=b"p" * 20_000), "TIFF").metadata_bytes >= 20_000


def test_entries_of_a_tiff_that_share_one_region_count_each():
    region = struct.pack("<HHII", 65000, 1, 1 << 20, 8)
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", 50) + region * 50 + bytes(4)
    assert structure(data, "TIFF", most_metadata=1 << 24).metadata_bytes > 1 << 24


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"\xff\xd8" + b"\xff" * 3_000_000, "JPEG"),
        (b"\xff\xd8" + b"\xff\xd0" * 2_000_000, "JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(4_000_000), "PNG"),
        (b"RIFF\xff\xff\xff\x7fWEBP" + b"JUNK\0\0\0\0" * 400_000, "WEBP"),
        (b"GIF89a" + bytes(7) + bytes(4_000_000), "GIF"),
        (b"GIF89a" + bytes(7) + b"!!\0" * 1_000_000, "GIF"),
        (b"GIF89a" + bytes(7) + b"," * 3_000_000, "GIF"),
        (b"II*\0\x08\0\0\0\xff\xff" + bytes(4_000_000), "TIFF"),
    ],
)
def test_walks_over_nonsense_end_soon(data, content):
    found = structure(data, content)
    assert found.metadata_bytes > 1 << 20 or found.frames > 1000 or found.ends_early


@pytest.mark.parametrize("content", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_few_bytes_are_no_trouble(content):
    for length in range(40):
        structure(b"\xff\xd8\xff\xc0II*\0BM"[:length].ljust(length, b"\0"), content)
