"""Kinds that do not fit, values that never occur, names that are not known here: each with its place and way out."""

import pytest

from expression_testing import compiled, mistakes, places, refused

ONLY_AFTER_IN = "a list stands only after in, and in has_any, has_all and tag_count"
WRITTEN_OUT = "10-16 expression-not-allowed: height is not written out: a list holds numbers or texts in quotes"
NEVER, EQUAL = "expression-type", ": they are never equal"
COMPARE = "(compare it with something: == != < <= > >= in)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("width and has_alpha", [f"0-5 expression-type: width is a number, where true or false is wanted {COMPARE}"]),
        ("not caption", [f"4-11 expression-type: caption is a text, where true or false is wanted {COMPARE}"]),
        ("has_alpha or 1", [f"13-14 expression-type: 1 is a number, where true or false is wanted {COMPARE}"]),
        (
            "role or tags",
            [
                f"0-4 expression-type: role is one of a closed list, where true or false is wanted {COMPARE}",
                f"8-12 expression-type: tags is a list of tags, where true or false is wanted {COMPARE}",
            ],
        ),
        (
            "width + caption > 1",
            ["8-15 expression-type: caption is a text, where a number is wanted (its length is len(...))"],
        ),
        (
            "width * '2' > 1",
            ["8-11 expression-type: '2' is a text, where a number is wanted (write the number without quotes: 2)"],
        ),
        ("-has_alpha > 1", ["1-10 expression-type: has_alpha is true or false, where a number is wanted"]),
        (
            "tags > 3",
            ["0-4 expression-type: tags is a list of tags: only numbers are more or less (their number is len(tags))"],
        ),
        (
            "caption > 'a'",
            [
                "0-7 expression-type: caption is a text: only numbers are more or less (its length is len(...))",
                "10-13 expression-type: 'a' is a text: only numbers are more or less",
            ],
        ),
        (
            "1 < role < 3",
            [
                "4-8 expression-type: role is one of a closed list: only numbers are more or less",
            ],
        ),
        (
            "width == has_alpha",
            [f"0-18 {NEVER}: width is a number and has_alpha is true or false{EQUAL}"],
        ),
        (
            "width == '5'",
            [f"0-12 {NEVER}: width is a number and '5' is a text{EQUAL} (write the number without quotes: 5)"],
        ),
        ("caption != 3", [f"0-12 {NEVER}: caption is a text and 3 is a number{EQUAL}"]),
        ("role == concept", ["0-15 expression-type: role and concept have nothing in common"]),
        ("role == format", ["0-14 expression-type: role and format have nothing in common"]),
        ("tags == 'red hat'", ["0-17 expression-type: tags cannot be compared (ask for one: has_tag('...'))"]),
        (
            "tags in ['red hat']",
            ["0-4 expression-type: tags cannot be compared (ask for some of them: has_any([...]))"],
        ),
        ("'red hat' in tags", ["13-17 expression-type: tags is no list (write has_tag('red hat'))"]),
        ("'hat' in caption", ["9-16 expression-type: caption is no list (write contains(caption, 'hat'))"]),
        ("width in 5", ["9-10 expression-type: 5 is no list"]),
        ("width in []", ["9-11 expression-value: the list is empty"]),
        (
            "width in [height]",
            [WRITTEN_OUT],
        ),
        ("width in [1, 'a']", [f"13-16 {NEVER}: width is a number and 'a' is a text{EQUAL}"]),
        ("1 < width in [2] < 3", ["13-16 expression-not-allowed: " + ONLY_AFTER_IN]),
        (
            "contains(tags, 'a')",
            ["9-13 expression-type: tags is a list of tags, where a text is wanted (ask for one: has_tag('...'))"],
        ),
        ("abs('a') > 1", ["4-7 expression-type: 'a' is a text, where a number is wanted"]),
        ("len(width) > 1", ["4-9 expression-type: width is a number, where a text is wanted"]),
        ("lower(width) == 'a'", ["6-11 expression-type: width is a number, where a text is wanted"]),
        ("contains(caption, 3)", ["18-19 expression-type: 3 is a number, where a text is wanted"]),
        ("has_tag(3)", ["8-9 expression-type: 3 is a number, where a text is wanted"]),
        ("has_tag(width)", ["8-13 expression-type: width is a number, where a text is wanted"]),
        ("has_any([1, 'a'])", ["9-10 expression-type: 1 is a number, where a text is wanted"]),
    ],
)
def test_kinds_that_do_not_fit(text, expected):
    assert mistakes(text) == expected


