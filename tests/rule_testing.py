"""Datasets in memory, and rules run on them: what the tests of all rules share.

    from rule_testing import concept, dataset, findings, subjects, texts

    hats = dataset(
        concept("hat", captions=["sks, red hat"] * 9 + ["sks, cap"], trigger="sks"),
        concept("dog", n=4, sizes=(1024, 768), repeats=5),
        base_model="sdxl",
        near=[("hat/000.png", "hat/001.png")],
    )
    assert subjects(findings(rule, hats, limit=0.8)) == ["hat: red hat"]

An image is named `<concept>/<number>.png`, so that groups of duplicates can be written down by path. Nothing is
read from disk. The folder `tests` is on pytest's `pythonpath`; every test module can import this one.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tagmetry.columns import Column, codes_of, ragged_of
from tagmetry.dataset import (
    CaptionProblem,
    Captions,
    ConceptInfo,
    Dataset,
    Duplicates,
    FileProblem,
    Folder,
    OrphanCaption,
)
from tagmetry.feature import Feature
from tagmetry.finding import Finding
from tagmetry.judging import Judged, judged
from tagmetry.messages import Message
from tagmetry.options import options_of
from tagmetry.policies.vocabulary import sources as vocabulary_sources
from tagmetry.policy.yaml_reader import read_yaml, to_data
from tagmetry.profile import Profile, ProfileOptions, Setting
from tagmetry.rule import Rule
from tagmetry.text import lines, normal_form, split_tags
from tagmetry.vocabulary import Vocabulary

FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tif": "TIFF", "avif": "AVIF"}


@dataclass(frozen=True)
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
    caption_paths: list[str | None]
    features: Mapping[Feature, list[Any]] = field(default_factory=dict)


def concept(
    name,
    *,
    captions=None,
    n=None,
    role="train",
    repeats=1.0,
    trigger=None,
    class_word=None,
    core_tags=(),
    declared=False,
    folder=None,
    names=None,
    sizes=(1024, 1024),
    formats=None,
    modes="RGB",
    has_alpha=False,
    frames=1,
    exif_orientation=1,
    size_bytes=500_000,
    caption_suffix=".txt",
    caption_paths=None,
    features=None,
):
    """A concept whose images lie in one folder.

    `captions` has one text per image, None for an image without a caption file, or is one text for all; by default
    every caption is the concept's name. The number of images is `n`, or that of the captions, names or sizes.
    `sizes`, `formats`, `modes`, `has_alpha`, `frames`, `exif_orientation`, `size_bytes` and the values of `features`
    are one value for all images or a list of one per image; formats follow the suffix unless given.
    """
    lists = (captions, names, sizes, formats, caption_paths, *(features or {}).values())
    n = n if n is not None else next((len(given) for given in lists if isinstance(given, list)), 1)

    def each(value):
        if isinstance(value, list):
            assert len(value) == n, f"{name}: {len(value)} values for {n} images"
            return list(value)
        return [value] * n

    folder = name if folder is None else folder
    names = [f"{number:03d}.png" for number in range(n)] if names is None else each(names)
    paths = [image if folder == "." else f"{folder}/{image}" for image in names]
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
        caption_paths=beside if caption_paths is None else each(caption_paths),
        features={feature: each(values) for feature, values in (features or {}).items()},
    )


def dataset(
    *concepts,
    exact=(),
    same_pixels=(),
    near=(),
    problems=(),
    caption_problems=(),
    orphans=(),
    excluded=(),
    tokens=None,
    words_lost=None,
    tokens_exact=True,
    vocabulary=None,
    root="hats",
    layout="plain-folders",
    **profile,
):
    """The dataset of some concepts, its rows in path order as everywhere.

    `exact` (equal bytes), `same_pixels` and `near` are groups of image paths, each with its keeper first; what
    is equal also counts as near. Members of a near group differ by one bit of their hash from one to the next.
    `tokens` and `words_lost` give the token count and the words beyond the limit by caption; without them a token
    is a word or a comma. `vocabulary` is data as in a vocabulary file or a Vocabulary, by default the one that comes
    with Tagmetry. `profile` are the keys of a policy's profile; captions are tags unless `caption_style` says
    otherwise.
    """
    images = sorted(
        (path, number, place) for number, parts in enumerate(concepts) for place, path in enumerate(parts.paths)
    )
    order = [(number, place) for _, number, place in images]
    paths = tuple(path for path, _, _ in images)

    def column(attribute):
        return [getattr(concepts[number], attribute)[place] for number, place in order]

    alike = _duplicates(paths, exact, same_pixels, near)
    roles = codes_of([concepts[number].info.role for number, _ in order])
    for group in alike.near:
        assert all(roles.label(row) == "train" for row in group), "groups of duplicates hold training images"
    numbers = np.array([number for number, _ in order], dtype=np.int32)
    sizes = column("sizes")
    return Dataset(
        root=Path(root),
        layout=layout,
        profile=_profile(profile),
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
            "frames": _column(column("frames"), np.int32),
            "has_alpha": _column(column("alphas"), bool),
            "exif_orientation": _column(column("orientations"), np.int32),
            "size_bytes": _column(column("bytes"), np.int64),
            "format": codes_of(column("formats")),
            "mode": codes_of(column("modes")),
            **_features(concepts, order),
        },
        captions=_captions(
            column("captions"),
            column("caption_paths"),
            tokens=tokens or {},
            words_lost=words_lost or {},
            exact=tokens_exact,
            problems=caption_problems,
            orphans=orphans,
        ),
        duplicates=alike,
        file_problems=tuple(problems),
        excluded=tuple(excluded),
    )


def problem(path, kind, code, *, line=0, **values):
    """A file that could not be used, for `dataset(problems=[...])`."""
    return FileProblem(path, kind, code, values, line)


def caption_problem(path, row, code, **values):
    """A badly written caption file, for `dataset(caption_problems=[...])`."""
    return CaptionProblem(path, row, code, values)


def orphan(path, near=""):
    """A caption file without an image, for `dataset(orphans=[...])`."""
    return OrphanCaption(path, near)


def judge(rule: Rule, data: Dataset, **options: Any) -> Judged:
    """What the engine makes of the rule on the dataset; options are given as in a policy's Python form."""
    unknown = set(options) - set(options_of(rule.options))
    assert not unknown, f"{rule.id} has no option {sorted(unknown)}"
    said = judged(rule, data, rule.options(**options))
    assert not said.failure, said.failure
    for found in said.findings:
        for text in _remedies(rule, found):
            text.english()
    return said


