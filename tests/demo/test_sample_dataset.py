import itertools
import struct
from collections import Counter
from pathlib import Path

import imagehash
import pytest
from PIL import Image

from tagmetry.demo import MARKER, PLANTED, defects_page, write_demo
from tagmetry.demo.defects import (
    COPIES,
    COUPLED_TAG,
    CP932,
    EMPTY,
    ERROR_PAGE,
    EXACT_COPY,
    HIDDEN,
    LUMI,
    NO_CAPTION,
    NO_TRIGGER,
    ORPHAN,
    OVERSIZED,
    SMALL,
    TEAPOT,
    TOO_LONG,
    TRUNCATED,
    TWO_LINES,
    UNSUPPORTED,
    WRONG_SUFFIX,
)
from tagmetry.demo.photographs import TEAPOT_SHOTS
from tagmetry.demo.pictures import LUMI_DRAWINGS, REGULARIZATION_DRAWINGS
from tagmetry.errors import UsageError

FORMATS = ("JPEG", "PNG", "WEBP")
SCALE = 0.12
BROKEN = {TRUNCATED[0], EMPTY, ERROR_PAGE, UNSUPPORTED, OVERSIZED, HIDDEN}
ADDED = {copy.path for copy in COPIES} | {EXACT_COPY[0]}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("sample") / "demo", scale=SCALE)


def images(demo, folder):
    """Relative paths of what claims to be an image, without the broken ones."""
    paths = [path for path in sorted((demo.root / folder).rglob("*")) if path.is_file() and path.suffix != ".txt"]
    names = [path.relative_to(demo.root).as_posix() for path in paths]
    return [name for name in names if name not in BROKEN]


def hashes(demo, names):
    found = {}
    for name in names:
        with Image.open(demo.root / name) as image:
            found[name] = imagehash.phash(image)
    return found


def captions(demo, folder):
    """Tags of each image's caption in UTF-8, first line."""
    found = {}
    for name in images(demo, folder):
        path = (demo.root / name).with_suffix(".txt")
        if path.exists():
            text = path.read_bytes().decode("utf-8", errors="ignore")
            found[name] = [tag.strip() for tag in text.splitlines()[0].split(",")]
    return found


