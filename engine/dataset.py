"""The dataset as rules see it: columns of figures, captions as interned ids, and views on them.

Row numbers are int64 indices of readable images in path order, the same in every column. `Samples` and
`Concept` are views: they hold row numbers, never copies of images.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Codes, Column, Mask, Ragged, Rows, rows_by_group
from tagmetry.cooccurrence import TagPairs, tag_pairs
from tagmetry.feature import Feature
from tagmetry.finding import Alike, AlikeKind, Cluster, Subject
from tagmetry.messages import Message, Value
from tagmetry.profile import Profile
from tagmetry.text.normal_form import normal_form
from tagmetry.text.sentences import contains_word

if TYPE_CHECKING:
    from tagmetry.trainers.settings import TrainingConfig
    from tagmetry.vocabulary import Vocabulary

ProblemKind = Literal["unreadable", "format", "oversized", "decoder", "unreachable", "manifest"]
LISTED_MEMBERS: Final = 50
"""Clusters larger than this are shown without their matrix of distances."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One file that could not be used, and why: `code` is the message key of the rule that reports the kind."""

    path: str
    kind: ProblemKind
    code: str
    values: Mapping[str, Value]
    line: int = 0

    def subject(self) -> Subject:
        return Subject("file", self.path, identity=(self.path,), paths=(self.path,))


