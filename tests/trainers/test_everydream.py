"""What EveryDream2 reads and how often it trains it. The cases are what its own code did with the same input."""

import numpy as np
import pytest

from tagmetry.trainers import everydream
from tagmetry.trainers.everydream import Fields, Tag


def numbers(*values):
    return np.array(values, dtype=np.float64)


def image(name, *, sidecars=None, folder=None, inherited=everydream.NOTHING):
    files = (folder or {}) | (sidecars or {})
    return everydream.image_fields(
        name,
        inherited=everydream.inherited_fields(inherited, files),
        local=everydream.local_fields(files),
        sidecar=everydream.sidecar_fields(name, files),
    )


def caption(name, **files):
    return everydream.caption_text(image(name, **files))


def test_images_are_six_suffixes_in_any_case():
    read = ["a.jpg", "a.JPG", "a.Jpg", "a.jpeg", "a.png", "a.bmp", "a.webp", "a.jfif"]
    unread = ["a.gif", "a.tif", "a.avif", "a", ".a.png", ".png", "a.png.txt"]
    assert [name for name in read + unread if everydream.reads_image(name)] == read


def test_hidden_folders_are_not_entered():
    assert everydream.reads_folder("dog")
    assert not everydream.reads_folder(".dog")


def test_first_part_is_the_prompt_and_the_rest_are_tags():
    assert everydream.split_caption("dog, red hat , sitting") == ("dog", ("red hat", "sitting"))


def test_repeated_tags_go_and_empty_tags_stay():
    assert caption("a.png", sidecars={"a.txt": "dog, cat, cat,, x ,"}) == "dog, cat, , x"


def test_line_ends_are_not_special():
    assert caption("a.png", sidecars={"a.txt": "l1\nl2, t\nu"}) == "l1\nl2, t\nu"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dog_1.png", "dog"),
        ("a dog.png", "a dog"),
        ("red, hat_1.png", "red, hat"),
        ("dog.1_x.png", "dog.1"),
    ],
)
def test_without_a_caption_the_file_name_up_to_the_first_underscore_is_used(name, expected):
    assert caption(name) == expected


def test_an_empty_caption_file_is_no_caption():
    assert caption("dog_1.png", sidecars={"dog_1.txt": ""}) == "dog"
    assert caption("dog_1.png", sidecars={"dog_1.txt": " \n"}) == "dog"


def test_a_caption_that_begins_with_a_comma_keeps_its_tags_and_takes_the_file_name():
    assert caption("dog_1.png", sidecars={"dog_1.txt": ",hat"}) == "dog, hat"


def test_a_file_name_that_begins_with_an_underscore_stops_the_trainer():
    assert caption("_1.png") is None
    assert caption("_1.png", sidecars={"_1.txt": "dog"}) == "dog"


def test_byte_order_mark_stays_before_the_prompt():
    assert everydream.decode_text(b"\xef\xbb\xbfx, y") == "\ufeffx, y"


def test_text_that_is_not_utf8_is_read_as_latin_1():
    assert everydream.decode_text(b"caf\xe9") == "café"
    assert everydream.decode_text("猫".encode()) == "猫"
    assert everydream.decode_text(b"a\r\nb\rc") == "a\nb\nc"


def test_sidecars_are_merged_and_the_last_goes_first():
    sidecars = {
        "a.txt": "p1, t1",
        "a.caption": "p2, t2",
        "a.yml": {"multiply": 2},
        "a.yaml": {"main_prompt": "p3", "tags": ["t3", {"tag": "t4", "weight": 2}], "multiply": 3},
    }
    fields = image("a.png", sidecars=sidecars)
    assert everydream.sidecar_names("a.png") == ("a.txt", "a.caption", "a.yml", "a.yaml")
    assert fields.prompts == ("p3", "p2", "p1")
    assert fields.tags == (Tag("t3"), Tag("t4", 2.0), Tag("t2"), Tag("t1"))
    assert fields.multiply == 3.0
    assert everydream.caption_text(fields) == "p3, t4, t3, t2, t1"


def test_sidecar_suffixes_count_in_lower_case_only():
    assert caption("a.PNG", sidecars={"a.TXT": "up"}) == "a"


def test_an_image_called_like_a_control_file_takes_it_for_its_caption():
    assert caption("multiply.png", folder={"multiply.txt": "3"}) == "3"


