"""The index of keys in TOML and JSON: compared with what `tomllib` and `json` read, and with places counted by hand."""

import json
import tomllib

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from tagmetry.configs.places import json_places, toml_places

TOML = """# a dataset
[general]
caption_extension = ".txt" # not [datasets]
a.b = {x = [1, {y = 'q # no'}], "z k" = 2}

[[datasets]]
resolution = [512,
  768]
  [[datasets.subsets]]
  image_dir = \"\"\"a
[[datasets]]
b\"\"\"
  [[datasets.subsets]]
  "image_dir" = 'C:\\x'
[[datasets]]
  [[datasets.subsets]]
\tnum_repeats = 3
"""


def test_places_are_those_that_an_editor_shows():
    assert toml_places(TOML) == {
        ("general",): (2, 1),
        ("general", "caption_extension"): (3, 1),
        ("general", "a"): (4, 1),
        ("general", "a", "b"): (4, 3),
        ("general", "a", "b", "x"): (4, 8),
        ("general", "a", "b", "x", 0): (4, 13),
        ("general", "a", "b", "x", 1): (4, 16),
        ("general", "a", "b", "x", 1, "y"): (4, 17),
        ("general", "a", "b", "z k"): (4, 33),
        ("datasets",): (6, 1),
        ("datasets", 0): (6, 1),
        ("datasets", 0, "resolution"): (7, 1),
        ("datasets", 0, "resolution", 0): (7, 15),
        ("datasets", 0, "resolution", 1): (8, 3),
        ("datasets", 0, "subsets"): (9, 3),
        ("datasets", 0, "subsets", 0): (9, 3),
        ("datasets", 0, "subsets", 0, "image_dir"): (10, 3),
        ("datasets", 0, "subsets", 1): (13, 3),
        ("datasets", 0, "subsets", 1, "image_dir"): (14, 3),
        ("datasets", 1): (15, 1),
        ("datasets", 1, "subsets"): (16, 3),
        ("datasets", 1, "subsets", 0): (16, 3),
        ("datasets", 1, "subsets", 0, "num_repeats"): (17, 2),
    }


def test_json_places_are_those_that_an_editor_shows():
    text = '{\n\t"a": [1, {"b": "x\\"}"}],\n\t"c\\u00e9": null, "d": {}\n}'
    assert json_places(text) == {
        ("a",): (2, 2),
        ("a", 0): (2, 8),
        ("a", 1): (2, 11),
        ("a", 1, "b"): (2, 12),
        ("cé",): (3, 2),
        ("d",): (3, 19),
    }


def paths_of(value, path=()):
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from paths_of(member, (*path, key))


TEXTS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00") | st.sampled_from("#[]{}=,.\"'\\\n"),
    max_size=12,
)
SCALARS = TEXTS | st.integers(-(2**40), 2**40) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12
)


@settings(max_examples=300)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_every_key_that_tomllib_reads_has_a_place_and_none_besides(data):
    text = tomli_w.dumps(data)
    assert set(toml_places(text)) == set(paths_of(tomllib.loads(text)))


@settings(max_examples=300)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.sampled_from([None, 1, "\t"]))
def test_every_key_that_json_reads_has_a_place_and_none_besides(data, indent):
    text = json.dumps(data, indent=indent)
    assert set(json_places(text)) == set(paths_of(json.loads(text)))


@settings(max_examples=200)
@given(st.dictionaries(st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True), SCALARS, min_size=1, max_size=6))
def test_at_each_place_stands_the_key(data):
    text = tomli_w.dumps(data)
    lines = text.split("\n")
    for (key,), (line, column) in toml_places(text).items():
        assert lines[line - 1][column - 1 :].startswith((key, f'"{key}"'))


@pytest.mark.parametrize(
    "text",
    [
        "a = 1979-05-27 07:32:00Z\nb = 2",
        "a = [ # one\n 1, # two\n]\nb = {}",
        "'a.b'.\"c\" = 1\n[d.'e f']\ng = ''\n",
        "a = \"\"\"\nb = 1\n\"\"\"\nc = '''d = 1'''\n",
        "[[a.b]]\nx = 1\n[[a.b]]\n[a.b.c]\ny = 1\n[[a.b.d]]\n[[a.b.d]]\nz = 1\n",
        'a = """x\\"""y"""\nb = "\\\\"\nc = inf\n',
    ],
)
def test_forms_that_writers_do_not_make_are_read_too(text):
    assert set(toml_places(text)) == set(paths_of(tomllib.loads(text)))
