"""Finding and loading plugins: each by itself, so that a broken one is named and the others work."""

import contextlib
import importlib.metadata
import inspect
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import pluggy

from tagmetry import hookspecs
from tagmetry.errors import PluginError
from tagmetry.failures import Failure, reason_of
from tagmetry.feature import Feature
from tagmetry.hookspecs import GROUP, LocaleSource, PolicySource, VocabularySource
from tagmetry.layout import Layout
from tagmetry.messages import Message, english, message
from tagmetry.plugin_parts import check_feature, check_kind, check_layout, check_reporter, check_rule, check_source
from tagmetry.policy.kinds.kind import Kind
from tagmetry.policy.kinds.registered import KINDS
from tagmetry.report import PluginOutcome
from tagmetry.reporter import Reporter
from tagmetry.rule import Rule

OWN_DISTRIBUTION: Final = "tagmetry"


@dataclass(frozen=True, slots=True)
class Plugins:
    """Everything that the loaded plugins registered, by name, and what became of each plugin.

    `provider` says for each rule, feature, layout and reporter object which plugin brought it, `policy_provider` for
    each policy by its name. `left_out` names the
    plugins of other distributions that were not to be loaded.
    """

    rules: Mapping[str, Rule]
    features: Mapping[str, Feature]
    layouts: Mapping[str, Layout]
    reporters: Mapping[str, Reporter]
    policies: Mapping[str, PolicySource]
    vocabularies: tuple[VocabularySource, ...]
    locales: tuple[LocaleSource, ...]
    outcomes: tuple[PluginOutcome, ...]
    provider: Mapping[Rule | Feature | Layout | Reporter, PluginOutcome] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    policy_provider: Mapping[str, PluginOutcome] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    """From which policies make rules: Tagmetry's own, then those of plugins."""

    @property
    def failed(self) -> tuple[PluginOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.outcome == "failed")

    @property
    def failures(self) -> tuple[Failure, ...]:
        return tuple(
            Failure("plugin", outcome.name, outcome.name, outcome.version, outcome.reason) for outcome in self.failed
        )

    def is_own(self, part: Rule | Feature | Layout | Reporter) -> bool:
        """Whether a part comes with Tagmetry itself."""
        return self.provider[part].distribution == OWN_DISTRIBUTION

    def way_out(self, name: str, known: Iterable[str], otherwise: Message) -> Message:
        """What to tell somebody who named a rule, policy, reporter or option that is not there.

        A name with a namespace is a plugin's, so a plugin that did not load comes before the nearest known name.
        """
        from tagmetry.policy.suggestions import did_you_mean

        near = did_you_mean(name, known)
        foreign = any(sign in name for sign in "/:")
        if near is not None and not (foreign and (self.failed or self.left_out)):
            return message("did you mean {near}?", near=near)
        if self.failed:
            told = "; ".join(f"{one.name} {one.version} ({one.reason})" for one in self.failed)
            return message("a plugin that did not load may bring it: {plugins}", plugins=told)
        if self.left_out:
            told = ", ".join(self.left_out)
            return message("a plugin that --no-plugins leaves out may bring it: {plugins}", plugins=told)
        return otherwise