def test_caption_key_of_a_document_lies_over_its_prompt_and_tags():
    assert caption("a.png", sidecars={"a.yaml": {"caption": "c1, c2", "main_prompt": "mp", "tags": ["q"]}}) == (
        "c1, c2, q"
    )


def test_folder_files_are_merged_in_order_and_local_wins_over_global():
    folder = {
        "multiply.txt": "2",
        "cond_dropout.txt": "0.1",
        "loss_scale.txt": "0",
        "batch_id.txt": "bb\n",
        "shuffle_tags.txt": "",
        "local.yaml": {"multiply": 4, "tags": ["l"], "main_prompt": "LP"},
        "global.yml": {"main_prompt": "GP", "flip_p": 0.5},
    }
    assert image("a.png", folder=folder) == Fields(
        prompts=("LP", "GP"),
        tags=(Tag("l"),),
        multiply=4.0,
        cond_dropout=0.1,
        flip_p=0.5,
        loss_scale=0.0,
        batch_id="bb\n",
        shuffle_tags=True,
    )


def test_global_settings_reach_subfolders_except_shuffle_tags():
    above = everydream.inherited_fields(
        everydream.NOTHING,
        {"global.yaml": {"shuffle_tags": True, "multiply": 2, "flip_p": 0.5, "tags": ["g"]}},
    )
    below = image("b.png", sidecars={"b.txt": "dog"}, inherited=above)
    assert above.shuffle_tags is True
    assert (below.multiply, below.flip_p, below.tags) == (2.0, 0.5, (Tag("g"),))
    assert below.shuffle_tags is False


def test_global_shuffle_tags_holds_in_its_own_folder_for_images_with_a_caption():
    folder = {"global.yaml": {"shuffle_tags": True}}
    assert image("a.png", folder=folder, sidecars={"a.txt": "dog"}).shuffle_tags is True
    assert image("a.png", folder=folder).shuffle_tags is False


def test_multiply_does_not_reach_subfolders():
    above = everydream.inherited_fields(everydream.NOTHING, {"multiply.txt": "3"})
    assert image("b.png", inherited=above).multiply is None


@pytest.mark.parametrize(
    ("text", "number"),
    [(" 2.5\n", 2.5), ("3", 3.0), ("-1", -1.0), ("0", 0.0), ("2,5", None), ("\ufeff2", None), ("", None), ("x", None)],
)
def test_numbers_in_files(text, number):
    assert everydream.number_in(text) == number


def test_wrong_types_in_documents_are_named():
    problems = everydream.document_problems({"multiply": "2", "tags": None, "flip_p": 0.5, "rating": None})
    assert [(problem.code, problem.key_path, problem.values["found"]) for problem in problems] == [
        ("wrong-type", ("multiply",), "str"),
        ("wrong-type", ("tags",), "null"),
    ]
    assert everydream.document_fields({"multiply": "2", "tags": None}) == Fields(shuffle_tags=None)


@pytest.mark.parametrize(("written", "counts"), [(None, 1.0), (0.0, 1.0), (0.5, 0.5), (3.0, 3.0), (-1.0, -1.0)])
def test_zero_and_unset_multiply_by_one(written, counts):
    assert everydream.multiplier(written) == counts


@pytest.mark.parametrize(
    ("text", "times"),
    [("2.5\n", 2.5), ("0", 1.0), ("two", 1.0), ("\ufeff2", 1.0), ("-2", 0.0), ("inf", 1.0), ("nan", 1.0)],
)
def test_multiply_file_says_how_often_its_folder_is_trained(text, times):
    assert everydream.multiplier_of(text) == times


@pytest.mark.parametrize(("value", "text"), [(2, "2"), (2.0, "2"), (0.5, "0.5"), (1.25, "1.25")])
def test_multiply_is_written_as_a_plain_number(value, text):
    assert everydream.multiply_text(value) == text
    assert everydream.number_in(text) == value


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_multipliers_that_mean_something_else_are_not_written(value):
    assert not everydream.legal_repeats(value)
    with pytest.raises(ValueError, match="multiply"):
        everydream.multiply_text(value)