ROLES = "train, regularization, preservation, holdout, earlier"


@pytest.mark.parametrize(
    ("text", "part", "said", "help"),
    [
        ("role == 'training'", "'training'", "role is never 'training'", f"did you mean 'train'? It can be: {ROLES}"),
        ("'training' != role", "'training'", "role is never 'training'", f"did you mean 'train'? It can be: {ROLES}"),
        ("role == 'Train'", "'Train'", "role is never 'Train'", f"did you mean 'train'? It can be: {ROLES}"),
        ("role in ['train', 'zzz']", "'zzz'", "role is never 'zzz'", f"it can be: {ROLES}"),
        (
            "format == 'JPG'",
            "'JPG'",
            "format is never 'JPG'",
            "did you mean 'JPEG'? It can be: JPEG, PNG, WEBP, AVIF, GIF, BMP, TIFF",
        ),
        (
            "profile.base_model == 'sd-xl'",
            "'sd-xl'",
            "profile.base_model is never 'sd-xl'",
            "did you mean 'sdxl'? It can be: sd15, sdxl, flux",
        ),
        (
            "dataset.near_duplicate_ratio > 15",
            "15",
            "dataset.near_duplicate_ratio is a share, from 0 to 1",
            "15 % is 0.15",
        ),
        ("tag_noise <= 10", "10", "tag_noise is a share, from 0 to 1", "10 % is 0.1"),
        ("5 < dataset.tag_noise", "5", "dataset.tag_noise is a share, from 0 to 1", "5 % is 0.05"),
        ("tag_noise <= -1", "-1", "tag_noise is a share, from 0 to 1", None),
        ("0.2 >= tag_noise >= 20", "20", "tag_noise is a share, from 0 to 1", "20 % is 0.2"),
        ("clip(width, 3, 2) > 1", "3, 2", "low is greater than high", None),
        ("round(width, 10) > 1", "10", "digits is a whole number from 0 to 9", None),
        ("round(width, -1) > 1", "-1", "digits is a whole number from 0 to 9", None),
        ("round(width, 0.5) > 1", "0.5", "digits is a whole number from 0 to 9", None),
    ],
)
def test_values_that_never_occur(text, part, said, help):
    (mistake,) = refused(text).mistakes
    assert (mistake.code, text[mistake.start : mistake.end]) == ("expression-value", part)
    assert mistake.text.english() == said
    assert (mistake.help.english() if mistake.help else None) == help


def test_a_share_of_images_is_no_percentage():
    (mistake,) = refused("share(has_tag('smile')) > 20", "dataset").mistakes
    assert mistake.text.english() == "share(has_tag('smile')) is a share, from 0 to 1"
    assert mistake.help.english() == "20 % is 0.2"
    assert compiled("count(has_tag('smile')) > 20", "dataset")


def test_a_closed_list_carries_the_value_that_was_meant():
    assert refused("role == 'training'").mistakes[0].suggestion == "train"
    assert refused("role == 'zzz'").mistakes[0].suggestion is None


@pytest.mark.parametrize(
    "text", ["tag_noise <= 1", "tag_noise >= 0", "tag_noise < width", "round(width, 9) > 1", "clip(width, 2, 2) > 1"]
)
def test_values_at_the_limit_may_occur(text):
    assert compiled(text)


