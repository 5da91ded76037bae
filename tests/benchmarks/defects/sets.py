"""A set in the making: pictures in folders with their captions, to be changed, written and audited."""

import shutil
import tempfile
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePosixPath

import tomli_w
from PIL import Image

from benchmarks.defects.pictures import LUMIKA, NORAVEL, OTHERS, Parts, clean_pictures, encoded
from tagmetry.plugins import load_plugins
from tagmetry.policy.flags import flag_layer, with_flags
from tagmetry.policy.loader import load_policy
from tagmetry.runner import Request, run

N_TRAIN, N_SECOND, N_REG = 32, 20, 12
LUMIKA_FOLDER = "train/1_lumika girl"
NORAVEL_FOLDER = "train/1_noravel girl"
REG_FOLDER = "reg/2_girl"


@dataclass(frozen=True)
class Sample:
    """One picture of a set with its caption, None for none. `parts` is what was true of it when it was drawn."""

    path: str
    data: bytes
    caption: str | bytes | None
    parts: Parts | None = None
    caption_suffix: str = ".txt"

    @property
    def folder(self):
        return str(PurePosixPath(self.path).parent)

    @property
    def caption_path(self):
        return str(PurePosixPath(self.path).with_suffix(self.caption_suffix))

    @property
    def tags(self):
        return [tag.strip() for tag in self.caption.split(",")]

    def picture(self):
        with Image.open(BytesIO(self.data)) as image:
            return image.convert("RGB")


@dataclass
class Set:
    """Samples in the order in which they were made, other files by path, and the keys of the policy's profile."""

    samples: list[Sample]
    files: dict[str, bytes] = field(default_factory=dict)
    profile: dict = field(default_factory=dict)
    policy: str = ""
    """A policy file on top of the recommended one: its text without the head."""
    links: dict[str, str] = field(default_factory=dict)
    """Symbolic links: where each lies and what it names."""
    config: dict | None = None
    """A config of sd-scripts by its parts: `general`, `dataset`, `subsets` by folder, and the `training` file."""
    given: tuple[str, ...] = (".",)
    """What the command is given, relative to the set's folder; with a config its files."""

    def copy(self):
        return replace(
            self,
            samples=list(self.samples),
            files=dict(self.files),
            profile=dict(self.profile),
            links=dict(self.links),
            config=deepcopy(self.config),
        )

    def of(self, folder):
        return [sample for sample in self.samples if sample.folder == folder]

    @property
    def train(self):
        return [sample for sample in self.samples if not sample.path.startswith("reg/")]

    @property
    def regularization(self):
        return [sample for sample in self.samples if sample.path.startswith("reg/")]

    def change(self, sample, **parts):
        """Puts a changed sample in the place of one and returns it."""
        changed = replace(sample, **parts)
        self.samples[self.samples.index(sample)] = changed
        return changed

    def repaint(self, sample, change, **how):
        """The sample with a changed picture, which `change` makes of an RGB image."""
        return self.change(sample, data=encoded(change(sample.picture()), **how))

    def retag(self, sample, tags):
        return self.change(sample, caption=", ".join(tags))

    def add(self, sample):
        self.samples.append(sample)
        return sample

    def drop(self, samples):
        gone = {sample.path for sample in samples}
        self.samples = [sample for sample in self.samples if sample.path not in gone]

    def move(self, before, after):
        """Renames a folder of samples."""
        self.samples = [
            replace(sample, path=f"{after}/{PurePosixPath(sample.path).name}") if sample.folder == before else sample
            for sample in self.samples
        ]

    def write(self, root):
        if self.config is not None:
            subsets = [{"image_dir": folder, **keys} for folder, keys in self.config["subsets"].items()]
            dataset = {"general": self.config["general"], "datasets": [{**self.config["dataset"], "subsets": subsets}]}
            (root / "dataset.toml").write_text(tomli_w.dumps(dataset), encoding="utf-8")
            (root / "training.toml").write_text(tomli_w.dumps(self.config["training"]), encoding="utf-8")
        for sample in self.samples:
            target = root / sample.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(sample.data)
            if sample.caption is not None:
                text = sample.caption if isinstance(sample.caption, bytes) else f"{sample.caption}\n".encode()
                (root / sample.caption_path).write_bytes(text)
        for path, data in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        for path, target in self.links.items():
            (root / path).symlink_to(root / target)