def contents(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


# --- structure -----------------------------------------------------------------------------------


def test_the_folders_are_those_of_kohya(demo):
    assert [path.name for path in sorted(demo.root.iterdir())] == [MARKER, "reg", "train"]
    assert [path.name for path in sorted(demo.train.iterdir())] == ["10_lumi girl", "4_kokeware teapot"]
    assert [path.name for path in demo.reg.iterdir()] == ["1_girl"]


def test_the_counts_are_those_of_the_images_that_decode(demo):
    counted = {}
    for concept in demo.concepts:
        counted[concept.folder] = 0
        for name in images(demo, concept.folder):
            with Image.open(demo.root / name, formats=FORMATS) as image:
                image.load()
            counted[concept.folder] += 1
    assert counted == {concept.folder: concept.n for concept in demo.concepts} == {LUMI: 36, TEAPOT: 13}
    assert demo.n_train == 49
    assert demo.n_distinct == 38
    assert len(images(demo, "reg")) == demo.n_reg == 10


def test_one_concept_is_exposed_more_than_twice_as_often_as_the_other(demo):
    exposures = sorted(concept.n * concept.repeats for concept in demo.concepts)
    assert exposures == [52, 360]


def test_every_planted_and_excluded_path_is_there(demo):
    for path in (*itertools.chain.from_iterable(defect.paths for defect in PLANTED), *demo.excluded):
        assert (demo.root / path).exists(), path
    assert demo.planted == PLANTED


def test_every_image_but_one_has_a_caption_and_every_caption_but_one_has_an_image(demo):
    files = set(contents(demo.root)) - set(demo.excluded)
    texts = {name.removesuffix(".txt") for name in files if name.endswith(".txt")}
    pictures = {name.rpartition(".")[0] for name in files if not name.endswith(".txt")}
    assert pictures - texts == {NO_CAPTION.rpartition(".")[0]}
    assert texts - pictures == {ORPHAN.removesuffix(".txt")}


def test_no_two_images_share_a_stem(demo):
    files = [name.rpartition(".")[0] for name in contents(demo.root) if not name.endswith(".txt") and name != MARKER]
    assert len(files) == len(set(files))


# --- likeness ------------------------------------------------------------------------------------


def test_pictures_that_are_no_copies_look_different(demo):
    found = hashes(demo, [name for name in images(demo, ".") if name not in ADDED | {MARKER}])
    assert len(found) == 48
    nearest = min((found[a] - found[b], a, b) for a, b in itertools.combinations(sorted(found), 2))
    assert nearest[0] > 10, nearest


def test_copies_look_like_their_originals(demo):
    found = hashes(demo, {name for copy in COPIES for name in (copy.path, copy.of)})
    assert {
        copy.path: int(found[copy.path] - found[copy.of]) for copy in COPIES if found[copy.path] - found[copy.of] > 6
    } == {}


def test_the_large_cluster_alone_passes_the_limits_of_the_duplicate_rules(demo):
    cluster = [copy for copy in COPIES if copy.of == COPIES[0].of]
    share = (len(cluster) + 1) / demo.n_train
    assert len(cluster) + 1 == 9
    assert 0.15 < share < 0.20
    assert demo.n_distinct / demo.n_train < 0.8


def test_copies_are_no_byte_copies_except_the_one(demo):
    by_content = Counter((demo.root / name).read_bytes() for name in images(demo, "train"))
    assert sorted(by_content.values(), reverse=True)[:2] == [2, 1]
    assert (demo.root / EXACT_COPY[0]).read_bytes() == (demo.root / EXACT_COPY[1]).read_bytes()


# --- broken files --------------------------------------------------------------------------------


def test_the_cut_picture_opens_and_does_not_decode(demo):
    with Image.open(demo.root / TRUNCATED[0]) as image, pytest.raises(OSError, match="truncated"):
        image.load()


def test_the_empty_picture_has_no_bytes(demo):
    assert (demo.root / EMPTY).stat().st_size == 0


def test_the_error_page_is_html_under_an_image_name(demo):
    assert (demo.root / ERROR_PAGE).suffix == ".jpg"
    assert (demo.root / ERROR_PAGE).read_bytes().startswith(b"<!DOCTYPE html>")


def test_the_unsupported_file_begins_like_heic(demo):
    assert (demo.root / UNSUPPORTED).read_bytes()[4:12] == b"ftypheic"


def test_the_oversized_scan_says_its_size_in_the_header_and_is_small_on_disk(demo):
    data = (demo.root / OVERSIZED).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (12_000, 12_000)
    assert len(data) < 100_000


def test_the_oversized_scan_is_a_sound_png_otherwise(demo, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with Image.open(demo.root / OVERSIZED, formats=("PNG",)) as image:
        assert image.mode == "1"
        image.verify()


def test_the_wrong_suffix_hides_a_jpeg(demo):
    assert WRONG_SUFFIX.endswith(".png")
    with Image.open(demo.root / WRONG_SUFFIX) as image:
        assert image.format == "JPEG"


def test_all_other_names_tell_the_format(demo):
    wrong = []
    for name in images(demo, "train") + images(demo, "reg"):
        with Image.open(demo.root / name) as image:
            if image.format != {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}[Path(name).suffix]:
                wrong.append(name)
    assert wrong == [WRONG_SUFFIX]


def test_the_hidden_file_is_no_picture(demo):
    assert Path(HIDDEN).name.startswith("._")
    assert (demo.root / HIDDEN).read_bytes().startswith(b"\x00\x05\x16\x07")


def test_two_drawings_have_a_side_below_512_and_all_others_are_large():
    small = [f"{LUMI}/lumi-{number:02d}.png" for number, d in enumerate(LUMI_DRAWINGS, 1) if min(d.size) < 512]
    assert small == list(SMALL)
    others = [d.size for d in (*LUMI_DRAWINGS, *REGULARIZATION_DRAWINGS, *TEAPOT_SHOTS) if min(d.size) >= 512]
    assert min(min(size) for size in others) >= 768
    assert max(max(size) for size in others) <= 1216
    assert len(set(others)) >= 6


# --- captions ------------------------------------------------------------------------------------


def test_one_caption_is_japanese_in_cp932(demo):
    data = (demo.root / CP932).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert data.decode("cp932").startswith("kokeware, teapot, simple background, ")
    assert data.decode("cp932").endswith("急須, 緑の釉薬, 桃色の壁\n")


def test_all_other_captions_are_utf8_and_one_of_them_has_two_lines(demo):
    lines = {
        name: len(data.decode("utf-8").splitlines())
        for name, data in contents(demo.root).items()
        if name.endswith(".txt") and name != CP932
    }
    assert [name for name, n in lines.items() if n != 1] == [TWO_LINES]
    assert lines[TWO_LINES] == 2


def test_only_the_planted_caption_exceeds_75_tokens(demo):
    clip = pytest.importorskip("instant_clip_tokenizer", reason="has no wheel for this Python")
    tokenizer = clip.Tokenizer()
    long = [
        name
        for name, data in contents(demo.root).items()
        if name.endswith(".txt") and len(tokenizer.encode(data.decode("utf-8", errors="replace"))) > 75
    ]
    assert long == [TOO_LONG]


def test_two_captions_lack_the_trigger_and_in_the_others_it_stands_first(demo):
    found = captions(demo, LUMI)
    without = {name.rpartition(".")[0] + ".txt" for name, tags in found.items() if "lumi" not in tags}
    assert without == set(NO_TRIGGER)
    assert sum(tags[0] == "lumi" for tags in found.values()) == len(found) - 2 == 33
    assert all(tags[0] == "kokeware" for tags in captions(demo, TEAPOT).values())


def test_one_background_tag_stands_on_every_photograph_and_nothing_else_is_that_frequent(demo):
    frequent = {}
    for concept in demo.concepts:
        found = captions(demo, concept.folder)
        tags = Counter(itertools.chain.from_iterable(set(tags) for tags in found.values()))
        kept = {concept.trigger, concept.class_word}
        frequent[concept.folder] = {
            tag: n / len(found) for tag, n in tags.items() if n / len(found) >= 0.8
        }.keys() - kept
    assert frequent == {LUMI: set(), TEAPOT: {COUPLED_TAG}}


def test_many_tags_stand_on_one_or_two_images(demo):
    tags = Counter(tag for folder in (LUMI, TEAPOT) for found in captions(demo, folder).values() for tag in set(found))
    assert sum(n == 1 for n in tags.values()) > 50


def test_no_caption_repeats_a_tag_or_leaves_one_empty(demo):
    for folder in (LUMI, TEAPOT, "reg"):
        for name, tags in captions(demo, folder).items():
            assert len(tags) == len(set(tags)) and all(tags), name


def test_regularization_captions_name_the_class_and_never_the_trigger(demo):
    found = captions(demo, "reg")
    assert len(found) == 10
    assert all(tags[0] == "girl" and len(tags) >= 8 and "lumi" not in tags for tags in found.values())


# --- writing -------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_nothing_is_left_beside_them(demo, tmp_path):
    again = write_demo(tmp_path / "below" / "again", scale=SCALE)
    assert contents(again.root) == contents(demo.root)
    assert [path.name for path in again.root.parent.iterdir()] == ["again"]


def test_another_seed_gives_other_pictures_with_the_same_names_in_a_folder_that_was_empty(demo, tmp_path):
    (tmp_path / "other").mkdir()
    other = contents(write_demo(tmp_path / "other", seed=8, scale=SCALE).root)
    first = contents(demo.root)
    assert other.keys() == first.keys()
    assert other[f"{TEAPOT}/kokeware-02.jpg"] != first[f"{TEAPOT}/kokeware-02.jpg"]


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="was not made by tagmetry demo; nothing was written"):
        write_demo(folder, scale=SCALE)
    assert contents(tmp_path) == {"photos/mine.txt": b"mine"}


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "demo").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError):
        write_demo(tmp_path / "demo", scale=SCALE)
    assert contents(tmp_path) == {"demo": b"mine"}