@pytest.mark.parametrize(
    ("text", "scope", "said", "help"),
    [
        ("wdth > 1", "row", "the name wdth is not known", "did you mean width?"),
        ("dataset.n_trian > 1", "row", "the name dataset.n_trian is not known", "did you mean dataset.n_train?"),
        ("n_train > 1", "row", "the name n_train is not known", "did you mean dataset.n_train?"),
        ("exposure > 1", "concept", "the name exposure is not known", "did you mean concept.exposure?"),
        ("base_model == 'sdxl'", "dataset", "the name base_model is not known", "did you mean profile.base_model?"),
        ("role == train", "row", "the name train is not known", "a text stands in quotes: 'train'"),
        ("training == role", "row", "the name training is not known", "a text stands in quotes: 'train'"),
        ("role in [train, 'holdout']", "row", "the name train is not known", "a text stands in quotes: 'train'"),
        ("concept == zzz", "row", "the name zzz is not known", "a text stands in quotes: 'zzz'"),
        ("concept == captoin", "row", "the name captoin is not known", "did you mean caption, or the text 'captoin'?"),
        ("has_tag(smile)", "row", "the name smile is not known", "a text stands in quotes: 'smile'"),
        ("has_any([smile])", "row", "the name smile is not known", "a text stands in quotes: 'smile'"),
        ("lower == 'a'", "row", "the name lower is not known", "lower is a function: lower(text)"),
        ("zzz > 1", "row", "the name zzz is not known", "texts stand in quotes: '...'"),
        ("phash == 1", "row", "phash is measured in 64 bits, which is no figure to compute with", None),
        (
            "width > 1",
            "dataset",
            "width is a figure of one image, and this is about the whole dataset",
            "over all images: mean(width), median(width), quantile(width, 0.1)",
        ),
        (
            "has_alpha",
            "concept",
            "has_alpha is a figure of one image, and this is about one concept",
            "over all images: share(...), count(...)",
        ),
        (
            "concept.effective_n > 1",
            "dataset",
            "concept.effective_n is a figure of one concept, and this is about the whole dataset",
            "did you mean dataset.effective_n?",
        ),
        (
            "concept.trigger == 'a'",
            "dataset",
            "concept.trigger is a figure of one concept, and this is about the whole dataset",
            None,
        ),
        ("errors > 1", "dataset", "errors is a figure of a risk, and this is about the whole dataset", None),
        ("width > 1", "risk", "width is a figure of one image, and this is about a risk", None),
        ("mean(width) > 1", "row", "mean is about many images, and this is about one image", None),
        ("mean(width) > 1", "risk", "mean is about many images, and this is about a risk", None),
        ("mean(mean(width)) > 1", "dataset", "mean is about many images, and this is about one image", None),
        (
            "has_tag('a')",
            "dataset",
            "has_tag is about the tags of one image, and this is about the whole dataset",
            "ask on what share of the images: share(...)",
        ),
        ("tag_count() > 1", "risk", "tag_count is about the tags of one image, and this is about a risk", None),
    ],
)
def test_names_that_are_not_known_or_not_here(text, scope, said, help):
    (mistake,) = refused(text, scope).mistakes
    assert mistake.text.english() == said
    assert (mistake.help.english() if mistake.help else None) == help


def test_a_name_with_a_known_beginning_lists_what_there_is():
    (mistake,) = refused("profile.zzzz == 'a'").mistakes
    assert mistake.help.english().startswith("there are: profile.base_model, profile.batch_size, ")


