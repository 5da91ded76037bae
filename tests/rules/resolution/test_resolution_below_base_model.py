import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.rules.resolution.resolution_below_base_model import rule


def said(*sizes, base_model=None, **options):
    """Severity and message key for images of these sizes, in their order."""
    data = dataset(concept("hat", sizes=list(sizes)), base_model=base_model)
    found = findings(rule, data, **options)
    return list(zip(subjects(found), severities(rule, found), [finding.message for finding in found], strict=True))


@pytest.mark.parametrize(
    ("base_model", "side", "severity"),
    [
        ("sdxl", 511, "error"),
        ("sdxl", 512, "info"),
        ("sdxl", 959, "info"),
        ("sdxl", 960, None),
        ("sd15", 511, "warning"),
        ("sd15", 512, None),
        ("flux", 767, "warning"),
        ("flux", 768, None),
        (None, 511, "warning"),
        (None, 512, None),
    ],
)
def test_the_limit_follows_the_base_model(base_model, side, severity):
    data = dataset(concept("hat", sizes=[(side, side)]), base_model=base_model)
    assert severities(rule, findings(rule, data)) == ([] if severity is None else [severity])


@pytest.mark.parametrize("size", [(832, 1216), (1216, 832), (704, 1344), (640, 1536), (1024, 1024), (600, 2000)])
def test_every_shape_that_sdxl_was_trained_at_is_large_enough(size):
    assert said(size, base_model="sdxl") == []


def test_the_short_side_decides_which_images_are_too_small():
    assert said((511, 4000), (4000, 511), (512, 4000), base_model="sdxl") == [
        ("hat/000.png", "error", "sdxl"),
        ("hat/001.png", "error", "sdxl"),
    ]


def test_an_image_is_found_once():
    assert said((300, 300), (700, 700), base_model="sdxl") == [
        ("hat/000.png", "error", "sdxl"),
        ("hat/001.png", "info", "sdxl-full"),
    ]


def test_sdxl_says_how_far_off_an_image_is():
    found = findings(rule, dataset(concept("hat", sizes=[(400, 900), (700, 900)]), base_model="sdxl"))
    assert texts(rule, found) == [
        "hat/000.png has a short side of 400 px; SDXL needs at least 512 px",
        "hat/001.png is 700 × 900 px; SDXL is made for pictures of about 1024 × 1024 px",
    ]
    assert figures(found) == [
        ("short_side_px", 400, 512, "sdxl_px", "px"),
        ("square_side_px", 793, 960, "sdxl_full_px", "px"),
    ]
    assert [finding.evidence for finding in found] == ["documented", "documented"]
    assert remedies(rule, found[0]) == [
        "replace it by a larger original, or leave it out",
        "without larger images, train at a lower resolution",
    ]
    assert remedies(rule, found[1]) == ["use a larger original where there is one"]


def test_the_other_base_models_say_what_they_are_made_for():
    small = concept("hat", sizes=[(400, 900)])
    found = {model: findings(rule, dataset(small, base_model=model)) for model in ("sd15", "flux", None)}
    assert [texts(rule, of_model) for of_model in found.values()] == [
        ["hat/000.png has a short side of 400 px; SD1.5 needs at least 512 px"],
        ["hat/000.png has a short side of 400 px; for Flux at least 768 px are advised"],
        ["hat/000.png has a short side of 400 px; every base model needs at least 512 px"],
    ]
    assert [finding.evidence for (finding,) in found.values()] == ["heuristic", "community", "heuristic"]
    assert [figures(of_model) for of_model in found.values()] == [
        [("short_side_px", 400, 512, "sd15_px", "px")],
        [("short_side_px", 400, 768, "flux_px", "px")],
        [("short_side_px", 400, 512, "any_px", "px")],
    ]


def test_the_limits_can_be_set():
    assert said((700, 700), base_model="sdxl", sdxl_full_px=700) == []
    assert said((700, 700), base_model="sdxl", sdxl_px=701) == [("hat/000.png", "error", "sdxl")]
    assert said((700, 700), base_model="flux", flux_px=700) == []


def test_regularization_images_are_left_alone():
    data = dataset(
        concept("hat", sizes=[(1024, 1024)]),
        concept("person", sizes=[(300, 300)], role="regularization"),
        base_model="sdxl",
    )
    assert findings(rule, data) == []
