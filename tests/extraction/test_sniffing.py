import pytest

from tagmetry.extraction.sniffing import Content, describe


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"),
        (b"\x89PNG\n\x1a\n", "PNG"),
        (b"GIF89a\x01\x00", "GIF"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "WEBP"),
        (b"BM\x7a\x00\x00\x00\x00\x00\x00\x00", "BMP"),
        (b"II*\x00\x08\x00\x00\x00", "TIFF"),
        (b"MM\x00*\x00\x00\x00\x08", "TIFF"),
        (b"II+\x00\x08\x00\x00\x00", "TIFF"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avif", "AVIF"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif", "AVIF"),
    ],
)
def test_the_allowed_formats_are_told_by_their_first_bytes(first, name):
    assert describe(first) == Content(name, "allowed")


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "MP4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "QuickTime"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\x00\x01", "PSD"),
        (b"%PDF-1.7\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "EPS"),
        (b"\x00\x00\x01\x00\x01\x00\x20\x20", "ICO"),
        (b"DDS |\x00\x00\x00", "DDS"),
        (b"P6\n8 8\n255\n", "PPM"),
        (b"P1 # by hand\n", "PPM"),
        (b"#?RADIANCE\n", "HDR"),
        (b"\x76\x2f\x31\x01\x02\x00\x00\x00", "EXR"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "CR2"),
        (b"CSFCHUNK\x00\x00", "Clip Studio"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b'<?xml version="1.0"?>\n<svg width="3"/>', "SVG"),
    ],
)
def test_other_picture_formats_are_named_and_not_decoded(first, name):
    assert describe(first) == Content(name, "not-allowed")


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"<!DOCTYPE html>\n<html><head>", "HTML"),
        (b"\xef\xbb\xbf \n<HTML>", "HTML"),
        (b'{"error": "not found"}', "JSON"),
        (b"[1, 2]", "JSON"),
        (b'<?xml version="1.0"?><Error/>', "XML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS"),
        (b"1girl, solo, smile", "plain text"),
        ("一人の少女、笑顔".encode(), "plain text"),
        ("caption".encode("utf-16"), "plain text"),
        (b"BMW, a red car", "plain text"),
        (b"MZ, said the cat", "plain text"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"RIFF\x10\x00\x00\x00WAVE", "WAV"),
    ],
)
def test_what_is_no_picture_is_named(first, name):
    assert describe(first) == Content(name, "no-image")


def test_unknown_bytes_are_shown_as_they_are():
    assert describe(bytes(range(200, 230))) == Content("c8 c9 ca cb cc cd ce cf d0 d1 d2 d3", "no-image")


def test_tga_has_no_mark_and_is_told_by_its_name():
    header = bytes((0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 24, 0))
    assert describe(header, ".TGA") == Content("TGA", "not-allowed")
    assert describe(header, ".jpg").verdict != "allowed"


def test_a_character_cut_at_the_end_of_the_first_bytes_is_still_text():
    text = ("文" * 2000).encode()
    assert describe(text[:4096]) == Content("plain text", "no-image")
