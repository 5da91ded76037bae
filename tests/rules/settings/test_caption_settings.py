"""What a config does to captions: caching, chance, dropout, kept tokens, separators, token limits."""

import pytest

from rule_testing import concept, dataset, figures, findings, severities, skips, texts, training_config
from tagmetry.rules.captions import sentence_caption_shuffled
from tagmetry.rules.settings import (
    caption_dropout_high,
    max_token_length,
    no_caption_randomization,
    separator_left_in_caption,
    tag_dropout_high,
    text_encoder_cache_conflict,
    trigger_not_kept,
)

TAGS = ["sks, red hat, park, tree, dog"] * 3


def kohya(general="", subset="", *, training="", captions=TAGS, trigger="sks", **profile):
    """A dataset config with one folder; `training` is a --config_file beside it."""
    text = f"""
[general]
caption_extension = ".txt"
{general}
[[datasets]]
resolution = 512
  [[datasets.subsets]]
  image_dir = "hat"
  {subset}
"""
    config = training_config(text, *([f"network_dim = 8\nnetwork_alpha = 8\n{training}"] if training else []))
    return dataset(concept("hat", captions=captions, trigger=trigger), config=config, **profile)


def everydream(**settings):
    import json

    return training_config(json.dumps({"data_root": "hat", **settings}))


def places(found):
    return [(finding.subject.name, finding.location.line) for finding in found]


# --- text-encoder-cache-conflict


def test_a_cache_with_shuffling_stops_the_trainer():
    rule = text_encoder_cache_conflict.rule
    found = findings(
        rule, kohya("shuffle_caption = true\nkeep_tokens = 1", training="cache_text_encoder_outputs = true")
    )
    assert texts(rule, found) == [
        "cache_text_encoder_outputs does not go with shuffle_caption: the trainer stops before the first step"
    ]
    assert (severities(rule, found), places(found)) == (["error"], [("config.toml", 4)])
    assert found[0].subject.paths == ("config.toml", "hat/000.png", "hat/001.png", "hat/002.png")


@pytest.mark.parametrize(
    "setting", ["caption_dropout_rate = 0.05", "caption_tag_dropout_rate = 0.1", "token_warmup_step = 9"]
)
def test_each_setting_that_sd_scripts_tests_for_stops_it(setting):
    data = kohya(subset=setting, training="cache_text_encoder_outputs = true")
    assert severities(text_encoder_cache_conflict.rule, findings(text_encoder_cache_conflict.rule, data)) == ["error"]


def test_a_prefix_with_the_cache_is_silently_ignored():
    rule = text_encoder_cache_conflict.rule
    data = kohya(
        'caption_prefix = "art"\ncaption_dropout_every_n_epochs = 3', training="cache_text_encoder_outputs = true"
    )
    found = findings(rule, data)
    assert texts(rule, found) == [
        (
            "with cache_text_encoder_outputs the trainer silently ignores caption_dropout_every_n_epochs, "
            "caption_prefix: the stored captions are encoded as they are"
        )
    ]
    assert severities(rule, found) == ["warning"]


def test_a_cache_alone_is_fine_and_sdxl_must_not_train_its_text_encoders_with_it():
    rule = text_encoder_cache_conflict.rule
    alone = "cache_text_encoder_outputs = true"
    assert findings(rule, kohya(training=alone)) == []
    assert findings(rule, kohya("shuffle_caption = true", training="cache_latents = true")) == []
    found = findings(rule, kohya(training=alone, base_model="sdxl"))
    assert texts(rule, found) == [
        "cache_text_encoder_outputs keeps SDXL's text encoders from being trained: the trainer stops"
    ]
    assert findings(rule, kohya(training=alone + "\nnetwork_train_unet_only = true", base_model="sdxl")) == []


def test_without_a_config_and_without_the_training_part_it_does_not_judge():
    rule = text_encoder_cache_conflict.rule
    assert skips(rule, dataset(concept("hat", n=2))) == ["no trainer config was given; --config FILE gives one"]
    assert skips(rule, kohya("shuffle_caption = true")) == [
        "the config does not tell cache_text_encoder_outputs: give the training config or command line as well"
    ]


# --- no-caption-randomization


def test_tag_lists_that_stay_the_same_are_found():
    rule = no_caption_randomization.rule
    found = findings(rule, kohya("shuffle_caption = false"))
    assert texts(rule, found) == [
        "3 of 3 training images have the same list of tags each time: neither shuffle nor tag dropout is on"
    ]
    assert places(found) == [("config.toml", 4)]
    assert places(findings(rule, kohya())) == [("config.toml", 8)]


@pytest.mark.parametrize(
    "setting", ["shuffle_caption = true", "caption_tag_dropout_rate = 0.1", "token_warmup_step = 10"]
)
def test_tag_lists_that_vary_are_not_found(setting):
    assert findings(no_caption_randomization.rule, kohya(setting)) == []


