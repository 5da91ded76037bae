"""Which images of a run get a picture in its report, and how large."""

import itertools

import pytest

from report_testing import report_of
from rule_testing import concept, dataset
from tagmetry import runner
from tagmetry.plugins import load_plugins


def pictured(n, **more):
    data = dataset(concept("hat", captions=["hat"] * n, trigger="hat"), **more)
    rules = load_plugins(foreign=False).rules
    findings = report_of(data, rules["near-duplicate-cluster"], rules["exact-duplicates"]).findings
    return data.paths, runner._pictured(data, findings, runner.MOST_THUMBNAILS)


def test_of_few_images_all_have_a_picture():
    paths, found = pictured(20)
    assert found == list(paths)


def test_of_many_images_alike_ones_come_first_and_the_rest_evenly(monkeypatch):
    monkeypatch.setattr(runner, "MOST_THUMBNAILS", 10)
    paths, _ = pictured(40)
    near = [(paths[30], paths[33])]
    _, found = pictured(40, near=near)
    assert set(found[:2]) == set(near[0])
    assert len(found) == len(set(found)) == 10
    places = sorted(paths.index(path) for path in found[2:])
    assert {later - earlier for earlier, later in itertools.pairwise(places)} <= {5, 6, 7}


def test_groups_larger_than_the_bound_are_cut(monkeypatch):
    monkeypatch.setattr(runner, "MOST_THUMBNAILS", 3)
    paths, _ = pictured(9)
    _, found = pictured(9, near=[tuple(paths[:6])])
    assert len(found) == 3


@pytest.mark.parametrize(("n", "side"), [(1, 256), (300, 256), (301, 160), (1000, 160), (1001, 128), (100_000, 128)])
def test_the_more_images_the_smaller_their_pictures(n, side):
    assert runner.thumbnail_side_px(n) == side
