import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw

from tagmetry.duplicates.hashes import dhash_bits, from_hex, phash_bits, to_hex


def agrees(image):
    """Both hashes of a picture against imagehash's own."""
    grey = image.convert("L")
    grey32 = np.asarray(grey.resize((32, 32), Image.Resampling.LANCZOS))
    grey9x8 = np.asarray(grey.resize((9, 8), Image.Resampling.LANCZOS))
    assert to_hex(phash_bits(grey32)) == str(imagehash.phash(image))
    assert to_hex(dhash_bits(grey9x8)) == str(imagehash.dhash(image))


def drawn(seed, size=(90, 70)):
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(rng.integers(0, 256, 3).tolist()))
    pen = ImageDraw.Draw(image)
    for _ in range(12):
        x, y, w, h = rng.integers(0, 70, 4).tolist()
        pen.ellipse((x, y, x + w, y + h), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return image


def test_drawn_pictures_hash_as_in_imagehash():
    for seed in range(60):
        agrees(drawn(seed))


def test_pictures_of_other_shapes_and_modes_hash_as_in_imagehash():
    agrees(drawn(1, (300, 11)))
    agrees(drawn(2, (5, 64)))
    agrees(drawn(3, (1, 1)))
    agrees(drawn(4).convert("P"))
    agrees(drawn(5).convert("CMYK"))
    agrees(drawn(6).convert("RGBA"))
    agrees(drawn(7).convert("1"))


def test_noise_hashes_as_in_imagehash():
    rng = np.random.default_rng(0)
    for _ in range(300):
        agrees(Image.fromarray(rng.integers(0, 256, (32, 32), dtype=np.uint8)))


def test_flat_pictures_hash_as_in_imagehash():
    for level in range(256):
        agrees(Image.new("L", (32, 32), level))


def test_ramps_and_stripes_hash_as_in_imagehash():
    # Where nothing changes along one axis, 56 coefficients are rounding errors, and so is the median.
    ramp = np.arange(32)
    for step in range(1, 65):
        stripes = np.tile((ramp * step % 256).astype(np.uint8), (32, 1))
        agrees(Image.fromarray(stripes))
        agrees(Image.fromarray(np.ascontiguousarray(stripes.T)))
        agrees(Image.fromarray(((ramp[:, None] // step + ramp // step) % 2 * 255).astype(np.uint8)))


def test_mirror_symmetric_pictures_hash_as_in_imagehash():
    rng = np.random.default_rng(1)
    for _ in range(60):
        corner = rng.integers(0, 256, (16, 16), dtype=np.uint8)
        half = np.concatenate([corner, corner[:, ::-1]], axis=1)
        agrees(Image.fromarray(np.concatenate([half, half[::-1]])))
        agrees(Image.fromarray(np.concatenate([half, half])))


def test_single_dots_hash_as_in_imagehash():
    for place in range(0, 1024, 7):
        dot = np.zeros((32, 32), dtype=np.uint8)
        dot.flat[place] = 255
        agrees(Image.fromarray(dot))


def test_first_cell_is_the_highest_bit():
    brighter_at_the_left = np.zeros((8, 9), dtype=np.uint8)
    brighter_at_the_left[0, 1:] = 9
    assert to_hex(dhash_bits(brighter_at_the_left)) == "8000000000000000"


def test_last_cell_is_the_lowest_bit():
    brighter_at_the_right = np.zeros((8, 9), dtype=np.uint8)
    brighter_at_the_right[7, 8] = 9
    assert to_hex(dhash_bits(brighter_at_the_right)) == "0000000000000001"


def test_mirrored_ramps_have_opposite_dhashes():
    ramp = np.tile(np.arange(9, dtype=np.uint8), (8, 1))
    assert to_hex(dhash_bits(ramp)) == "f" * 16
    assert to_hex(dhash_bits(ramp[:, ::-1])) == "0" * 16


@pytest.mark.parametrize("text", ["0000000000000000", "ffffffffffffffff", "8123456789abcdef"])
def test_hex_there_and_back(text):
    assert to_hex(from_hex(text)) == text
    assert from_hex(text).dtype == np.uint64


@pytest.mark.parametrize("text", ["", "123", "0" * 17, "000000000000000g", "+00000000000000f", "0x00000000000000"])
def test_other_text_is_no_hash(text):
    with pytest.raises(ValueError, match="16 hex digits"):
        from_hex(text)


def test_arrays_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"shape \(32, 32\), got \(8, 9\)"):
        phash_bits(np.zeros((8, 9), dtype=np.uint8))
    with pytest.raises(ValueError, match=r"shape \(8, 9\), got \(9, 8\)"):
        dhash_bits(np.zeros((9, 8), dtype=np.uint8))