def findings(rule: Rule, data: Dataset, **options: Any) -> list[Finding]:
    """The rule's findings, which stand all the checks of the engine; fails where the rule could not judge at all."""
    said = judge(rule, data, **options)
    assert said.n_judged or not said.skipped, "skipped: " + "; ".join(reason.english() for reason in said.skipped)
    return list(said.findings)


def skips(rule: Rule, data: Dataset, **options: Any) -> list[str]:
    """The English reasons for which the rule did not judge."""
    return [reason.english() for reason in judge(rule, data, **options).skipped]


def subjects(found: Sequence[Finding]) -> list[str]:
    """The subjects in the order found: a name, and for tags and pairs `concept: name`."""
    return [
        f"{finding.subject.identity[0]}: {finding.subject.name}"
        if finding.subject.kind in ("tag", "pair")
        else finding.subject.name
        for finding in found
    ]


def texts(rule: Rule, found: Sequence[Finding]) -> list[str]:
    """The English messages of findings."""
    return [Message(rule.messages[finding.message], finding.values).english() for finding in found]


def severities(rule: Rule, found: Sequence[Finding]) -> list[str]:
    """The severity of each finding where no policy says anything else: `error`, `warning`, `info`."""
    return [(rule.severity if finding.severity is None else finding.severity).label for finding in found]


def remedies(rule: Rule, finding: Finding) -> list[str]:
    """The English remedies of a finding, those for the data first."""
    return [text.english() for text in _remedies(rule, finding)]


def figures(found: Sequence[Finding]) -> list[tuple[str, float, float | None, str | None, str | None]]:
    """What was measured: metric, value, limit, option, unit."""
    measured = [finding.measured for finding in found]
    return [(part.metric, part.value, part.limit, part.option, part.unit) for part in measured if part is not None]


def _remedies(rule, finding):
    of_message = rule.remedies_for(finding.message)
    return [Message(template, finding.values) for template in (*of_message.data, *of_message.training)]


def _vocabulary(given):
    if given is None:
        return _built_in_vocabulary()
    return given if isinstance(given, Vocabulary) else Vocabulary.from_data(given, "test")