@dataclass(slots=True)
class _Registered:
    rules: dict[str, Rule] = field(default_factory=dict)
    features: dict[str, Feature] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    reporters: dict[str, Reporter] = field(default_factory=dict)
    policies: dict[str, PolicySource] = field(default_factory=dict)
    vocabularies: list[VocabularySource] = field(default_factory=list)
    locales: list[LocaleSource] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    kind_provider: dict[str, PluginOutcome] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    provider: dict[Rule | Feature | Layout | Reporter, PluginOutcome] = field(default_factory=dict)
    policy_provider: dict[str, PluginOutcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """An entry point with the distribution that it belongs to."""

    distribution: str
    version: str
    entry: importlib.metadata.EntryPoint

    @property
    def own(self) -> bool:
        return self.distribution == OWN_DISTRIBUTION

    def outcome(self, reason: str = "") -> PluginOutcome:
        return PluginOutcome(
            self.entry.name, self.version, "failed" if reason else "loaded", reason, distribution=self.distribution
        )


def load_plugins(*, foreign: bool = True) -> Plugins:
    """Load our own plugins and, unless `foreign` is false, those of other distributions, in order of names."""
    registered = _Registered()
    found, outcomes = _installed()
    outcomes = outcomes if foreign else []
    for one in found:
        if not one.own and not foreign:
            continue
        try:
            with stdout_kept_free(), _named_if_slow(one):
                parts = _called(_loaded(one.entry), one.entry.name)
                _check(parts, registered, own=one.own)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may even call sys.exit at import
            outcomes.append(one.outcome(reason_of(error, package=re.split(r"[.:]", one.entry.value.strip())[0])))
            continue
        outcome = one.outcome()
        _register(parts, registered, outcome)
        outcomes.append(outcome)
    return Plugins(
        rules=dict(sorted(registered.rules.items())),
        features=dict(sorted(registered.features.items())),
        layouts=dict(sorted(registered.layouts.items())),
        reporters=dict(sorted(registered.reporters.items())),
        policies=dict(sorted(registered.policies.items())),
        vocabularies=tuple(registered.vocabularies),
        locales=tuple(registered.locales),
        outcomes=tuple(outcomes),
        provider=MappingProxyType(registered.provider),
        kinds=MappingProxyType({**KINDS, **dict(sorted(registered.kinds.items()))}),
        left_out=() if foreign else tuple(one.entry.name for one in found if not one.own),
        policy_provider=MappingProxyType(registered.policy_provider),
    )


SLOW_SECONDS: Final = 5.0
"""So long a plugin may take to load before it is named."""


@contextlib.contextmanager
def _named_if_slow(one: _Found) -> Iterator[None]:
    """Nothing can end code that hangs in this process, but whose it is can be said."""
    if one.own:
        yield
        return
    waiting = message(
        "waiting for plugin {plugin} {version} to load; --no-plugins leaves it out",
        plugin=one.entry.name,
        version=one.version,
    )
    stream = sys.stderr
    timer = threading.Timer(SLOW_SECONDS, lambda: print(english().render(waiting), file=stream, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def stdout_kept_free() -> Iterator[None]:
    """While a plugin's code runs, what it prints goes to standard error: standard output is for results."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def _installed() -> tuple[list[_Found], list[PluginOutcome]]:
    """The entry points of our group, our own first, then by names; and distributions whose entry points are unreadable.

    The metadata is read per distribution, since one that is damaged would otherwise hide all others.
    """
    found: list[_Found] = []
    broken: list[PluginOutcome] = []
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        try:
            text = distribution.read_text("entry_points.txt") or ""
        except (OSError, ValueError):
            continue
        if f"[{GROUP}]" not in text:
            continue
        name, version = _identity(distribution)
        # The first one on the path is the one whose code is imported; an older one may lie behind it.
        if _normal(name) in seen:
            continue
        seen.add(_normal(name))
        try:
            entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
        except Exception as error:  # noqa: BLE001 - the parser raises what it happens to stumble over
            broken.append(PluginOutcome(name, version, "failed", reason_of(error), distribution=name))
            continue
        found += [_Found(_normal(name) if _normal(name) == OWN_DISTRIBUTION else name, version, e) for e in entries]
    found.sort(key=lambda one: (not one.own, one.distribution, one.entry.name, one.entry.value))
    return found, sorted(broken, key=lambda outcome: outcome.name)


def _identity(distribution: importlib.metadata.Distribution) -> tuple[str, str]:
    try:
        metadata = distribution.metadata
        return str(metadata["Name"] or "unknown"), str(metadata["Version"] or "")
    except Exception:  # noqa: BLE001 - metadata that cannot be read at all
        return "unknown", ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _loaded(entry: importlib.metadata.EntryPoint) -> Any:
    if not entry.pattern.match(entry.value):
        raise PluginError(message("its entry point {value} names no module", value=entry.value))
    return entry.load()


_HOOKS: Final[Mapping[str, type]] = {
    "tagmetry_rules": Rule,
    "tagmetry_kinds": Kind,
    "tagmetry_features": Feature,
    "tagmetry_layouts": Layout,
    "tagmetry_reporters": Reporter,
    "tagmetry_policies": PolicySource,
    "tagmetry_vocabularies": VocabularySource,
    "tagmetry_locales": LocaleSource,
}


def _called(module: Any, name: str) -> dict[str, list[Any]]:
    """What a plugin's hooks return. A plugin manager of its own keeps one plugin's failure from the others."""
    _check_hooks(module)
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(module, name=name)
    parts: dict[str, list[Any]] = {}
    for hook, wanted in _HOOKS.items():
        members: list[Any] = []
        for result in getattr(manager.hook, hook)():
            if isinstance(result, str | bytes) or not isinstance(result, Iterable):
                raise PluginError(
                    message(
                        "{hook} returned {what}; it returns a list of {wanted} objects",
                        hook=hook,
                        what=type(result).__name__,
                        wanted=wanted.__name__,
                    )
                )
            members.extend(result)
        for member in members:
            if not isinstance(member, wanted):
                raise PluginError(
                    message(
                        "{hook} gave {what}; it takes {wanted} objects",
                        hook=hook,
                        what=type(member).__name__,
                        wanted=wanted.__name__,
                    )
                )
        parts[hook] = members
    return parts


def _check_hooks(module: Any) -> None:
    """A hook with a slip in its name, or without its mark, would never be called and never be missed."""
    from tagmetry.policy.suggestions import did_you_mean

    marked = {name for name in dir(module) if getattr(getattr(module, name, None), f"{GROUP}_impl", None) is not None}
    for name in sorted(marked - set(_HOOKS)):
        near = did_you_mean(name, _HOOKS)
        raise PluginError(
            message("there is no hook {name}; did you mean {near}?", name=name, near=near)
            if near
            else message("there is no hook {name}; hooks: {hooks}", name=name, hooks=", ".join(_HOOKS))
        )
    for name in sorted(marked):
        asked = ", ".join(inspect.signature(getattr(module, name)).parameters)
        if asked:
            raise PluginError(message("the hook {name} takes no arguments, not {asked}", name=name, asked=asked))
    for name in sorted(set(_HOOKS) - marked):
        if callable(getattr(module, name, None)):
            raise PluginError(message("{name} is not marked with @hookimpl of tagmetry.api", name=name))
    if not marked:
        raise PluginError(message("it registers nothing: no function is marked with @hookimpl of tagmetry.api"))


def _check(parts: Mapping[str, list[Any]], registered: _Registered, *, own: bool) -> None:
    """Refuse what breaks a contract or takes a name that is taken. Raises PluginError."""
    rules, reporters, layouts = (
        dict(registered.rules),
        dict(registered.reporters),
        dict(registered.layouts),
    )
    for rule in parts["tagmetry_rules"]:
        check_rule(rule, own=own)
        for name in (rule.id, *rule.aliases):
            taken = rules.get(name) or rules.get(registered.aliases.get(name, ""))
            if taken is not None:
                raise _taken("rule id", name, registered.provider.get(taken))
            rules[name] = rule
    kinds: dict[str, Kind] = dict(registered.kinds)
    for kind in parts["tagmetry_kinds"]:
        check_kind(kind)
        if kind.name in kinds:
            raise _taken("kind", kind.name, registered.kind_provider.get(kind.name))
        kinds[kind.name] = kind
    for feature in _features(parts):
        check_feature(feature)
    for reporter in parts["tagmetry_reporters"]:
        check_reporter(reporter)
        if reporter.name in reporters:
            raise _taken("reporter", reporter.name, registered.provider.get(reporters[reporter.name]))
        reporters[reporter.name] = reporter
    for layout in parts["tagmetry_layouts"]:
        check_layout(layout)
        if layout.name in layouts:
            raise _taken("layout", layout.name, registered.provider.get(layouts[layout.name]))
        layouts[layout.name] = layout
    names = dict(registered.policy_provider)
    for policy in parts["tagmetry_policies"]:
        check_source(policy, own=own)
        if policy.name in names:
            raise _taken("policy", policy.name, names[policy.name])
        names[policy.name] = None  # type: ignore[assignment]
    for source in (*parts["tagmetry_vocabularies"], *parts["tagmetry_locales"]):
        check_source(source, own=own)
    if parts["tagmetry_vocabularies"] and not own:
        _check_vocabulary((*registered.vocabularies, *parts["tagmetry_vocabularies"]))


def _check_vocabulary(sources: tuple[VocabularySource, ...]) -> None:
    """With all that came before: a plugin's vocabulary may also contradict somebody else's."""
    from tagmetry.policy.diagnostics import PolicyError
    from tagmetry.policy.vocabulary import vocabulary_of

    try:
        vocabulary_of(sources)
    except PolicyError as error:
        first = error.diagnostics[0]
        place = first.span.place if first.span is not None else ""
        raise PluginError(message("{place}: {problem}", place=place, problem=first.message.english())) from error


def _taken(what: str, name: str, by: PluginOutcome | None) -> PluginError:
    if by is None:
        return PluginError(message("it gives the {what} {name} twice", what=what, name=name))
    return PluginError(
        message(
            "the {what} {name} is taken by plugin {plugin} {version}",
            what=what,
            name=name,
            plugin=by.name,
            version=by.version,
        )
    )


def _features(parts: Mapping[str, list[Any]]) -> list[Feature]:
    needed = [feature for rule in parts["tagmetry_rules"] for feature in rule.needs]
    return [*parts["tagmetry_features"], *needed]


def _register(parts: Mapping[str, list[Any]], registered: _Registered, outcome: PluginOutcome) -> None:
    for rule in parts["tagmetry_rules"]:
        registered.rules[rule.id] = rule
        registered.aliases.update(dict.fromkeys(rule.aliases, rule.id))
        registered.provider[rule] = outcome
    for kind in parts["tagmetry_kinds"]:
        registered.kinds[kind.name] = kind
        registered.kind_provider[kind.name] = outcome
    for reporter in parts["tagmetry_reporters"]:
        registered.reporters[reporter.name] = reporter
        registered.provider[reporter] = outcome
    for layout in parts["tagmetry_layouts"]:
        registered.layouts[layout.name] = layout
        registered.provider[layout] = outcome
    for policy in parts["tagmetry_policies"]:
        registered.policies[policy.name] = policy
        registered.policy_provider[policy.name] = outcome
    for feature in _features(parts):
        registered.features.setdefault(feature.key, feature)
        registered.provider.setdefault(feature, outcome)
    registered.vocabularies.extend(parts["tagmetry_vocabularies"])
    registered.locales.extend(parts["tagmetry_locales"])
