"""What expressions can read: every name with its kind, whose figure it is, and where it comes from.

Features come in by themselves: each registered feature that is one figure per image is a name, a plugin's also as
`<its package>.<name>`. The plain name belongs to Tagmetry first, then to the only plugin that measures it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.attributes import ATTRIBUTES, spread
from tagmetry.columns import Codes, Column, codes_of
from tagmetry.dataset import Concept
from tagmetry.distributions import gini, top_share
from tagmetry.feature import GENERATORS, Feature
from tagmetry.features import FEATURES
from tagmetry.messages import Message, message
from tagmetry.options import Option, options_of, without_none
from tagmetry.policy.expressions.facts import Facts
from tagmetry.policy.expressions.kinds import BOOLEAN, NUMBER, TAGS, TEXT, Kind, enum
from tagmetry.preview import preview_of
from tagmetry.profile import ROLES, ProfileOptions
from tagmetry.text import FUNCTION_WORDS, TokenEstimate, library_counter, text_before, units, word_splitter
from tagmetry.trainer_config import caption_dropout
from tagmetry.trainers import TRAINERS, Buckets
from tagmetry.trigger_words import class_only, with_class_word, with_word

Scope = Literal["row", "concept", "dataset", "risk"]
"""Whose figure a name is, and what an expression is about: one image, one concept, the whole, one failure mode."""

READS: Final[Mapping[Scope, tuple[Scope, ...]]] = MappingProxyType(
    {
        "row": ("row", "concept", "dataset"),
        "concept": ("concept", "dataset"),
        "dataset": ("dataset",),
        "risk": ("risk", "dataset"),
    }
)
"""A smaller scope reads the larger ones, never the other way round."""

FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
"""What files can hold that are read at all."""

MODES: Final = (
    "1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "F",
    "I;16", "I;16B", "I;16L", "I;16N",
)  # fmt: skip
"""Pillow's names of how pixels are stored."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name that expressions can read. `feature` is what has to be measured for it, if anything."""

    name: str
    kind: Kind
    scope: Scope
    doc: str
    read: Callable[[Facts], Column | Codes]
    unit: str = ""
    feature: Feature | None = None


class Registry:
    """The names that an expression of one scope can read; `refused` says of some others why they cannot be read."""

    def __init__(self, scope: Scope, features: Iterable[Feature] = FEATURES) -> None:
        self.scope: Scope = scope
        of_features, self.refused = _feature_names(features)
        known = {name.name: name for name in _BUILT_IN}
        self._known = MappingProxyType({**of_features, **known})

    def visible(self, scope: Scope | None = None) -> Mapping[str, Name]:
        """The names that can be read in a scope (by default the registry's own), in alphabetical order."""
        readable = READS[scope or self.scope]
        return {name: known for name, known in sorted(self._known.items()) if known.scope in readable}

    def find(self, name: str, scope: Scope | None = None) -> Name | None:
        found = self._known.get(name)
        return found if found is not None and found.scope in READS[scope or self.scope] else None

    def find_anywhere(self, name: str) -> Name | None:
        """The name whatever the scope that it belongs to."""
        return self._known.get(name)


def _feature_names(features: Iterable[Feature]) -> tuple[dict[str, Name], Mapping[str, Message]]:
    """The names of features, and why some are none."""
    found: dict[str, list[Feature]] = {}
    for feature in sorted(set(features), key=lambda feature: feature.key):
        package = feature.module.partition(".")[0]
        own = package == _OWN_PACKAGE
        if own or feature.name not in _OWN_NAMES:
            found.setdefault(feature.name, []).append(feature)
        if not own:
            found.setdefault(f"{package}.{feature.name}", []).append(feature)
    names: dict[str, Name] = {}
    refused: dict[str, Message] = {}
    for name, measured in sorted(found.items()):
        packages = tuple(sorted({feature.module.partition(".")[0] for feature in measured}))
        if len(measured) > 1:
            several = tuple(f"{package}.{name}" for package in packages)
            refused[name] = (
                message("{name} is measured by several plugins: write one of {names}", name=name, names=several)
                if len(packages) > 1
                else message("{name} stands for several features of one plugin", name=name)
            )
        elif not _is_figure(measured[0]):
            refused[name] = message(
                "{name} is measured in {unit}, which is no figure to compute with", name=name, unit=measured[0].unit
            )
        else:
            names[name] = _feature_name(name, measured[0])
    return names, MappingProxyType(refused)


