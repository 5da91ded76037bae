"""From what the rules said to findings that count or do not, in one order for all runs.

sort, fingerprint, suppress, tell a cause once, baseline, tolerate; the gate (`runner.exit_code`) then looks at what is
still open.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tagmetry.baseline import Comparison, SavedFinding, SavedReport, compared
from tagmetry.dataset import Dataset
from tagmetry.finding import Severity, Subject
from tagmetry.globs import matches_any
from tagmetry.judging import Judged, judged_suppressions
from tagmetry.policy.match import Match, names_concept
from tagmetry.policy.model import EffectiveRule, Suppression, Tolerance
from tagmetry.report import FindingStatus, ReportedFinding, SuppressedBy
from tagmetry.reporting import fingerprinted, worst_first
from tagmetry.suppression import SuppressionUse


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What besides the rules decides which findings count. `today` ends suppressions."""

    today: date
    suppressions: tuple[Suppression, ...] = ()
    baseline: SavedReport | None = None
    watchers: tuple[EffectiveRule, ...] = ()
    """The enabled rules of scope `each_suppression`."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The findings, the worst first, with what all rules said, those that watch over suppressions among them."""

    findings: tuple[ReportedFinding, ...]
    results: tuple[Judged, ...]
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class _One:
    """A finding on its way, with what its rule was told there."""

    settled: EffectiveRule
    finding: ReportedFinding

    @property
    def is_open(self) -> bool:
        return self.finding.status == "open"


def settle(
    results: Sequence[Judged], effective: Mapping[str, EffectiveRule], dataset: Dataset, given: Circumstances
) -> Settled:
    """All findings with fingerprint and status. `effective` holds the rules that were judged as a whole."""
    found = _fingerprinted(results, effective)
    found, uses = _suppressed(found, results, dataset, given)
    found = _told_once(found)
    watched = [judged_suppressions(rule, uses) for rule in given.watchers]
    found += _fingerprinted(watched, effective)
    found.sort(key=lambda one: one.finding.rule)
    everything = (*results, *watched)
    comparison = None
    if given.baseline is not None:
        known = given.baseline.known
        found = [_with_status(one, "known") if saved(one.finding).is_among(known) else one for one in found]
        comparison = compared(given.baseline, _as_saved(found, everything))
    found = _tolerated(found, everything)
    findings = worst_first([one.finding for one in found])
    return Settled(findings, everything, comparison)


def _fingerprinted(results: Sequence[Judged], effective: Mapping[str, EffectiveRule]) -> list[_One]:
    return [_One(settled, finding) for settled, finding in fingerprinted(results, effective)]


def _with_status(one: _One, status: FindingStatus) -> _One:
    return replace(one, finding=replace(one.finding, status=status)) if one.is_open else one


def _as_saved(found: Iterable[_One], results: Iterable[Judged]) -> SavedReport:
    """This run's findings as a later run would read them."""
    return SavedReport(
        tuple(saved(one.finding) for one in found),
        frozenset(one.rule.id for one in results if (one.n_judged or not one.skipped) and not one.failure),
    )


def saved(finding: ReportedFinding) -> SavedFinding:
    """A finding of this run as it is compared with those of others."""
    return SavedFinding(
        finding.fingerprint,
        finding.rule,
        finding.severity,
        finding.status,
        finding.message.english(),
        finding.subject.name,
        finding.former_fingerprints,
    )


# Suppressions


def _suppressed(
    found: list[_One], results: Sequence[Judged], dataset: Dataset, given: Circumstances
) -> tuple[list[_One], list[SuppressionUse]]:
    """The findings with those marked that are accepted, and what each suppression met."""
    if not given.suppressions:
        return found, []
    facts = _Facts(dataset)
    places: dict[str, list[int]] = {}
    for place, one in enumerate(found):
        places.setdefault(one.finding.rule, []).append(place)
    said = {one.rule.id: one for one in results}
    marked = list(found)
    uses = []
    for suppression in given.suppressions:
        fitting = [
            place
            for place in places.get(suppression.rule, ())
            if suppression.match is None or facts.fit(suppression.match, found[place].finding.subject)
        ]
        is_expired = suppression.is_expired(given.today)
        by = SuppressedBy(
            suppression.reason,
            suppression.expires.isoformat() if suppression.expires is not None else "",
            suppression.place,
        )
        for place in () if is_expired else fitting:
            if marked[place].is_open:
                finding = replace(marked[place].finding, status="suppressed", suppressed_by=by)
                marked[place] = replace(marked[place], finding=finding)
        subjects = {_judged_subject(found[place].finding.subject) for place in fitting}
        n_findings = len(fitting)
        if suppression.different and suppression.match is not None:
            # There is no finding because of it; it is of use where there are two images to tell apart.
            n_findings += sum(matches_any(suppression.match.path, path) for path in dataset.paths) > 1
        uses.append(_use(suppression, said.get(suppression.rule), is_expired, n_findings, len(subjects)))
    return marked, uses


