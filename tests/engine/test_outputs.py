"""Putting outputs in place: whole or not at all, never over what is not ours, never inside the dataset."""

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from tagmetry.errors import OutputError, PluginError, UsageError
from tagmetry.messages import message, translator
from tagmetry.options import NoOptions
from tagmetry.outputs import MARKER, Target, as_bytes, check_target, check_targets, rendered, write, write_atomically
from tagmetry.reporter import CannotExport, Context, File, Reporter

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="has no such rights or devices")


def target(path, *files, kind="file", name="plain"):
    """An output whose reporter gives these files: File, (path, content), or something else."""

    def render(report, options, context):
        for file in files:
            yield File(*file) if isinstance(file, tuple) else file

    return Target(Reporter(name, "A test.", kind=kind, function=render), path, NoOptions())


def folder_target(path, *files, **parts):
    return target(path, *files, kind="folder", **parts)


def put(output):
    write(output, rendered(output, None, Context(translator("en"))))


def refusal(output, *dataset_folders, force=False):
    with pytest.raises(UsageError) as refused:
        check_target(output, dataset_folders, force=force)
    assert refused.value.exit_code == 2
    help_text = refused.value.help.english() if refused.value.help else ""
    return refused.value.text.english(), help_text


def tree(folder):
    """Every file below a folder with its content, hidden ones included."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


# --- files --------------------------------------------------------------------------------------------------------


def test_a_file_is_written_as_utf8_with_its_own_line_ends(tmp_path):
    put(target(tmp_path / "out.txt", ("", "赤い帽子\nsecond\r\n")))
    assert tree(tmp_path) == {"out.txt": "赤い帽子\nsecond\r\n".encode()}


def test_bytes_are_written_as_they_are(tmp_path):
    put(target(tmp_path / "out.bin", ("", b"\x00\xff")))
    assert tree(tmp_path) == {"out.bin": b"\x00\xff"}


def test_names_that_are_no_utf8_are_written_visibly():
    assert as_bytes("caf\udce9.png") == b"caf\\udce9.png"


def test_an_older_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    (tmp_path / "out.txt").write_text("old")
    put(target(tmp_path / "out.txt", ("", "new")))
    assert tree(tmp_path) == {"out.txt": b"new"}


@pytest.mark.parametrize(
    "files",
    [
        [("", "one"), ("", "two")],
        [("sub.txt", "one")],
        ["text"],
        [None],
        [],
        [("", 3)],
        [("", "cut off"), RuntimeError],
    ],
)
def test_a_reporter_that_breaks_its_promise_leaves_the_old_file(tmp_path, files):
    (tmp_path / "out.txt").write_text("old")
    with pytest.raises(PluginError):
        put(target(tmp_path / "out.txt", *files))
    assert tree(tmp_path) == {"out.txt": b"old"}


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ValueError("bad"), PluginError),
        (SystemExit(0), PluginError),
        (OSError("its own file"), PluginError),
        (CannotExport(message("no images")), CannotExport),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_whatever_happens_on_the_way_the_old_output_stays_and_no_temporary_file(tmp_path, kind, error, raised):
    old = tmp_path / "out"
    if kind == "folder":
        put(folder_target(old, ("a.txt", "old")))
    else:
        old.write_text("old")
    before = tree(tmp_path)

    def render(report, options, context):
        yield File("a.txt" if kind == "folder" else "", "new")
        raise error

    with pytest.raises(raised):
        put(Target(Reporter("plain", "A test.", kind=kind, function=render), old, NoOptions()))
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "out.txt").write_text("old")

    def no_space(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OutputError) as failed:
        put(target(tmp_path / "out.txt", ("", "new")))
    assert failed.value.exit_code == 3
    assert failed.value.text.english() == f"could not write {tmp_path / 'out.txt'}: {os.strerror(errno.ENOSPC)}"
    assert tree(tmp_path) == {"out.txt": b"old"}


def test_an_output_whose_folder_is_gone_meanwhile_is_told(tmp_path):
    with pytest.raises(OutputError, match="could not write"):
        put(target(tmp_path / "gone" / "out.txt", ("", "new")))
    with pytest.raises(OutputError, match="could not write"):
        put(folder_target(tmp_path / "gone" / "out", ("a.txt", "new")))


@posix_only
def test_files_and_folders_have_ordinary_rights(tmp_path):
    before = os.umask(0o027)
    try:
        put(target(tmp_path / "out.txt", ("", "x")))
        put(folder_target(tmp_path / "out", ("deep/a.txt", "x")))
    finally:
        os.umask(before)
    rights = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "out.txt", tmp_path / "out", tmp_path / "out/deep", tmp_path / "out/deep/a.txt")
    }
    assert rights == {"out.txt": 0o640, "out": 0o750, "deep": 0o750, "a.txt": 0o640}


def test_long_and_foreign_names_are_written(tmp_path):
    for name in ("é" * 120, "報告 書", "a'b\"c" if sys.platform != "win32" else "a'b", "-o", "#?%"):
        write_atomically(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"


# --- folders ------------------------------------------------------------------------------------------------------


def test_a_folder_is_made_with_its_marker(tmp_path):
    put(folder_target(tmp_path / "out", ("a.txt", "one"), ("deep/er/b.bin", b"\x00")))
    assert set(tree(tmp_path)) == {"out/a.txt", "out/deep/er/b.bin", f"out/{MARKER}"}


def test_a_folder_of_ours_is_replaced_as_a_whole(tmp_path):
    put(folder_target(tmp_path / "out", ("old.txt", "old")))
    again = folder_target(tmp_path / "out", ("new.txt", "new"))
    check_target(again, (), force=False)
    put(again)
    assert set(tree(tmp_path)) == {"out/new.txt", f"out/{MARKER}"}


def test_an_empty_folder_may_be_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    output = folder_target(tmp_path / "out", ("a.txt", "x"))
    check_target(output, (), force=False)
    put(output)
    assert set(tree(tmp_path)) == {"out/a.txt", f"out/{MARKER}"}


def test_a_folder_of_somebody_else_is_replaced_by_force_only(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    output = folder_target(tmp_path / "out", ("a.txt", "x"))
    assert refusal(output) == (
        f"the output folder {tmp_path / 'out'} is not empty and was not written by Tagmetry",
        "choose another folder, or give --force to replace it",
    )
    check_target(output, (), force=True)
    put(output)
    assert set(tree(tmp_path)) == {"out/a.txt", f"out/{MARKER}"}


@pytest.mark.parametrize("path", ["../a.txt", "/etc/passwd", "a/../../b.txt", "", ".", "deep/..", "sub/../a.txt"])
def test_a_reporter_does_not_write_outside_its_folder(tmp_path, path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(PluginError, match="it may not write"):
        put(folder_target(tmp_path / "out", ("b.txt", "x"), (path, "evil")))
    assert tree(tmp_path) == {"a.txt": b"mine"}


@pytest.mark.parametrize("second", ["a.txt", "./a.txt", MARKER])
def test_a_reporter_does_not_write_a_file_twice(tmp_path, second):
    with pytest.raises(PluginError, match="it may not write"):
        put(folder_target(tmp_path / "out", ("a.txt", "x"), (second, "y")))
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("second", ["a.txt/b.txt", "nul\0byte", "x" * 300])
def test_names_that_the_system_does_not_take_are_told(tmp_path, second):
    with pytest.raises(OutputError, match="could not write"):
        put(folder_target(tmp_path / "out", ("a.txt", "x"), (second, "y")))
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("error", [OSError(errno.EBUSY, "busy"), KeyboardInterrupt()])
def test_when_the_new_folder_cannot_take_its_place_the_old_one_is_put_back(tmp_path, monkeypatch, error):
    put(folder_target(tmp_path / "out", ("old.txt", "old")))
    before = tree(tmp_path)
    replace = Path.replace

    def busy(self, to):
        if self.name.startswith(".tagmetry-") and Path(to).name == "out":
            raise error
        return replace(self, to)

    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        put(folder_target(tmp_path / "out", ("new.txt", "new")))
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_old_folder_that_cannot_be_put_back_is_not_lost(tmp_path, monkeypatch):
    put(folder_target(tmp_path / "out", ("old.txt", "old")))
    replace = Path.replace

    def busy(self, to):
        if Path(to).name == "out":
            raise OSError(errno.EBUSY, "busy")
        return replace(self, to)

    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises(OutputError):
        put(folder_target(tmp_path / "out", ("new.txt", "new")))
    assert b"old" in tree(tmp_path).values()


# --- what is refused before the run -------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "train").mkdir(parents=True)
    (folder / "train" / "a.png").write_bytes(b"")
    return folder


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("place", ["data/report", "data/train/report", "data/train/../report", "data/deep/../report"])
def test_an_output_inside_the_dataset_is_refused(tmp_path, data, kind, place):
    (data / "deep").mkdir()
    output = target(tmp_path / place, kind=kind)
    assert refusal(output, data) == (
        f"the output {tmp_path / place} lies inside the dataset",
        "write it elsewhere: trainers collect what lies in a dataset",
    )
    assert "lies inside the dataset" in refusal(output, tmp_path / "other", data, force=True)[0]


def test_the_dataset_itself_is_no_output(data):
    assert "lies inside the dataset" in refusal(folder_target(data), data, force=True)[0]


@needs_links
def test_a_way_into_the_dataset_through_a_link_is_seen(tmp_path, data):
    (tmp_path / "shortcut").symlink_to(data / "train", target_is_directory=True)
    assert "lies inside the dataset" in refusal(target(tmp_path / "shortcut" / "report.html"), data)[0]


def test_an_output_beside_the_dataset_is_fine(tmp_path, data):
    check_target(target(tmp_path / "report.html"), [data], force=False)
    check_target(target(tmp_path / "data.html"), [data], force=False)
    check_target(folder_target(tmp_path / "data-out"), [data], force=False)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_holds_the_dataset_is_never_replaced(tmp_path, data, force):
    (tmp_path / MARKER).write_text("")
    assert refusal(folder_target(tmp_path), data / "train", force=force) == (
        f"the output folder {tmp_path} holds the dataset, which would be lost",
        "name a new folder",
    )
    assert "holds the dataset" in refusal(folder_target(data / "train" / ".."), data / "train", force=force)[0]


def test_the_current_folder_and_what_holds_it_are_never_replaced(tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for path in (Path("."), Path(".."), work, tmp_path):
        assert "holds the current folder, which would be lost" in refusal(folder_target(path), force=True)[0]
    check_target(folder_target(Path("out")), (), force=False)
    check_target(target(Path("report.html")), (), force=False)


@needs_links
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_is_never_replaced(tmp_path, kind):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / ("real" if kind == "folder" else "nowhere"))
    output = target(tmp_path / "link", ("a.txt" if kind == "folder" else "", "x"), kind=kind)
    told = f"the output {tmp_path / 'link'} is a link, and links are never replaced"
    assert refusal(output, force=True)[0] == told
    with pytest.raises(OutputError) as failed:
        put(output)
    assert failed.value.text.english() == told
    assert (tmp_path / "link").is_symlink()
    assert list((tmp_path / "real").iterdir()) == []


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    assert refusal(target(tmp_path / "folder", name="html")) == (
        f"the output {tmp_path / 'folder'} is a folder, and html writes one file",
        "name a file: -o html=FILE",
    )
    assert refusal(folder_target(tmp_path / "file", name="everydream"))[0] == (
        f"the output {tmp_path / 'file'} is a file, and everydream writes a folder"
    )


@posix_only
def test_devices_and_pipes_are_not_replaced_by_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        text, help_text = refusal(target(path, name="json"), force=True)
        assert text == f"the output {path} is a device or pipe, which would be replaced by a file"
        assert help_text == "write to standard output instead: -o json=-"


def test_the_folder_above_must_be_there(tmp_path):
    assert refusal(target(tmp_path / "no" / "report.html")) == (
        f"the folder {tmp_path / 'no'} for the output does not exist",
        "create it first",
    )
    (tmp_path / "file").write_text("x")
    assert "does not exist" in refusal(target(tmp_path / "file" / "report.html"))[0]


@pytest.mark.parametrize("name", ["x" * 5000, "nul\0byte"])
def test_names_that_the_system_does_not_take_are_refused(tmp_path, name):
    assert refusal(target(tmp_path / name))[0].startswith("the output ")


def test_a_folder_does_not_go_to_standard_output():
    assert refusal(folder_target(None, name="everydream")) == (
        "everydream writes a folder, which standard output cannot hold",
        "name a folder: -o everydream=FOLDER",
    )
    check_target(target(None), (), force=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("out", "file"), ("out", "file")),
        (("out", "file"), ("./out", "folder")),
        (("out", "folder"), ("out/report.html", "file")),
        (("out/report.html", "file"), ("out", "folder")),
        (("out", "folder"), ("out/sub", "folder")),
    ],
)
def test_outputs_that_would_replace_each_other_are_refused(tmp_path, one, other):
    (tmp_path / "out2").mkdir()
    if "/report" in one[0] + other[0] or "/sub" in other[0]:
        (tmp_path / "out").mkdir()
    targets = [target(tmp_path / path, kind=kind) for path, kind in (one, other)]
    with pytest.raises(UsageError, match="would replace each other"):
        check_targets(targets, (), force=True)


def test_several_outputs_beside_each_other_are_fine(tmp_path):
    outputs = [
        target(tmp_path / "a"),
        folder_target(tmp_path / "b"),
        target(None),
        folder_target(tmp_path / "b2"),
        target(tmp_path / "b.html"),
    ]
    check_targets(outputs, (), force=False)


# --- what a reporter gives ----------------------------------------------------------------------------------------


def test_what_a_reporter_prints_is_kept_off_standard_output(tmp_path, capsys):
    def render(report, options, context):
        print("debugging")
        yield File("", "x")

    put(Target(Reporter("plain", "A test.", function=render), tmp_path / "out", NoOptions()))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "debugging\n")


@pytest.mark.parametrize("returned", [None, "text", b"bytes", 3])
def test_a_reporter_gives_files_one_by_one(tmp_path, returned):
    output = Target(
        Reporter("plain", "A test.", function=lambda report, options, context: returned), tmp_path / "out", NoOptions()
    )
    with pytest.raises(PluginError, match=f"it gave {type(returned).__name__}; it yields files"):
        put(output)
    assert tree(tmp_path) == {}


# --- a file or a folder, as the path says ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "as_folder", "expected"),
    [("file", True, False), ("folder", False, True), ("either", False, False), ("either", True, True)],
)
def test_the_path_decides_only_for_an_output_that_writes_either(kind, as_folder, expected):
    either = Reporter("either-way", doc="A test.", kind=kind)
    assert Target(either, Path("out"), None, as_folder).is_folder is expected
