"""One run, from folders to a report: the order of the steps and nothing else.

plugins -> policy -> listing -> layout -> captions -> features in workers -> columns -> rules -> plan -> report
"""

import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from tagmetry import reporting
from tagmetry.assembly import ENGINE_FEATURES, Parts, assembled
from tagmetry.baseline import SavedReport
from tagmetry.cache import FeatureCache
from tagmetry.captioning import CaptionReader
from tagmetry.configs.reading import configured_reading, line_by_line, with_control_files
from tagmetry.configs.sources import sources_of
from tagmetry.dataset import Dataset
from tagmetry.duplicates.pairs import EXACT_UP_TO
from tagmetry.errors import TagmetryError, UsageError
from tagmetry.extraction import FileStamp, Limits, Record, Table, extract, pixel_digests, table_of, thumbnails
from tagmetry.failures import Failure, reason_of
from tagmetry.feature import Feature
from tagmetry.finding import Severity
from tagmetry.inference import completed_profile
from tagmetry.judging import Judged, judged_in_parts
from tagmetry.layout import Layout, Reading
from tagmetry.layouts.tree import Tree, scan
from tagmetry.messages import Message, Plural, message
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.model import Plan
from tagmetry.plugin_parts import check_rank, check_reading
from tagmetry.plugins import Plugins
from tagmetry.policy.form import rule_named
from tagmetry.policy.layer import locked
from tagmetry.policy.match import Masks, Match
from tagmetry.policy.model import Policy, RuleInParts
from tagmetry.policy.notices import of_rule, told_once
from tagmetry.policy.vocabulary import effective_vocabulary
from tagmetry.preview_data import preview_summary
from tagmetry.profile import Profile
from tagmetry.report import PolicySummary, Report, ReportedFinding, RuleText
from tagmetry.risks import risks
from tagmetry.rule import Rule
from tagmetry.settling import Circumstances, Settled, settle
from tagmetry.tag_list import TagList
from tagmetry.text import T5Counter, TokenCounter, VocabularyError, make_counter, make_t5_counter
from tagmetry.today import today
from tagmetry.trainers.settings import TrainingConfig

THUMBNAIL_SIDES_PX: Final = ((300, 256), (1000, 160))
"""Longest side of a report's pictures, by up to how many images; a page of 1,000 stays below 5 MB."""
LEAST_THUMBNAIL_PX: Final = 128
"""Longest side of the pictures of larger sets."""
MOST_NAMES: Final = 10
"""Concepts that a notice names."""

MOST_THUMBNAILS: Final = 2000
"""Pictures that one report carries at most: groups of alike images first, then those with findings."""

MOST_IN_FOLDER: Final = 100_000
"""Pictures that a folder report carries at most; they lie beside its page, about 200 MB of them."""


class Watcher(Protocol):
    """Somebody who wants to know how far the run is. Every call returns at once."""

    def phase(self, name: Message) -> None: ...

    def progress(self, done: int, total: int) -> None: ...


class Silent:
    """A watcher that does not look."""

    def phase(self, name: Message) -> None:
        return

    def progress(self, done: int, total: int) -> None:
        return


