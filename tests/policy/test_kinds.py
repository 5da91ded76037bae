"""Rules that a policy defines: each kind on both sides of its limits, called as a run calls it."""

import pytest

from policy_testing import effective_of, loaded, make_plugins, problems
from rule_testing import concept, dataset
from tagmetry.features import FEATURES, sharpness
from tagmetry.judging import judged
from tagmetry.messages import Message
from tagmetry.policy.conditions import chosen, not_called

pytestmark = pytest.mark.usefixtures("folder")

HEAD = "name: acme/house\n"
PLUGINS = make_plugins(features=FEATURES)


def settled(definition, more=""):
    policy = loaded(f"{HEAD}define:\n  acme/it: {definition}\n{more}", PLUGINS)
    return effective_of(policy, PLUGINS, "acme/it")


def judge(definition, data, more=""):
    one = settled(definition, more)
    said = judged(one.rule, data, one.options, where=chosen(one, data))
    assert not said.failure, said.failure
    return one.rule, said


def found(definition, data, more=""):
    """(subject, text) of each finding."""
    rule, said = judge(definition, data, more)
    return [(one.subject.name, Message(rule.messages[one.message], one.values).english()) for one in said.findings]


def names(definition, data, more=""):
    return [name for name, _ in found(definition, data, more)]


def measured(definition, data):
    _, said = judge(definition, data)
    return [(one.measured.metric, one.measured.value, one.measured.limit, one.measured.option) for one in said.findings]


def skipped(definition, data, more=""):
    _, said = judge(definition, data, more)
    assert not said.findings
    return [reason.english() for reason in said.skipped]


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions), **parts))


SIZES = dataset(concept("hat", sizes=[(768, 900), (767, 2000), (1024, 1025)]))


# metric


def test_a_metric_is_reported_below_its_smallest_value_and_not_at_it():
    assert found("{kind: metric, metric: short_side_px, min: 768}", SIZES) == [
        ("hat/001.png", "short_side_px is 767 px, below 768 px")
    ]
    assert measured("{kind: metric, metric: short_side_px, min: 768}", SIZES) == [("short_side_px", 767, 768, "min")]


def test_a_metric_is_reported_above_its_largest_value_and_not_at_it():
    assert found("{kind: metric, metric: width + height, max: 2049}", SIZES) == [
        ("hat/001.png", "width + height is 2,767, above 2,049")
    ]


def test_a_metric_of_concepts_is_reported_for_each_of_them():
    two = dataset(concept("hat", n=3), concept("scarf", n=2))
    assert found("{kind: metric, metric: concept.n, each: concept, min: 3}", two) == [
        ("scarf", "concept.n is 2, below 3")
    ]


def test_a_metric_of_the_dataset_is_reported_once():
    assert found("{kind: metric, metric: dataset.n_train, each: dataset, max: 2}", SIZES) == [
        (SIZES.root.name, "dataset.n_train is 3, above 2")
    ]
    assert found("{kind: metric, metric: dataset.n_train, each: dataset, max: 3}", SIZES) == []


def test_a_metric_without_any_figure_is_not_judged():
    assert skipped("{kind: metric, metric: tokens, max: 3}", hats(None, None)) == ["tokens is not known here"]


def test_images_without_the_figure_are_left_out():
    data = dataset(concept("hat", n=2, features={sharpness: [float("nan"), 3.0]}))
    assert names("{kind: metric, metric: sharpness, min: 80}", data) == ["hat/001.png"]


def test_a_rule_needs_those_features_alone_that_it_names():
    assert settled("{kind: metric, metric: sharpness, min: 80}").rule.needs == (sharpness,)
    assert settled("{kind: metric, metric: width, min: 80}").rule.needs == ()


# predicate


def test_a_predicate_is_reported_where_it_does_not_hold():
    data = dataset(concept("hat", n=2, has_alpha=[True, False]))
    assert found("{kind: predicate, assert: not has_alpha}", data) == [
        ("hat/000.png", "the condition does not hold: not has_alpha")
    ]


