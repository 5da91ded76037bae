"""From judged rules to the report: severities settled, fingerprints, the account of files, metrics, risks, verdict.

Which findings count is settled in between, by `tagmetry.settling`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from tagmetry.attributes import ATTRIBUTES, never_named, spread
from tagmetry.baseline import Comparison
from tagmetry.columns import Column, codes_of
from tagmetry.dataset import Dataset, Excluded, Samples
from tagmetry.distributions import gini, top_share
from tagmetry.failures import Failure
from tagmetry.finding import Cluster, Finding, Severity
from tagmetry.judging import Judged
from tagmetry.messages import Message, message
from tagmetry.plan.arithmetic import imbalance
from tagmetry.plan.figures import pictures
from tagmetry.plan.tag_noise import tag_noise
from tagmetry.policy.model import EffectiveRule
from tagmetry.report import (
    BaselineSummary,
    ConceptSummary,
    CoverageRow,
    DatasetSummary,
    FileAccount,
    FixedFinding,
    FolderSummary,
    ImageTable,
    Report,
    ReportedFinding,
    RuleOutcome,
    Summary,
    TagRow,
    Verdict,
)
from tagmetry.trainer_config import caption_dropout

SMALLEST_RATIO_CLUSTER: Final = 3
"""Images in a cluster from which on it counts in `near_duplicate_ratio`; pairs do not."""


def reported(judged: Sequence[Judged], effective: Mapping[str, EffectiveRule]) -> tuple[ReportedFinding, ...]:
    """All findings with settled severity and fingerprint, the worst first, then by rule, subject and key.

    `effective` holds the rules that were judged as a whole, without parts.
    """
    return worst_first([finding for _, finding in fingerprinted(judged, effective)])


def worst_first(findings: Iterable[ReportedFinding]) -> tuple[ReportedFinding, ...]:
    return tuple(sorted(findings, key=lambda one: -one.severity))


def fingerprinted(
    judged: Sequence[Judged], effective: Mapping[str, EffectiveRule]
) -> list[tuple[EffectiveRule, ReportedFinding]]:
    """All findings in order of rule and subject with severity and fingerprint, each with what its rule was told."""
    found = [(settled, finding) for one in judged for settled, finding in _settled(one, effective)]
    found.sort(key=lambda pair: _order_in_dataset(pair[1]))
    seen: Counter[tuple[object, ...]] = Counter()
    reported = []
    for settled, finding in found:
        rule = settled.rule
        severity = _severity(settled, finding)
        same = (finding.rule, finding.subject.kind, finding.subject.identity, finding.key)
        n = seen[same]
        seen[same] += 1
        remedies = rule.remedies_for(finding.message)
        told = ReportedFinding(
            fingerprint=fingerprint(finding, n),
            rule=finding.rule,
            severity=severity,
            status="open",
            message_id=finding.message,
            message=Message(rule.messages[finding.message], MappingProxyType(dict(finding.values))),
            subject=finding.subject,
            measured=finding.measured,
            limit_origin=_limit_origin(settled, finding),
            evidence=finding.evidence or rule.evidence,
            points_to=rule.points_to,
            data_remedies=tuple(Message(text, finding.values) for text in remedies.data),
            training_remedies=tuple(Message(text, finding.values) for text in remedies.training),
            location=finding.location,
            former_fingerprints=tuple(fingerprint(replace(finding, rule=name), n) for name in rule.aliases),
        )
        reported.append((settled, told))
    return reported


def _settled(one: Judged, effective: Mapping[str, EffectiveRule]) -> Iterator[tuple[EffectiveRule, Finding]]:
    """Each finding of a rule with what the rule was told there."""
    if not one.parts:
        yield from ((effective[one.rule.id], finding) for finding in one.findings)
    for part in one.parts:
        yield from ((part.settled, finding) for finding in part.findings)


def _order_in_dataset(finding: Finding) -> tuple[object, ...]:
    line = finding.location.line if finding.location is not None else 0
    return (finding.rule, finding.subject.paths[:1], finding.subject.name, line, finding.message, finding.key)


def _severity(settled: EffectiveRule, finding: Finding) -> Severity:
    """A severity set by policy replaces the rule's proposal."""
    if settled.severity is not None:
        return settled.severity
    return finding.severity if finding.severity is not None else settled.rule.severity


