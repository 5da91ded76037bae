"""The texts that the catalogues hold are those that are said, and each translation fits its text."""

import pytest

from tagmetry import audit
from tagmetry.demo import write_demo
from tagmetry.documentation.catalogue import renewed
from tagmetry.documentation.texts import Msgid, all_texts, placeholders
from tagmetry.messages import Plural, Translator, languages, paragraphs, read_catalogue, translator
from tagmetry.options import options_of
from tagmetry.plugins import load_plugins
from tagmetry.reporter import Context

TEXTS = {text.one: text for text in all_texts()}


class Noting(Translator):
    """English, and a note of every text that was asked for."""

    def __init__(self):
        super().__init__("en")
        self.asked = set()

    def _singular(self, msgid):
        self.asked.add(msgid)
        return super()._singular(msgid)

    def _pattern(self, template, values):
        if isinstance(template, Plural):
            self.asked.add(template.one)
            return super()._pattern(template, values)
        return super()._pattern(template, values)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    demo = write_demo(tmp_path_factory.mktemp("texts") / "demo", scale=0.12)
    return audit(demo.root, base_model="sdxl", trainer="kohya", batch_size=4, plugins=False)


@pytest.mark.parametrize("name", ["text", "html"])
def test_every_text_that_an_output_says_is_in_the_catalogues(name, report):
    reporter = load_plugins(foreign=False).reporters[name]
    say = Noting()
    list(reporter.function(report, reporter.options(), Context(say, verbosity=2)))
    unknown = {text for text in say.asked if text not in TEXTS and any(map(str.isalpha, unfilled(text)))}
    assert sorted(unknown) == []
    assert len(say.asked) > 50


def unfilled(text):
    for name in placeholders(text):
        text = text.replace(name, "")
    return text


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_a_translation_has_the_placeholders_of_its_text(language):
    wrong = [
        (one, form)
        for one, entry in own_catalogue(language).items()
        for form in ((entry,) if isinstance(entry, str) else entry.forms)
        if placeholders(form) not in (placeholders(one), placeholders(TEXTS[one].other or one))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_every_text_has_a_translation(language):
    assert sorted(set(TEXTS) - set(own_catalogue(language))) == []


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_a_catalogue_holds_only_what_is_said(language):
    assert set(own_catalogue(language)) <= set(TEXTS)


def own_catalogue(language):
    from importlib import resources

    return read_catalogue((resources.files("tagmetry.locale") / language / "tagmetry.po").read_bytes())


def test_new_texts_come_in_empty_and_old_translations_stay():
    first = renewed(b"", "ja", [Msgid("one thing", "", ("a",)), Msgid("gone", "", ("a",))])
    filled = first.replace(b'msgid "one thing"\nmsgstr ""', 'msgid "one thing"\nmsgstr "一つ"'.encode())
    then = renewed(filled, "ja", [Msgid("one thing", "", ("b",)), Msgid("{n} new", "{n} news", ("b",))])
    assert then.decode().partition("\n\n")[2] == (
        '#. b\nmsgid "one thing"\nmsgstr "一つ"\n\n'
        '#. b\n#, python-brace-format\nmsgid "{n} new"\nmsgid_plural "{n} news"\nmsgstr[0] ""\n\n'
    )
    assert renewed(then, "ja", [Msgid("one thing", "", ("b",)), Msgid("{n} new", "{n} news", ("b",))]) == then


def test_a_text_that_gets_a_plural_keeps_its_translation():
    first = renewed(b"", "ja", [Msgid("{n} image", "", ("a",))])
    filled = first.replace(b'"{n} image"\nmsgstr ""', '"{n} image"\nmsgstr "画像{n}枚"'.encode())
    then = renewed(filled, "ja", [Msgid("{n} image", "{n} images", ("a",))])
    assert 'msgstr[0] "画像{n}枚"' in then.decode()


def test_prose_is_translated_by_its_paragraphs():
    say = Translator("ja", [{"one two": "一二", "three": "三"}])
    assert say.prose("one\ntwo\n\n  three\n") == "一二\n\n三"


def test_the_texts_of_rules_are_their_pages_paragraphs():
    rule = load_plugins(foreign=False).rules["trigger-coupling"]
    for text in rule.sections().values():
        assert set(paragraphs(text)) <= set(TEXTS)
    assert {option.info.doc for option in options_of(rule.options).values()} <= set(TEXTS)


def test_a_list_is_parted_as_its_language_does():
    assert translator("en").value(("a", "b"), "text") == "a, b"
    assert Translator("ja", [{", ": "、"}]).value(("a", "b"), "text") == "a、b"
