"""Path patterns: what they match, against a slow reference, and in linear time."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quickness import answers_within
from tagmetry.globs import LONGEST_PATTERN, GlobError, compiled, matches, matches_any


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("reg/**", "reg/a.png"),
        ("reg/**", "reg/deep/er/a.png"),
        ("**", "a.png"),
        ("**", "a/b/c.png"),
        ("**/a.png", "a.png"),
        ("**/a.png", "x/y/a.png"),
        ("train/**/a.png", "train/a.png"),
        ("train/**/a.png", "train/x/y/a.png"),
        ("*.png", "a.png"),
        ("*", "a.png"),
        ("a*", "a"),
        ("?.png", "é.png"),
        ("?.png", "😀.png"),
        ("[abc].png", "b.png"),
        ("[a-c].png", "b.png"),
        ("[!a-c].png", "d.png"),
        ("[^a-c].png", "d.png"),
        ("[]a].png", "].png"),
        ("[!]a].png", "b.png"),
        ("[a-].png", "-.png"),
        ("[-a].png", "-.png"),
        ("[.-0].png", "..png"),
        ("[.-0].png", "0.png"),
        ("[あ-ん].png", "き.png"),
        ("[", "["),
        ("[a", "[a"),
        ("[]", "[]"),
        ("[!]", "[!]"),
        ("a.b+c(d)|$^{}", "a.b+c(d)|$^{}"),
        ("./reg/*.png", "reg/a.png"),
        ("reg\\*.png", "reg/a.png"),
        ("a**b", "axxb"),
        ("a**", "abc"),
        ("line\nbreak*", "line\nbreak\n.png"),
        ("*", "\n"),
    ],
)
def test_it_matches(pattern, path):
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("reg/**", "reg"),
        ("reg/**", "regular/a.png"),
        ("reg/**", "x/reg/a.png"),
        ("*.png", "x/a.png"),
        ("*", "x/a.png"),
        ("?.png", "ab.png"),
        ("?", "/"),
        ("a?b", "a/b"),
        ("[!a]", "/"),
        ("x[!a]y", "x/y"),
        ("x[.-0]y", "x/y"),
        ("x[/]y", "x/y"),
        ("[!]a].png", "].png"),
        ("[abc].png", "B.png"),
        ("*.PNG", "a.png"),
        ("a**b", "a/b"),
        ("a**", "a/b"),
        ("**a", "x/a"),
        ("a.png", "aXpng"),
        ("a.png", "a.png\n"),
    ],
)
def test_it_does_not_match(pattern, path):
    assert not matches(pattern, path)


def test_composed_and_decomposed_names_are_one():
    composed, decomposed = "がぞう/é.png", unicodedata.normalize("NFD", "がぞう/é.png")
    assert composed != decomposed
    assert matches("がぞう/*", decomposed)
    assert matches(unicodedata.normalize("NFD", "がぞう/?.png"), composed)


def test_names_that_are_no_utf8_are_matched_like_any_other():
    name = b"reg/caf\xe9.png".decode("utf-8", errors="surrogateescape")
    assert matches("reg/*", name)
    assert matches("reg/caf?.png", name)
    assert matches(name, name)
    assert not matches("reg/caf\udce8.png", name)
    assert matches_any(["*.png", "reg/**"], name)


def test_any_of_several_patterns_is_enough():
    assert matches_any(["a/*", "b/*"], "b/x")
    assert not matches_any(["a/*", "b/*"], "c/x")
    assert not matches_any([], "c/x")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "a pattern has 1 to 1,000 characters"),
        ("a" * (LONGEST_PATTERN + 1), "a pattern has 1 to 1,000 characters"),
        ("[z-a]", "[z-a] runs backwards"),
        ("x[!\u202e-a]", "[\\u202e-a] runs backwards"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_in_words(pattern, reason):
    with pytest.raises(GlobError) as refused:
        compiled(pattern)
    assert refused.value.text.english() == str(refused.value) == reason


def test_the_longest_patterns_are_read():
    for part in ("a", "*", "?", "[!a]", "**/", "[a-z]", "é"):
        pattern = (part * LONGEST_PATTERN)[:LONGEST_PATTERN]
        assert matches(pattern, "x/y") in (True, False)


# --- against a slow reference -------------------------------------------------------------------------------------


def slow(pattern, path):
    """The definition, spelled out by recursion over characters."""

    def members(text):
        found = set()
        place = 0
        while place < len(text):
            if text[place + 1 : place + 2] == "-" and place + 2 < len(text):
                found |= {chr(code) for code in range(ord(text[place]), ord(text[place + 2]) + 1)}
                place += 3
            else:
                found.add(text[place])
                place += 1
        return found

    def rest_matches(p, s):
        if p == len(pattern):
            return s == len(path)
        part_starts = p == 0 or pattern[p - 1] == "/"
        if part_starts and pattern.startswith("**/", p):
            slashes = [place for place in range(s, len(path)) if path[place] == "/"]
            return rest_matches(p + 3, s) or any(rest_matches(p + 3, place + 1) for place in slashes)
        if part_starts and pattern[p:] == "**":
            return True
        if pattern[p] == "*":
            end = s
            while True:
                if rest_matches(p + 1, end):
                    return True
                if end == len(path) or path[end] == "/":
                    return False
                end += 1
        if pattern[p] == "[":
            negated = pattern[p + 1 : p + 2] in ("!", "^")
            close = pattern.find("]", p + 2 + negated)
            if close > 0:
                inside = pattern[p + 1 + negated : close]
                fits = s < len(path) and path[s] != "/" and (path[s] in members(inside)) != negated
                return fits and rest_matches(close + 1, s + 1)
        if pattern[p] == "?":
            return s < len(path) and path[s] != "/" and rest_matches(p + 1, s + 1)
        return path[s : s + 1] == pattern[p] and rest_matches(p + 1, s + 1)

    return rest_matches(0, 0)


@settings(max_examples=500)
@given(st.text("ab/*?[]!-.", min_size=1, max_size=9), st.text("ab/]-.!", max_size=7))
@example("**/**", "a")
@example("**/a/**", "a/b")
@example("[!/]", "/")
@example("*a*b*", "aabb")
def test_it_agrees_with_the_definition(pattern, path):
    if pattern.startswith("./"):
        return
    try:
        compiled(pattern)
    except GlobError:
        return
    assert matches(pattern, path) == slow(pattern, path)


@pytest.mark.parametrize("pattern", ["*a" * 200 + "?b", "**/a/" * 150 + "?", "?*" * 200 + "b?", "[!b]*" * 150 + "b"])
def test_patterns_made_to_be_slow_take_linear_time(pattern):
    path = "a/" * 20_000 if "/" in pattern else "a" * 40_000
    # A matcher that backtracks does not come to an end here.
    assert answers_within(1, lambda: [matches(pattern, path + end) for end in ("b", "bb", "a", "ac")])
