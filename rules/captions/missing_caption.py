"""A training image without a caption.

What it finds
    Training images without a caption file, or with an empty one, and what the trainer makes of them
    where one is named: musubi-tuner and diffusion-pipe leave out an image without a file, kohya stops
    at a file of 0 bytes (errors); kohya else takes the words of the folder's name, EveryDream2 those of
    the file's name, diffusers the instance prompt. For Flux it is an error with any trainer. Each finding
    carries the share of training images without a caption.

Why it matters
    What no caption names cannot be told from the concept, and is learned as part of it. Without
    captions the model answers to the prompt less; with several concepts it also mixes them, and half of
    the images captionless is reported as too much.

What to do
    Write captions. Where only the names do not match, rename. An image that is to be trained without
    words is better covered by caption dropout, which the trainer can switch off again.

Known limits
    Every image has its own finding, so that a policy can let single folders pass; reports show them as
    one group. Captions that exist but cannot be read are reported by `caption-encoding` and
    `unreachable-file`. Defaults set in a trainer's own config, such as a default caption, are not known
    here.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Dataset, Hits, Mask, NoOptions, Profile, Remedies, Rule, Samples, Severity
from tagmetry.rules.captions.trainer_names import NAMES
from tagmetry.trainers import kohya

_SKIP_WITHOUT_FILE: Final = ("musubi", "diffusion-pipe")
_TRAIN_ON_NOTHING: Final = ("kohya", "onetrainer")

_WRITE: Final = Remedies(data=("describe the picture in a text file that has the image's name and lies beside it",))
_LIST: Final = Remedies(data=("add a line to metadata.jsonl with its file_name and a text",))
_FILL: Final = Remedies(data=("write into it what is in the picture",))

rule = Rule(
    id="missing-caption",
    severity=Severity.WARNING,
    evidence="community",
    points_to=("prompt-sensitivity", "concept-bleed"),
    messages={
        "missing": "{path} has no caption",
        "near": "{path} has no caption: the name of {caption} differs from it in case or Unicode form",
        "skipped": "{path} has no caption, so {trainer} leaves it out of the training",
        "class-tokens": '{path} has no caption, so {trainer} trains it on "{words}", from the name of its folder',
        "configured-tokens": '{path} has no caption, so {trainer} trains it on "{words}", from its class tokens',
        "file-name": '{path} has no caption, so {trainer} trains it on "{words}", from its own name',
        "instance-prompt": "{path} has no caption, so {trainer} trains it on the instance prompt",
        "empty-prompt": "{path} has no caption, so {trainer} trains it on an empty prompt",
        "unlisted": "{path} has no caption: no line of the manifest names it",
        "unlisted-instance-prompt": (
            "no line of the manifest names {path}, so {trainer} trains it on the instance prompt"
        ),
        "empty": "{path} has an empty caption",
        "empty-file-name": '{path} has an empty caption, so {trainer} trains it on "{words}", from its own name',
        "empty-instance-prompt": "{path} has an empty caption, so {trainer} trains it on the instance prompt",
        "stops": "{caption} has 0 bytes, and {trainer} stops at such a file",
        "first-line-blank": "the first line of {caption} is blank and {trainer} reads no further: {unread}",
    },
    remedies={
        "missing": _WRITE,
        "near": Remedies(
            data=("rename {caption}: apart from the ending its name must be that of {path}, letter for letter",)
        ),
        "skipped": _WRITE,
        "class-tokens": _WRITE,
        "configured-tokens": _WRITE,
        "file-name": _WRITE,
        "instance-prompt": _WRITE,
        "empty-prompt": _WRITE,
        "unlisted": _LIST,
        "unlisted-instance-prompt": _LIST,
        "empty": _FILL,
        "empty-file-name": _FILL,
        "empty-instance-prompt": _FILL,
        "stops": Remedies(data=("write into {caption} what is in the picture, or remove the file",)),
        "first-line-blank": Remedies(data=("remove the blank line at the beginning of {caption}",)),
    },
)


_WITHOUT_FILE: Final = frozenset(
    {
        "missing",
        "near",
        "skipped",
        "class-tokens",
        "file-name",
        "instance-prompt",
        "empty-prompt",
        "unlisted",
        "unlisted-instance-prompt",
        "configured-tokens",
    }
)


@rule.each_sample
def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
    missing = ~samples.captioned & ~_told_elsewhere(samples)
    if not missing.any():
        return
    dataset = samples.dataset
    near = {orphan.near: orphan.path for orphan in dataset.captions.orphans if orphan.near}
    keys, captions, words, unread = (np.full(samples.n, "", dtype=object) for _ in range(4))
    for place in np.flatnonzero(missing):
        row = int(samples.rows[place])
        captions[place] = dataset.captions.path_of[row] or near.get(dataset.paths[row], "")
        keys[place], words[place] = _consequence(dataset, row, has_near=dataset.paths[row] in near)
        unread[place] = dataset.captions.unread.get(row, "")
    n = int(np.count_nonzero(~samples.captioned))
    for key in sorted(set(keys[missing])):
        yield rule.hits(
            key,
            keys == key,
            values={
                "path": samples.paths,
                "caption": captions,
                "words": words,
                "unread": unread,
                "trainer": NAMES.get(dataset.profile.trainer or "", ""),
                "ratio": n / samples.n,
                "n": n,
                "total": samples.n,
            },
            metric="caption_missing_ratio",
            measured=n / samples.n,
            unit="share",
            severity=_severity(dataset.profile, key),
            about="sample" if key in _WITHOUT_FILE else "caption",
        )


def _told_elsewhere(samples: Samples) -> Mask:
    """Captions that are there and give no text, which other rules report: unreachable files, and binary ones."""
    captions = samples.dataset.captions
    binary = [problem.row for problem in captions.problems if problem.code == "binary"]
    has_file = np.fromiter((captions.path_of[row] is not None for row in samples.rows), dtype=bool, count=samples.n)
    return np.asarray((has_file & (samples.text_ids < 0)) | np.isin(samples.rows, binary))


def _consequence(dataset: Dataset, row: int, *, has_near: bool) -> tuple[str, str]:
    """What the trainer makes of an image without a caption: the message, and the words it is trained on instead."""
    trainer = dataset.profile.trainer or ""
    has_file = dataset.captions.path_of[row] is not None
    if has_near and not has_file:
        return "near", ""
    if trainer == "everydream":
        # The same text as in everydream.image_fields: the name up to its first underscore.
        return ("empty-file-name" if has_file else "file-name"), _stem(dataset.paths[row]).split("_")[0]
    if not has_file and dataset.layout == "imagefolder" and trainer in ("", "diffusers"):
        return ("unlisted-instance-prompt" if trainer else "unlisted"), ""
    if trainer == "diffusers":
        return ("empty-instance-prompt" if has_file else "instance-prompt"), ""
    if has_file:
        if row in dataset.captions.unread:
            return "first-line-blank", ""
        return ("stops" if trainer == "kohya" and row in dataset.captions.zero_bytes else "empty"), ""
    if trainer in _SKIP_WITHOUT_FILE:
        return "skipped", ""
    configured = _configured_tokens(dataset, row) if trainer == "kohya" else None
    if configured:
        return "configured-tokens", configured
    if trainer == "kohya" and configured is None and (tokens := _class_tokens(dataset, row)):
        return "class-tokens", tokens
    return ("empty-prompt" if trainer in _TRAIN_ON_NOTHING else "missing"), ""


def _configured_tokens(dataset: Dataset, row: int) -> str | None:
    """The class tokens that a config sets for the image's folder, "" for none; None without a config."""
    folder = dataset.folders[dataset.folder_of[row]].path
    subsets = () if dataset.config is None else dataset.config.subsets
    named = [subset for subset in subsets if folder in subset.located and not subset.is_named]
    return (named[0].value("class_tokens") or "") if named else None


def _class_tokens(dataset: Dataset, row: int) -> str:
    folder = dataset.folders[dataset.folder_of[row]].path
    named = kohya.parse_folder_name(dataset.root.name if folder == "." else folder.rpartition("/")[2])
    return named.class_tokens if named is not None else ""


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _severity(profile: Profile, key: str) -> Severity | None:
    """An error where the trainer stops or leaves the image out, and for Flux, which lives on its captions."""
    is_left_out = key == "skipped" or (key == "near" and profile.trainer in _SKIP_WITHOUT_FILE)
    return Severity.ERROR if is_left_out or key == "stops" or profile.base_model == "flux" else None
