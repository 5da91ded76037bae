"""The feature cache on real files: what it keeps, what it distrusts, and how it ends after damage."""

import os
import sqlite3
import time
import zlib
from pathlib import Path

import pytest

from tagmetry.cache import check_cache, clear_cache, describe_cache, open_cache
from tagmetry.cache.cells import DamagedCell, packed, unpacked
from tagmetry.cache.place import FILE_NAME, locked
from tagmetry.extraction.records import FileStamp, Measured, Unusable
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


def stored(folder, stamps, records):
    with open_cache(folder) as cache:
        cache.store(ROOT, stamps, records, [SHARPNESS])
        return [notice.english() for notice in cache.notices]


def known(folder, stamps, features=(SHARPNESS,), root=ROOT):
    with open_cache(folder) as cache:
        found = cache.known(root, stamps, features)
        return found, [notice.english() for notice in cache.notices]


def test_what_was_stored_is_known_in_the_next_run(tmp_path):
    stamps = [stamp("a.png"), stamp("b.png")]
    broken = Unusable("unreadable", "truncated", {"byte": 7}, b"x" * 32)
    stored(tmp_path, stamps, [measured(1), broken])
    assert known(tmp_path, stamps) == ({"a.png": measured(1), "b.png": broken}, [])


def test_names_that_are_not_utf8_are_kept_like_any_other(tmp_path):
    unzipped = os.fsdecode(b"\x83f\x81[\x83^/\x89\xe6\x91\x9c.png")
    folder = Path(os.fsdecode(b"/data/\x83f\x81[\x83^"))
    with open_cache(tmp_path) as cache:
        cache.store(folder, [stamp(unzipped), stamp("画像.png")], [measured(1), measured(2)], [SHARPNESS])
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


def test_features_of_every_kind_come_back_exactly():
    wide = bytes(range(256)) * 300
    features = {"f:a:1": 2**64 - 1, "f:b:1": 0.1, "f:c:1": (1.0, -2.5, 3e300), "f:d:1": wide, "f:e:1": 7}
    numbers = {key: number for number, key in enumerate(features)}
    record = Measured(b"d" * 32, HEADER, features)
    assert unpacked(packed(record, numbers), b"d" * 32, {n: key for key, n in numbers.items()}) == record


def test_a_vector_of_bytes_takes_a_byte_for_each_in_the_cell():
    numbers = {"f:a:1": 0}
    sizes = [len(packed(Measured(b"d" * 32, HEADER, {"f:a:1": bytes(n)}), numbers)) for n in (0, 6412)]
    assert sizes[1] - sizes[0] == 6412


def test_bytes_that_end_before_their_length_are_damage():
    cell = packed(Measured(b"d" * 32, HEADER, {"f:a:1": b"view"}), {"f:a:1": 0})
    body = cell[4:-1]
    with pytest.raises(DamagedCell, match="feature length"):
        unpacked(zlib.crc32(body).to_bytes(4, "little") + body, b"d" * 32, {0: "f:a:1"})


@pytest.mark.parametrize("place", [0, 5, 40, -1])
def test_a_flipped_bit_in_a_cell_is_noticed(place):
    cell = bytearray(packed(measured(1), {SHARPNESS.key: 1}))
    cell[place] ^= 4
    with pytest.raises(DamagedCell):
        unpacked(bytes(cell), b"d" * 32, {1: SHARPNESS.key})


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_cut_cell_is_noticed(cut):
    with pytest.raises(DamagedCell):
        unpacked(packed(measured(1), {SHARPNESS.key: 1})[:cut], b"d" * 32, {1: SHARPNESS.key})


def test_a_damaged_cell_is_measured_again_and_said(tmp_path):
    one, two = stamp("a.png"), stamp("b.png")
    stored(tmp_path, [one, two], [measured(1), measured(2)])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE record SET cell = x'00' WHERE digest = ?", (bytes([1]) * 32,))
    connection.close()
    found, notices = known(tmp_path, [one, two])
    assert set(found) == {"b.png"}
    assert notices == ["1 damaged entries of the feature cache are measured again"]
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
        connection.execute("CREATE TRIGGER t AFTER INSERT ON file BEGIN DELETE FROM record; END")
    connection.close()
    found, notices = known(tmp_path, [stamp("a.png")])
    assert found == {}
    assert "set aside" in notices[0]


def test_a_folder_that_cannot_be_made_only_costs_the_cache(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with open_cache(tmp_path / "file") as cache:
        assert cache.known(ROOT, [stamp("a.png")], [SHARPNESS]) == {}
        cache.store(ROOT, [stamp("a.png")], [measured(1)], [SHARPNESS])
        assert [notice.english().split(":")[0] for notice in cache.notices] == ["no feature cache is used"]


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
