"""Files of policy tests: found, read, and checked before anything runs, each mistake with its place."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

from tagmetry.errors import UsageError
from tagmetry.globs import GlobError, compiled
from tagmetry.messages import Message, message
from tagmetry.options import OptionError, coerced, options_of
from tagmetry.policy.diagnostics import Problems, Span
from tagmetry.policy.expressions.names import FORMATS, MODES
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.yaml_reader import (
    Limits,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    read_policy_file,
    read_yaml,
)
from tagmetry.profile import ProfileOptions

MOST_IMAGES: Final = 10_000
"""Images of one case."""

VERSION_KEY: Final = "tagmetry-test"
_DECLARATION: Final = re.compile(rb"""^(?:\xef\xbb\xbf)?["']?tagmetry-test["']?[ \t]*:""", re.MULTILINE)
_LIMITS: Final = Limits(nodes=50_000)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_FILE_KEYS: Final = (VERSION_KEY, "policy", "profile", "set", "defaults", "cases")
_CASE_KEYS: Final = (
    "name",
    "because",
    "profile",
    "set",
    "today",
    "images",
    "files",
    "findings",
    "nothing_else",
    "outcomes",
    "gate",
    "verdict",
    "metrics",
    "plan",
    "diagnosis",
)
_DIAGNOSIS_KEYS: Final = ("signs", "first", "images", "changes", "warned")
_FINDING_KEYS: Final = ("rule", "severity", "status", "path", "concept", "about", "says", "limit", "origin", "n")
_HEADER_KEYS: Final[Mapping[str, type]] = {
    "width": int,
    "height": int,
    "format": str,
    "mode": str,
    "has_alpha": bool,
    "frames": int,
    "exif_orientation": int,
    "size_bytes": int,
}
_LIKENESS_KEYS: Final = ("copy_of", "like", "mirror_of")
IMAGE_KEYS: Final = ("path", "n", "caption", "unreadable", *_LIKENESS_KEYS, *_HEADER_KEYS)
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "severity": ("error", "warning", "info"),
    "status": ("open", "suppressed", "tolerated"),
    "gate": ("pass", "fail"),
    "verdict": ("ready", "ready-with-warnings", "not-ready", "incomplete"),
    "outcomes": ("found", "clean", "skipped", "off", "failed"),
}
_UNPORTABLE: Final = re.compile(r'[<>:"|?*\\\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image as a case describes it. `figures` are the features that were given, by the name written.

    `copy_of`, `like` and `mirror_of` name an image of the case whose file or picture this one is. `caption` None means
    that there is no caption file.
    """

    path: str
    caption: str | None
    header: Mapping[str, Any]
    figures: Mapping[str, tuple[Any, Span]]
    copy_of: str = ""
    like: str = ""
    mirror_of: str = ""
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """What a finding has to be; None for what the case leaves open. `n` findings of that form are expected."""

    rule: str
    span: Span
    severity: str | None = None
    status: str | None = None
    path: str | None = None
    concept: str | None = None
    about: str | None = None
    says: str | None = None
    limit: float | None = None
    origin: str | None = None
    n: int = 1


@dataclass(frozen=True, slots=True)
class Expected:
    """One value with its place. Decimals written are decimals compared."""

    value: Any
    span: Span
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class ExpectedDiagnosis:
    """What `tagmetry diagnose` has to say of a symptom; None for what the case leaves open.

    `signs` are the rules that are signs of it, `first` what is to be done first, `images` patterns of the images that
    its steps name, `changes` those to the plan. `warned` says whether it is told in advance, without a symptom.
    """

    symptom: str
    span: Span
    signs: tuple[str, ...] | None = None
    first: str | None = None
    images: tuple[str, ...] | None = None
    changes: tuple[str, ...] | None = None
    warned: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what is given, and what is expected. `settings` are texts as of `--set`."""

    name: str
    span: Span
    images: tuple[ImageRow, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    today: date | None = None
    findings: tuple[ExpectedFinding, ...] = ()
    findings_span: Span | None = None
    nothing_else: bool = False
    outcomes: Mapping[str, Expected] = field(default_factory=dict)
    gate: Expected | None = None
    verdict: Expected | None = None
    metrics: Mapping[str, Expected] = field(default_factory=dict)
    plan: MappingNode | None = None
    diagnosis: tuple[ExpectedDiagnosis, ...] = ()

    @property
    def named_rules(self) -> frozenset[str]:
        return frozenset({*(one.rule for one in self.findings), *self.outcomes})


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file with cases. `policy` is a file or name as written, None for the nearest policy from the file upward."""

    path: Path
    shown: str
    policy: str | None
    policy_span: Span | None
    cases: tuple[Case, ...]


def files_with_cases(places: tuple[Path, ...]) -> list[Path]:
    """The test files among and below some places, in order. Raises UsageError where there are none.

    Of the YAML files in a folder those are tests that begin a line with `tagmetry-test:`.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            below = sorted(path for path in place.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
            found += [path for path in below if _declares_tests(path)]
        else:
            found.append(place)
    if not found:
        shown = ", ".join(str(place) for place in places)
        raise UsageError(
            message("there are no policy tests in {folder}", folder=shown),
            message("a test file is YAML and begins with: {line}", line=f"{VERSION_KEY}: 1"),
        )
    return list(dict.fromkeys(found))


def _declares_tests(path: Path) -> bool:
    try:
        return _DECLARATION.search(path.read_bytes()) is not None
    except OSError:
        return False


def read_case_file(path: Path, *, shown: str) -> CaseFile:
    """The cases of a file. Raises PolicyError with all that is wrong with it."""
    problems = Problems()
    data = read_policy_file(path, shown=shown)
    root = read_yaml(data, file=shown, limits=_LIMITS)
    found = _Reader(problems).file(root, path, shown)
    problems.raise_if_any()
    return found


@dataclass(slots=True)
class _Reader:
    problems: Problems

    def file(self, root: MappingNode, path: Path, shown: str) -> CaseFile:
        self._keys(root, _FILE_KEYS, "the test file")
        version = root.get(VERSION_KEY)
        if not isinstance(version, ScalarNode) or version.value != 1 or isinstance(version.value, bool):
            span = version.span if version is not None else root.span
            text = message("the file does not say which version of policy tests it is written in")
            self._wrong(text, span, message("begin it with: {line}", line=f"{VERSION_KEY}: 1"))
        policy = root.get("policy")
        chosen = self._text(policy, "policy")
        if chosen is not None and (help := _outside(chosen)) is not None:
            assert policy is not None
            self._wrong(message("'{name}' is not relative to this file", name=chosen), policy.span, help)
        profile, settings = self._profile(root.get("profile")), self._settings(root.get("set"))
        defaults = root.get("defaults")
        if defaults is not None and not isinstance(defaults, MappingNode):
            self._wrong(message("'{key}' is a mapping", key="defaults"), defaults.span)
        cases = []
        for node in self._members(root, "cases", "the test file"):
            if isinstance(node, MappingNode):
                case = self.case(node, profile, settings, defaults if isinstance(defaults, MappingNode) else None)
                cases.append(case)
            else:
                self._wrong(message("a case is a mapping of what is given and what is expected"), node.span)
        names: dict[str, Span] = {}
        for case in cases:
            if case.name in names:
                first = str(names[case.name].line)
                self._wrong(message("a case of this name stands in line {line} already", line=first), case.span)
            names.setdefault(case.name, case.span)
        return CaseFile(path, shown, chosen, None if policy is None else policy.span, tuple(cases))

    def case(
        self, node: MappingNode, profile: Mapping[str, Any], settings: tuple[str, ...], defaults: MappingNode | None
    ) -> Case:
        self._keys(node, _CASE_KEYS, "a case")
        name = node.get("name")
        if name is None:
            self._wrong(message("a case has no '{key}'", key="name"), node.span)
        today = node.get("today")
        images = tuple(self._images(node, defaults))
        paths = {row.path for row in images}
        files = self._files(node.get("files"), paths)
        case = Case(
            name=self._text(name, "name") or "",
            span=name.span if name is not None else node.span,
            images=images,
            files=files,
            profile=MappingProxyType({**profile, **self._profile(node.get("profile"))}),
            settings=(*settings, *self._settings(node.get("set"))),
            today=self._day(today),
            findings=tuple(self._findings(node)),
            findings_span=node.key_span("findings") if "findings" in node else None,
            nothing_else=self._flag(node.get("nothing_else"), "nothing_else"),
            outcomes=MappingProxyType(self._outcomes(node.get("outcomes"))),
            gate=self._choice(node.get("gate"), "gate"),
            verdict=self._choice(node.get("verdict"), "verdict"),
            metrics=MappingProxyType(self._metrics(node.get("metrics"))),
            plan=self._plan(node.get("plan")),
            diagnosis=tuple(self._diagnosis(node.get("diagnosis"))),
        )
        if not any(key in node for key in ("findings", "nothing_else", "outcomes", *_EXPECTATIONS)):
            self._wrong(
                message("the case expects nothing, so it could never fail"),
                case.span,
                message("say what is expected: findings, outcomes, gate, verdict, metrics, plan or diagnosis"),
            )
        return case

    def _images(self, case: MappingNode, defaults: MappingNode | None) -> Iterator[ImageRow]:
        seen: dict[str, str] = {}
        n = 0
        for node in self._members(case, "images", "a case"):
            if not isinstance(node, MappingNode):
                self._wrong(message("an image is a mapping with a '{key}'", key="path"), node.span)
                continue
            given = {key.text: (key.span, value) for key, value in defaults.items} if defaults is not None else {}
            given |= {key.text: (key.span, value) for key, value in node.items}
            for row in self._rows(node, given):
                n += 1
                if n > MOST_IMAGES:
                    self._wrong(message("a case has at most {n:count} images", n=MOST_IMAGES), node.span)
                    return
                folded = row.path.casefold()
                if folded in seen:
                    text = message("the image {path} is there twice", path=row.path)
                    self._wrong(text, node.span, message("write {number} in the path of several images", number="{n}"))
                    return
                seen[folded] = row.path
                yield row

    def _rows(self, node: MappingNode, given: Mapping[str, tuple[Span, Node]]) -> Iterator[ImageRow]:
        """One row, or `n` of them, in whose path and caption `{n}` is the number."""
        path_node = given["path"][1] if "path" in given else None
        path = self._text(path_node, "path")
        if path is None:
            if path_node is None:
                self._wrong(message("an image has no '{key}'", key="path"), node.span)
            return
        count = self._whole(given["n"][1], "n", low=1) if "n" in given else 1
        help = _outside(path) or _unportable(path)
        if help is not None:
            assert path_node is not None
            self._wrong(message("'{path}' is no path of an image", path=path), path_node.span, help)
            return
        header = {key: self._fact(key, given[key][1]) for key in _HEADER_KEYS if key in given}
        figures = {
            key: (value, span)
            for key, (span, one) in given.items()
            if key not in IMAGE_KEYS and (value := self._figure(key, span, one)) is not None
        }
        likeness = {key: self._text(given[key][1], key) or "" for key in _LIKENESS_KEYS if key in given}
        caption = self._caption(given["caption"][1]) if "caption" in given else None
        unreadable = self._flag(given["unreadable"][1], "unreadable") if "unreadable" in given else False
        for number in range(1, count + 1):
            shown = f"{number:0{len(str(count))}d}"
            yield ImageRow(
                path.replace("{n}", shown),
                None if caption is None else caption.replace("{n}", shown),
                MappingProxyType({key: value for key, value in header.items() if value is not None}),
                MappingProxyType(figures),
                unreadable=unreadable,
                **likeness,
            )

    def _caption(self, node: Node) -> str | None:
        if isinstance(node, ScalarNode) and node.value is None:
            return None
        return self._text(node, "caption")

    def _fact(self, key: str, node: Node) -> Any:
        wanted = _HEADER_KEYS[key]
        if key in ("format", "mode"):
            known = FORMATS if key == "format" else MODES
            text = self._text(node, key)
            if text is not None and text not in known:
                near = did_you_mean(text, known)
                help = message("did you mean '{near}'?", near=near) if near else _one_of(known)
                self._wrong(message("{key} is {value}, which is none", key=key, value=text), node.span, help)
            return text
        if wanted is bool:
            return self._flag(node, key)
        return self._whole(node, key, low=0 if key == "size_bytes" else 1)

    def _figure(self, key: str, span: Span, node: Node) -> Any:
        """A figure of a feature, or several of one that has them; whether there is such a feature is seen later."""
        if isinstance(node, SequenceNode):
            values = [self._figure(key, span, one) for one in node.items]
            return None if None in values else tuple(values)
        if isinstance(node, ScalarNode) and isinstance(node.value, int | float):
            return node.value
        near = did_you_mean(key, IMAGE_KEYS)
        help = message("did you mean '{near}'?", near=near) if near else message("figures of features are numbers")
        self._wrong(message("an image has no key '{key}'", key=key), span, help)
        return None

    def _files(self, node: Node | None, images: set[str]) -> Mapping[str, str]:
        """Further files of the dataset, such as `multiply.txt`, by their paths."""
        found: dict[str, str] = {}
        for key, span, value in self._entries(node, "files"):
            text = self._text(value, key)
            help = _outside(key) or _unportable(key)
            if help is not None or key in images:
                self._wrong(message("'{path}' is no path of a further file", path=key), span, help)
            elif text is not None:
                found[key] = text
        return MappingProxyType(found)

    def _profile(self, node: Node | None) -> Mapping[str, Any]:
        known = options_of(ProfileOptions)
        found: dict[str, Any] = {}
        for key, span, value in self._entries(node, "profile"):
            if key not in known:
                near = did_you_mean(key, known)
                help = (
                    message("did you mean '{near}'?", near=near)
                    if near
                    else message("roles and concepts stand in the policy; here stand single values of the profile")
                )
                self._wrong(message("the profile has no single value '{key}'", key=key), span, help)
            elif isinstance(value, ScalarNode):
                try:
                    found[key] = "null" if value.value is None else coerced(known[key], value.value)
                except OptionError as error:
                    self._wrong(error.text, value.span)
            else:
                self._wrong(message("{key} is a single value", key=key), value.span)
        return MappingProxyType(found)

    def _settings(self, node: Node | None) -> tuple[str, ...]:
        found = []
        for key, _, value in self._entries(node, "set"):
            if isinstance(value, ScalarNode):
                found.append(f"{key}={value.raw}")
            else:
                self._wrong(message("{key} is a single value", key=key), value.span)
        return tuple(found)

    def _findings(self, case: MappingNode) -> Iterator[ExpectedFinding]:
        node = case.get("findings")
        if node is None:
            return
        if not isinstance(node, SequenceNode):
            self._wrong(message("'{key}' is a list", key="findings"), case.key_span("findings"))
            return
        for one in node.items:
            if not isinstance(one, MappingNode) or "rule" not in one:
                text = message("an expected finding is a mapping with a '{key}'", key="rule")
                self._wrong(text, one.span, message("write for example: {line}", line="- {rule: missing-caption}"))
                continue
            self._keys(one, _FINDING_KEYS, "an expected finding")
            rule = one.get("rule")
            limit, n = one.get("limit"), one.get("n")
            assert rule is not None
            yield ExpectedFinding(
                rule=self._text(rule, "rule") or "",
                span=rule.span,
                severity=self._chosen(one.get("severity"), "severity"),
                status=self._chosen(one.get("status"), "status"),
                path=self._pattern(one.get("path")),
                concept=self._text(one.get("concept"), "concept"),
                about=self._text(one.get("about"), "about"),
                says=self._text(one.get("says"), "says"),
                limit=self._number(limit, "limit") if limit is not None else None,
                origin=self._text(one.get("origin"), "origin"),
                n=self._whole(n, "n", low=1) if n is not None else 1,
            )

    def _outcomes(self, node: Node | None) -> dict[str, Expected]:
        found = {}
        for key, span, value in self._entries(node, "outcomes"):
            chosen = self._choice(value, "outcomes")
            if chosen is not None:
                found[key] = Expected(chosen.value, span)
        return found

    def _metrics(self, node: Node | None) -> dict[str, Expected]:
        found = {}
        for key, _, value in self._entries(node, "metrics"):
            number = self._number(value, key)
            if number is not None:
                found[key] = expected(value)
        return found

    def _plan(self, node: Node | None) -> MappingNode | None:
        if node is None or isinstance(node, MappingNode):
            return node
        self._wrong(message("'{key}' is a mapping", key="plan"), node.span)
        return None

    def _diagnosis(self, node: Node | None) -> Iterator[ExpectedDiagnosis]:
        for symptom, span, one in self._entries(node, "diagnosis"):
            if not isinstance(one, MappingNode) or not one.items:
                text = message("an expected diagnosis is a mapping of {keys}", keys=", ".join(_DIAGNOSIS_KEYS))
                self._wrong(text, one.span)
                continue
            self._keys(one, _DIAGNOSIS_KEYS, "an expected diagnosis")
            warned = one.get("warned")
            yield ExpectedDiagnosis(
                symptom,
                span,
                signs=self._texts(one.get("signs"), "signs"),
                first=self._text(one.get("first"), "first"),
                images=self._patterns(one.get("images")),
                changes=self._texts(one.get("changes"), "changes"),
                warned=None if warned is None else self._flag(warned, "warned"),
            )

    # Single values

    def _texts(self, node: Node | None, key: str) -> tuple[str, ...] | None:
        if node is None:
            return None
        if not isinstance(node, SequenceNode):
            self._wrong(message("'{key}' is a list", key=key), node.span)
            return None
        return tuple(text for one in node.items if (text := self._text(one, key)) is not None)

    def _patterns(self, node: Node | None) -> tuple[str, ...] | None:
        if node is None or not isinstance(node, SequenceNode):
            return self._texts(node, "images")
        return tuple(text for one in node.items if (text := self._pattern(one)) is not None)

    def _text(self, node: Node | None, key: str) -> str | None:
        if node is None:
            return None
        if isinstance(node, ScalarNode) and node.value is not None:
            return node.raw
        self._wrong(message("'{key}' is a text", key=key), node.span)
        return None

    def _flag(self, node: Node | None, key: str) -> bool:
        if node is None:
            return False
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        self._wrong(message("'{key}' is true or false", key=key), node.span)
        return False

    def _whole(self, node: Node, key: str, *, low: int) -> int:
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, int) and not isinstance(value, bool) and low <= value < 2**31:
            return value
        self._wrong(message("'{key}' is a whole number from {low:count} on", key=key, low=low), node.span)
        return low

    def _number(self, node: Node, key: str) -> float | None:
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        self._wrong(message("'{key}' is a number", key=key), node.span)
        return None

    def _day(self, node: Node | None) -> date | None:
        text = self._text(node, "today")
        if node is None or text is None:
            return None
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass  # told below, as what has another form is
        self._wrong(message("'{key}' is a day", key="today"), node.span, message("write a day as 2027-03-31"))
        return None

    def _pattern(self, node: Node | None) -> str | None:
        text = self._text(node, "path")
        if text is None:
            return None
        try:
            compiled(text)
        except GlobError as error:
            assert node is not None
            self._wrong(error.text, node.span)
            return None
        return text

    def _choice(self, node: Node | None, key: str) -> Expected | None:
        if node is None:
            return None
        text = self._text(node, key)
        if text is None:
            return None
        if text not in _CHOICES[key]:
            near = did_you_mean(text, _CHOICES[key])
            help = message("did you mean '{near}'?", near=near) if near else _one_of(_CHOICES[key])
            self._wrong(message("'{value}' is not one of what {key} takes", value=text, key=key), node.span, help)
            return None
        return Expected(text, node.span)

    def _chosen(self, node: Node | None, key: str) -> str | None:
        found = self._choice(node, key)
        return None if found is None else str(found.value)

    def _members(self, node: MappingNode, key: str, owner: str) -> tuple[Node, ...]:
        members = node.get(key)
        if isinstance(members, SequenceNode) and len(members):
            return members.items
        span = node.key_span(key) if members is not None else node.span
        self._wrong(message("{owner} has no '{key}', which is a list", owner=owner, key=key), span)
        return ()

    def _entries(self, node: Node | None, key: str) -> Iterator[tuple[str, Span, Node]]:
        if isinstance(node, MappingNode):
            yield from ((one.text, one.span, value) for one, value in node.items)
        elif node is not None:
            self._wrong(message("'{key}' is a mapping", key=key), node.span)

    def _keys(self, node: MappingNode, known: tuple[str, ...], owner: str) -> None:
        for key, _ in node.items:
            if key.text not in known:
                near = did_you_mean(key.text, known)
                help = message("did you mean '{near}'?", near=near) if near else _one_of(known)
                self._wrong(message("{owner} has no key '{key}'", owner=owner, key=key.text), key.span, help)

    def _wrong(self, text: Message, span: Span, help: Message | None = None) -> None:
        self.problems.add("test-form", text, span, help)


_EXPECTATIONS: Final = ("gate", "verdict", "metrics", "plan", "diagnosis")


def expected(node: Node) -> Expected:
    """A single value with the decimals that are written of it."""
    assert isinstance(node, ScalarNode)
    _, point, decimals = node.raw.partition(".")
    plain = point and decimals.isdigit()
    return Expected(node.value, node.span, len(decimals) if plain else None)


def _one_of(known: tuple[str, ...]) -> Message:
    return message("known: {names}", names=", ".join(known))


def _outside(path: str) -> Message | None:
    """What keeps a path from being relative to a folder and staying below it, as far as its form tells."""
    relative = message("write a path relative to it, with forward slashes")
    if not path.strip() or path.startswith(("/", "\\", "~")) or "\\" in path or path[1:2] == ":":
        return relative
    return None


def _unportable(path: str) -> Message | None:
    parts = PurePosixPath(path).parts
    if ".." in parts or path != "/".join(parts) or len(path) > 1000 or any(len(part) > 200 for part in parts):
        return message("write the path from the dataset's folder, as train/hats/001.png")
    if _UNPORTABLE.search(path) or any(part != part.strip(" .") and part not in (".",) for part in parts):
        return message("not every system can hold a file of this name")
    return None


def near_policy(test: CaseFile) -> str | None:
    """The policy that a test file names, as `load_policy` takes it: a built-in name, or a path from here."""
    if test.policy is None:
        return None
    if ":" in test.policy or not any(sign in test.policy for sign in "/."):
        return test.policy
    return os.path.normpath(test.path.parent / test.policy)
