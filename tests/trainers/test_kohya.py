"""What sd-scripts reads and how often it trains it. The cases are what its own code did with the same input."""

import numpy as np
import pytest

from tagmetry.trainers import kohya


@pytest.mark.parametrize(
    ("name", "repeats", "tokens"),
    [
        ("10_sks dog", 10, "sks dog"),
        ("5", 5, ""),
        ("2_a_b_c", 2, "a_b_c"),
        ("10_", 10, ""),
        (" 10_x", 10, "x"),
        ("10 _x", 10, "x"),
        ("１０_x", 10, "x"),
        ("+3_a", 3, "a"),
        ("007_bond", 7, "bond"),
        ("3_日本", 3, "日本"),
    ],
)
def test_folder_names_give_repeats_and_class_tokens(name, repeats, tokens):
    assert kohya.parse_folder_name(name) == kohya.NamedFolder(repeats, tokens)
    assert kohya.why_folder_unread(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("cat", "no-number"),
        ("CROP", "no-number"),
        ("_x", "no-number"),
        ("10.5_x", "no-number"),
        ("10-x", "no-number"),
        ("²_x", "no-number"),
        ("0_x", "number-below-one"),
        ("-3_x", "number-below-one"),
    ],
)
def test_other_folders_are_not_read(name, why):
    assert kohya.parse_folder_name(name) is None
    assert kohya.why_folder_unread(name) == why


def test_images_are_lower_or_upper_case_of_five_suffixes():
    read = ["a.png", "a.PNG", "b.jpeg", "b.JPEG", "c.jpg", "d.webp", "e.BMP", "[f].png", "日.png"]
    unread = ["x.Jpg", "a.Png", "h.jPEG", "c.gif", "c.tiff", "g", "f.png.txt", ".h.png", ".png"]
    assert [name for name in read + unread if kohya.reads_image(name)] == read


def test_windows_finds_images_in_any_case_but_not_hidden_ones():
    assert kohya.reads_image("x.Jpg", windows=True)
    assert not kohya.reads_image(".x.Jpg", windows=True)


def test_avif_and_jxl_need_plugins():
    assert not kohya.reads_image("e.avif")
    assert kohya.reads_image("e.avif", plugins=True)
    assert kohya.reads_image("e.JXL", plugins=True)


def test_default_caption_extension_is_caption():
    assert kohya.CAPTION_EXTENSION == ".caption"
    assert kohya.SCHEMA["caption_extension"].default == ".caption"
    assert kohya.caption_paths("set/a.png") == ("set/a.caption",)


@pytest.mark.parametrize(("given", "used"), [("txt", ".txt"), (".txt", ".txt"), ("", "")])
def test_a_missing_dot_is_added_to_the_extension(given, used):
    assert kohya.caption_extension(given) == used
    assert kohya.caption_paths("a.png", given) == ("a" + used,)


def test_four_underscores_make_the_face_crop_fallback():
    assert kohya.caption_paths("photo_10_20_30_40.png", ".txt") == ("photo_10_20_30_40.txt", "photo.txt")
    assert kohya.caption_paths("photo_20_30_40.png", ".txt") == ("photo_20_30_40.txt",)


def test_underscores_of_folders_count_for_the_fallback():
    assert kohya.caption_paths("my_lora/10_sks/a_b.png", ".txt") == ("my_lora/10_sks/a_b.txt",)
    assert kohya.caption_paths("my_new_lora/10_sks/a_b.png", ".txt") == (
        "my_new_lora/10_sks/a_b.txt",
        "my.txt",
    )


def test_only_the_last_suffix_is_replaced():
    assert kohya.caption_paths("set/a.b.png", ".txt") == ("set/a.b.txt",)


@pytest.mark.parametrize(
    ("content", "caption"),
    [
        (b"a, b\n", "a, b"),
        (b"a\nb\n", "a"),
        (b"a\rb", "a"),
        (b"  x  \r\ny\r\n", "x"),
        (b"\n", ""),
        (b"\r\n", ""),
        (b"\n\nfoo\n", ""),
        ("\u2028z\x0bq".encode(), "z\x0bq"),
        (b"\xef\xbb\xbfa, b", "\ufeffa, b"),
    ],
)
def test_the_first_line_is_the_caption(content, caption):
    assert kohya.caption_from_text(kohya.decode_caption(content)) == caption


def test_with_wildcards_all_lines_with_text_are_kept():
    assert kohya.caption_from_text(" a \n\n \nb\n", enable_wildcard=True) == "a\nb"


def test_an_empty_file_stops_the_trainer():
    assert kohya.caption_from_text("") is None
    assert kohya.caption_from_text("", enable_wildcard=True) is None


def test_captions_that_are_not_utf8_stop_the_trainer():
    assert kohya.decode_caption(b"caf\xe9") is None
    assert kohya.decode_caption("猫".encode("cp932")) is None
    assert kohya.decode_caption("猫".encode()) == "猫"


def test_caption_file_wins_over_class_tokens_and_those_over_nothing():
    assert kohya.caption_of("a", "sks dog") == ("a", "file")
    assert kohya.caption_of("", "sks dog") == ("", "file")
    assert kohya.caption_of(None, "sks dog") == ("sks dog", "class-tokens")
    assert kohya.caption_of(None, "") == ("", "class-tokens")
    assert kohya.caption_of(None, None) == ("", "none")


def test_metadata_joins_caption_and_tags_without_a_space():
    assert kohya.metadata_caption("cc", "t1, t2") == "cc,t1, t2"
    assert kohya.metadata_caption("cc", None) == "cc"
    assert kohya.metadata_caption(None, "t1") == "t1"
    assert kohya.metadata_caption("cc", "") == "cc"
    assert kohya.metadata_caption("cc", "t", separator=";") == "cc;t"


