"""The console: colours, characters that it lacks, progress on terminals and elsewhere."""

import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from rule_testing import concept, dataset
from tagmetry.cli import console
from tagmetry.cli.console import Progress, cells, cut_to_cells, encodable, is_terminal, wants_color
from tagmetry.cli.plan_text import PlanText
from tagmetry.messages import Plural, Translator, message
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.options import BalanceOptions

ENGLISH = Translator("en")
LOOKING = message("looking for images")


class Terminal(io.StringIO):
    """A terminal that keeps what was written, with an encoding of its own."""

    def __init__(self, encoding="utf-8", tty=True):
        super().__init__()
        self._encoding, self._tty = encoding, tty

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return self._tty

    def lines(self):
        """What stands on the screen: a carriage return goes back and writes over."""
        shown = []
        for line in self.getvalue().split("\n"):
            screen = ""
            for part in line.split("\r"):
                screen = part + screen[len(part) :]
            shown.append(screen.rstrip())
        return shown


@pytest.fixture(autouse=True)
def columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("TERM", raising=False)


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when told to."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(console, "time", clock)
    return clock


# --- streams ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "text", "shown"),
    [
        ("utf-8", "✖ 赤い帽子", True),
        ("cp932", "赤い帽子", True),
        ("cp932", "é", False),
        ("cp932", "█", False),
        ("ascii", "a", True),
        ("ascii", "é", False),
        ("cp437", "█░", True),
        ("no-such-codec", "a", False),
        (None, "a", True),
        (None, "é", False),
    ],
)
def test_what_a_stream_can_show_is_tried(encoding, text, shown):
    assert encodable(Terminal(encoding), text) is shown


def test_a_program_without_streams_can_show_plain_letters():
    assert encodable(None, "a") and not encodable(None, "é")
    assert not is_terminal(None)


def test_a_closed_stream_is_no_terminal():
    stream = io.StringIO()
    stream.close()
    assert not is_terminal(stream)


@pytest.mark.parametrize(
    ("choice", "environment", "tty", "color"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_a_choice_then_the_environments_then_the_terminals(choice, environment, tty, color):
    assert wants_color(choice, Terminal(tty=tty), environment) is color


# --- width --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("", 0),
        ("abc", 3),
        ("赤い", 4),
        ("ｱ", 1),
        ("Ａ", 2),
        ("é", 1),
        ("e\u0301", 1),
        ("한글", 4),
        ("█░", 2),
        ("😀", 2),
    ],
)
def test_characters_take_the_columns_that_they_take(text, taken):
    assert cells(text) == taken


@given(st.text(), st.integers(0, 20))
def test_a_text_is_cut_to_columns_as_late_as_possible(text, most):
    kept = cut_to_cells(text, most)
    assert text.startswith(kept)
    assert cells(kept) <= most
    assert kept == text or cells(text[: len(kept) + 1]) > most


# --- progress on a terminal ---------------------------------------------------------------------------------------


def test_a_terminal_has_one_line_that_renews_itself(clock):
    stream = Terminal()
    progress = Progress("auto", ENGLISH, stream)
    progress.phase(LOOKING)
    assert stream.lines() == ["looking for images"]
    progress.phase(message("measuring"))
    assert stream.lines() == ["measuring"]
    clock.now += 10
    progress.progress(25, 100)
    assert stream.lines() == ["measuring ██████░░░░░░░░░░░░░░░░░░ 25 of 100, 2.5 a second, 30 s left"]
    progress.done()
    assert stream.lines() == [""]
    assert stream.getvalue().endswith("\r")
    assert "\x1b" not in stream.getvalue()


def test_the_bar_is_plain_where_the_terminal_lacks_blocks(clock):
    stream = Terminal("cp932")
    progress = Progress("auto", ENGLISH, stream)
    progress.phase(LOOKING)
    clock.now += 10
    progress.progress(50, 100)
    assert "############............" in stream.getvalue()
    stream.getvalue().encode("cp932")