def test_a_predicate_that_cannot_be_told_is_not_judged():
    data = hats(None, "a, b")
    assert names("{kind: predicate, assert: tag_count > 2}", data) == ["hat/001.png"]
    assert skipped("{kind: predicate, assert: tag_count > 2}", hats(None)) == [
        "it cannot be told whether tag_count > 2"
    ]


def test_a_predicate_of_concepts_and_of_the_dataset():
    data = dataset(concept("hat", captions=["smile"] * 4), concept("scarf", captions=["smile", "a", "b", "c"]))
    assert names("{kind: predicate, each: concept, assert: share(has_tag('smile')) > 0.5}", data) == ["scarf"]
    assert names("{kind: predicate, each: dataset, assert: share(has_tag('smile')) > 0.5}", data) == []
    assert names("{kind: predicate, each: dataset, assert: share(has_tag('smile')) > 0.7}", data) == [data.root.name]


# caption-pattern


def test_a_pattern_that_must_be_absent_is_told_with_what_was_found():
    data = hats("a hat by Some Painter, red", "a hat by hand", None)
    assert found(r"{kind: caption-pattern, pattern: '\bby [A-Z][a-z]+ [A-Z][a-z]+\b'}", data) == [
        ("hat/000.txt", 'the caption holds "by Some Painter"')
    ]


def test_a_pattern_that_must_be_present():
    data = hats("ohwx, hat", "hat", "", None)
    assert found("{kind: caption-pattern, pattern: ^ohwx, expect: present}", data) == [
        ("hat/001.txt", "the caption does not hold the pattern ^ohwx"),
        ("hat/002.txt", "the caption does not hold the pattern ^ohwx"),
    ]


def test_a_swap_says_what_to_write_instead():
    data = hats("Grey hat", "greyhound", "gray hat", "a t_shirt, grey")
    assert found("{kind: caption-pattern, swap: {grey: gray, t shirt: t-shirt}}", data) == [
        ("hat/000.txt", 'the caption says "grey"; write "gray"'),
        ("hat/003.txt", 'the caption says "grey"; write "gray"'),
        ("hat/003.txt", 'the caption says "t shirt"; write "t-shirt"'),
    ]


def test_a_swap_leaves_what_is_right_already():
    assert names("{kind: caption-pattern, swap: {shirt: t-shirt}}", hats("t-shirt", "shirt", "t-shirt, shirt")) == [
        "hat/001.txt",
        "hat/002.txt",
    ]


# tag-set


def test_forbidden_tags_are_named_as_they_are_written():
    data = hats("hat, Masterpiece", "score_9, score_8_up, hat", "a masterpiece of a hat", None)
    assert found("{kind: tag-set, forbid: [masterpiece, 'score_*']}", data) == [
        ("hat/000.txt", "the caption has tags that are not wanted here: Masterpiece"),
        ("hat/001.txt", "the caption has tags that are not wanted here: score_8_up, score_9"),
    ]


def test_required_tags_are_told_where_they_are_missing():
    data = hats("ohwx, long hair", "ohwx", "", None)
    assert found("{kind: tag-set, require: [ohwx, '*_hair']}", data) == [
        ("hat/001.txt", "the caption lacks tags: *_hair"),
        ("hat/002.txt", "the caption lacks tags: ohwx, *_hair"),
    ]


def test_captions_of_sentences_hold_no_tags():
    data = dataset(concept("hat", captions=["A hat on a table."]), caption_style="sentences")
    assert skipped("{kind: tag-set, forbid: hat}", data) == ["the captions are sentences, and this rule reads tags"]


# tag-group


def test_more_tags_of_a_group_than_allowed_are_reported():
    data = hats("blonde hair, brown hair", "blonde hair, blonde hair", "hat", None)
    assert found("{kind: tag-group, tags: [blonde hair, brown hair], at_most: 1}", data) == [
        (
            "hat/000.txt",
            "of these tags a caption should have at most 1: blonde hair, brown hair",
        )
    ]