def _is_figure(feature: Feature) -> bool:
    """Whether it is one figure per image. What fills 64 bits without a sign is a hash."""
    dtype = np.dtype(feature.dtype)
    return feature.width == 1 and (dtype.kind in "bif" or (dtype.kind == "u" and dtype.itemsize < 8))


def _feature_name(name: str, feature: Feature) -> Name:
    kind = BOOLEAN if np.dtype(feature.dtype).kind == "b" else NUMBER
    return Name(name, kind, "row", feature.doc, lambda facts: facts.dataset.columns[feature.key], feature.unit, feature)


# Readers. Each gives a column over all images, over all concepts, or of one value.


def _header(name: str) -> Callable[[Facts], Column | Codes]:
    return lambda facts: facts.dataset.columns[name]


def _sides(facts: Facts) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    width, height = facts.dataset.columns["width"], facts.dataset.columns["height"]
    assert isinstance(width, Column) and isinstance(height, Column)
    return width.values.astype(np.float64), height.values.astype(np.float64), width.valid & height.valid


def _of_sides(figure: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]) -> Callable[[Facts], Column]:
    def read(facts: Facts) -> Column:
        width, height, valid = _sides(facts)
        with np.errstate(divide="ignore", invalid="ignore"):
            return Column(figure(width, height), valid)

    return read


def _of_caption(figures: Callable[[Facts], NDArray[Any]]) -> Callable[[Facts], Column]:
    """A figure of each distinct caption text, for the images that have it."""

    def read(facts: Facts) -> Column:
        ids = facts.dataset.captions.text_of
        of_text = figures(facts)
        return Column(of_text[ids] if len(of_text) else np.zeros(len(ids)), ids >= 0)

    return read


def _caption_texts(facts: Facts) -> Codes:
    return Codes(facts.dataset.captions.text_of, facts.dataset.captions.texts)


def _paths(facts: Facts) -> Codes:
    return Codes(np.arange(facts.dataset.n, dtype=np.int32), facts.dataset.paths)


def _folders(facts: Facts) -> Codes:
    return Codes(facts.dataset.folder_of, tuple(folder.path for folder in facts.dataset.folders))


def _concept_names(facts: Facts) -> Codes:
    return Codes(facts.dataset.concept_of, tuple(info.name for info in facts.dataset.concept_infos))


def _cluster_sizes(facts: Facts) -> Column:
    sizes = np.ones(facts.dataset.n)
    for group in facts.dataset.duplicates.near:
        sizes[list(group)] = len(group)
    return Column(sizes, facts.dataset.roles.equals("train"))


def _all(values: NDArray[Any]) -> Column:
    return Column(values, np.ones(len(values), dtype=bool))


def _concept_texts(text: Callable[[Any], str | None]) -> Callable[[Facts], Codes]:
    def read(facts: Facts) -> Codes:
        return codes_of([text(info) for info in facts.dataset.concept_infos])

    return read


def _concept_truths(truth: Callable[[Any], bool]) -> Callable[[Facts], Column]:
    return lambda facts: _all(np.array([truth(info) for info in facts.dataset.concept_infos], dtype=bool))


def _of_concepts(figure: Callable[[Concept], float | None]) -> Callable[[Facts], Column]:
    """A figure worked out concept by concept; None is missing."""

    def read(facts: Facts) -> Column:
        figures: list[float | None] = [None] * len(facts.dataset.concept_infos)
        for concept in facts.dataset.concepts:
            figures[concept.number] = figure(concept)
        valid = np.array([value is not None for value in figures], dtype=bool)
        return Column(np.array([value or 0.0 for value in figures]), valid)

    return read


def _trigger_share(concept: Concept) -> float | None:
    if concept.trigger is None or not concept.captioned.any():
        return None
    return float((concept.captioned & with_word(concept, concept.trigger)).sum() / concept.captioned.sum())


def _class_word_share(concept: Concept) -> float | None:
    if concept.class_word is None or not concept.captioned.any():
        return None
    holding = concept.captioned & with_class_word(concept, concept.class_word)
    return float(holding.sum() / concept.captioned.sum())


