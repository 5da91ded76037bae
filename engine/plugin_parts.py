"""What each part of a plugin has to be. Broken contracts are found when a plugin is loaded, not in the middle of a run.

All checks raise PluginError with a text for the plugin's author.
"""

import math
import re
import sys
import typing
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import numpy as np

from tagmetry.errors import PluginError
from tagmetry.feature import Feature
from tagmetry.finding import Evidence, Severity
from tagmetry.hookspecs import LocaleSource, PolicySource, VocabularySource
from tagmetry.layout import Layout, Reading
from tagmetry.layouts.tree import Tree
from tagmetry.messages import Message, Plural, Template, message, read_catalogue, template_fields
from tagmetry.options import OptionError, Status, coerced, options_of, type_name
from tagmetry.policy.kinds.kind import Kind, Sort
from tagmetry.policy.schema import RULE_KEYS
from tagmetry.profile import ROLES, TRAINERS
from tagmetry.reporter import Need, Reporter
from tagmetry.rule import Remedies, Rule

OWN_NAMESPACE: Final = "tagmetry"
_WORDS = "[a-z0-9]+(?:-[a-z0-9]+)*"
_OWN_ID = re.compile(_WORDS)
_FOREIGN_ID = re.compile(rf"[a-z0-9][a-z0-9._-]*/{_WORDS}")
_OUTPUT_NAME = re.compile(rf"(?:[a-z0-9][a-z0-9._-]*/)?{_WORDS}")
_FEATURE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_POLICY_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*:[a-z0-9][a-z0-9._-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:_[A-Za-z]{2,4})?")


def check_rule(rule: Rule, *, own: bool) -> None:
    _text("a rule's id", rule.id)
    form = _OWN_ID if own else _FOREIGN_ID
    for name in (rule.id, *_tuple(rule, "aliases", rule.aliases)):
        if not form.fullmatch(name) or name.startswith(f"{OWN_NAMESPACE}/"):
            raise _wrong("rule id {name}: a plugin's rule is named namespace/kebab-case-name", name=name)
    if rule.check is None:
        raise _wrong("rule {rule} has no check: mark its function with @rule.each_sample or the like", rule=rule.id)
    if not isinstance(rule.severity, Severity) or rule.severity is Severity.OFF:
        raise _wrong("rule {rule}: severity is Severity.INFO, WARNING or ERROR", rule=rule.id)
    _one_of(rule.id, "evidence", rule.evidence, typing.get_args(Evidence))
    _one_of(rule.id, "status", rule.status, typing.get_args(Status))
    if rule.replaced_by and rule.status != "deprecated":
        raise _wrong("rule {rule} is replaced by another one, so its status is deprecated", rule=rule.id)
    for name in _tuple(rule, "told_by", rule.told_by):
        _text(f"told_by of rule {rule.id}", name)
    for role in _tuple(rule, "roles", rule.roles):
        _one_of(rule.id, "role", role, ROLES)
    for feature in _tuple(rule, "needs", rule.needs):
        if not isinstance(feature, Feature):
            raise _wrong("rule {rule}: needs holds {what}, not a Feature", rule=rule.id, what=type(feature).__name__)
    if not rule.title:
        raise _wrong(
            "rule {rule} has no documentation: it is the docstring of {module}", rule=rule.id, module=rule.module
        )
    _check_texts(rule)
    _check_options(rule.id, rule.options, forbidden=RULE_KEYS)


def check_kind(kind: Kind) -> None:
    _text("a kind's name", kind.name)
    if not _FOREIGN_ID.fullmatch(kind.name) or kind.name.startswith(f"{OWN_NAMESPACE}/"):
        raise _wrong("kind {name}: a plugin's kind is named namespace/kebab-case-name", name=kind.name)
    _text(f"the doc of kind {kind.name}", kind.doc)
    for what in ("build", "summary", "placeholders", "figure"):
        if not callable(getattr(kind, what)):
            raise _wrong("kind {name}: {what} is a function", name=kind.name, what=what)
    if not isinstance(kind.messages, Mapping) or not kind.messages:
        raise _wrong("kind {name}: messages are templates by key", name=kind.name)
    names = [field.name for field in kind.fields]
    taken = {"kind", *RULE_KEYS, "message", *options_of(kind.options)}
    for field in kind.fields:
        _one_of(kind.name, "the sort of a field", field.sort, typing.get_args(Sort))
        if not _FEATURE_NAME.fullmatch(field.name) or field.name in taken or names.count(field.name) > 1:
            raise _wrong("kind {name}: a field cannot be named {field}", name=kind.name, field=field.name)
        if field.sort == "choice" and not field.choices:
            raise _wrong("kind {name}: the field {field} has no choices", name=kind.name, field=field.name)
    _check_options(kind.name, kind.options, forbidden=("kind", "message", *RULE_KEYS))


