from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from tagmetry.extraction.decoding import no_claim
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.records import Measured, Unusable
from tagmetry.extraction.work import FeaturePlace, Measuring, plain_value
from tagmetry.feature import Feature
from tagmetry.features import brightness


def measured(root, path, *wanted, **limits):
    work = Measuring(root, Limits(**limits), ())
    work.prepare_with(wanted)
    return work.on(path, no_claim)


def test_a_record_holds_digest_header_and_figures(tmp_path):
    Image.new("L", (30, 20), 90).save(tmp_path / "a.png")
    record = measured(tmp_path, "a.png", brightness)
    assert isinstance(record, Measured)
    assert record.digest == sha256((tmp_path / "a.png").read_bytes()).digest()
    assert (record.header.width, record.header.height, record.header.mode) == (30, 20, "L")
    assert (record.features, record.failures) == ({brightness.key: 90.0}, {})


def test_a_png_named_jpg_is_measured_as_the_png_that_it_is(tmp_path):
    Image.new("L", (30, 20), 90).save(tmp_path / "a.jpg", "PNG")
    assert measured(tmp_path, "a.jpg").header.format == "PNG"


def test_a_file_that_is_no_picture_keeps_its_digest(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"<html>404</html>")
    assert measured(tmp_path, "a.jpg") == Unusable(
        "unreadable", "not-an-image", {"looks_like": "HTML"}, sha256(b"<html>404</html>").digest(), lasting=True
    )


def test_what_hangs_on_limits_or_the_moment_is_not_lasting(tmp_path):
    Image.new("L", (30, 20), 90).save(tmp_path / "a.png")
    assert measured(tmp_path, "a.png", max_pixels=599).lasting is False
    assert measured(tmp_path, "a.png", max_bytes=10) == Unusable(
        "oversized", "too-large", {"size": (tmp_path / "a.png").stat().st_size, "limit": 10}, b"", lasting=False
    )
    assert measured(tmp_path, "b.png").lasting is False


def test_a_feature_that_fails_costs_its_figure_and_nothing_else(tmp_path, odd_features):
    for width in (odd_features.RAISE, odd_features.EXIT, odd_features.TEXT, odd_features.ARRAY):
        Image.new("L", (width, 9), 90).save(tmp_path / f"{width}.png")

    def outcome(width):
        record = measured(tmp_path, f"{width}.png", odd_features.odd, brightness)
        assert record.features == {brightness.key: 90.0}
        return record.failures[odd_features.odd.key]

    assert outcome(odd_features.RAISE) == "KeyError: 'no such thing' (odd_features, line 31)"
    assert outcome(odd_features.EXIT) == "it called sys.exit(5) (odd_features, line 29)"
    assert outcome(odd_features.TEXT) == "TypeError: it gave str of 1 figures, and declares 1"
    assert outcome(odd_features.ARRAY) == "TypeError: it gave list of 2 figures, and declares 1"


def test_a_worker_finds_features_by_module_and_key(odd_features):
    assert FeaturePlace("odd_features", odd_features.pair.key).feature() is odd_features.pair


def test_a_feature_that_a_worker_cannot_find_fails_on_every_picture(tmp_path):
    Image.new("L", (30, 20), 90).save(tmp_path / "a.png")
    work = Measuring(tmp_path, Limits(), (FeaturePlace("no_such_module", "x"), FeaturePlace("tagmetry.features", "x")))
    work.prepare()
    reason = work.on("a.png", no_claim).failures["x"]
    assert reason.startswith("LookupError: tagmetry.features declares no feature x at its top level")


@pytest.mark.parametrize(
    ("dtype", "width", "value", "plain"),
    [
        (np.float64, 1, np.float32(0.5), 0.5),
        (np.float64, 1, True, 1.0),
        (np.float64, 2, np.array([1, 2]), (1.0, 2.0)),
        (np.uint64, 1, np.uint64(2**64 - 1), 2**64 - 1),
        (np.bool_, 1, np.bool_(True), 1),
        (np.int32, 2, [3, -4], (3, -4)),
        (np.uint8, 3, np.array([0, 7, 255], dtype=np.uint8), b"\x00\x07\xff"),
        (np.uint8, 2, [True, 9], b"\x01\x09"),
        (np.uint8, 1, np.uint8(255), 255),
    ],
)
def test_figures_travel_as_plain_numbers(dtype, width, value, plain):
    found = plain_value(Feature("f", version=1, unit="", dtype=dtype, width=width), value)
    assert found == plain
    assert type(found) is type(plain)


def test_infinity_is_missing():
    feature = Feature("f", version=1, unit="")
    assert np.isnan(plain_value(feature, float("inf")))
    assert np.isnan(plain_value(feature, float("nan")))


@pytest.mark.parametrize(
    ("value", "said"),
    [([0, 256], "beyond uint8"), ([-1, 0], "beyond uint8"), ([0.5, 1], "fractions"), ([1], "of 1 figures")],
)
def test_bytes_that_break_the_declaration_are_refused(value, said):
    with pytest.raises((TypeError, ValueError), match=said):
        plain_value(Feature("f", version=1, unit="", dtype=np.uint8, width=2), value)


@pytest.mark.parametrize(
    ("dtype", "value"), [(np.uint8, 256), (np.uint64, -1), (np.int32, 1.5), (np.float64, None), (np.float64, 1j)]
)
def test_figures_that_break_the_declaration_are_refused(dtype, value):
    with pytest.raises((TypeError, ValueError)):
        plain_value(Feature("f", version=1, unit="", dtype=dtype), value)