@pytest.mark.parametrize(
    ("text", "said", "help"),
    [
        ("clip(width, 1) > 1", "clip is given 2 values", "write clip(number, low, high)"),
        ("abs() > 1", "abs is given 0 values", "write abs(number)"),
        ("min(width) > 1", "min is given 1 value", "write min(number, other, ...)"),
        ("round(width, 1, 2) > 1", "round is given 3 values", "write round(number, [digits])"),
        ("has_tag() or true", "has_tag is given 0 values", "write has_tag(tag)"),
        ("has_tag(['a'])", "one tag is wanted, not a list", "write has_any([...]) or has_all([...])"),
        ("has_any('a')", "a list of tags is wanted", "write has_any(['a'])"),
        ("tag_count('a') > 1", "a list of tags is wanted", "write tag_count(['a'])"),
        ("matches(caption, concept)", "pattern has to be written out", None),
        ("round(width, height) > 1", "digits has to be written out", None),
    ],
)
def test_arguments_that_do_not_fit(text, said, help):
    (mistake,) = refused(text).mistakes
    assert mistake.code == "expression-arguments"
    assert mistake.text.english() == said
    assert (mistake.help.english() if mistake.help else None) == help


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("caption.lower() == 'a'", "write lower(caption)"),
        ("caption.startswith('a')", "write starts_with(caption, ...)"),
        ("upper(caption) == 'A'", "did you mean lower(text)?"),
        ("contian(caption, 'a')", "did you mean contains(text, part)?"),
        ("tags.has_tag('a')", "did you mean has_tag(tag)?"),
        ("average(width) > 1", "did you mean mean(number)?"),
        ("width(1) > 1", None),
    ],
)
def test_functions_that_are_not_known(text, help):
    (mistake,) = refused(text).mistakes
    assert mistake.code == "expression-unknown-function"
    assert mistake.help.english() == help or mistake.help.english().startswith("there are: abs, min, max, clip")


@pytest.mark.parametrize(
    ("text", "part", "said", "help"),
    [
        ("matches(caption, '(a')", "(a", "the regular expression cannot be read: missing ): (a", None),
        ("matches(caption, 'x[a')", "[a", "the regular expression cannot be read: missing ]: [a", None),
        ("matches(caption, 'a)')", "a)", "the regular expression cannot be read: unexpected ): a)", None),
        ("matches(caption, 'ab**')", "**", "the regular expression cannot be read: bad repetition operator: **", None),
        (
            "matches(caption, 'a{1001}')",
            "{1001}",
            "the regular expression cannot be read: invalid repetition size: {1001}",
            None,
        ),
        (
            "matches(caption, 'ab(?=c)')",
            "(?=",
            "the regular expression cannot be read: invalid perl operator: (?=",
            "looking ahead and behind is not possible",
        ),
        (
            r"matches(caption, r'(a)\1')",
            r"\1",
            r"the regular expression cannot be read: invalid escape sequence: \1",
            "repeating what a group found is not possible",
        ),
        (
            r"matches(caption, r'\pL{4}')",
            r"r'\pL{4}'",
            "the regular expression is too large",
            "shorten its repetitions and classes of characters",
        ),
        (
            f"matches(caption, '{'a' * 501}')",
            f"'{'a' * 501}'",
            "the regular expression has 501 characters; at most 500 are taken",
            None,
        ),
        ("has_tag('')", "''", "the tag is empty", None),
        ("has_tag(' _ ')", "' _ '", "the tag is empty", None),
        ("has_tag('*')", "'*'", "* needs some text beside it", "whether there are tags: tag_count > 0"),
        ("has_any(['ok', 'red*hat'])", "'red*hat'", "* stands only at the beginning and end of a tag", None),
        (
            "has_tag('day, night')",
            "'day, night'",
            "this is not one tag but 2",
            "write a list: has_any([...]) or has_all([...])",
        ),
        ("has_all([])", "[]", "the list is empty", None),
    ],
)
def test_patterns_and_tags_that_cannot_be_looked_for(text, part, said, help):
    (mistake,) = refused(text).mistakes
    assert text[mistake.start : mistake.end] == part
    assert mistake.text.english() == said
    assert (mistake.help.english() if mistake.help else None) == help


def test_the_longest_and_the_largest_regular_expressions_are_taken():
    assert compiled(f"matches(caption, '{'a' * 500}')")
    assert compiled(r"matches(caption, r'\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+')")


def test_a_part_that_is_wrong_is_blamed_once():
    assert places("abs(wdth) + 1 > sqrt(hight) and not (role == 'x')") == [
        ("wdth", "expression-unknown-name"),
        ("hight", "expression-unknown-name"),
        ("'x'", "expression-value"),
    ]
