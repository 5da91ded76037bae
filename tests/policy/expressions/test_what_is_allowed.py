"""What is an expression and what is not: signs, words, limits, and the places that are named."""

import ast

import pytest

from expression_testing import compiled, mistakes, places, refused, values
from rule_testing import concept, dataset
from tagmetry.errors import UsageError
from tagmetry.policy.expressions import ExpressionError, Registry
from tagmetry.policy.expressions.checking import Checker
from tagmetry.policy.expressions.mistakes import Mistakes
from tagmetry.policy.expressions.parsing import Parsed

TWO = dataset(concept("hat", sizes=[(512, 768), (2048, 1024)], captions=["red hat", "cap"]))


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "True",
        "not false",
        "has_alpha",
        "not has_alpha and frames == 1 or width < height",
        "width + 1 - 2 * 3 / 4 > -5",
        "+width > 0",
        "1 < width <= 2048 != 3",
        "role in ['train', 'regularization']",
        "role not in ('holdout',)",
        "width in [1, -2, 3.5,]",
        "has_alpha in [true, False]",
        'caption == "it\'s"',
        "caption == 'say \"hi\"'",
        r"caption == 'it\'s'",
        r"caption == r'\d'",
        "width > 1_000",
        "width > .5",
        "width > 5.",
        "width > 1e3",
        "((width)) > (1)",
        "  width\n  > \t1\r\n",
        "dataset . n_train > 1",
        "abs(\n  width\n) > 1",
        "caption == '\N{CAT FACE} 猫'",
    ],
)
def test_an_expression_is_taken(text):
    assert compiled(text).text == text