def check_feature(feature: Feature) -> None:
    _text("a feature's name", feature.name)
    if not _FEATURE_NAME.fullmatch(feature.name):
        raise _wrong("feature {name}: a name is lower case, with _ between words", name=feature.name)
    if feature.function is None:
        raise _wrong("feature {name} has no measure function: mark it with @{name}.measure", name=feature.name)
    if not _whole(feature.version) or not _whole(feature.width) or feature.version < 1 or feature.width < 1:
        raise _wrong("feature {name}: version and width are whole numbers from 1", name=feature.name)
    try:
        kind = np.dtype(feature.dtype).kind
    except TypeError as error:
        raise _wrong("feature {name}: dtype is no type of numpy", name=feature.name) from error
    if kind not in "fiub":
        raise _wrong("feature {name}: dtype {dtype} holds no numbers", name=feature.name, dtype=str(feature.dtype))
    # Worker processes find it in the same way.
    module = sys.modules.get(feature.module)
    declared = (
        [part for part in vars(module).values() if isinstance(part, Feature) and part.key == feature.key]
        if module is not None
        else []
    )
    if not declared or any(part is not feature for part in declared):
        raise _wrong(
            "feature {name} is not the one feature of its name and version at the top level of {module}, where its "
            "function stands; worker processes look for it there",
            name=feature.name,
            module=feature.module,
        )


def check_reporter(reporter: Reporter) -> None:
    _text("a reporter's name", reporter.name)
    if not _OUTPUT_NAME.fullmatch(reporter.name):
        raise _wrong("reporter {name}: a name is lower case, with - between words", name=reporter.name)
    if reporter.function is None and reporter.saved_function is None:
        raise _wrong("reporter {name} has no render function: mark it with @reporter.render", name=reporter.name)
    _text(f"the doc of reporter {reporter.name}", reporter.doc)
    _one_of(reporter.name, "kind", reporter.kind, ("file", "folder", "either"))
    for need in reporter.needs:
        _one_of(reporter.name, "need", need, typing.get_args(Need))
    _check_options(reporter.name, reporter.options, forbidden=())


def check_layout(layout: Layout) -> None:
    _text("a layout's name", layout.name)
    if not _OUTPUT_NAME.fullmatch(layout.name):
        raise _wrong("layout {name}: a name is lower case, with - between words", name=layout.name)
    if not callable(layout.recognizes) or not callable(layout.read):
        raise _wrong("layout {name}: recognizes and read are functions", name=layout.name)


def check_rank(rank: Any) -> int:
    """What a layout's `recognizes` gives."""
    if not _whole(rank) and not isinstance(rank, bool):
        raise _wrong("recognizes gave {what}; it gives a whole number", what=type(rank).__name__)
    return int(rank)


def check_reading(reading: Any, tree: Tree) -> Reading:
    """What a layout's `read` gives: parallel lists that account for every file of the tree once."""
    if not isinstance(reading, Reading):
        raise _wrong("read gave {what}; it gives a Reading", what=type(reading).__name__)
    n = len(reading.images)
    for name in ("folder_of", "caption_files", "caption_texts"):
        if len(getattr(reading, name)) != n:
            raise _wrong("{name} is not as long as images", name=name)
    if list(reading.images) != sorted(set(reading.images)):
        raise _wrong("images are not in the order of paths, each once")
    if not all(0 <= folder < len(reading.folders) for folder in reading.folder_of):
        raise _wrong("folder_of names a folder that is not there")
    for folder in reading.folders:
        if not isinstance(folder.repeats, int | float) or not 0 < folder.repeats < math.inf:
            raise _wrong("the repeats of folder {path} are no positive number", path=folder.path)
        if folder.role is not None:
            _one_of(reading.layout, "role", folder.role, ROLES)
    if reading.trainer is not None:
        _one_of(reading.layout, "trainer", reading.trainer, TRAINERS)
    _check_account(reading, tree)
    return reading


def _check_account(reading: Reading, tree: Tree) -> None:
    images = set(reading.images)
    # A caption with a text of its own stands in a manifest, which is left out as such.
    captions = {
        path
        for path, text in zip(reading.caption_files, reading.caption_texts, strict=True)
        if path is not None and text is None
    }
    left_out = {entry.path for entry in reading.excluded}
    orphans = set(reading.orphan_captions)
    problems = {problem.path for problem in reading.problems}
    for one, other in ((images, captions | orphans | left_out | problems), (orphans, captions), (left_out, captions)):
        for path in sorted(one & other)[:1]:
            raise _wrong("{path} is accounted for twice", path=path)
    files = set(tree.paths)
    for path in sorted(files - images - captions - left_out - orphans - problems)[:1]:
        raise _wrong("{path} is no image, caption, orphan, problem or left out with a reason", path=path)
    for path in sorted((images | captions | orphans) - files)[:1]:
        raise _wrong("{path} is no file of the dataset", path=path)