def test_with_wildcards_every_line_gets_the_tags():
    assert kohya.metadata_caption("c1\n\nc2", "t1\nt2", enable_wildcard=True) == "c1,t1,t2\nc2,t1,t2"
    assert kohya.metadata_caption("", "t1", enable_wildcard=True) == ""


@pytest.mark.parametrize(("trigger", "parts"), [("sks", 1), ("sks dog", 1), ("sks, dog", 2), ("sks,, dog,", 2)])
def test_trigger_takes_as_many_parts_as_it_has_commas_plus_one(trigger, parts):
    assert kohya.trigger_parts(trigger) == parts


def test_parts_to_keep_reach_to_the_end_of_the_trigger():
    captions = [
        "sks, hat",
        "masterpiece, SKS, hat",
        "masterpiece,, sks",
        "sks dog, hat",
        "a photo of sks in the rain, hat",
        "skss, hat",
        "hat",
        "",
    ]
    assert kohya.parts_to_keep(captions, "sks").tolist() == [1, 2, 3, 1, 1, 0, 0, 0]


def test_parts_to_keep_of_a_trigger_of_two_tags():
    captions = ["sks, dog, hat", "hat, sks, dog", "dog, sks", "sks dog"]
    assert kohya.parts_to_keep(captions, "sks, dog").tolist() == [2, 3, 0, 0]


def test_parts_to_keep_counts_by_the_given_separator():
    assert kohya.parts_to_keep(["a, b; sks; c"], "sks", separator=";").tolist() == [2]


def test_an_empty_trigger_keeps_nothing():
    assert kohya.parts_to_keep(["a, b"], " ").tolist() == [0]


@pytest.mark.parametrize("repeats", [1, 2, 10.0])
def test_whole_repeats_from_one_are_legal(repeats):
    assert kohya.legal_repeats(repeats)


@pytest.mark.parametrize("repeats", [0, -1, 0.5, 1.5, float("nan"), float("inf")])
def test_other_repeats_are_not_legal(repeats):
    assert not kohya.legal_repeats(repeats)


def reg(repeats, train):
    return kohya.regularization_exposures(np.array(repeats, dtype=np.int64), train).tolist()


def test_surplus_regularization_images_are_never_used():
    assert reg([2] * 5, 3) == [2, 2, 0, 0, 0]


def test_too_few_regularization_images_are_repeated_in_turn():
    assert reg([1] * 5, 12) == [3, 3, 2, 2, 2]
    assert reg([3, 1], 10) == [6, 4]


def test_as_many_regularization_images_as_training_exposures_are_used_once():
    assert reg([1] * 4, 4) == [1, 1, 1, 1]
    assert reg([1] * 4, 5) == [2, 1, 1, 1]
    assert reg([1] * 4, 3) == [1, 1, 1, 0]


def test_regularization_overshoots_by_less_than_its_repeats():
    assert reg([5, 5, 5], 11) == [5, 5, 5]
    assert reg([5, 5, 5], 10) == [5, 5, 0]


def test_regularization_without_training_images_is_not_used():
    assert reg([2, 2], 0) == [0, 0]
    assert reg([], 5) == []


def test_regularization_follows_the_loop_of_the_trainer():
    generator = np.random.default_rng(0)
    for _ in range(300):
        repeats = generator.integers(1, 7, generator.integers(1, 9)).tolist()
        train = int(generator.integers(0, 40))
        taken, total, first = [0] * len(repeats), 0, True
        while total < train:
            for number, times in enumerate(repeats):
                step = times if first else 1
                taken[number] += step
                total += step
                if total >= train:
                    break
            first = False
        assert reg(repeats, train) == taken


def test_exposures_mix_training_and_regularization():
    repeats = np.array([2.0, 2.0, 2.0, 1.0, 1.0])
    regularization = np.array([False, False, False, True, True])
    assert kohya.exposures(repeats, regularization).tolist() == [2, 2, 2, 3, 3]


def test_repeats_below_one_are_not_trained():
    assert kohya.exposures(np.array([0.0, -2.0, 3.0]), np.zeros(3, dtype=bool)).tolist() == [0, 0, 3]


def test_an_epoch_is_the_sum_of_batches_rounded_up_per_bucket():
    bucket = np.array([0, 0, 1, 2])
    exposures = np.array([3.0, 2.0, 4.0, 1.0])
    assert kohya.batches_per_bucket(bucket, exposures, 4).tolist() == [2, 1, 1]
    assert kohya.steps_per_epoch(bucket, exposures, batch_size=4) == 4


def test_steps_are_divided_by_accumulation_and_processes_and_rounded_up():
    bucket, exposures = np.zeros(10, dtype=np.int64), np.ones(10)
    assert kohya.steps_per_epoch(bucket, exposures, batch_size=1, gradient_accumulation=4) == 3
    assert kohya.steps_per_epoch(bucket, exposures, batch_size=1, gradient_accumulation=2, processes=2) == 3


@pytest.mark.parametrize(
    ("n", "share", "split"),
    [
        (10, 0.15, (9, 2, 1)),
        (10, 0.5, (5, 5, 0)),
        (10, 0.2, (8, 2, 0)),
        (10, 0.0, (10, 0, 0)),
        (10, -1.0, (10, 0, 0)),
        (10, 1.0, (0, 10, 0)),
        (10, 1.5, (5, 0, 0)),
        (10, 3.0, (0, 0, 0)),
        (1, 1.2, (0, 0, 0)),
        (0, 0.5, (0, 0, 0)),
    ],
)
def test_validation_split(n, share, split):
    assert kohya.validation_split(n, share) == kohya.ValidationSplit(*split)
