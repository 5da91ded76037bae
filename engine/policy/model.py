"""The effective policy: what every rule, the profile, the vocabulary, the plan and the gate were told, and by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from tagmetry.finding import Severity
from tagmetry.options import built, options_of
from tagmetry.plan.options import BalanceOptions
from tagmetry.profile import DeclaredConcept, Origin, Profile, ProfileOptions, Setting
from tagmetry.rule import Rule

FailOn = Literal["error", "warning", "info", "never"]
FAIL_ON: Final = ("error", "warning", "info", "never")


@dataclass(frozen=True, slots=True)
class Told:
    """A value and who told it: `place` is `file:line`, a built-in policy's name, or the flag."""

    value: Any
    place: str
    origin: Origin = "policy"


RESET: Final = object()
"""The value of a `Told` that takes an option back to its default (`null` in a policy)."""


@dataclass(frozen=True, slots=True)
class ListPatch:
    """`{add: [...], remove: [...]}` on a list option."""

    add: tuple[Any, ...] = ()
    remove: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class RulePatch:
    """What one place of one layer says about one rule. Values have the option's type, or are RESET or a ListPatch."""

    rule: str
    severity: Told | None = None
    options: Mapping[str, Told] = field(default_factory=lambda: MappingProxyType({}))
    because: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One policy file, built-in policy, or the command line. `vocabulary` is plain data, already checked."""

    name: str
    source: str
    rules: tuple[RulePatch, ...] = ()
    profile: Mapping[str, Told] = field(default_factory=lambda: MappingProxyType({}))
    concepts: tuple[DeclaredConcept, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    vocabulary: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    balance: Mapping[str, Told] = field(default_factory=lambda: MappingProxyType({}))
    fail_on: Told | None = None


@dataclass(frozen=True, slots=True)
class EffectiveRule:
    """A rule as this run calls it. `severity` None leaves the rule's own severity and its proposals.

    `origins` says for each option where its value comes from: a source label (`S0`, `tagmetry`, ...), a place
    in a policy, or a flag.
    """

    rule: Rule
    severity: Severity | None
    severity_place: str
    options: Any
    origins: Mapping[str, str]

    @property
    def enabled(self) -> bool:
        return self.severity is not Severity.OFF


@dataclass(frozen=True, slots=True)
class Policy:
    """Layers in the order of application; later ones win field by field."""

    name: str
    sources: tuple[str, ...]
    sha256: str
    layers: tuple[Layer, ...]

    def with_layer(self, layer: Layer) -> "Policy":
        return Policy(self.name, self.sources, self.sha256, (*self.layers, layer))

    def rule(self, rule: Rule) -> EffectiveRule:
        """The rule's severity and options with the origin of each."""
        known = options_of(rule.options)
        values = {name: option.default for name, option in known.items()}
        origins: dict[str, str] = {name: option.info.source for name, option in known.items()}
        severity = Severity.OFF if rule.status == "preview" else None
        severity_place = ""
        for layer in self.layers:
            for patch in layer.rules:
                if patch.rule != rule.id and patch.rule not in rule.aliases:
                    continue
                if patch.severity is not None:
                    severity, severity_place = patch.severity.value, patch.severity.place
                for name, told in patch.options.items():
                    if told.value is RESET:
                        values[name], origins[name] = known[name].default, known[name].info.source
                    elif isinstance(told.value, ListPatch):
                        kept = [member for member in values[name] if member not in told.value.remove]
                        added = [member for member in told.value.add if member not in kept]
                        values[name], origins[name] = (*kept, *added), told.place
                    else:
                        values[name], origins[name] = told.value, told.place
        return EffectiveRule(rule, severity, severity_place, built(rule.options, values), MappingProxyType(origins))

    def rules(self, rules: Iterable[Rule]) -> tuple[EffectiveRule, ...]:
        return tuple(self.rule(rule) for rule in rules)

    def profile(self) -> Profile:
        """What the layers say; inference fills the rest later."""
        settings = {name: Setting(known.default) for name, known in options_of(ProfileOptions).items()}
        concepts: dict[str, DeclaredConcept] = {}
        roles: dict[str, tuple[str, ...]] = {}
        for layer in self.layers:
            for name, told in layer.profile.items():
                if told.value is RESET:
                    settings[name] = Setting(options_of(ProfileOptions)[name].default)
                else:
                    settings[name] = Setting(told.value, told.origin, told.place)
            concepts.update({concept.name: concept for concept in layer.concepts})
            roles.update(layer.roles)
        return Profile(MappingProxyType(settings), tuple(concepts.values()), MappingProxyType(roles))

    def balance(self) -> BalanceOptions:
        values: dict[str, Any] = {}
        for layer in self.layers:
            for name, told in layer.balance.items():
                if told.value is RESET:
                    values.pop(name, None)
                else:
                    values[name] = told.value
        return BalanceOptions(**values)

    def vocabulary_patches(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """(who, patch) in the order of application."""
        return tuple((layer.source, layer.vocabulary) for layer in self.layers if layer.vocabulary)

    @property
    def fail_on(self) -> FailOn:
        chosen: FailOn = "error"
        for layer in self.layers:
            if layer.fail_on is not None:
                chosen = layer.fail_on.value
        return chosen
