"""The feature cache on real files: what it keeps, what it distrusts, and how it ends after damage."""

import os
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest

from tagmetry.cache import check_cache, clear_cache, describe_cache, open_cache
from tagmetry.cache.cells import DamagedCell, Layout, cells_from, packed_problem, problem_of
from tagmetry.cache.place import FILE_NAME, locked
from tagmetry.extraction.records import FileStamp, Measured, Unusable
from tagmetry.extraction.table import Table
from tagmetry.feature import Feature, Header

HEADER = Header("PNG", "RGB", 640, 480, 1, False, 1, 1234)
SHARPNESS = Feature("sharpness", version=1, unit="none", module="tests.sharpness")
OTHER = Feature("other", version=1, unit="none", module="tests.other")
ROOT = Path("/data/set")
OLD_NS = 1_600_000_000_000_000_000


def stamp(path, *, mtime_ns=None, size=1234):
    return FileStamp(path, size, OLD_NS if mtime_ns is None else mtime_ns, 5, 6, 7)


def measured(number, features=None):
    return Measured(bytes([number]) * 32, HEADER, {SHARPNESS.key: 1.5} if features is None else features)


def stored(folder, stamps, records, *, features=(SHARPNESS,), root=ROOT):
    """Store the records; what the cache has to say."""
    table = Table(len(stamps), features)
    for row, record in enumerate(records):
        table.put(row, record)
    with open_cache(folder) as cache:
        cache.keep(root, stamps, table, np.arange(len(stamps)), listed_ns=time.time_ns())
        return [notice.english() for notice in cache.told()]


def known(folder, stamps, features=(SHARPNESS,), root=ROOT):
    """Records by path of the files that need not be measured, and what the cache has to say."""
    table = Table(len(stamps), features)
    with open_cache(folder) as cache:
        cache.load(root, stamps, table)
        notices = [notice.english() for notice in cache.told()]
    closed = sorted(set(range(len(stamps))) - set(table.open.tolist()))
    return {stamps[row].path: table.record(row) for row in closed}, notices


def test_what_was_stored_is_known_in_the_next_run(tmp_path):
    stamps = [stamp("a.png"), stamp("b.png")]
    broken = Unusable("unreadable", "truncated", {"byte": 7, "names": ("a", "b")}, b"x" * 32)
    stored(tmp_path, stamps, [measured(1), broken])
    assert known(tmp_path, stamps) == ({"a.png": measured(1), "b.png": broken}, [])


def test_names_that_are_not_utf8_are_kept_like_any_other(tmp_path):
    unzipped = os.fsdecode(b"\x83f\x81[\x83^/\x89\xe6\x91\x9c.png")
    folder = Path(os.fsdecode(b"/data/\x83f\x81[\x83^"))
    stored(tmp_path, [stamp(unzipped), stamp("画像.png")], [measured(1), measured(2)], root=folder)
    assert known(tmp_path, [stamp(unzipped), stamp("画像.png")], root=folder) == (
        {unzipped: measured(1), "画像.png": measured(2)},
        [],
    )


def test_a_file_of_another_size_time_or_inode_is_not_known(tmp_path):
    kept = stamp("a.png")
    stored(tmp_path, [kept], [measured(1)])
    for changed in (
        FileStamp("a.png", kept.size_bytes + 1, kept.mtime_ns, 5, 6, 7),
        FileStamp("a.png", kept.size_bytes, kept.mtime_ns + 1, 5, 6, 7),
        FileStamp("a.png", kept.size_bytes, kept.mtime_ns, 4, 6, 7),
        FileStamp("a.png", kept.size_bytes, kept.mtime_ns, 5, 9, 7),
    ):
        assert known(tmp_path, [changed])[0] == {}


def test_a_file_changed_just_before_it_was_measured_is_not_trusted(tmp_path):
    fresh, old = stamp("a.png", mtime_ns=time.time_ns()), stamp("b.png")
    stored(tmp_path, [fresh, old], [measured(1), measured(2)])
    assert set(known(tmp_path, [fresh, old])[0]) == {"b.png"}


def test_a_record_without_a_needed_feature_is_not_known(tmp_path):
    stored(tmp_path, [stamp("a.png")], [measured(1)])
    assert known(tmp_path, [stamp("a.png")], features=(SHARPNESS, OTHER))[0] == {}


def test_another_root_knows_nothing_of_it(tmp_path):
    one = stamp("a.png")
    stored(tmp_path, [one], [measured(1)])
    assert known(tmp_path, [one], root=Path("/data/else"))[0] == {}


def test_passing_problems_and_failed_features_are_not_stored(tmp_path):
    stamps = [stamp("a.png"), stamp("b.png")]
    passing = Unusable("decoder", "timeout", {}, b"x" * 32, lasting=False)
    failed = Measured(b"y" * 32, HEADER, {SHARPNESS.key: 1.0}, {OTHER.key: "ValueError"})
    stored(tmp_path, stamps, [passing, failed])
    assert known(tmp_path, stamps)[0] == {}