def test_short_captions_are_not_counted():
    rule = no_caption_randomization.rule
    assert findings(rule, kohya(captions=["sks, hat, park"])) == []
    assert findings(rule, kohya(captions=["sks, hat, park"]), min_tags=3) != []


def test_sentences_and_cached_captions_are_not_judged():
    rule = no_caption_randomization.rule
    assert skips(rule, kohya(caption_style="sentences")) == ["the captions are sentences, and this rule reads tags"]
    assert skips(rule, kohya(training="cache_text_encoder_outputs = true")) == [
        "text-encoder outputs are cached, which forbids randomized captions"
    ]


# --- caption-dropout-high, tag-dropout-high


@pytest.mark.parametrize(
    ("rate", "expected"),
    [("0.05", []), ("0.051", ["info"]), ("0.099", ["info"]), ("0.1", ["warning"]), ("1.5", ["error"])],
)
def test_caption_dropout_has_two_limits(rate, expected):
    rule = caption_dropout_high.rule
    assert severities(rule, findings(rule, kohya(f"caption_dropout_rate = {rate}"))) == expected


def test_caption_dropout_is_told_with_its_place_and_images():
    rule = caption_dropout_high.rule
    found = findings(rule, kohya("\n\ncaption_dropout_rate = 0.2"))
    assert texts(rule, found) == ["caption_dropout_rate = 0.2 drops 20 % of the captions of 3 images"]
    assert figures(found) == [("caption_dropout_rate", 0.2, 0.1, "limit", "share")]
    assert places(found) == [("config.toml", 6)]


def test_epochs_without_captions_count_as_the_share_that_they_are():
    rule = caption_dropout_high.rule
    assert findings(rule, kohya("caption_dropout_every_n_epochs = 20")) == []
    found = findings(rule, kohya("caption_dropout_every_n_epochs = 10"))
    assert texts(rule, found) == [
        "caption_dropout_every_n_epochs = 10 drops all captions in 10 % of the epochs, of 3 images"
    ]


def test_a_rate_in_the_general_part_is_told_once_for_all_subsets():
    text = """
[general]
caption_dropout_rate = 0.3
[[datasets]]
resolution = 512
[[datasets.subsets]]
image_dir = "hat"
[[datasets.subsets]]
image_dir = "dog"
caption_dropout_rate = 0.0
[[datasets.subsets]]
image_dir = "cat"
"""
    data = dataset(*(concept(name, captions=TAGS) for name in ("cat", "dog", "hat")), config=training_config(text))
    (found,) = findings(caption_dropout_high.rule, data)
    assert found.values["n"] == 6
    assert found.subject.paths[1:3] == ("cat/000.png", "cat/001.png")


def test_everydreams_dropout_has_its_own_name():
    rule = caption_dropout_high.rule
    data = dataset(concept("hat", captions=TAGS), config=everydream(cond_dropout=0.25))
    assert texts(rule, findings(rule, data)) == ["cond_dropout = 0.25 drops 25 % of the captions of 3 images"]
    assert findings(rule, dataset(concept("hat", captions=TAGS), config=everydream())) == []


@pytest.mark.parametrize(("rate", "expected"), [("0.25", []), ("0.26", ["warning"]), ("1", ["error"])])
def test_tag_dropout_above_a_quarter_is_found(rate, expected):
    rule = tag_dropout_high.rule
    assert severities(rule, findings(rule, kohya(f"caption_tag_dropout_rate = {rate}"))) == expected


# --- trigger-not-kept


def test_a_trigger_that_is_shuffled_is_found_at_keep_tokens():
    rule = trigger_not_kept.rule
    found = findings(rule, kohya("shuffle_caption = true\nkeep_tokens = 0"))
    assert texts(rule, found) == [
        'the trigger "sks" is shuffled or dropped in 3 of 3 captions of hat: keep_tokens = 0, and 1 would be needed'
    ]
    assert places(found) == [("config.toml", 5)]
    assert places(findings(rule, kohya("shuffle_caption = true"))) == [("config.toml", 4)]


def test_a_trigger_that_is_kept_or_never_moved_is_fine():
    rule = trigger_not_kept.rule
    assert findings(rule, kohya("shuffle_caption = true\nkeep_tokens = 1")) == []
    assert findings(rule, kohya("keep_tokens = 0")) == []
    assert findings(rule, kohya("caption_dropout_rate = 0.1")) == []


def test_a_trigger_of_two_parts_needs_two_kept():
    captions = ["sks, woman, park, tree"] * 2
    (found,) = findings(
        trigger_not_kept.rule,
        kohya("caption_tag_dropout_rate = 0.1\nkeep_tokens = 1", captions=captions, trigger="sks, woman"),
    )
    assert (found.values["needed"], found.values["n"]) == (2, 2)


def test_a_separator_for_kept_tokens_counts():
    rule = trigger_not_kept.rule
    setting = 'shuffle_caption = true\nkeep_tokens_separator = "|||"'
    assert findings(rule, kohya(setting, captions=["sks, woman ||| park, tree"])) == []
    (found,) = findings(rule, kohya(setting, captions=["woman ||| sks, park, tree"]))
    assert found.values["n"] == 1