@pytest.mark.parametrize(
    ("text", "part", "code"),
    [
        ("lambda: 1", "lambda", "expression-not-allowed"),
        ("width if has_alpha else 1", "if", "expression-not-allowed"),
        ("[x for x in tags]", "for", "expression-not-allowed"),
        ("await width", "await", "expression-not-allowed"),
        ("(yield)", "yield", "expression-not-allowed"),
        ("width is 1", "is", "expression-not-allowed"),
        ("import os", "import", "expression-not-allowed"),
        ("caption == None", "None", "expression-not-allowed"),
        ("caption == null", "null", "expression-not-allowed"),
        ("width ** 2 > 1", "**", "expression-character"),
        ("width // 2 > 1", "//", "expression-character"),
        ("width % 2 == 1", "%", "expression-character"),
        ("width @ 2 > 1", "@", "expression-character"),
        ("width << 2 > 1", "<<", "expression-character"),
        ("width | 2 > 1", "|", "expression-character"),
        ("width ^ 2 > 1", "^", "expression-character"),
        ("~width > 1", "~", "expression-character"),
        ("(w := 1) > 1", ":=", "expression-character"),
        ("width = 1", "=", "expression-character"),
        ("{1: 2} == 3", "{", "expression-character"),
        ("width; height", ";", "expression-character"),
        ("width > 1 # large", "#", "expression-character"),
        ("width[0] > 1", "[", "expression-syntax"),
        ("width[1:2] > 1", ":", "expression-character"),
        ("'abc'[0] == 'a'", "[", "expression-syntax"),
        ("(width).real > 1", ".", "expression-syntax"),
        ("'a'.upper() == 'A'", ".", "expression-syntax"),
        ("min(*tags) > 1", "*", "expression-syntax"),
        ("clip(width, low=1, high=2) > 1", "=", "expression-character"),
        ("f'{width}' == caption", "f", "expression-syntax"),
        ("b'a' == caption", "b", "expression-syntax"),
        ("rb'a' == caption", "rb", "expression-syntax"),
        ("u'a' == caption", "u", "expression-syntax"),
        ("1j > 2", "1j", "expression-number"),
        ("0x10 > width", "0x10", "expression-number"),
        ("0b1 > width", "0b1", "expression-number"),
        ("007 < width", "007", "expression-number"),
        ("12px < width", "12px", "expression-number"),
        ("1__0 < width", "1__0", "expression-number"),
        ("1_ < width", "1_", "expression-number"),
        ("1e < width", "1e", "expression-number"),
        ("1e999 > width", "1e999", "expression-number"),
        ("... > 1", ".", "expression-syntax"),
        ("[1, 2] == width", "[1, 2]", "expression-not-allowed"),
        ("(1, 2) == width", "(1, 2)", "expression-not-allowed"),
        ("() == width", "()", "expression-not-allowed"),
        ("[width] in [1]", "[width]", "expression-not-allowed"),
        ("eval('1') > 1", "eval", "expression-unknown-function"),
        ("exec('1')", "exec", "expression-unknown-function"),
        ("getattr(width, 'x') > 1", "getattr", "expression-unknown-function"),
        ("open('x')", "open", "expression-unknown-function"),
        ("'{}'.format(width) == 'a'", ".", "expression-syntax"),
        ("__import__('os')", "__import__", "expression-unknown-function"),
        ("width.__class__ == 1", "width.__class__", "expression-unknown-name"),
        ("dataset.__dict__ == 1", "dataset.__dict__", "expression-unknown-name"),
        ("abs.__self__ == 1", "abs.__self__", "expression-unknown-name"),
        ("caption * 2 == caption", "caption", "expression-type"),
        ("'a' * 1000 == caption", "'a'", "expression-type"),
        ("abs(has_alpha.x.y)", "has_alpha.x.y", "expression-unknown-name"),
    ],
)
def test_what_is_no_part_of_the_language_is_refused_at_its_place(text, part, code):
    assert (part, code) in places(text)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("width ** 2 > 1", "there are no powers: write x * x"),
        ("width // 2 > 1", "write floor(a / b)"),
        ("width = 1", "to compare, write =="),
        ("width === 1", "to compare, write =="),
        ("width <> 1", "write !="),
        ("width => 1", "write >="),
        ("has_alpha && has_caption", "write and"),
        ("has_alpha || has_caption", "write or"),
        ("!has_alpha", "write not"),
        ("width is 1", "write =="),
        ("has_alpha AND has_caption", "write and in small letters"),
        ("Not has_alpha", "write not in small letters"),
        ("width > 15%", "write it as 0.15"),
        ("width > 12.5 %", "write it as 0.125"),
        ("width > 15％", "write it as 0.15"),
        ("width > 12px", "write 12"),
        ("width > 007", "write 7"),
        ("width ＞ 1", "write >"),
        ("width ＝ 1", "to compare, write =="),
        ("ｗｉｄｔｈ > 1", "write width"),
        ("width > １", "write 1"),
        ("width\u3000> 1", "use ordinary spaces"),
        ("width\N{NO-BREAK SPACE}> 1", "use ordinary spaces"),
        ("caption == “red hat”", "a text stands in plain quotes: '...'"),
        ("concept == 猫", "a text stands in quotes: '...'"),
        (r"matches(caption, '\bby')", r"with r before the quote it stands for itself: r'\bby'"),
        ("caption == red hat", "put texts of several words in quotes; combine conditions with and, or"),
        ("has_any(['a' 'b'])", "is a comma or a sign missing between them?"),
        ("width > 512 and < 768", "say again what is compared, or write a chain: 1 < width < 2"),
        ("role == 'train' or 'holdout'", "to ask for one of several, write: in ['...', '...']"),
        ("width == not has_alpha", "put it in brackets: (not ...)"),
    ],
)
def test_a_habit_from_elsewhere_is_answered_with_what_to_write(text, help):
    assert refused(text).mistakes[0].help.english() == help


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "0-0 expression-empty: the expression is empty"),
        ("  \n", "0-3 expression-empty: the expression is empty"),
        ("width >", "7-7 expression-syntax: a value is missing at the end"),
        ("width > ", "7-8 expression-syntax: a value is missing at the end"),
        ("> 1", "0-1 expression-syntax: a value is missing before >"),
        ("width > and height", "8-11 expression-syntax: a value is missing before and"),
        ("width > * 1", "8-9 expression-syntax: a value is missing before *"),
        ("abs(,)", "4-5 expression-syntax: a value is missing before ,"),
        ("abs(width,,)", "10-11 expression-syntax: a value is missing before ,"),
        ("(width > 1", "0-1 expression-syntax: the bracket ( is not closed"),
        ("width > 1)", "9-10 expression-syntax: there is no open bracket that ) closes"),
        ("(width > 1]", "10-11 expression-syntax: ] does not close the bracket ("),
        ("width in (1]", "11-12 expression-syntax: ] does not close the bracket ("),
        ("width, height", "5-6 expression-syntax: a comma stands only in brackets"),
        ("caption == 'red", "11-15 expression-syntax: the text that begins here is not closed"),
        ("caption == 'red\nhat'", "11-20 expression-syntax: the text that begins here is not closed"),
        ("(width)(1) > 1", "7-8 expression-syntax: only functions have brackets after them"),
        ("dataset. > 1", "7-8 expression-syntax: a dot stands only inside a name, such as dataset.n_train"),
        ("dataset.True > 1", "7-8 expression-syntax: a dot stands only inside a name, such as dataset.n_train"),
        ("a.b.c.d > 1", "5-6 expression-syntax: a name has at most 2 dots"),
        ("caption == 'a\0b'", "11-16 expression-character: the text holds the character U+0000, which is not allowed"),
        (
            "caption == 'a\x1bb'",
            "11-16 expression-character: the text holds the character U+001B, which is not allowed",
        ),
        (
            "caption == 'a\ud800'",
            "11-15 expression-character: the text holds the character U+D800, which is not allowed",
        ),
        ("width > 1\0", "9-10 expression-character: the character U+0000 is not allowed"),
        ("width \u202e> 1", "6-7 expression-character: the character U+202E is not allowed"),
    ],
)
def test_a_slip_is_named_with_its_place(text, expected):
    assert mistakes(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "lambda: 1",
        "1 if has_alpha else 2",
        "[x for x in 'ab']",
        "(x for x in 'ab')",
        "{x: 1 for x in 'ab'}",
        "{1: 2}",
        "{1, 2}",
        "'abc'[0]",
        "tags[1:2]",
        "(w := 1)",
        "f'{width}'",
        "width ** 2",
        "width % 2",
        "width // 2",
        "width @ 2",
        "width | 2",
        "width << 2",
        "~width",
        "width is 1",
        "width is not 1",
        "None",
        "b'a' == caption",
        "1j",
        "...",
        "abs(*tags) > 1",
        "abs(number=1) > 1",
        "has_any([*tags])",
        "width in [*tags]",
        "abs(width).real",
        "'a'.upper()",
        "(lambda: 1)()",
        "abs(width)(1)",
    ],
)
def test_the_tree_is_a_wall_of_its_own(text):
    mistakes = Mistakes(text)
    parsed = Parsed(text, ast.parse(text, mode="eval").body, 0, range(len(text) + 1))
    assert Checker(parsed, Registry("row"), mistakes).checked("boolean") is None
    assert len(mistakes) > 0


