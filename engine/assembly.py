"""Putting the dataset together: what the layout read and the workers measured becomes columns, concepts and groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.captioning import CLIP_WINDOW_TOKENS, T5_TOKENS, CaptionReader, caption_columns
from tagmetry.columns import Codes, Column, codes_of, rows_by_group
from tagmetry.dataset import Captions, ConceptInfo, Dataset, Excluded, FileProblem, Folder
from tagmetry.duplicates.decision import STRICTNESS
from tagmetry.errors import UsageError
from tagmetry.extraction.table import Table
from tagmetry.feature import Feature
from tagmetry.features import contrast, phash, sharpness, structure, view
from tagmetry.globs import matches_any
from tagmetry.inference import ConceptRows, concept_info, concept_name_of, role_of
from tagmetry.layout import Reading
from tagmetry.layouts.tree import Tree
from tagmetry.likeness import NO_PAIRS, Likeness, duplicates_among, with_other_roles
from tagmetry.messages import message
from tagmetry.profile import Profile
from tagmetry.text import T5Counter, TokenCounter
from tagmetry.trainers.settings import TrainingConfig
from tagmetry.verdicts import PairStore, RememberedVerdicts, method_of
from tagmetry.vocabulary import Vocabulary

ENGINE_FEATURES: Final[tuple[Feature, ...]] = (contrast, phash, sharpness, structure, view)
"""What the engine itself needs to find duplicates and choose a keeper."""


MOST_DECLARED: Final = 1000
"""Images that one suppression may declare different: nobody has looked at half a million pairs."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a dataset is made of. `table` has one row per image of the reading, in its order.

    `pixel_digests` gives SHA-256 of the decoded pixels by path, from that of the file by path.
    """

    tree: Tree
    reading: Reading
    profile: Profile
    vocabulary: Vocabulary
    table: Table
    captions: CaptionReader
    counter: TokenCounter
    t5: T5Counter | None
    """None where the base model reads captions with CLIP alone."""
    pixel_digests: Callable[[Mapping[str, bytes]], Mapping[str, bytes | None]]
    pair_store: PairStore | None = None
    """Where verdicts about pairs are kept between runs."""
    declared_different: tuple[tuple[str, ...], ...] = ()
    """Patterns of paths; the images that meet those of one tuple are different pictures, whatever they look like."""
    config: TrainingConfig | None = None


def assembled(parts: Parts) -> Dataset:
    """The dataset of all readable images, and the account of all other files."""
    reading, profile = parts.reading, parts.profile
    rows, content, columns = parts.table.closed()
    paths = tuple(reading.images[row] for row in rows)
    captions = caption_columns(
        parts.captions,
        reading,
        rows,
        counter=parts.counter,
        token_limit=profile.max_token_length or CLIP_WINDOW_TOKENS,
        t5=parts.t5,
        t5_limit=profile.t5_max_token_length or T5_TOKENS,
    )
    folder_of = np.array([reading.folder_of[row] for row in rows], dtype=np.int32)
    roles = codes_of(
        [role_of(path, reading.folders[folder], profile.roles) for path, folder in zip(paths, folder_of, strict=True)]
    )
    concept_of, infos = _concepts(paths, folder_of, roles, reading, profile, captions, parts.vocabulary)
    train = np.flatnonzero(roles.equals("train")).astype(np.int64)
    facts = _likeness(content, columns, captions, least_structure=profile.near_duplicate_least_structure)
    strictness = STRICTNESS.at(profile.near_duplicate_likeness)
    memory = None
    if parts.pair_store is not None:
        memory = RememberedVerdicts(parts.pair_store, method_of(view, strictness), content)
    apart = _apart(paths, parts.declared_different)
    duplicates = duplicates_among(
        train,
        facts,
        strictness=strictness,
        pixel_digests=lambda wanted: _digests_by_row(wanted, paths, content, parts.pixel_digests),
        apart=apart,
        memory=memory,
    )
    elsewhere = np.flatnonzero(~roles.equals("train")).astype(np.int64)
    duplicates = with_other_roles(elsewhere, facts, duplicates, strictness=strictness, apart=apart, memory=memory)
    if memory is not None:
        memory.flush()
    problems, excluded = _explained(parts)
    return Dataset(
        root=Path(parts.tree.root),
        layout=reading.layout,
        profile=profile,
        vocabulary=parts.vocabulary,
        paths=paths,
        content=content,
        roles=roles,
        folder_of=folder_of,
        concept_of=concept_of,
        folders=_folders(reading, folder_of, concept_of, captions),
        concept_infos=infos,
        columns=columns,
        captions=captions,
        duplicates=duplicates,
        file_problems=problems,
        excluded=excluded,
        config=parts.config,
    )


def _concepts(
    paths: tuple[str, ...],
    folder_of: NDArray[np.int32],
    roles: Codes,
    reading: Reading,
    profile: Profile,
    captions: Captions,
    vocabulary: Vocabulary,
) -> tuple[NDArray[np.int32], tuple[ConceptInfo, ...]]:
    """The concept of each row, and the concepts in order of (role, name), training first."""
    declared = {concept.name: concept for concept in profile.concepts}
    keys = []
    for row, path in enumerate(paths):
        folder = reading.folders[folder_of[row]]
        role = roles.label(row)
        matched = profile.concepts if role == "train" else ()
        keys.append((role != "train", role, concept_name_of(path, folder, matched)))
    ordered = sorted(set(keys))
    number = {key: place for place, key in enumerate(ordered)}
    concept_of = np.array([number[key] for key in keys], dtype=np.int32)
    infos = []
    for (_, role, name), rows in zip(ordered, rows_by_group(concept_of, len(ordered)), strict=True):
        folders = [reading.folders[folder] for folder in np.unique(folder_of[rows])]
        concept = ConceptRows(
            name=name,
            role=role,
            rows=rows,
            trigger_hint=_agreed([folder.trigger_hint for folder in folders]),
            class_hint=_agreed([folder.class_hint for folder in folders]),
            declared=declared.get(name) if role == "train" else None,
        )
        infos.append(concept_info(concept, captions, vocabulary))
    return concept_of, tuple(infos)


def _agreed(hints: Sequence[str | None]) -> str | None:
    """The one hint that all folders of a concept give; folders that disagree give none."""
    distinct = {hint for hint in hints if hint}
    return distinct.pop() if len(distinct) == 1 else None


def _folders(
    reading: Reading, folder_of: NDArray[np.int32], concept_of: NDArray[np.int32], captions: Captions
) -> tuple[Folder, ...]:
    """All folders of the reading. A folder whose images a policy splits goes to the concept with most of them."""
    found = []
    for folder, rows in zip(reading.folders, rows_by_group(folder_of, len(reading.folders)), strict=True):
        concept = int(np.bincount(concept_of[rows]).argmax()) if len(rows) else -1
        suffixes = {PurePosixPath(path).suffix for path in (captions.path_of[row] for row in rows) if path} - {""}
        found.append(
            Folder(
                path=folder.path,
                concept=concept,
                repeats=folder.repeats,
                n=len(rows),
                caption_suffixes=tuple(sorted(suffixes)),
            )
        )
    return tuple(found)


SHARPNESS_STEP: Final = 0.5
"""Doublings of detail that count as one step: less than that, re-encoding makes or takes."""


def detail(sharpnesses: Column, contrasts: Column) -> Column:
    """Sharpness for telling copies apart, in steps of `SHARPNESS_STEP` doublings.

    The Laplacian's variance grows with the square of the contrast, so that a brightened copy would pass for a
    sharper one; divided by it, only detail counts.
    """
    valid = sharpnesses.valid & contrasts.valid & (contrasts.values > 0) & (sharpnesses.values > 0)
    relative = np.where(valid, sharpnesses.values, 1.0) / np.where(valid, contrasts.values, 1.0) ** 2
    return Column(np.floor(np.log2(relative) / SHARPNESS_STEP + 0.5), valid)


def _likeness(
    content: NDArray[np.uint8], columns: Mapping[str, Column | Codes], captions: Captions, *, least_structure: float
) -> Likeness:
    def figures(name: str) -> Column:
        column = columns[name]
        assert isinstance(column, Column)
        return column

    structures = figures(structure.key)
    lengths = np.fromiter((len(text) for text in captions.texts), dtype=np.int64, count=len(captions.texts))
    has = captions.text_of >= 0
    caption_length = np.where(has, lengths[captions.text_of] if len(lengths) else 0, 0)
    return Likeness(
        content=content,
        hashes=figures(phash.key),
        views=figures(view.key),
        comparable=structures.valid & (structures.values >= least_structure),
        width=figures("width").values.astype(np.int64),
        height=figures("height").values.astype(np.int64),
        sharpness=detail(figures(sharpness.key), figures(contrast.key)),
        size_bytes=figures("size_bytes").values.astype(np.int64),
        caption_length=caption_length,
    )


def _apart(paths: Sequence[str], declared: tuple[tuple[str, ...], ...]) -> NDArray[np.int64]:
    """Pairs of rows, shape (k, 2). Raises UsageError for patterns that mean more images than anybody has looked at."""
    found = [NO_PAIRS]
    for patterns in declared:
        rows = np.flatnonzero([matches_any(patterns, path) for path in paths])
        if len(rows) > MOST_DECLARED:
            raise UsageError(
                message(
                    "a suppression declares {n:count} images different from each other; at most {limit:count} can be",
                    n=len(rows),
                    limit=MOST_DECLARED,
                ),
                message("without 'different' the suppression accepts the findings about them"),
            )
        one, other = np.triu_indices(len(rows), k=1)
        found.append(np.stack([rows[one], rows[other]], axis=1))
    return np.concatenate(found)


def _digests_by_row(
    rows: list[int],
    paths: tuple[str, ...],
    content: NDArray[np.uint8],
    pixel_digests: Callable[[Mapping[str, bytes]], Mapping[str, bytes | None]],
) -> dict[int, bytes | None]:
    found = pixel_digests({paths[row]: content[row].tobytes() for row in rows})
    return {row: found.get(paths[row]) for row in rows}


def _explained(parts: Parts) -> tuple[tuple[FileProblem, ...], tuple[Excluded, ...]]:
    """Problems of the tree, the images and the captions in path order, and what is left out with its reason.

    A caption that belongs to an unusable image has nothing to describe, so it is left out with that image.
    """
    reading = parts.reading
    problems = [*reading.problems, *parts.captions.file_problems]
    excluded = list(reading.excluded)
    for image, record in sorted(parts.table.unusable.items()):
        problems.append(FileProblem(reading.images[image], record.kind, record.code, record.values))
        caption = reading.caption_files[image]
        if caption is not None and reading.caption_texts[image] is None:
            text = message("caption of an image that cannot be used")
            excluded.append(Excluded(caption, "caption-of-unusable-image", text))
    unreadable_captions = {problem.path for problem in parts.captions.file_problems}
    excluded = [entry for entry in excluded if entry.path not in unreadable_captions]
    used = {
        caption
        for image, (caption, text) in enumerate(zip(reading.caption_files, reading.caption_texts, strict=True))
        if caption is not None and text is None and image not in parts.table.unusable
    }
    # Two images may share one caption file; it stays in use while one of them is readable.
    excluded = [entry for entry in excluded if entry.id != "caption-of-unusable-image" or entry.path not in used]
    unique = {(entry.path, entry.id): entry for entry in excluded}
    return (
        tuple(sorted(problems, key=lambda problem: (problem.path, problem.line, problem.code))),
        tuple(entry for _, entry in sorted(unique.items())),
    )
