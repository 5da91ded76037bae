import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from tagmetry.extraction import (
    CODES,
    ExtractionError,
    FileStamp,
    Limits,
    Measured,
    Unusable,
    available_jobs,
    extract,
    pixel_digests,
    thumbnails,
)
from tagmetry.extraction.supervision import Item, _ending, _tasks, workers_for
from tagmetry.features import FEATURES, brightness

SEGFAULT = "0xC0000005" if os.name == "nt" else "SIGSEGV"


def stamps(root):
    return [
        FileStamp(path.relative_to(root).as_posix(), path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if not path.is_dir()
    ]


def drawn(root, widths):
    """One small PNG of each width, in this order."""
    for number, width in enumerate(widths):
        Image.new("RGB", (width, 20), (number % 256, 40, 90)).save(root / f"{number:04}.png")
    return stamps(root)


def measured(*arguments, **options):
    """The records of all rows."""
    table = extract(*arguments, **options)
    return [table.record(row) for row in range(len(table))]


def outcomes(records):
    """`ok`, or the code and values of the problem, or the words of a failed feature."""
    found = []
    for record in records:
        if isinstance(record, Unusable):
            assert set(record.values) == set(CODES[record.kind][record.code])
            found.append(f"{record.kind}/{record.code} {' '.join(map(str, record.values.values()))}".strip())
        else:
            found.append(" ".join(record.failures.values()) or "ok")
    return found


@pytest.fixture
def odd_folder(tmp_path):
    """Pictures of all kinds, some larger than a batch takes, and files that are none."""
    rng = np.random.default_rng(5)
    folder = tmp_path / "data"
    (folder / "inner").mkdir(parents=True)
    for number in range(6):
        picture = Image.fromarray(rng.integers(0, 256, (40 + number, 60, 3), dtype=np.uint8))
        picture.save(folder / f"noise {number}.png")
        picture.save(folder / "inner" / f"図{number}.webp")
    large = Image.fromarray(rng.integers(0, 256, (700, 600, 3), dtype=np.uint8))
    large.save(folder / "large.png")
    large.save(folder / "inner" / "large.jpg", quality=95)
    (folder / "empty.png").touch()
    (folder / "page.jpg").write_text("<html>404</html>", encoding="utf-8")
    data = (folder / "large.png").read_bytes()
    (folder / "cut.png").write_bytes(data[: len(data) // 2])
    return folder


def test_records_come_in_the_order_of_the_stamps_and_are_the_same_with_any_number_of_workers(odd_folder):
    wanted = list(reversed(stamps(odd_folder)))
    here = measured(odd_folder, wanted, FEATURES, jobs=0, limits=Limits())
    # In words, since a missing figure is unlike itself.
    assert repr(measured(odd_folder, wanted, FEATURES, jobs=1, limits=Limits())) == repr(here)
    assert repr(measured(odd_folder, wanted, FEATURES, jobs=2, limits=Limits())) == repr(here)
    by_path = dict(zip([stamp.path for stamp in wanted], outcomes(here), strict=True))
    assert by_path.pop("empty.png") == "unreadable/empty"
    assert by_path.pop("page.jpg") == "unreadable/not-an-image HTML"
    assert by_path.pop("cut.png") == f"unreadable/truncated {(odd_folder / 'cut.png').stat().st_size}"
    assert set(by_path.values()) == {"ok"}
    assert [record.header.size_bytes for record in here if isinstance(record, Measured)] == [
        stamp.size_bytes for stamp in wanted if stamp.path in by_path
    ]


def test_second_passes_are_the_same_with_any_number_of_workers(odd_folder):
    paths = [stamp.path for stamp in stamps(odd_folder)]
    limits = Limits()
    digests = pixel_digests(odd_folder, paths, jobs=0, limits=limits)
    assert pixel_digests(odd_folder, paths, jobs=2, limits=limits) == digests
    pictures = thumbnails(odd_folder, paths, side_px=48, jobs=0, limits=limits)
    assert thumbnails(odd_folder, paths, side_px=48, jobs=2, limits=limits) == pictures
    unusable = {"empty.png", "page.jpg", "cut.png"}
    assert {path for path, digest in digests.items() if digest is None} == unusable
    assert pictures.keys() == digests.keys() - unusable


def test_workers_that_die_cost_the_one_file_each_that_did_it(tmp_path, odd_features):
    widths = [10 + number % 50 for number in range(40)]
    widths[7], widths[8], widths[20], widths[30] = (
        odd_features.CRASH,
        odd_features.RAISE,
        odd_features.MEMORY,
        odd_features.PRINT,
    )
    limits = Limits(max_worker_memory_bytes=512 << 20)
    table = extract(tmp_path, drawn(tmp_path, widths), [odd_features.odd], jobs=2, limits=limits)
    records = [table.record(row) for row in range(len(table))]
    found = outcomes(records)
    assert found.pop(20) == f"decoder/memory {512 << 20}"
    assert found.pop(8) == "KeyError: 'no such thing' (odd_features, line 31)"
    assert found.pop(7) == f"decoder/crash {SEGFAULT}"
    assert set(found) == {"ok"}
    assert [failure.n for failure in table.feature_failures()] == [1]
    crashed = records[7]
    assert crashed.lasting
    assert crashed.digest == hashlib.sha256((tmp_path / "0007.png").read_bytes()).digest()
    assert not records[20].lasting


@pytest.mark.slow
def test_a_worker_that_leaves_without_a_word_is_noticed(tmp_path, odd_features):
    widths = [30, odd_features.QUIT, 31, 32]
    records = measured(tmp_path, drawn(tmp_path, widths), [odd_features.odd], jobs=1, limits=Limits())
    assert outcomes(records) == ["ok", "decoder/crash exit code 0", "ok", "ok"]


def test_a_file_that_hangs_is_timed_out_and_the_others_are_measured(tmp_path, odd_features):
    widths = [30, 31, odd_features.HANG, 32, 33]
    limits = Limits(max_seconds=0.7)
    records = measured(tmp_path, drawn(tmp_path, widths), [odd_features.odd], jobs=2, limits=limits)
    assert outcomes(records) == ["ok", "ok", "decoder/timeout 0.7", "ok", "ok"]


@pytest.mark.slow
def test_crashes_one_after_the_other_are_all_named(tmp_path, odd_features):
    widths = [20 + number % 50 for number in range(200)]
    bad = range(3, 200, 20)
    for number in bad:
        widths[number] = odd_features.CRASH
    records = measured(tmp_path, drawn(tmp_path, widths), [odd_features.odd], jobs=2, limits=Limits())
    crashed = [number for number, outcome in enumerate(outcomes(records)) if outcome != "ok"]
    assert crashed == list(bad)
    assert {outcomes(records)[number] for number in bad} == {f"decoder/crash {SEGFAULT}"}


@pytest.mark.slow
def test_too_many_lost_files_stop_the_run(tmp_path, odd_features):
    wanted = drawn(tmp_path, [odd_features.CRASH] * 30)
    with pytest.raises(ExtractionError) as error:
        extract(tmp_path, wanted, [odd_features.odd], jobs=2, limits=Limits())
    assert error.value.exit_code == 3
    assert "11 of 30 files made their worker process crash or hang" in str(error.value)


@pytest.mark.slow
def test_ten_lost_files_of_a_small_set_are_findings(tmp_path, odd_features):
    wanted = drawn(tmp_path, [odd_features.CRASH] * 10)
    records = measured(tmp_path, wanted, [odd_features.odd], jobs=2, limits=Limits())
    assert outcomes(records) == [f"decoder/crash {SEGFAULT}"] * 10


def test_a_feature_may_be_declared_anywhere_when_no_workers_are_used(tmp_path):
    from tagmetry.feature import Feature

    local = Feature("local", version=1, unit="")
    local.measure(lambda picture: 4.0)
    records = measured(tmp_path, drawn(tmp_path, [9]), [local], jobs=0, limits=Limits())
    assert list(records[0].features.values()) == [4.0]


def test_memory_that_runs_out_here_is_a_record_too(tmp_path):
    from tagmetry.feature import Feature

    hungry = Feature("hungry", version=1, unit="")

    @hungry.measure
    def measure(picture):
        raise MemoryError

    records = measured(tmp_path, drawn(tmp_path, [9]), [hungry], jobs=0, limits=Limits())
    assert outcomes(records) == [f"decoder/memory {2 << 30}"]


def test_progress_counts_files(tmp_path):
    seen = []
    extract(
        tmp_path,
        drawn(tmp_path, [8, 9, 10]),
        [brightness],
        jobs=0,
        limits=Limits(),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_nothing_to_do_starts_nothing(tmp_path):
    assert len(extract(tmp_path, [], FEATURES, jobs=2, limits=Limits())) == 0
    assert thumbnails(tmp_path, [], side_px=9, jobs=2, limits=Limits()) == {}


def test_equal_pixels_in_other_files_have_one_digest(tmp_path):
    picture = Image.fromarray(np.random.default_rng(2).integers(0, 256, (300, 200, 3), dtype=np.uint8))
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "b.bmp")
    picture.save(tmp_path / "c.webp", lossless=True)
    exif = Image.Exif()
    exif[274] = 6
    picture.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "d.png", exif=exif)
    opaque = picture.copy()
    opaque.putalpha(255)
    opaque.save(tmp_path / "e.png")
    other = picture.copy()
    other.putpixel((150, 290), (1, 2, 3))
    other.save(tmp_path / "f.png")
    picture.resize((200, 300)).transpose(Image.Transpose.TRANSPOSE).save(tmp_path / "g.png")
    found = pixel_digests(tmp_path, sorted(path.name for path in tmp_path.iterdir()), jobs=0, limits=Limits())
    same = {found[name] for name in ("a.png", "b.bmp", "c.webp", "d.png", "e.png")}
    assert len(same) == 1
    assert len({*same, found["f.png"], found["g.png"]}) == 3


def test_digests_tell_sizes_with_equal_bytes_apart(tmp_path):
    Image.new("RGB", (20, 30)).save(tmp_path / "a.png")
    Image.new("RGB", (30, 20)).save(tmp_path / "b.png")
    found = pixel_digests(tmp_path, ["a.png", "b.png", "a.png"], jobs=0, limits=Limits())
    assert found["a.png"] != found["b.png"]


def test_thumbnails_are_small_upright_and_bare(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    exif[0x8298] = "somebody's name"
    Image.new("RGB", (400, 100), (200, 0, 0)).save(tmp_path / "a.jpg", exif=exif, comment=b"secret")
    Image.new("RGB", (7, 5), (0, 200, 0)).save(tmp_path / "b.png")
    found = thumbnails(tmp_path, ["a.jpg", "b.png"], side_px=64, jobs=0, limits=Limits())
    with Image.open(BytesIO(found["a.jpg"])) as picture:
        assert (picture.format, picture.size) == ("WEBP", (16, 64))
        assert not picture.getexif()
    with Image.open(BytesIO(found["b.png"])) as picture:
        assert picture.size == (7, 5)
    assert b"somebody" not in found["a.jpg"]
    assert b"secret" not in found["a.jpg"]


def test_thumbnails_are_jpeg_where_pillow_has_no_webp(tmp_path, monkeypatch):
    Image.new("RGB", (40, 10), (200, 0, 0)).save(tmp_path / "a.png")
    monkeypatch.setattr(features, "check", lambda name: False)
    found = thumbnails(tmp_path, ["a.png"], side_px=20, jobs=0, limits=Limits())
    assert found["a.png"].startswith(b"\xff\xd8\xff")


def test_jobs_are_cores_at_most_eight_unless_asked_for():
    assert 1 <= available_jobs() <= 8
    assert available_jobs(0) == 0
    assert available_jobs(12) == 12
    with pytest.raises(ValueError):
        available_jobs(-1)


def test_few_files_get_few_workers():
    assert workers_for([Item("a", 100)], jobs=8) == 1
    assert workers_for([Item("a", 100)] * 15, jobs=8) == 1
    assert workers_for([Item("a", 10_000_000)] * 15, jobs=8) == 8
    assert workers_for([Item("a", 1_000)] * 3_000, jobs=4) == 4


def test_files_from_a_quarter_mebibyte_on_travel_alone():
    small, large = Item("s", 256 * 1024 - 1), Item("l", 256 * 1024)
    items = [*[small] * 300, large, *[small] * 300, large]
    tasks = [task.numbers for task in _tasks(items, 2)]
    assert [numbers for numbers in tasks if len(numbers) == 1] == [(300,), (601,)]
    assert max(map(len, tasks)) == 64
    assert sorted(number for numbers in tasks for number in numbers) == list(range(602))


def test_few_small_files_are_still_shared_out():
    assert [task.numbers for task in _tasks([Item("s", 10)] * 10, 2)] == [(0, 1), (2, 3), (4, 5), (6, 7), (8, 9)]


@pytest.mark.parametrize(
    ("code", "words"),
    [(-11, "SIGSEGV"), (-63, "signal 63"), (3, "exit code 3"), (0xC0000005, "0xC0000005")],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_the_end_of_a_process_is_told_by_its_usual_name(code, words):
    assert _ending(code) == words


def script(tmp_path, text):
    """A script of a user, with two pictures beside it."""
    for name in ("a.png", "b.png"):
        Image.new("RGB", (102, 20)).save(tmp_path / name)
    head = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent / "plugin_path")!r})
        from pathlib import Path
        import odd_features
        from tagmetry.extraction import FileStamp, Limits, extract
        ROOT = Path({str(tmp_path)!r})
        STAMPS = [FileStamp("a.png", 100, 0), FileStamp("b.png", 100, 0)]
    """
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(head) + textwrap.dedent(text), encoding="utf-8")
    return [sys.executable, str(path)]


def test_a_script_without_guard_is_told_so_and_does_not_start_workers_without_end(tmp_path):
    command = script(tmp_path, "extract(ROOT, STAMPS, [], jobs=1, limits=Limits())")
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, encoding="utf-8")
    assert ended.returncode != 0
    assert ended.stderr.count('put its call below the line  if __name__ == "__main__":') == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last.endswith('a script that starts them needs its call below the line  if __name__ == "__main__":')


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_the_workers_and_the_run_at_once(tmp_path):
    # What runs in the background of a shell ignores the signal, and so would all that it starts.
    text = """
        import multiprocessing, signal
        if __name__ == "__main__":
            signal.signal(signal.SIGINT, signal.default_int_handler)
            print("ready", flush=True)
            try:
                extract(ROOT, STAMPS, [odd_features.odd], jobs=2, limits=Limits())
            except KeyboardInterrupt:
                print("left:", multiprocessing.active_children())
    """
    run = subprocess.Popen(script(tmp_path, text), stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0)
    assert run.stdout.readline() == b"ready\n"
    time.sleep(1.0)
    os.killpg(run.pid, signal.SIGINT)
    output, errors = run.communicate(timeout=90)
    assert (output, run.returncode) == (b"left: []\n", 0)
    assert errors == b""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal masks")
def test_workers_are_deaf_to_ctrl_c_from_their_first_instruction(tmp_path):
    # Python's own start takes a while, and a signal in it would print a traceback.
    text = """
        import signal, subprocess, sys
        from tagmetry.extraction.supervision import _interrupts_kept_from_children
        if __name__ == "__main__":
            with _interrupts_kept_from_children():
                blocked = signal.pthread_sigmask(signal.SIG_BLOCK, set())
                from multiprocessing import get_context
                get_context("spawn").Lock()
                print(signal.SIGINT in blocked, signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set()))
            print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set()))
    """
    run = subprocess.run(script(tmp_path, text), capture_output=True, text=True, timeout=30)
    assert run.stdout == "True True\nFalse\n"


def test_nothing_in_the_current_folder_is_imported_by_workers(tmp_path, monkeypatch):
    data = tmp_path / "data"
    data.mkdir()
    wanted = drawn(data, [9])
    for name in ("struct.py", "multiprocessing.py", "PIL.py", "pickle.py"):
        (data / name).write_text("open('touched', 'w')", encoding="utf-8")
    monkeypatch.chdir(data)
    assert outcomes(measured(data, wanted, [brightness], jobs=1, limits=Limits())) == ["ok"]
    assert not (data / "touched").exists()
    assert "PYTHONSAFEPATH" not in os.environ