def _limit_origin(settled: EffectiveRule, finding: Finding) -> str:
    if finding.measured is None:
        return ""
    if finding.measured.option is None:
        # A limit that nobody can set is the choice of who wrote the rule, unless he says otherwise.
        has_limit = finding.measured.limit is not None
        return (finding.measured.origin or settled.rule.own_choice) if has_limit else ""
    return settled.origins.get(finding.measured.option, "")


# `json.dumps` would make an encoder for each of a hundred thousand findings.
_CANONICAL: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def fingerprint(finding: Finding, n: int) -> str:
    """First 16 hex digits of SHA-256 over canonical JSON of what the finding is, never of its wording or figures."""
    subject = finding.subject
    identity: object = subject.identity[0] if len(subject.identity) == 1 else list(subject.identity)
    canonical = _CANONICAL.encode([finding.rule, subject.kind, identity, finding.key, n])
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:16]


def outcomes(
    judged: Sequence[Judged], findings: Sequence[ReportedFinding], switched_off: Iterable[str]
) -> tuple[RuleOutcome, ...]:
    """One line per rule, in order of ids: found, clean, skipped with the reason, failed with the reason, or off."""
    counts = Counter(finding.rule for finding in findings)
    lines = [RuleOutcome(rule, "off", 0) for rule in switched_off]
    for one in judged:
        n = counts[one.rule.id]
        if one.failure:
            lines.append(RuleOutcome(one.rule.id, "failed", 0, message("{reason}", reason=one.failure)))
        elif n:
            lines.append(RuleOutcome(one.rule.id, "found", n))
        elif one.skipped and not one.n_judged:
            lines.append(RuleOutcome(one.rule.id, "skipped", 0, one.skipped[0]))
        else:
            lines.append(RuleOutcome(one.rule.id, "clean", 0, one.skipped[0] if one.skipped else None))
    return tuple(sorted(lines, key=lambda line: line.rule))


def summary(findings: Sequence[ReportedFinding], *, incomplete: bool) -> Summary:
    counts = Counter(one.severity for one in findings if one.status == "open")
    verdict: Verdict = "ready"
    if incomplete:
        verdict = "incomplete"
    elif counts[Severity.ERROR]:
        verdict = "not-ready"
    elif counts[Severity.WARNING]:
        verdict = "ready-with-warnings"
    return Summary(
        error=counts[Severity.ERROR],
        warning=counts[Severity.WARNING],
        info=counts[Severity.INFO],
        suppressed=sum(1 for one in findings if one.status == "suppressed"),
        verdict=verdict,
        known=sum(1 for one in findings if one.status == "known"),
        tolerated=sum(1 for one in findings if one.status == "tolerated"),
    )


def baseline_summary(comparison: Comparison | None) -> BaselineSummary | None:
    """What a run says of its baseline; None without one."""
    if comparison is None:
        return None
    fixed = (FixedFinding(one.fingerprint, one.rule, one.severity.label, one.message) for one in comparison.fixed)
    return BaselineSummary(len(comparison.new), len(comparison.known), tuple(fixed), len(comparison.gone))


def with_failure(report: Report, failure: Failure) -> Report:
    """The report for the outputs that are still to be made, after one could not be made."""
    return replace(
        report,
        failures=(*report.failures, failure),
        summary=replace(report.summary, verdict="incomplete"),
        exit_code=3,
    )


def clusters(findings: Sequence[ReportedFinding]) -> tuple[Cluster, ...]:
    """The clusters that findings show, each once, exact ones first, then by keeper."""
    shown = {finding.subject.cluster for finding in findings if finding.subject.cluster is not None}
    return tuple(sorted(shown, key=lambda cluster: (cluster.kind, cluster.keeper, cluster.paths)))