EVERY_KIND = {
    Feature("a", version=1, unit="", module="f", dtype=np.uint64): 2**64 - 1,
    Feature("b", version=1, unit="", module="f"): 0.1,
    Feature("c", version=1, unit="", module="f", width=3): (1.0, -2.5, 3e300),
    Feature("d", version=1, unit="", module="f", dtype=np.uint8, width=76_800): bytes(range(256)) * 300,
    Feature("e", version=1, unit="", module="f", dtype=np.int16): -7,
    Feature("f", version=1, unit="", module="f", dtype=np.float32, width=2): (0.5, -0.25),
}


def test_features_of_every_kind_come_back_exactly(tmp_path):
    record = measured(1, {feature.key: figure for feature, figure in EVERY_KIND.items()})
    stored(tmp_path, [stamp("a.png")], [record], features=tuple(EVERY_KIND))
    assert known(tmp_path, [stamp("a.png")], features=tuple(EVERY_KIND))[0] == {"a.png": record}


def test_headers_of_all_sorts_come_back_exactly(tmp_path):
    headers = [
        Header("JPEG", "CMYK", 7, 60_000, 1, False, 6, 9),
        Header("GIF", "P", 1, 1, 64, True, 1, 2**40),
        Header("AVIF", "RGBA", 7, 3, 2, True, 8, 0),
    ]
    records = [Measured(bytes([n]) * 32, header, {SHARPNESS.key: 0.0}) for n, header in enumerate(headers)]
    stamps = [stamp(f"{n}.png") for n in range(3)]
    stored(tmp_path, stamps, records)
    assert list(known(tmp_path, stamps)[0].values()) == records


def test_a_feature_of_the_same_name_and_another_form_is_measured_again(tmp_path):
    stored(tmp_path, [stamp("a.png")], [measured(1)])
    wider = Feature("sharpness", version=1, unit="none", module="tests.sharpness", width=2)
    assert known(tmp_path, [stamp("a.png")], features=(wider,))[0] == {}


def test_figures_of_earlier_runs_stay_beside_those_of_later_ones(tmp_path):
    one = [stamp("a.png")]
    stored(tmp_path, one, [measured(1, {SHARPNESS.key: 1.5})])
    stored(tmp_path, one, [measured(1, {OTHER.key: 2.5})], features=(OTHER,))
    both = {SHARPNESS.key: 1.5, OTHER.key: 2.5}
    assert known(tmp_path, one, features=(SHARPNESS, OTHER))[0] == {"a.png": measured(1, both)}
    assert known(tmp_path, one)[0] == {"a.png": measured(1)}
    assert check_cache(tmp_path) == ()


def test_a_content_is_known_under_any_name_and_root(tmp_path):
    stored(tmp_path, [stamp("a.png"), stamp("b.png", size=99)], [measured(1), measured(2)])
    table = Table(2, [SHARPNESS])
    with open_cache(tmp_path) as cache:
        assert cache.contents([1234, 5], [SHARPNESS]) == {bytes([1]) * 32}
        assert cache.contents([1234], [SHARPNESS, OTHER]) == frozenset()
        cache.recall({1: bytes([1]) * 32, 0: bytes([9]) * 32}, table)
    assert (table.open.tolist(), table.record(1)) == ([0], measured(1))


def test_texts_of_unchanged_files_are_known(tmp_path):
    kept, fresh, grown = stamp("a.txt", size=3), stamp("b.txt", size=3, mtime_ns=time.time_ns()), stamp("c.txt", size=3)
    texts = {"a.txt": b"cap", "b.txt": b"hat", "c.txt": b"longer"}
    with open_cache(tmp_path) as cache:
        cache.keep_texts(ROOT, [kept, fresh, grown], texts, listed_ns=time.time_ns())
    changed = FileStamp("a.txt", 3, kept.mtime_ns + 1, 5, 6, 7)
    with open_cache(tmp_path) as cache:
        assert cache.texts(ROOT, [kept, fresh, grown]) == {"a.txt": b"cap"}
        assert cache.texts(ROOT, [changed]) == {}
        assert cache.texts(Path("/data/else"), [kept]) == {}


def test_a_text_that_was_damaged_is_read_again(tmp_path):
    one = stamp("a.txt", size=3)
    with open_cache(tmp_path) as cache:
        cache.keep_texts(ROOT, [one], {"a.txt": b"cap"}, listed_ns=time.time_ns())
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE caption SET data = x'636171'")
    connection.close()
    with open_cache(tmp_path) as cache:
        assert cache.texts(ROOT, [one]) == {}


def test_digests_of_pixels_are_kept(tmp_path):
    with open_cache(tmp_path) as cache:
        cache.keep_pixels({b"a" * 32: b"p" * 32})
    with open_cache(tmp_path) as cache:
        assert cache.pixels([b"a" * 32, b"b" * 32]) == {b"a" * 32: b"p" * 32}