def _strongest_coupling(concept: Concept) -> float | None:
    if concept.trigger is None or concept.dataset.profile.caption_style == "sentences":
        return None
    called = concept.where(with_word(concept, concept.trigger))
    others = (tag.share for tag in called.tag_frequencies() if not concept.is_own_word(tag.form))
    return next(others, 0.0) if called.n else None


def _distinct_words(concept: Concept) -> float | None:
    """Words as `low-word-diversity` counts them: pieces of text in scripts without spaces."""
    if not concept.captioned.any():
        return None
    captions = concept.dataset.captions
    texts = (captions.texts[text] for text in np.unique(concept.text_ids[concept.captioned]).tolist())
    splitter = word_splitter()
    words = {word for text in texts for word in splitter.words(text)}
    own_texts = (concept.trigger, concept.class_word, *concept.info.intended)
    own = {word for text in own_texts if text for word in (*splitter.words(text), *units(text))}
    return float(len(words - own - FUNCTION_WORDS))


def _captionless_share(concept: Concept) -> float | None:
    dropout = caption_dropout(concept.dataset)[concept.rows]
    return float(np.where(concept.captioned, dropout, 1.0).mean()) if concept.n else None


def _tokens_before_triggers(facts: Facts) -> Column:
    """Counted once for each distinct caption of a concept."""
    dataset = facts.dataset
    # Not the vocabulary that a user may name: an expression is the same figure wherever it is computed.
    counter = library_counter() or TokenEstimate()
    values, valid = np.zeros(dataset.n), np.zeros(dataset.n, dtype=bool)
    for concept in dataset.training_concepts:
        if concept.trigger is None:
            continue
        texts, place = np.unique(concept.text_ids, return_inverse=True)
        before = [text_before(dataset.captions.texts[text], concept.trigger) if text >= 0 else None for text in texts]
        counts = np.array([0 if told is None else counter.count(told) for told in before])
        values[concept.rows] = counts[place]
        valid[concept.rows] = np.array([told is not None for told in before])[place]
    return Column(values, valid)


def _bucketed(figure: Callable[[Buckets], NDArray[Any]]) -> Callable[[Facts], Column]:
    """What the trainer's buckets make of each image; missing without a trainer that is modelled, or a resolution."""

    def read(facts: Facts) -> Column:
        dataset = facts.dataset
        preview = preview_of(dataset) if dataset.profile.trainer in TRAINERS else None
        if preview is None or preview.buckets is None:
            return Column(np.zeros(dataset.n), np.zeros(dataset.n, dtype=bool))
        return Column(figure(preview.buckets).astype(np.float64), preview.trained)

    return read


def _class_only_images(concept: Concept) -> float | None:
    return None if concept.class_word is None else float(class_only(concept.dataset, concept.class_word).sum())


def _entropy_of(group: str) -> Callable[[Concept], float | None]:
    def figure(concept: Concept) -> float | None:
        found = spread(concept, (group,))
        return found.evenness if found.named else None

    return figure


def _concept_sizes(facts: Facts) -> NDArray[np.int64]:
    dataset = facts.dataset
    return np.bincount(dataset.concept_of, minlength=len(dataset.concept_infos))


def _exposures(facts: Facts) -> NDArray[np.float64]:
    dataset = facts.dataset
    exposures = np.bincount(dataset.concept_of, weights=dataset.repeats, minlength=len(dataset.concept_infos))
    return exposures.astype(np.float64)


def _concept_repeats(facts: Facts) -> Column:
    sizes = _concept_sizes(facts)
    return Column(_exposures(facts) / np.maximum(sizes, 1), sizes > 0)


def _single(value: float | bool | None) -> Column:
    return Column(np.array([0.0 if value is None else value]), np.array([value is not None]))


def _single_text(value: str | None) -> Codes:
    return Codes(np.array([-1 if value is None else 0], dtype=np.int32), () if value is None else (value,))


def _median_exposure(facts: Facts) -> Column:
    infos = facts.dataset.concept_infos
    exposures = [float(each) for each, info in zip(_exposures(facts), infos, strict=True) if info.role == "train"]
    return _single(median(exposures) if exposures else None)