def account(
    dataset: Dataset, findings: Sequence[ReportedFinding], n_seen: int, caption_files: set[str]
) -> tuple[FileAccount, tuple[Excluded, ...]]:
    """The account of files, and everything that is left out with its reason.

    A problem whose rule is switched off has no finding, so its file is listed among what is left out instead. A file
    that is used needs no explanation, whatever else is said of it.
    """
    used = {*dataset.paths, *caption_files}
    named = {finding.subject.paths[0] for finding in findings if finding.subject.paths}
    excluded = {entry.path: entry for entry in dataset.excluded if entry.path not in used}
    explained_problems = set()
    for problem in dataset.file_problems:
        if problem.path in excluded or problem.path in used:
            continue
        explained_problems.add(problem.path)
        if problem.path not in named:
            text = message("could not be used ({code})", code=problem.code)
            excluded[problem.path] = Excluded(problem.path, f"{problem.kind}-file", text)
    orphans = {orphan.path for orphan in dataset.captions.orphans} - set(excluded) - used
    for path in sorted(orphans - named):
        excluded[path] = Excluded(path, "caption-without-image", message("caption without an image"))
    elsewhere = (explained_problems | orphans) - set(excluded)
    explained = len(elsewhere) + sum(entry.n for entry in excluded.values())
    files = FileAccount(seen=n_seen, audited_images=dataset.n, used_captions=len(caption_files), explained=explained)
    return files, tuple(excluded[path] for path in sorted(excluded))


def dataset_summary(dataset: Dataset, files: FileAccount, excluded: tuple[Excluded, ...]) -> DatasetSummary:
    concepts = tuple(
        ConceptSummary(
            name=concept.name,
            role=concept.role,
            n=concept.n,
            effective_n=pictures(dataset, concept),
            exposure=concept.exposure,
            trigger=concept.trigger,
            trigger_origin=concept.info.trigger_origin,
            trigger_basis=concept.info.trigger_basis,
            class_word=concept.class_word,
            repeats=concept.repeats,
        )
        for concept in dataset.concepts
    )
    folders = tuple(
        FolderSummary(
            path=folder.path,
            concept=dataset.concept_infos[folder.concept].name if folder.concept >= 0 else "",
            role=dataset.concept_infos[folder.concept].role if folder.concept >= 0 else "",
            n=folder.n,
            repeats=folder.repeats,
            caption_suffixes=folder.caption_suffixes,
        )
        for folder in dataset.folders
    )
    return DatasetSummary(
        root=dataset.root.name or str(dataset.root),
        path=dataset.root,
        layout=dataset.layout,
        n_images=dataset.n,
        n_captions=int((dataset.captions.text_of >= 0).sum()),
        files=files,
        excluded=excluded,
        concepts=concepts,
        folders=folders,
        configs=dataset.config.files if dataset.config is not None else (),
    )


def metrics(dataset: Dataset) -> dict[str, float]:
    """The figures of the whole dataset; over training images unless the name says otherwise."""
    train = dataset.train
    n = train.n
    duplicates = dataset.duplicates
    clustered = [group for group in duplicates.near if len(group) >= SMALLEST_RATIO_CLUSTER]
    largest = max((len(group) for group in duplicates.near), default=0)
    frequencies = train.tag_frequencies()
    tokens = train.tokens.present()
    concepts = dataset.training_concepts
    found: dict[str, float] = {
        "n_images": dataset.n,
        "n_train": n,
        "n_reg": dataset.role("regularization").n,
        "n_concepts": len(concepts),
        "exact_duplicate_ratio": _share(sum(len(group) - 1 for group in duplicates.exact), n),
        "near_duplicate_ratio": _share(sum(len(group) for group in clustered), n),
        "largest_cluster_share": _share(largest, n),
        "effective_n": dataset.effective_n,
        "caption_missing_ratio": _share(int((~train.captioned).sum()), n),
        "captionless_share": captionless_share(train),
        "vocabulary_size": len(frequencies),
        "tag_noise": tag_noise(train),
        "concept_imbalance": imbalance([concept.exposure for concept in concepts]),
        "exposures_per_epoch": sum(concept.exposure for concept in concepts),
    }
    found |= _tag_figures(dataset)
    if len(tokens):
        found["caption_tokens_median"] = float(np.median(tokens))
        found["caption_tokens_max"] = float(tokens.max())
    if n:
        found["short_side_px_min"] = int(train.short_side_px.min())
        found["short_side_px_median"] = float(np.median(train.short_side_px))
    return {name: _plain(value) for name, value in found.items()}


