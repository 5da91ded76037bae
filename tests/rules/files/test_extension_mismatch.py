import pytest

from rule_testing import concept, dataset, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.files.extension_mismatch import rule


def said(name, content, role="train"):
    return subjects(findings(rule, dataset(concept("hat", names=[name], formats=[content], role=role))))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", "JPEG"),
        ("a.jpeg", "JPEG"),
        ("a.jpe", "JPEG"),
        ("a.jfif", "JPEG"),
        ("a.JPG", "JPEG"),
        ("a.Jpeg", "JPEG"),
        ("a.jpg", "MPO"),
        ("a.mpo", "MPO"),
        ("a.png", "PNG"),
        ("a.webp", "WEBP"),
        ("a.avif", "AVIF"),
        ("a.gif", "GIF"),
        ("a.bmp", "BMP"),
        ("a.tif", "TIFF"),
        ("a.tiff", "TIFF"),
        ("a.png.jpg", "JPEG"),
    ],
)
def test_a_name_that_says_its_format_is_not_found(name, content):
    assert said(name, content) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", "PNG"),
        ("a.png", "JPEG"),
        ("a.png", "WEBP"),
        ("a.jpg.png", "JPEG"),
        ("a.heic", "JPEG"),
        ("a", "PNG"),
        ("jpg", "JPEG"),
    ],
)
def test_a_name_that_says_another_format_or_none_is_found(name, content):
    assert said(name, content) == [f"hat/{name}"]


def test_it_says_what_the_file_holds_and_how_to_name_it():
    data = dataset(concept("hat", names=["a.png", "b.png", "c.jpg"], formats=["PNG", "WEBP", "PNG"]))
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/b.png holds WebP data, which its name does not say",
        "hat/c.jpg holds PNG data, which its name does not say",
    ]
    assert severities(rule, found) == ["warning", "warning"]
    assert [remedies(rule, finding) for finding in found] == [
        ["rename it so that it ends in .webp"],
        ["rename it so that it ends in .png"],
    ]


@pytest.mark.parametrize("role", ["train", "regularization", "preservation", "holdout", "earlier"])
def test_images_of_every_role_are_looked_at(role):
    assert said("a.png", "JPEG", role=role) == ["hat/a.png"]


def test_a_format_of_another_plugin_is_not_judged():
    assert said("a.xyz", "XYZ") == []


def test_an_empty_dataset_is_skipped():
    assert skips(rule, dataset()) == ["there are no training images"]