@dataclass(frozen=True, slots=True)
class CaptionProblem:
    """Something wrong with how a caption file is written. `row` is its (first) image, -1 without one."""

    path: str
    row: int
    code: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A file that is no part of the audit, with the reason. A folder left out whole stands for its `n` files.

    `is_image` marks pictures that lie where the trainer does not look.
    """

    path: str
    id: str
    text: Message
    n: int = 1
    is_image: bool = False


@dataclass(frozen=True, slots=True)
class OrphanCaption:
    """A caption file that no image uses; `near` names an image that differs only in case or Unicode form, or ""."""

    path: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds images, as the layout read it. `repeats` is 1 where the layout has none."""

    path: str
    concept: int
    repeats: float
    n: int
    caption_suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConceptInfo:
    """A concept's declared or inferred facts. The origins are `policy`, `layout`, `inferred`, or "" for none."""

    name: str
    role: str
    trigger: str | None = None
    trigger_origin: str = ""
    trigger_basis: Message | None = None
    class_word: str | None = None
    class_word_origin: str = ""
    core_tags: tuple[str, ...] = ()
    expected_fusion: tuple[str, ...] = ()
    declared: bool = False

    @property
    def intended(self) -> tuple[str, ...]:
        """Declared words that may stand everywhere, or nowhere: core tags, and what the trigger shall bring along."""
        return (*self.core_tags, *self.expected_fusion)


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag among some samples: `form` is compared, `name` the most common spelling, `n` images, `share` of all."""

    form: str
    name: str
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class Captions:
    """Captions of all images, stored once per distinct text.

    Per image: `text_of` int32 (n,) into the texts, -1 without a caption file; `path_of` the caption's file or
    manifest; `n_lines` int32 (n,) lines of the file that hold text. Per distinct text (t of them): `texts` as the
    trainer reads them, `tags` ids as written (with repetitions), `tokens` int32 (t,) CLIP tokens without start and
    end, exact or, where `tokens_exact` is false, the sure lower bound. Per tag: `forms` and `names`.
    """

    text_of: NDArray[np.int32]
    path_of: tuple[str | None, ...]
    n_lines: NDArray[np.int32]
    texts: tuple[str, ...]
    tags: Ragged
    forms: tuple[str, ...]
    names: tuple[str, ...]
    tokens: NDArray[np.int32]
    tokens_exact: bool
    token_counter: str
    t5_tokens: NDArray[np.int32] | None = None
    """int32 (t,) T5 tokens with the end marker, exact if `t5_exact`; None where the base model has no T5."""
    t5_exact: bool = False
    t5_lost: Mapping[int, str] = field(default_factory=dict)
    """Text id -> the words beyond the T5 limit, for the texts that have any."""
    problems: tuple[CaptionProblem, ...] = ()
    orphans: tuple[OrphanCaption, ...] = ()
    words_lost: Mapping[int, str] = field(default_factory=dict)
    """Text id -> the words beyond the token limit, for the texts that have any."""
    unread: Mapping[int, str] = field(default_factory=dict)
    """Row -> what stands in its file behind the first line, where the trainer reads that line alone."""
    spellings: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Tag -> its spellings as written, the most common first, for tags that have several."""
    zero_bytes: frozenset[int] = frozenset()
    """Rows whose caption file has no bytes at all, at which some trainers stop."""
    second: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Row -> caption files of the image that are not read, since another is: (path, text)."""

    def form_index(self) -> dict[str, int]:
        return {form: number for number, form in enumerate(self.forms)}


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of alike training images: tuples of row tuples.

    `near` are copies, cuttings of one picture and the exact copies of both; they alone count as near-duplicates.
    `mirrored` and `rotated` hold one picture and those that are it mirrored, or turned by a quarter or a half.
    `across` are the only ones with images of other roles: one training image and those that are the same picture.
    `exact_kinds` says for each exact group whether the files or only the decoded pixels are equal. `keepers` names the
    row to keep of each group, and `alike` says of each group but the exact ones how its rows are like that one.
    `distances` gives the bits between two rows. `n_compared` is how many pictures were held against each other.
    """

    exact: tuple[tuple[int, ...], ...]
    exact_kinds: tuple[Literal["bytes", "pixels"], ...]
    near: tuple[tuple[int, ...], ...]
    keepers: Mapping[tuple[int, ...], int]
    hashes: Column
    mirrored: tuple[tuple[int, ...], ...] = ()
    rotated: tuple[tuple[int, ...], ...] = ()
    across: tuple[tuple[int, ...], ...] = ()
    alike: Mapping[tuple[int, ...], tuple[Alike, ...]] = field(default_factory=dict)
    n_compared: int = 0

    @property
    def surplus(self) -> int:
        """Training images beyond one per near group."""
        return sum(len(group) - 1 for group in self.near)

    @property
    def copies(self) -> tuple[int, ...]:
        """The rows of all near groups but their keepers, in order."""
        return tuple(sorted(row for group in self.near for row in group if row != self.keepers[group]))

    def near_kind(self, rows: tuple[int, ...]) -> Literal["near", "crop"]:
        """`crop` for a near group in which all that is no exact copy of the keeper shows more or less than it."""
        kinds = {alike.kind for alike in self.alike.get(rows, ())}
        return "crop" if "crop" in kinds and "near" not in kinds else "near"

    def distances(self, rows: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """A square matrix of bits; empty for groups of more than `LISTED_MEMBERS`."""
        if len(rows) > LISTED_MEMBERS:
            return ()
        hashes = self.hashes.values[list(rows)].astype(np.uint64)
        different = hashes[:, None] ^ hashes[None, :]
        octets = different.view(np.uint8).reshape(len(rows), len(rows), 8)
        bits = np.unpackbits(octets, axis=2).sum(axis=2)
        return tuple(tuple(int(value) for value in row) for row in bits)


@dataclass(frozen=True, eq=False)
class Dataset:
    """All readable images with their columns, and the account of all other files."""

    root: Path
    layout: str
    profile: Profile
    vocabulary: "Vocabulary"
    paths: tuple[str, ...]
    content: NDArray[np.uint8]
    """SHA-256 of each file, shape (n, 32)."""
    roles: Codes
    folder_of: NDArray[np.int32]
    concept_of: NDArray[np.int32]
    folders: tuple[Folder, ...]
    concept_infos: tuple[ConceptInfo, ...]
    columns: Mapping[str, Column | Codes]
    """Header facts by name (`width`, `height`, `format`, `mode`, `frames`, `has_alpha`, `exif_orientation`,
    `size_bytes`, `bit_depth`, `jpeg_quality`, `colour_profile`, `generator`; width and height as displayed) and
    features by their key."""
    captions: Captions
    duplicates: Duplicates
    file_problems: tuple[FileProblem, ...]
    excluded: tuple[Excluded, ...]
    config: "TrainingConfig | None" = None
    """What the trainer's own files say, where any were given or lie in the dataset."""

    def __post_init__(self) -> None:
        # All rules read the same arrays; one that wrote to them would change what the next one finds.
        for array in self._arrays():
            array.flags.writeable = False

    def _arrays(self) -> Iterator[NDArray[Any]]:
        captions = self.captions
        yield from (self.content, self.folder_of, self.concept_of, self.roles.codes)
        for column in (*self.columns.values(), self.duplicates.hashes):
            yield from (column.codes,) if isinstance(column, Codes) else (column.values, column.valid)
        yield from (captions.text_of, captions.n_lines, captions.tokens, captions.tags.starts, captions.tags.ids)
        if captions.t5_tokens is not None:
            yield captions.t5_tokens

    @property
    def n(self) -> int:
        return len(self.paths)

    @cached_property
    def samples(self) -> "Samples":
        """All readable images of every role."""
        return Samples(self, np.arange(self.n, dtype=np.int64))

    @cached_property
    def train(self) -> "Samples":
        return self.role("train")

    @property
    def effective_n(self) -> int:
        """Training images when each group of near-duplicates counts as one."""
        return self.train.n - self.duplicates.surplus

    def role(self, role: str) -> "Samples":
        return Samples(self, np.flatnonzero(self.roles.equals(role)).astype(np.int64))

    @cached_property
    def concepts(self) -> tuple["Concept", ...]:
        """All concepts of every role, training concepts first, then by name."""
        order = sorted(
            range(len(self.concept_infos)),
            key=lambda i: (
                self.concept_infos[i].role != "train",
                self.concept_infos[i].role,
                self.concept_infos[i].name,
            ),
        )
        return tuple(
            Concept(self, self.rows_by_concept[number], self.concept_infos[number], number) for number in order
        )

    @cached_property
    def rows_by_concept(self) -> tuple[Rows, ...]:
        """The rows of each of `concept_infos`, ascending."""
        return rows_by_group(self.concept_of, len(self.concept_infos))

    @cached_property
    def effective_sizes(self) -> NDArray[np.int64]:
        """Images of each of `concept_infos` when each group of near-duplicates counts once in the concept."""
        n_concepts = len(self.concept_infos)
        groups = self.duplicates.near
        rows = np.fromiter((row for group in groups for row in group), dtype=np.int64)
        group_of = np.repeat(np.arange(len(groups)), np.fromiter(map(len, groups), dtype=np.int64))
        concept_of = self.concept_of[rows]
        kept = np.unique(group_of * n_concepts + concept_of) % n_concepts
        of_all, grouped, of_kept = (np.bincount(of, minlength=n_concepts) for of in (self.concept_of, concept_of, kept))
        return of_all - grouped + of_kept

    @cached_property
    def folders_by_concept(self) -> Mapping[int, tuple[Folder, ...]]:
        """The folders of each concept that has any, in the order of `folders`."""
        found: dict[int, list[Folder]] = {}
        for folder in self.folders:
            found.setdefault(folder.concept, []).append(folder)
        return {concept: tuple(folders) for concept, folders in found.items()}

    @cached_property
    def repeats(self) -> NDArray[np.float64]:
        """Shape (n,): the repeats of each image's folder as found."""
        of_folder = np.array([folder.repeats for folder in self.folders], dtype=np.float64)
        return of_folder[self.folder_of]

    @cached_property
    def filled_texts(self) -> Mask:
        """One entry per distinct caption text: whether there is anything in it but white space."""
        texts = self.captions.texts
        return np.fromiter((bool(text.strip()) for text in texts), dtype=bool, count=len(texts))

    @cached_property
    def tag_of_form(self) -> Mapping[str, int]:
        """The id of each tag in normal form."""
        return self.captions.form_index()

    @cached_property
    def derived(self) -> dict[Any, Any]:
        """What others work out once from these columns and keep as long as the dataset lives, by a key of theirs."""
        return {}

    def concepts_of(self, *roles: str) -> tuple["Concept", ...]:
        return tuple(concept for concept in self.concepts if concept.role in roles)

    @property
    def training_concepts(self) -> tuple["Concept", ...]:
        return self.concepts_of("train")

    def problems(self, kind: ProblemKind) -> Iterator[FileProblem]:
        return (problem for problem in self.file_problems if problem.kind == kind)

    def subject(self, rows: Iterable[int] = ()) -> Subject:
        """The dataset as a whole, with the images that the finding speaks of in the order given."""
        return Subject("dataset", self.root.name, identity=("dataset",), paths=tuple(self.paths[row] for row in rows))

    def file(self, path: str) -> Subject:
        """A file that is no readable sample: identified by its relative path."""
        return Subject("file", path, identity=(path,), paths=(path,))

    def sample(self, row: int) -> Subject:
        return Subject("sample", self.paths[row], identity=(self.digest(row),), paths=(self.paths[row],))

    def caption(self, row: int) -> Subject:
        """The caption of an image; its paths are the caption's file, then the image."""
        file = self.captions.path_of[row]
        paths = (self.paths[row],) if file is None else (file, self.paths[row])
        return Subject("caption", paths[0], identity=(self.digest(row),), paths=paths)

    def cluster(self, kind: Literal["exact", "near", "mirrored", "rotated"], rows: tuple[int, ...]) -> Subject:
        """A group of alike images, the keeper first among its facts; a near one of nothing but crops becomes `crop`."""
        alike = self.duplicates
        keeper = alike.keepers[rows]
        paths = tuple(self.paths[row] for row in rows)
        found: AlikeKind = alike.near_kind(rows) if kind == "near" else kind
        cluster = Cluster(
            found,
            paths,
            self.paths[keeper],
            alike.distances(rows) if found in ("exact", "near") else (),
            () if kind == "exact" else alike.alike.get(rows, ()),
        )
        return Subject("cluster", self.paths[keeper], identity=(self.digest(keeper),), paths=paths, cluster=cluster)

    def digest(self, row: int) -> str:
        return bytes(self.content[row]).hex()

    def values(self, feature: Feature) -> Column:
        """A feature's column over all rows. Raises KeyError when nobody declared the need for it."""
        column = self.columns[feature.key]
        assert isinstance(column, Column)
        return column

    @cached_property
    def tag_presence(self) -> Ragged:
        """Distinct tag ids per image, ascending: what frequencies and co-occurrence count. CSR over n rows."""
        captions = self.captions
        n_forms = max(1, len(captions.forms))
        # (text, tag) as one number, which sorts by text, then by tag. np.unique takes four times as long.
        pairs = np.sort(captions.tags.owners() * n_forms + captions.tags.ids)
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        lengths = np.bincount(pairs // n_forms, minlength=len(captions.texts))
        # Images without a caption take from one text more, which holds nothing.
        starts = np.zeros(len(captions.texts) + 2, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:-1])
        starts[-1] = starts[-2]
        per_text = Ragged(starts, (pairs % n_forms).astype(np.int32))
        return per_text.take(captions.text_of.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Samples:
    """Some rows of a dataset, ascending. Columns and masks have shape (n,) in the order of `rows`."""

    dataset: Dataset
    rows: Rows

    @property
    def n(self) -> int:
        return len(self.rows)

    @property
    def paths(self) -> list[str]:
        return [self.dataset.paths[row] for row in self.rows]

    def values(self, feature: Feature) -> Column:
        return self.dataset.values(feature).take(self.rows)

    def column(self, name: str) -> Column:
        """A header fact as numbers: `width`, `height`, `frames`, `has_alpha`, `exif_orientation`, `size_bytes`,
        `bit_depth`, `jpeg_quality` (missing where the file is no JPEG).
        """
        column = self.dataset.columns[name]
        assert isinstance(column, Column)
        return column.take(self.rows)

    def codes(self, name: str) -> Codes:
        """A header fact as a few texts: `format`, `mode`, `colour_profile`, `generator` (both may be `none`)."""
        column = self.dataset.columns[name]
        assert isinstance(column, Codes)
        return column.take(self.rows)

    @property
    def short_side_px(self) -> NDArray[np.int64]:
        return np.asarray(np.minimum(self.column("width").values, self.column("height").values), dtype=np.int64)

    @property
    def text_ids(self) -> NDArray[np.int32]:
        """Shape (n,): the caption's text, -1 without a caption file."""
        return self.dataset.captions.text_of[self.rows]

    @cached_property
    def captioned(self) -> Mask:
        """Shape (n,): has a caption with something in it."""
        ids = self.text_ids
        filled = self.dataset.filled_texts
        return (ids >= 0) & (filled[ids] if len(filled) else np.zeros(self.n, dtype=bool))

    @property
    def tokens(self) -> Column:
        """CLIP tokens of each caption without start and end; missing without a caption."""
        ids = self.text_ids
        captions = self.dataset.captions
        values = captions.tokens[ids] if len(captions.texts) else np.zeros(self.n, dtype=np.int32)
        return Column(values, ids >= 0)

    @cached_property
    def _presence(self) -> Ragged:
        return self.dataset.tag_presence.take(self.rows)

    @cached_property
    def _holders(self) -> Ragged:
        """The places, ascending, of the samples that hold each tag: `_presence` turned round."""
        return self._presence.turned(len(self.dataset.captions.forms))

    @cached_property
    def tag_images(self) -> NDArray[np.int64]:
        """Shape (t,): how many of these samples hold each tag of `dataset.captions.forms`."""
        counts = np.bincount(self._presence.ids, minlength=len(self.dataset.captions.forms)).astype(np.int64)
        counts.flags.writeable = False
        return counts

    def tag_frequencies(self) -> list[TagCount]:
        """Every tag of these samples with its share of images, most frequent first, then by form.

        Presence counts: a tag twice in one caption counts once. The share is of all n samples.
        """
        captions = self.dataset.captions
        present = np.flatnonzero(self.tag_images)
        # Ids follow the alphabet of forms, so a stable sort by falling counts is all there is to do.
        ordered = present[np.argsort(-self.tag_images[present], kind="stable")]
        return [
            TagCount(captions.forms[tag], captions.names[tag], n, n / self.n)
            for tag, n in zip(ordered.tolist(), self.tag_images[ordered].tolist(), strict=True)
        ]

    def with_tag(self, form: str) -> Mask:
        """Shape (n,): the caption holds the tag (by normal form)."""
        mask = np.zeros(self.n, dtype=bool)
        tag = self.dataset.tag_of_form.get(normal_form(form))
        if tag is not None:
            mask[self._holders.row(tag)] = True
        return mask

    def where(self, mask: Mask) -> "Samples":
        return Samples(self.dataset, self.rows[mask])

    @property
    def different_pictures(self) -> "Samples":
        """These samples with one of each group of near-duplicates among them, the first."""
        group_of = np.arange(self.dataset.n, dtype=np.int64)
        for rows in self.dataset.duplicates.near:
            group_of[list(rows)] = min(rows)
        first = np.unique(group_of[self.rows], return_index=True)[1]
        return Samples(self.dataset, self.rows[np.sort(first)])

    def cooccurrence(self, form: str) -> list[TagCount]:
        """The tags of the samples that hold `form`, with their share among those: P(tag | form)."""
        return self.where(self.with_tag(form)).tag_frequencies()

    def tag_pairs(self, *, min_support: int) -> Iterator[TagPairs]:
        """Every pair of tags that at least `min_support` of these samples hold both of, once, in blocks of arrays.

        What a rule about all pairs reads: a block holds ids of `dataset.captions.forms` and the number of images,
        and `tag_images` has the counts of each tag alone. Raises ValueError for a support below 1.
        """
        return tag_pairs(self._presence, self.tag_images, min_support=min_support)


# Boorus count figures with the word: `1girl`, `6+boys`.
_COUNT: Final = re.compile(r"\A\d+\+?(?=[^\W\d])")
_OWN_GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "style": frozenset({"style"}),
    "fashion": frozenset({"clothing", "footwear", "headwear", "accessory"}),
}


@dataclass(frozen=True, eq=False)
class Concept(Samples):
    """Images that teach the same thing."""

    info: ConceptInfo
    number: int

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def role(self) -> str:
        return self.info.role

    @property
    def trigger(self) -> str | None:
        return self.info.trigger

    @property
    def class_word(self) -> str | None:
        return self.info.class_word

    @cached_property
    def protected_words(self) -> frozenset[str]:
        """Normal forms of what is meant to be everywhere: trigger, class word, declared core tags, expected fusion."""
        words = (self.info.trigger, self.info.class_word, *self.info.intended)
        return frozenset(normal_form(word) for word in words if word)

    def is_own_word(self, form: str) -> bool:
        """Whether a tag in normal form calls or names this concept, so that it is meant to be everywhere.

        The protected words; also tags that hold the trigger (`sks woman`) or are a word of it, and the class word
        as boorus count it (`1girl`).
        """
        if form in self.protected_words:
            return True
        class_form, trigger_form = self._called
        if class_form and _COUNT.sub("", form) == class_form:
            return True
        # The plain look comes first: it settles nearly every tag of a large vocabulary.
        if not trigger_form or (trigger_form not in form and form not in trigger_form):
            return False
        return contains_word(form, trigger_form) or contains_word(trigger_form, form)

    @cached_property
    def is_class_fused(self) -> bool:
        """Whether it is declared that the class word may come to stand for the concept itself."""
        word = normal_form(self.class_word or "")
        return bool(word) and word in map(normal_form, self.info.expected_fusion)

    @cached_property
    def _called(self) -> tuple[str, str]:
        """Normal forms of class word and trigger, "" for none."""
        return normal_form(self.info.class_word or ""), normal_form(self.info.trigger or "")

    def is_trait(self, form: str) -> bool:
        """Whether a tag in normal form tells what this concept may be, and so may be on every image without harm.

        Hair, eyes, body and subject; where the purpose is a style its rendering, where it is fashion the clothes.
        """
        own = _OWN_GROUPS.get(self.dataset.profile.purpose or "")
        if own is None:
            return self.dataset.vocabulary.is_trait(form)
        return not own.isdisjoint(self.dataset.vocabulary.groups_of(form))

    @property
    def samples(self) -> Samples:
        return self

    @property
    def folders(self) -> tuple[Folder, ...]:
        return self.dataset.folders_by_concept.get(self.number, ())

    @property
    def repeats(self) -> float:
        """Repeats of the concept's folders; the mean over images where they differ."""
        return self.exposure / self.n if self.n else 1.0

    @cached_property
    def exposure(self) -> float:
        """Images times repeats as found."""
        return float(self.dataset.repeats[self.rows].sum())

    def subject(self, rows: Iterable[int] = ()) -> Subject:
        """The concept, with the images that the finding speaks of in the order given."""
        return Subject(
            "concept", self.name, identity=(self.name,), paths=tuple(self.dataset.paths[row] for row in rows)
        )

    def tag(self, tag: TagCount) -> Subject:
        """A tag of this concept, with the images that carry it."""
        rows = self.rows[self.with_tag(tag.form)]
        return Subject(
            "tag",
            tag.name,
            identity=(self.name, tag.form),
            paths=tuple(self.dataset.paths[row] for row in rows),
        )

    def pair(self, one: TagCount, other: TagCount) -> Subject:
        rows = self.rows[self.with_tag(one.form) & self.with_tag(other.form)]
        identity = (self.name, *sorted((one.form, other.form)))
        paths = tuple(self.dataset.paths[row] for row in rows)
        return Subject("pair", f"{one.name} + {other.name}", identity=identity, paths=paths)
