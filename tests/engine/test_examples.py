import pytest

from tagmetry.examples import spread_out

PATHS = [f"{n:02}.png" for n in range(12)]


@pytest.mark.parametrize(
    ("n", "named"),
    [
        (0, ()),
        (1, ("00.png",)),
        (3, ("00.png", "04.png", "08.png")),
        (50, ("00.png", "02.png", "04.png", "07.png", "09.png")),
    ],
)
def test_some_images_are_named_evenly_and_never_more_than_five(n, named):
    assert spread_out(PATHS, n) == named


def test_of_few_images_all_are_named():
    assert spread_out(PATHS[:2], 4) == ("00.png", "01.png")
    assert spread_out([], 4) == ()