def test_a_link_is_refused_even_to_a_sample_dataset(demo, tmp_path):
    link = tmp_path / "link"
    try:
        link.symlink_to(demo.root, target_is_directory=True)
    except OSError:
        pytest.skip("this system does not let us make links")
    with pytest.raises(UsageError):
        write_demo(link, scale=SCALE)
    assert link.is_symlink()


def test_its_own_folder_is_renewed_and_what_else_lies_there_stays(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / MARKER).write_bytes(b"")
    (folder / "report.html").write_text("kept", encoding="utf-8")
    (folder / "train").mkdir()
    (folder / "train" / "old.txt").write_text("old", encoding="utf-8")
    demo = write_demo(folder, scale=SCALE)
    assert sorted(path.name for path in folder.iterdir()) == [MARKER, "reg", "report.html", "train"]
    assert (folder / "report.html").read_text(encoding="utf-8") == "kept"
    assert not (folder / "train" / "old.txt").exists()
    assert len(images(demo, "train")) == demo.n_train


def test_the_page_of_defects_names_each_with_its_place():
    page = defects_page().splitlines()
    assert page[:2] == ["| rule | where | what is wrong |", "|---|---|---|"]
    assert len(page) == 2 + len(PLANTED)
    assert page[2] == (
        "| `unreadable-image` | `train/10_lumi girl/lumi-37.png` | The file ends in the middle of the picture. |"
    )
    assert "`train/10_lumi girl/lumi-01.png`, `train/10_lumi girl/lumi-27.jpg … lumi-34.webp`" in page[9]


@pytest.mark.slow
def test_the_whole_dataset_stays_small_and_its_copies_are_large_enough(tmp_path):
    demo = write_demo(tmp_path / "demo")
    assert sum(len(data) for data in contents(demo.root).values()) < 25_000_000
    small = []
    for name in images(demo, "train"):
        with Image.open(demo.root / name) as image:
            if min(image.size) < 512:
                small.append(name)
    assert small == list(SMALL)
    found = hashes(demo, [name for name in images(demo, "train") + images(demo, "reg") if name not in ADDED])
    assert min(a - b for a, b in itertools.combinations(found.values(), 2)) > 10
