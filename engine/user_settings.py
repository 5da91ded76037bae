"""A user's own settings: language, colour, where the cache lies, lists of tags, options of outputs. Never rules.

They lie in one file of the platform's folder for settings. Flags, the environment and `--set` come before them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tagmetry.messages import Message, message
from tagmetry.policy.diagnostics import Problems, Span
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.yaml_reader import MappingNode, Node, ScalarNode, SequenceNode, read_policy_file, read_yaml

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "color": ("auto", "always", "never"),
    "progress": ("auto", "plain", "none"),
}
_KEYS: Final = ("lang", "color", "progress", "cache_dir", "tag_lists", "reporters")


@dataclass(frozen=True, slots=True)
class UserSettings:
    """`flags` are defaults of command-line flags by their names in click; `reporters` holds texts by output and option.

    `places` says where each option of an output stands.
    """

    flags: Mapping[str, Any] = field(default_factory=dict)
    reporters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)


def read_settings(path: Path) -> UserSettings:
    """The settings of a file. Raises PolicyError with all that is wrong, each with its place."""
    problems = Problems()
    root = read_yaml(read_policy_file(path), file=str(path))
    found = _Reader(path, problems).read(root)
    problems.raise_if_any()
    return found


@dataclass(slots=True)
class _Reader:
    path: Path
    problems: Problems

    def read(self, root: MappingNode) -> UserSettings:
        for key, _ in root.items:
            if key.text not in _KEYS:
                near = did_you_mean(key.text, _KEYS)
                help = (
                    message("did you mean '{near}'?", near=near)
                    if near
                    else message("settings: {names}; rules and their limits stand in policies", names=", ".join(_KEYS))
                )
                self._wrong(message("there is no setting '{key}'", key=key.text), key.span, help)
        flags: dict[str, Any] = {}
        for name in ("lang", *_CHOICES):
            if (text := self._text(root.get(name), name)) is not None:
                flags[name] = text
        if (folder := self._text(root.get("cache_dir"), "cache_dir")) is not None:
            flags["cache_dir"] = self._beside(folder)
        lists = tuple(self._lists(root.get("tag_lists")))
        if lists:
            flags["tag_lists"] = lists
        reporters: dict[str, dict[str, str]] = {}
        places: dict[tuple[str, str], str] = {}
        for reporter, _, options in self._entries(root.get("reporters"), "reporters"):
            for name, span, value in self._entries(options, reporter):
                if isinstance(value, ScalarNode):
                    reporters.setdefault(reporter, {})[name] = value.raw
                    places[reporter, name] = span.place
                else:
                    self._wrong(message("'{key}' is a single value", key=name), value.span)
        return UserSettings(MappingProxyType(flags), MappingProxyType(reporters), MappingProxyType(places))

    def _text(self, node: Node | None, key: str) -> str | None:
        if node is None:
            return None
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str) or not node.value:
            self._wrong(message("'{key}' is a text", key=key), node.span)
            return None
        if key in _CHOICES and node.value not in _CHOICES[key]:
            known = ", ".join(_CHOICES[key])
            self._wrong(
                message("{key} is {value}; it takes {known}", key=key, value=node.value, known=known), node.span
            )
            return None
        return node.value

    def _lists(self, node: Node | None) -> Iterator[Path]:
        for member in node.items if isinstance(node, SequenceNode) else () if node is None else (node,):
            if (text := self._text(member, "tag_lists")) is not None:
                path = self._beside(text)
                if not path.is_file():
                    self._wrong(message("there is no file {path}", path=str(path)), member.span)
                yield path

    def _entries(self, node: Node | None, key: str) -> Iterator[tuple[str, Span, Node]]:
        if isinstance(node, MappingNode):
            yield from ((one.text, one.span, value) for one, value in node.items)
        elif node is not None:
            self._wrong(message("'{key}' is a mapping", key=key), node.span)

    def _beside(self, text: str) -> Path:
        """Paths are relative to the file's folder, wherever a command is called."""
        return self.path.absolute().parent / Path(text).expanduser()

    def _wrong(self, text: Message, span: Span, help: Message | None = None) -> None:
        self.problems.add("settings-value", text, span, help)
