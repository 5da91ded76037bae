"""Options: what values they take from YAML, JSON and command lines, and how they say no."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.options import NoOptions, OptionError, built, coerced, option, options_of, type_name
from tagmetry.plugins import load_plugins
from tagmetry.profile import ProfileOptions

NAN, INF = float("nan"), float("inf")
HUGE = 10**400


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(0.9, "Share.", unit="share", low=0, high=1, source="S0")
    side: int = option(512, "Side.", unit="px", low=64, high=8192)
    ratio: float = option(3.0, "Ratio.", unit="ratio", low=1)
    exact: bool = option(False, "Exact.")
    name: str = option("x", "Name.")
    model: str | None = option(None, "Model.", choices=("sd15", "sdxl"))
    most: int | None = option(None, "Most.", low=1)
    words: tuple[str, ...] = option((), "Words.")
    sizes: tuple[int, ...] = option((512,), "Sizes.", low=64)


KNOWN = options_of(Options)


def taken(name, value):
    return coerced(KNOWN[name], value)


def refusal(name, value):
    with pytest.raises(OptionError) as caught:
        taken(name, value)
    return caught.value.text.english()


def test_options_are_the_declared_fields_in_order():
    assert list(KNOWN) == ["limit", "side", "ratio", "exact", "name", "model", "most", "words", "sizes"]
    assert (KNOWN["limit"].type, KNOWN["limit"].default, KNOWN["limit"].info.source) == (float, 0.9, "S0")
    assert options_of(NoOptions) == {}


def test_a_field_that_is_no_option_is_refused():
    @dataclass
    class Wrong:
        limit: float = 0.9

    with pytest.raises(TypeError, match=r"Wrong\.limit is not declared with option"):
        options_of(Wrong)


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="unknown unit 'percent'"):
        option(0.9, "Share.", unit="percent")


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.15, 0.15),
        (0, 0.0),
        (1, 1.0),
        ("0.15", 0.15),
        ("15%", 0.15),
        (" 15 % ", 0.15),
        ("15％", 0.15),
        ("7%", 0.07),
        ("12.5%", 0.125),
        ("1e-2", 0.01),
        ("100%", 1.0),
        ("１", 1.0),
    ],
)
def test_shares_are_taken_as_numbers_and_percentages(value, number):
    assert taken("limit", value) == number
    assert isinstance(taken("limit", value), float)


@pytest.mark.parametrize(
    "value",
    [
        *("", "%", "abc", "15%%", "1.5.2", "0x10", [0.5], {"a": 1}, True, False, None, b"0.5"),
        *(NAN, INF, -INF, HUGE, -HUGE, "nan", "inf", "-inf", "nan%", "1e999", "9" * 5000),
    ],
)
def test_what_is_no_share_is_refused_in_words(value):
    assert refusal("limit", value).endswith("; it takes: share (0.15 or 15%)")


def test_a_number_of_thousands_of_digits_is_refused_without_writing_it_down():
    assert refusal("limit", 10**5000) == ("limit is a number of thousands of digits; it takes: share (0.15 or 15%)")
    assert refusal("side", 10**5000) == "side is a number of thousands of digits; it takes: whole number"
    assert refusal("name", 10**5000) == "name is a number of thousands of digits; it takes: text"


def test_a_hostile_value_is_made_visible_and_cut():
    assert refusal("limit", "\x1b[31m" + "a" * 500) == (
        "limit is \\x1b[31m" + "a" * 75 + "; it takes: share (0.15 or 15%)"
    )


def test_percent_signs_are_for_shares_only():
    assert refusal("side", "15%") == "side is 15%; it takes: whole number"
    assert refusal("ratio", "150%") == "ratio is 150%; it takes: number"


@pytest.mark.parametrize(("value", "number"), [(512, 512), (512.0, 512), ("512", 512), ("512.0", 512), ("1e3", 1000)])
def test_whole_numbers_may_be_written_as_floats(value, number):
    assert taken("side", value) == number
    assert type(taken("side", value)) is int


@pytest.mark.parametrize("value", [512.5, "512.5", True, "yes", NAN, INF, HUGE, [], "1 2"])
def test_what_is_no_whole_number_is_refused(value):
    assert refusal("side", value).endswith("; it takes: whole number")


def test_both_ends_of_a_range_belong_to_it():
    assert [taken("limit", value) for value in (0, 1)] == [0.0, 1.0]
    assert [taken("side", value) for value in (64, 8192)] == [64, 8192]


def test_beyond_a_range_the_nearest_value_is_named():
    assert refusal("side", 63) == "side is 63; the smallest value is 64"
    assert refusal("side", 8193) == "side is 8193; the largest value is 8,192"
    assert refusal("limit", -0.0001) == "limit is -0.0001; the smallest value is 0"
    assert refusal("limit", 1.0000001) == ("limit is 1.0000001; the largest value is 1 (did you mean 1.0000001%?)")
    assert refusal("limit", "101") == "limit is 101; the largest value is 1"


def test_a_percentage_without_its_sign_is_understood_in_the_refusal():
    assert refusal("limit", 15) == "limit is 15; the largest value is 1 (did you mean 15%?)"


@given(st.floats(0, 100))
def test_a_percentage_is_the_share_that_one_would_write(percent):
    assert taken("limit", f"{percent!r}%") == percent / 100


# --- other types --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "truth"), [(True, True), (False, False), ("true", True), ("False", False), (" TRUE ", True)]
)
def test_truths_are_taken_as_such_or_as_words(value, truth):
    assert taken("exact", value) is truth


@pytest.mark.parametrize("value", [0, 1, "yes", "on", "", 1.0, None, []])
def test_other_words_and_numbers_are_no_truths(value):
    assert refusal("exact", value).endswith("; it takes: true or false")


def test_texts_may_be_written_as_numbers():
    assert [taken("name", value) for value in ("a", "", 15, 1.5)] == ["a", "", "15", "1.5"]


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}, None, NAN, INF])
def test_what_is_no_text_is_refused(value):
    assert refusal("name", value).endswith("; it takes: text")


def test_one_of_some_words():
    assert taken("model", "sdxl") == "sdxl"
    assert refusal("model", "sd3") == "model is sd3; it takes sd15, sdxl"
    assert refusal("model", ["sdxl"]) == "model is ['sdxl']; it takes: one of sd15, sdxl or null"


def test_all_choices_are_told_however_many():
    assert refusal_of_profile("trainer", "kohyaa").endswith(
        "it takes kohya, everydream, onetrainer, ai-toolkit, musubi, diffusion-pipe, simpletuner, diffusers"
    )


def refusal_of_profile(name, value):
    with pytest.raises(OptionError) as caught:
        coerced(options_of(ProfileOptions)[name], value)
    return caught.value.text.english()


def test_null_unsets_what_may_be_unset_and_nothing_else():
    assert taken("most", None) is None
    assert taken("model", None) is None
    assert refusal("side", None) == "side is None; it takes: whole number"


def test_a_list_may_be_one_value():
    assert taken("words", ["a", "b"]) == ("a", "b")
    assert taken("words", "a") == ("a",)
    assert taken("words", []) == ()
    assert taken("sizes", ["512", 768.0]) == (512, 768)


def test_each_member_of_a_list_is_judged():
    assert refusal("words", ["a", ["b"]]) == "words is ['b']; it takes: text"
    assert refusal("words", {"a": 1}) == "words is {'a': 1}; it takes: text"
    assert refusal("sizes", [512, 63]) == "sizes is 63; the smallest value is 64"
    assert refusal("sizes", [512, None]) == "sizes is None; it takes: whole number"


def test_types_are_named_as_the_manual_does():
    assert [type_name(known) for known in KNOWN.values()] == [
        "share (0.15 or 15%)",
        "whole number",
        "number",
        "true or false",
        "text",
        "one of sd15, sdxl or null",
        "whole number or null",
        "list of text",
        "list of whole number",
    ]


def test_options_are_built_from_coerced_values():
    assert built(Options, {"limit": 0.5}) == Options(limit=0.5)


@given(
    st.sampled_from(list(KNOWN)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_any_value_of_yaml_is_taken_or_refused_in_words(name, value):
    try:
        found = taken(name, value)
    except OptionError as refused:
        assert refused.text.english().startswith(f"{name} is ")
    else:
        assert taken(name, found) == found, "a coerced value is its own coercion"


def test_all_defaults_of_rules_reporters_and_the_profile_are_values_that_they_take():
    plugins = load_plugins(foreign=False)
    classes = [
        ProfileOptions,
        *(rule.options for rule in plugins.rules.values()),
        *(reporter.options for reporter in plugins.reporters.values()),
    ]
    for declared in classes:
        for known in options_of(declared).values():
            if known.default is not None:
                assert coerced(known, known.default) == known.default, (declared, known.name)
