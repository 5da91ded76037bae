import numpy as np

from tagmetry.extraction.records import Measured, Unusable
from tagmetry.extraction.table import FeatureFailure, Table
from tagmetry.feature import Feature, Header

plain = Feature("plain", version=1, unit="", module="m")
hashed = Feature("hashed", version=1, unit="", module="m", dtype=np.uint64)
pair = Feature("pair", version=1, unit="", module="m", width=2)
octets = Feature("octets", version=1, unit="", module="m", dtype=np.uint8, width=3)

BROKEN = Unusable("unreadable", "empty", {})


def record(number, *, orientation=1, features=None, failures=None, mode="RGB"):
    header = Header("PNG", mode, 30, 20, 1, mode == "RGBA", orientation, 500 + number)
    return Measured(bytes([number]) * 32, header, features or {}, failures or {})


def filled(records, features=()):
    table = Table(len(records), features)
    # In an order that is not that of the rows, as workers give them.
    for row in reversed(range(len(records))):
        table.put(row, records[row])
    return table


def columns_of(records, features):
    table = filled(records, features)
    return table.readable, table.content, table.columns()


def test_columns_have_a_row_for_each_record_and_unusable_ones_are_invalid():
    readable, content, columns = columns_of([record(1), BROKEN, record(3, mode="RGBA")], [])
    assert readable.tolist() == [True, False, True]
    assert (content.shape, content.dtype) == ((3, 32), np.uint8)
    assert content[:, 0].tolist() == [1, 0, 3]
    assert sorted(columns) == [
        "bit_depth", "colour_profile", "exif_orientation", "format", "frames", "generator", "has_alpha", "height",
        "jpeg_quality", "mode", "size_bytes", "width",
    ]  # fmt: skip
    assert columns["size_bytes"].values.tolist() == [501, 0, 503]
    assert columns["size_bytes"].valid.tolist() == [True, False, True]
    assert columns["has_alpha"].present().tolist() == [False, True]
    assert (columns["mode"].labels, columns["mode"].codes.tolist()) == (("RGB", "RGBA"), [0, -1, 1])


def test_width_and_height_are_as_displayed():
    _, _, columns = columns_of([record(1, orientation=orientation) for orientation in (1, 4, 5, 6, 8)], [])
    assert columns["width"].values.tolist() == [30, 30, 20, 20, 20]
    assert columns["height"].values.tolist() == [20, 20, 30, 30, 30]


def test_features_become_columns_of_their_declared_type():
    records = [
        record(1, features={plain.key: 0.5, hashed.key: 2**64 - 1, pair.key: (1.0, 2.0)}),
        BROKEN,
        record(3, features={plain.key: float("nan"), hashed.key: 0, pair.key: (float("nan"), 2.0)}),
        record(4, failures=dict.fromkeys((plain.key, hashed.key, pair.key), "ValueError")),
    ]
    _, _, columns = columns_of(records, [plain, hashed, pair])
    assert columns[plain.key].valid.tolist() == [True, False, False, False]
    assert columns[plain.key].present().tolist() == [0.5]
    assert columns[hashed.key].values.dtype == np.uint64
    assert columns[hashed.key].values.tolist() == [2**64 - 1, 0, 0, 0]
    assert columns[hashed.key].valid.tolist() == [True, False, True, False]
    assert columns[pair.key].values.shape == (4, 2)
    assert columns[pair.key].valid.tolist() == [True, False, False, False]


def test_bytes_become_rows_of_a_column_of_bytes():
    records = [
        record(1, features={octets.key: b"\x00\x07\xff"}),
        BROKEN,
        record(3, failures={octets.key: "ValueError"}),
        record(4, features={octets.key: b"abc"}),
    ]
    _, _, columns = columns_of(records, [octets])
    assert columns[octets.key].values.dtype == np.uint8
    assert columns[octets.key].values.tolist() == [[0, 7, 255], [0, 0, 0], [0, 0, 0], [97, 98, 99]]
    assert columns[octets.key].valid.tolist() == [True, False, False, True]


def test_no_records_give_empty_columns():
    readable, content, columns = columns_of([], [plain, pair])
    assert (len(readable), content.shape) == (0, (0, 32))
    assert all(len(column) == 0 for column in columns.values())


def test_nothing_readable_gives_invalid_columns():
    readable, _, columns = columns_of([BROKEN, BROKEN], [plain])
    assert not readable.any()
    assert not columns[plain.key].valid.any()
    assert columns["format"].codes.tolist() == [-1, -1]


def test_failed_features_are_counted_with_the_first_reason():
    records = [record(1), BROKEN, record(2, failures={"b": "first", "a": "x"}), record(3, failures={"b": "second"})]
    assert filled(records).feature_failures() == (FeatureFailure("a", 1, "x"), FeatureFailure("b", 2, "first"))


def test_a_row_gives_its_record_back():
    features = {plain.key: 0.1, hashed.key: 2**64 - 1, pair.key: (1.0, -2.5), octets.key: b"abc"}
    records = [record(1, features=features), BROKEN, record(3, mode="L", features=features)]
    table = filled(records, [plain, hashed, pair, octets])
    assert [table.record(row) for row in range(3)] == records
    failed = record(4, features={plain.key: 0.5}, failures={pair.key: "ValueError"})
    assert filled([failed], [plain, pair]).record(0) == failed


def test_rows_are_open_until_their_record_is_put():
    table = Table(3, [])
    table.put(1, record(1))
    assert table.open.tolist() == [0, 2]
    table.put(0, BROKEN)
    assert (table.open.tolist(), table.readable.tolist(), len(table)) == ([2], [False, True, False], 3)


def test_a_closed_table_has_the_readable_rows_alone():
    features = [plain, hashed, octets]
    records = []
    for number in range(9000):
        figures = {plain.key: number / 2, hashed.key: number, octets.key: bytes([number % 256, 1, 2])}
        records.append(record(number % 200, features=figures) if number % 7 else BROKEN)
    table = filled(records, features)
    expected, readable = table.columns(), table.readable
    expected = {name: column.take(np.flatnonzero(readable)) for name, column in expected.items()}
    content = table.content[readable]
    rows, found, columns = table.closed()
    assert rows.tolist() == [number for number in range(9000) if number % 7]
    assert np.array_equal(found, content)
    assert columns.keys() == expected.keys()
    for name, column in columns.items():
        for part in ("codes",) if hasattr(column, "codes") else ("values", "valid"):
            assert np.array_equal(getattr(column, part), getattr(expected[name], part)), name
    assert (table.readable.sum(), len(table.unusable)) == (len(rows), 1286)


def test_labels_do_not_depend_on_the_order_in_which_records_come():
    records = [record(number, mode=mode) for number, mode in enumerate(("RGBA", "L", "RGB", "L"))]
    column = filled(records).columns()["mode"]
    assert (column.labels, column.codes.tolist()) == (("L", "RGB", "RGBA"), [2, 0, 1, 0])
