"""The built-in vocabulary: that its files are sound, and that they agree with each other."""

import re
from collections import Counter
from functools import cache

import pytest
import yaml

from tagmetry.policies.vocabulary import sources
from tagmetry.policy.yaml_reader import read_yaml, to_data
from tagmetry.text.normal_form import normal_form
from tagmetry.vocabulary import LOOK, SURROUNDINGS, TRAITS, Vocabulary

GROUPS = [
    "background",
    "background_plain",
    "viewpoint",
    "view_turned_away",
    "framing",
    "framing_close",
    "framing_half",
    "framing_full",
    "lighting",
    "time",
    "weather",
    "season",
    "clothing",
    "footwear",
    "headwear",
    "accessory",
    "makeup",
    "hair",
    "hair_colour",
    "hair_style",
    "eyes",
    "eye_colour",
    "body",
    "expression",
    "pose",
    "colour",
    "quality",
    "style",
    "subject",
    "object",
    "mood",
    "composition",
    "meta",
    "text",
]


@cache
def files():
    """Each file's data with every scalar as text."""
    return {name: yaml.load(text, Loader=yaml.BaseLoader) for name, text in sources()}


@cache
def vocabulary():
    return Vocabulary.merged(*(Vocabulary.from_data(data, name) for name, data in files().items()))


def parts(value):
    """The tags of a text or of a list of texts, which may hold commas."""
    return [tag for text in ([value] if isinstance(value, str) else value) for tag in text.split(", ")]


def listed():
    """Every entry of every list, as (file, place, entry)."""
    for name, data in files().items():
        for key in ("groups", "exclusive"):
            for place, entries in data.get(key, {}).items():
                yield from ((name, f"{key}.{place}", entry) for entry in parts(entries))
        yield from ((name, "protected", entry) for entry in parts(data.get("protected", [])))
        for key in ("synonyms", "implications"):
            for tags, others in data.get(key, {}).items():
                for tag in parts(tags):
                    yield (name, key, tag)
                    yield from ((name, f"{key}.{tag}", other) for other in parts(others))


def test_sources_are_yaml_files_in_sorted_order():
    names = [name for name, _ in sources()]
    assert names == sorted(names)
    assert {"background.yaml", "roles.yaml", "exclusive.yaml", "synonyms.yaml"} <= set(names)


def test_every_file_says_where_it_comes_from():
    assert {name: data.get("source") for name, data in files().items()} == dict.fromkeys(
        files(), "written for Tagmetry"
    )


@pytest.mark.parametrize("name", [name for name, _ in sources()])
def test_every_scalar_is_text_to_any_reader(name):
    # YAML 1.1 sees more numbers, dates and booleans in plain words than 1.2: what is text there is text anywhere.
    assert yaml.safe_load(dict(sources())[name]) == files()[name]


@pytest.mark.parametrize("name", [name for name, _ in sources()])
def test_the_policy_reader_takes_every_file(name):
    # It also refuses keys that stand twice.
    assert to_data(read_yaml(dict(sources())[name], file=name)) == files()[name]


def test_all_groups_are_there_and_have_a_kind():
    assert sorted(vocabulary().groups) == sorted(GROUPS)
    assert [group for group in GROUPS if vocabulary().kind_of_group(group) is None] == []


def test_there_are_enough_tags():
    assert len(vocabulary().known_tags) >= 900


def test_no_group_is_nearly_empty():
    assert {group: len(tags) for group, tags in vocabulary().groups.items() if len(tags) < 20} == {}


def test_every_entry_is_written_in_its_normal_form():
    assert [entry for entry in listed() if normal_form(entry[2]) != entry[2]] == []


def test_no_list_of_a_file_holds_an_entry_twice():
    assert [entry for entry, n in Counter(listed()).items() if n > 1] == []


def test_a_written_trait_is_nothing_else():
    # `blue hair` under colour, or `cat ears` under accessory, would be called a coupling where it is a likeness.
    mixed = {tag: vocabulary().groups_of(tag) for tag in vocabulary().known_tags if vocabulary().is_trait(tag)}
    assert {tag: groups for tag, groups in mixed.items() if vocabulary().kinds_of(tag) != (TRAITS,)} == {}


def test_no_tag_is_both_surroundings_and_look():
    clash = {SURROUNDINGS, LOOK}
    found = [tag for tag in sorted(vocabulary().known_tags) if clash <= set(vocabulary().kinds_of(tag))]
    # A way of lighting is also a way of taking photographs.
    assert found == ["flash photography"]


def test_a_coloured_background_is_no_colour():
    found = [tag for tag in vocabulary().tags_of_group("colour") if "background" in tag]
    assert found == []
    assert vocabulary().groups_of("white background") == ("background", "background_plain")
    assert vocabulary().groups_of("simple background") == ("background", "background_plain")


def test_a_coloured_garment_is_both_garment_and_colour():
    assert vocabulary().groups_of("blue dress") == ("clothing", "colour")
    assert vocabulary().groups_of("red scarf") == ("accessory", "colour")
    assert vocabulary().implied_by("blue dress") == ("dress",)


def test_exclusive_sets_hold_known_tags_in_their_preferred_spelling():
    wrong = [
        (name, tag)
        for name, tags in vocabulary().exclusive.items()
        for tag in tags
        if tag not in vocabulary().known_tags or vocabulary().preferred(tag) != tag
    ]
    assert wrong == []


def test_no_tag_implies_what_it_excludes():
    found = vocabulary()
    wrong = []
    for tag in sorted(found.known_tags):
        true = {found.preferred(tag), *map(found.preferred, found.implied_by(tag))}
        sets = Counter(name for other in true for name in found.exclusive_sets_of(other))
        wrong.extend((tag, name) for name, n in sets.items() if n > 1)
    assert wrong == []