def test_fewer_tags_of_a_group_than_asked_for_are_reported():
    data = hats("day", "night, day", "", None)
    assert names("{kind: tag-group, tags: [day, night], at_least: 1}", data) == ["hat/002.txt"]
    assert names("{kind: tag-group, tags: [day, night], at_least: 2}", data) == ["hat/000.txt", "hat/002.txt"]


def test_a_group_of_the_vocabulary_or_one_that_the_policy_adds():
    data = hats("day, night", "day")
    data.vocabulary.exclusive_sets_of("day")
    assert problems(f"{HEAD}define: {{acme/it: {{kind: tag-group, group: hairs, at_most: 1}}}}", PLUGINS) == [
        ("3:44", "policy-define-group", "the vocabulary has no group 'hairs'", "did you mean 'hair'?")
    ]
    assert names(
        "{kind: tag-group, group: time, at_most: 1}", with_groups(data, exclusive={"time": ["day", "night"]})
    ) == ["hat/000.txt"]
    own = "vocabulary: {groups: {ours: [day, night]}}"
    assert names(
        "{kind: tag-group, group: ours, at_most: 1}", with_groups(data, groups={"ours": ["day", "night"]}), own
    ) == ["hat/000.txt"]


def with_groups(data, **vocabulary):
    from dataclasses import replace

    from tagmetry.vocabulary import Vocabulary

    return replace(data, vocabulary=Vocabulary.from_data(vocabulary, "test"))


# tag-order


def test_a_tag_that_should_come_first():
    data = hats("ohwx, hat", "red hat, ohwx", "hat", "", None)
    assert found("{kind: tag-order, first: ohwx}", data) == [
        ("hat/001.txt", 'the caption begins with "red hat", and "ohwx" should come first')
    ]


def test_tags_that_should_stand_in_front_of_others():
    data = hats("a, b", "b, a", "a, b, a", "a", "b", None)
    assert found("{kind: tag-order, tags: a, before: b}", data) == [
        ("hat/001.txt", '"a" stands behind "b", and should stand in front of it'),
        ("hat/002.txt", '"a" stands behind "b", and should stand in front of it'),
    ]


def test_tags_that_should_stand_behind_others():
    data = hats("a, b", "b, a", "c, a, d", None)
    assert found("{kind: tag-order, tags: a, after: [b, d]}", data) == [
        ("hat/000.txt", '"a" stands in front of "b", and should stand behind it'),
        ("hat/002.txt", '"a" stands in front of "d", and should stand behind it'),
    ]


# tag-frequency

HALF = dataset(concept("hat", captions=["smile", "smile", "a", "b", None]), concept("scarf", captions=["smile"]))


def test_a_tag_on_too_few_captions_of_a_concept():
    assert found("{kind: tag-frequency, tags: smile, min: 51%}", HALF) == [
        ("hat", '"smile" is on 50 % of the captions (2 of 4), less than 51 %')
    ]
    assert found("{kind: tag-frequency, tags: smile, min: 50%}", HALF) == []


def test_a_tag_on_too_many_captions_of_the_dataset():
    assert found("{kind: tag-frequency, each: dataset, tags: smile, max: 59%}", HALF) == [
        (HALF.root.name, '"smile" is on 60 % of the captions (3 of 5), more than 59 %')
    ]
    assert found("{kind: tag-frequency, each: dataset, tags: smile, max: 60%}", HALF) == []


def test_concepts_with_fewer_captions_than_asked_for_have_no_frequencies():
    assert names("{kind: tag-frequency, tags: smile, max: 0.4}", HALF) == ["hat", "scarf"]
    assert names("{kind: tag-frequency, tags: smile, max: 0.4, min_images: 4}", HALF) == ["hat"]
    assert names("{kind: tag-frequency, tags: smile, max: 0.4, min_images: 5}", HALF) == []


# co-occurrence

DRESSES = hats(*["ohwx, red dress"] * 3, *["ohwx, hat"] * 2, "red dress", None)


