from rule_testing import concept, dataset, findings, orphan, remedies, severities, subjects, texts
from tagmetry.rules.captions.orphan_caption import rule


def test_a_caption_without_an_image_is_found():
    found = findings(rule, dataset(concept("hat"), orphans=[orphan("hat/99.txt")]))
    assert subjects(found) == ["hat/99.txt"]
    assert found[0].subject.kind == "file"
    assert found[0].subject.identity == ("hat/99.txt",)
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["hat/99.txt belongs to no image"]
    assert remedies(rule, found[0]) == ["give it the name of its image, or remove it"]


def test_a_name_that_nearly_fits_is_told():
    data = dataset(concept("hat", captions=[None]), orphans=[orphan("hat/000.TXT", near="hat/000.png")])
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/000.TXT belongs to no image: its name differs from hat/000.png in case or Unicode form"
    ]
    assert remedies(rule, found[0]) == [
        "rename it: apart from the ending its name must be that of hat/000.png, letter for letter"
    ]


def test_a_set_without_orphans_is_clean():
    assert findings(rule, dataset(concept("hat"))) == []
    assert findings(rule, dataset()) == []
