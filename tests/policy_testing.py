"""Policies for the tests of the policy language: a few rules with options of every kind, and two built-in policies.

    def test_...(folder):
        write("tagmetry.yaml", "extends: tagmetry:recommended")
        assert effective("tag-frequency").options.limit == 0.9

The rules and policies are those of nobody else, so that what is tested here stays when rules come and go.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent

import pytest

from tagmetry.finding import Severity
from tagmetry.hookspecs import PolicySource, VocabularySource
from tagmetry.options import NoOptions, option
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import load_policy
from tagmetry.reporter import Reporter
from tagmetry.rule import Rule


@dataclass(frozen=True, slots=True)
class RatioOptions:
    limit: float = option(0.15, "Share from which on it warns.", unit="share", low=0, high=1, source="S1")
    error_limit: float = option(0.2, "Share from which on it is an error.", unit="share", low=0, high=1, source="S1")


@dataclass(frozen=True, slots=True)
class FrequencyOptions:
    limit: float = option(0.9, "Share of the images.", unit="share", low=0, high=1, source="S0")
    min_images: int = option(10, "Smaller concepts are not judged.", unit="images", low=1, high=1000)
    ignore: tuple[str, ...] = option(("solo", "1girl"), "Tags that are not looked at.")
    sizes: tuple[int, ...] = option((512, 768), "Sides.", unit="px", low=64)
    style: str = option("auto", "How captions are written.", choices=("tags", "sentences", "auto"))
    strict: bool = option(False, "Whether it is strict.")
    word: str | None = option(None, "A word.")


@dataclass(frozen=True, slots=True)
class PageOptions:
    blur: bool = option(False, "Whether pictures are blurred.")
    columns: int = option(3, "Pictures beside each other.", low=1)


def rule(rule_id, options=NoOptions, *, severity=Severity.WARNING, scope="each_sample", **parts):
    made = Rule(id=rule_id, severity=severity, evidence="heuristic", messages={}, options=options, scope=scope, **parts)
    made.module = __name__
    return made


RULES = (
    rule("blurry-image", status="preview", aliases=("soft-image",)),
    rule("long-tail-tags", severity=Severity.INFO, scope="each_concept"),
    rule("missing-caption", severity=Severity.ERROR),
    rule("near-duplicate-ratio", RatioOptions, scope="whole_dataset"),
    rule("tag-frequency", FrequencyOptions),
    rule("acme/no-artists", status="deprecated"),
)

RECOMMENDED = """\
tagmetry: 1
name: tagmetry/recommended
rules:
  near-duplicate-ratio: {}
  tag-frequency: {}
gate: {fail_on: error}
"""

SDXL = """\
tagmetry: 1
name: tagmetry/sdxl
extends: tagmetry:recommended
profile: {base_model: sdxl}
"""

VOCABULARY = """\
groups: {background: [white background, outdoors, "* background"], hair: [blonde hair]}
roles: {surroundings: background, traits: hair}
exclusive: {time: [day, night]}
synonyms: {t-shirt: [t shirt, tee]}
implications: {sundress: dress}
protected: watermark
"""


def make_plugins(rules=RULES, *, vocabulary=VOCABULARY, features=(), **parts):
    return Plugins(
        rules={one.id: one for one in sorted(rules, key=lambda one: one.id)},
        features={feature.key: feature for feature in features},
        layouts={},
        reporters={"page": Reporter(name="page", options=PageOptions, doc="A page.", kind="file")},
        policies={
            "tagmetry:recommended": PolicySource("tagmetry:recommended", RECOMMENDED),
            "tagmetry:sdxl": PolicySource("tagmetry:sdxl", SDXL),
        },
        vocabularies=(VocabularySource("vocabulary/test.yaml", vocabulary),),
        locales=(),
        outcomes=(),
        **parts,
    )


PLUGINS = make_plugins()


def with_policies(**texts):
    """The plugins with further built-in policies: `house="..."` is `acme:house`."""
    more = {f"acme:{name}": PolicySource(f"acme:{name}", dedent(text)) for name, text in texts.items()}
    return replace(PLUGINS, policies={**PLUGINS.policies, **more})


def write(path, text="", *, version=True):
    """A policy file with the language version, beside the current folder's other files."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    head = "tagmetry: 1\n" if version else ""
    file.write_text(head + dedent(text), encoding="utf-8", newline="\n")
    return file


def load(path="tagmetry.yaml", plugins=PLUGINS, **arguments):
    return load_policy(str(path), plugins, **arguments)


def loaded(text, plugins=PLUGINS):
    """The policy of a text, without its line with the version."""
    write("tagmetry.yaml", text)
    return load("tagmetry.yaml", plugins)


def effective(policy, rule_id):
    return policy.rule(PLUGINS.rules[rule_id])


def problems(text, plugins=PLUGINS):
    """Everything that is wrong with a policy's text, as (line:column, code, text, help)."""
    with pytest.raises(PolicyError) as caught:
        loaded(text, plugins)
    return told(caught.value)


def told(error):
    return [
        (
            "" if one.span is None else f"{one.span.line}:{one.span.column}",
            one.code,
            one.message.english(),
            None if one.help is None else one.help.english(),
        )
        for one in error.diagnostics
    ]


def refused(path="tagmetry.yaml", plugins=PLUGINS, **arguments):
    """What a user sees of a policy that cannot be used."""
    with pytest.raises(PolicyError) as caught:
        load(path, plugins, **arguments)
    return str(caught.value)


def joined(*lines):
    return "\n".join(lines)


def effective_of(policy, plugins, rule_id):
    """A rule that a policy defines, or one of the plugins, as a run calls it."""
    return policy.rule(with_defined(plugins, policy.defined).rules[rule_id])
