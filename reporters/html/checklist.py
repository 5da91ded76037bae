"""The short checklist for training Flux: seven points, each answered by the rules that judge it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Report, RuleOutcome, Severity, Translator, msgid
from tagmetry.reporters.html.findings import card_anchor
from tagmetry.reporters.html.wording import COUNTED, counted, severity_mark

POINTS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (
        "size",
        msgid("All images are large enough, and about the same size"),
        (
            "resolution-below-base-model",
            "inconsistent-resolution",
            "few-full-size-images",
            "bucket-upscaled",
            "extreme-dimensions",
        ),
    ),
    (
        "ratio",
        msgid("All images have about the same shape"),
        ("extreme-aspect-ratio", "bucket-crop-loss", "bucket-underfilled", "too-thin-for-bucket"),
    ),
    ("lighting", msgid("Light and colours are alike"), ("uneven-conditions", "tonal-outlier", "skewed-palette")),
    (
        "pictures",
        msgid("The pictures show one subject in one way"),
        ("mixed-identities", "mixed-rendering", "odd-color-mode", "near-duplicate-ratio", "dominant-cluster"),
    ),
    (
        "captions",
        msgid("The captions say what is seen"),
        (
            "missing-caption",
            "missing-caption-fields",
            "contradictory-tags",
            "tag-image-mismatch",
            "mood-words-to-review",
            "inconsistent-style-words",
            "shared-caption",
            "template-captions",
            "duplicate-caption-mismatch",
            "script-unknown-to-t5",
            "caption-too-long",
        ),
    ),
    (
        "bad",
        msgid("Bad pictures are taken out"),
        (
            "unreadable-image",
            "blank-image",
            "blurry-image",
            "extreme-compression",
            "letterbox-bars",
            "exact-duplicates",
        ),
    ),
    (
        "config",
        msgid("The training config fits the folders"),
        (
            "config-data-mismatch",
            "config-misread",
            "config-rejected",
            "separator-left-in-caption",
            "stale-cache",
            "validation-images-trained",
        ),
    ),
)
"""Points with their texts and rules, in the order in which a Flux dataset is gone through by hand."""


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One rule's answer; `anchor` leads to its worst card, empty where it found nothing."""

    rule: str
    look: str
    told: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Point:
    id: str
    text: str
    look: str
    told: str
    answers: tuple[RuleAnswer, ...]


def checklist(report: Report, say: Translator) -> tuple[Point, ...]:
    """The seven points under base model flux; nothing under another."""
    setting = report.policy.profile.get("base_model")
    if setting is None or setting.value != "flux":
        return ()
    outcomes = {line.rule: line for line in report.rules}
    found: dict[str, dict[Severity, int]] = {}
    for finding in report.findings:
        if finding.status == "open":
            of_rule = found.setdefault(finding.rule, {})
            of_rule[finding.severity] = of_rule.get(finding.severity, 0) + 1
    return tuple(_point(name, text, rules, outcomes=outcomes, found=found, say=say) for name, text, rules in POINTS)


def _point(
    name: str,
    text: str,
    rules: tuple[str, ...],
    *,
    outcomes: Mapping[str, RuleOutcome],
    found: Mapping[str, Mapping[Severity, int]],
    say: Translator,
) -> Point:
    answers = [_answer(outcomes[rule], found.get(rule, {}), say) for rule in rules if rule in outcomes]
    total: dict[Severity, int] = {}
    for rule in rules:
        for severity, n in found.get(rule, {}).items():
            total[severity] = total.get(severity, 0) + n
    judged = any(outcomes[rule].outcome in ("clean", "found") for rule in rules if rule in outcomes)
    if total:
        look = severity_mark(max(total), say).look
        told = _counts(total, say)
    elif judged:
        look, told = "good", say.text("nothing found")
    else:
        look, told = "skipped", say.text("not judged")
    # What found something stands first, then what was clean; what did not judge last.
    answers.sort(key=lambda answer: (not answer.anchor, answer.look != "good", answer.rule))
    return Point(name, say.text(text), look, told, tuple(answers))


def _answer(line: RuleOutcome, found: Mapping[Severity, int], say: Translator) -> RuleAnswer:
    if found:
        worst = max(found)
        return RuleAnswer(line.rule, severity_mark(worst, say).look, _counts(found, say), card_anchor(worst, line.rule))
    if line.outcome in ("clean", "found"):
        return RuleAnswer(line.rule, "good", say.text("nothing found"), "")
    return RuleAnswer(line.rule, "skipped", say.text("not judged"), "")


def _counts(found: Mapping[Severity, int], say: Translator) -> str:
    return ", ".join(counted(COUNTED[severity], found[severity], say) for severity in sorted(found, reverse=True))
