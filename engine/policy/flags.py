"""The command line as the last layer of a policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.messages import message
from tagmetry.options import Option, OptionError, coerced, option_named, options_of
from tagmetry.plugins import Plugins
from tagmetry.policy import notices
from tagmetry.policy.form import option_members, rule_named
from tagmetry.policy.layer import locked, tolerance_of
from tagmetry.policy.model import RESET, Layer, Policy, RulePatch, Told
from tagmetry.policy.notices import Notice
from tagmetry.policy.schema import SEVERITIES
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.profile import Origin, ProfileOptions

COMMAND_LINE = "command line"


def flag_layer(
    plugins: Plugins,
    *,
    profile: Mapping[str, Any],
    settings: Sequence[str] = (),
    origins: Mapping[str, Origin] | None = None,
) -> tuple[Layer, dict[str, dict[str, str]]]:
    """The command line as the last layer, and what `--set` says to reporters: name -> option -> text.

    `profile` holds the values of the flags that were given; `settings` are the texts of `--set KEY=VALUE`, of
    which later ones win. The value `null` takes a key back to its default, as in a file. Raises UsageError naming
    the flag.
    """
    line = _CommandLine(plugins)
    known = options_of(ProfileOptions)
    for name, value in profile.items():
        _check_known(name, known, "profile")
        flag = "--" + name.replace("_", "-")
        origin: Origin = (origins or {}).get(name, "flag")
        line.profile[name] = Told(_value(known[name], value, flag), flag, origin)
    for setting in settings:
        line.set(setting)
    layer = Layer(
        name=COMMAND_LINE,
        source=COMMAND_LINE,
        rules=tuple(line.patches),
        profile=MappingProxyType(line.profile),
        notices=tuple(line.notices),
    )
    return layer, line.reporters


def with_flags(policy: Policy, layer: Layer, plugins: Plugins) -> Policy:
    """The policy with the command line on top. Raises UsageError for what a lock forbids."""
    for patch in layer.rules:
        rule = plugins.rules[patch.rule]
        lock = policy.standing(rule).lock
        if lock is not None and (key := lock.refuses(patch)) is not None:
            raise UsageError(*locked(rule.id, f"--set {rule.id}.{key}", lock))
        policy = policy.with_layer(Layer(layer.name, layer.source, rules=(patch,)))
    return replace(policy, layers=policy.layers[: len(policy.layers) - len(layer.rules)]).with_layer(layer)


@dataclass(slots=True)
class _CommandLine:
    plugins: Plugins
    profile: dict[str, Told] = field(default_factory=dict)
    patches: list[RulePatch] = field(default_factory=list)
    reporters: dict[str, dict[str, str]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def set(self, setting: str) -> None:
        """One `--set KEY=VALUE`."""
        key, equals, value = setting.partition("=")
        key = key.strip()
        owner, dot, name = key.rpartition(".")
        if not equals or not dot or not owner:
            raise UsageError(
                message("--set {setting} is not of the form KEY=VALUE", setting=setting),
                message("for example --set near-duplicate-ratio.limit=0.2 or --set profile.purpose=style"),
            )
        flag = f"--set {key}"
        rule = rule_named(owner, self.plugins)
        if rule is not None:
            self._notice(notices.of_rule(rule, owner, "--set"))
        if owner == "profile":
            known = self._option(options_of(ProfileOptions), name, owner=owner)
            self.profile[known.name] = Told(_value(known, value, flag), flag, "flag")
        elif rule is not None and name == "tolerate":
            self.patches.append(RulePatch(rule.id, tolerate=_tolerance(value, flag)))
        elif rule is not None and name == "severity":
            self.patches.append(RulePatch(rule.id, severity=_severity(value, flag)))
        elif rule is not None:
            known = self._option(options_of(rule.options), name, owner=rule.id, others=("severity", "tolerate"))
            told = Told(_value(known, value, flag), flag, "flag")
            self.patches.append(RulePatch(rule.id, options=MappingProxyType({known.name: told})))
        elif owner in self.plugins.reporters:
            known = self._option(options_of(self.plugins.reporters[owner].options), name, owner=owner)
            self.reporters.setdefault(owner, {})[known.name] = value
        else:
            known_owners = ["profile", *self.plugins.rules, *self.plugins.reporters]
            raise UsageError(
                message("--set: there is no rule, output or profile named {owner}", owner=owner),
                self.plugins.way_out(owner, known_owners, message("tagmetry rules lists the rules")),
            )

    def _option(self, known: Mapping[str, Option], name: str, *, owner: str, others: Sequence[str] = ()) -> Option:
        found = option_named(known, name)
        if found is None:
            _check_known(name, {**known, **dict.fromkeys(others)}, owner)
        assert found is not None  # else it was refused
        self._notice(notices.of_option(found, name, owner=owner, place="--set"))
        return found

    def _notice(self, notice: Notice | None) -> None:
        if notice is not None:
            self.notices.append(notice)


def _severity(value: str, flag: str) -> Told:
    word = value.strip().lower()
    if word == "null":
        return Told(RESET, flag, "flag")
    if word not in SEVERITIES:
        near = did_you_mean(word, SEVERITIES)
        raise UsageError(
            message("{flag}: {value} is not off, info, warning or error", flag=flag, value=value),
            message("did you mean {near}?", near=near) if near else None,
        )
    return Told(Severity[word.upper()], flag, "flag")


def _tolerance(value: str, flag: str) -> Told:
    if value.strip() == "null":
        return Told(RESET, flag, "flag")
    try:
        return Told(tolerance_of(value, key=flag), flag, "flag")
    except OptionError as error:
        raise UsageError(error.text) from error


def _check_known(name: str, known: Mapping[str, Any], owner: str) -> None:
    if name not in known:
        near = did_you_mean(name, known)
        raise UsageError(
            message("{owner} has no option {name}", owner=owner, name=name),
            message("did you mean {near}?", near=near)
            if near
            else message("options: {names}", names=", ".join(known) or "none"),
        )


def _value(known: Option, value: Any, flag: str) -> Any:
    if isinstance(value, str) and value.strip() == "null":
        return RESET
    if isinstance(value, str) and option_members(known) is not None:
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return coerced(known, value)
    except OptionError as error:
        raise UsageError(message("{flag}: {problem}", flag=flag, problem=error.text.english())) from error
