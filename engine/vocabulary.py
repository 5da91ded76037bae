"""What tags are about: groups, contradictions, synonyms, implications.

A vocabulary is data. The built-in one comes as YAML files with the built-in policies, a plugin may bring more,
and a policy changes it under its `vocabulary:` key. Here it is checked, merged, patched and looked up.

All lookups take tags in normal form (`tagmetry.text.normal_form`); data may be written in any spelling. Where tags
are listed, a text may hold several with commas between them, as in a caption.
Synonyms count as one tag: what is known of the preferred one is known of its variants, and the other way round.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rapidfuzz import process

from tagmetry.errors import UsageError
from tagmetry.messages import Message, message
from tagmetry.tag_list import TagList, TagType
from tagmetry.text.normal_form import normal_form

TRAITS: Final = "traits"
"""The kind of groups that tell who or what is shown: hair, eyes, body. A concept may well always have them."""

SURROUNDINGS: Final = "surroundings"
"""The kind of groups that tell where and when: background, lighting, time. A concept should not always have them."""

LOOK: Final = "look"
"""The kind of groups that tell how it is dressed, coloured, rendered."""

SEVERAL_FIGURES: Final = "several_figures"
"""The excuse for all exclusive sets that speak of one figure."""

SEVERAL_PICTURES: Final = "several_pictures"
"""The excuse for all exclusive sets: one file shows several pictures."""

Path = tuple[str | int, ...]

_KEYS: Final = (
    "groups", "roles", "exclusive", "single_subject", "excuses", "synonyms", "implications", "protected", "words",
)  # fmt: skip
_SOURCE_KEY: Final = "source"
_PATCH_KEYS: Final = ("add", "remove")
_SUGGESTION_CUTOFF: Final = 80


_COMMAS: Final = re.compile("[,，、]")


def tags_of_text(text: str) -> tuple[str, ...]:
    """The tags of a text with commas, none of them empty; of an empty text an empty one."""
    return tuple(part.strip() for part in _COMMAS.split(text) if part.strip()) or ("",)


class VocabularyError(UsageError):
    """Vocabulary data that cannot be used. `path` leads to the place in the data, `origin` is its file."""

    def __init__(self, path: Path, text: Message, *, origin: str, help: Message | None = None) -> None:
        super().__init__(text, help)
        self.path = path
        self.origin = origin


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A checked vocabulary. All tags in it are in normal form.

    Entries of `groups` and `protected` may be patterns: `score *` stands for every tag that begins with
    `score `, `* dress` for every tag that ends in ` dress`.
    """

    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Name -> tags and patterns."""

    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Kind (`traits`, `surroundings`, `look`, ...) -> names of groups. A group has one kind or none."""

    exclusive: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> tags of which one caption should carry only one."""

    single_subject: frozenset[str] = frozenset()
    """Names of the exclusive sets that speak of one figure only: two hair colours are fine for two people."""

    excuses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Name of an exclusive set -> tags and patterns beside which two of the set may both be true.

    `several_figures` excuses every set that speaks of one figure, `several_pictures` every set.
    """

    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Preferred tag -> its variants."""

    implications: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tag -> tags that are true wherever it is."""

    protected: frozenset[str] = frozenset()
    """Tags and patterns that no plan caps or drops."""

    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Name -> words and phrases of running text, which make no group of tags: praise, feelings, places."""

    tag_list: TagList | None = None
    """The user's own list of tags, which says what is a tag and nothing of its meaning; None without one."""

    _made: "_Index | None" = field(init=False, default=None, repr=False, compare=False)

    @property
    def _index(self) -> "_Index":
        # Made when it is first asked for: the parts of a merged vocabulary never are.
        made = self._made
        if made is None:
            made = _index(self)
            object.__setattr__(self, "_made", made)
        return made

    @classmethod
    def from_data(cls, data: Mapping[str, Any], origin: str) -> "Vocabulary":
        """A vocabulary from plain data, as a YAML loader yields it. Raises VocabularyError.

        `origin` is named in errors (the file's name). References between files are checked by `merged`.
        """
        reader = _Reader(origin)
        data = reader.mapping(data, ())
        reader.known_keys(data, (*_KEYS, _SOURCE_KEY))
        if not isinstance(data.get(_SOURCE_KEY, ""), str):
            raise reader.not_text((_SOURCE_KEY,), data[_SOURCE_KEY])
        found = cls(
            groups={name: frozenset(reader.entries(value, path)) for name, value, path in reader.named(data, "groups")},
            roles={name: frozenset(reader.names(value, path)) for name, value, path in reader.named(data, "roles")},
            exclusive={name: reader.tags(value, path) for name, value, path in reader.named(data, "exclusive")},
            single_subject=frozenset(reader.names(data.get("single_subject", []), ("single_subject",))),
            excuses={
                name: frozenset(reader.entries(value, path)) for name, value, path in reader.named(data, "excuses")
            },
            synonyms={tag: reader.tags(value, path) for tag, value, path in reader.tagged(data, "synonyms")},
            implications={tag: reader.tags(value, path) for tag, value, path in reader.tagged(data, "implications")},
            protected=frozenset(reader.entries(data.get("protected", []), ("protected",))),
            words={name: frozenset(reader.tags(value, path)) for name, value, path in reader.named(data, "words")},
        )
        _check(found, reader)
        return found

    @classmethod
    def merged(cls, *parts: "Vocabulary", origin: str = "the merged vocabulary") -> "Vocabulary":
        """All parts as one: what has the same name is united, in the order of the parts.

        Raises VocabularyError where parts disagree, or name a group or set that no part has.
        """
        found = cls(
            groups=_united_sets(part.groups for part in parts),
            roles=_united_sets(part.roles for part in parts),
            exclusive=_united(part.exclusive for part in parts),
            single_subject=frozenset().union(*(part.single_subject for part in parts)),
            excuses=_united_sets(part.excuses for part in parts),
            synonyms=_united(part.synonyms for part in parts),
            implications=_united(part.implications for part in parts),
            protected=frozenset().union(*(part.protected for part in parts)),
            words=_united_sets(part.words for part in parts),
        )
        reader = _Reader(origin)
        _check(found, reader)
        _check_references(found, reader)
        return found

    def patched(self, patch: Mapping[str, Any], origin: str = "the policy") -> "Vocabulary":
        """This vocabulary with the `vocabulary:` value of a policy applied. Raises VocabularyError.

        A list replaces, `{add: [...], remove: [...]}` changes, an unknown name is new. An empty list takes an
        exclusive set, a tag's synonyms or its implications away. Where the patch contradicts the vocabulary
        the patch wins: a new preferred spelling takes over the old one's variants, a group moves to its new kind.
        """
        reader = _Reader(origin)
        patch = reader.mapping(patch, ())
        reader.known_keys(patch, _KEYS)
        groups = reader.patched_each(self.groups, patch, "groups", reader.entries)
        exclusive = reader.patched_each(self.exclusive, patch, "exclusive", reader.tags)
        excuses = reader.patched_each(self.excuses, patch, "excuses", reader.entries)
        implications = reader.patched_each(self.implications, patch, "implications", reader.tags)
        left = {name: members for name, members in exclusive.items() if members}
        unchanged: dict[str, list[str]] = {"add": []}
        found = Vocabulary(
            groups={name: frozenset(tags) for name, tags in groups.items()},
            roles=self._patched_roles(patch, reader),
            exclusive=left,
            single_subject=frozenset(
                reader.patched(
                    self.single_subject & left.keys(),
                    patch.get("single_subject", unchanged),
                    ("single_subject",),
                    reader.names,
                )
            ),
            excuses={
                name: frozenset(tags)
                for name, tags in excuses.items()
                if tags and (name in left or name not in exclusive)
            },
            synonyms=self._patched_synonyms(patch, reader),
            implications={tag: implied for tag, implied in implications.items() if implied},
            protected=frozenset(
                reader.patched(self.protected, patch.get("protected", unchanged), ("protected",), reader.entries)
            ),
            words={
                name: frozenset(tags)
                for name, tags in reader.patched_each(self.words, patch, "words", reader.tags).items()
            },
        )
        _check(found, reader, changed=[tag for tag, _, _ in reader.tagged(patch, "implications")])
        _check_references(found, reader)
        return found

    def _patched_roles(self, patch: Mapping[str, Any], reader: "_Reader") -> dict[str, frozenset[str]]:
        roles = dict(self.roles)
        for kind, value, path in reader.named(patch, "roles"):
            groups = frozenset(reader.patched(roles.get(kind, ()), value, path, reader.names))
            roles = {other: names - groups for other, names in roles.items()}
            roles[kind] = groups
        return roles

    def _patched_synonyms(self, patch: Mapping[str, Any], reader: "_Reader") -> dict[str, tuple[str, ...]]:
        synonyms = {preferred: list(variants) for preferred, variants in self.synonyms.items()}
        preferred_of = {variant: preferred for preferred, variants in synonyms.items() for variant in variants}
        for preferred, value, path in reader.tagged(patch, "synonyms"):
            variants = reader.patched(synonyms.get(preferred, ()), value, path, reader.tags)
            for variant in synonyms.pop(preferred, ()):
                del preferred_of[variant]
            taken = dict.fromkeys(variants)
            for variant in variants:
                # A spelling that was preferred so far brings its variants along.
                for inherited in synonyms.pop(variant, ()):
                    del preferred_of[inherited]
                    if inherited != preferred:
                        taken[inherited] = None
            for tag in (preferred, *taken):
                before = preferred_of.pop(tag, None)
                if before is not None:
                    synonyms[before].remove(tag)
            synonyms[preferred] = list(taken)
            preferred_of.update(dict.fromkeys(taken, preferred))
        return {preferred: tuple(variants) for preferred, variants in synonyms.items() if variants}

    def groups_of(self, tag: str) -> tuple[str, ...]:
        """The names of the groups that hold the tag, sorted; empty for an unknown one."""
        return self._index.groups.of(tag)

    def in_group(self, tag: str, group: str) -> bool:
        return group in self.groups_of(tag)

    def is_known(self, tag: str) -> bool:
        """Whether some group holds the tag, by name or by a pattern."""
        return bool(self.groups_of(tag))

    def known(self, tag: str) -> bool:
        """Whether the tag means anything here: in a group, an exclusive set, among synonyms or implications, or listed.

        Patterns count, so that `* dress` makes `ohwx dress` a known tag.
        """
        index = self._index
        return (
            self.is_known(tag)
            or tag in index.named
            or bool(index.exclusive.of(tag))
            or self.is_protected(tag)
            or self.is_listed(tag)
        )

    def is_listed(self, tag: str) -> bool:
        """Whether the user's own list holds the tag, by its name or an alias."""
        return self.tag_list is not None and tag in self.tag_list

    def listed_type(self, tag: str) -> TagType | None:
        """What the user's own list says that a tag names: an artist, a work, a character, the file; None for others."""
        return None if self.tag_list is None else self.tag_list.type_of(tag)

    def listed_count(self, tag: str) -> int:
        """How often the user's own list says that a tag or alias is used; 0 where it does not say."""
        if self.tag_list is None:
            return 0
        return self.tag_list.counts.get(self.tag_list.aliases.get(tag, tag), 0)

    @property
    def listed(self) -> Mapping[str, int]:
        """The tags of the user's own list with how often each is used (0 where it does not say); empty without one.

        Aliases stand in `tag_list.aliases`.
        """
        return {} if self.tag_list is None else self.tag_list.counts

    def with_tag_list(self, tag_list: TagList | None) -> "Vocabulary":
        if tag_list is self.tag_list:
            return self
        found = replace(self, tag_list=tag_list)
        # What is looked up has nothing to do with the list.
        object.__setattr__(found, "_made", self._made)
        return found

    def is_general(self, tag: str) -> bool:
        """Whether the tag is a word for pictures in general, and so hardly a trigger word.

        It must be written out in a group that has a kind. Patterns do not count, since `* dress` also
        covers `ohwx dress`; nor do groups of a policy that gives them no kind.
        """
        return tag in self._index.general

    def is_quality_word(self, tag: str) -> bool:
        """Whether the tag praises, blames or rates the picture and says nothing of what it shows."""
        return self.in_group(tag, "quality")

    def is_trait(self, tag: str) -> bool:
        """Whether the tag tells who or what is shown: hair, eyes, body, subject, or a name of the user's own list."""
        return TRAITS in self.kinds_of(tag) or self.listed_type(tag) in ("character", "copyright")

    def words_named(self, *names: str) -> frozenset[str]:
        """The words and phrases of some lists of `words`, in normal form; nothing for an unknown list."""
        return frozenset().union(*(self.words.get(name, frozenset()) for name in names))

    def is_protected(self, tag: str) -> bool:
        return bool(self._index.protected.of(tag))

    def kind_of_group(self, group: str) -> str | None:
        """The role a group was given in `roles`; None for a group without one."""
        return self._index.kinds.get(group)

    def kinds_of(self, tag: str) -> tuple[str, ...]:
        """The kinds of the tag's groups, sorted, each once."""
        kinds = {self._index.kinds.get(group) for group in self.groups_of(tag)}
        return tuple(sorted(kind for kind in kinds if kind is not None))

    def groups_of_kind(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(self.roles.get(kind, ())))

    def tags_of_group(self, group: str) -> frozenset[str]:
        """The tags of a group with all their synonyms; patterns are left out. Empty for an unknown group."""
        return self._index.written.get(group, frozenset())

    @property
    def background_tags(self) -> frozenset[str]:
        return self.tags_of_group("background")

    @property
    def known_tags(self) -> frozenset[str]:
        """All tags that are written out in a group, with their synonyms."""
        return self._index.known

    def preferred(self, tag: str) -> str:
        """The preferred spelling of a tag; the tag itself if it has none."""
        return self._index.preferred.get(tag, tag)

    def exclusive_sets_of(self, tag: str) -> tuple[str, ...]:
        """The names of the exclusive sets that hold the tag, sorted."""
        return self._index.exclusive.of(tag)

    def excuses_of(self, tag: str) -> tuple[str, ...]:
        """What the tag excuses: names of exclusive sets, `several_figures` or `several_pictures`, sorted."""
        return self._index.excuses.of(tag)

    def implied_by(self, tag: str) -> tuple[str, ...]:
        """All tags that are true wherever the tag is, directly or not, sorted; without the tag itself."""
        seen: set[str] = set()
        open_tags = [self.preferred(tag)]
        while open_tags:
            for implied in self._index.implications.get(open_tags.pop(), ()):
                if implied not in seen:
                    seen.add(implied)
                    open_tags.append(self.preferred(implied))
        return tuple(sorted(seen - {tag}))