def _metric(name: str) -> Callable[[Facts], Column]:
    return lambda facts: _single(facts.metrics.get(name))


def _count(name: Literal["errors", "warnings", "notes"]) -> Callable[[Facts], Column]:
    def read(facts: Facts) -> Column:
        counts = facts.counts
        if counts is None:
            raise ValueError("an expression about a risk reads counts of findings, and there are none among the facts")
        figures = {"errors": counts.errors, "warnings": counts.warnings, "notes": counts.notes}
        return _single(float(figures[name]))

    return read


def _row_names() -> Iterator[Name]:
    def row(name: str, kind: Kind, unit: str, read: Callable[[Facts], Column | Codes], doc: str) -> Name:
        return Name(name, kind, "row", doc, read, unit)

    yield row("width", NUMBER, "px", _header("width"), "Width as displayed.")
    yield row("height", NUMBER, "px", _header("height"), "Height as displayed.")
    yield row("short_side_px", NUMBER, "px", _of_sides(np.minimum), "The shorter side.")
    yield row("long_side_px", NUMBER, "px", _of_sides(np.maximum), "The longer side.")
    yield row("megapixels", NUMBER, "million pixels", _of_sides(lambda w, h: w * h / 1e6), "Number of pixels.")
    yield row("aspect_ratio", NUMBER, "ratio", _of_sides(lambda w, h: w / h), "Width over height.")
    yield row("format", enum(*FORMATS), "", _header("format"), "What the file holds, whatever its name says.")
    yield row("mode", enum(*MODES), "", _header("mode"), "How the pixels are stored, in Pillow's words.")
    yield row("has_alpha", BOOLEAN, "", _header("has_alpha"), "Whether there is transparency.")
    yield row("frames", NUMBER, "", _header("frames"), "Number of pictures in the file.")
    yield row(
        "exif_orientation", NUMBER, "", _header("exif_orientation"), "1 is upright, 2 to 8 are turned or mirrored."
    )
    yield row("size_bytes", NUMBER, "bytes", _header("size_bytes"), "Size of the file.")
    yield row("bit_depth", NUMBER, "bits", _header("bit_depth"), "Bits of a channel, as stored.")
    yield row("jpeg_quality", NUMBER, "", _header("jpeg_quality"), "Quality of a JPEG by its tables, 1 to 100.")
    yield row(
        "colour_profile", enum("none", "srgb", "grey", "other"), "", _header("colour_profile"), "The embedded profile."
    )
    yield row("generator", enum(*GENERATORS), "", _header("generator"), "What made it, as its metadata tell.")
    yield row("path", TEXT, "", _paths, "Path from the dataset's root, with forward slashes.")
    yield row("folder", TEXT, "", _folders, "The folder with images that it lies in; `.` is the root.")
    yield row("role", enum(*ROLES), "", lambda facts: facts.dataset.roles, "What the image is there for.")
    yield row("concept", TEXT, "", _concept_names, "The concept's name.")
    yield row(
        "repeats", NUMBER, "", lambda facts: _all(facts.dataset.repeats), "How often an epoch shows it, as found."
    )
    yield row(
        "cluster_size", NUMBER, "images", _cluster_sizes, "Near-duplicates of a training image with itself; 1 is none."
    )
    yield row("caption", TEXT, "", _caption_texts, "The caption as the trainer reads it; missing without a file.")
    yield row(
        "has_caption",
        BOOLEAN,
        "",
        lambda facts: _all(facts.dataset.samples.captioned),
        "Whether there is a caption with something in it.",
    )
    yield row(
        "caption_lines",
        NUMBER,
        "",
        lambda facts: Column(facts.dataset.captions.n_lines, facts.dataset.captions.text_of >= 0),
        "Lines of the caption file that hold text.",
    )
    yield row(
        "tokens",
        NUMBER,
        "tokens",
        _of_caption(lambda facts: facts.dataset.captions.tokens),
        "CLIP tokens of the caption without start and end; at least that many where they are estimated.",
    )
    yield row(
        "tokens_before_trigger",
        NUMBER,
        "tokens",
        _tokens_before_triggers,
        "CLIP tokens of the caption before its concept's trigger, 0 where that comes first; missing without it.",
    )
    yield row("bucket_width", NUMBER, "px", _bucketed(lambda of: of.width), "Width of the trainer's bucket.")
    yield row("bucket_height", NUMBER, "px", _bucketed(lambda of: of.height), "Height of the trainer's bucket.")
    yield row(
        "crop_loss", NUMBER, "share", _bucketed(lambda of: of.crop_loss), "What the bucket cuts away of the picture."
    )
    yield row(
        "upscale_factor",
        NUMBER,
        "ratio",
        _bucketed(lambda of: of.scale),
        "Factor on its sides that fills the bucket; above 1 it is enlarged.",
    )
    yield row("tags", TAGS, "", _caption_texts, "The caption's tags; `len(tags)` counts them.")
    yield row(
        "tag_count",
        NUMBER,
        "",
        _of_caption(lambda facts: facts.dataset.captions.tags.lengths()),
        "Tags of the caption as written, repetitions counted.",
    )


