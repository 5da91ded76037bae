from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.resolution.bucket_underfilled import rule


def hats(*, square, wide, repeats=1, trainer="kohya", batch_size=4, **profile):
    sizes = [(1024, 1024)] * square + [(1216, 832)] * wide
    return dataset(
        concept("1_hat", sizes=sizes, repeats=repeats),
        trainer=trainer,
        resolution=1024,
        batch_size=batch_size,
        **profile,
    )


def test_a_full_batch_of_each_shape_is_enough():
    assert findings(rule, hats(square=4, wide=4)) == []


def test_a_shape_of_fewer_than_a_batch_is_noted():
    found = findings(rule, hats(square=20, wide=3))
    assert severities(rule, found) == ["info"]
    assert found[0].subject.paths == ("1_hat/020.png", "1_hat/021.png", "1_hat/022.png")
    (text,) = texts(rule, found)
    assert text == (
        "3 of 23 training images have shapes of which there are too few for a batch of 4: they are trained in smaller "
        "ones, as 1216 × 832"
    )
    assert figures(found) == [("underfilled_share", 3 / 23, 0.25, "warning_share", "share")]
    assert remedies(rule, found[0]) == [
        "crop them to the shape that most others have",
        "or add images of their shapes",
        "lower the batch size",
    ]


def test_more_than_a_quarter_of_the_images_is_a_warning():
    assert severities(rule, findings(rule, hats(square=9, wide=3))) == ["info"]
    assert severities(rule, findings(rule, hats(square=8, wide=3))) == ["warning"]


def test_repeats_fill_a_batch():
    assert findings(rule, hats(square=8, wide=2, repeats=2)) == []
    assert len(findings(rule, hats(square=8, wide=1, repeats=3))) == 1


def test_everydream_fills_with_copies():
    (text,) = texts(rule, findings(rule, hats(square=20, wide=1, trainer="everydream")))
    assert text == (
        "1 of 21 training images has a shape of which there are too few for a batch of 4, which is filled up with "
        "copies of it: 1216 × 832"
    )


def test_regularization_images_share_the_batches():
    data = dataset(
        concept("1_hat", n=2),
        concept("reg", n=2, role="regularization"),
        trainer="kohya",
        resolution=1024,
        batch_size=4,
    )
    assert findings(rule, data) == []


def test_a_batch_of_one_is_always_full():
    assert findings(rule, hats(square=3, wide=1, batch_size=1)) == []


def test_the_limit_can_be_set():
    assert severities(rule, findings(rule, hats(square=20, wide=3), warning_share=0.1)) == ["warning"]


def test_without_a_batch_size_it_is_skipped():
    assert skips(rule, hats(square=1, wide=1, batch_size=None)) == ["no batch size is known: set profile.batch_size"]
    assert skips(rule, hats(square=1, wide=1, trainer=None)) == [
        "no trainer is named: set profile.trainer or use --trainer"
    ]
