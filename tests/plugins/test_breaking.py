"""Plugins that break: named with version and reason, the run goes on and ends with 3, and all other results stay."""

import json
import sys
from pathlib import Path

import pytest

from tagmetry.cli import exit_code_of, tagmetry

BRITTLE = Path(__file__).with_name("brittle.py").read_text(encoding="utf-8")
OUTPUTS = ("prints", "raises", "exits", "garbage", "two", "silent", "escapes", "absolute", "twice")

RULES = {
    "exits": "it called sys.exit(0) (brittle, line {})",
    "findings-of-others": "a finding found of tag-frequency is none of its own",
    "forgets-to-yield": "the check gave NoneType; it yields what it found",
    "lacks-a-value": "the finding found lacks the values n",
    "needs-nowhere": "its feature nowhere failed on every image",
    "needs-shapeless": "its feature shapeless failed on every image",
    "not-a-number": "the value n is nan",
    "numpy-in-a-value": "the value n is int64",
    "raises": "ZeroDivisionError: division by zero (brittle, line {})",
    "unknown-skip": "KeyError: \"brittle/unknown-skip has no text for the reason 'bad-mood'\"",
    "writes-into-columns": "ValueError: assignment destination is read-only (brittle, line {})",
    "wrong-column": "n has the shape (12,); the rule was given 6 samples",
    "wrong-mask": "mask has the shape (7,); the rule was given 6 samples",
    "yields-garbage": "the check yielded str; it yields findings",
}


HOOK = "from tagmetry.api import hookimpl\n\n\n@hookimpl\ndef tagmetry_rules():\n    {body}\n"


def line_of(text):
    (line,) = [number for number, line in enumerate(BRITTLE.split("\n"), start=1) if line.strip() == text]
    return line


@pytest.fixture(scope="module")
def module_path(tmp_path_factory):
    return tmp_path_factory.mktemp("brittle")


@pytest.fixture(scope="module")
def broken(run, pictures, module_path, write_distribution):
    """One run with everything that breaks: (result, report, folder of the outputs)."""
    plugins = [
        write_distribution(module_path, "brittle", BRITTLE, version="0.3"),
        write_distribution(module_path, "import-raises", "raise RuntimeError('not today')", version="2.0"),
        write_distribution(module_path, "import-exits", "import sys\nsys.exit(0)", version="3.1"),
        write_distribution(module_path, "hook-raises", HOOK.format(body="raise KeyError('no rules')"), version="4.0"),
        write_distribution(module_path, "hook-exits", HOOK.format(body="raise SystemExit(1)"), version="4.1"),
    ]
    outputs = module_path / "outputs"
    outputs.mkdir()
    (outputs / "raises").write_text("the last good one", encoding="utf-8")
    asked = [part for name in OUTPUTS for part in ("-o", f"brittle-{name}={outputs / name}")]
    result = run(
        "check", pictures, "--format", "json", "-o", f"json={outputs / 'report.json'}", *asked, plugins=plugins, jobs=2
    )
    return result, json.loads(result.stdout), outputs


@pytest.fixture(scope="module")
def sound(run, pictures):
    return json.loads(run("check", pictures, "--format", "json", jobs=2).stdout)


def failures(report, kind):
    return {one["name"]: one["reason"] for one in report["failures"] if one["kind"] == kind}


def test_the_run_ends_with_3_and_is_incomplete(broken):
    result, report, _ = broken
    assert result.returncode == 3
    assert report["summary"]["verdict"] == "incomplete"


def test_all_other_results_are_the_same_bytes(broken, sound):
    report = json.loads(json.dumps(broken[1]))
    assert [one["message"] for one in report["findings"] if one["rule"].startswith("brittle/")] == [
        "6 found",
        "5 found",
    ]
    for data in (report, sound):
        data["findings"] = [one for one in data["findings"] if not one["rule"].startswith("brittle/")]
        data["rules"] = [one for one in data["rules"] if not one["rule"].startswith("brittle/")]
        data["plugins"] = [one for one in data["plugins"] if one["distribution"] == "tagmetry"]
        del data["failures"], data["summary"]
    assert json.dumps(report) == json.dumps(sound)