def _concept_names_of_scope() -> Iterator[Name]:
    def concept(name: str, kind: Kind, unit: str, read: Callable[[Facts], Column | Codes], doc: str) -> Name:
        return Name(f"concept.{name}", kind, "concept", doc, read, unit)

    yield concept("name", TEXT, "", _concept_texts(lambda info: info.name), "The concept's name.")
    yield concept("role", enum(*ROLES), "", _concept_texts(lambda info: info.role), "What its images are there for.")
    yield concept("n", NUMBER, "images", lambda facts: _all(_concept_sizes(facts)), "Its images.")
    yield concept(
        "effective_n",
        NUMBER,
        "images",
        lambda facts: _all(facts.dataset.effective_sizes),
        "Its images when each group of near-duplicates counts as one.",
    )
    yield concept("exposure", NUMBER, "", lambda facts: _all(_exposures(facts)), "Images times repeats as found.")
    yield concept("repeats", NUMBER, "", _concept_repeats, "Repeats as found; the mean over its images.")
    yield concept(
        "trigger", TEXT, "", _concept_texts(lambda info: info.trigger), "Its trigger word; missing if unknown."
    )
    yield concept(
        "has_trigger", BOOLEAN, "", _concept_truths(lambda info: bool(info.trigger)), "Whether a trigger is known."
    )
    yield concept(
        "class_word", TEXT, "", _concept_texts(lambda info: info.class_word), "Its class word; missing if unknown."
    )
    yield concept(
        "has_class_word",
        BOOLEAN,
        "",
        _concept_truths(lambda info: bool(info.class_word)),
        "Whether a class word is known.",
    )
    yield concept("trigger_share", NUMBER, "share", _of_concepts(_trigger_share), "Its captions that hold its trigger.")
    yield concept(
        "class_only_images",
        NUMBER,
        "images",
        _of_concepts(_class_only_images),
        "Images of the whole dataset that teach its class word without a trigger.",
    )
    yield concept(
        "class_word_share", NUMBER, "share", _of_concepts(_class_word_share), "Its captions that hold its class word."
    )
    yield concept(
        "strongest_coupling",
        NUMBER,
        "share",
        _of_concepts(_strongest_coupling),
        "P(tag | trigger) of the tag that most often comes with its trigger; its own words do not count.",
    )
    yield concept(
        "distinct_words",
        NUMBER,
        "",
        _of_concepts(_distinct_words),
        "Different words of its captions besides its own words and words like `the`.",
    )
    yield concept(
        "captionless_share",
        NUMBER,
        "share",
        _of_concepts(_captionless_share),
        "What of it is trained without a caption: missing ones, and those that dropout leaves out.",
    )
    yield concept(
        "vocabulary_size",
        NUMBER,
        "",
        _of_concepts(lambda one: float(np.count_nonzero(one.tag_images))),
        "Its different tags.",
    )
    yield concept(
        "tag_gini",
        NUMBER,
        "",
        _of_concepts(lambda one: gini(one.tag_images[one.tag_images > 0])),
        "Gini coefficient of its tags' numbers of images.",
    )
    yield concept(
        "top_k_share",
        NUMBER,
        "share",
        _of_concepts(lambda one: top_share(one.tag_images, 10)),
        "What its ten most common tags make up of all that its captions say.",
    )
    for group in ATTRIBUTES:
        yield concept(
            f"entropy_{group}",
            NUMBER,
            "",
            _of_concepts(_entropy_of(group)),
            f"Normalized entropy of what its captions name of {group}; 0 is constant.",
        )