@dataclass(frozen=True, slots=True)
class _Labels:
    """Which labels (groups, sets) a tag has: by its own name, by its beginning, by its end.

    Patterns are kept by length, so that a lookup costs one slice per distinct length and not one per pattern.
    """

    exact: Mapping[str, tuple[str, ...]]
    beginnings: Mapping[int, Mapping[str, tuple[str, ...]]]
    ends: Mapping[int, Mapping[str, tuple[str, ...]]]

    def of(self, tag: str) -> tuple[str, ...]:
        found = self.exact.get(tag)
        return found if found is not None else self.by_pattern(tag)

    def by_pattern(self, tag: str) -> tuple[str, ...]:
        found: tuple[str, ...] = ()
        room = len(tag)
        for length, texts in self.beginnings.items():
            if length < room:
                found += texts.get(tag[:length], ())
        for length, texts in self.ends.items():
            if length < room:
                found += texts.get(tag[-length:], ())
        # Nearly all tags have one at most.
        return tuple(sorted(set(found))) if len(found) > 1 else found


@dataclass(frozen=True, slots=True)
class _Index:
    """The lookups of a vocabulary, made once."""

    groups: _Labels
    protected: _Labels
    exclusive: _Labels
    excuses: _Labels
    kinds: Mapping[str, str]
    general: frozenset[str]
    known: frozenset[str]
    written: Mapping[str, frozenset[str]]
    preferred: Mapping[str, str]
    implications: Mapping[str, tuple[str, ...]]
    named: frozenset[str]
    """What synonyms and implications speak of."""


