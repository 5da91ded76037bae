"""The order in which sd-scripts processes a caption. The cases are what its own code did with the same input."""

import pytest

from tagmetry.trainers.kohya import (
    CaptionSettings,
    epochs_without_captions,
    lost_with_text_encoder_cache,
    processed_caption,
    refused_with_text_encoder_cache,
    warmed_up_parts,
)


def text(caption, **settings):
    return processed_caption(caption, CaptionSettings(**settings)).text


def parts(caption, **settings):
    processed = processed_caption(caption, CaptionSettings(shuffle_caption=True, **settings))
    return list(processed.fixed), list(processed.flexible), list(processed.tail)


def draws(caption, **settings):
    return processed_caption(caption, CaptionSettings(**settings)).draws


def test_without_settings_the_first_line_stays_as_it_is():
    assert text("a,b , {c|d}\nsecond") == "a,b , {c|d}"
    assert draws("a, b") == ()


def test_prefix_and_suffix_are_joined_by_a_space():
    assert text("a, b", caption_prefix="sks,", caption_suffix="photo") == "sks, a, b photo"


def test_a_prefix_stands_before_the_first_line_and_a_suffix_behind_the_last():
    assert text("a\nb", caption_prefix="p", caption_suffix="s") == "p a"


def test_dropout_takes_the_whole_caption_and_is_decided_first():
    assert draws("{a|b}, c", enable_wildcard=True, caption_dropout_rate=0.1) == ("dropout", "wildcard")
    assert draws("a", caption_dropout_every_n_epochs=3) == ("epoch-dropout",)


def test_every_third_epoch_counted_from_one_is_without_captions():
    assert epochs_without_captions(7, CaptionSettings(caption_dropout_every_n_epochs=3)) == (3, 6)
    assert epochs_without_captions(7, CaptionSettings()) == ()


def test_wildcards_pick_a_word_and_doubled_braces_are_braces():
    assert text("a {red|blue} {{x}} {one}", enable_wildcard=True) == "a red {x} one"
    assert text("{{red|blue}}", enable_wildcard=True) == "{red|blue}"
    assert draws("{{red|blue}}", enable_wildcard=True) == ()


def test_braces_stay_without_wildcards():
    assert text("a {red|blue} {{x}}") == "a {red|blue} {{x}}"


def test_signs_that_stand_for_braces_may_be_in_the_caption():
    assert text("⦅a⦆ {{b}}", enable_wildcard=True) == "⦅a⦆ {b}"


def test_with_wildcards_a_line_is_drawn():
    assert draws("a\nb", enable_wildcard=True) == ("line",)
    assert draws("a\n{b|c}", enable_wildcard=True) == ("line", "wildcard")


def test_a_caption_that_is_taken_apart_is_joined_by_comma_and_space_whatever_the_separator():
    assert text("a;b ;c", caption_separator=";", shuffle_caption=True) == "a, b, c"


@pytest.mark.parametrize(
    "settings", [{"shuffle_caption": True}, {"token_warmup_step": 10}, {"caption_tag_dropout_rate": 0.1}]
)
def test_three_settings_take_captions_apart(settings):
    assert text("a,b", **settings) == "a, b"


def test_keep_tokens_fixes_the_first_parts():
    assert parts("sks, dog, park, sun", keep_tokens=2) == (["sks", "dog"], ["park", "sun"], [])


def test_keep_tokens_alone_does_nothing():
    assert processed_caption("sks,dog", CaptionSettings(keep_tokens=1)).fixed == ()
    assert text("sks,dog", keep_tokens=1) == "sks,dog"


def test_a_separator_for_keeping_makes_head_middle_and_tail():
    assert parts("sks, dog ||| park, sun ||| photo", keep_tokens_separator="|||") == (
        ["sks", "dog"],
        ["park", "sun"],
        ["photo"],
    )
    assert text("sks ||| park ||| photo", keep_tokens_separator="|||", shuffle_caption=True) == "sks, park, photo"


def test_the_separator_for_keeping_beats_keep_tokens():
    assert parts("a ||| b, c", keep_tokens_separator="|||", keep_tokens=2) == (["a"], ["b", "c"], [])
    assert parts("a, b, c", keep_tokens_separator="|||", keep_tokens=2) == (["a", "b"], ["c"], [])


def test_the_separator_for_keeping_stays_in_the_caption_where_nothing_takes_it_apart():
    assert text("sks ||| park", keep_tokens_separator="|||") == "sks ||| park"


def test_empty_parts_survive_with_keep_tokens_and_vanish_with_the_separator():
    assert text("a,, b,", keep_tokens=1, shuffle_caption=True) == "a, , b, "
    assert text("a,, ||| b,", keep_tokens_separator="|||", shuffle_caption=True) == "a, b"


def test_the_secondary_separator_becomes_the_separator_without_a_space():
    assert text("one, four;;;five", secondary_separator=";;;") == "one, four,five"
    assert text("one, four;;;five", secondary_separator=";;;", shuffle_caption=True) == "one, four,five"
    assert parts("one, four;;;five", secondary_separator=";;;")[1] == ["one", "four;;;five"]


def test_an_empty_separator_fails():
    with pytest.raises(ValueError, match="separator"):
        text("a, b", caption_separator="", shuffle_caption=True)


def test_a_single_flexible_part_is_not_shuffled():
    assert draws("sks, dog", keep_tokens=1, shuffle_caption=True) == ()
    assert draws("sks, dog, park", keep_tokens=1, shuffle_caption=True) == ("shuffle",)


def test_only_flexible_parts_are_dropped():
    assert draws("sks", keep_tokens=1, caption_tag_dropout_rate=0.5) == ()
    assert draws("sks, dog", keep_tokens=1, caption_tag_dropout_rate=0.5) == ("tag-dropout",)


def test_warmup_shows_ever_more_parts_until_its_last_step():
    settings = CaptionSettings(token_warmup_min=2, token_warmup_step=10)
    shown = [warmed_up_parts(12, step, settings, max_train_steps=100) for step in (0, 1, 5, 9, 10, 50)]
    assert shown == [2, 3, 7, 11, 12, 12]


def test_a_warmup_below_one_is_a_share_of_all_steps():
    settings = CaptionSettings(token_warmup_step=0.5)
    assert warmed_up_parts(11, 25, settings, max_train_steps=100) == 6
    assert warmed_up_parts(11, 50, settings, max_train_steps=100) == 11
    assert warmed_up_parts(11, 0, CaptionSettings(), max_train_steps=100) == 11


def test_cached_text_encoder_outputs_refuse_four_settings():
    settings = CaptionSettings(shuffle_caption=True, caption_dropout_rate=0.1, caption_prefix="p")
    assert refused_with_text_encoder_cache(settings) == ("shuffle_caption", "caption_dropout_rate")


def test_cached_text_encoder_outputs_lose_the_others_in_silence():
    settings = CaptionSettings(
        caption_prefix="p", enable_wildcard=True, keep_tokens_separator="|||", secondary_separator=";;;",
        caption_dropout_every_n_epochs=2,
    )  # fmt: skip
    assert lost_with_text_encoder_cache(settings) == (
        "caption_prefix",
        "secondary_separator",
        "keep_tokens_separator",
        "enable_wildcard",
        "caption_dropout_every_n_epochs",
    )
    assert lost_with_text_encoder_cache(CaptionSettings()) == ()
