"""Reading policy files: what is accepted, what is refused with which words, and what nothing may cost."""

import codecs
import json
import os
import string
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.policy import yaml_reader
from tagmetry.policy.diagnostics import PolicyError, Problems
from tagmetry.policy.yaml_events import Events
from tagmetry.policy.yaml_reader import (
    Limits,
    MappingNode,
    ScalarNode,
    SequenceNode,
    declares_policy,
    read_data,
    read_policy_file,
    read_yaml,
    to_data,
)
from tagmetry.policy.yaml_source import Mistakes, Source, Unreadable


def data(content):
    return to_data(read_yaml(content, file="tagmetry.yaml"))


def refused(content, **limits):
    with pytest.raises(PolicyError) as caught:
        read_yaml(content, file="tagmetry.yaml", limits=Limits(**limits))
    return str(caught.value)


def codes(content, **limits):
    with pytest.raises(PolicyError) as caught:
        read_yaml(content, file="tagmetry.yaml", limits=Limits(**limits))
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def joined(*lines):
    return "\n".join(lines)


# What values stand for


def test_null_is_written_in_five_ways():
    assert data("a:\nb: ~\nc: null\nd: Null\ne: NULL\n") == dict.fromkeys("abcde")


def test_true_and_false_are_written_in_three_ways_each():
    assert data("a: [true, True, TRUE]\nb: [false, False, FALSE]\n") == {"a": [True] * 3, "b": [False] * 3}


def test_whole_numbers_are_decimal_octal_or_hexadecimal():
    assert data("a: [0, 7, -7, +7, 010, 0o10, 0xfF]\n") == {"a": [0, 7, -7, 7, 10, 8, 255]}


def test_fractions_may_have_exponents_and_need_no_figure_before_the_point():
    assert data("a: [0.5, .5, -.5, 5., 1e3, 1.5E-3, +2.5]\n") == {"a": [0.5, 0.5, -0.5, 5.0, 1000.0, 0.0015, 2.5]}


def test_a_whole_number_is_no_fraction():
    assert [type(value) for value in data("a: [1, 1.0, 1e0]\n")["a"]] == [int, float, float]


TEXTS = """
off no yes on y n OFF tRUE nULL 15% 1_000 16:9 1:30 12:30:45 2027-03-31 2027-03-31T10:00:00Z
0b1 0o8 0xg -0x1 1e 1.2.3 + . .. .infinity .Inf2 -.nan 1girl <3 =
"""


@pytest.mark.parametrize("text", TEXTS.split())
def test_everything_else_is_text(text):
    assert data(f"a: {text}\n") == {"a": text}


def test_what_is_quoted_is_text():
    assert data("a: ['1', \"true\", '', \"~\", '.inf', '*.jpg', '<<']\n") == {
        "a": ["1", "true", "", "~", ".inf", "*.jpg", "<<"]
    }


def test_text_blocks_are_text():
    assert data("a: |\n  1\nb: >\n  x\n  y\nc: |-\n  1\n") == {"a": "1\n", "b": "x y\n", "c": "1"}


def test_keys_are_text_as_they_are_written():
    assert data("1girl: 1\noff: 2\n16:9: 3\n'1': 4\n\"<<\": 5\n? explicit\n: 6\n") == {
        "1girl": 1,
        "off": 2,
        "16:9": 3,
        "1": 4,
        "<<": 5,
        "explicit": 6,
    }


def test_a_whole_policy_in_the_usual_style_is_read():
    policy = """\
# a comment
tagmetry: 1
extends:
- tagmetry:recommended
- ../house/captions.yaml   # relative
profile: {base_model: sdxl, concepts: {portrait: {match: "train/portrait/**", core_tags: [green eyes]}}}
rules:
  long-tail-tags: off
  near-duplicate-ratio: {severity: error, limit: 15%}

  blurry-image:
    where: role == 'train'
    because: Soft sources
      teach soft skin.
"""
    assert data(policy) == {
        "tagmetry": 1,
        "extends": ["tagmetry:recommended", "../house/captions.yaml"],
        "profile": {
            "base_model": "sdxl",
            "concepts": {"portrait": {"match": "train/portrait/**", "core_tags": ["green eyes"]}},
        },
        "rules": {
            "long-tail-tags": "off",
            "near-duplicate-ratio": {"severity": "error", "limit": "15%"},
            "blurry-image": {"where": "role == 'train'", "because": "Soft sources teach soft skin."},
        },
    }


def test_a_byte_order_mark_of_utf_8_is_no_part_of_the_first_key():
    assert data(codecs.BOM_UTF8 + b"a: 1\n") == {"a": 1}
    assert data("\ufeffa: 1\n") == {"a": 1}


def test_tabs_may_stand_where_they_indent_nothing():
    assert data("a: 1\t\n\t\n \t# comment\nb: 2\t# comment\nc: |\n  x\ty\n\t") == {"a": 1, "b": 2, "c": "x\ty\n"}


def test_the_yaml_version_with_these_scalars_may_be_named():
    assert data("%YAML 1.2\n---\na: no\n...\n") == {"a": "no"}


def test_a_character_in_two_escapes_is_one_character():
    assert data('a: "\\ud83d\\ude00"\n') == {"a": "😀"}


def test_ideographs_emoji_and_private_characters_are_text():
    assert data("触发词: 画風 😀 \ue000\n".encode()) == {"触发词": "画風 😀 \ue000"}


# Where it stands


def place(span):
    return span.line, span.column, span.end_line, span.end_column


def test_each_node_knows_its_place():
    root = read_yaml("rules:\n  blurry-image: {limit: 15%}\nextends: [a,\n  b]\n", file="p.yaml")
    rules = root.get("rules")
    blurry = rules.get("blurry-image")
    extends = root.get("extends")
    assert place(root.key_span("rules")) == (1, 1, 1, 6)
    assert place(rules.key_span("blurry-image")) == (2, 3, 2, 15)
    assert place(blurry.span) == (2, 17, 2, 29)
    assert place(blurry.key_span("limit")) == (2, 18, 2, 23)
    assert place(blurry.get("limit").span) == (2, 25, 2, 28)
    assert place(extends.span) == (3, 10, 4, 5)
    assert [place(item.span) for item in extends] == [(3, 11, 3, 12), (4, 3, 4, 4)]
    assert root.span.file == "p.yaml"
    assert rules.key_span("blurry-image").source_line == "  blurry-image: {limit: 15%}"


def test_a_block_ends_with_its_last_value():
    root = read_yaml("a:\n  b: 1\n  c: 22\n\n# comment\nd:\n- x\n- yy\n\n", file="p.yaml")
    assert place(root.get("a").span) == (2, 3, 3, 8)
    assert place(root.get("d").span) == (7, 1, 8, 5)
    assert place(root.span) == (1, 1, 8, 5)


