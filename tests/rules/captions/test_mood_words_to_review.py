from rule_testing import concept, dataset, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.captions.mood_words_to_review import rule


def hats(captions, **parts):
    return dataset(concept("hat", captions=captions), **parts)


def test_words_of_mood_are_listed():
    found = findings(rule, hats(["a melancholy woman, rain", "a woman on a chair", "寂しげな少女"]))
    assert subjects(found) == ["hat/000.txt", "hat/002.txt"]
    assert severities(rule, found) == ["info", "info"]
    assert texts(rule, found) == [
        'the caption of hat/000.png says "melancholy": does the picture show it',
        'the caption of hat/002.png says "寂しげ": does the picture show it',
    ]
    assert remedies(rule, found[0]) == [
        'look at hat/000.png: does it show "melancholy"? If not, take it out of the caption'
    ]


def test_copied_captions_come_first_and_are_asked_for_faces_too():
    found = findings(rule, hats(["sad woman", "a woman smiling", "a woman smiling", "a man smiling"]))
    assert [(finding.message, finding.subject.paths[1]) for finding in found] == [
        ("copied", "hat/001.png"),
        ("copied", "hat/002.png"),
        ("found", "hat/000.png"),
    ]
    assert texts(rule, found)[0] == (
        '2 pictures, hat/001.png among them, share a caption that says "smiling": does each of them show it'
    )


def test_copies_of_one_picture_may_share_a_caption():
    found = findings(rule, hats(["a sad woman, smile", "a sad woman, smile"], near=[["hat/000.png", "hat/001.png"]]))
    assert [finding.message for finding in found] == ["found", "found"]


def test_core_tags_are_left_out():
    data = dataset(concept("hat", captions=["gloomy, dark"], core_tags=["gloomy"]))
    assert findings(rule, data) == []


def test_without_captions_it_is_skipped():
    assert skips(rule, hats([None])) == ["there are no captions"]