def test_everydream_keeps_what_stands_before_the_first_comma():
    rule = trigger_not_kept.rule
    config = everydream(shuffle_tags=True)
    assert findings(rule, dataset(concept("hat", captions=TAGS, trigger="sks"), config=config)) == []
    found = findings(rule, dataset(concept("hat", captions=["park, sks, tree"], trigger="sks"), config=config))
    assert texts(rule, found) == [
        'the trigger "sks" is shuffled in 1 of 1 captions of hat: only what stands before the first comma is kept'
    ]


def test_without_a_trigger_nothing_is_judged():
    assert skips(trigger_not_kept.rule, kohya("shuffle_caption = true", trigger=None)) == [
        "no trigger word is known: set profile.concepts.NAME.trigger"
    ]


# --- sentence-caption-shuffled


def test_sentences_that_are_shuffled_are_found():
    rule = sentence_caption_shuffled.rule
    captions = ["A woman in a coat, on a bridge.", "A woman on a bridge."]
    data = kohya("shuffle_caption = true\nkeep_tokens = 1", captions=captions, caption_style="sentences")
    found = findings(rule, data)
    assert texts(rule, found) == [
        "1 of 2 captions are sentences that shuffle_caption takes apart at their commas",
        "keep_tokens = 1 is for lists of tags, and the captions are sentences",
    ]
    assert severities(rule, found) == ["warning", "info"]
    assert found[0].subject.paths == ("config.toml", "hat/000.png")


def test_sentences_left_alone_and_tags_are_fine():
    rule = sentence_caption_shuffled.rule
    assert findings(rule, kohya(captions=["A hat, red."], caption_style="sentences")) == []
    assert skips(rule, kohya("shuffle_caption = true")) == ["the captions are lists of tags"]


# --- separator-left-in-caption


def test_signs_that_no_setting_reads_are_found():
    rule = separator_left_in_caption.rule
    captions = ["sks, {red|blue} hat", "sks ||| hat", "a;;;b", "a {thing}"]
    assert texts(rule, findings(rule, kohya(captions=captions))) == [
        "1 of 4 captions offer choices in braces, and enable_wildcard is off: the braces are trained as text",
        '1 of 4 captions hold "|||", which stays in them, for keep_tokens_separator is not set',
        '1 of 4 captions hold ";;;", which stays in them, for secondary_separator is not set',
    ]


def test_signs_that_settings_read_are_fine():
    setting = (
        'enable_wildcard = true\nkeep_tokens_separator = "|||"\nsecondary_separator = ";;;"\nshuffle_caption = true'
    )
    captions = ["sks, {red|blue} hat", "sks ||| hat", "a;;;b"]
    assert findings(separator_left_in_caption.rule, kohya(setting, captions=captions)) == []


def test_a_separator_stays_where_nothing_is_shuffled():
    rule = separator_left_in_caption.rule
    found = findings(rule, kohya('keep_tokens_separator = "|||"', captions=["sks ||| hat"]))
    assert texts(rule, found) == ['1 of 1 captions hold "|||", which stays in them, for nothing is shuffled or dropped']


def test_other_trainers_have_no_such_language():
    data = dataset(concept("hat", captions=["a ||| b"]), config=everydream())
    assert skips(separator_left_in_caption.rule, data) == ["this trainer has nothing of the kind"]


# --- max-token-length


def test_a_limit_that_no_caption_needs_is_told():
    rule = max_token_length.rule
    found = findings(rule, kohya(training="max_token_length = 225"))
    assert texts(rule, found) == ["max_token_length = 225, and the longest caption has 10 tokens: 75 is enough"]
    assert severities(rule, found) == ["info"]
    assert findings(rule, kohya(training="max_token_length = 75")) == []
    assert findings(rule, kohya(training="seed = 1")) == []


def test_captions_beyond_the_limit_are_counted():
    rule = max_token_length.rule
    captions = ["word " * 160, "sks, hat"]
    found = findings(rule, kohya(training="max_token_length = 150", captions=captions))
    assert texts(rule, found) == ["max_token_length = 150, and 1 of 2 captions are longer, up to 160 tokens"]
    assert findings(rule, kohya(training="max_token_length = 225", captions=captions)) == []


def test_a_limit_that_the_trainer_does_not_take_is_an_error():
    rule = max_token_length.rule
    found = findings(rule, kohya(training="max_token_length = 100"))
    assert texts(rule, found) == ["max_token_length = 100 is none of 75, 150 and 225: the trainer does not take it"]
    assert severities(rule, found) == ["error"]


def test_flux_does_not_look_at_it():
    rule = max_token_length.rule
    found = findings(rule, kohya(training="max_token_length = 225", base_model="flux"))
    assert texts(rule, found) == ["max_token_length = 225 does nothing for Flux, whose T5 has a limit of its own"]