class ImageSource(Protocol):
    """Where figures come from if not from pictures."""

    def records(self, stamps: Sequence[FileStamp], features: Sequence[Feature]) -> list[Record]: ...

    def pixel_digests(self, paths: Sequence[str]) -> Mapping[str, bytes | None]: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked to do. `jobs` 0 measures in this process. `cache` None measures everything anew.

    `select` and `ignore` are rule ids; an empty `select` means all. `exports` says that a trainer's
    configuration was asked for, which is the user's yes to the plan. `baseline` is an earlier report, whose findings
    are known; `today` ends suppressions, by default the day of the run. `tag_list` is the user's own list of tags.
    """

    paths: tuple[Path, ...]
    policy: Policy
    plugins: Plugins
    jobs: int = 0
    cache: FeatureCache | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    with_thumbnails: bool = False
    every_thumbnail: bool = False
    """Of all images, as a folder report shows them, up to a larger bound."""
    exports: bool = False
    fail_on: str | None = None
    limits: Limits = field(default_factory=Limits)
    clip_vocabulary: Path | None = None
    t5_vocabulary: Path | None = None
    notices: tuple[Message, ...] = ()
    baseline: SavedReport | None = None
    today: date | None = None
    tag_list: TagList | None = None
    given: "ImageSource | None" = None
    """Figures that stand for pictures, which are then neither opened nor measured."""
    prechecks: tuple[Callable[[Profile], None], ...] = ()
    """Called with the completed profile before anything is measured; they raise UsageError for what cannot come off."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A dataset in columns, with what was noticed and what broke on the way.

    `unmeasured` are the keys of the features that gave no figure for any image because their own code failed.
    """

    dataset: Dataset
    tree: Tree
    reading: Reading
    notices: tuple[Message, ...]
    failures: tuple[Failure, ...] = ()
    unmeasured: frozenset[str] = frozenset()


def version() -> str:
    return importlib.metadata.version("tagmetry")


def run(request: Request, watcher: Watcher | None = None) -> Report:
    """Audit a dataset. Raises UsageError when there is nothing to audit, TagmetryError when measuring broke down."""
    watcher = watcher if watcher is not None else Silent()
    rules = _effective_rules(request)
    enabled = [rule for rule in rules.values() if rule.enabled]
    measured = measure(request, _needed_features(enabled), watcher)
    dataset = measured.dataset
    watcher.phase(message("judging by the rules"))
    masks = Masks(dataset)
    watchers = [rule for rule in enabled if rule.rule.scope == "each_suppression"]
    settled = settle(
        [_judged(rule, measured, masks) for rule in enabled if rule not in watchers],
        {rule_id: rule.whole for rule_id, rule in rules.items()},
        dataset,
        Circumstances(
            today=request.today or today(),
            suppressions=request.policy.suppressions(),
            baseline=request.baseline,
            watchers=tuple(rule.whole for rule in watchers),
        ),
    )
    balance = request.policy.balance()
    plan = proposed_plan(
        dataset,
        balance,
        applied=request.exports or balance.apply,
        conditions=request.policy.balance_conditions(),
    )
    return _report(request, measured, settled, plan, rules, watcher)


def _judged(rule: RuleInParts, measured: Measured, masks: Masks) -> Judged:
    """What a rule says. Without any figure of a feature that it needs, finding nothing would say nothing."""
    for feature in rule.needs:
        if feature.key in measured.unmeasured:
            reason = message("its feature {feature} failed on every image", feature=feature.name)
            return Judged(rule.rule, (), (), 0, failure=reason.english())
    return judged_in_parts(rule, measured.dataset, masks)


def measure(request: Request, features: Sequence[Feature], watcher: Watcher) -> Measured:
    """Everything up to the columns. Raises UsageError when no image is found."""
    watcher.phase(message("looking for images and captions"))
    sources = sources_of(request.paths)
    root = sources.root
    tree = scan(root, sources.folders, sources.claimed)
    profile = request.policy.profile()
    _check_trainer(profile, sources.config)
    named = configured_reading(tree, profile, sources)
    config = sources.config
    layout_failures: list[Failure] = []
    if named is not None:
        reading, config = check_reading(named[0], tree), named[1]
    else:
        reading, layout_failures = reading_of(tree, profile, request.plugins)
    if not reading.images:
        raise _nothing_found(tree, reading)
    watcher.phase(message("reading captions"))
    trainer = profile.trainer or (config.trainer if config is not None else reading.trainer)
    config = with_control_files(config, tree, reading, trainer or "")
    captions = CaptionReader(tree, reading, trainer, line_by_line=line_by_line(config), store=request.cache)
    captions.read()
    profile = completed_profile(profile, reading, captions.style(profile.roles), config)
    for check in request.prechecks:
        check(profile)
    vocabulary = effective_vocabulary(request.plugins, request.policy).with_tag_list(request.tag_list)
    stamps = {stamp.path: stamp for stamp in tree.stamps}
    wanted = [stamps[path] for path in reading.images]
    watcher.phase(message(Plural("measuring {n:count} image", "measuring {n:count} images"), n=len(wanted)))
    cache = request.cache
    given = request.given
    if given is None:
        table = extract(
            root,
            wanted,
            features,
            jobs=request.jobs,
            limits=request.limits,
            progress=watcher.progress,
            store=cache,
        )
    else:
        table = table_of(given.records(wanted, features), features)
    watcher.phase(message("comparing images"))
    dataset = assembled(
        Parts(
            tree=tree,
            reading=reading,
            profile=profile,
            vocabulary=vocabulary,
            table=table,
            captions=captions,
            counter=_counter(request.clip_vocabulary),
            t5=_t5_counter(request.t5_vocabulary) if profile.base_model == "flux" else None,
            pixel_digests=lambda files: _pixel_digests(request, root, files),
            pair_store=cache if given is None else None,
            declared_different=tuple(
                one.match.path
                for one in request.policy.suppressions()
                if one.different and one.match is not None and not one.is_expired(request.today or today())
            ),
            config=config,
        )
    )
    notices = [
        *request.notices,
        *_names_on_their_way_out(request),
        *(request.tag_list.notices() if request.tag_list is not None else ()),
    ]
    if cache is not None:
        notices.extend(cache.told())
    notices.extend(_notices(dataset))
    notices.extend(_concepts_without_images(dataset, request.policy))
    notices.extend(_overrides_without_images(dataset, request.policy))
    broken, unmeasured = _broken_features(table, request.plugins)
    return Measured(dataset, tree, reading, tuple(notices), (*layout_failures, *broken), unmeasured)


def _pixel_digests(request: Request, root: Path, files: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """SHA-256 of the decoded pixels by path; `files` gives that of each file. Known ones come from the cache."""
    if request.given is not None:
        return dict(request.given.pixel_digests(list(files)))
    known = request.cache.pixels(files.values()) if request.cache is not None else {}
    wanted = [path for path, digest in files.items() if digest not in known]
    measured = pixel_digests(root, wanted, jobs=request.jobs, limits=request.limits)
    if request.cache is not None:
        request.cache.keep_pixels({files[path]: pixels for path, pixels in measured.items() if pixels is not None})
    return {**{path: known.get(digest) for path, digest in files.items()}, **measured}


def _check_trainer(profile: Profile, config: TrainingConfig | None) -> None:
    """Raises UsageError where a config belongs to another trainer than the one that was named."""
    if config is None or profile.trainer in (None, config.trainer):
        return
    raise UsageError(
        message(
            "{file} is a config of {trainer}, and the profile names {other}",
            file=config.files[0],
            trainer=config.trainer,
            other=str(profile.trainer),
        ),
        message("leave --trainer out, or give the folder alone"),
    )


def _broken_features(table: Table, plugins: Plugins) -> tuple[list[Failure], frozenset[str]]:
    """The features whose own code failed, and the keys of those that failed on every readable image."""
    by_key = {feature.key: feature for feature in table.features}
    n = int(table.readable.sum())
    failures, unmeasured = [], set()
    for broken in table.feature_failures():
        feature = by_key[broken.key]
        outcome = plugins.provider.get(feature)
        failures.append(
            Failure(
                "feature",
                feature.name,
                outcome.name if outcome is not None else feature.module,
                outcome.version if outcome is not None else "",
                broken.reason,
                n=broken.n,
            )
        )
        if broken.n == n:
            unmeasured.add(broken.key)
    return failures, frozenset(unmeasured)


def _counter(vocabulary: Path | None) -> TokenCounter:
    try:
        return make_counter(vocabulary)
    except VocabularyError as error:
        raise UsageError(
            message("the CLIP vocabulary cannot be used: {reason}", reason=str(error)),
            message("give bpe_simple_vocab_16e6.txt.gz, or merges.txt of openai/clip-vit-large-patch14"),
        ) from error


def _t5_counter(model: Path | None) -> T5Counter:
    try:
        return make_t5_counter(model)
    except VocabularyError as error:
        if error.code == "no-sentencepiece":
            raise UsageError(
                message("counting T5 tokens with a model needs the library sentencepiece"),
                message('install it: pip install "tagmetry[t5]"'),
            ) from error
        raise UsageError(
            message("the T5 vocabulary cannot be used: {reason}", reason=str(error)),
            message("give spiece.model of google/t5-v1_1-xxl, which also lies in tokenizer_2 of FLUX.1"),
        ) from error


def _effective_rules(request: Request) -> dict[str, RuleInParts]:
    """Every installed rule as this run calls it, in order of ids."""
    select, ignore = (
        {_named(name, request.plugins).id for name in names} for names in (request.select, request.ignore)
    )
    found = {}
    for rule_id, rule in sorted(request.plugins.rules.items()):
        if rule_id in ignore and (lock := request.policy.standing(rule).lock) is not None:
            raise UsageError(*locked(rule_id, f"--ignore {rule_id}", lock))
        left_out = rule_id in ignore or bool(select and rule_id not in select)
        found[rule_id] = RuleInParts(request.policy, rule, left_out)
    return found


def _named(name: str, plugins: Plugins) -> Rule:
    rule = rule_named(name, plugins)
    if rule is None:
        raise UsageError(
            message("there is no rule {rule}", rule=name),
            plugins.way_out(name, plugins.rules, message("tagmetry rules lists them")),
        )
    return rule


def _names_on_their_way_out(request: Request) -> tuple[Message, ...]:
    """What is to be said of rules that the policy or a flag names, each once."""
    chosen = (("--select", request.select), ("--ignore", request.ignore))
    named = (of_rule(_named(name, request.plugins), name, flag) for flag, names in chosen for name in names)
    return (*request.policy.notices(), *told_once(one for one in named if one is not None))


def _needed_features(enabled: Sequence[RuleInParts]) -> tuple[Feature, ...]:
    needed = {feature.key: feature for feature in ENGINE_FEATURES}
    for one in enabled:
        needed.update({feature.key: feature for feature in one.needs})
    return tuple(needed[key] for key in sorted(needed))


def reading_of(tree: Tree, profile: Profile, plugins: Plugins) -> tuple[Reading, list[Failure]]:
    """The reading of the layout that recognizes the tree best; one that breaks is named, and the next best reads."""
    failures: list[Failure] = []
    ranked: list[tuple[int, str]] = []
    for layout in plugins.layouts.values():
        try:
            ranked.append((-check_rank(layout.recognizes(tree, profile)), layout.name))
        except (KeyboardInterrupt, UsageError):
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin's layout may raise anything, sys.exit included
            failures.append(_layout_failure(layout, error, plugins))
    for rank, name in sorted(ranked):
        layout = plugins.layouts[name]
        if rank >= 0:
            break
        try:
            return check_reading(layout.read(tree, profile), tree), failures
        except (KeyboardInterrupt, UsageError):
            raise
        except BaseException as error:  # noqa: BLE001 - as above
            failures.append(_layout_failure(layout, error, plugins))
    reasons = tuple(failure.text().english() for failure in failures)
    raise UsageError(
        message("no installed layout can read {root}", root=tree.root.name),
        message("{failures}", failures=reasons) if reasons else None,
    )


def _layout_failure(layout: Layout, error: BaseException, plugins: Plugins) -> Failure:
    outcome = plugins.provider[layout]
    package = layout.read.__module__.partition(".")[0]
    return Failure("layout", layout.name, outcome.name, outcome.version, reason_of(error, package=package))


def _nothing_found(tree: Tree, reading: Reading) -> TagmetryError:
    n = tree.n_seen
    left_out = sorted({entry.text.english() for entry in reading.excluded})
    text = message(
        Plural("no images found in {root} ({n:count} file seen)", "no images found in {root} ({n:count} files seen)"),
        root=tree.root.name or str(tree.root),
        n=n,
    )
    if left_out:
        return UsageError(
            text, message("give the folder that holds the images; left out here: {reasons}", reasons=tuple(left_out))
        )
    return UsageError(text, message("give the folder that holds the images"))


def _notices(dataset: Dataset) -> list[Message]:
    found: list[Message] = []
    found += [
        message("{path} lies inside the dataset and is not used; apply it with --policy", path=entry.path)
        for entry in dataset.excluded
        if entry.id == "config-ignored"
    ]
    if dataset.duplicates.n_compared > EXACT_UP_TO:
        found.append(
            message(
                "{n:count} images are too many to hold each against every other (done up to {limit:count}): copies "
                "that are cropped, bordered or slightly turned were looked for less",
                n=dataset.duplicates.n_compared,
                limit=EXACT_UP_TO,
            )
        )
    if not dataset.captions.tokens_exact and len(dataset.captions.texts):
        found.append(
            message(
                "CLIP tokens are estimated here, and only what is beyond doubt is reported; "
                "name a vocabulary file by TAGMETRY_CLIP_VOCABULARY for exact counts"
            )
        )
    return found


def _concepts_without_images(dataset: Dataset, policy: Policy) -> list[Message]:
    """Declared concepts that no training image belongs to: a slip in a name or pattern would else go unseen."""
    there = {info.name for info in dataset.concept_infos if info.role == "train"}
    known = ", ".join(sorted(there)[:MOST_NAMES]) or "-"
    found = []
    for name, settings in policy.concepts().items():
        if name in there:
            continue
        place = next((setting.place for setting in settings.values() if setting.place), "")
        patterns = settings["match"].value
        found.append(
            message(
                "{place}: no training image fits the concept {concept} (match: {patterns}); concepts found: {known}",
                place=place,
                concept=name,
                patterns=", ".join(patterns),
                known=known,
            )
            if patterns
            else message(
                "{place}: there is no concept {concept} in the dataset; concepts found: {known}",
                place=place,
                concept=name,
                known=known,
            )
        )
    return found


def _overrides_without_images(dataset: Dataset, policy: Policy) -> list[Message]:
    """Overrides by path or concept that no file of the dataset meets. One by role alone waits for such images."""
    masks = Masks(dataset)
    met: dict[Match, bool] = {}
    places: dict[Match, str] = {}
    for patch in policy.overrides():
        match = patch.match
        if match is None or not (match.path or match.concept):
            continue
        places.setdefault(match, patch.place)
        if match not in met:
            met[match] = bool(masks.of(match).any()) or any(
                match.meets(path=problem.path, concept=None, role=None) for problem in dataset.file_problems
            )
    return [
        message("{place}: no file fits this override ({match})", place=places[match], match=match.shown())
        for match, is_met in met.items()
        if not is_met
    ]


def _report(
    request: Request,
    measured: Measured,
    settled: Settled,
    plan: Plan,
    rules: Mapping[str, RuleInParts],
    watcher: Watcher,
) -> Report:
    dataset = measured.dataset
    findings, results = settled.findings, settled.results
    inside = {entry.path for entry in dataset.excluded}
    caption_files = {
        path
        for path, text in zip(dataset.captions.path_of, dataset.captions.text_of, strict=True)
        if path is not None and text >= 0 and path not in inside
    }
    files, excluded = reporting.account(dataset, findings, measured.tree.n_seen, caption_files)
    if not files.adds_up:
        # The promise that no file is skipped in silence is checked in every run; a gap is a bug, never the user's.
        raise AssertionError(f"the account of files does not add up: {files}")
    off = [rule_id for rule_id, rule in rules.items() if not rule.enabled]
    lines = reporting.outcomes(results, findings, off)
    failures = (*request.plugins.failures, *measured.failures, *_rule_failures(results, request.plugins))
    incomplete = bool(failures)
    summary = reporting.summary(findings, incomplete=incomplete)
    pictures: Mapping[str, bytes] = {}
    side_px = thumbnail_side_px(dataset.n)
    if request.with_thumbnails:
        watcher.phase(message("making thumbnails"))
        pictures = thumbnails(
            dataset.root,
            _pictured(dataset, findings, MOST_IN_FOLDER if request.every_thumbnail else MOST_THUMBNAILS),
            side_px=side_px,
            jobs=request.jobs,
            limits=request.limits,
        )
    policy = request.policy
    return Report(
        version=version(),
        dataset=reporting.dataset_summary(dataset, files, excluded),
        policy=PolicySummary(policy.name, policy.sources, policy.sha256, dataset.profile.settings),
        metrics=MappingProxyType(reporting.metrics(dataset)),
        findings=findings,
        clusters=reporting.clusters(findings),
        plan=plan,
        risks=risks(findings, dataset, policy.risks()),
        rules=lines,
        rule_texts=MappingProxyType({rule.id: _rule_text(rule) for rule in request.plugins.rules.values()}),
        plugins=request.plugins.outcomes,
        summary=summary,
        images=reporting.image_table(dataset),
        tags=reporting.tag_rows(dataset),
        coverage=reporting.coverage(dataset),
        thumbnails=pictures,
        thumbnail_px=side_px,
        notices=measured.notices,
        token_counter=dataset.captions.token_counter,
        tokens_exact=dataset.captions.tokens_exact,
        exit_code=exit_code(findings, request.fail_on or policy.fail_on, incomplete=incomplete),
        dataset_view=dataset,
        preview=preview_summary(dataset),
        baseline=reporting.baseline_summary(settled.comparison),
        failures=failures,
    )


def _rule_failures(results: Sequence[Judged], plugins: Plugins) -> list[Failure]:
    failures = []
    for one in results:
        if one.failure:
            outcome = plugins.provider[one.rule]
            failures.append(Failure("rule", one.rule.id, outcome.name, outcome.version, one.failure))
    return failures


def exit_code(findings: Sequence[ReportedFinding], fail_on: str, *, incomplete: bool) -> int:
    """3 when something of ours or a plugin's failed, 1 for open findings at or above `fail_on`, else 0."""
    if incomplete:
        return 3
    if fail_on == "never":
        return 0
    limit = Severity[fail_on.upper()]
    return int(any(one.severity >= limit and one.status == "open" for one in findings))


def thumbnail_side_px(n: int) -> int:
    """The longest side of the pictures in a report of `n` images."""
    return next((side for most, side in THUMBNAIL_SIDES_PX if n <= most), LEAST_THUMBNAIL_PX)


def _pictured(dataset: Dataset, findings: Sequence[ReportedFinding], most: int) -> list[str]:
    """The images that a report shows: alike ones, then those of findings, then the others evenly, up to a bound."""
    if dataset.n <= most:
        return list(dataset.paths)
    present = set(dataset.paths)
    chosen: dict[str, None] = {}
    for finding in sorted(findings, key=lambda one: one.subject.cluster is None):
        for path in finding.subject.paths:
            if path in present:
                chosen.setdefault(path)
    rest = [path for path in dataset.paths if path not in chosen]
    room = most - len(chosen)
    if room > 0 and rest:
        step = max(1, -(-len(rest) // room))
        for path in rest[::step]:
            chosen.setdefault(path)
    return list(chosen)[:most]


def _rule_text(rule: Rule) -> RuleText:
    sections = rule.sections()
    return RuleText(rule.id, rule.title, MappingProxyType(sections))