@lru_cache(maxsize=1)
def _built_in_vocabulary():
    parts = [Vocabulary.from_data(to_data(read_yaml(text, file=name)), name) for name, text in vocabulary_sources()]
    return Vocabulary.merged(*parts)


def _stem(path):
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)


def _suffixes(caption_paths):
    return tuple(sorted({"." + path.rpartition(".")[2] for path in caption_paths if path is not None}))


def _column(values, dtype):
    return Column(np.array(values, dtype=dtype), np.ones(len(values), dtype=bool))


def _features(concepts, order):
    found = {}
    for feature in {feature: None for parts in concepts for feature in parts.features}:
        values = [
            concepts[number].features[feature][place]
            if feature in concepts[number].features
            else (np.nan if feature.width == 1 else [np.nan] * feature.width)
            for number, place in order
        ]
        array = np.array(values, dtype=np.float64)
        valid = ~np.isnan(array.reshape(len(values), -1)).any(axis=1)
        array[~valid] = 0
        found[feature.key] = Column(array.astype(feature.dtype), valid)
    return found


def _profile(values):
    unknown = set(values) - set(options_of(ProfileOptions))
    assert not unknown, f"the profile has no key {sorted(unknown)}"
    settings = {name: Setting(known.default) for name, known in options_of(ProfileOptions).items()}
    settings["caption_style"] = Setting("tags", "inferred")
    settings.update({name: Setting(value, "flag") for name, value in values.items()})
    return Profile(settings)


def _captions(captions, caption_paths, *, tokens, words_lost, exact, problems, orphans):
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
        names=tuple(min(spellings[form], key=lambda name: (-spellings[form][name], name)) for form in forms),
        tokens=np.array([tokens.get(text, len(text.replace(",", " , ").split())) for text in distinct], dtype=np.int32),
        tokens_exact=exact,
        token_counter="CLIP" if exact else "estimate",
        problems=tuple(problems),
        orphans=tuple(orphans),
        words_lost={index[text]: words for text, words in words_lost.items()},
    )


def _duplicates(paths, exact, same_pixels, near):
    row_of = {path: row for row, path in enumerate(paths)}
    named = [(tuple(row_of[path] for path in group), kind) for group, kind in _kinds(exact, same_pixels)]
    keepers = {}
    exact_groups = []
    for rows, kind in named:
        keepers[tuple(sorted(rows))] = rows[0]
        exact_groups.append((tuple(sorted(rows)), kind))
    exact_groups.sort()
    joined: list[list[int]] = []
    for rows in [*([row_of[path] for path in group] for group in near), *(list(rows) for rows, _ in named)]:
        touching = [other for other in joined if set(other) & set(rows)]
        joined = [other for other in joined if other not in touching]
        joined.append(list(dict.fromkeys([row for other in (*touching, rows) for row in other])))
    near_groups = sorted(tuple(sorted(rows)) for rows in joined)
    for rows in joined:
        keepers.setdefault(tuple(sorted(rows)), rows[0])
    return Duplicates(
        exact=tuple(rows for rows, _ in exact_groups),
        exact_kinds=tuple(kind for _, kind in exact_groups),
        near=tuple(near_groups),
        keepers=keepers,
        hashes=Column(_hashes(paths, exact_groups, near_groups), np.ones(len(paths), dtype=bool)),
    )


def _kinds(exact, same_pixels):
    return [*((tuple(group), "bytes") for group in exact), *((tuple(group), "pixels") for group in same_pixels)]


def _hashes(paths, exact_groups, near_groups):
    digests = [hashlib.sha256(path.encode()).digest()[:8] for path in paths]
    hashes = np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)
    for rows in near_groups:
        first = int(hashes[rows[0]])
        for step, row in enumerate(rows):
            hashes[row] = first ^ ((1 << min(step, 63)) - 1)
    for rows, _ in exact_groups:
        hashes[list(rows)] = hashes[rows[0]]
    return hashes


def _content(paths, alike):
    content = np.array([list(hashlib.sha256(path.encode()).digest()) for path in paths], dtype=np.uint8)
    for rows, kind in zip(alike.exact, alike.exact_kinds, strict=True):
        if kind == "bytes":
            content[list(rows)] = content[rows[0]]
    return content.reshape(len(paths), 32)