def test_plugins_that_do_not_load_are_named(broken):
    _, report, _ = broken
    assert [one for one in report["plugins"] if one["outcome"] == "failed"] == [
        {
            "name": "hook-exits",
            "version": "4.1",
            "distribution": "hook-exits",
            "outcome": "failed",
            "reason": "it called sys.exit(1) (hook_exits, line 6)",
        },
        {
            "name": "hook-raises",
            "version": "4.0",
            "distribution": "hook-raises",
            "outcome": "failed",
            "reason": "KeyError: 'no rules' (hook_raises, line 6)",
        },
        {
            "name": "import-exits",
            "version": "3.1",
            "distribution": "import-exits",
            "outcome": "failed",
            "reason": "it called sys.exit(0) (import_exits, line 2)",
        },
        {
            "name": "import-raises",
            "version": "2.0",
            "distribution": "import-raises",
            "outcome": "failed",
            "reason": "RuntimeError: not today (import_raises, line 1)",
        },
    ]
    assert list(failures(report, "plugin")) == ["hook-exits", "hook-raises", "import-exits", "import-raises"]


def test_rules_that_break_are_named_with_their_reason_and_find_nothing(broken):
    _, report, _ = broken
    places = {
        "exits": line_of("sys.exit(0)  # exits"),
        "raises": line_of("_ = 1 / 0"),
        "writes-into-columns": line_of('dataset.columns["width"].values[:] = 1'),
    }
    expected = {f"brittle/{name}": text.format(places.get(name)) for name, text in RULES.items()}
    assert failures(report, "rule") == expected
    outcomes = {one["rule"]: one for one in report["rules"]}
    for rule, reason in expected.items():
        assert (outcomes[rule]["outcome"], outcomes[rule]["reason"], outcomes[rule]["n"]) == ("failed", reason, 0)


def test_features_that_break_are_named_with_the_number_of_images(broken):
    _, report, _ = broken
    assert [(one["name"], one["n"], one["reason"]) for one in report["failures"] if one["kind"] == "feature"] == [
        ("nowhere", 6, f"KeyError: 'figure' (brittle, line {line_of(RAISING_FEATURE)})"),
        ("on_bars", 1, f"it called sys.exit('black') (brittle, line {line_of(EXITING_FEATURE)})"),
        ("shapeless", 6, "TypeError: it gave list of 3 figures, and declares 1"),
    ]


RAISING_FEATURE = 'return {}["figure"]'
EXITING_FEATURE = 'sys.exit("black")'


def test_layouts_that_break_are_named_and_the_next_best_reads(broken):
    _, report, _ = broken
    assert report["dataset"]["layout"] == "plain-folders"
    assert failures(report, "layout") == {
        "brittle-raises": f"ZeroDivisionError: division by zero (brittle, line {line_of(RAISING_LAYOUT)})",
        "brittle-vague": "recognizes gave str; it gives a whole number",
        "brittle-eager": f"OSError: no disk today (brittle, line {line_of(RAISING_READ)})",
        "brittle-forgets": "0.png is no image, caption, orphan, problem or left out with a reason",
    }


RAISING_LAYOUT = 'Layout("brittle-raises", "Cannot tell.", lambda tree, profile: 1 / 0, read_raises),'
RAISING_READ = 'raise OSError("no disk today")'


def test_outputs_that_break_are_named_and_leave_what_was_there(broken):
    _, report, outputs = broken
    raising = line_of('raise FileNotFoundError(2, "No such file or directory", "template.html")')
    exiting = line_of("sys.exit(0)  # output")
    assert failures(report, "output") == {
        "brittle-raises": (
            f"FileNotFoundError: [Errno 2] No such file or directory: 'template.html' (brittle, line {raising})"
        ),
        "brittle-exits": f"it called sys.exit(0) (brittle, line {exiting})",
        "brittle-garbage": "it gave tuple; it yields files",
        "brittle-two": "it gave more than the one file that it promised",
        "brittle-silent": "it gave no file",
        "brittle-escapes": "it may not write ../escaped.txt: outside its folder, or twice",
        "brittle-absolute": "it may not write /tmp/tagmetry-escaped.txt: outside its folder, or twice",
        "brittle-twice": "it may not write a.txt: outside its folder, or twice",
    }
    assert sorted(path.name for path in outputs.iterdir()) == ["prints", "raises", "report.json"]
    assert (outputs / "raises").read_text(encoding="utf-8") == "the last good one"
    assert (outputs / "prints").read_text(encoding="utf-8") == "sound\n"
    assert not Path("/tmp/tagmetry-escaped.txt").exists()


