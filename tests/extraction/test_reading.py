import os
import threading
import time
from hashlib import sha256

import pytest

from quickness import answers_within
from tagmetry.extraction import reading
from tagmetry.extraction.reading import read_file
from tagmetry.extraction.records import CODES, Refused

links = pytest.mark.skipif(os.name == "nt", reason="making links needs a right on Windows")


def problem(root, path, max_bytes=1000):
    with pytest.raises(Refused) as refusal:
        read_file(root, path, max_bytes=max_bytes)
    unusable = refusal.value.unusable
    assert set(unusable.values) == set(CODES[unusable.kind][unusable.code])
    return f"{unusable.kind}/{unusable.code}"


def test_a_file_is_read_whole_with_its_digest(tmp_path):
    (tmp_path / "häuser").mkdir()
    (tmp_path / "häuser" / "図 1.png").write_bytes(b"pixels")
    found = read_file(tmp_path, "häuser/図 1.png", max_bytes=6)
    assert (found.data, found.digest) == (b"pixels", sha256(b"pixels").digest())


def test_a_file_over_the_limit_is_not_read(tmp_path):
    (tmp_path / "a.png").write_bytes(b"pixels")
    with pytest.raises(Refused) as refusal:
        read_file(tmp_path, "a.png", max_bytes=5)
    assert (refusal.value.unusable.code, refusal.value.unusable.values) == ("too-large", {"size": 6, "limit": 5})


def test_a_huge_sparse_file_is_refused_at_once(tmp_path):
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(8 << 30)
    assert problem(tmp_path, "a.png", max_bytes=256 << 20) == "oversized/too-large"
    assert answers_within(1, lambda: problem(tmp_path, "a.png", max_bytes=256 << 20))


def test_an_empty_file_is_unreadable(tmp_path):
    (tmp_path / "a.png").touch()
    assert problem(tmp_path, "a.png") == "unreadable/empty"


def test_a_file_that_is_gone_has_vanished(tmp_path):
    assert problem(tmp_path, "a.png") == "unreachable/vanished"
    assert problem(tmp_path, "folder/a.png") == "unreachable/vanished"


def test_a_folder_named_like_a_picture_is_no_file(tmp_path):
    (tmp_path / "a.png").mkdir()
    assert problem(tmp_path, "a.png") == "unreachable/not-regular"


def test_a_file_used_as_a_folder_has_vanished(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    assert problem(tmp_path, "a.png/b.png") == "unreachable/vanished"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    assert problem(tmp_path, "a.png") == "unreachable/not-regular"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may read everything")
def test_a_file_without_permission_is_named_so(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "a.png").chmod(0)
    assert problem(tmp_path, "a.png") == "unreachable/no-permission"


@links
def test_a_link_to_a_file_below_the_root_is_followed(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.png").write_bytes(b"x")
    (tmp_path / "b.png").symlink_to("inner/a.png")
    (tmp_path / "folder").symlink_to("inner")
    assert read_file(tmp_path, "b.png", max_bytes=9).data == b"x"
    assert read_file(tmp_path, "folder/a.png", max_bytes=9).data == b"x"


@links
def test_the_root_itself_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.png").write_bytes(b"x")
    (tmp_path / "root").symlink_to("real")
    assert read_file(tmp_path / "root", "a.png", max_bytes=9).data == b"x"


@links
def test_a_link_out_of_the_root_is_not_followed(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.png").write_bytes(b"x")
    (tmp_path / "root" / "a.png").symlink_to("../secret/a.png")
    (tmp_path / "root" / "folder").symlink_to("../secret")
    assert problem(tmp_path / "root", "a.png") == "unreachable/outside-root"
    assert problem(tmp_path / "root", "folder/a.png") == "unreachable/outside-root"


@links
def test_broken_and_circular_links_are_named_so(tmp_path):
    (tmp_path / "broken.png").symlink_to("nowhere.png")
    (tmp_path / "one.png").symlink_to("two.png")
    (tmp_path / "two.png").symlink_to("one.png")
    assert problem(tmp_path, "broken.png") == "unreachable/broken-link"
    assert problem(tmp_path, "one.png") == "unreachable/symlink-loop"


@links
def test_a_link_to_a_device_is_not_opened(tmp_path):
    (tmp_path / "a.png").symlink_to("/dev/zero")
    assert problem(tmp_path, "a.png") == "unreachable/outside-root"


@pytest.mark.parametrize("path", ["../a.png", "/etc/passwd", "inner/../../a.png", "./a.png", "", "a//b.png"])
def test_a_path_that_is_not_plainly_below_the_root_is_refused(tmp_path, path):
    (tmp_path / "root").mkdir()
    (tmp_path / "a.png").write_bytes(b"x")
    assert problem(tmp_path / "root", path) == "unreachable/outside-root"


def test_a_name_that_no_file_can_have_is_an_error_of_reading(tmp_path):
    assert problem(tmp_path, "a\0.png") == "unreachable/io-error"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit for one name")
def test_a_name_beyond_the_systems_limit_is_too_long(tmp_path):
    assert problem(tmp_path, "a" * 300) == "unreachable/too-long"


def test_a_file_that_keeps_growing_has_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_PAUSE_SECONDS", 0.01)
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x" * 1000)
    stop = threading.Event()

    def grow():
        with picture.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"x")
                time.sleep(0)

    real = os.fstat
    monkeypatch.setattr(reading.os, "fstat", lambda descriptor: (time.sleep(0.05), real(descriptor))[1])
    writer = threading.Thread(target=grow)
    writer.start()
    try:
        assert problem(tmp_path, "a.png", max_bytes=1 << 30) == "unreachable/changed"
    finally:
        stop.set()
        writer.join()


def test_a_file_that_settles_down_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_PAUSE_SECONDS", 0.01)
    picture = tmp_path / "a.png"
    picture.write_bytes(b"one")
    real, calls = os.fstat, []

    def fstat(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            picture.write_bytes(b"other")
        return real(descriptor)

    monkeypatch.setattr(reading.os, "fstat", fstat)
    assert read_file(tmp_path, "a.png", max_bytes=100).data == b"other"