def test_a_text_block_ends_with_its_last_line():
    assert place(read_yaml("a: |\n  x\n  y\n\n\nb: 1\n", file="p.yaml").get("a").span) == (1, 4, 3, 4)


def test_a_value_that_is_not_there_stands_after_its_colon():
    assert place(read_yaml("a:\nb: 1\n", file="p.yaml").get("a").span) == (1, 3, 1, 3)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(line_break):
    text = line_break.join(["a: 1", "", "b:", "  # comment", "  - c", "d: |", "  x", "e: 2", ""])
    root = read_yaml(text, file="p.yaml")
    assert [root.key_span(key).line for key in "abde"] == [1, 3, 6, 8]
    assert root.get("d").value == "x\n"
    assert root.key_span("e").source_line == "e: 2"


def test_columns_count_characters_and_no_byte_order_mark():
    root = read_yaml("\ufeff{画風: 1, b: 2}\n".encode(), file="p.yaml")
    assert place(root.key_span("b")) == (1, 9, 1, 10)


def test_two_mistakes_have_two_places():
    with pytest.raises(PolicyError) as caught:
        read_yaml("rules:\n  tag-frequency: {limit: .nan}\nname: acme/a\nname: acme/b\n", file="p.yaml")
    assert [(d.code, place(d.span)) for d in caught.value.diagnostics] == [
        ("policy-number", (2, 26, 2, 30)),
        ("policy-duplicate-key", (4, 1, 4, 5)),
    ]


# Nodes


def test_a_mapping_gives_nodes_by_key():
    root = read_yaml("a: 1\nb:\n", file="p.yaml")
    assert root.get("a").value == 1
    assert root.get("b").value is None
    assert root.get("c") is None
    assert "b" in root
    assert "c" not in root
    assert len(root) == 2
    with pytest.raises(KeyError):
        root.key_span("c")


def test_a_scalar_keeps_its_text_and_whether_it_was_quoted():
    root = read_yaml("a: 010\nb: '010'\n", file="p.yaml")
    a, b = root.get("a"), root.get("b")
    assert (a.value, a.raw, a.quoted) == (10, "010", False)
    assert (b.value, b.raw, b.quoted) == ("010", "010", True)


def test_the_three_kinds_of_nodes():
    root = read_yaml("a: [1]\n", file="p.yaml")
    assert isinstance(root, MappingNode)
    assert isinstance(root.get("a"), SequenceNode)
    assert isinstance(root.get("a").items[0], ScalarNode)


def test_nodes_hold_what_is_said_beside_a_mistake():
    problems = Problems()
    root = read_yaml(
        "a: 1\na: 2\nb: *.jpg\nc: !tag 3\nd: &x 4\ne: .inf\n<<: 5\n6: 7\n", file="p.yaml", problems=problems
    )
    assert to_data(root) == {"a": 1, "b": "*.jpg", "c": 3, "d": 4, "e": ".inf", "6": 7}
    assert [diagnostic.code for diagnostic in problems.diagnostics] == [
        "policy-duplicate-key",
        "policy-alias",
        "policy-tag",
        "policy-anchor",
        "policy-number",
        "policy-merge-key",
        "policy-key-not-text",
    ]


def test_a_mistake_that_ends_the_reading_is_raised_with_those_before_it():
    problems = Problems()
    with pytest.raises(PolicyError) as caught:
        read_yaml("a: 1\na: 2\nb: [\n", file="p.yaml", problems=problems)
    assert [d.code for d in caught.value.diagnostics] == ["policy-duplicate-key", "policy-unclosed-bracket"]
    assert problems.diagnostics == caught.value.diagnostics


# What can be read on after


def test_a_duplicate_key_names_both_places():
    assert refused("rules:\n  blurry-image: {limit: 1, limit: 2}\nname: acme/a\nrules: {}\n") == joined(
        "error[policy-duplicate-key]: the key 'limit' is given twice, first in line 2, column 18",
        " --> tagmetry.yaml:2:28",
        "  |",
        "2 |   blurry-image: {limit: 1, limit: 2}",
        "  |                            ^^^^^",
        "  = help: keep one of the two",
        "",
        "error[policy-duplicate-key]: the key 'rules' is given twice, first in line 1, column 1",
        " --> tagmetry.yaml:4:1",
        "  |",
        "4 | rules: {}",
        "  | ^^^^^",
        "  = help: keep one of the two",
    )


def test_a_key_in_quotes_is_the_same_key():
    assert refused('a: 1\n"a": 2\n') == joined(
        "error[policy-duplicate-key]: the key 'a' is given twice, first in line 1, column 1",
        " --> tagmetry.yaml:2:1",
        "  |",
        '2 | "a": 2',
        "  | ^^^",
        "  = help: keep one of the two",
    )


