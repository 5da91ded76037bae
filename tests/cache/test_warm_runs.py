"""A run with a cache finds what one without finds, whatever happened to the files since the last run."""

import contextlib
import os
import random
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tagmetry.cache import open_cache
from tagmetry.captioning import CaptionReader
from tagmetry.extraction import FileStamp, Limits, extract
from tagmetry.feature import Feature
from tagmetry.features import brightness, phash, sharpness
from tagmetry.layouts import plain_folders
from tagmetry.layouts.tree import scan

SEVERAL = (brightness, phash, sharpness)
LONG_AGO_NS = 1_600_000_000_000_000_000

calls = []
watched = Feature("watched", version=1, unit="")


@watched.measure
def measure(picture):
    calls.append(picture.header.size_bytes)
    return 1.0


def picture(path, seed):
    """A small picture, the same for the same seed; of some the end is missing."""
    levels = np.random.default_rng(seed).integers(0, 256, (12, 9 + seed % 5, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels).save(path, "PNG")
    if seed % 7 == 0:
        path.write_bytes(path.read_bytes()[:-30])
    age(path)


def age(path):
    """As if nobody had touched the file for long; the time of a change that programs cannot set stays new."""
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))


def stamps(root):
    found = []
    for path in sorted(root.rglob("*.png")):
        status = path.lstat()
        name = path.relative_to(root).as_posix()
        found.append(
            FileStamp(name, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)
        )
    return found


def rows(table):
    return [table.record(row) for row in range(len(table))]


def warm(root, cache_folder, features):
    with open_cache(cache_folder) as cache:
        table = extract(root, stamps(root), features, jobs=0, limits=Limits(), store=cache)
        assert cache.told() == ()
    return rows(table)


def cold(root, features):
    return rows(extract(root, stamps(root), features, jobs=0, limits=Limits()))


CHANGE = st.tuples(st.sampled_from(["add", "change", "delete", "rename", "copy", "swap", "touch"]), st.integers(0, 99))
RUNS = st.lists(st.tuples(st.lists(CHANGE, max_size=4), st.sampled_from([1, 2, 3])), min_size=1, max_size=4)


def apply(root, kind, number):
    chance = random.Random(number)
    there = sorted(root.rglob("*.png"))
    new = root / chance.choice("ab") / f"{number}.png"
    if kind == "add" or not there:
        picture(new, number)
        return
    chosen, other = chance.choice(there), chance.choice(there)
    if kind == "change":
        picture(chosen, number)
    elif kind == "delete":
        chosen.unlink()
    elif kind == "touch":
        os.utime(chosen, ns=(LONG_AGO_NS + number, LONG_AGO_NS + number))
    elif kind == "swap":
        between = root / "between"
        chosen.rename(between)
        if other != chosen:
            other.rename(chosen)
            between.rename(other)
        else:
            between.rename(chosen)
    else:
        new.parent.mkdir(exist_ok=True)
        if kind == "rename":
            chosen.rename(new)
        elif new != chosen:
            shutil.copy2(chosen, new)


@settings(max_examples=25)
@given(RUNS)
def test_warm_runs_give_what_cold_ones_give(runs):
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "data", Path(folder) / "cache"
        for seed in range(6):
            picture(root / "a" / f"first {seed}.png", seed)
        for changes, n_features in runs:
            for kind, number in changes:
                apply(root, kind, number)
            features = SEVERAL[:n_features]
            assert warm(root, cache, features) == cold(root, features)


def test_renamed_and_copied_files_are_not_decoded(tmp_path):
    root, cache = tmp_path / "data", tmp_path / "cache"
    for seed in (1, 2, 3):
        picture(root / f"{seed}.png", seed)
    calls.clear()
    first = warm(root, cache, [watched])
    assert len(calls) == 3
    (root / "1.png").rename(root / "9.png")
    shutil.copy(root / "2.png", root / "another.png")
    picture(root / "4.png", 4)
    calls.clear()
    again = warm(root, cache, [watched])
    assert calls == [(root / "4.png").stat().st_size]
    # 2, 3, 4, 9 and the copy of 2.
    assert [again[0], again[1], again[3], again[4]] == [first[1], first[2], first[0], first[1]]


def test_unchanged_files_are_not_even_read(tmp_path):
    root, cache = tmp_path / "data", tmp_path / "cache"
    picture(root / "a.png", 1)
    listed = stamps(root)
    first = warm(root, cache, [watched])
    (root / "a.png").unlink()
    with open_cache(cache) as opened:
        assert rows(extract(root, listed, [watched], jobs=0, limits=Limits(), store=opened)) == first


def test_a_file_that_was_changed_just_before_the_run_is_read_again_and_not_decoded(tmp_path):
    root, cache = tmp_path / "data", tmp_path / "cache"
    picture(root / "a.png", 1)
    os.utime(root / "a.png")
    listed = stamps(root)
    warm(root, cache, [watched])
    calls.clear()
    assert warm(root, cache, [watched]) == cold(root, [watched])
    # Once for the cold run.
    assert len(calls) == 1
    (root / "a.png").unlink()
    with open_cache(cache) as opened:
        table = extract(root, listed, [watched], jobs=0, limits=Limits(), store=opened)
    assert table.unusable[0].code == "vanished"


def test_an_interrupted_run_keeps_what_it_measured(tmp_path, monkeypatch):
    root, cache = tmp_path / "data", tmp_path / "cache"
    for seed in (1, 2, 3):
        picture(root / f"{seed}.png", seed)
    monkeypatch.setattr("tagmetry.extraction.pool.STORED_TOGETHER", 1)

    def interrupt(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with open_cache(cache) as opened, pytest.raises(KeyboardInterrupt):
        extract(root, stamps(root), [watched], jobs=0, limits=Limits(), store=opened, progress=interrupt)
    calls.clear()
    assert len(warm(root, cache, [watched])) == 3
    assert len(calls) == 2


def captions(root, cache_folder=None):
    """What a run reads of the captions, as columns would."""
    tree = scan(root, [root])
    reading = plain_folders.read(tree, None)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(open_cache(cache_folder)) if cache_folder is not None else None
        reader = CaptionReader(tree, reading, None, store=store)
        reader.read()
    return reader.captions, reader.problems, reader.file_problems, reader.second


TEXTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([b"red hat", b"red hat, cap\n", b"", b"\xff\xfe\x00", "\u5e3d\u5b50".encode(), None]),
        st.sampled_from([".txt", ".caption"]),
        st.booleans(),
    ),
    max_size=6,
)


@settings(max_examples=25)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_warm_captions_are_those_of_a_cold_run(runs):
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "data", Path(folder) / "cache"
        for seed, name in enumerate("abc", start=1):
            picture(root / f"{name}.png", seed)
        for changes in runs:
            for name, text, suffix, is_old in changes:
                path = root / (name + suffix)
                if text is None:
                    path.unlink(missing_ok=True)
                    continue
                path.write_bytes(text)
                if is_old:
                    age(path)
            assert captions(root, cache) == captions(root)


def test_unchanged_captions_are_not_opened(tmp_path):
    root, cache = tmp_path / "data", tmp_path / "cache"
    picture(root / "a.png", 1)
    (root / "a.txt").write_bytes(b"red hat")
    age(root / "a.txt")
    expected = captions(root, cache)
    tree = scan(root, [root])
    (root / "a.txt").unlink()
    with open_cache(cache) as opened:
        reader = CaptionReader(tree, plain_folders.read(tree, None), None, store=opened)
        reader.read()
    assert reader.captions == expected[0]
    assert reader.file_problems == []
