"""Texts that the package `toml` 0.10.2 refuses or misreads, as observed, beside texts that it reads well."""

import tomllib

import pytest
import tomli_w

from tagmetry.trainers.kohya import path_problems, toml_text_problems


def found(text):
    return [(problem.code, problem.key_path) for problem in toml_text_problems(text)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a = 1 # one",
        "a = 'C:\\data'",
        "a = 'C:\\data\\'",
        'a = "C:/data # 1"',
        'a = "C:\\\\data"',
        'a = "tab\\there \\u3042"',
        'a = """x "y" z"""',
        "a = '''it's'''",
        "a.b = 1\nc = {d = 1, e = 'x'}",
        "a = [[512, 512], [768, 768]]",
        "a = [0.8, 1.2]",
        "a = []",
        'a = "あ [1, 2.5] \'"',
        "[[datasets]]\n[[datasets.subsets]]\nimage_dir = 'x'\n[[datasets.subsets]]\nimage_dir = 'y'\n",
    ],
)
def test_texts_that_are_read(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "path", "kinds"),
    [
        ("a = [1, 2.5]", ("a",), ("float", "int")),
        ("a = ['x', 1]", ("a",), ("int", "str")),
        ("a = [true, 1]", ("a",), ("bool", "int")),
        ("a = [1, [2]]", ("a",), ("int", "list")),
        ("a = [[1, 2], [3, 4.5]]", ("a", 1), ("float", "int")),
        ("[[d]]\n[[d.s]]\nx = {y = [1, 2.5]}", ("d", 0, "s", 0, "x", "y"), ("float", "int")),
    ],
)
def test_arrays_must_be_of_one_type(text, path, kinds):
    (problem,) = toml_text_problems(text)
    assert (problem.code, problem.key_path, problem.values) == ("mixed-array", path, {"kinds": kinds})
    assert problem.stops


def test_windows_paths_in_double_quotes_are_located():
    (problem,) = toml_text_problems('[general]\n  image_dir = "C:\\data"\n')
    assert (problem.code, problem.values) == (
        "backslash-in-string",
        {"line": 2, "column": 18, "escape": "\\d"},
    )


def test_each_bad_escape_is_named():
    problems = toml_text_problems('a = "C:\\Users\\me\\new"')
    assert [problem.values["escape"] for problem in problems] == ["\\U", "\\m"]


def test_escapes_in_comments_and_literal_strings_are_nothing():
    assert found('# "C:\\data"\na = \'C:\\data\' # "\\d"\n') == []


@pytest.mark.parametrize("text", ["a = 'it's'", "a = 1\na = 2", "a = True", "a = 512,512", "a ="])
def test_what_no_reader_takes_is_a_syntax_problem(text):
    (problem,) = toml_text_problems(text)
    assert problem.code == "syntax"
    assert problem.values["detail"]


def test_a_byte_order_mark_is_no_key():
    assert found("\ufeffa = 1") == [("byte-order-mark", ())]


@pytest.mark.parametrize(
    "text",
    [
        'a = "\\""',
        'a = "\\"\\"x"',
        'a = "\\u0001 \\\\u"',
        'a = """"x"""',
        'a = """x""""',
    ],
)
def test_strings_that_are_misread(text):
    tomllib.loads(text)
    assert found(text) == [("string-misread", ())]


def test_texts_in_lists_must_not_begin_with_a_comma():
    assert found('a = ["x", ",y"]') == [("string-misread", ("a", 1))]


@pytest.mark.parametrize(
    "path",
    ["C:/data/sks dog", "/home/あ/b", "C:\\data\\new\\users", "/it's/[1] #2 = {x}, y", '/a "b" ""c', "/a\tb\nc"],
)
def test_paths_that_can_be_written(path):
    assert path_problems(path) == ()
    assert found(tomli_w.dumps({"image_dir": path})) == []


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ('"', "leading-quotes"),
        ('""a', "leading-quotes"),
        ("\x01 \\u", "escape-clash"),
    ],
)
def test_paths_that_cannot_be_written(path, problem):
    assert path_problems(path) == (problem,)
    assert found(tomli_w.dumps({"image_dir": path})) == [("string-misread", ())]


def test_a_name_that_is_no_unicode_cannot_be_written():
    assert path_problems("caf\udce9") == ("unpaired-surrogate",)


@pytest.mark.parametrize(
    ("path", "problems"),
    [
        ("C:\\data", ()),
        ('""a\\u', ()),
        ("it's", ("single-quote",)),
        ("a\nb", ("line-break",)),
        ("a\x01b", ("control-character",)),
        ("a\tb", ()),
        ("it's\r\x7f", ("single-quote", "line-break", "control-character")),
    ],
)
def test_single_quotes_hold_all_but_quotes_and_controls(path, problems):
    assert path_problems(path, literal=True) == problems
