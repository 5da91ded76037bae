"""Groups of alike images in whole runs on real files: what the JSON says, with one worker or two, cold or warm."""

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tagmetry.cache import open_cache
from tagmetry.demo import write_demo
from tagmetry.demo.defects import COPIES
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.reporters.json_report import as_data
from tagmetry.runner import Request, run

PLUGINS = load_plugins(foreign=False)
T = Image.Transpose


def drawn(seed, size=(320, 240)):
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(int(v) for v in rng.integers(40, 216, 3)))
    pen = ImageDraw.Draw(image)
    for radius in (100, 60, 40, 25, 15, 10, 6):
        for _ in range(7):
            x, y = (int(v) for v in rng.integers(0, size))
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tuple(map(int, rng.integers(0, 256, 3))))
    return image


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "hats"
    root.mkdir()
    one, other = drawn(1), drawn(2)
    one.save(root / "a-one.png")
    one.resize((240, 180)).save(root / "b-small.jpg", quality=60)
    one.convert("L").save(root / "c-grey.webp", quality=70)
    one.crop((10, 5, 290, 215)).save(root / "d-cut.png")
    one.transpose(T.FLIP_LEFT_RIGHT).save(root / "e-mirrored.png")
    other.save(root / "f-other.png")
    other.transpose(T.ROTATE_90).save(root / "g-turned.png")
    other.crop((20, 15, 310, 230)).save(root / "h-cut.png")
    drawn(3).save(root / "i-alone.png")
    Image.new("RGB", (320, 240), "white").save(root / "j-blank.png")
    Image.new("RGB", (320, 240), "snow").save(root / "k-blank.png")
    Image.new("RGB", (1, 1), "red").save(root / "l-dot.png")
    (root / "m-broken.png").write_bytes(b"\x89PNG\r\n\x1a\n cut")
    return root


def audited(root, policy="tagmetry:recommended", **request):
    return run(Request(paths=(root,), policy=load_policy(policy, PLUGINS), plugins=PLUGINS, **request))


def shown(report):
    return json.dumps(as_data(report), ensure_ascii=False)


def test_every_kind_of_group_is_in_the_report(folder):
    report = audited(folder)
    told = as_data(report)
    groups = [(one["kind"], one["keeper"], one["paths"], one["kinds"]) for one in told["clusters"]]
    assert groups == [
        ("crop", "f-other.png", ["f-other.png", "h-cut.png"], ["exact", "crop"]),
        ("mirrored", "a-one.png", ["a-one.png", "e-mirrored.png"], ["exact", "mirrored"]),
        (
            "near",
            "a-one.png",
            ["a-one.png", "b-small.jpg", "c-grey.webp", "d-cut.png"],
            ["exact", "near", "near", "crop"],
        ),
        ("rotated", "g-turned.png", ["f-other.png", "g-turned.png", "h-cut.png"], ["rotated", "exact", "rotated"]),
    ]
    for one in told["clusters"]:
        assert len(one["distances"]) == (len(one["paths"]) if one["kind"] == "near" else 0)
        assert all(0.9 < likeness <= 1 for likeness in one["likeness"])
        assert one["variants"] == []
    # Twelve images are read: three are surplus in the first group and one in the crops.
    assert (report.metrics["effective_n"], report.metrics["near_duplicate_ratio"]) == (8, 4 / 12)
    assert report.notices == ()


def test_one_and_two_workers_cold_and_warm_give_the_same_bytes(folder, tmp_path):
    found = {shown(audited(folder, jobs=jobs)) for jobs in (1, 2)}
    for _ in range(2):
        with open_cache(tmp_path / "cache") as cache:
            found.add(shown(audited(folder, cache=cache)))
    assert len(found) == 1


@pytest.mark.parametrize(("likeness", "groups"), [("0.97", []), ("85%", [["a.png", "b.png"]])])
def test_the_policy_says_how_alike_near_duplicates_are(tmp_path, likeness, groups):
    root, policy = tmp_path / "hats", tmp_path / "policy.yaml"
    root.mkdir()
    drawn(1).save(root / "a.png")
    lettered = drawn(1)
    ImageDraw.Draw(lettered).text((20, 90), "a hat on\na table", fill="white", font_size=36)
    lettered.save(root / "b.png")
    policy.write_text(f"tagmetry: 1\nextends: tagmetry:recommended\nprofile:\n  near_duplicate_likeness: {likeness}\n")
    told = as_data(audited(root, str(policy)))["clusters"]
    assert [one["paths"] for one in told] == groups


def test_too_many_images_to_compare_all_are_said(folder, monkeypatch):
    compared = audited(folder).dataset_view.duplicates.n_compared
    monkeypatch.setattr("tagmetry.runner.EXACT_UP_TO", compared)
    assert audited(folder).notices == ()
    monkeypatch.setattr("tagmetry.runner.EXACT_UP_TO", compared - 1)
    (notice,) = audited(folder).notices
    assert notice.english() == (
        f"{compared} images are too many to hold each against every other (done up to {compared - 1}): copies that are "
        "cropped, bordered or slightly turned were looked for less"
    )


def test_the_copies_in_the_sample_dataset_are_found_and_nothing_else(tmp_path):
    demo = write_demo(tmp_path / "demo", scale=0.12)
    planted = {}
    for copy in COPIES:
        planted.setdefault(copy.of, {copy.of}).add(copy.path)
    report = audited(demo.root)
    found = [one for one in report.clusters if one.kind != "exact"]
    assert {one.kind for one in found} == {"near"}
    assert sorted(map(sorted, planted.values())) == sorted(sorted(one.paths) for one in found)