def _index(vocabulary: Vocabulary) -> _Index:
    preferred = {variant: preferred for preferred, variants in vocabulary.synonyms.items() for variant in variants}
    kinds = {group: kind for kind, groups in sorted(vocabulary.roles.items()) for group in sorted(groups)}
    written = {
        group: _with_synonyms(entries, preferred, vocabulary.synonyms) for group, entries in vocabulary.groups.items()
    }
    implications: dict[str, tuple[str, ...]] = {}
    for tag, implied in vocabulary.implications.items():
        key = preferred.get(tag, tag)
        implications[key] = (*implications.get(key, ()), *implied)
    return _Index(
        groups=_labels(vocabulary.groups, vocabulary.synonyms),
        protected=_labels({"protected": vocabulary.protected}, vocabulary.synonyms),
        exclusive=_labels(vocabulary.exclusive, vocabulary.synonyms),
        excuses=_labels(vocabulary.excuses, vocabulary.synonyms),
        kinds=kinds,
        general=frozenset().union(*(tags for group, tags in written.items() if group in kinds)),
        known=frozenset().union(*written.values()),
        written=written,
        preferred=preferred,
        implications=implications,
        named=frozenset(
            tag
            for mapping in (vocabulary.synonyms, vocabulary.implications)
            for key, members in mapping.items()
            for tag in (key, *members)
        ),
    )