def test_synonyms_are_spellings_of_known_tags():
    assert [tag for tag in vocabulary().synonyms if tag not in vocabulary().known_tags] == []


def test_synonyms_are_of_one_kind():
    alone = Vocabulary.merged(*(Vocabulary.from_data({**data, "synonyms": {}}, name) for name, data in files().items()))
    mixed = []
    for preferred, variants in vocabulary().synonyms.items():
        kinds = {alone.kinds_of(tag) for tag in (preferred, *variants) if tag in alone.known_tags}
        mixed.extend([preferred] if len(kinds) > 1 else [])
    assert mixed == []


def test_implications_lead_from_known_to_known_tags():
    wrong = [
        tag
        for tag, implied in vocabulary().implications.items()
        if not vocabulary().is_known(tag) or not all(map(vocabulary().is_known, implied))
    ]
    assert wrong == []


def test_protected_tags_are_written_out():
    # Rules compare them as words; a pattern would match nothing there.
    assert [tag for tag in vocabulary().protected if tag not in vocabulary().known_tags] == []


@pytest.mark.parametrize(
    ("tag", "groups"),
    [
        ("1girl", ("subject",)),
        ("solo", ("subject",)),
        ("blue eyes", ("eye_colour",)),
        ("long hair", ("hair",)),
        ("twintails", ("hair_style",)),
        (":d", ("expression",)),
        (">_<", ("expression",)),
        ("closed eyes", ("expression",)),
        ("full body", ("framing", "framing_full")),
        ("from above", ("viewpoint",)),
        ("depth of field", ("composition",)),
        ("outdoors", ("background",)),
        ("in a park", ("background",)),
        ("night", ("time",)),
        ("rain", ("weather",)),
        ("backlighting", ("lighting",)),
        ("loafers", ("footwear",)),
        ("straw hat", ("headwear",)),
        ("hair ornament", ("accessory",)),
        ("lipstick", ("makeup",)),
        ("freckles", ("body",)),
        ("looking at viewer", ("pose",)),
        ("holding halberd", ("pose",)),
        ("monochrome", ("colour",)),
        ("masterpiece", ("quality",)),
        ("score 7 up", ("quality",)),
        ("score 12", ("quality",)),
        ("oil painting", ("style",)),
        ("melancholic", ("mood",)),
        ("watermark", ("text",)),
        ("commentary request", ("meta",)),
        ("teapot", ("object",)),
        ("金髪", ("hair_colour",)),
        ("白背景", ("background", "background_plain")),
        ("微笑", ("expression",)),
        ("杰作", ("quality",)),
        ("双马尾", ("hair_style",)),
        ("ohwx", ()),
        ("sks", ()),
        ("tk", ()),
    ],
)
def test_well_known_tags_are_where_one_would_look(tag, groups):
    assert vocabulary().groups_of(tag) == groups


@pytest.mark.parametrize("tag", ["ohwx", "sks", "ohwx dress", "wikipe-tan", "hatsune miku", "zwx style"])
def test_a_made_up_name_may_be_a_trigger(tag):
    assert not vocabulary().is_general(tag)
    assert not vocabulary().is_quality_word(tag)


@pytest.mark.parametrize("tag", ["1girl", "woman", "dog", "smile", "photo", "masterpiece", "女の子", "单人"])
def test_a_general_word_is_no_trigger(tag):
    assert vocabulary().is_general(tag)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("day", "night"),
        ("indoors", "outdoors"),
        ("smile", "sad"),
        ("solo", "2girls"),
        ("blonde hair", "brown hair"),
        ("nighttime", "daytime"),
    ],
)
def test_the_plain_contradictions_are_known(one, other):
    found = vocabulary()
    assert set(found.exclusive_sets_of(one)) & set(found.exclusive_sets_of(other))


def test_two_hair_colours_contradict_each_other_on_one_figure_only():
    assert "hair_colour" in vocabulary().single_subject
    assert "day_or_night" not in vocabulary().single_subject


def words():
    """Every list of words as (name, entries)."""
    return [(name, parts(entries)) for data in files().values() for name, entries in data.get("words", {}).items()]


def test_words_are_written_in_their_normal_form_and_once():
    assert [(name, word) for name, entries in words() for word in entries if normal_form(word) != word] == []
    assert [(name, word) for name, entries in words() for word, n in Counter(entries).items() if n > 1] == []


def test_there_are_enough_words_in_every_list():
    sizes = {name: len(entries) for name, entries in words()}
    assert sum(sizes.values()) >= 2000
    assert {name: size for name, size in sizes.items() if size < 15} == {}


@pytest.mark.parametrize("language", ["[a-z]", "[ぁ-ゖァ-ヺ]", "[发头红蓝们马关]|女孩|穿着|开心|漂亮", "[가-힣]"])
def test_words_are_there_in_several_languages(language):
    lists = {"praise", "feelings", "places", "subjects", "people", "hair", "clothes", "faces", "viewpoints"}
    assert {name for name, entries in words() if any(re.search(language, word) for word in entries)} >= lists


def test_korean_tags_are_read_like_english_ones():
    words = vocabulary()
    assert [words.preferred(tag) for tag in ("긴머리", "소녀", "빨간 드레스")] == ["long hair", "girl", "red dress"]
    assert set(words.exclusive_sets_of("낮")) & set(words.exclusive_sets_of("밤"))
    assert "clothing" in words.groups_of("빨간 드레스")
