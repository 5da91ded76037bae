from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.long_tail_tags import rule


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions), **parts))


def test_tags_on_one_or_two_images_are_told_together():
    found = findings(rule, hats("hat, brim, feather", "hat, brim", *["hat, ribbon"] * 3, *["hat"] * 5))
    assert subjects(found) == ["hat"]
    assert found[0].subject.kind == "concept"
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == ['2 of the 4 tags of "hat" are on at most 2 of its images, among them feather, brim']
    assert figures(found) == [("rare_tags", 2, None, None, None)]
    assert remedies(rule, found[0]) == ["leave them as they are; never raise their weight or repeats"]


def test_a_single_rare_tag():
    found = findings(rule, hats("hat, brim", *["hat"] * 9))
    assert texts(rule, found) == ['one of the 2 tags of "hat" is on at most 2 of its images: brim']


def test_what_is_rare_can_be_set():
    captions = ["hat, brim"] * 3 + ["hat"] * 7
    assert findings(rule, hats(*captions)) == []
    found = findings(rule, hats(*captions), max_images=3)
    assert [finding.values["tags"] for finding in found] == [("brim",)]


def test_examples_are_few_and_the_list_is_long():
    tags = [f"tag {number:03d}" for number in range(300)]
    (found,) = findings(rule, hats(", ".join(tags), *["hat"] * 9))
    assert found.values["examples"] == tuple(tags[:5])
    assert found.values["tags"] == tuple(tags[:200])
    assert (found.values["n"], found.values["total"]) == (300, 301)


def test_small_concepts_are_not_judged():
    data = dataset(concept("cap", captions=["cap, brim"] * 1), concept("hat", captions=["hat, brim"] * 9))
    assert skips(rule, data) == [
        "the largest concept has 9 images, fewer than the 10 needed to judge how rare tags are"
    ]
    assert skips(rule, hats("hat, brim")) == [
        "the largest concept has one image, fewer than the 10 needed to judge how rare tags are"
    ]
    assert subjects(findings(rule, hats(*["hat"] * 8, "brim"), min_images=9)) == ["hat"]


def test_each_training_concept_has_its_own_tail():
    data = dataset(
        concept("cap", captions=["cap, brim"] + ["cap"] * 9),
        concept("hat", captions=["hat, brim"] * 10),
        concept("person", captions=["person, brim"] + ["person"] * 9, role="regularization"),
    )
    assert subjects(findings(rule, data)) == ["cap"]


def test_words_of_the_concept_itself_are_no_tail():
    assert findings(rule, hats("sks", *["hat"] * 9, trigger="sks")) == []


def test_sentences_and_missing_captions_are_skipped():
    prose = dataset(concept("hat", captions=["A red hat."] * 10), caption_style="sentences")
    assert skips(rule, prose) == ["the captions are sentences, and this rule reads tags"]
    assert skips(rule, hats(*[None] * 10)) == ["there are no captions"]
