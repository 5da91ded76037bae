"""Problems of a policy as text for a terminal and as data."""

import json

import pytest

from tagmetry.errors import UsageError
from tagmetry.messages import Translator, message
from tagmetry.policy.diagnostics import Diagnostic, PolicyError, Problems, Span, render


def joined(*lines):
    return "\n".join(lines)


def span(line, column, end_column, *, source=None, file="tagmetry.yaml", end_line=None):
    return Span(file, line, column, end_line or line, end_column, source)


def shown(source, column, end_column, **place):
    """The source line and the carets of a problem there."""
    at = span(1, column, end_column, source=source, **place)
    lines = render([Diagnostic("policy-a", message("a"), at)]).split("\n")
    assert lines[2] == "  |"
    assert lines[3][:4].rstrip() == "1 |"
    assert lines[4].startswith("  | ")
    return lines[3][4:], lines[4][4:]


UNKNOWN_OPTION = Diagnostic(
    "policy-unknown-option",
    message("unknown option '{name}' of rule {rule}", name="min_sdie", rule="acme/min-side"),
    span(43, 5, 13, source="    min_sdie: 768"),
    message("did you mean '{near}'? Options: {options}", near="min", options=("metric", "min", "max")),
)


def test_a_problem_is_shown_with_its_place_line_and_help():
    assert render([UNKNOWN_OPTION]) == joined(
        "error[policy-unknown-option]: unknown option 'min_sdie' of rule acme/min-side",
        "  --> tagmetry.yaml:43:5",
        "   |",
        "43 |     min_sdie: 768",
        "   |     ^^^^^^^^",
        "   = help: did you mean 'min'? Options: metric, min, max",
    )


def test_a_problem_without_a_place_is_its_text_and_help():
    assert render([Diagnostic("policy-a", message("a"), None, message("b"))]) == joined(
        "error[policy-a]: a",
        "  = help: b",
    )


def test_a_problem_without_a_source_line_is_shown_with_its_place():
    assert render([Diagnostic("policy-a", message("a"), span(7, 2, 3))]) == joined(
        "error[policy-a]: a",
        " --> tagmetry.yaml:7:2",
    )


def test_problems_are_parted_by_a_blank_line():
    assert render([Diagnostic("policy-a", message("a")), Diagnostic("policy-b", message("b"))]) == joined(
        "error[policy-a]: a",
        "",
        "error[policy-b]: b",
    )


def test_texts_are_in_the_language_of_the_translator():
    japanese = Translator("ja", [{"error": "エラー", "help": "対処", "a {b}": "あ {b}", "c": "う"}])
    assert render([Diagnostic("policy-a", message("a {b}", b="い"), None, message("c"))], japanese) == joined(
        "エラー[policy-a]: あ い",
        "  = 対処: う",
    )


def test_fifty_problems_are_shown_and_the_others_counted():
    problems = [Diagnostic("policy-a", message("a"))] * 51
    assert render(problems[:50]).count("error[policy-a]") == 50
    assert render(problems[:50]).endswith("error[policy-a]: a")
    assert render(problems).count("error[policy-a]") == 50
    assert render(problems).endswith("error[policy-a]: a\n\nand 1 more problem")
    assert render(problems * 2).endswith("\n\nand 52 more problems")


# Carets


def test_a_place_of_no_width_has_one_caret():
    assert shown("a:", 3, 3) == ("a:", "  ^")


def test_an_empty_line_has_one_caret():
    assert shown("", 1, 1) == ("", "^")


def test_a_place_behind_the_line_has_a_caret_behind_it():
    assert shown("a", 9, 12) == ("a", " ^")


def test_a_place_over_several_lines_is_marked_to_the_end_of_the_first():
    assert shown("a: [b,  ", 4, 2, end_line=3) == ("a: [b,", "   ^^^")


def test_wide_characters_take_two_columns():
    assert shown("画風: ﾊﾝ角 x", 5, 8) == ("画風: ﾊﾝ角 x", "      ^^^^")


def test_combining_characters_take_no_column():
    assert shown("e\u0301a\u0308: x", 6, 7) == ("e\u0301a\u0308: x", "   ^")


def test_tabs_are_shown_as_escapes():
    assert shown("\ta:\tb", 2, 3) == ("\\ta:\\tb", "  ^")
    assert shown("\ta", 1, 2) == ("\\ta", "^^")


def test_what_would_steer_the_terminal_is_shown_as_escapes():
    assert shown("\x1b[2Ja\u202e\x85b", 8, 9) == ("\\x1b[2Ja\\u202e\\x85b", " " * 18 + "^")


def test_an_emoji_of_several_characters_stays_whole():
    assert shown("❤\ufe0f a\u200db", 4, 5) == ("❤\ufe0f a\\u200db", "  ^")


def test_a_file_name_cannot_steer_the_terminal():
    assert render([Diagnostic("policy-a", message("a"), span(1, 1, 2, file="a\x1b[2J.yaml"))]) == joined(
        "error[policy-a]: a",
        " --> a\\x1b[2J.yaml:1:1",
    )