def captionless_share(samples: Samples) -> float:
    """How much is trained without a caption: images that have none, and what caption dropout leaves out of the rest."""
    dropout = caption_dropout(samples.dataset)[samples.rows]
    return float(np.where(samples.captioned, dropout, 1.0).mean()) if samples.n else 0.0


TOP_TAGS: Final = 10
"""Tags whose share of all that captions say is `top_k_share`."""


def _tag_figures(dataset: Dataset) -> dict[str, float]:
    """How evenly the training captions spread over tags and over the values of each attribute that they name."""
    counts = dataset.train.tag_images
    found = {"tag_gini": gini(counts[counts > 0]), "top_k_share": top_share(counts, TOP_TAGS)}
    for group in ATTRIBUTES:
        of = spread(dataset.train, (group,))
        if of.named:
            found[f"entropy_{group}"] = of.evenness
    return found


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _plain(value: float) -> float:
    """Whole numbers as int, so that they read as such in every output."""
    return int(value) if float(value).is_integer() and not isinstance(value, float) else float(value)


def image_table(dataset: Dataset) -> ImageTable:
    captions = dataset.captions
    width, height, size_bytes = (dataset.columns[name] for name in ("width", "height", "size_bytes"))
    assert isinstance(width, Column) and isinstance(height, Column) and isinstance(size_bytes, Column)
    names = tuple(info.name for info in dataset.concept_infos)
    return ImageTable(
        paths=dataset.paths,
        content=dataset.content,
        concept=codes_of([names[number] for number in dataset.concept_of]),
        role=dataset.roles,
        width=width,
        height=height,
        size_bytes=size_bytes,
        tokens=dataset.samples.tokens,
        captions=tuple(captions.texts[text] if text >= 0 else "" for text in captions.text_of),
        text_of=captions.text_of,
        tags=captions.tags,
        tag_names=captions.names,
    )


COVERAGE_VALUES: Final = 10
"""Values of an attribute that a row of the coverage names; the others are counted."""


def coverage(dataset: Dataset) -> tuple[CoverageRow, ...]:
    """What the captions of each training concept say of each attribute, and what they never say."""
    estimated = dataset.profile.caption_style == "sentences"
    return tuple(
        CoverageRow(
            concept=concept.name,
            group=group,
            n=of.n,
            named=of.named,
            n_values=len(of.values),
            values=tuple((name, n) for name, _, n in of.values[:COVERAGE_VALUES]),
            entropy=of.evenness if of.n_sets > 1 else None,
            never=never_named(concept, group),
            estimated=estimated,
        )
        for concept in dataset.training_concepts
        if concept.captioned.any()
        for group in ATTRIBUTES
        for of in (spread(concept, (group,)),)
    )


def tag_rows(dataset: Dataset) -> tuple[TagRow, ...]:
    """Tags of each training concept, most frequent first; none for sentences, whose parts are no tags."""
    if dataset.profile.caption_style == "sentences":
        return ()
    return tuple(
        TagRow(concept.name, tag.name, tag.n, tag.share)
        for concept in dataset.training_concepts
        for tag in concept.tag_frequencies()
    )