def test_tags_that_come_together_too_often():
    rule = "{kind: co-occurrence, of: ohwx, with: [red dress, hat], max_share: 59%}"
    assert found(rule, DRESSES) == [
        (DRESSES.root.name, '"red dress" is on 60 % of the captions with "ohwx" (3 of 5), more than 59 %')
    ]
    assert found(rule.replace("59", "60"), DRESSES) == []


def test_tags_that_come_together_too_seldom():
    rule = "{kind: co-occurrence, of: ohwx, with: hat, min_share: 41%}"
    assert found(rule, DRESSES) == [
        (DRESSES.root.name, '"hat" is on 40 % of the captions with "ohwx" (2 of 5), less than 41 %')
    ]
    assert found(rule.replace("41", "40"), DRESSES) == []


def test_a_tag_on_few_captions_says_nothing_about_others():
    rule = "{kind: co-occurrence, of: ohwx, with: red dress, max_share: 10%, min_support: 6}"
    assert skipped(rule, DRESSES) == ["there are 5 captions with the tag, fewer than the 6 needed"]
    assert len(names(rule.replace("6}", "5}"), DRESSES)) == 1


# ratio


def test_a_ratio_counts_the_numerator_among_the_denominator():
    data = hats("close-up, a", "a", "a", "close-up", None)
    rule = "{kind: ratio, numerator: has_tag('close-up'), denominator: has_tag('a'), min: 34%}"
    assert found(rule, data) == [("hat", "33 % of the images (1 of 3) meet has_tag('close-up'), less than 34 %")]
    assert found(rule.replace("34", "33"), data) == []
    assert names("{kind: ratio, numerator: has_tag('close-up'), max: 49%}", data) == ["hat"]
    assert names("{kind: ratio, numerator: has_tag('close-up'), max: 50%}", data) == []


def test_a_ratio_over_too_few_images_is_not_judged():
    rule = "{kind: ratio, numerator: has_alpha, min: 50%, min_images: 3}"
    assert skipped(rule, hats("a", "b")) == ["there are 2 images to judge, fewer than the 3 needed"]
    assert names(rule, hats("a", "b", "c")) == ["hat"]


def test_a_ratio_of_the_dataset_is_about_training_images_unless_it_names_roles():
    data = dataset(concept("hat", n=2), concept("woman", n=3, role="regularization"))
    rule = "{kind: ratio, each: dataset, numerator: NUMERATOR, max: 50%}"
    assert "(2 of 2)" in found(rule.replace("NUMERATOR", "width > 0"), data)[0][1]
    assert "(3 of 5)" in found(rule.replace("NUMERATOR", "role == 'regularization'"), data)[0][1]


# count


def test_a_count_has_a_smallest_and_a_largest_number():
    data = dataset(concept("hat", n=3), concept("scarf", n=2))
    assert found("{kind: count, min: 3}", data) == [("scarf", "images: 2, fewer than 3")]
    assert found("{kind: count, of: width > 0, max: 2}", data) == [
        ("hat", "images that meet width > 0: 3, more than 2")
    ]
    assert names("{kind: count, each: dataset, of: role == 'train', max: 4}", data) == [data.root.name]
    assert names("{kind: count, each: dataset, of: role == 'train', max: 5}", data) == []


# consistency


def test_a_value_that_differs_within_a_concept():
    data = dataset(concept("hat", n=3, formats=["JPEG", "PNG", "JPEG"]), concept("scarf", n=2))
    assert found("{kind: consistency, value: format}", data) == [
        ("hat", "format is not the same on all images: JPEG (2), PNG (1)")
    ]
    assert names("{kind: consistency, value: format, max_others: 34%}", data) == []
    assert names("{kind: consistency, value: format, max_others: 33%}", data) == ["hat"]


def test_true_and_false_and_figures_may_have_to_agree():
    data = dataset(concept("hat", sizes=[(512, 512), (1024, 1024), (512, 1024)], has_alpha=[True, False, False]))
    assert found("{kind: consistency, value: has_alpha}", data) == [
        ("hat", "has_alpha is not the same on all images: no (2), yes (1)")
    ]
    assert found("{kind: consistency, value: 'round(aspect_ratio, 1)'}", data) == [
        ("hat", "round(aspect_ratio, 1) is not the same on all images: 1 (2), 0.5 (1)")
    ]