def test_places_count_characters_and_not_bytes():
    assert mistakes("caption == '猫\N{CAT FACE}' and\n wdth > 1") == [
        "21-25 expression-unknown-name: the name wdth is not known (did you mean width?)"
    ]


def test_white_space_before_the_expression_counts_in_places():
    assert places(" \n\twdth > 1") == [("wdth", "expression-unknown-name")]
    assert refused(" \n\twdth > 1").mistakes[0].start == 3


def test_lines_are_as_good_as_spaces():
    assert values("width\n>\r\n1000\n", TWO) == [False, True]


def test_all_foreign_signs_are_named_at_once_and_no_kinds_yet():
    assert places("wdth = 1 && caption == “a”") == [
        ("=", "expression-character"),
        ("&&", "expression-character"),
        ("“", "expression-character"),
        ("”", "expression-character"),
    ]


def test_all_mistakes_of_kind_and_name_are_told_in_the_order_of_the_text():
    assert places("role == 'training' and wdth > 1 and caption > 2 and upper(caption) == 'A'") == [
        ("'training'", "expression-value"),
        ("wdth", "expression-unknown-name"),
        ("caption", "expression-type"),
        ("upper", "expression-unknown-function"),
    ]


def test_the_error_is_one_that_ends_the_run_before_anything_is_audited():
    error = refused("wdth > 1")
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    assert error.expression == "wdth > 1"
    assert error.text.english() == "the expression has 1 mistake"
    assert error.help.english() == "did you mean width?"
    assert error.mistakes[0].suggestion == "width"
    assert str(error) == "1: expression-unknown-name: the name wdth is not known (did you mean width?)"


def test_two_mistakes_are_counted_and_listed():
    error = refused("wdth > 1 and hight > 1")
    assert error.text.english() == "the expression has 2 mistakes"
    assert error.help is None
    assert str(error).count("\n") == 1


def test_a_text_of_the_most_characters_is_read_and_one_more_is_not():
    text = "width > 1"
    assert compiled(text + " " * (2000 - len(text)))
    assert mistakes(text + " " * (2001 - len(text))) == [
        "2000-2001 expression-too-long: the expression has 2,001 characters; at most 2,000 are read"
    ]


def test_an_expression_of_the_most_parts_is_read_and_one_more_is_not():
    members = ", ".join(["1"] * 197)
    # Name, in, bracket, 197 members.
    assert compiled(f"width in [{members}]")
    assert [code for _, code in places(f"width in [{members}, 1]")] == ["expression-too-many-parts"]


def test_brackets_of_the_greatest_depth_are_read_and_one_more_is_not():
    assert compiled("(" * 32 + "true" + ")" * 32)
    assert mistakes("(" * 33 + "true" + ")" * 33) == [
        "32-33 expression-too-deep: the expression is nested more than 32 levels deep"
    ]


def test_signs_before_a_value_are_as_deep_as_brackets():
    assert compiled("not " * 31 + "true")
    assert [code for _, code in places("not " * 33 + "true")] == ["expression-too-deep"]
    assert [code for _, code in places("-(" * 17 + "1" + ")" * 17 + " > 1")] == ["expression-too-deep"]


def test_signs_before_many_values_are_not_deep():
    assert compiled(" and ".join(["not has_alpha"] * 40))


def test_a_sum_is_as_deep_as_its_signs():
    assert compiled("width" + " + 1" * 29 + " > 1")
    error = refused("width" + " + 1" * 32 + " > 1")
    assert [mistake.code for mistake in error.mistakes] == ["expression-too-deep"]
    assert error.mistakes[0].help.english() == "each sign of a long sum or product is a level of its own"


def test_conditions_joined_by_one_word_are_not_deep():
    assert compiled(" and ".join(["has_alpha"] * 90))


def test_of_many_mistakes_the_first_twenty_are_told():
    assert len(refused(" or ".join(f"nothing_{n}" for n in range(90))).mistakes) == 20


def test_the_kind_that_is_wanted_is_checked_last():
    said = "0-5 expression-type: width is a number, where true or false is wanted"
    assert mistakes("width") == [f"{said} (compare it with something: == != < <= > >= in)"]
    assert mistakes("has_alpha", want="number") == [
        "0-9 expression-type: has_alpha is true or false, where a number is wanted"
    ]
    with pytest.raises(ExpressionError):
        compiled("caption")