def test_an_epoch_is_the_floor_of_the_sum():
    plan = everydream.epoch(numbers(2.5, 1.0, 0.25))
    assert (plan.size, plan.open_slots, plan.stops) == (3, 0, False)
    assert plan.whole.tolist() == [2, 1, 0]
    assert plan.fraction.tolist() == [0.5, 0.0, 0.25]
    assert everydream.epoch(numbers(2.5, 1.5)).open_slots == 1


def test_zero_counts_as_one_in_the_epoch():
    assert everydream.epoch(numbers(0, 0, 2)).size == 4


def test_a_sum_below_one_is_an_empty_epoch():
    assert everydream.epoch(numbers(0.5, 0.25)).size == 0
    assert everydream.draw(numbers(0.5, 0.25), epochs=2).tolist() == [[0, 0], [0, 0]]


def test_ten_tenths_are_summed_as_the_trainer_does():
    assert everydream.epoch(numbers(*[0.1] * 10)).size == 0


def test_negative_multipliers_shrink_the_epoch_of_everything_else():
    plan = everydream.epoch(numbers(1.5, 1.5, 1.5, 1.5, -1))
    assert (plan.size, plan.open_slots) == (5, 1)
    assert plan.whole.tolist() == [1, 1, 1, 1, 0]
    assert everydream.exposures(numbers(1.5, 1.5, -1), np.zeros(3, dtype=bool)).tolist() == [1.0, 1.0, 0.0]


def test_negative_multipliers_against_whole_ones_stop_the_trainer():
    assert everydream.epoch(numbers(2, 2, -1)).stops
    assert everydream.exposures(numbers(2, 2, -1), np.zeros(3, dtype=bool)).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="stops"):
        everydream.draw(numbers(2, 2, -1), epochs=1)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_numbers_stop_the_trainer(value):
    assert everydream.epoch(numbers(1, value)).stops


def test_whole_multipliers_are_exact():
    exposures = everydream.exposures(numbers(1, 3, 2), np.array([False, False, True]))
    assert exposures.tolist() == [1, 3, 2]
    assert (everydream.draw(numbers(1, 3, 2), epochs=5) == [1, 3, 2]).all()


def test_a_quarter_of_ten_images_trains_at_a_fifth():
    assert everydream.exposures(numbers(*[0.25] * 10), np.zeros(10, dtype=bool)) == pytest.approx([0.2] * 10)
    assert everydream.draw(numbers(*[0.25] * 10), epochs=200).mean() == pytest.approx(0.2)


def test_halves_are_exact_in_the_mean_and_biased_by_the_fixed_order():
    drawn = everydream.draw(numbers(*[0.5] * 100), epochs=400)
    rates = drawn.mean(axis=0)
    assert (drawn.sum(axis=1) == 50).all()
    assert drawn.max() == 1
    assert (rates.min(), rates.max()) == (0.2775, 0.6425)


def test_the_draw_is_that_of_the_trainers_generator():
    assert everydream.draw(numbers(0.5, 0.5, 1.5, 2.0, 0.25, 0.25), epochs=3).tolist() == [
        [0, 0, 2, 2, 1, 0],
        [1, 0, 1, 2, 1, 0],
        [0, 0, 2, 2, 0, 1],
    ]


def test_no_images_make_no_epoch():
    assert everydream.epoch(numbers()).size == 0
    assert everydream.exposures(numbers(), np.zeros(0, dtype=bool)).tolist() == []
    assert everydream.draw(numbers(), epochs=2).shape == (2, 0)


@pytest.mark.parametrize(("n", "taken"), [(0, 0), (1, 1), (2, 1), (6, 1), (7, 2), (20, 3), (21, 4), (100, 15)])
def test_validation_takes_fifteen_percent_rounded_up_and_at_least_one(n, taken):
    assert everydream.validation_count(n) == taken


@pytest.mark.parametrize(
    ("resolution", "side"),
    [
        (255, None),
        (256, 256),
        (500, 448),
        (512, 512),
        (1152, 1152),
        (1216, None),
        (1280, 1280),
        (1344, None),
        (1408, None),
        (1472, None),
        (1536, 1536),
        (1600, None),
    ],
)
def test_resolutions_use_the_table_below_them_if_there_is_one(resolution, side):
    assert everydream.table_side(resolution) == side


def test_settings_that_are_read_and_never_applied_are_known():
    assert set(everydream.INEFFECTIVE_SETTINGS) <= set(everydream.SETTINGS)
    assert everydream.SETTINGS["cond_dropout"].default == 0.04
