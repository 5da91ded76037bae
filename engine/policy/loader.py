"""From a name or a folder to the policy of a run: finding, reading what is extended, layering.

Loading a policy never imports, evaluates or formats anything it names. All mistakes of all files are told at once,
before any image is read.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tagmetry.errors import UsageError
from tagmetry.messages import Message, message
from tagmetry.playbooks import Playbook, merged
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import PolicyError, Problems, Span
from tagmetry.policy.form import node_at
from tagmetry.policy.kinds.defining import Around, read_definitions, with_defined
from tagmetry.policy.layer import Before, read_layer
from tagmetry.policy.model import Layer, Policy
from tagmetry.policy.schema import MOST_EXTENDS, Schema, policy_schema
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.vocabulary import plugin_vocabulary
from tagmetry.policy.yaml_reader import (
    Limits,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    declares_policy,
    read_policy_file,
    read_yaml,
)
from tagmetry.vocabulary import Vocabulary

DEFAULT_POLICY: Final = "tagmetry:recommended"
POLICY_FILES: Final = ("tagmetry.yaml", "tagmetry.yml")
PLAYBOOKS_SUFFIX: Final = ":playbooks"
BUILT_IN_PLAYBOOKS: Final = "tagmetry:playbooks"
DEEPEST_EXTENDS: Final = 8
MOST_POLICIES: Final = 100
"""Policies that one run reads; a wide net of files that extend one another would keep it busy for long."""

_LIMITS: Final = Limits(size_bytes=262_144, nodes=10_000, text_characters=16_384)
"""A policy is written by people; only vocabulary files of plugins are longer."""

_BUILT_IN_PREFIX: Final = "tagmetry:"


def find_policy(folder: Path) -> Path | None:
    """The nearest policy file from a folder upward, to the first folder with `.git`, the home folder or the top.

    Raises UsageError where both spellings stand side by side.
    """
    home = _home()
    start = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would leave the folder where a link is
    for place in (start, *start.parents):
        # What is a folder or a pipe is found as well, and refused in words when it is read.
        present = [place / name for name in POLICY_FILES if os.path.lexists(place / name)]
        if len(present) > 1:
            raise UsageError(
                message("both {one} and {other} are there", one=_shown(present[0]), other=_shown(present[1])),
                message("keep one of them, or name one with --policy"),
            )
        if present:
            return present[0]
        if os.path.lexists(place / ".git") or place in home:
            return None
    return None


def _home() -> tuple[Path, ...]:
    try:
        home = Path.home()
        return home, home.resolve()
    except (OSError, RuntimeError):  # no home folder, or links in a circle
        return ()


def folder_that_holds(paths: Sequence[Path]) -> Path:
    """The nearest folder that holds all the paths of a dataset, from where its policy is looked for.

    The paths count as they were named: with a link to a dataset, the policy lies beside the link. Raises
    UsageError for paths on different drives.
    """
    parents = [Path(os.path.abspath(path)).parent for path in paths]  # noqa: PTH100 - as above
    try:
        holding = Path(os.path.commonpath(parents))
    except ValueError as error:
        raise UsageError(
            message("the folders lie on different drives: {paths}", paths=tuple(str(path) for path in paths)),
            message("check them one by one, or move them below one folder"),
        ) from error
    # A link inside a dataset that leads back to it would let the dataset bring its own policy.
    inside = holding.resolve()
    around = [real for real in map(_real, paths) if real is not None and real in (inside, *inside.parents)]
    return min(around, key=lambda path: len(path.parts)).parent if around else holding


def load_policy(
    chosen: str | None, plugins: Plugins, *, beside: Path | None = None, policy_root: Path | None = None
) -> Policy:
    """The policy of a run: the file or name chosen, else the nearest file from `beside` upward, else recommended.

    Raises PolicyError with all that is wrong, and UsageError for a policy that is not there.
    """
    loading = _Loading(plugins)
    if chosen is None:
        found = find_policy(beside) if beside is not None else None
        if found is None or beside is None:
            return loading.built_in_policy(DEFAULT_POLICY)
        # A report names the file as seen from the dataset, wherever the command was called.
        return loading.file_policy(found, _relative(found, beside), _shown(found), policy_root)
    if (name := _built_in_name(chosen, plugins)) is not None:
        return loading.built_in_policy(name)
    if not os.path.lexists(chosen) and not any(sign in chosen for sign in "/\\."):
        names = _policy_names(plugins)
        raise UsageError(
            message("there is no policy named {name} and no such file", name=chosen),
            plugins.way_out(chosen, names, message("policies: {names}", names=", ".join(sorted(plugins.policies)))),
        )
    path = Path(chosen)
    return loading.file_policy(path, path.name if path.is_absolute() else path.as_posix(), chosen, policy_root)


def playbooks_of(policy: Policy, plugins: Plugins) -> tuple[Playbook, ...]:
    """All playbooks of a run: the built-in ones, those that plugins bring, and then the policy's.

    Raises PolicyError for a plugin's that cannot be used.
    """
    others = [name for name in playbook_policies(plugins) if name not in policy.sources]
    brought = [book for name in others for book in load_policy(name, plugins).playbooks()]
    return merged((*brought, *policy.playbooks()))


def playbook_policies(plugins: Plugins) -> list[str]:
    """The policies whose playbooks are always there: Tagmetry's, then `NAMESPACE:playbooks` of plugins by name."""
    found = [name for name in plugins.policies if name.endswith(PLAYBOOKS_SUFFIX)]
    return sorted(found, key=lambda name: (name != BUILT_IN_PLAYBOOKS, name))