def test_a_line_never_wraps(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    stream = Terminal()
    progress = Progress("auto", ENGLISH, stream)
    progress.phase(message("画像を" * 40))
    clock.now += 10
    progress.progress(1, 3)
    assert max(cells(line) for line in stream.getvalue().split("\r")) <= 49


def test_a_shorter_line_leaves_nothing_of_the_longer_one():
    stream = Terminal()
    progress = Progress("auto", ENGLISH, stream)
    progress.phase(message("画像とキャプションを探しています"))
    progress.phase(message("abc"))
    last = stream.getvalue().rpartition("\r")[2]
    assert last.rstrip() == "abc"
    assert cells(last) == 32


def test_it_is_not_renewed_more_than_ten_times_a_second(clock):
    stream = Terminal()
    progress = Progress("auto", ENGLISH, stream)
    progress.phase(LOOKING)
    for done in range(1000):
        clock.now += 0.001
        progress.progress(done, 1000)
    assert stream.getvalue().count("\r") <= 11


@pytest.mark.parametrize(
    ("done", "total", "seconds", "told"),
    [
        (0, 100, 5, "0 of 100, 0 a second, starting"),
        (100, 100, 5, "100 of 100, 20 a second, 0 s left"),
        (1, 100, 1, "1 of 100, 1 a second, 99 s left"),
        (1, 101, 1, "1 of 101, 1 a second, 2 min left"),
        (1, 5_000, 1, "1 of 5,000, 1 a second, 83 min left"),
        (1, 10_001, 1, "1 of 10,001, 1 a second, 2.8 h left"),
        (0, 0, 5, "0 of 0, 0 a second, starting"),
        (5, 4, 1, "5 of 4, 5 a second, 0 s left"),
    ],
)
def test_figures_are_done_rate_and_what_is_left(clock, done, total, seconds, told):
    stream = Terminal()
    progress = Progress("auto", ENGLISH, stream)
    progress.phase(LOOKING)
    clock.now += seconds
    progress.progress(done, total)
    assert stream.lines()[-1].endswith(told)
    assert stream.lines()[-1].count("█") + stream.lines()[-1].count("░") == 24


# --- progress elsewhere -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "tty"), [("auto", False), ("plain", True)])
def test_elsewhere_progress_is_plain_lines_now_and_then(clock, choice, tty):
    stream = Terminal(tty=tty)
    progress = Progress(choice, ENGLISH, stream)
    progress.phase(message(Plural("measuring {n:count} image", "measuring {n:count} images"), n=1000))
    for done in range(0, 1000, 10):
        clock.now += 1
        progress.progress(done, 1000)
    progress.done()
    assert stream.getvalue() == (
        "measuring 1,000 images\n"
        "290 of 1,000, 9.7 a second, 73 s left\n"
        "590 of 1,000, 9.8 a second, 42 s left\n"
        "890 of 1,000, 9.9 a second, 11 s left\n"
    )


def test_a_dumb_terminal_gets_plain_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    Progress("auto", ENGLISH, stream).phase(LOOKING)
    assert stream.getvalue() == "looking for images\n"


def test_none_is_silent_and_keeps_time_all_the_same(clock):
    stream = Terminal()
    progress = Progress("none", ENGLISH, stream)
    progress.phase(LOOKING)
    clock.now += 2
    progress.progress(1, 2)
    progress.phase(message("measuring"))
    clock.now += 3
    progress.done()
    assert stream.getvalue() == ""
    assert [(name.english(), seconds) for name, seconds in progress.timings] == [
        ("looking for images", 2.0),
        ("measuring", 3.0),
    ]


def test_progress_without_a_phase_says_nothing():
    stream = Terminal()
    progress = Progress("auto", ENGLISH, stream)
    progress.progress(1, 2)
    progress.done()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), ValueError("closed"), UnicodeEncodeError("ascii", "é", 0, 1, "x")]
)
def test_a_reader_that_left_does_not_stop_the_run(error):
    class Gone(Terminal):
        def write(self, text):
            raise error

    progress = Progress("auto", ENGLISH, Gone())
    progress.phase(LOOKING)
    progress.phase(LOOKING)
    progress.done()
    assert len(progress.timings) == 2


def test_a_program_without_standard_error_has_no_progress(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    progress = Progress("auto", ENGLISH)
    progress.phase(LOOKING)
    progress.done()


# --- real consoles ------------------------------------------------------------------------------------------------

SCRIPT = """
import sys, click
from tagmetry.cli.console import Progress, prepare_streams
from tagmetry.messages import Translator, message
prepare_streams()
text = "赤い帽子 \\U0001f600 caf\\u00e9 \\u2716 \\udc80 \\u0645"
click.echo(text)
print(text)
click.echo(text, err=True)
progress = Progress("auto", Translator("en"))
progress.phase(message("{text}", text=text))
progress.done()
"""


def run(*arguments, encoding, cwd=None):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, env=environment, cwd=cwd, timeout=120, check=False
    )