def test_values_cannot_steer_the_terminal():
    assert render([Diagnostic("policy-a", message("{key}", key="a\nerror[policy-b]: b\x1b"))]) == (
        "error[policy-a]: a\\x0aerror[policy-b]: b\\x1b"
    )


# Long lines


def test_a_line_of_160_columns_is_shown_whole():
    assert shown("x" * 160, 160, 161) == ("x" * 160, " " * 159 + "^")
    assert shown("画" * 80, 80, 81) == ("画" * 80, " " * 158 + "^^")


def test_a_longer_line_is_cut_at_its_end():
    source, carets = shown("a" + "x" * 160, 1, 2)
    assert source == "a" + "x" * 153 + "..."
    assert carets == "^"


def test_a_longer_line_is_cut_at_its_start():
    source, carets = shown("x" * 200 + "a", 201, 202)
    assert source == "..." + "x" * 153 + "a"
    assert carets == " " * 156 + "^"


def test_a_longer_line_is_cut_around_the_place():
    source, carets = shown("x" * 500 + "a" + "y" * 500, 501, 502)
    assert source == "..." + "x" * 44 + "a" + "y" * 109 + "..."
    assert carets == " " * 47 + "^"


def test_the_mark_ends_where_the_line_is_cut():
    source, carets = shown("x" * 1000, 501, 1001)
    assert source == "..." + "x" * 154 + "..."
    assert carets == " " * 47 + "^" * 110


def test_a_long_line_of_wide_characters_is_cut_to_the_same_width():
    source, carets = shown("画" * 500, 251, 252)
    assert source == "..." + "画" * 77 + "..."
    assert carets == " " * 47 + "^^"


def test_a_long_line_of_combining_characters_is_cut():
    source, _ = shown("a" + "\u0301" * 100_000, 1, 2)
    assert len(source) < 400


# Order


def add(problems, code, at):
    problems.add(code, message("a"), at)


def test_problems_are_in_the_order_of_the_file():
    problems = Problems()
    add(problems, "policy-c", span(2, 1, 2))
    add(problems, "policy-b", span(1, 10, 11))
    add(problems, "policy-a", span(1, 9, 10))
    add(problems, "policy-d", span(10, 1, 2))
    assert [found.code for found in problems.diagnostics] == ["policy-a", "policy-b", "policy-c", "policy-d"]


def test_files_are_in_the_order_in_which_they_were_met():
    problems = Problems()
    add(problems, "policy-b1", span(5, 1, 2, file="b.yaml"))
    add(problems, "policy-set", None)
    add(problems, "policy-a1", span(1, 1, 2, file="a.yaml"))
    add(problems, "policy-b2", span(4, 1, 2, file="b.yaml"))
    codes = [found.code for found in problems.diagnostics]
    assert codes == ["policy-b2", "policy-b1", "policy-set", "policy-a1"]


def test_problems_at_one_place_stay_in_the_order_in_which_they_were_found():
    problems = Problems()
    for code in ("policy-z", "policy-a", "policy-m"):
        add(problems, code, span(1, 1, 2))
    assert [found.code for found in problems.diagnostics] == ["policy-z", "policy-a", "policy-m"]


# The exception


def test_no_problem_raises_nothing():
    problems = Problems()
    problems.raise_if_any()
    assert len(problems) == 0


def test_all_problems_are_raised_at_once():
    problems = Problems()
    problems.extend([UNKNOWN_OPTION, Diagnostic("policy-a", message("a"), span(1, 1, 2))])
    with pytest.raises(PolicyError) as caught:
        problems.raise_if_any()
    assert [found.code for found in caught.value.diagnostics] == ["policy-a", "policy-unknown-option"]
    assert str(caught.value) == render(caught.value.diagnostics)


def test_an_invalid_policy_is_wrong_usage():
    error = PolicyError([UNKNOWN_OPTION])
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    assert error.text.english() == "the policy has 1 problem"


# Data


def test_a_problem_is_data_with_its_values_beside_the_text():
    assert UNKNOWN_OPTION.as_data() == {
        "code": "policy-unknown-option",
        "message": "unknown option 'min_sdie' of rule acme/min-side",
        "values": {"name": "min_sdie", "rule": "acme/min-side"},
        "file": "tagmetry.yaml",
        "line": 43,
        "column": 5,
        "end_line": 43,
        "end_column": 13,
        "source_line": "    min_sdie: 768",
        "help": "did you mean 'min'? Options: metric, min, max",
    }


def test_what_is_not_known_is_null_in_data():
    assert json.loads(json.dumps(Diagnostic("policy-a", message("{b}", b=("c", "d"))).as_data())) == {
        "code": "policy-a",
        "message": "c, d",
        "values": {"b": ["c", "d"]},
        "file": None,
        "line": None,
        "column": None,
        "end_line": None,
        "end_column": None,
        "source_line": None,
        "help": None,
    }


def test_a_span_names_its_file_and_line():
    assert span(43, 5, 13).place == "tagmetry.yaml:43"