@lru_cache(maxsize=1)
def plugins():
    return load_plugins(foreign=False)


@lru_cache(maxsize=64)
def policy_of(profile, text):
    policy = load_policy("tagmetry:recommended", plugins())
    if text:
        with tempfile.TemporaryDirectory(prefix="tagmetry-defects-") as held:
            file = Path(held) / "policy.yaml"
            file.write_text(f"tagmetry: 1\nextends: [tagmetry:recommended]\n{text}", encoding="utf-8")
            policy = load_policy(str(file), plugins())
    layer, _ = flag_layer(plugins(), profile=dict(profile))
    return with_flags(policy, layer, plugins())


def audited(one, cache=None, *, select=()):
    """The report on a set, written to a temporary folder and audited in this process as `tagmetry check` does.

    With a cache only pictures are measured that no set before had; `select` are the rules that judge, by default all.
    """
    with tempfile.TemporaryDirectory(prefix="tagmetry-defects-") as held:
        root = Path(held) / "set"
        root.mkdir()
        one.write(root)
        try:
            return run(
                Request(
                    paths=tuple(root / path for path in one.given),
                    policy=policy_of(tuple(sorted(one.profile.items())), one.policy),
                    plugins=plugins(),
                    cache=cache,
                    select=select,
                )
            )
        finally:
            shutil.rmtree(root, ignore_errors=True)


PEOPLE = {LUMIKA_FOLDER: (LUMIKA, N_TRAIN, 1), NORAVEL_FOLDER: (NORAVEL, N_SECOND, 2), REG_FOLDER: (OTHERS, N_REG, 3)}


@lru_cache(maxsize=8)
def pictures_of(folder, seed):
    """The pictures of a folder in the sets of a seed: of one person or another, or of the class."""
    person, n, place = PEOPLE[folder]
    return clean_pictures(person, n, 1000 * seed + place)


def config_in_order(folders, sentences):
    """A config of sd-scripts for these folders that nothing is to be said about."""
    tags_alone = {} if sentences else {"shuffle_caption": True, "keep_tokens": 1, "caption_tag_dropout_rate": 0.1}
    return {
        "general": {"caption_extension": ".txt", **tags_alone},
        "dataset": {"resolution": 512, "batch_size": 4, "enable_bucket": True, "max_bucket_reso": 1024},
        "subsets": {
            folder: {
                "num_repeats": 2 if folder.startswith("reg/") else 1,
                "is_reg": folder.startswith("reg/"),
                "class_tokens": folder.rpartition("_")[2],
            }
            for folder in folders
        },
        "training": {
            "network_module": "networks.lora", "network_dim": 16, "network_alpha": 16, "max_train_epochs": 10,
            "unet_lr": 1e-4, "text_encoder_lr": 5e-5, "seed": 1,
        },
    }  # fmt: skip


def clean_set(seed, *, folders=(LUMIKA_FOLDER, REG_FOLDER), sentences=False, config=False, **profile):
    """A set without a fault: one concept or more, and as many exposures of class pictures as of one concept."""
    samples = []
    for folder in folders:
        stem = folder.rpartition("/")[2].partition("_")[2].partition(" ")[0]
        for number, picture in enumerate(pictures_of(folder, seed), start=1):
            caption = picture.parts.sentence if sentences else picture.parts.tags
            samples.append(Sample(f"{folder}/{stem}-{number:02d}.jpg", picture.data, caption, picture.parts))
    if not config:
        return Set(samples, profile=dict(profile))
    given = ("dataset.toml", "training.toml")
    return Set(samples, profile=dict(profile), config=config_in_order(folders, sentences), given=given)