def _use(
    suppression: Suppression, said: Judged | None, is_expired: bool, n_findings: int, n_subjects: int
) -> SuppressionUse:
    one_by_one = said is not None and said.rule.scope in ("each_sample", "each_concept")
    return SuppressionUse(
        rule=suppression.rule,
        reason=suppression.reason,
        shown=suppression.match.shown() if suppression.match is not None else "",
        expires=suppression.expires.isoformat() if suppression.expires is not None else "",
        is_expired=is_expired,
        file=suppression.file,
        line=suppression.line,
        n_findings=n_findings,
        n_subjects=n_subjects,
        n_judged=sum(part.n for part in said.parts) if said is not None and one_by_one else 0,
        was_judged=said is not None and said.n_judged > 0 and not said.failure,
    )


@dataclass(slots=True)
class _Facts:
    """Concept and role of what findings are about, looked up by path and by name."""

    dataset: Dataset
    _rows: dict[str, int] = field(default_factory=dict)
    _roles: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rows = {path: row for row, path in enumerate(self.dataset.paths)}
        for info in self.dataset.concept_infos:
            self._roles.setdefault(info.name, set()).add(info.role)

    def fit(self, match: Match, subject: Subject) -> bool:
        """Whether a finding is meant: of several images all have to be, of an image and its caption one file.

        What a finding does not have meets no condition.
        """
        if subject.kind in ("tag", "pair", "concept"):
            name = subject.identity[0]
            return (
                (not match.path or _all(self._path_fits(match, path) for path in subject.paths))
                and (not match.concept or names_concept(match.concept, name))
                and (not match.role or not self._roles.get(name, set()).isdisjoint(match.role))
            )
        if subject.kind == "cluster":
            return _all(self._image_fits(match, path, (path,)) for path in subject.paths)
        if subject.kind == "config":
            # It is about the file; the images are those that its line concerns, as many as they may be.
            return match.meets(path=subject.paths[0], concept=None, role=None)
        return bool(subject.paths) and self._image_fits(match, subject.paths[-1], subject.paths)

    def _path_fits(self, match: Match, path: str) -> bool:
        return Match(path=match.path).meets(path=path, concept=None, role=None)

    def _image_fits(self, match: Match, image: str, files: tuple[str, ...]) -> bool:
        row = self._rows.get(image)
        concept = self.dataset.concept_infos[self.dataset.concept_of[row]].name if row is not None else None
        role = self.dataset.roles.label(row) if row is not None else None
        return any(match.meets(path=path, concept=concept, role=role) for path in files)


def _all(answers: Iterable[bool]) -> bool:
    """Whether there are answers, and all of them yes."""
    found = list(answers)
    return bool(found) and all(found)


# One cause, one finding


def _told_once(found: list[_One]) -> list[_One]:
    """The findings without the notes whose images are all named by the rules that tell the same cause.

    What is told may be suppressed, and the note is left out all the same: its cause was accepted. Warnings and errors
    stay, whoever else speaks of their images.
    """
    causes = {name for one in found for name in one.settled.rule.told_by}
    images: dict[str, set[str]] = {}
    for one in found:
        if one.finding.rule in causes:
            images.setdefault(one.finding.rule, set()).update(one.finding.subject.paths)
    return [one for one in found if not _is_told(one, images)] if images else found


def _is_told(one: _One, images: Mapping[str, set[str]]) -> bool:
    finding, named = one.finding, [images[rule] for rule in one.settled.rule.told_by if rule in images]
    if finding.severity is not Severity.INFO or not one.is_open or not named or not finding.subject.paths:
        return False
    return all(any(path in paths for paths in named) for path in finding.subject.paths)


# Tolerances


def _judged_subject(subject: Subject) -> tuple[object, ...]:
    """What was judged: an image is the same one whether a finding is about it or its caption."""
    if subject.kind in ("sample", "caption"):
        return ("sample", subject.paths[-1:])
    if subject.kind in ("tag", "pair", "concept"):
        return ("concept", subject.identity[0])
    return (subject.kind, subject.identity, subject.name)


def _tolerated(found: list[_One], results: Iterable[Judged]) -> list[_One]:
    """The findings with those marked that a tolerance covers: all of a rule where few enough subjects fail, or none.

    Parts of a dataset with different tolerances count by themselves.
    """
    judged: Counter[tuple[str, Tolerance]] = Counter()
    for one in results:
        for part in one.parts:
            if part.settled.tolerate is not None:
                judged[one.rule.id, part.settled.tolerate] += part.n
    failing: dict[tuple[str, Tolerance], set[tuple[object, ...]]] = {}
    for entry in found:
        tolerate = entry.settled.tolerate
        if entry.is_open and tolerate is not None:
            subject = entry.finding.subject
            one_by_one = entry.settled.rule.scope in ("each_sample", "each_concept")
            # A rule of the whole dataset may have several things to say of one subject; each counts.
            told = _judged_subject(subject) if one_by_one else (entry.finding.fingerprint,)
            failing.setdefault((entry.finding.rule, tolerate), set()).add(told)
    allowed = {key for key, subjects in failing.items() if key[1].allows(len(subjects), judged[key])}
    return [
        _with_status(one, "tolerated")
        if one.settled.tolerate is not None and (one.finding.rule, one.settled.tolerate) in allowed
        else one
        for one in found
    ]