def test_a_tag_that_names_code_is_refused():
    assert refused("rules: !!python/object/apply:os.system ['true']\n") == joined(
        "error[policy-tag]: !!python/object/apply:os.system is a YAML tag; tags are not allowed",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | rules: !!python/object/apply:os.system ['true']",
        "  |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_a_tag_of_other_programs_is_refused():
    assert refused("rules: !include rules.yaml\n") == joined(
        "error[policy-tag]: !include is a YAML tag; tags are not allowed",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | rules: !include rules.yaml",
        "  |        ^^^^^^^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_a_tag_with_an_unknown_handle_is_refused():
    assert refused("rules: !e!x y\n") == joined(
        "error[policy-tag]: !e!x is a YAML tag; tags are not allowed",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | rules: !e!x y",
        "  |        ^^^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_a_tag_that_says_nothing_is_refused():
    assert refused("rules: ! y\n") == joined(
        "error[policy-tag]: ! is a YAML tag; tags are not allowed",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | rules: ! y",
        "  |        ^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_a_text_with_an_exclamation_mark_is_said_to_be_a_tag():
    assert refused("because: !important,\n") == joined(
        "error[policy-tag]: !important, is a YAML tag; tags are not allowed",
        " --> tagmetry.yaml:1:10",
        "  |",
        "1 | because: !important,",
        "  |          ^^^^^^^^^^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_a_tag_that_is_cut_off_is_refused():
    assert refused("rules: !<foo\n") == joined(
        "error[policy-tag]: '!' at the start makes this a YAML tag; tags are not allowed",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | rules: !<foo",
        "  |        ^^^^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_an_anchor_with_its_aliases_is_refused():
    assert refused("a: &x {b: 1}\nc: *x\n") == joined(
        "error[policy-anchor]: &x is a YAML anchor; anchors are not allowed",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: &x {b: 1}",
        "  |    ^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
        "",
        "error[policy-alias]: '*' at the start makes *x a YAML alias; aliases are not allowed",
        " --> tagmetry.yaml:2:4",
        "  |",
        "2 | c: *x",
        "  |    ^^",
        "  = help: write the values out, or share them between policies with extends",
    )


def test_a_text_that_begins_with_an_ampersand_needs_quotes():
    assert refused("a: &amp;\n") == joined(
        "error[policy-anchor]: '&' at the start makes this a YAML anchor; anchors are not allowed",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: &amp;",
        "  |    ^^^^^",
        "  = help: put the text in quotes",
    )


def test_a_glob_that_begins_with_a_star_needs_quotes():
    assert refused("match: {path: [*.jpg, **/*.png]}\n") == joined(
        "error[policy-alias]: '*' at the start makes *.jpg a YAML alias; aliases are not allowed",
        " --> tagmetry.yaml:1:16",
        "  |",
        "1 | match: {path: [*.jpg, **/*.png]}",
        "  |                ^^^^^",
        "  = help: put the text in quotes: '*.jpg'",
        "",
        "error[policy-alias]: '*' at the start makes **/*.png a YAML alias; aliases are not allowed",
        " --> tagmetry.yaml:1:23",
        "  |",
        "1 | match: {path: [*.jpg, **/*.png]}",
        "  |                       ^^^^^^^^",
        "  = help: put the text in quotes: '**/*.png'",
    )


def test_the_proposed_quotes_double_those_in_the_text():
    assert refused("a: *it's\n") == joined(
        "error[policy-alias]: '*' at the start makes *it's a YAML alias; aliases are not allowed",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: *it's",
        "  |    ^^^^^",
        "  = help: put the text in quotes: '*it''s'",
    )


def test_a_merge_key_is_refused():
    assert refused("a: &x {b: 1}\nc:\n  <<: *x\n") == joined(
        "error[policy-anchor]: &x is a YAML anchor; anchors are not allowed",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: &x {b: 1}",
        "  |    ^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
        "",
        "error[policy-merge-key]: '<<' is a YAML merge key; merge keys are not allowed",
        " --> tagmetry.yaml:3:3",
        "  |",
        "3 |   <<: *x",
        "  |   ^^",
        "  = help: write the values out, or share them between policies with extends",
        "",
        "error[policy-alias]: '*' at the start makes *x a YAML alias; aliases are not allowed",
        " --> tagmetry.yaml:3:7",
        "  |",
        "3 |   <<: *x",
        "  |       ^^",
        "  = help: write the values out, or share them between policies with extends",
    )


def test_keys_that_are_no_text_are_refused():
    assert refused("1: a\ntrue: b\n~: c\n.inf: d\n") == joined(
        "error[policy-key-not-text]: a key is a text, and this one is read as a number",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | 1: a",
        "  | ^",
        "  = help: put the text in quotes: '1'",
        "",
        "error[policy-key-not-text]: a key is a text, and this one is read as true or false",
        " --> tagmetry.yaml:2:1",
        "  |",
        "2 | true: b",
        "  | ^^^^",
        "  = help: put the text in quotes: 'true'",
        "",
        "error[policy-key-not-text]: a key is a text, and this one is read as null",
        " --> tagmetry.yaml:3:1",
        "  |",
        "3 | ~: c",
        "  | ^",
        "  = help: put the text in quotes: '~'",
        "",
        "error[policy-key-not-text]: a key is a text, and this one is read as a number",
        " --> tagmetry.yaml:4:1",
        "  |",
        "4 | .inf: d",
        "  | ^^^^",
        "  = help: put the text in quotes: '.inf'",
    )


def test_an_empty_key_in_braces_is_refused():
    assert refused("a: {: b}\n") == joined(
        "error[policy-missing-value]: a value is missing before this",
        " --> tagmetry.yaml:1:5",
        "  |",
        "1 | a: {: b}",
        "  |     ^^^^",
        "  = help: put a text that holds one of , : ? [ ] { } in quotes",
    )


def test_keys_that_are_lists_or_mappings_are_refused():
    assert refused("[a]: b\n{c: d}: e\n") == joined(
        "error[policy-key-not-text]: a key is a text, and this one is a list or a mapping",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | [a]: b",
        "  | ^^^",
        "  = help: put the text in quotes",
        "",
        "error[policy-key-not-text]: a key is a text, and this one is a list or a mapping",
        " --> tagmetry.yaml:2:1",
        "  |",
        "2 | {c: d}: e",
        "  | ^^^^^^",
        "  = help: put the text in quotes",
    )


def test_infinite_and_undefined_numbers_are_refused():
    assert refused("a: .inf\nb: -.Inf\nc: .nan\nd: 1e999\n") == joined(
        "error[policy-number]: .inf is not a finite number",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: .inf",
        "  |    ^^^^",
        "  = help: put it in quotes if it is meant as text",
        "",
        "error[policy-number]: -.Inf is not a finite number",
        " --> tagmetry.yaml:2:4",
        "  |",
        "2 | b: -.Inf",
        "  |    ^^^^^",
        "  = help: put it in quotes if it is meant as text",
        "",
        "error[policy-number]: .nan is not a finite number",
        " --> tagmetry.yaml:3:4",
        "  |",
        "3 | c: .nan",
        "  |    ^^^^",
        "  = help: put it in quotes if it is meant as text",
        "",
        "error[policy-number]: 1e999 is too large for a number",
        " --> tagmetry.yaml:4:4",
        "  |",
        "4 | d: 1e999",
        "  |    ^^^^^",
        "  = help: put it in quotes if it is meant as text",
    )


def test_a_key_in_braces_without_a_space_after_its_colon_is_refused():
    assert refused("rules: {limit:15, severity：error}\n") == joined(
        "error[policy-missing-colon]: the key 'limit:15' has no value",
        " --> tagmetry.yaml:1:9",
        "  |",
        "1 | rules: {limit:15, severity：error}",
        "  |         ^^^^^^^^",
        "  = help: put a space after ':'",
        "",
        "error[policy-missing-colon]: the key 'severity：error' has no value",
        " --> tagmetry.yaml:1:19",
        "  |",
        "1 | rules: {limit:15, severity：error}",
        "  |                   ^^^^^^^^^^^^^^^",
        "  = help: write an ordinary ':' and a space instead of '：'",
    )


def test_a_key_after_a_full_width_space_is_refused():
    assert refused("rules:\n\u3000\u3000limit: 1\n") == joined(
        "error[policy-space]: U+3000 stands here, which YAML does not read as a space",
        " --> tagmetry.yaml:2:1",
        "  |",
        "2 | \u3000\u3000limit: 1",
        "  | ^^^^^^^^^",
        "  = help: use ordinary spaces, or put the text in quotes",
    )


def test_a_value_after_a_no_break_space_is_refused():
    assert refused("limit: \xa015\n") == joined(
        "error[policy-space]: U+00A0 stands here, which YAML does not read as a space",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | limit: \xa015",
        "  |        ^^^",
        "  = help: use ordinary spaces, or put the text in quotes",
    )


def test_escapes_of_what_no_text_may_hold_are_refused():
    assert refused('a: "\\0"\nb: "\\ud800"\n') == joined(
        "error[policy-character]: the text holds the character U+0000, which is not allowed",
        " --> tagmetry.yaml:1:4",
        "  |",
        '1 | a: "\\0"',
        "  |    ^^^^",
        "",
        "error[policy-character]: the text holds the character U+D800, which is not allowed",
        " --> tagmetry.yaml:2:4",
        "  |",
        '2 | b: "\\ud800"',
        "  |    ^^^^^^^^",
    )


# Where reading ends


def test_an_empty_file_is_refused():
    assert refused("") == joined(
        "error[policy-empty]: the file is empty",
        " --> tagmetry.yaml:1:1",
        "  = help: a policy begins with: tagmetry: 1",
    )


def test_a_file_of_comments_is_refused():
    assert refused("# nothing\n") == joined(
        "error[policy-empty]: the file is empty",
        " --> tagmetry.yaml:1:1",
        "  = help: a policy begins with: tagmetry: 1",
    )


def test_an_empty_document_is_refused():
    assert refused("---\n") == joined(
        "error[policy-empty]: the file is empty",
        " --> tagmetry.yaml:1:1",
        "  = help: a policy begins with: tagmetry: 1",
    )


def test_a_list_is_no_policy():
    assert refused("- a\n") == joined(
        "error[policy-root]: the file must be a mapping of keys to values, and this is a list",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | - a",
        "  | ^^^",
    )


def test_a_text_is_no_policy():
    assert refused("tagmetry\n") == joined(
        "error[policy-root]: the file must be a mapping of keys to values, and this is a single value",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | tagmetry",
        "  | ^^^^^^^^",
    )


def test_a_first_key_without_a_space_after_its_colon_is_told():
    assert refused("tagmetry:1\n") == joined(
        "error[policy-root]: the file must be a mapping of keys to values, and this is a single value",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | tagmetry:1",
        "  | ^^^^^^^^^^",
        "  = help: put a space after ':'",
    )


def test_a_second_document_is_refused():
    assert refused("a: 1\n---\nb: 2\n") == joined(
        "error[policy-several-documents]: a file holds a single YAML document, and another one begins here",
        " --> tagmetry.yaml:2:1",
        "  |",
        "2 | ---",
        "  | ^^^",
        "  = help: put it into a file of its own, and name that under extends",
    )


def test_an_empty_second_document_is_refused():
    assert refused("a: 1\n---\n") == joined(
        "error[policy-several-documents]: a file holds a single YAML document, and another one begins here",
        " --> tagmetry.yaml:2:1",
        "  |",
        "2 | ---",
        "  | ^^^",
        "  = help: put it into a file of its own, and name that under extends",
    )


def test_what_follows_the_end_of_the_document_is_refused():
    assert refused("a: 1\n...\nb: 2\n") == joined(
        "error[policy-several-documents]: '...' ends the YAML document, and this stands after it",
        " --> tagmetry.yaml:3:1",
        "  |",
        "3 | b: 2",
        "  | ^^^^",
        "  = help: remove the line with '...'",
    )


def test_a_second_end_of_the_document_is_refused():
    assert refused("a: 1\n...\n...\n") == joined(
        "error[policy-several-documents]: a file holds a single YAML document, and another one begins here",
        " --> tagmetry.yaml:3:1",
        "  |",
        "3 | ...",
        "  | ^^^",
        "  = help: put it into a file of its own, and name that under extends",
    )


def test_directives_are_refused():
    assert refused("%TAG ! tag:example.com,2000:\n---\na: 1\n") == joined(
        "error[policy-directive]: '%' at the start of a line makes it a YAML directive; directives are not allowed",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | %TAG ! tag:example.com,2000:",
        "  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_the_yaml_version_with_other_scalars_is_refused():
    assert refused("%YAML 1.1\n---\na: 1\n") == joined(
        "error[policy-directive]: '%' at the start of a line makes it a YAML directive; directives are not allowed",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | %YAML 1.1",
        "  | ^^^^^^^^^",
        "  = help: remove it, or put the text in quotes if it is meant as text",
    )


def test_a_tab_as_indentation_is_refused():
    assert refused("rules:\n\tlimit: 1\n") == joined(
        "error[policy-tab]: a tab stands here, and YAML takes only spaces",
        " --> tagmetry.yaml:2:1",
        "  |",
        "2 | \\tlimit: 1",
        "  | ^^",
        "  = help: replace the tab by spaces, or put the text in quotes",
    )


def test_a_tab_before_a_value_is_refused():
    assert refused("limit:\t1\n") == joined(
        "error[policy-tab]: a tab stands here, and YAML takes only spaces",
        " --> tagmetry.yaml:1:7",
        "  |",
        "1 | limit:\\t1",
        "  |       ^^",
        "  = help: replace the tab by spaces, or put the text in quotes",
    )


def test_a_nul_character_is_refused():
    assert refused(b"a: \x00\n") == joined(
        "error[policy-encoding]: the file holds NUL characters, so it is no text in UTF-8",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: \\x00",
        "  |    ^^^^",
        "  = help: save the file as UTF-8",
    )


def test_utf_16_with_a_byte_order_mark_is_refused():
    assert refused("a: 1".encode("utf-16")) == joined(
        "error[policy-encoding]: the file is UTF-16 or UTF-32, not UTF-8",
        " --> tagmetry.yaml:1:1",
        "  = help: save the file as UTF-8",
    )


def test_utf_16_without_a_byte_order_mark_is_refused():
    assert refused("a: 1".encode("utf-16-le")) == joined(
        "error[policy-encoding]: the file holds NUL characters, so it is no text in UTF-8",
        " --> tagmetry.yaml:1:2",
        "  |",
        "1 | a\\x00:\\x00 \\x001\\x00",
        "  |  ^^^^",
        "  = help: save the file as UTF-8",
    )


def test_bytes_of_another_encoding_are_refused():
    assert refused("a: 1\nb: 画面\n".encode("cp932")) == joined(
        "error[policy-encoding]: the byte 0x89 is not UTF-8",
        " --> tagmetry.yaml:2:4",
        "  |",
        "2 | b: \\x89\\xe6\\x96\\xca",
        "  |    ^^^^",
        "  = help: save the file as UTF-8",
    )


def test_binary_data_is_refused():
    assert refused(b"\x89PNG\r\n\x1a\n") == joined(
        "error[policy-encoding]: the byte 0x89 is not UTF-8",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | \\x89PNG",
        "  | ^^^^",
        "  = help: save the file as UTF-8",
    )


def test_control_characters_are_refused():
    assert refused("a: \x1b[31m\n") == joined(
        "error[policy-character]: the character U+001B is not allowed",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: \\x1b[31m",
        "  |    ^^^^",
        "  = help: remove it, or write it as an escape in double quotes",
    )


def test_line_breaks_that_only_yaml_counts_are_refused():
    assert refused("a: b\u2028c\n") == joined(
        "error[policy-character]: the character U+2028 is not allowed",
        " --> tagmetry.yaml:1:5",
        "  |",
        "1 | a: b\\u2028c",
        "  |     ^^^^^^",
        "  = help: remove it, or write it as an escape in double quotes",
    )


def test_a_byte_order_mark_inside_is_refused():
    assert refused("a: 1\n\ufeffb: 2\n") == joined(
        "error[policy-character]: the character U+FEFF is not allowed",
        " --> tagmetry.yaml:2:1",
        "  |",
        "2 | \\ufeffb: 2",
        "  | ^^^^^^",
        "  = help: remove it, or write it as an escape in double quotes",
    )


def test_half_of_a_surrogate_pair_is_refused():
    assert refused("a: \ud800\n") == joined(
        "error[policy-character]: the character U+D800 is not allowed",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: \\ud800",
        "  |    ^^^^^^",
        "  = help: remove it, or write it as an escape in double quotes",
    )


def test_a_line_without_a_colon_is_named_itself():
    assert refused("rules:\n  blurry-image\n  tag-frequency: off\n") == joined(
        "error[policy-missing-colon]: a key with ':' and a space after it is expected here",
        " --> tagmetry.yaml:2:3",
        "  |",
        "2 |   blurry-image",
        "  |   ^^^^^^^^^^^^",
        "  = help: write it as key: value; indent a line that continues a text",
    )


def test_a_last_line_without_a_colon_is_named():
    assert refused("rules:\n  tag-frequency: off\n  blurry-image\n") == joined(
        "error[policy-missing-colon]: a key with ':' and a space after it is expected here",
        " --> tagmetry.yaml:3:3",
        "  |",
        "3 |   blurry-image",
        "  |   ^^^^^^^^^^^^",
        "  = help: write it as key: value; indent a line that continues a text",
    )


def test_a_colon_in_a_comment_is_no_missing_one():
    assert refused("rules:\n  blurry-image  # see https://example.com\n  tag-frequency: off\n").endswith(
        "  = help: write it as key: value; indent a line that continues a text"
    )


def test_a_list_entry_without_a_colon_is_named_if_a_key_follows_below_it():
    assert refused("steps:\n- light\n  when: x\n") == joined(
        "error[policy-missing-colon]: a key with ':' and a space after it is expected here",
        " --> tagmetry.yaml:2:3",
        "  |",
        "2 | - light",
        "  |   ^^^^^",
        "  = help: write it as key: value; indent a line that continues a text",
    )


def test_a_key_below_a_list_entry_in_another_column_is_named_itself():
    assert refused("extends:\n- sdxl\n name: a\n") == joined(
        "error[policy-indentation]: this line continues the text of line 2, since it begins further right",
        " --> tagmetry.yaml:3:2",
        "  |",
        "3 |  name: a",
        "  |  ^^^^^^^",
        "  = help: begin a key in the same column as its neighbours; put a text that holds ': ' in quotes",
    )


def test_a_full_width_colon_is_named():
    assert refused("rules:\n  blurry-image：off\n  tag-frequency: off\n") == joined(
        "error[policy-missing-colon]: a key with ':' and a space after it is expected here",
        " --> tagmetry.yaml:2:3",
        "  |",
        "2 |   blurry-image：off",
        "  |   ^^^^^^^^^^^^^^^^^",
        "  = help: write an ordinary ':' and a space instead of '：'",
    )


def test_a_full_width_space_after_a_colon_is_named():
    assert refused("rules:\n  limit:\u300015\n  severity: error\n") == joined(
        "error[policy-missing-colon]: a key with ':' and a space after it is expected here",
        " --> tagmetry.yaml:2:3",
        "  |",
        "2 |   limit:\u300015",
        "  |   ^^^^^^^^^^",
        "  = help: after ':' write an ordinary space instead of U+3000",
    )


def test_a_missing_space_after_a_colon_is_named():
    assert refused("rules:\n  limit:15\n  severity: error\n") == joined(
        "error[policy-missing-colon]: a key with ':' and a space after it is expected here",
        " --> tagmetry.yaml:2:3",
        "  |",
        "2 |   limit:15",
        "  |   ^^^^^^^^",
        "  = help: put a space after ':'",
    )


def test_a_colon_in_a_text_needs_quotes():
    assert refused("because: note: soft\n") == joined(
        "error[policy-unexpected-colon]: ':' is not expected here",
        " --> tagmetry.yaml:1:14",
        "  |",
        "1 | because: note: soft",
        "  |              ^",
        "  = help: put a text that holds ': ' in quotes",
    )


def test_a_line_that_begins_further_right_is_named():
    assert refused("rules:\n  limit: 1\n   severity: error\n") == joined(
        "error[policy-indentation]: this line continues the text of line 2, since it begins further right",
        " --> tagmetry.yaml:3:4",
        "  |",
        "3 |    severity: error",
        "  |    ^^^^^^^^^^^^^^^",
        "  = help: begin a key in the same column as its neighbours; put a text that holds ': ' in quotes",
    )


def test_a_line_that_begins_further_left_is_named():
    assert refused("rules:\n  limit: 1\n severity: error\n") == joined(
        "error[policy-indentation]: this line begins in a column that fits none of the lines above",
        " --> tagmetry.yaml:3:2",
        "  |",
        "3 |  severity: error",
        "  |  ^^^^^^^^^^^^^^^",
        "  = help: begin the keys of a mapping, and the '-' of a list, all in the same column",
    )


def test_a_list_in_the_line_of_its_key_is_named():
    assert refused("extends: - tagmetry:sdxl\n") == joined(
        "error[policy-indentation]: an entry of a list cannot begin here",
        " --> tagmetry.yaml:1:10",
        "  |",
        "1 | extends: - tagmetry:sdxl",
        "  |          ^^^^^^^^^^^^^^^",
        "  = help: begin each '-' on a line of its own, or put the text in quotes",
    )


def test_a_comparison_is_not_a_text_block():
    assert refused("when: > 3\n") == joined(
        "error[policy-text-block]: '|' and '>' begin a text on the lines below, so nothing can follow in this line",
        " --> tagmetry.yaml:1:7",
        "  |",
        "1 | when: > 3",
        "  |       ^^^",
        "  = help: put the whole text in quotes if it is one text",
    )


def test_a_comparison_in_braces_needs_quotes():
    assert refused("a: {when: > 3}\n") == joined(
        "error[policy-quote-needed]: a text without quotes cannot begin with '>'",
        " --> tagmetry.yaml:1:11",
        "  |",
        "1 | a: {when: > 3}",
        "  |           ^^^^",
        "  = help: put the whole text in quotes if it is one text",
    )


def test_a_text_that_begins_with_a_reserved_character_needs_quotes():
    assert refused("a: @foo\n") == joined(
        "error[policy-quote-needed]: a text without quotes cannot begin with '@'",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: @foo",
        "  |    ^^^^",
        "  = help: put the whole text in quotes if it is one text",
    )


def test_a_text_that_begins_with_a_comma_needs_quotes():
    assert refused("a: ,b\n") == joined(
        "error[policy-quote-needed]: a text without quotes cannot begin with ','",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: ,b",
        "  |    ^^",
        "  = help: put the whole text in quotes if it is one text",
    )


def test_a_quote_that_is_never_closed_is_named():
    assert refused('a: "foo\nb: 1\n') == joined(
        "error[policy-unclosed-quote]: this quote is never closed",
        " --> tagmetry.yaml:1:4",
        "  |",
        '1 | a: "foo',
        "  |    ^^^^",
    )


def test_a_quote_inside_quotes_is_named():
    assert refused("because: 'it's soft'\n") == joined(
        "error[policy-syntax]: the quoted text ends before this",
        " --> tagmetry.yaml:1:14",
        "  |",
        "1 | because: 'it's soft'",
        "  |              ^^^^^^^",
        "  = help: a quote inside a quoted text is written '' or \\\"",
    )


def test_a_text_after_a_quoted_one_is_named():
    assert refused('because: "soft" on purpose\n') == joined(
        "error[policy-syntax]: this cannot follow what stands before it in the line",
        " --> tagmetry.yaml:1:17",
        "  |",
        '1 | because: "soft" on purpose',
        "  |                 ^^^^^^^^^^",
        "  = help: put the whole text in quotes if it is one text",
    )


def test_a_pattern_in_double_quotes_is_named():
    assert refused('pattern: "\\d+"\n') == joined(
        "error[policy-escape]: double quotes know no escape \\d",
        " --> tagmetry.yaml:1:11",
        "  |",
        '1 | pattern: "\\d+"',
        "  |           ^^",
        "  = help: use single quotes, in which a backslash is just a backslash",
    )


def test_an_escape_that_is_cut_off_is_named():
    assert refused('a: "\\x1"\n') == joined(
        "error[policy-escape]: the escape \\x is cut off, or names no character",
        " --> tagmetry.yaml:1:5",
        "  |",
        '1 | a: "\\x1"',
        "  |     ^^",
        "  = help: use single quotes, in which a backslash is just a backslash",
    )


def test_an_escape_of_no_character_is_named():
    assert refused('a: "\\U00110000"\n') == joined(
        "error[policy-escape]: the escape \\U is cut off, or names no character",
        " --> tagmetry.yaml:1:5",
        "  |",
        '1 | a: "\\U00110000"',
        "  |     ^^",
        "  = help: use single quotes, in which a backslash is just a backslash",
    )


def test_a_bracket_that_is_never_closed_is_named():
    assert refused("a: [b,\n") == joined(
        "error[policy-unclosed-bracket]: this bracket is never closed",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: [b,",
        "  |    ^^^",
    )


def test_a_bracket_that_is_closed_too_late_is_named():
    assert refused("extends: [tagmetry:sdxl\nname: acme/a\n") == joined(
        "error[policy-missing-comma]: ',' or ']' is missing before this, in the list that begins in line 1",
        " --> tagmetry.yaml:2:5",
        "  |",
        "2 | name: acme/a",
        "  |     ^^^^^^^^",
        "  = help: close the bracket of line 1, or put a comma between its entries",
    )


def test_a_brace_that_is_closed_too_late_is_named():
    assert refused("a: {b: c\nd: e}\n") == joined(
        "error[policy-missing-comma]: ',' or '}' is missing before this, in the mapping that begins in line 1",
        " --> tagmetry.yaml:2:2",
        "  |",
        "2 | d: e}",
        "  |  ^^^^",
        "  = help: close the bracket of line 1, or put a comma between its entries",
    )


def test_a_question_mark_in_a_list_needs_quotes():
    assert refused("a: [what?]\n") == joined(
        "error[policy-missing-comma]: ',' or ']' is missing before this, in the list that begins in line 1",
        " --> tagmetry.yaml:1:9",
        "  |",
        "1 | a: [what?]",
        "  |         ^^",
        "  = help: put a text that holds one of , : ? [ ] { } in quotes",
    )


def test_a_value_that_is_missing_in_a_list_is_named():
    assert refused("a: [b, , c]\n") == joined(
        "error[policy-missing-value]: a value is missing before this",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | a: [b, , c]",
        "  |        ^^^^",
        "  = help: put a text that holds one of , : ? [ ] { } in quotes",
    )


def test_a_key_that_is_missing_is_named():
    assert refused("a:\n  : b\n") == joined(
        "error[policy-missing-key]: a key is missing before this",
        " --> tagmetry.yaml:2:3",
        "  |",
        "2 |   : b",
        "  |   ^^^",
        "  = help: put the whole text in quotes if it is one text",
    )


def test_a_bracket_too_many_is_named():
    assert refused("a: [b]]\n") == joined(
        "error[policy-syntax]: this cannot follow what stands before it in the line",
        " --> tagmetry.yaml:1:7",
        "  |",
        "1 | a: [b]]",
        "  |       ^",
        "  = help: put the whole text in quotes if it is one text",
    )


# Limits


def test_a_file_of_the_largest_size_is_read():
    assert data("#" * (1_048_576 - 5) + "\na: 1") == {"a": 1}


@pytest.mark.parametrize("content", ["#" * 1_048_577, b"#" * 1_048_577, "画" * 349_526])
def test_a_larger_file_is_refused(content):
    assert refused(content) == "error[policy-too-large]: tagmetry.yaml is larger than 1.0 MB"


def test_lists_and_mappings_may_be_fifty_deep():
    assert codes("a: " + "[" * 50 + "]" * 50) == ["policy-too-deep"]
    assert data("a: " + "[" * 49 + "]" * 49)["a"] != []


def test_the_place_of_too_deep_a_list_is_named():
    assert refused("a: [[]]", depth=2) == joined(
        "error[policy-too-deep]: lists and mappings are nested more than 2 deep",
        " --> tagmetry.yaml:1:5",
        "  |",
        "1 | a: [[]]",
        "  |     ^",
    )


@pytest.mark.parametrize(
    ("accepted", "too_deep"),
    [
        ("a:\n  b: 1", "a:\n  b:\n    c: 1"),
        ("a:\n- 1", "a:\n- - 1"),
        ("a: [1]", "a: [b: 1]"),
        ("a: {b: 1}", "a: {b: {c: 1}}"),
        ("a: [1]", "a:\n- b: 1"),
        ("? a\n: b", "? [[1]]\n: b"),
    ],
)
def test_every_way_of_nesting_counts(accepted, too_deep):
    read_yaml(accepted, file="p.yaml", limits=Limits(depth=2))
    assert codes(too_deep, depth=2)[-1] == "policy-too-deep"


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "{" * 100_000, "- " * 100_000, "? " * 100_000])
def test_brackets_are_refused_before_the_look_ahead_reaches_them_all(text):
    problems = Problems()
    limits = Limits()
    events = Events(Source(text, "p.yaml"), limits=limits, mistakes=Mistakes(problems, most=1))
    with pytest.raises(Unreadable):
        while events.check_event():
            events.get_event()
    assert [diagnostic.code for diagnostic in problems.diagnostics] == ["policy-too-deep"]
    assert events.offset < 200


def test_keys_and_values_are_counted():
    # One mapping, one key, one list and its entries.
    assert data("a: [" + "b, " * 97 + "]")["a"] == ["b"] * 97
    assert codes("a: [" + "b, " * 98 + "]", nodes=100) == ["policy-too-many-values"]
    read_yaml("a: [" + "b, " * 97 + "]", file="p.yaml", limits=Limits(nodes=100))


def test_the_value_that_is_too_many_is_named():
    assert refused("a: [b, c]", nodes=4) == joined(
        "error[policy-too-many-values]: the file has more than 4 keys and values",
        " --> tagmetry.yaml:1:8",
        "  |",
        "1 | a: [b, c]",
        "  |        ^",
    )


@pytest.mark.parametrize(
    "form", ["a: {}", "a: '{}'", 'a: "{}"', "a: |\n  {}", "a: >\n  {}", "{}: a", "a: &{} b", "a: !{} b", "a:\n  {}"]
)
def test_a_text_that_is_too_long_is_refused_while_it_is_scanned(form):
    text = form.format("x" * 1_000_000)
    problems = Problems()
    events = Events(Source(text, "p.yaml"), limits=Limits(), mistakes=Mistakes(problems, most=1))
    with pytest.raises(Unreadable):
        while events.check_event():
            events.get_event()
    assert [diagnostic.code for diagnostic in problems.diagnostics] == ["policy-text-too-long"]
    assert events.offset < 100


def test_a_text_of_the_greatest_length_is_read():
    assert data(f"a: {'x' * 65_536}\n")["a"] == "x" * 65_536
    assert data(f"a: '{'x ' * 32_767}'\n")["a"] == "x " * 32_767
    assert codes(f"a: {'x' * 65_537}\n") == ["policy-text-too-long"]
    assert codes(f"a: '{'x ' * 32_767}y'\n") == ["policy-text-too-long"]


def test_the_text_that_is_too_long_is_named():
    assert refused("a: 'b c d'", text_characters=5) == joined(
        "error[policy-text-too-long]: this text is longer than 5 characters",
        " --> tagmetry.yaml:1:4",
        "  |",
        "1 | a: 'b c d'",
        "  |    ^^^^^^^",
    )


def test_comments_and_blank_lines_are_no_texts():
    assert data("a: 1\n" + "# comment\n" * 50_000 + "\n" * 100_000 + "b: 2") == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("longest", "value"),
    [
        ("1" * 400, int("1" * 400)),
        ("-" + "1" * 399, -int("1" * 399)),
        ("0x" + "f" * 398, 16**398 - 1),
        ("0." + "3" * 398, 1 / 3),
    ],
)
def test_a_number_has_at_most_four_hundred_characters(longest, value):
    assert data(f"a: {longest}\n")["a"] == value
    assert refused(f"a: {longest}1  # comment\n").startswith(
        "error[policy-number]: the number is longer than 400 characters\n --> tagmetry.yaml:1:4\n"
    )
    assert refused(f"{longest}1: a\n").startswith(
        "error[policy-key-not-text]: a key is a text, and this one is read as a number\n --> tagmetry.yaml:1:1\n"
    )


def test_a_long_number_in_quotes_is_text():
    assert data(f"a: '{'1' * 5000}'\n") == {"a": "1" * 5000}


def test_after_twenty_mistakes_the_rest_is_not_read():
    found = codes("a: 1\n" * 20)
    assert found == ["policy-duplicate-key"] * 19
    found = codes("a: 1\n" * 100_000)
    assert found == ["policy-duplicate-key"] * 20 + ["policy-too-many-problems"]


@pytest.mark.parametrize("entry", ["&a{} x", "*a{}", "!a{} x"])
def test_bombs_of_anchors_aliases_and_tags_are_refused_at_the_first_few(entry):
    text = "a: [" + ", ".join(entry.format(i) for i in range(30_000)) + "]"
    problems = Problems()
    events = Events(Source(text, "p.yaml"), limits=Limits(), mistakes=Mistakes(problems, most=20))
    with pytest.raises(Unreadable):
        while events.check_event():
            events.get_event()
    assert problems.diagnostics[-1].code == "policy-too-many-problems"
    assert events.offset < 300


def test_a_billion_laughs_are_twenty_one_problems():
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    assert len(codes("\n".join(lines))) == 21


def test_a_merge_bomb_is_refused():
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}" for i in range(1, 9)]
    assert codes("\n".join(lines))[-1] == "policy-too-many-problems"


# Whatever comes

FRAGMENTS = (*string.printable, "\n  ", "- ", "? ", "b: ", ": ", ", ", "# ", "&x ", "*x", "!!str ", "!e!", "| ", ">-")
FRAGMENTS += ("%YAML 1.2", "---\n", "...\n", "\r\n", "\\x", "\\U00110000", "\\ud800", "<<: ", ".inf", "1e999", "0x")
FRAGMENTS += ("～", "：", "\u3000", "日本", "\u200d", "\0", "\x85", "\u2028", "\ufeff", "\ud800", "😀")
YAML_LIKE = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)


def only_a_policy_error(content):
    try:
        to_data(read_yaml(content, file="p.yaml"))
    except PolicyError as error:
        assert error.diagnostics
        assert str(error).startswith("error[policy-")
        json.dumps([diagnostic.as_data() for diagnostic in error.diagnostics])


@given(YAML_LIKE)
def test_whatever_the_text_only_a_policy_error_is_raised(text):
    only_a_policy_error(text)
    only_a_policy_error(text.encode("utf-8", "surrogatepass"))


@given(st.one_of(st.text(), st.binary()))
def test_whatever_the_content_only_a_policy_error_is_raised(content):
    only_a_policy_error(content)


# What no text may hold, and the one control character that JSON does not write as an escape.
WORDS = st.text(st.characters(exclude_characters="\0\x7f", exclude_categories=("Cs",)), max_size=40)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=20,
)


@given(st.dictionaries(WORDS, VALUES, max_size=5), st.sampled_from([None, 2]))
def test_json_is_read_as_json(values, indent):
    read = data(json.dumps(values, indent=indent))
    assert read == values
    assert json.dumps(read) == json.dumps(values)


def events_of(stream):
    try:
        for event in stream:
            start, end = event.start_mark, event.end_mark
            place = (start.index, start.line, start.column, end.index, end.line, end.column)
            yield (type(event).__name__, getattr(event, "value", None), *place)
    except (yaml.YAMLError, ValueError) as error:
        yield type(error).__name__


def own_events(text):
    events = Events(Source(text, "p.yaml"), limits=Limits(), mistakes=Mistakes(Problems(), most=1))
    while events.check_event():
        yield events.get_event()


@given(
    st.lists(st.sampled_from([*"ab1 :-?[]{},\"'#|>\\\n", ": ", "- ", "\n  ", "\r\n", "\r", "画"]), max_size=40).map(
        "".join
    )
)
def test_events_and_their_marks_are_those_of_pyyaml(text):
    assert list(events_of(own_events(text))) == list(events_of(yaml.parse(text, Loader=yaml.SafeLoader)))


# Files


def unread(path, **arguments):
    with pytest.raises(PolicyError) as caught:
        read_policy_file(path, **arguments)
    return str(caught.value)


def test_a_file_is_read_as_bytes(tmp_path):
    path = tmp_path / "tagmetry.yaml"
    path.write_bytes(b"a: 1\r\n\x1a")
    assert read_policy_file(path) == b"a: 1\r\n\x1a"


def test_a_file_under_another_name_is_read(tmp_path):
    (tmp_path / "house.yaml").write_bytes(b"a: 1\n")
    link = tmp_path / "画風.yaml"
    try:
        link.symlink_to("house.yaml")
    except OSError:
        pytest.skip("this user may not make links")
    assert read_policy_file(link) == b"a: 1\n"


def test_a_file_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "tagmetry.yaml"
    assert unread(path) == f"error[policy-not-found]: there is no file {path}"
    assert unread(path, shown="tagmetry.yaml") == "error[policy-not-found]: there is no file tagmetry.yaml"


def test_the_place_that_names_a_file_is_shown(tmp_path):
    named_at = read_yaml("tagmetry: 1\nextends: [house.yaml]\n", file="tagmetry.yaml").get("extends").items[0].span
    assert unread(tmp_path / "house.yaml", shown="house.yaml", named_at=named_at) == joined(
        "error[policy-not-found]: there is no file house.yaml",
        " --> tagmetry.yaml:2:11",
        "  |",
        "2 | extends: [house.yaml]",
        "  |           ^^^^^^^^^^",
    )


def test_a_file_below_a_file_is_not_there(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    assert unread(tmp_path / "a" / "b", shown="a/b") == "error[policy-not-found]: there is no file a/b"


def test_a_name_that_no_file_can_have_is_named():
    assert unread(Path("a\0b"), shown="a\0b") == "error[policy-not-found]: a\\x00b cannot be the name of a file"


def test_a_folder_is_no_policy_file(tmp_path):
    assert unread(tmp_path, shown="house/") == joined(
        "error[policy-is-folder]: house/ is a folder, not a policy file",
        "  = help: name the file in it, for example house/tagmetry.yaml",
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert unread(tmp_path / "pipe", shown="pipe") == (
        "error[policy-not-a-file]: pipe is not a regular file (but a pipe, a socket or a device)"
    )


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no device files")
def test_a_device_is_refused():
    assert unread(Path("/dev/zero")).startswith("error[policy-not-a-file]: /dev/zero is not a regular file")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system has no permission bits")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    path = tmp_path / "tagmetry.yaml"
    path.write_bytes(b"a: 1\n")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        assert unread(path, shown="p.yaml") == "error[policy-no-permission]: this user may not read p.yaml"
    finally:
        os.seteuid(user)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another limit and another reason")
def test_any_other_reason_of_the_system_is_passed_on():
    said = unread(Path("a" * 300), shown="a")
    assert said.startswith("error[policy-unreadable]: a cannot be read: ")


def test_a_file_may_have_the_largest_size_and_no_more(tmp_path):
    path = tmp_path / "tagmetry.yaml"
    path.write_bytes(b"#" * 100)
    assert len(read_policy_file(path, limits=Limits(size_bytes=100))) == 100
    assert unread(path, shown="p.yaml", limits=Limits(size_bytes=99)) == (
        "error[policy-too-large]: p.yaml is larger than 99 B"
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no files of unknown size")
def test_a_file_of_unknown_size_is_read_up_to_the_limit():
    assert read_policy_file(Path("/proc/self/status")).startswith(b"Name:")
    assert unread(Path("/proc/self/status"), shown="s", limits=Limits(size_bytes=9)) == (
        "error[policy-too-large]: s is larger than 9 B"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"tagmetry: 1\n",
        codecs.BOM_UTF8 + b"tagmetry: 1\n",
        b"# comment\r\n\r\ntagmetry : 1\r\n",
        b'{"tagmetry": 1}',
        b"---\n'tagmetry': 1\n",
        b"a: [\ntagmetry: 1",
    ],
)
def test_a_policy_declares_itself(content):
    assert declares_policy(content)


@pytest.mark.parametrize("content", [b"", b"root:x:0:0\n", b"# tagmetry: 1\n", b"name: tagmetry: 1\n", b"\xff\0"])
def test_another_file_declares_nothing(content):
    assert not declares_policy(content)


# The quick way for data files


@pytest.mark.parametrize(
    "content",
    [
        "a: [x, 'yes', no, 1.5, 0x1F, ~]\nb:\n  c: {d: off, e: \"q\"}\n  f: |\n    text\n    more\n",
        "\ufeffa: 長い髪\n",
        "%YAML 1.2\n---\na: 1\n...\n",
        "a: []\n# the end\n",
    ],
)
def test_data_are_those_of_the_careful_reader(content):
    assert read_data(content, file="tagmetry.yaml") == data(content)


@pytest.mark.parametrize(
    "content",
    [
        "a: 1\na: 2\n",
        "a: &b [x]\nc: *b\n",
        "a: !!python/none x\n",
        "a: !x y\n",
        "1: x\n",
        "? [a]\n: b\n",
        "<<: {a: b}\n",
        "a: .inf\n",
        "a: [b\n",
        "a: b\n---\nc: d\n",
        "- a\n",
        "",
        'a: "\\0"\n',
        "a: \x1b\n",
        "a: " + "[" * 60 + "]" * 60 + "\n",
        "a: '" + "x" * 70_000 + "'\n",
        "a: [" + "x," * 100_001 + "]\n",
    ],
)
def test_what_is_wrong_with_data_is_said_by_the_careful_reader(content):
    with pytest.raises(PolicyError) as quick:
        read_data(content, file="tagmetry.yaml")
    assert str(quick.value) == refused(content)


def test_data_are_read_without_libyaml_too(monkeypatch):
    monkeypatch.setattr(yaml_reader, "_LIBYAML", None)
    assert read_data("a: [x, off]\n", file="tagmetry.yaml") == {"a": ["x", "off"]}