def check_source(source: PolicySource | VocabularySource | LocaleSource, *, own: bool) -> None:
    if isinstance(source, LocaleSource):
        _check_catalogue(source)
        return
    _text("the name of a policy or vocabulary", source.name)
    if not isinstance(source.text, str):
        raise _wrong("{name}: its text is {what}, not str", name=source.name, what=type(source.text).__name__)
    if not isinstance(source, PolicySource):
        return
    if not _POLICY_NAME.fullmatch(source.name) or (not own and source.name.startswith(f"{OWN_NAMESPACE}:")):
        raise _wrong("policy {name}: a plugin's policy is named namespace:name", name=source.name)


def _check_texts(rule: Rule) -> None:
    if not isinstance(rule.messages, Mapping) or not rule.messages:
        raise _wrong("rule {rule}: messages are templates by key", rule=rule.id)
    for key, template in rule.messages.items():
        if not isinstance(key, str) or not isinstance(template, str | Plural):
            raise _wrong("rule {rule}: message {key} is no template", rule=rule.id, key=str(key))
    groups = [rule.remedies] if isinstance(rule.remedies, Remedies) else list(rule.remedies.values())
    if not all(isinstance(remedies, Remedies) for remedies in groups):
        raise _wrong("rule {rule}: remedies are a Remedies, or one per message key", rule=rule.id)
    if not isinstance(rule.remedies, Remedies):
        for key in rule.remedies:
            _one_of(rule.id, "remedies for the message", key, tuple(rule.messages))


def _check_options(owner: str, options: type, *, forbidden: tuple[str, ...]) -> None:
    try:
        known = options_of(options)
    except (TypeError, NameError) as error:
        raise _wrong(
            "{owner}: options is no dataclass of option(...) fields: {reason}", owner=owner, reason=str(error)
        ) from error
    names: set[str] = set()
    for option in known.values():
        for name in (option.name, *option.info.aliases):
            if name in forbidden or name in names:
                raise _wrong("{owner}: an option cannot be named {name}", owner=owner, name=name)
            names.add(name)
        if option.info.replaced_by and option.info.replaced_by not in known:
            name = option.info.replaced_by
            raise _wrong("{owner}: there is no option {name} to replace another", owner=owner, name=name)
        try:
            type_name(option)
            if option.default is not None:
                coerced(option, option.default)
        except OptionError as error:
            raise _wrong("{owner}: the default of {reason}", owner=owner, reason=error.text.english()) from error
        except (KeyError, IndexError, TypeError) as error:
            raise _wrong(
                "{owner}: option {name} has a type that policies cannot write; bool, int, float, str, tuples of them, "
                "and each with None can be written",
                owner=owner,
                name=option.name,
            ) from error


def _check_catalogue(source: LocaleSource) -> None:
    if not isinstance(source.language, str) or not _LANGUAGE.fullmatch(source.language):
        raise _wrong("language {name}: a language is a code such as ja or pt_BR", name=str(source.language))
    if not isinstance(source.po, bytes):
        raise _wrong(
            "catalogue {language}: po is {what}, not bytes", language=source.language, what=type(source.po).__name__
        )
    from babel.messages.pofile import read_po

    try:
        read_catalogue(source.po)
    except ValueError as error:
        reason = str(error)
        raise _wrong(
            "catalogue {language} cannot be read: {reason}", language=source.language, reason=reason
        ) from error
    for entry in read_po(BytesIO(source.po)):
        if entry.id and entry.string and not entry.fuzzy:
            _check_translation(source.language, _forms(entry.id), _forms(entry.string))


def _forms(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text),)


def _check_translation(language: str, texts: tuple[str, ...], translations: tuple[str, ...]) -> None:
    """A translation that asks for a value which the text does not carry would fail when it is shown."""
    try:
        known = {name for text in texts for name in template_fields(text)}
        asked = {name for text in translations for name in template_fields(text)}
    except ValueError as error:
        raise _wrong("catalogue {language}: {reason}", language=language, reason=str(error)) from error
    if asked - known:
        raise _wrong(
            'catalogue {language}: the translation of "{text}" asks for {names}, which the text does not have',
            language=language,
            text=texts[0],
            names=", ".join(sorted(asked - known)),
        )


def _text(what: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise _wrong("{what} is {value}, not a text", what=what, value=type(value).__name__)


def _tuple(rule: Rule, what: str, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise _wrong("rule {rule}: {what} is {kind}, not a tuple", rule=rule.id, what=what, kind=type(value).__name__)
    return value


def _one_of(owner: str, what: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise _wrong(
            "{owner}: {what} {value} is none of {known}",
            owner=owner,
            what=what,
            value=str(value),
            known=", ".join(known),
        )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(template: Template, **values: str) -> PluginError:
    text: Message = message(template, **values)
    return PluginError(text)
