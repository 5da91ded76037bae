"""The rows of the built-in playbooks, each on a set of real files that shows its signs and on one that does not."""

import random
import textwrap

import pytest
from PIL import Image, ImageDraw, ImageFilter

import tagmetry
from tagmetry.diagnosis import diagnose
from tagmetry.finding import Severity
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy

PLUGINS = load_plugins(foreign=False)
N = 10
SMALL = ["resolution-below-base-model.any_px=256"]
"""The pictures are small, so that they are soon drawn and measured."""

HAIR = ("long hair", "short hair", "ponytail", "braid")
PLACES = ("park", "beach", "kitchen", "street", "forest", "library", "bedroom", "rooftop")
CLOTHES = ("red dress", "blue coat", "green sweater", "white shirt", "black jacket", "yellow skirt", "school uniform")
VIEWS = ("close-up", "upper body", "full body", "from side", "from behind", "cowboy shot")
FACES = ("smile", "frown", "laughing", "surprised", "closed eyes")
LIGHTS = ("daylight", "night", "sunset", "backlighting", "candlelight")
MORE = ("holding cup", "lantern", "scarf", "gloves", "umbrella", "hat", "bag", "cat", "tree", "window", "chair")


def picture(path, seed, size=(300, 330)):
    """A drawing of sharp shapes on a ground of some texture; no two seeds look alike."""
    chance = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = Image.effect_noise((size[0] // 4, size[1] // 4), 60).resize(size)
    ground = Image.new("RGB", size, tuple(chance.randrange(60, 200) for _ in range(3)))
    with Image.merge("RGB", [noise] * 3) as grain:
        image = Image.blend(ground, grain, 0.2)
    pen = ImageDraw.Draw(image)
    for _ in range(25):
        x, y, w, h = (chance.randrange(0, size[0]), chance.randrange(0, size[1]), *chance.choices(range(20, 160), k=2))
        shape = pen.ellipse if chance.random() < 0.5 else pen.rectangle
        shape([x - w, y - h, x + w, y + h], fill=tuple(chance.randrange(256) for _ in range(3)))
    image.save(path)
    ground.close()
    noise.close()
    return image


def words(seed):
    """What a caption says beside trigger and class word; it differs from picture to picture."""
    chance = random.Random(seed)
    kinds = (HAIR, CLOTHES, PLACES, VIEWS, FACES, LIGHTS)
    said = [kind[seed % len(kind)] for kind in kinds]
    return [*said, *chance.sample(MORE, 3 + seed % 3)]


def lay(folder, captions, *, first=0, size=(300, 330)):
    """Pictures with captions, one a file; None is a picture without."""
    for number, caption in enumerate(captions):
        picture(folder / f"{number:02}.png", first + number, size).close()
        if caption is not None:
            (folder / f"{number:02}.txt").write_text(caption, encoding="utf-8")
    return folder


def captions(*always, n=N, first=0):
    return [", ".join((*always, *words(first + number))) for number in range(n)]


def sound(root, *, size=(300, 330), trigger="lumikiri", folder="1_lumikiri girl"):
    """A character with regularization images, of which no rule has anything to say that matters."""
    lay(root / "train" / folder, captions(trigger, "girl"), size=size)
    lay(root / "reg" / "1_girl", captions("girl", first=50), first=100, size=size)
    return root


CONFIG = """
pretrained_model_name_or_path = "model.safetensors"
network_module = "networks.lora"
train_data_dir = "train"
reg_data_dir = "reg"
resolution = "320,320"
caption_extension = ".txt"
enable_bucket = true
train_batch_size = 2
shuffle_caption = true
keep_tokens = 2
caption_tag_dropout_rate = 0.1
network_dim = 8
network_alpha = 8
network_train_unet_only = true
max_train_epochs = 8
"""


def with_config(root, **changes):
    """A training config beside the data; a value of None takes a line away."""
    lines = dict(line.split(" = ", 1) for line in CONFIG.strip().split("\n"))
    for key, value in changes.items():
        lines.pop(key, None)
        if value is not None:
            lines[key] = value
    text = "".join(f"{key} = {value}\n" for key, value in lines.items())
    (root / "config.toml").write_text(textwrap.dedent(text), encoding="utf-8")
    return root / "config.toml"


@pytest.fixture(scope="module")
def playbooks(tmp_path_factory):
    return load_policy("tagmetry:playbooks", PLUGINS, beside=tmp_path_factory.mktemp("beside")).playbooks()


def opened(path, symptom, playbooks, policy="tagmetry:recommended", **profile):
    report = tagmetry.audit(path, policy=str(policy), plugins=False, settings=SMALL, **profile)
    (one,) = diagnose(report, playbooks, [symptom])
    return one


def signs(one):
    return {signal.rule for signal in one.signals}


def warnings(one):
    """The rules that are signs, those that only inform left out."""
    return {signal.rule for signal in one.signals if signal.severity >= Severity.WARNING}


def blur(path, size=(600, 640)):
    """The picture out of focus, at a size at which that is no matter of pixels."""
    with Image.open(path) as image, image.resize(size) as large:
        large.filter(ImageFilter.GaussianBlur(6)).save(path)


def step(one, rule):
    """The first step that a rule's findings speak for."""
    return next(step for step in (*one.data, *one.training) if any(finding.rule == rule for finding in step.findings))


@pytest.fixture(scope="module")
def good(tmp_path_factory, playbooks):
    """The sound set with its config, diagnosed for every symptom at once."""
    path = with_config(sound(tmp_path_factory.mktemp("good")))
    report = tagmetry.audit(path, policy="tagmetry:recommended", plugins=False, purpose="character", settings=SMALL)
    found = diagnose(report, playbooks, [book.symptom for book in playbooks])
    return {one.playbook.symptom: one for one in found}


def test_no_row_sees_a_sign_in_a_sound_set(good):
    assert {symptom: warnings(one) for symptom, one in good.items() if warnings(one)} == {}


def test_over_fitted_look(tmp_path, playbooks, good):
    said = [f"lumikiri, girl, simple background, full body, {', '.join(words(n)[:2])}" for n in range(N)]
    folder = lay(tmp_path / "train" / "1_lumikiri girl", said)
    for number in (1, 2, 3):  # one picture four times, as JPEG of other sizes
        with Image.open(folder / "00.png") as image, image.resize((290 - number, 320)) as smaller:
            (folder / f"{number:02}.png").unlink()
            smaller.save(folder / f"{number:02}.jpg", quality=90)
    path = with_config(tmp_path, reg_data_dir=None, shuffle_caption=None, caption_tag_dropout_rate=None,
                       max_train_epochs="900", network_dim="128", network_alpha="128")  # fmt: skip
    one = opened(path, "over-fitted", playbooks)
    assert signs(one) >= {
        "near-duplicate-ratio", "dominant-cluster", "effective-size", "trigger-coupling", "low-tag-entropy",
        "no-caption-randomization", "over-exposure", "rank-vs-data",
    }  # fmt: skip
    copies = {f"1_lumikiri girl/{name}" for name in ("00.png", "01.jpg", "02.jpg", "03.jpg")}
    assert one.data[0].advice.do.startswith("Thin the near-duplicates")
    assert set(one.data[0].paths) == copies
    assert len(step(one, "trigger-coupling").paths) == N
    assert [part.standing for part in one.training[:3]] == ["found"] * 3
    assert [part.standing for part in good["over-fitted"].training if part.advice.anyway] == ["open"]
    assert "Thin the near-duplicates" in next(
        part.advice.do for part in good["over-fitted"].data if part.standing == "clean"
    )


def test_a_leaking_class(tmp_path, playbooks, good):
    said = [f"sks, girl, simple background, {', '.join(words(n)[:2])}" for n in range(N)]
    lay(tmp_path / "train" / "1_sks girl", said)
    path = with_config(
        tmp_path, reg_data_dir=None, network_train_unet_only=None, unet_lr="1e-4", text_encoder_lr="1e-4"
    )
    one = opened(path, "class-leaks", playbooks)
    assert signs(one) >= {
        "class-hijack-risk", "low-tag-entropy", "trigger-coupling", "trigger-collision", "text-encoder-learning",
    }  # fmt: skip
    assert one.data[0].advice.do.startswith("Add regularization images")
    assert set(step(one, "trigger-coupling").paths) == {f"1_sks girl/{n:02}.png" for n in range(N)}
    assert "more-regularization" in one.changes
    assert [part.standing for part in good["class-leaks"].data][:1] == ["clean"]


def test_attributes_that_mix(tmp_path, playbooks, good):
    lay(tmp_path / "train" / "1_anna girl", captions("anna", "girl"))
    lay(tmp_path / "train" / "3_berta girl", captions("berta", "girl")[:6], first=30)
    for name in ("anna", "berta"):
        picture(tmp_path / "train" / ("1_anna girl" if name == "anna" else "3_berta girl") / "both.png", 77).close()
    one = opened(tmp_path, "attributes-mix", playbooks)
    assert signs(one) >= {"duplicate-across-sets", "missing-caption"}
    shared = {"train/1_anna girl/both.png", "train/3_berta girl/both.png"}
    assert set(step(one, "duplicate-across-sets").paths) == shared
    assert set(step(one, "missing-caption").paths) == shared
    missing = [part for part in good["attributes-mix"].data if part.advice.do.startswith("Write the missing")]
    assert [part.standing for part in missing] == ["not-needed"]  # there is one concept


def test_wording_that_decides(tmp_path, playbooks, good):
    said = captions("lumikiri", "girl")
    said[1] += ", day, night"
    said[8] = "A tall girl with a long braid walks along the beach, and the sun is about to set behind her."
    said[2] = "A girl stands in the park in the evening and looks at the sky, which is full of stars."
    said[3] += ", t-shirt"
    said[4] += ", t shirt"
    said[5] = said[5].replace(", ", "; ")
    said[6] += ", " + ", ".join(f"embroidered ornament number {n}" for n in range(30))
    said[7] = None
    lay(tmp_path / "lumikiri", said)
    one = opened(tmp_path, "wording-decides", playbooks)
    assert signs(one) >= {
        "missing-caption", "contradictory-tags", "tag-synonyms", "mixed-caption-style", "mixed-separators",
        "caption-too-long",
    }  # fmt: skip
    for rule, numbers in {
        "missing-caption": [7], "caption-too-long": [6], "mixed-caption-style": [2, 5, 8],
    }.items():  # fmt: skip
        assert set(step(one, rule).paths) == {f"lumikiri/{n:02}.png" for n in numbers}, rule
    assert {part.standing for part in good["wording-decides"].data} <= {"clean", "not-judged", "found"}


def test_an_unstable_identity(tmp_path, playbooks, good):
    said = captions("lumikiri", "girl")
    said = [text.replace("long hair", "blonde hair").replace("ponytail", "black hair") for text in said]
    said = [text + (", blue eyes" if n % 2 else ", green eyes") for n, text in enumerate(said)]
    said[6], said[7] = "girl, park", "girl, beach"
    folder = lay(tmp_path / "train" / "1_lumikiri girl", said)
    blur(folder / "03.png")
    one = opened(tmp_path / "train", "unstable-identity", playbooks)
    assert signs(one) >= {"mixed-identities", "blurry-image", "trigger-missing"}
    assert step(one, "blurry-image").paths == ("1_lumikiri girl/03.png",)
    assert step(one, "trigger-missing").paths == ("1_lumikiri girl/06.png", "1_lumikiri girl/07.png")
    assert [part.advice.do for part in good["unstable-identity"].data if part.standing == "found"] == []


def test_a_look_that_drifts(tmp_path, playbooks, good):
    said = captions("masterpiece", "best quality", "lumikiri", "girl", "standing")
    said[4] = "masterpiece, best quality, lumikiri, girl, standing, park"
    lay(tmp_path / "lumikiri", said)
    with Image.open(tmp_path / "lumikiri" / "04.png") as image:
        dark = image.point(lambda value: value // 5)
    dark.save(tmp_path / "lumikiri" / "04.png")
    dark.close()
    one = opened(tmp_path, "look-drifts", playbooks)
    assert signs(one) >= {"always-on-quality-tags", "tag-frequency", "tonal-outlier"}
    assert step(one, "tonal-outlier").paths == ("lumikiri/04.png",)
    assert one.data[0].advice.do.startswith("Cut quality")
    assert "weak-randomization" in one.changes
    assert [part.standing for part in good["look-drifts"].data][-1:] != ["found"]


def test_weak_sdxl(tmp_path, playbooks):
    small = lay(tmp_path / "small", captions("lumikiri", "girl"))
    for number in (8, 9):
        picture(small / f"{number:02}.png", 90 + number, (1200, 300)).close()
    one = opened(small, "weak-sdxl", playbooks, base_model="sdxl")
    assert signs(one) >= {"resolution-below-base-model", "few-full-size-images", "extreme-aspect-ratio"}
    assert len(step(one, "resolution-below-base-model").paths) == N
    assert step(one, "extreme-aspect-ratio").paths == ("08.png", "09.png")
    large = lay(tmp_path / "large", captions("lumikiri", "girl", n=4), size=(1024, 1024))
    assert warnings(opened(large, "weak-sdxl", playbooks, base_model="sdxl")) == set()


def test_spikes_of_the_loss(tmp_path, playbooks, good):
    lay(tmp_path / "train" / "1_lumikiri girl", captions("lumikiri", "girl"))
    folder = tmp_path / "train" / "1_lumikiri girl"
    (folder / "01.png").write_bytes((folder / "01.png").read_bytes()[:2000])
    with Image.new("RGB", (300, 330), "black") as black:
        black.save(folder / "02.png")
    path = with_config(tmp_path, reg_data_dir=None, network_alpha="64")
    one = opened(path, "loss-spikes", playbooks)
    assert signs(one) >= {"unreadable-image", "blank-image", "network-alpha-mismatch"}
    assert set(one.data[0].paths) == {"1_lumikiri girl/01.png", "1_lumikiri girl/02.png"}
    assert one.training[0].advice.do.startswith("Set network_alpha")
    assert [part.standing for part in good["loss-spikes"].training if "network_alpha" in part.advice.do] == ["clean"]


def test_short_prompts_that_fail(tmp_path, playbooks, good):
    lay(tmp_path / "train" / "1_lumikiri girl", captions("lumikiri", "girl", "standing", "white background"))
    path = with_config(tmp_path, reg_data_dir=None, shuffle_caption=None, caption_tag_dropout_rate=None)
    one = opened(path, "short-prompts-fail", playbooks)
    assert signs(one) >= {"tag-frequency", "no-caption-randomization"}
    assert len(one.data[0].paths) == N
    assert one.changes == ("weak-randomization", "some-caption-dropout")
    assert good["short-prompts-fail"].changes == ("some-caption-dropout",)


def test_a_style_that_bleeds(tmp_path, playbooks, good):
    lay(tmp_path / "train" / "1_lumikiri style", [*captions("lumikiri")[:-1], None])
    path = with_config(tmp_path, reg_data_dir=None, max_train_epochs="900", caption_dropout_rate="0.3")
    one = opened(path, "style-bleeds", playbooks, purpose="style")
    assert signs(one) >= {"over-exposure", "missing-caption", "caption-dropout-high"}
    assert step(one, "missing-caption").paths == (f"1_lumikiri style/{N - 1:02}.png",)
    assert one.changes == ("multipliers-back", "no-caption-dropout")
    assert good["style-bleeds"].changes == ("multipliers-back",)


def test_uneven_flux(tmp_path, playbooks):
    folder = lay(tmp_path / "flux", [f"lumikiri, girl, {', '.join(words(3))}" for _ in range(N)])
    sizes = ((300, 420), (500, 310), (330, 330), (610, 320), (320, 480), (420, 300), (350, 600), (400, 400))
    for number, size in enumerate(sizes):
        picture(folder / f"{number:02}.png", number, size).close()
    for number, light in enumerate(("cinematic lighting", "soft light", "candlelight", "backlighting")):
        (folder / f"{number:02}.txt").write_text(f"lumikiri, girl, {light}, sad, park", encoding="utf-8")
    blur(folder / "09.png", (800, 840))
    one = opened(folder, "flux-uneven", playbooks, base_model="flux")
    assert signs(one) >= {"resolution-below-base-model", "inconsistent-resolution", "blurry-image"}
    assert step(one, "blurry-image").paths == ("09.png",)
    assert set(step(one, "inconsistent-resolution").paths) >= {f"{n:02}.png" for n in (0, 1, 3, 4, 5, 6)}
    even = lay(tmp_path / "even", captions("lumikiri", "girl", n=15), size=(768, 768))
    assert warnings(opened(even, "flux-uneven", playbooks, base_model="flux")) == set()


def test_an_earlier_concept_that_is_forgotten(tmp_path, playbooks, good):
    lay(tmp_path / "new", captions("lumikiri", "girl"))
    lay(tmp_path / "old", captions("berta", "girl", n=2), first=60)
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        'tagmetry: 1\nextends: [tagmetry:recommended]\nprofile: {roles: {earlier: ["old/**"]}}\n', encoding="utf-8"
    )
    one = opened([tmp_path / "new", tmp_path / "old"], "earlier-forgotten", playbooks, policy)
    assert signs(one) == {"continuation-mix"}
    assert one.data[0].standing == "found"
    lay(tmp_path / "half" / "new", captions("lumikiri", "girl", n=4))
    lay(tmp_path / "half" / "old", captions("berta", "girl", n=4), first=60)
    half = opened(tmp_path / "half", "earlier-forgotten", playbooks, policy)
    assert (signs(half), [part.standing for part in half.data]) == (set(), ["open"])
    assert (signs(good["earlier-forgotten"]), good["earlier-forgotten"].data[0].findings) == (set(), ())