_METRICS: Final[tuple[tuple[str, str, str], ...]] = (
    ("n_images", "images", "Readable images of every role."),
    ("n_train", "images", "Training images."),
    ("n_reg", "images", "Regularization images."),
    ("n_concepts", "", "Training concepts."),
    ("exact_duplicate_ratio", "share", "Training images that are exact copies of another."),
    ("near_duplicate_ratio", "share", "Training images in clusters of at least three near-duplicates."),
    ("largest_cluster_share", "share", "Training images in the largest cluster of near-duplicates."),
    ("effective_n", "images", "Training images when each group of near-duplicates counts as one."),
    ("caption_missing_ratio", "share", "Training images without a caption, or with an empty one."),
    (
        "captionless_share",
        "share",
        "What is trained without a caption: missing ones, and those that dropout leaves out.",
    ),
    ("vocabulary_size", "", "Different tags of the training images."),
    ("tag_noise", "share", "Captions with a repeated tag, tags that exclude each other, or two spellings of one tag."),
    (
        "tag_gini",
        "",
        "Gini coefficient of the training tags' numbers of images: 0 is all alike often.",
    ),
    ("top_k_share", "share", "What the ten most common training tags make up of all that the captions say."),
    *(
        (
            f"entropy_{group}",
            "",
            f"Normalized entropy of what training captions name of {group}; 0 is constant.",
        )
        for group in ATTRIBUTES
    ),
    ("concept_imbalance", "ratio", "Largest exposure of a training concept over the smallest."),
    ("exposures_per_epoch", "", "Training images times repeats as found."),
    ("caption_tokens_median", "tokens", "Median length of the training captions."),
    ("caption_tokens_max", "tokens", "Length of the longest training caption."),
    ("short_side_px_min", "px", "Shortest side of all training images."),
    ("short_side_px_median", "px", "Median of the training images' shorter sides."),
)
"""The figures of the whole dataset: name in `Facts.metrics`, unit, meaning."""


def _dataset_names() -> Iterator[Name]:
    for name, unit, doc in _METRICS:
        yield Name(f"dataset.{name}", NUMBER, "dataset", doc, _metric(name), unit)
    yield Name(
        "dataset.median_exposure",
        NUMBER,
        "dataset",
        "Median of the training concepts' exposures (images times repeats as found).",
        _median_exposure,
    )
    yield Name("tag_noise", NUMBER, "dataset", "The same as `dataset.tag_noise`.", _metric("tag_noise"), "share")


def _profile_names() -> Iterator[Name]:
    for name, known in options_of(ProfileOptions).items():
        yield Name(
            f"profile.{name}",
            _profile_kind(known),
            "dataset",
            known.info.doc,
            _setting(name, _profile_kind(known)),
            known.info.unit or "",
        )


def _profile_kind(known: Option) -> Kind:
    if known.info.choices is not None:
        return enum(*known.info.choices)
    _, wanted = without_none(known.type)
    return {bool: BOOLEAN, int: NUMBER, float: NUMBER, str: TEXT}[wanted]


def _setting(name: str, kind: Kind) -> Callable[[Facts], Column | Codes]:
    if kind.is_textual:
        return lambda facts: _single_text(facts.dataset.profile.value(name))
    return lambda facts: _single(facts.dataset.profile.value(name))


def _risk_names() -> Iterator[Name]:
    docs: dict[Literal["errors", "warnings", "notes"], str] = {
        "errors": "Open findings of severity error that point to the failure mode.",
        "warnings": "Open findings of severity warning that point there.",
        "notes": "Open findings of severity info that point there.",
    }
    for name, doc in docs.items():
        yield Name(name, NUMBER, "risk", doc, _count(name))


_BUILT_IN: Final = (
    *_row_names(),
    *_concept_names_of_scope(),
    *_dataset_names(),
    *_profile_names(),
    *_risk_names(),
)
_OWN_PACKAGE: Final = "tagmetry"
_OWN_NAMES: Final = frozenset(name.name for name in _BUILT_IN) | {feature.name for feature in FEATURES}