def test_the_json_file_tells_of_all_outputs_that_broke_before_it(broken):
    result, _, outputs = broken
    assert (outputs / "report.json").read_text(encoding="utf-8") == result.stdout


def test_every_failure_is_told_on_standard_error(broken):
    result, report, _ = broken
    told = result.stderr.splitlines()
    assert "plugin import-raises 2.0 did not load: RuntimeError: not today (import_raises, line 1)" in told
    assert "rule brittle/not-a-number of plugin brittle 0.3 failed: the value n is nan" in told
    assert any(line.startswith("feature on_bars of plugin brittle 0.3 failed on 1 image: it called") for line in told)
    assert "output brittle-silent of plugin brittle 0.3 failed: it gave no file" in told
    for failure in report["failures"]:
        assert any(failure["name"] in line and failure["reason"] in line for line in told), failure


def test_what_rules_and_outputs_print_goes_to_standard_error(broken):
    told = broken[0].stderr.splitlines()
    assert [line for line in told if line in ("measuring", "counting", "rendering", "rendered")] == [
        "counting",
        "rendering",
        "rendered",
    ]


def test_an_output_on_standard_output_holds_nothing_else(run, pictures, module_path, broken):
    plugin = module_path / "brittle"
    result = run("check", pictures, "-o", "brittle-prints=-", plugins=[plugin])
    assert result.stdout == "sound\n"


def test_the_list_of_rules_is_complete_but_for_the_broken_plugin_and_ends_with_3(run, distribution):
    plugin = distribution("lost", "import no_such_library")
    result, sound = run("rules", plugins=[plugin]), run("rules")
    assert (result.returncode, sound.returncode) == (3, 0)
    assert result.stdout == sound.stdout
    assert result.stderr == (
        "plugin lost 1.0 did not load: ModuleNotFoundError: No module named 'no_such_library' (lost, line 1)\n"
    )


LOST = "lost 1.0 (ModuleNotFoundError: No module named 'no_such_library' (lost, line 1))"


@pytest.fixture
def called(distribution, monkeypatch, capsys):
    """Calls the command here, with a plugin that does not load: (exit code, standard output, standard error)."""
    monkeypatch.syspath_prepend(str(distribution("lost", "import no_such_library")))

    def called(*arguments):
        code = exit_code_of(
            lambda: tagmetry.main(args=[str(part) for part in arguments], prog_name="tagmetry", standalone_mode=False)
        )
        sys.modules.pop("lost", None)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return called


@pytest.mark.parametrize(
    "arguments",
    [
        ("--policy", "lost:house"),
        ("--select", "lost/rule"),
        ("--ignore", "lost/rule"),
        ("--set", "lost/rule.limit=1"),
        ("-o", "lost/csv=findings.csv"),
    ],
)
def test_naming_what_a_broken_plugin_would_have_brought_ends_with_2(called, pictures, arguments):
    code, printed, told = called("check", pictures, *arguments)
    assert (code, printed) == (2, "")
    assert arguments[1].partition("=")[0].removesuffix(".limit") in told
    assert told.endswith(f"  = help: a plugin that did not load may bring it: {LOST}\n")


@pytest.mark.parametrize("line", ["extends: lost:house", "rules: {lost/rule: error}"])
def test_a_policy_naming_it_ends_with_2_and_shows_the_place(called, pictures, tmp_path, line):
    policy = tmp_path / "own.yaml"
    policy.write_text(f"tagmetry: 1\n{line}\n", encoding="utf-8")
    code, printed, told = called("check", pictures, "--policy", policy)
    assert (code, printed) == (2, "")
    assert f"own.yaml:2:{line.index('lost') + 1}" in told
    assert f"help: a plugin that did not load may bring it: {LOST}" in told


def test_explaining_its_rule_ends_with_2(called):
    code, _, told = called("explain", "lost/rule")
    assert code == 2
    assert told.endswith(f"  = help: a plugin that did not load may bring it: {LOST}\n")
