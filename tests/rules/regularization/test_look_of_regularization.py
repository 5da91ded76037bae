"""What regularization images look like beside the training images, and whether they were generated."""

import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.features import brightness, contrast, crispness, hues, rendering, tile_sharpness
from tagmetry.rules.regularization import generated_regularization, regularization_quality

rule = regularization_quality.rule
LEVELS = [-0.2, -0.1, -0.05, 0.0, 0.0, 0.05, 0.1, 0.2]


def looks(detail=1000.0, light=120.0, hardness=50.0, chroma=0.06, drawn=0.02, crisp=2.0, n=8):
    spread = [LEVELS[at % 8] for at in range(n)]
    return {
        tile_sharpness: [detail * (1 + each) for each in spread],
        brightness: [light + 40 * each for each in spread],
        contrast: [hardness + 20 * each for each in spread],
        hues: [[chroma * (1 + each) / 12] * 12 for each in spread],
        rendering: [drawn] * n,
        crispness: crisp if isinstance(crisp, list) else [crisp] * n,
    }


def both(reg, *, train=None, n=8, profile=None, **facts):
    return dataset(
        concept("hat", n=8, features=train or looks()),
        concept("class", n=n, role="regularization", features=reg, **facts),
        **(profile or {}),
    )


def said(reg, **facts):
    return [found.message for found in findings(rule, both(reg, **facts))]


def test_like_pictures_are_fine():
    assert said(looks()) == []


@pytest.mark.parametrize(
    ("look", "message"),
    [
        ({"detail": 300.0}, "smoother"),
        ({"detail": 3500.0}, "sharper"),
        ({"light": 190.0}, "brightness"),
        ({"light": 60.0}, "brightness"),
        ({"hardness": 80.0}, "contrast"),
        ({"chroma": 0.12}, "colour"),
    ],
)
def test_each_kind_of_difference(look, message):
    assert said(looks(**look)) == [message]


@pytest.mark.parametrize("look", [{"detail": 450.0}, {"light": 150.0}, {"hardness": 65.0}, {"chroma": 0.08}])
def test_what_can_hardly_be_seen_is_no_difference(look):
    assert said(looks(**look)) == []


def test_sets_that_vary_much_are_not_apart():
    wide = looks()
    wide[brightness] = [20.0, 60, 100, 140, 180, 200, 220, 240]
    other = looks()
    other[brightness] = [10.0, 40, 60, 80, 100, 120, 150, 220]
    assert said(wide, train=other) == []


def test_drawings_beside_photographs_are_told_as_that_alone():
    assert said(looks(drawn=0.4, detail=5000.0, light=220.0)) == ["drawn"]
    assert said(looks(), train=looks(drawn=0.4, detail=5000.0)) == ["photographed"]


def test_a_style_may_have_other_class_pictures_but_no_poor_ones():
    assert said(looks(drawn=0.4), profile={"purpose": "style"}) == []
    assert said(looks(crisp=[0.5] * 2 + [2.0] * 6), profile={"purpose": "style"}) == ["poor"]


def test_poor_pictures_are_named_above_a_tenth():
    reg = looks(crisp=[0.5] + [2.0] * 7)
    found = findings(rule, both(reg))
    assert texts(rule, found) == ["1 of the 8 regularization images is blurred or strongly compressed: class/000.png"]
    assert figures(found) == [("poor_share", 0.125, 0.1, "poor_share", "share")]
    assert said(looks(crisp=[0.5] + [2.0] * 9, n=10), n=10) == []
    assert said(looks(), jpeg_quality=[40] * 2 + [90] * 6) == ["poor"]


def test_too_few_are_not_compared():
    found = skips(rule, both(looks(n=7), n=7))
    assert found == ["7 regularization images and 8 training images are too few to compare; 8 of each are needed"]
    assert skips(rule, dataset(concept("hat", n=8, features=looks()))) == ["there are no regularization images"]


def test_a_difference_is_said_with_both_figures():
    found = findings(rule, both(looks(detail=300.0)))
    assert texts(rule, found) == [
        (
            "the regularization images are smoother than the training images: fine detail of 300 in the middle, "
            "against 1,000"
        )
    ]
    assert severities(rule, found) == ["warning"]
    assert len(remedies(rule, found[0])) == 1


def generated(*kinds, role="regularization"):
    return dataset(
        concept("hat", n=3, generator="comfyui"), concept("class", n=len(kinds), role=role, generator=list(kinds))
    )


def test_generated_class_pictures_are_a_note_and_named():
    found = findings(generated_regularization.rule, generated("none", "comfyui", "stable-diffusion-webui", "none"))
    assert texts(generated_regularization.rule, found) == [
        (
            '2 of the 4 regularization images of "class" were generated, as their metadata tell '
            "(comfyui, stable-diffusion-webui)"
        )
    ]
    assert severities(generated_regularization.rule, found) == ["info"]
    assert found[0].subject.paths == ("class/001.png", "class/002.png")
    assert figures(found) == [("generated_share", 0.5, 0.1, "limit", "share")]


def test_a_few_generated_ones_among_real_ones_are_mixed_as_advised():
    assert findings(generated_regularization.rule, generated("comfyui", *["none"] * 10)) == []
    assert len(findings(generated_regularization.rule, generated("comfyui", *["none"] * 9))) == 1


def test_training_pictures_may_be_generated():
    assert findings(generated_regularization.rule, generated("none", "none")) == []
