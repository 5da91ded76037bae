import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.captions.class_tokens_conflict import rule


def hats(captions, *, folder="5_sks dog", trainer="kohya", layout="kohya-folders", **parts):
    return dataset(concept("hat", captions=captions, folder=folder, **parts), trainer=trainer, layout=layout)


def test_captions_that_say_other_words_than_the_folder():
    found = findings(rule, hats(["ohwx dog, grass"] * 4))
    assert subjects(found) == ["5_sks dog"]
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == [
        ('the folder 5_sks dog is named "sks dog", but 0 % of its 4 captions, which replace that name, hold "sks"')
    ]
    assert figures(found) == [("folder_words_share", 0.0, 0.5, "limit", "share")]
    assert remedies(rule, found[0]) == [
        'rename the folder after the words of its captions, or write "sks" into the captions'
    ]


def test_images_without_a_caption_are_trained_on_the_folder():
    found = findings(rule, hats(["ohwx cat"] * 3 + [None]))
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        (
            'the folder 5_sks dog trains one image without a caption on its name "sks dog", and 3 on captions of which '
            '0 % hold "sks", "dog"'
        )
    ]


@pytest.mark.parametrize(("n", "is_found"), [(1, True), (2, False)])
def test_half_of_the_captions_must_hold_the_words(n, is_found):
    assert bool(findings(rule, hats(["sks dog"] * n + ["ohwx dog"] * (4 - n)))) is is_found


def test_the_class_word_matters_where_images_are_trained_on_it():
    assert findings(rule, hats(["sks, grass"] * 3)) == []
    assert findings(rule, hats(["sks, grass"] * 3 + [None]))[0].values["words"] == ('"dog"',)


def test_a_counted_class_word_is_the_word():
    assert findings(rule, hats(["tk, 1girl, solo"] * 3 + [None], folder="5_tk girl")) == []


def test_a_declared_trigger_is_left_to_another_rule():
    assert findings(rule, hats(["ohwx dog"] * 3, trigger="sks")) == []


def test_only_kohya_reads_folder_names():
    reason = ["only kohya reads words from folder names"]
    assert skips(rule, hats(["a"], trainer="everydream")) == reason
    assert skips(rule, hats(["a"], layout="plain-folders")) == reason


def test_folders_without_words_and_without_captions_are_fine():
    assert findings(rule, hats(["a"], folder="5")) == []
    assert findings(rule, hats([None])) == []
