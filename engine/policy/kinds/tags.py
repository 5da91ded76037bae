"""Which tags a definition speaks of, and which captions hold them."""

from collections.abc import Iterable, Sequence

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Dataset, Samples
from tagmetry.policy.expressions.patterns import tag_pattern
from tagmetry.rule import Skip


def need_tags(dataset: Dataset) -> None:
    """Raises Skip where captions hold no tags."""
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")


def need_captions(samples: Samples) -> None:
    """Raises Skip where no image has a caption; an empty one is one."""
    need_tags(samples.dataset)
    if not (samples.text_ids >= 0).any():
        raise Skip("no-captions")


def marked(written: Iterable[str], dataset: Dataset) -> Mask:
    """Shape (forms,): the tags of the captions that one of the written tags stands for."""
    forms = dataset.captions.forms
    marks = np.zeros(len(forms), dtype=bool)
    for one in written:
        marks[tag_pattern(one).ids(forms, dataset.tag_of_form)] = True
    return marks


def holding(marks: Mask, samples: Samples) -> Mask:
    """Shape (n,): the captions that hold at least one of the marked tags."""
    return counted(marks, samples) > 0


def counted(marks: Mask, samples: Samples) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Shape (n,): how many different ones of the marked tags each caption holds."""
    presence = samples.dataset.tag_presence.take(samples.rows)
    owners = presence.owners()[marks[presence.ids]] if len(marks) else np.zeros(0, dtype=np.int64)
    return np.bincount(owners, minlength=samples.n).astype(np.int64)


def names_held(marks: Mask, samples: Samples, wanted: Mask) -> list[tuple[str, ...]]:
    """For each of the wanted samples the marked tags that it holds, as they are written; nothing for the others."""
    dataset = samples.dataset
    presence, names = dataset.tag_presence, dataset.captions.names
    return [
        tuple(names[tag] for tag in presence.row(int(row)) if marks[tag]) if chosen else ()
        for row, chosen in zip(samples.rows, wanted, strict=True)
    ]


def concept_names(samples: Samples) -> list[str]:
    """The concept of each sample."""
    infos = samples.dataset.concept_infos
    return [infos[number].name for number in samples.dataset.concept_of[samples.rows]]


def listed(tags: Sequence[str]) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in tags)
