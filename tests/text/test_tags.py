import pytest
from hypothesis import given
from hypothesis import strategies as st

from quickness import answers_within
from tagmetry.text import (
    empty_parts,
    is_emoticon,
    list_separators,
    separators_in,
    split_tags,
    unbalanced_brackets,
    weighted_tag,
)

JAPANESE_SENTENCE = "長い髪の女の子が、青い空の下で、赤いリボンを付けて、笑っている。"
CHINESE_SENTENCE = "一个长发女孩站在公园里，穿着白色连衣裙，微笑着看着镜头。"


# --- splitting ---


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("tk, 1girl, solo", ("tk", "1girl", "solo")),
        (" tk ,1girl,, solo, ", ("tk", "1girl", "solo")),
        ("1girl，solo，长发", ("1girl", "solo", "长发")),
        ("1人の女の子、長い髪、笑顔", ("1人の女の子", "長い髪", "笑顔")),
        ("少女，长发，微笑，白色背景。", ("少女", "长发", "微笑", "白色背景。")),
        ("女の子、座っている、笑顔", ("女の子", "座っている", "笑顔")),
        ("red hair; blue eyes; smile", ("red hair", "blue eyes", "smile")),
        ("a;b;c", ("a", "b", "c")),
        ("红发；蓝眼；微笑", ("红发", "蓝眼", "微笑")),
        ("smile\nsolo\r\nhat", ("smile", "solo", "hat")),
        ("tk, 1girl ||| smile, hat", ("tk", "1girl", "smile", "hat")),
        ("", ()),
        (" , ,", ()),
    ],
)
def test_lists_are_split_at_every_usual_separator(text, tags):
    assert split_tags(text) == tags


@pytest.mark.parametrize("text", [JAPANESE_SENTENCE, CHINESE_SENTENCE, "彼女は、笑っている。"])
def test_sentences_are_not_split_at_their_own_commas(text):
    assert split_tags(text) == (text,)


def test_sentences_are_still_split_at_ascii_commas():
    assert split_tags("tk, " + JAPANESE_SENTENCE) == ("tk", JAPANESE_SENTENCE)


@pytest.mark.parametrize(
    "tag",
    [r"saber \(fate\)", "saber (fate)", ":d", ";d", ";)", "d;", "3;", ">_<", "|_|", "\\||/", "steins;gate", "re:zero"],
)
def test_emoticons_titles_and_brackets_survive(tag):
    assert split_tags(f"smile, {tag}, solo") == ("smile", tag, "solo")
    assert split_tags(tag) == (tag,)


def test_repeated_tags_are_kept():
    assert split_tags("a, b, a") == ("a", "b", "a")


def test_an_explicit_separator_splits_alone():
    assert split_tags("a, b | c, d", "|") == ("a, b", "c, d")
    assert split_tags("1girl，solo, hat", ",") == ("1girl，solo", "hat")
    assert split_tags("a, b\nc", "\n") == ("a, b", "c")


def test_an_empty_separator_is_refused():
    with pytest.raises(ValueError, match="separator"):
        split_tags("a, b", "")


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=",，、;；|"), min_size=1)))
def test_joined_tags_are_split_again(tags):
    assert split_tags(", ".join(tags), ",") == tuple(tags)


@given(st.lists(st.from_regex(r"[a-z0-9_:()\\<>=^]{1,12}( [a-z]{1,8}){0,3}", fullmatch=True)))
def test_joined_latin_tags_are_split_again_without_a_separator_named(tags):
    assert split_tags(", ".join(tags)) == tuple(tags)


@given(st.text(max_size=80), st.sampled_from([None, ",", "|||", "\n", "ab"]))
def test_no_text_raises_and_no_part_is_empty_or_untrimmed(text, separator):
    for tag in split_tags(text, separator):
        assert tag
        assert tag == tag.strip()
    assert empty_parts(text, separator) >= 0
    assert all(separators_in(text).values())


# --- counting separators ---


def test_separators_are_counted_in_one_order():
    counts = separators_in("a, b， c、 d; e； f\ng ||| h")
    assert list(counts.items()) == [
        (",", 1),
        ("，", 1),
        ("、", 1),
        (";", 1),
        ("；", 1),
        ("\n", 1),
        ("|||", 1),
    ]


def test_line_ends_at_the_edges_and_blank_lines_are_no_separators():
    assert separators_in("a\n") == {}
    assert separators_in("\na\n\nb\n") == {"\n": 1}


def test_semicolons_inside_tags_are_no_separators():
    assert separators_in("steins;gate, ;d, d;, ;_;") == {",": 3}


def test_commas_of_sentences_are_counted_but_do_not_split():
    assert separators_in(JAPANESE_SENTENCE) == {"、": 3}
    assert "、" not in list_separators(JAPANESE_SENTENCE)
    assert "、" in list_separators("女の子、長い髪")