def _built_in_name(chosen: str, plugins: Plugins) -> str | None:
    """`tagmetry:sdxl`, or `sdxl` for short; a file of that name is given as `./sdxl`."""
    return next((name for name in (chosen, _BUILT_IN_PREFIX + chosen) if name in plugins.policies), None)


def _policy_names(plugins: Plugins) -> list[str]:
    return [*plugins.policies, *(name.removeprefix(_BUILT_IN_PREFIX) for name in plugins.policies)]


def _shown(path: Path) -> str:
    """A path for messages: as short as it is from the current folder."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return str(path)


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return path.name


def _real(path: Path) -> Path | None:
    """The path without links; None for what leads nowhere (links in a circle, names that no file can have)."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _Text:
    """A policy's text. `label` names it in reports and origins, `shown` in errors; `folder` is where its file lies."""

    data: bytes
    label: str
    shown: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class _Chain:
    """The policies that extend one another, from the one that was chosen on: their keys and how they are shown."""

    keys: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    def with_one(self, key: str, shown: str) -> "_Chain":
        return _Chain((*self.keys, key), (*self.shown, shown))


@dataclass(slots=True)
class _Loading:
    """One load: what was read so far, in the order of the layers."""

    plugins: Plugins
    problems: Problems = field(default_factory=Problems)
    roots: tuple[Path, ...] = ()
    layers: list[Layer] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    schema: Schema = field(init=False)
    _vocabulary: Vocabulary | None = None

    def __post_init__(self) -> None:
        self.schema = policy_schema(self.plugins.rules.values(), kinds=self.plugins.kinds)

    def built_in_policy(self, name: str) -> Policy:
        self._built_in(name, None, _Chain())
        return self._finished()

    def file_policy(self, path: Path, label: str, shown: str, policy_root: Path | None) -> Policy:
        real = _real(path)
        if real is not None:
            own = next((folder for folder in real.parents if os.path.lexists(folder / ".git")), real.parent)
            widened = _real(policy_root) if policy_root is not None else None
            self.roots = (own,) if widened is None else (own, widened)
        self._file(path if real is None else real, None, _Chain(), label=label, shown=shown)
        return self._finished()

    def _finished(self) -> Policy:
        self.problems.raise_if_any()
        return self._so_far()

    def _so_far(self) -> Policy:
        return Policy(
            name=self.layers[-1].name if self.layers else "",
            sources=tuple(layer.source for layer in self.layers),
            # Of digests, so that the borders between the files count too.
            sha256=hashlib.sha256(b"".join(self.digests)).hexdigest(),
            layers=tuple(self.layers),
        )

    def _built_in(self, name: str, named_at: Span | None, chain: _Chain) -> None:
        if self._enter(name, named_at, chain, shown=name):
            text = _Text(self.plugins.policies[name].text.encode("utf-8"), name, name)
            self._read(text, chain.with_one(name, name))

    def _file(self, path: Path, named_at: Span | None, chain: _Chain, *, label: str, shown: str) -> None:
        key = os.path.normcase(path)
        if not self._enter(key, named_at, chain, shown=shown):
            return
        try:
            data = read_policy_file(path, shown=shown, named_at=named_at, limits=_LIMITS)
        except PolicyError as error:
            self.problems.extend(error.diagnostics)
            return
        if named_at is not None and not declares_policy(data):
            # A stranger's policy must not get a private file quoted in an error.
            self.problems.add(
                "policy-extends",
                message("{name} is no policy: it does not say which version of the language it is in", name=shown),
                named_at,
                message("a policy begins with: tagmetry: 1"),
            )
            return
        self._read(_Text(data, label, shown, path.parent), chain.with_one(key, shown))

    def _enter(self, key: str, named_at: Span | None, chain: _Chain, *, shown: str) -> bool:
        """Whether a policy is to be read now. Each is read once, where it is first named."""
        if key in chain.keys:
            circle = " -> ".join((*chain.shown[chain.keys.index(key) :], shown))
            text = message("policies extend each other in a circle: {chain}", chain=circle)
            self.problems.add("policy-extends-cycle", text, named_at)
            return False
        if len(chain.keys) >= DEEPEST_EXTENDS:
            row = " -> ".join((*chain.shown, shown))
            text = message("more than {n:count} policies extend one another: {chain}", n=DEEPEST_EXTENDS, chain=row)
            self.problems.add("policy-extends-depth", text, named_at)
            return False
        if key in self.done or len(self.done) > MOST_POLICIES:
            return False
        self.done.add(key)
        if len(self.done) > MOST_POLICIES:
            text = message("more than {n:count} policies extend one another", n=MOST_POLICIES)
            self.problems.add("policy-extends-many", text, named_at)
            return False
        return True

    def _read(self, text: _Text, chain: _Chain) -> None:
        """Read one policy's text, what it extends first, and add its layer."""
        try:
            root = read_yaml(text.data, file=text.shown, limits=_LIMITS, problems=self.problems)
        except PolicyError:
            return  # what stopped the reading is among the problems already
        for name, span in _extended(root):
            self._extend(name, span, chain, text)
        numbered = text.folder is not None
        before = self._so_far()
        around = Around(self.plugins, before.defined, lambda: _group_names(self._current_vocabulary(), root))
        defined, patches = read_definitions(
            root, label=text.label, numbered=numbered, around=around, problems=self.problems
        )
        if defined:
            self.plugins = with_defined(self.plugins, defined)
            self.schema = policy_schema(self.plugins.rules.values(), kinds=self.plugins.kinds)
            before = before.with_layer(Layer(text.label, text.label, rules=patches))
        layer = read_layer(
            root,
            label=text.label,
            numbered=numbered,
            schema=self.schema,
            plugins=self.plugins,
            before=Before(before, self._current_vocabulary, lambda: self._symptoms(with_plugins=numbered)),
            problems=self.problems,
        )
        layer = replace(layer, rules=(*patches, *layer.rules), defined=defined)
        self.layers.append(layer)
        self.digests.append(hashlib.sha256(text.data).digest())
        if layer.vocabulary:
            self._vocabulary = self._current_vocabulary().patched(layer.vocabulary, layer.source)

    def _symptoms(self, *, with_plugins: bool) -> frozenset[str]:
        """The symptoms of the built-in playbooks, and of those that plugins bring where a file of the user's asks."""
        names = [name for name in playbook_policies(self.plugins) if with_plugins or name == BUILT_IN_PLAYBOOKS]
        books = [book for name in names for book in _Loading(self.plugins).built_in_policy(name).playbooks()]
        return frozenset(book.symptom for book in books)

    def _current_vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            self._vocabulary = plugin_vocabulary(self.plugins)
        return self._vocabulary

    def _extend(self, name: str, span: Span, chain: _Chain, text: _Text) -> None:
        if name in self.plugins.policies:
            self._built_in(name, span, chain)
            return
        if (refusal := self._refusal(name, text.folder)) is not None:
            text_of_refusal, help = refusal
            self.problems.add("policy-extends", text_of_refusal, span, help)
            return
        assert text.folder is not None  # else it was refused
        path = _real(text.folder / name)
        if path is None or not any(root in path.parents for root in self.roots):
            self.problems.add(
                "policy-extends",
                message("'{name}' lies outside the folder that policies may be read from", name=name),
                span,
                message("move it below that folder, or widen it with --policy-root DIR"),
            )
            return
        if not os.path.lexists(path):
            near = did_you_mean(name, (*_policy_names(self.plugins), *_policy_files(path.parent, name)))
            near = _BUILT_IN_PREFIX + near if near and _BUILT_IN_PREFIX + near in self.plugins.policies else near
            self.problems.add(
                "policy-not-found",
                message("there is no file '{name}' relative to {file}", name=name, file=text.shown),
                span,
                message("did you mean '{near}'?", near=near) if near else None,
            )
            return
        label, shown = (Path(os.path.normpath(Path(of).parent / name)).as_posix() for of in (text.label, text.shown))
        self._file(path, span, chain, label=label, shown=shown)

    def _refusal(self, name: str, folder: Path | None) -> tuple[Message, Message] | None:
        """Why a name under `extends` can be no file, with the way out."""
        way = message("name a built-in policy, or a file relative to this one")
        if not name.strip():
            return message("the name of a policy is empty"), way
        if ":" in name:
            text = message("'{name}' is no installed policy, and other addresses are not read", name=name)
            spaces = {known.partition(":")[0] for known in self.plugins.policies}
            otherwise = self._names() if name.partition(":")[0] in spaces else way
            return text, self.plugins.way_out(name, self.plugins.policies, otherwise)
        if name.startswith(("/", "\\", "~")):
            return message("'{name}' is not relative to this file", name=name), way
        if "\\" in name:
            return (
                message("'{name}' has backslashes, which only Windows reads", name=name),
                message("write '{forward}'", forward=name.replace("\\", "/")),
            )
        if folder is None:
            return message("a built-in policy extends built-in policies only, not '{name}'", name=name), self._names()
        return None

    def _names(self) -> Message:
        return message("policies: {names}", names=", ".join(sorted(self.plugins.policies)))


def _extended(root: MappingNode) -> Iterable[tuple[str, Span]]:
    """What a policy extends, with the places; the schema says what is wrong with the rest."""
    node = root.get("extends")
    members: tuple[Node, ...] = node.items if isinstance(node, SequenceNode) else () if node is None else (node,)
    return [
        (member.value, member.span)
        for member in members[:MOST_EXTENDS]
        if isinstance(member, ScalarNode) and isinstance(member.value, str)
    ]


def _group_names(vocabulary: Vocabulary, root: MappingNode) -> frozenset[str]:
    """The groups and exclusive sets that rules of a policy can name, those that it adds itself among them."""
    own = (node_at(root, ("vocabulary", key))[0] for key in ("groups", "exclusive"))
    added = (key.text for node in own if isinstance(node, MappingNode) for key, _ in node.items)
    return frozenset((*vocabulary.groups, *vocabulary.exclusive, *added))


def _policy_files(folder: Path, name: str) -> list[str]:
    """The YAML files in a folder, written as `name` is."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith((".yaml", ".yml")))
    except OSError:
        return []
    before = name.rpartition("/")[0]
    return [f"{before}/{one}" if before else one for one in names]
