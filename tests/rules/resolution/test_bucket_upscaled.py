from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.resolution.bucket_upscaled import rule


def hats(*sides, trainer="kohya", resolution=1100, **profile):
    sizes = [(side, side) for side in sides]
    return dataset(concept("1_hat", sizes=sizes), trainer=trainer, resolution=resolution, **profile)


def said(*sides, **options):
    # The square bucket of 1100 is 1088 px in steps of 64.
    found = findings(rule, hats(*sides), **options)
    return list(zip(severities(rule, found), (finding.subject.paths for finding in found), strict=True))


def test_a_tenth_more_is_noted_and_less_is_not():
    assert said(990) == []
    assert said(989) == [("info", ("1_hat/000.png",))]


def test_twice_the_size_is_a_warning():
    assert said(545) == [("info", ("1_hat/000.png",))]
    assert said(544) == [("warning", ("1_hat/000.png",))]


def test_the_two_kinds_are_told_apart_and_the_worst_stands_first():
    found = findings(rule, hats(2000, 900, 800, 500, 400))
    assert texts(rule, found) == [
        "2 of 5 training images will be enlarged 2 times or more, up to 2.72 times: 1_hat/004.png",
        "2 of 5 training images will be enlarged, up to 1.36 times: 1_hat/002.png",
    ]
    assert [finding.subject.paths for finding in found] == [
        ("1_hat/004.png", "1_hat/003.png"),
        ("1_hat/002.png", "1_hat/001.png"),
    ]
    assert [figure[0::2] for figure in figures(found)] == [("upscale", 2.0, None), ("upscale", 1.1, None)]
    assert [figure[3] for figure in figures(found)] == ["warning_limit", "limit"]
    assert remedies(rule, found[0]) == [
        "get larger originals, or leave out the worst",
        "without larger images, train at a lower resolution",
        "or leave small pictures at their own size: bucket_no_upscale",
    ]


def test_one_image_is_told_in_the_singular():
    assert texts(rule, findings(rule, hats(800))) == [
        "1 of 1 training images will be enlarged, 1.36 times: 1_hat/000.png"
    ]


def test_the_limits_can_be_set():
    assert said(600, limit=2.0) == []
    assert said(600, warning_limit=1.5) == [("warning", ("1_hat/000.png",))]


def test_an_image_of_its_buckets_size_is_never_enlarged():
    assert said(1088, limit=1.0) == []
    assert said(1087, limit=1.0) == [("info", ("1_hat/000.png",))]


def test_regularization_images_are_left_alone():
    reg = concept("reg", sizes=(300, 300), role="regularization")
    assert findings(rule, dataset(concept("1_hat"), reg, trainer="kohya", resolution=1024)) == []


def test_without_trainer_or_resolution_it_is_skipped():
    assert skips(rule, hats(9, trainer=None)) == ["no trainer is named: set profile.trainer or use --trainer"]
    assert len(skips(rule, hats(9, resolution=None))) == 1