# --- empty parts ---


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("", 0),
        ("  \n", 0),
        ("a, b", 0),
        ("a,,b", 1),
        ("a, b,", 1),
        (", a", 1),
        ("a, , ,b,", 3),
        (",", 2),
        ("a,\nb,\nc", 0),
        ("a\n\nb\n", 0),
        ("a,,\nb", 1),
        ("a，，b", 1),
    ],
)
def test_empty_parts_are_counted(text, n):
    assert empty_parts(text) == n


def test_empty_parts_of_an_explicit_separator():
    assert empty_parts("a|b||c|", "|") == 2
    assert empty_parts("a,,b", "|") == 0
    assert empty_parts("  ", "|") == 0


# --- weights ---


@pytest.mark.parametrize(
    ("written", "tag", "weight"),
    [
        ("smile", "smile", 1.0),
        ("(smile:1.2)", "smile", 1.2),
        ("(smile : 0.8 )", "smile", 0.8),
        ("(smile)", "smile", 1.1),
        ("((smile))", "smile", 1.21),
        ("[smile]", "smile", 1 / 1.1),
        ("((smile:1.2))", "smile", 1.32),
        ("[(smile:1.5)]", "smile", 1.5 / 1.1),
        ("(re:zero:1.2)", "re:zero", 1.2),
        ("(:d:1.2)", ":d", 1.2),
        ("(artist:name)", "artist:name", 1.1),
        ("(smile:-1)", "smile", -1.0),
        (r"\(fate\)", r"\(fate\)", 1.0),
        (r"(saber \(fate\):1.3)", r"saber \(fate\)", 1.3),
        ("saber (fate)", "saber (fate)", 1.0),
        ("(a) and (b)", "(a) and (b)", 1.0),
        ("(12:30)", "(12:30)", 1.0),
        ("(^o^)", "(^o^)", 1.0),
        ("(o)_(o)", "(o)_(o)", 1.0),
        ("(smile:1.2", "(smile:1.2", 1.0),
        ("[smile:1.2]", "smile:1.2", 1 / 1.1),
        ("()", "()", 1.0),
        ("", "", 1.0),
    ],
)
def test_weights_are_taken_off_their_tags(written, tag, weight):
    found = weighted_tag(written)
    assert (found.tag, found.problem) == (tag, "")
    assert found.weight == pytest.approx(weight)


@pytest.mark.parametrize("figure", ["1e999", "nan", "-inf", "infinity", "100.1", "-100.1", "9" * 400])
def test_senseless_weights_count_as_one_and_are_a_problem(figure):
    found = weighted_tag(f"(smile:{figure})")
    assert (found.tag, found.weight, found.problem) == ("smile", 1.0, "bad-weight")


def test_a_weight_at_the_limit_is_taken():
    assert weighted_tag("(smile:100)").weight == 100.0


def test_very_deep_brackets_are_a_bad_weight_and_no_recursion():
    found = weighted_tag("(" * 60_000 + "smile" + ")" * 60_000)
    assert (found.tag, found.problem) == ("smile", "bad-weight")
    assert weighted_tag("[" * 60_000 + "smile" + "]" * 60_000).weight == pytest.approx(0, abs=1e-30)


@given(st.text("()[]{}:.0123456789einfa\\ ", max_size=40))
def test_no_brackets_raise(text):
    weighted_tag(text)
    for position in unbalanced_brackets(text):
        assert text[position] in "()[]{}"


# --- brackets ---


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("saber (fate), [a], {b}", ()),
        ("saber (fate", (6,)),
        ("a), b", (1,)),
        ("(a]", (0, 2)),
        ("((a)", (0,)),
        (r"saber \(fate, a\)", ()),
        ("smile, :(, >:), solo", ()),
        ("smile :(", (7,)),
        ("no brackets", ()),
    ],
)
def test_brackets_without_partner_are_found(text, positions):
    assert unbalanced_brackets(text) == positions


@pytest.mark.parametrize(
    "face", [":d", ";)", ">_<", "^_^", "o_o", "0_0", "|_|", "\\m/", "\\||/", "<|>_<|>", "(^o^)", "._.", "+++", "d:"]
)
def test_faces_are_emoticons(face):
    assert is_emoticon(face)


@pytest.mark.parametrize("tag", ["", "a", ":", "smile", "xd", "16:9", "(9)", "(a", "t-shirt", "a b", ": d", "^" * 9])
def test_words_figures_and_bare_brackets_are_none(tag):
    assert not is_emoticon(tag)


# --- time ---


@pytest.mark.parametrize(
    "text",
    [
        *("a," * 300_000, "tag\n" * 100_000, "," * 200_000, "|" * 300_000, "、" * 300_000, "女の子、" * 100_000),
        *(";" * 300_000, "a;" * 300_000, " ;" * 300_000, "(" * 60_000, "((a:1)," * 50_000),
    ],
)
def test_huge_lists_take_linear_time(text):
    for read in (split_tags, separators_in, empty_parts, unbalanced_brackets, weighted_tag):
        assert answers_within(2, lambda read=read: read(text))