@pytest.mark.parametrize("encoding", ["cp932", "ascii", "cp1252", "cp437", "utf-8"])
def test_no_console_fails_on_a_character(encoding):
    result = run("-c", SCRIPT, encoding=encoding)
    assert (result.returncode, b"Error" in result.stderr) == (0, False), result.stderr
    for stream in (result.stdout, result.stderr):
        assert b"\\udc80" in stream
        assert b"caf" in stream
    if encoding == "cp932":
        assert "赤い帽子 \\U0001f600 caf\\xe9 \\u2716".encode("cp932") in result.stdout


@pytest.mark.parametrize("encoding", ["cp932", "ascii"])
def test_a_whole_run_on_such_a_console_shows_every_name(tmp_path, encoding):
    folder = tmp_path / "10_帽子 é"
    folder.mkdir()
    Image.new("RGB", (64, 64), "red").save(folder / "赤😀.png")
    (folder / "赤😀.txt").write_text("sks, 赤い帽子 é\u202e", encoding="utf-8")
    (folder / "leer.png").write_bytes(b"")
    result = run("-m", "tagmetry", "check", str(tmp_path), "--no-cache", "--no-plugins", encoding=encoding)
    assert result.returncode == 1, result.stderr
    assert b"Traceback" not in result.stderr and b"internal error" not in result.stderr
    told = result.stdout.decode("cp932" if encoding == "cp932" else "utf-8")
    assert "leer.png" in told and "NOT READY" in told


def test_colour_that_is_asked_for_goes_into_a_pipe(tmp_path):
    Image.new("RGB", (64, 64), "red").save(tmp_path / "a.png")
    check = ("-m", "tagmetry", "check", str(tmp_path), "--no-cache", "--no-plugins")
    assert b"\x1b[" in run(*check, "--color", "always", encoding="utf-8").stdout
    assert b"\x1b[" not in run(*check, encoding="utf-8").stdout


def test_the_plan_shows_the_names_of_strangers_visibly_and_in_columns():
    captions = [f"sks, tag {number}" for number in range(20)]
    names = ("a\x1b[31m", "b\u202e", "帽子")
    data = dataset(*(concept(name, captions=captions, folder=f"f{n}") for n, name in enumerate(names)))
    lines = list(PlanText(proposed_plan(data, BalanceOptions(), applied=False), ENGLISH).lines())
    start = next(number for number, line in enumerate(lines) if line.startswith("  concept"))
    told = lines[start + 1 : start + 4]
    assert [line.split()[0] for line in told] == ["a\\x1b[31m", "b\\u202e", "帽子"]
    assert len({cells(line) for line in told}) == 1


@pytest.mark.parametrize("encoding", ["cp932", "ascii"])
def test_json_is_utf8_whatever_the_console(tmp_path, encoding):
    folder = tmp_path / "10_caf\u00e9 \u05d0"
    folder.mkdir()
    Image.new("RGB", (64, 64), "red").save(folder / "a.png")
    plan = run("-m", "tagmetry", "plan", str(tmp_path), "--format", "json", "--no-cache", encoding=encoding)
    assert [one["name"] for one in json.loads(plan.stdout.decode("utf-8"))["concepts"]] == ["caf\u00e9 \u05d0"]
    rules = run("-m", "tagmetry", "rules", "--format", "json", encoding=encoding)
    assert "tag-frequency" in [one["rule"] for one in json.loads(rules.stdout.decode("utf-8"))]


@pytest.mark.skipif(sys.platform != "linux", reason="takes no such names")
def test_json_about_a_file_whose_name_is_no_utf8(tmp_path):
    policy = os.path.join(os.fsencode(tmp_path), b"caf\xe9.yaml")
    with open(policy, "w") as file:
        file.write("tagmetry: 1\nextends: tagmetry:recommended\n")
    shown = run("-m", "tagmetry", "policy", "show", policy, "--format", "json", encoding="utf-8")
    assert shown.returncode == 0, shown.stderr
    assert "caf\udce9.yaml" in json.dumps(json.loads(shown.stdout), ensure_ascii=False)