def _with_synonyms(
    entries: Iterable[str], preferred: Mapping[str, str], synonyms: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    found: set[str] = set()
    for entry in entries:
        if not _is_pattern(entry):
            best = preferred.get(entry, entry)
            found.update((entry, best, *synonyms.get(best, ())))
    return frozenset(found)


def _labels(labelled: Mapping[str, Iterable[str]], synonyms: Mapping[str, tuple[str, ...]]) -> _Labels:
    exact: dict[str, set[str]] = {}
    beginnings: dict[int, dict[str, tuple[str, ...]]] = {}
    ends: dict[int, dict[str, tuple[str, ...]]] = {}
    for label, entries in sorted(labelled.items()):
        for entry in entries:
            if not _is_pattern(entry):
                exact.setdefault(entry, set()).add(label)
                continue
            table, text = (beginnings, entry[:-1]) if entry.endswith("*") else (ends, entry[1:])
            of_length = table.setdefault(len(text), {})
            of_length[text] = (*of_length.get(text, ()), label)
    patterns = _Labels({}, beginnings, ends)
    for tag, labels in exact.items():
        labels.update(patterns.by_pattern(tag))
    for preferred, variants in synonyms.items():
        same = (preferred, *variants)
        # Patterns speak only where no spelling is written out: `twin tail` is no tail.
        shared = {label for tag in same for label in exact.get(tag, ())} or {
            label for tag in same for label in patterns.by_pattern(tag)
        }
        if shared:
            exact.update(dict.fromkeys(same, shared))
    return _Labels({tag: tuple(sorted(labels)) for tag, labels in exact.items()}, beginnings, ends)


def _is_pattern(entry: str) -> bool:
    return entry.endswith("*") or entry.startswith("*")


def _united(mappings: Iterable[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for mapping in mappings:
        for name, members in mapping.items():
            found.setdefault(name, {}).update(dict.fromkeys(members))
    return {name: tuple(members) for name, members in found.items()}


def _united_sets(mappings: Iterable[Mapping[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for mapping in mappings:
        for name, members in mapping.items():
            found[name] = found.get(name, frozenset()) | members
    return found


class _Reader:
    """Reads plain data of one origin and says where something is wrong."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def error(self, path: Path, template: str, help: Message | None = None, **values: str) -> VocabularyError:
        text = message(template, key=_dotted(path), origin=self.origin, **values)
        return VocabularyError(path, text, origin=self.origin, help=help)

    def not_text(self, path: Path, value: object) -> VocabularyError:
        return self.error(
            path,
            "{key} in {origin} must be a text, not {shown}",
            help=message('put it in quotes: "{shown}"', shown=_shown(value))
            if isinstance(value, int | float)
            else None,
            shown=_shown(value),
        )

    def mapping(self, value: object, path: Path) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise self.error(path, "{key} in {origin} must be a mapping of names, not {shown}", shown=_shown(value))
        for key in value:
            if not isinstance(key, str):
                raise self.not_text((*path, str(key)), key)
        return value

    def known_keys(self, data: Mapping[str, Any], known: tuple[str, ...], path: Path = ()) -> None:
        for key in data:
            if key not in known:
                raise self.error(
                    (*path, key),
                    "unknown key {key} in {origin}",
                    help=self._meant(key, known) or message("known keys: {keys}", keys=known),
                )

    def named(self, data: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any, Path]]:
        """The entries of a mapping from names: name, value, path."""
        for name, value in self.mapping(data.get(key, {}), (key,)).items():
            if not name.strip():
                raise self.error((key, name), "{key} in {origin}: a name is empty")
            yield name, value, (key, name)

    def tagged(self, data: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any, Path]]:
        """The entries of a mapping from tags: tag in normal form, value, path. A key may hold several tags."""
        seen: dict[str, str] = {}
        for written, value in self.mapping(data.get(key, {}), (key,)).items():
            path = (key, written)
            for part in tags_of_text(written):
                tag = self.tag(part, path)
                if tag in seen:
                    raise self.error(path, '{key} in {origin}: "{other}" stands before it already', other=seen[tag])
                seen[tag] = part
                yield tag, value, path

    def tag(self, value: object, path: Path) -> str:
        if not isinstance(value, str):
            raise self.not_text(path, value)
        tag = normal_form(value)
        if not tag:
            raise self.error(path, "{key} in {origin}: a tag is empty")
        if _is_pattern(tag):
            raise self.error(path, '{key} in {origin}: "{tag}" is a pattern, but a tag is needed here', tag=value)
        return tag

    def entry(self, value: object, path: Path) -> str:
        """A tag or a pattern with `*` at one end."""
        if not isinstance(value, str) or not _is_pattern(value.strip()):
            return self.tag(value, path)
        pattern = value.strip()
        text = pattern[:-1] if pattern.endswith("*") else pattern[1:]
        tag = normal_form(text)
        if not tag or "*" in text:
            raise self.error(
                path,
                '{key} in {origin}: "{pattern}" needs some text and one * at its beginning or end',
                pattern=value,
            )
        # The space beside the * is part of the pattern: `* dress` is no sundress.
        if pattern.endswith("*"):
            return f"{tag} *" if _is_gap(text[-1]) else f"{tag}*"
        return f"* {tag}" if _is_gap(text[0]) else f"*{tag}"

    def entries(self, value: object, path: Path) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.entry(item, where) for item, where in self._listed(value, path)))

    def tags(self, value: object, path: Path) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.tag(item, where) for item, where in self._listed(value, path)))

    def names(self, value: object, path: Path) -> tuple[str, ...]:
        found: list[str] = []
        for item, where in self._listed(value, path):
            if not isinstance(item, str):
                raise self.not_text(where, item)
            found.append(item)
        return tuple(dict.fromkeys(found))

    def patched(self, before: Iterable[str], value: object, path: Path, read: "_Read") -> tuple[str, ...]:
        """`before` replaced by a list, or changed by `{add: [...], remove: [...]}`."""
        if not isinstance(value, Mapping):
            return read(value, path)
        value = self.mapping(value, path)
        self.known_keys(value, _PATCH_KEYS, path)
        found = dict.fromkeys(before)
        for part, place in self._listed(value.get("remove", []), (*path, "remove")):
            if not isinstance(part, str):
                raise self.not_text(place, part)
            for item in read(part, place):
                if item not in found:
                    raise self.error(
                        place,
                        '{key} in {origin}: there is no "{item}" to remove',
                        help=self._meant(item, tuple(sorted(found))),
                        item=item,
                    )
                del found[item]
        found.update(dict.fromkeys(read(value.get("add", []), (*path, "add"))))
        return tuple(found)

    def all_known(self, names: Iterable[str], known: Collection[str], path: Path) -> None:
        for name in sorted(names):
            if name not in known:
                raise self.error(
                    path,
                    '{key} in {origin} names "{name}", which does not exist',
                    help=self._meant(name, tuple(sorted(known))),
                    name=name,
                )

    def patched_each(
        self, before: Mapping[str, Iterable[str]], patch: Mapping[str, Any], key: str, read: "_Read"
    ) -> dict[str, tuple[str, ...]]:
        """The lists of one key of the vocabulary, with the patch's lists in their place or on top of them."""
        # Implications go by tags, the others by names.
        changes = self.tagged(patch, key) if key == "implications" else self.named(patch, key)
        found = {name: tuple(members) for name, members in before.items()}
        for name, value, path in changes:
            found[name] = self.patched(found.get(name, ()), value, path, read)
        return found

    def _listed(self, value: object, path: Path) -> Iterator[tuple[object, Path]]:
        """The members of a list, or of a text with commas, each with its place. List members may hold commas too."""
        if isinstance(value, str):
            yield from ((part, path) for part in tags_of_text(value))
            return
        if not isinstance(value, list | tuple):
            raise self.error(path, "{key} in {origin} must be a text or a list, not {shown}", shown=_shown(value))
        for index, item in enumerate(value):
            place = (*path, index)
            if isinstance(item, str):
                yield from ((part, place) for part in tags_of_text(item))
            else:
                yield item, place

    def _meant(self, name: str, known: tuple[str, ...]) -> Message | None:
        nearest = process.extractOne(name, known, score_cutoff=_SUGGESTION_CUTOFF)
        return message('did you mean "{name}"?', name=nearest[0]) if nearest else None


_Read = Callable[[object, Path], tuple[str, ...]]


def _check(found: Vocabulary, reader: _Reader, *, changed: Collection[str] = ()) -> None:
    """What must hold within any vocabulary, whole or part. `changed` are tags whose implications a patch gave."""
    kind_of: dict[str, str] = {}
    for kind, groups in sorted(found.roles.items()):
        for group in sorted(groups):
            if group in kind_of:
                raise reader.error(
                    ("roles", kind),
                    '{key} in {origin}: the group "{group}" already has the role {other}',
                    group=group,
                    other=kind_of[group],
                )
            kind_of[group] = kind
    for name, members in found.exclusive.items():
        if len(members) < 2:
            raise reader.error(("exclusive", name), "{key} in {origin} needs at least two tags")
    preferred_of: dict[str, str] = {}
    for preferred, variants in found.synonyms.items():
        for variant in variants:
            # A tag that is its own variant ends here as well: it is a preferred tag.
            other = variant if variant in found.synonyms else preferred_of.get(variant)
            if other is not None:
                raise reader.error(
                    ("synonyms", preferred),
                    '{key} in {origin}: "{variant}" cannot be a variant of it, since it belongs to "{other}"',
                    variant=variant,
                    other=other,
                )
            preferred_of[variant] = preferred
    circle = _circle(found.implications)
    if circle:
        # It begins where the patch closed it.
        start = next((place for place, tag in enumerate(circle) if tag in changed), 0)
        circle = (*circle[start:], *circle[:start])
        raise reader.error(
            ("implications", circle[0]),
            "{key} in {origin} implies itself: {chain}",
            chain=" → ".join((*circle, circle[0])),
        )


def _check_references(found: Vocabulary, reader: _Reader) -> None:
    """What must hold once all parts are together."""
    for kind, groups in sorted(found.roles.items()):
        reader.all_known(groups, found.groups, ("roles", kind))
    reader.all_known(found.single_subject, found.exclusive, ("single_subject",))
    reader.all_known(found.excuses, {*found.exclusive, SEVERAL_FIGURES, SEVERAL_PICTURES}, ("excuses",))


def _circle(implications: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """One circle of implications, empty if there is none. Depth first, each tag once, without recursion."""
    done: set[str] = set()
    for start in implications:
        trail: dict[str, Iterator[str]] = {}
        if start not in done:
            trail[start] = iter(implications[start])
        while trail:
            tag = next(reversed(trail))
            following = next(trail[tag], None)
            if following is None:
                done.add(tag)
                del trail[tag]
            elif following in trail:
                tags = tuple(trail)
                return tags[tags.index(following) :]
            elif following not in done:
                trail[following] = iter(implications.get(following, ()))
    return ()


def _is_gap(character: str) -> bool:
    return character == "_" or character.isspace()


def _dotted(path: Path) -> str:
    """`groups.background.add[2]`; the top is called vocabulary."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "vocabulary"


def _shown(value: object) -> str:
    """A value that is in the wrong place, in YAML's notation and short."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{...}"
    if isinstance(value, list | tuple):
        return "[...]"
    return f'"{value}"' if isinstance(value, str) else str(value)
