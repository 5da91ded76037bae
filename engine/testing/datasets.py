"""Datasets in memory. An image is named `<concept>/<number>.png`, so that duplicates can be written down by path."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass as frozen_dataclass
from dataclasses import field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Codes, Column, codes_of, ragged_of
from tagmetry.configs.documents import parsed_config
from tagmetry.dataset import (
    CaptionProblem,
    Captions,
    ConceptInfo,
    Dataset,
    Duplicates,
    Excluded,
    FileProblem,
    Folder,
    OrphanCaption,
    ProblemKind,
)
from tagmetry.feature import Feature
from tagmetry.finding import Alike, AlikeKind
from tagmetry.inference import told_by_config
from tagmetry.messages import Value
from tagmetry.options import options_of
from tagmetry.plugins import load_plugins
from tagmetry.policy.vocabulary import plugin_vocabulary
from tagmetry.profile import Profile, ProfileOptions, Setting
from tagmetry.text import lines, normal_form, split_tags
from tagmetry.trainers import TRAINERS
from tagmetry.trainers.settings import PlacedProblem, TrainingConfig
from tagmetry.vocabulary import Vocabulary

Groups = Iterable[Sequence[str]]

FORMATS: Final = {
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "webp": "WEBP",
    "gif": "GIF",
    "bmp": "BMP",
    "tif": "TIFF",
    "avif": "AVIF",
}


@frozen_dataclass(frozen=True, slots=True)
class ConceptParts:
    """What `concept` was told, one entry per image where a list stands."""

    info: ConceptInfo
    folder: str
    repeats: float
    paths: list[str]
    captions: list[str | None]
    sizes: list[tuple[int, int]]
    formats: list[str]
    modes: list[str]
    alphas: list[bool]
    frames: list[int]
    orientations: list[int]
    bytes: list[int]
    depths: list[int]
    qualities: list[int]
    profiles: list[str]
    generators: list[str]
    caption_paths: list[str | None]
    features: Mapping[Feature, list[Any]] = field(default_factory=dict)


def concept(
    name: str,
    *,
    captions: str | list[str] | list[str | None] | None = None,
    n: int | None = None,
    role: str = "train",
    repeats: float = 1.0,
    trigger: str | None = None,
    class_word: str | None = None,
    core_tags: Sequence[str] = (),
    expected_fusion: Sequence[str] = (),
    declared: bool = False,
    folder: str | None = None,
    names: list[str] | None = None,
    sizes: tuple[int, int] | list[tuple[int, int]] = (1024, 1024),
    formats: str | list[str] | None = None,
    modes: str | list[str] = "RGB",
    has_alpha: bool | list[bool] = False,
    frames: int | list[int] = 1,
    exif_orientation: int | list[int] = 1,
    size_bytes: int | list[int] = 500_000,
    bit_depth: int | list[int] = 8,
    jpeg_quality: int | list[int] = 0,
    colour_profile: str | list[str] = "none",
    generator: str | list[str] = "none",
    caption_suffix: str = ".txt",
    caption_paths: str | list[str | None] | None = None,
    features: Mapping[Feature, Any] | None = None,
) -> ConceptParts:
    """A concept whose images lie in one folder.

    `captions` has one text per image, None for an image without a caption file, or is one text for all; by default
    every caption is the concept's name. The number of images is `n`, or that of the captions, names or sizes.
    `sizes`, `formats`, `modes`, `has_alpha`, `frames`, `exif_orientation`, `size_bytes`, `bit_depth`, `jpeg_quality`
    (0 for none), `colour_profile`, `generator` and the values of `features` are one value for all images or a list of
    one per image; formats follow the suffix unless given.
    """
    lists = (captions, names, sizes, formats, caption_paths, *(features or {}).values())
    count = n if n is not None else next((len(given) for given in lists if isinstance(given, list)), 1)

    def each(value: Any) -> list[Any]:
        if isinstance(value, list):
            assert len(value) == count, f"{name}: {len(value)} values for {count} images"
            return list(value)
        return [value] * count

    folder = name if folder is None else folder
    files = [f"{number:03d}.png" for number in range(count)] if names is None else each(names)
    paths = [file if folder == "." else f"{folder}/{file}" for file in files]
    texts = each(name if captions is None else captions)
    beside = [None if text is None else _stem(path) + caption_suffix for path, text in zip(paths, texts, strict=True)]
    by_suffix = [FORMATS.get(path.rpartition(".")[2].lower(), "PNG") for path in paths]
    return ConceptParts(
        info=ConceptInfo(
            name=name,
            role=role,
            trigger=trigger,
            trigger_origin="policy" if trigger else "",
            class_word=class_word,
            class_word_origin="policy" if class_word else "",
            core_tags=tuple(core_tags),
            expected_fusion=tuple(expected_fusion),
            declared=declared,
        ),
        folder=folder,
        repeats=float(repeats),
        paths=paths,
        captions=texts,
        sizes=each(sizes),
        formats=by_suffix if formats is None else each(formats),
        modes=each(modes),
        alphas=each(has_alpha),
        frames=each(frames),
        orientations=each(exif_orientation),
        bytes=each(size_bytes),
        depths=each(bit_depth),
        qualities=each(jpeg_quality),
        profiles=each(colour_profile),
        generators=each(generator),
        caption_paths=beside if caption_paths is None else each(caption_paths),
        features={feature: each(values) for feature, values in (features or {}).items()},
    )


def dataset(
    *concepts: ConceptParts,
    exact: Groups = (),
    same_pixels: Groups = (),
    near: Groups = (),
    mirrored: Groups = (),
    rotated: Groups = (),
    across: Groups = (),
    crops: Iterable[str] = (),
    variants: Iterable[str] = (),
    problems: Iterable[FileProblem] = (),
    caption_problems: Iterable[CaptionProblem] = (),
    orphans: Iterable[OrphanCaption] = (),
    excluded: Iterable[Excluded] = (),
    tokens: Mapping[str, int] | None = None,
    words_lost: Mapping[str, str] | None = None,
    tokens_exact: bool = True,
    t5_tokens: Mapping[str, int] | None = None,
    t5_lost: Mapping[str, str] | None = None,
    t5_exact: bool = True,
    vocabulary: Vocabulary | Mapping[str, Any] | None = None,
    root: str = "hats",
    layout: str = "plain-folders",
    config: TrainingConfig | None = None,
    **profile: Any,
) -> Dataset:
    """The dataset of some concepts, its rows in path order as everywhere.

    `exact` (equal bytes), `same_pixels` and `near` are groups of image paths, each with its keeper first; what is
    equal also counts as near. Members of a near group differ by one bit of their hash from one to the next, and are
    one hundredth less like the keeper. `mirrored` and `rotated` are such groups too, which do not count as near;
    `across` holds a training image and its copies of other roles. The paths in `crops` and `variants` are those of a
    group that show only a part, or in which a detail is another. `tokens` and `words_lost` give the token count and
    the words beyond the limit by caption; without them a token is a word or a comma. `t5_tokens` and `t5_lost` are
    the same for T5; without them there is none. `vocabulary` is data as in a vocabulary file or a Vocabulary, by
    default the one that comes with Tagmetry. `config` is what `training_config` makes, and names the trainer.
    `profile` are the keys of a policy's profile; captions are tags unless `caption_style` says otherwise.
    """
    images = sorted(
        (path, number, place) for number, parts in enumerate(concepts) for place, path in enumerate(parts.paths)
    )
    order = [(number, place) for _, number, place in images]
    placed = [(concepts[number], place) for number, place in order]
    paths = tuple(path for path, _, _ in images)
    alike = _duplicates(
        paths,
        _Alike(
            exact=tuple(exact),
            same_pixels=tuple(same_pixels),
            near=tuple(near),
            mirrored=tuple(mirrored),
            rotated=tuple(rotated),
            across=tuple(across),
            crops=frozenset(crops),
            variants=frozenset(variants),
        ),
    )
    roles = codes_of([concepts[number].info.role for number, _ in order])
    for group in (*alike.near, *alike.mirrored, *alike.rotated):
        assert all(roles.label(row) == "train" for row in group), "groups of duplicates hold training images"
    numbers = np.array([number for number, _ in order], dtype=np.int32)
    sizes = [parts.sizes[place] for parts, place in placed]
    qualities = np.array([parts.qualities[place] for parts, place in placed], dtype=np.int8)
    return Dataset(
        root=Path(root),
        layout=layout,
        profile=_profile(profile, config),
        vocabulary=_vocabulary(vocabulary),
        paths=paths,
        content=_content(paths, alike),
        roles=roles,
        folder_of=numbers,
        concept_of=numbers.copy(),
        folders=tuple(
            Folder(
                path=parts.folder,
                concept=number,
                repeats=parts.repeats,
                n=len(parts.paths),
                caption_suffixes=_suffixes(parts.caption_paths),
            )
            for number, parts in enumerate(concepts)
        ),
        concept_infos=tuple(parts.info for parts in concepts),
        columns={
            "width": _column([width for width, _ in sizes], np.int32),
            "height": _column([height for _, height in sizes], np.int32),
            "frames": _column([parts.frames[place] for parts, place in placed], np.int32),
            "has_alpha": _column([parts.alphas[place] for parts, place in placed], bool),
            "exif_orientation": _column([parts.orientations[place] for parts, place in placed], np.int32),
            "size_bytes": _column([parts.bytes[place] for parts, place in placed], np.int64),
            "bit_depth": _column([parts.depths[place] for parts, place in placed], np.int8),
            "jpeg_quality": Column(qualities, qualities > 0),
            "colour_profile": codes_of([parts.profiles[place] for parts, place in placed]),
            "generator": codes_of([parts.generators[place] for parts, place in placed]),
            "format": codes_of([parts.formats[place] for parts, place in placed]),
            "mode": codes_of([parts.modes[place] for parts, place in placed]),
            **_features(concepts, order),
        },
        captions=_captions(
            [parts.captions[place] for parts, place in placed],
            [parts.caption_paths[place] for parts, place in placed],
            tokens=tokens or {},
            words_lost=words_lost or {},
            exact=tokens_exact,
            t5=_T5(t5_tokens, t5_lost or {}, t5_exact),
            problems=tuple(caption_problems),
            orphans=tuple(orphans),
        ),
        duplicates=alike,
        file_problems=tuple(problems),
        excluded=tuple(excluded),
        config=config,
    )


def training_config(
    *texts: str, files: Sequence[str] = (), problems: Iterable[PlacedProblem] = (), folders: Sequence[str] = ()
) -> TrainingConfig:
    """What texts of config files say, for `dataset(config=...)`; a folder in them is a concept's folder of that name.

    The files are named `files`, by default `config.toml`, `config.json` or `train.sh` as the text looks, with a number
    from the second on. `folders` are the names in every folder that `train_data_dir` names. `problems` are added.
    """
    read = []
    for number, text in enumerate(texts):
        suffix = ".json" if text.lstrip().startswith("{") else ".sh" if ".py" in text else ".toml"
        name = files[number] if number < len(files) else f"config{number + 1 if number else ''}{suffix}"
        read.append(parsed_config(text, file=name, suffix="." + name.rpartition(".")[2], folder=Path()))
    told = TRAINERS[read[0].trainer].configured([one.document for one in read], lambda folder: folders)
    datasets = tuple(
        replace(
            one,
            subsets=tuple(replace(part, located=(part.folder,) if part.folder else ()) for part in one.subsets),
        )
        for one in told.datasets
    )
    return replace(told, datasets=datasets, problems=(*told.problems, *problems))


def problem(path: str, kind: ProblemKind, code: str, *, line: int = 0, **values: Value) -> FileProblem:
    """A file that could not be used, for `dataset(problems=[...])`."""
    return FileProblem(path, kind, code, values, line)


def caption_problem(path: str, row: int, code: str, **values: Value) -> CaptionProblem:
    """A badly written caption file, for `dataset(caption_problems=[...])`."""
    return CaptionProblem(path, row, code, values)


def orphan(path: str, near: str = "") -> OrphanCaption:
    """A caption file without an image, for `dataset(orphans=[...])`."""
    return OrphanCaption(path, near)


def _vocabulary(given: Vocabulary | Mapping[str, Any] | None) -> Vocabulary:
    if given is None:
        return _built_in_vocabulary()
    return given if isinstance(given, Vocabulary) else Vocabulary.from_data(given, "test")


@lru_cache(maxsize=1)
def _built_in_vocabulary() -> Vocabulary:
    return plugin_vocabulary(load_plugins(foreign=False))


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)


def _suffixes(caption_paths: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({"." + path.rpartition(".")[2] for path in caption_paths if path is not None}))


def _column(values: Sequence[Any], dtype: Any) -> Column:
    return Column(np.array(values, dtype=dtype), np.ones(len(values), dtype=bool))


def _features(concepts: Sequence[ConceptParts], order: Sequence[tuple[int, int]]) -> dict[str, Column | Codes]:
    found: dict[str, Column | Codes] = {}
    for feature in {feature: None for parts in concepts for feature in parts.features}:
        values = [
            concepts[number].features[feature][place]
            if feature in concepts[number].features
            else (np.nan if feature.width == 1 else [np.nan] * feature.width)
            for number, place in order
        ]
        array = np.array(values, dtype=np.float64)
        valid = np.asarray(~np.isnan(array.reshape(len(values), -1)).any(axis=1))
        array[~valid] = 0
        found[feature.key] = Column(array.astype(feature.dtype), valid)
    return found


def _profile(values: Mapping[str, Any], config: TrainingConfig | None) -> Profile:
    unknown = set(values) - set(options_of(ProfileOptions))
    assert not unknown, f"the profile has no key {sorted(unknown)}"
    settings = {name: Setting(known.default) for name, known in options_of(ProfileOptions).items()}
    settings["caption_style"] = Setting("tags", "inferred")
    if config is not None:
        told = told_by_config(config)
        settings.update({name: Setting(given.value, "trainer config") for name, given in told.items()})
    settings.update({name: Setting(value, "flag") for name, value in values.items()})
    return Profile(settings)


def _captions(
    captions: Sequence[str | None],
    caption_paths: Sequence[str | None],
    *,
    tokens: Mapping[str, int],
    words_lost: Mapping[str, str],
    exact: bool,
    t5: "_T5",
    problems: tuple[CaptionProblem, ...],
    orphans: tuple[OrphanCaption, ...],
) -> Captions:
    distinct = list(dict.fromkeys(text for text in captions if text is not None))
    index = {text: number for number, text in enumerate(distinct)}
    split = [[part for part in split_tags(text) if normal_form(part)] for text in distinct]
    spellings: dict[str, Counter[str]] = {}
    for parts in split:
        for part in parts:
            spellings.setdefault(normal_form(part), Counter())[part] += 1
    forms = sorted(spellings)
    number_of = {form: number for number, form in enumerate(forms)}
    return Captions(
        text_of=np.array([-1 if text is None else index[text] for text in captions], dtype=np.int32),
        path_of=tuple(caption_paths),
        n_lines=np.array(
            [0 if text is None else sum(bool(line.strip()) for line in lines(text)) for text in captions],
            dtype=np.int32,
        ),
        texts=tuple(distinct),
        tags=ragged_of([[number_of[normal_form(part)] for part in parts] for parts in split]),
        forms=tuple(forms),
        names=tuple(_by_use(spellings[form])[0] for form in forms),
        spellings={tag: _by_use(spellings[form]) for tag, form in enumerate(forms) if len(spellings[form]) > 1},
        tokens=np.array([tokens.get(text, len(text.replace(",", " , ").split())) for text in distinct], dtype=np.int32),
        tokens_exact=exact,
        token_counter="CLIP" if exact else "estimate",
        t5_tokens=None
        if t5.tokens is None
        else np.array([t5.tokens.get(text, len(text.split())) for text in distinct], dtype=np.int32),
        t5_exact=t5.exact,
        t5_lost={index[text]: words for text, words in t5.lost.items()},
        problems=problems,
        orphans=orphans,
        words_lost={index[text]: words for text, words in words_lost.items()},
    )


@frozen_dataclass(frozen=True, slots=True)
class _T5:
    """Token counts by caption, None for a base model without T5, and the words beyond the limit."""

    tokens: Mapping[str, int] | None
    lost: Mapping[str, str]
    exact: bool


def _by_use(spellings: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(spellings, key=lambda name: (-spellings[name], name)))


@frozen_dataclass(frozen=True, slots=True)
class _Alike:
    """Groups of paths, each with its keeper first."""

    exact: Groups
    same_pixels: Groups
    near: Groups
    mirrored: Groups
    rotated: Groups
    across: Groups
    crops: frozenset[str]
    variants: frozenset[str]


def _duplicates(paths: Sequence[str], given: _Alike) -> Duplicates:
    row_of = {path: row for row, path in enumerate(paths)}
    keepers: dict[tuple[int, ...], int] = {}
    alike: dict[tuple[int, ...], tuple[Alike, ...]] = {}
    exact_groups: list[tuple[tuple[int, ...], Literal["bytes", "pixels"]]] = []
    for group, kind in _kinds(given.exact, given.same_pixels):
        rows = tuple(row_of[path] for path in group)
        keepers[tuple(sorted(rows))] = rows[0]
        exact_groups.append((tuple(sorted(rows)), kind))
    joined: list[list[int]] = []
    for group in (*given.near, *given.exact, *given.same_pixels):
        members = [row_of[path] for path in group]
        touching = [other for other in joined if set(other) & set(members)]
        joined = [other for other in joined if other not in touching]
        joined.append(list(dict.fromkeys([row for other in (*touching, members) for row in other])))
    exact_groups.sort()
    equal = {row: rows for rows, _ in exact_groups for row in rows}

    def told(members: Sequence[int], kind: AlikeKind) -> tuple[int, ...]:
        rows = tuple(sorted(members))
        keepers.setdefault(rows, members[0])
        found = {members[0]: Alike("exact", 1.0)}
        for step, row in enumerate(members[1:], 1):
            same = row in equal.get(members[0], ())
            part: AlikeKind = "exact" if same else "crop" if kind == "near" and paths[row] in given.crops else kind
            found[row] = Alike(part, 1.0 if same else max(0.86, 1 - step / 100), paths[row] in given.variants)
        alike[rows] = tuple(found[row] for row in rows)
        return rows

    near_groups = sorted(told(members, "near") for members in joined)
    return Duplicates(
        exact=tuple(rows for rows, _ in exact_groups),
        exact_kinds=tuple(kind for _, kind in exact_groups),
        near=tuple(near_groups),
        keepers=keepers,
        hashes=Column(_hashes(paths, exact_groups, near_groups), np.ones(len(paths), dtype=bool)),
        mirrored=tuple(sorted(told([row_of[path] for path in group], "mirrored") for group in given.mirrored)),
        rotated=tuple(sorted(told([row_of[path] for path in group], "rotated") for group in given.rotated)),
        across=tuple(sorted(told([row_of[path] for path in group], "near") for group in given.across)),
        alike=alike,
        n_compared=len(paths),
    )


def _kinds(exact: Groups, same_pixels: Groups) -> Iterator[tuple[Sequence[str], Literal["bytes", "pixels"]]]:
    yield from ((group, "bytes") for group in exact)
    yield from ((group, "pixels") for group in same_pixels)


def _hashes(
    paths: Sequence[str],
    exact_groups: Sequence[tuple[tuple[int, ...], str]],
    near_groups: Sequence[tuple[int, ...]],
) -> NDArray[np.uint64]:
    digests = [hashlib.sha256(path.encode()).digest()[:8] for path in paths]
    hashes = np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)
    for rows in near_groups:
        first = int(hashes[rows[0]])
        for step, row in enumerate(rows):
            hashes[row] = first ^ ((1 << min(step, 63)) - 1)
    for rows, _ in exact_groups:
        hashes[list(rows)] = hashes[rows[0]]
    return hashes


def _content(paths: Sequence[str], alike: Duplicates) -> NDArray[np.uint8]:
    content = np.array([list(hashlib.sha256(path.encode()).digest()) for path in paths], dtype=np.uint8)
    for rows, kind in zip(alike.exact, alike.exact_kinds, strict=True):
        if kind == "bytes":
            content[list(rows)] = content[rows[0]]
    return content.reshape(len(paths), 32)