def test_results_about_pairs_are_kept_for_one_method_and_order(tmp_path):
    one, other = b"a" * 32 + b"b" * 32, b"b" * 32 + b"a" * 32
    with open_cache(tmp_path) as cache:
        cache.keep_pairs("method 1", {one: b"found"})
    with open_cache(tmp_path) as cache:
        assert cache.pairs("method 1", [one, other]) == {one: b"found"}
        assert cache.pairs("method 2", [one]) == {}


def test_a_cell_of_another_length_than_its_layout_is_damage():
    layout = Layout.of([SHARPNESS])
    whole = bytes(layout.dtype.itemsize)
    assert len(cells_from([whole, whole], layout)) == 2
    with pytest.raises(DamagedCell, match="length"):
        cells_from([whole, whole[:-1]], layout)


@pytest.mark.parametrize("text", ["", "7", "[7]", '[["a","O",1]]', '[["a","<f8",0]]', '[["a","nothing",1]]'])
def test_a_layout_that_is_none_is_damage(text):
    with pytest.raises(DamagedCell):
        Layout.read(text)


def test_a_layout_comes_back_from_its_text():
    layout = Layout.of(tuple(EVERY_KIND))
    assert Layout.read(layout.text()) == layout


@pytest.mark.parametrize("cell", [b"", b"[]", b"{}", b'{"kind": "unreadable", "code": "empty", "values": 7}', b"\xff"])
def test_a_problem_that_cannot_be_read_is_damage(cell):
    with pytest.raises(DamagedCell):
        problem_of(cell, b"d" * 32)


def test_a_problem_comes_back_exactly():
    problem = Unusable("format", "not-allowed", {"content": "PSD", "allowed": ("JPEG", "PNG")}, b"d" * 32)
    assert problem_of(packed_problem(problem), b"d" * 32) == problem


def test_a_damaged_cell_is_measured_again_and_said(tmp_path):
    one, two = stamp("a.png"), stamp("b.png")
    stored(tmp_path, [one, two], [measured(1), measured(2)])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE content SET cell = zeroblob(length(cell)) WHERE digest = ?", (bytes([1]) * 32,))
    connection.close()
    found, notices = known(tmp_path, [one, two])
    assert set(found) == {"b.png"}
    assert notices == ["1 damaged entry of the feature cache was measured again"]
    assert len(check_cache(tmp_path)) == 1


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_cache_is_set_aside(tmp_path, content):
    tmp_path.chmod(0o700)
    (tmp_path / FILE_NAME).write_bytes(content)
    one = stamp("a.png")
    stored(tmp_path, [one], [measured(1)])
    assert known(tmp_path, [one])[0] == {"a.png": measured(1)}
    aside = sorted(file.name for file in tmp_path.glob("*.damaged-*"))
    # An empty file is what SQLite itself makes first, so it is taken over.
    assert aside == ([f"{FILE_NAME}.damaged-1"] if content else [])


def test_a_database_of_somebody_else_is_set_aside_whole(tmp_path):
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    one = stamp("a.png")
    notices = stored(tmp_path, [one], [measured(1)])
    assert notices == [
        (
            "the feature cache was damaged or foreign (not a cache of this version); "
            f"it was set aside as {FILE_NAME}.damaged-1 and is made anew"
        )
    ]


def test_a_trigger_smuggled_into_our_schema_is_refused(tmp_path):
    stored(tmp_path, [stamp("a.png")], [measured(1)])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON file BEGIN DELETE FROM content; END")
    connection.close()
    found, notices = known(tmp_path, [stamp("a.png")])
    assert found == {}
    assert "set aside" in notices[0]


def test_a_folder_that_cannot_be_made_only_costs_the_cache(tmp_path):
    (tmp_path / "file").write_text("in the way")
    notices = stored(tmp_path / "file", [stamp("a.png")], [measured(1)])
    assert [notice.split(":")[0] for notice in notices] == ["no feature cache is used"]
    assert known(tmp_path / "file", [stamp("a.png")])[0] == {}


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path):
    tmp_path.chmod(0o777)
    with open_cache(tmp_path) as cache:
        assert cache.connection is None
        assert "may be written to by other users" in cache.notices[0].english()


def test_the_lock_keeps_a_second_run_out_for_its_time(tmp_path):
    with locked(tmp_path) as first, locked(tmp_path, seconds=0.1) as second:
        assert (first, second) == (True, False)
    with locked(tmp_path, seconds=0.1) as again:
        assert again


def test_the_cache_is_described_and_cleared(tmp_path):
    stored(tmp_path, [stamp("a.png"), stamp("b.png")], [measured(1), measured(1)])
    facts = describe_cache(tmp_path)
    assert (facts.n_files, facts.n_images) == (2, 1)
    assert check_cache(tmp_path) == ()
    assert clear_cache(tmp_path) == facts.size_bytes
    assert describe_cache(tmp_path).n_files == 0
    assert clear_cache(tmp_path / "nowhere") == 0
