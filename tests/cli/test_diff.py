"""`tagmetry diff`: what is new, known and fixed, and with which exit code."""

import json

import pytest

from tagmetry.baseline import read_report
from tagmetry.cli import exit_code_of, tagmetry
from tagmetry.errors import UsageError


def finding(number, severity="error", status="open", rule="missing-caption"):
    return {
        "fingerprint": f"{number:016x}",
        "rule": rule,
        "severity": severity,
        "status": status,
        "message": f"{number}.png has no caption",
        "subject": {"kind": "sample", "name": f"{number}.png", "paths": [f"{number}.png"]},
    }


def report(path, *findings, judged=("missing-caption",)):
    rules = [{"rule": rule, "outcome": "clean", "reason": "", "n": 0} for rule in judged]
    data = {"format": "tagmetry-report/1", "findings": list(findings), "rules": rules}
    path.write_text(json.dumps(data), encoding="utf-8")
    return str(path)


@pytest.fixture
def diff(tmp_path, capsys):
    """Compares two lists of findings: (exit code, standard output)."""

    def called(before, after, *flags, judged=("missing-caption",)):
        one, other = report(tmp_path / "a.json", *before), report(tmp_path / "b.json", *after, judged=judged)
        words = ["diff", one, other, *flags]
        code = exit_code_of(lambda: tagmetry.main(args=words, prog_name="tagmetry", standalone_mode=False))
        return code, capsys.readouterr().out

    return called


def test_new_and_fixed_findings_are_listed_and_all_are_counted(diff):
    assert diff([finding(1), finding(2)], [finding(2), finding(3, "warning")]) == (
        0,
        (
            "new:\n+ warning missing-caption: 3.png has no caption\n\n"
            "fixed:\n- error missing-caption: 1.png has no caption\n\n"
            "1 new, 1 known, 1 fixed\n"
        ),
    )


def test_a_new_finding_at_the_limit_is_exit_code_1(diff):
    assert diff([], [finding(1)])[0] == 1
    assert diff([], [finding(1, "warning")], "--fail-on", "warning")[0] == 1
    assert diff([], [finding(1, "info")], "--fail-on", "warning")[0] == 0
    assert diff([], [finding(1)], "--fail-on", "never")[0] == 0
    assert diff([], [finding(1, status="tolerated")])[0] == 0
    assert diff([finding(1)], [finding(1)])[0] == 0


def test_suppressions_end_and_begin(diff):
    assert diff([finding(1, status="suppressed")], [finding(1)])[0] == 1
    assert diff([finding(1)], [finding(1, status="suppressed")]) == (0, "0 new, 0 known, 0 fixed\n")


def test_what_was_not_judged_is_not_called_fixed(diff):
    code, out = diff([finding(1)], [], judged=())
    assert (code, out) == (
        0,
        (
            "not judged this time:\n? error missing-caption: 1.png has no caption\n\n"
            "0 new, 0 known, 0 fixed\n1 more is gone because its rule did not judge this time\n"
        ),
    )


def test_known_findings_are_listed_on_demand(diff):
    assert "known:\n  error missing-caption: 1.png has no caption\n" in diff([finding(1)], [finding(1)], "-v")[1]


def test_the_comparison_is_data_on_demand(diff):
    code, out = diff([finding(1)], [finding(2)], "--format", "json")
    assert (code, json.loads(out)) == (
        1,
        {
            "format": "tagmetry-diff/1",
            "new": [
                {
                    "fingerprint": "0000000000000002",
                    "rule": "missing-caption",
                    "severity": "error",
                    "status": "open",
                    "subject": "2.png",
                    "message": "2.png has no caption",
                }
            ],
            "known": [],
            "fixed": [
                {
                    "fingerprint": "0000000000000001",
                    "rule": "missing-caption",
                    "severity": "error",
                    "status": "open",
                    "subject": "1.png",
                    "message": "1.png has no caption",
                }
            ],
            "not_judged": [],
        },
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not JSON"),
        ("[" * 200_000, "it is not JSON"),
        ("[]", "it has no format"),
        ('{"format": "tagmetry-report/2"}', "its format is tagmetry-report/2, not tagmetry-report/1"),
        ('{"format": "tagmetry-report/1"}', "its findings or rules are not written as a report writes them"),
        (
            '{"format": "tagmetry-report/1", "findings": [3], "rules": []}',
            "its findings or rules are not written as a report writes them",
        ),
        (
            json.dumps({"format": "tagmetry-report/1", "findings": [finding(1) | {"severity": "bad"}], "rules": []}),
            "its findings or rules are not written as a report writes them",
        ),
    ],
    ids=range(7),
)
def test_what_is_no_report_is_wrong_usage(tmp_path, text, reason):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_report(path)
    assert caught.value.text.english() == f"{path} is no report: {reason}"


def test_a_report_that_cannot_be_read_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError):
        read_report(tmp_path / "nowhere.json")