# Messages


def test_a_message_of_the_policy_stands_for_all_of_the_rule():
    rule = (
        '{kind: metric, metric: short_side_px, min: 768, max: 1000, message: "{path}: {actual}, {min} to {max} {{}}"}'
    )
    assert found(rule, SIZES) == [
        ("hat/001.png", "hat/001.png: 767 px, 768 px to 1,000 px {}"),
        ("hat/002.png", "hat/002.png: 1,024 px, 768 px to 1,000 px {}"),
    ]


def test_every_placeholder_of_every_kind_is_filled():
    data = dataset(
        concept("hat", captions=["b, a, x", "grey, a"], formats=["JPEG", "PNG"], sizes=[(1, 2), (3, 4)]),
    )
    rules = {
        "kind: metric, metric: width, max: 0": "name path concept role metric actual limit min max",
        "kind: metric, metric: concept.n, max: 0, each: concept": "name concept metric actual limit min max",
        "kind: metric, metric: dataset.n_train, max: 0, each: dataset": "name metric actual limit min max",
        "kind: predicate, assert: width < 0": "name path concept role assert",
        "kind: predicate, assert: concept.n < 0, each: concept": "name concept assert",
        "kind: predicate, assert: dataset.n_train < 0, each: dataset": "name assert",
        "kind: caption-pattern, pattern: a": "name path concept role found pattern",
        "kind: caption-pattern, pattern: zz, expect: present": "name path concept role found pattern",
        "kind: caption-pattern, swap: {grey: gray}": "name path concept role found instead",
        "kind: tag-set, forbid: a": "name path concept role tags",
        "kind: tag-set, require: zz": "name path concept role tags",
        "kind: tag-group, tags: [a, b], at_most: 0": "name path concept role tags group n limit",
        "kind: tag-order, first: a": "name path concept role tag other",
        "kind: tag-frequency, tags: a, max: 0": "name concept tag share limit n total",
        "kind: co-occurrence, of: a, with: b, max_share: 0, min_support: 1": "name of tag share limit n total",
        "kind: ratio, numerator: width > 0, max: 0": "name concept condition share limit n total",
        "kind: count, max: 0, each: dataset": "name condition limit n",
        "kind: consistency, value: format": "name concept value found most n total share limit",
    }
    for rule, placeholders in rules.items():
        text = " ".join(f"{{{name}}}" for name in placeholders.split())
        texts = [shown for _, shown in found(f"{{{rule}, message: '{text}'}}", data)]
        assert texts, rule
        assert not any("{" in shown for shown in texts), rule


# where and when


def test_where_chooses_the_images_of_a_rule():
    rule = "{kind: predicate, assert: has_alpha, where: width > 800}"
    assert names(rule, SIZES) == ["hat/002.png"]
    assert skipped(rule.replace("800", "8000"), SIZES) == ["the policy's condition 'where' chooses no image"]


def test_when_says_whether_a_rule_runs_at_all():
    def reason(condition):
        one = settled(f"{{kind: predicate, assert: has_alpha, when: {condition}}}")
        said = not_called(one, SIZES)
        return None if said is None else said.english()

    assert reason("dataset.n_train >= 3") is None
    assert reason("dataset.n_train > 3") == "the policy's condition 'when' does not hold: dataset.n_train > 3"
    assert reason("profile.purpose != 'style'") == (
        "the policy's condition 'when' (profile.purpose != 'style') cannot be told without profile.purpose"
    )


def test_a_rule_of_many_images_has_nothing_to_choose_from():
    text = f"{HEAD}define:\n  acme/it: {{kind: count, min: 3, where: width > 3}}\n"
    assert problems(text, PLUGINS) == [
        (
            "4:34",
            "policy-where",
            "acme/it does not judge images one by one, so that 'where' cannot choose among them",
            "'when' says whether a rule runs at all",
        )
    ]
