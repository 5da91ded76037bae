"""What commands that audit a dataset have in common: from flags to a request, and a run with its cache and progress."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from tagmetry.assembly import ENGINE_FEATURES
from tagmetry.baseline import read_report
from tagmetry.cache import FeatureCache, open_cache
from tagmetry.cli.console import Progress, encodable, wants_color, width
from tagmetry.cli.language import brought_for, spoken_with
from tagmetry.configs.sources import policy_paths, sources_of
from tagmetry.errors import UsageError
from tagmetry.extraction import available_jobs
from tagmetry.failures import Failure
from tagmetry.messages import Message, Translator, languages, message, translator
from tagmetry.options import Option, OptionError, built, coerced, option_named, options_of
from tagmetry.outputs import Target
from tagmetry.plugins import Plugins, load_plugins, stdout_kept_free
from tagmetry.policy.flags import flag_layer, with_flags
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import folder_that_holds, load_policy
from tagmetry.policy.model import Policy
from tagmetry.profile import Origin, Profile
from tagmetry.report import Report
from tagmetry.reporter import Context, Reporter
from tagmetry.runner import Measured, Request, measure, run
from tagmetry.tag_list import read_tag_lists
from tagmetry.user_settings import UserSettings


@dataclass(frozen=True, slots=True)
class Run:
    """Flags that were read: what is asked for, in which language, and how to say what happens."""

    paths: tuple[Path, ...]
    policy: Policy
    plugins: Plugins
    reporter_settings: Mapping[str, Mapping[str, str]]
    translator: Translator
    flags: Mapping[str, Any]
    settings: UserSettings = field(default_factory=UserSettings)

    def say(self, text: Message, *, error: bool = True) -> None:
        click.echo(self.translator.render(text), err=error)

    def context(self, stream: Any = None) -> Context:
        stream = sys.stdout if stream is None else stream
        return Context(
            translator=self.translator,
            color=wants_color(self.flags.get("color", "auto"), stream),
            width=width(),
            encodable=lambda text: encodable(stream, text),
            absolute_paths=bool(self.flags.get("absolute_paths")),
            verbosity=-1 if self.flags.get("quiet") else int(self.flags.get("verbose", 0)),
            others=self._others,
        )

    def _others(self) -> tuple[Translator, ...]:
        """Translators of Tagmetry's other languages; read only when an output asks for them."""
        return tuple(
            translator(language, brought_for(language, self.plugins))
            for language in languages()
            if language != self.translator.language
        )

    def options_for(self, reporter: Reporter) -> Any:
        """The reporter's options with what `--set` says. Raises UsageError."""
        known = options_of(reporter.options)
        values = self._settings_of(reporter, known)
        for name, value in self.reporter_settings.get(reporter.name, {}).items():
            try:
                values[name] = coerced(known[name], value)
            except OptionError as problem:
                raise UsageError(
                    message("--set {owner}.{problem}", owner=reporter.name, problem=problem.text.english())
                ) from problem
        return built(reporter.options, values)

    def _settings_of(self, reporter: Reporter, known: Mapping[str, Option]) -> dict[str, Any]:
        """What the user's own settings say of an output. Raises UsageError naming the place."""
        values = {}
        for name, text in self.settings.reporters.get(reporter.name, {}).items():
            place = self.settings.places[reporter.name, name]
            option = option_named(known, name)
            if option is None:
                raise UsageError(
                    message("{place}: {owner} has no option {name}", place=place, owner=reporter.name, name=name),
                    message("options: {names}", names=", ".join(known) or "none"),
                )
            try:
                values[option.name] = coerced(option, text)
            except OptionError as problem:
                raise UsageError(
                    message("{place}: {problem}", place=place, problem=problem.text.english())
                ) from problem
        return values

    def target(self, name: str, path: Path | None, *, as_folder: bool = False) -> Target:
        reporter = self.plugins.reporters[name]
        return Target(reporter, path, self.options_for(reporter), as_folder)

    def dataset_folders(self) -> Sequence[Path]:
        return sources_of(self.paths).folders


def read_flags(paths: tuple[Path, ...], flags: Mapping[str, Any]) -> Run:
    """Load plugins and policy as the flags say. Raises UsageError and PolicyError."""
    plugins = load_plugins(foreign=not flags.get("no_plugins"))
    paths = (*paths, *(Path(one) for one in flags.get("configs", ())))
    beside = folder_that_holds(policy_paths(sources_of(paths), paths))
    policy = load_policy(flags.get("policy"), plugins, beside=beside, policy_root=flags.get("policy_root"))
    plugins = with_defined(plugins, policy.defined)
    profile = {name: flags[name] for name in ("base_model", "purpose", "trainer") if flags.get(name)}
    origins: dict[str, Origin] = {name: _origin(name) for name in profile}
    layer, reporter_settings = flag_layer(
        plugins, profile=profile, settings=tuple(flags.get("settings", ())), origins=origins
    )
    return Run(
        paths=paths,
        policy=with_flags(policy, layer, plugins),
        plugins=plugins,
        reporter_settings=reporter_settings,
        translator=spoken_with(plugins),
        flags=flags,
        settings=user_settings(plugins),
    )


def user_settings(plugins: Plugins) -> UserSettings:
    """The user's settings, which speak of outputs that are there. Raises UsageError naming the place."""
    context = click.get_current_context(silent=True)
    settings = context.find_object(UserSettings) if context is not None else None
    for (reporter, _), place in (settings.places if settings is not None else {}).items():
        if reporter not in plugins.reporters:
            known = message("outputs: {names}", names=", ".join(plugins.reporters))
            raise UsageError(
                message("{place}: there is no output named {name}", place=place, name=reporter),
                plugins.way_out(reporter, plugins.reporters, known),
            )
    return settings or UserSettings()


def _rule_ids(given: Sequence[str]) -> tuple[str, ...]:
    """Rule ids of a flag that is repeated or holds several with commas between, as other linters take them."""
    return tuple(rule_id.strip() for part in given for rule_id in part.split(",") if rule_id.strip())


def _origin(name: str) -> Origin:
    context = click.get_current_context(silent=True)
    source = context.get_parameter_source(name) if context is not None else None
    return "environment" if source is click.core.ParameterSource.ENVIRONMENT else "flag"


def audited(
    asked: Run,
    *,
    with_thumbnails: bool = False,
    every_thumbnail: bool = False,
    exports: bool = False,
    fail_on: str | None = None,
    prechecks: tuple[Callable[[Profile], None], ...] = (),
) -> Report:
    """Run the audit with cache and progress as the flags say. Raises TagmetryError."""
    with _watched(asked) as (request, progress):
        wanted = replace(
            request,
            with_thumbnails=with_thumbnails,
            every_thumbnail=every_thumbnail,
            exports=exports,
            fail_on=fail_on,
            prechecks=prechecks,
        )
        report = run(wanted, progress)
    _say_what_was_noticed(asked, report.notices, report.failures, progress)
    return report


def measured(asked: Run) -> Measured:
    """Read and measure the dataset without judging it. Raises TagmetryError."""
    with _watched(asked) as (request, progress):
        found = measure(request, ENGINE_FEATURES, progress)
    _say_what_was_noticed(asked, found.notices, (*asked.plugins.failures, *found.failures), progress)
    return found


@contextlib.contextmanager
def _watched(asked: Run) -> Iterator[tuple[Request, Progress]]:
    """What the flags ask for, with an open cache and a progress that ends with the block."""
    flags = asked.flags
    # Read before anything is measured, so that a wrong name is told at once.
    baseline = read_report(flags["baseline"]) if flags.get("baseline") else None
    tag_list = read_tag_lists(flags.get("tag_lists", ()))
    progress = Progress("none" if flags.get("quiet") else str(flags.get("progress", "auto")), asked.translator)
    jobs = available_jobs(flags.get("jobs"))
    with contextlib.ExitStack() as stack:
        stack.callback(progress.done)
        cache: FeatureCache | None = None
        if not flags.get("no_cache"):
            cache = stack.enter_context(open_cache(flags.get("cache_dir")))
        # What rules of plugins print must not mix with results.
        stack.enter_context(stdout_kept_free())
        request = Request(
            paths=asked.paths,
            policy=asked.policy,
            plugins=asked.plugins,
            jobs=jobs,
            cache=cache,
            select=_rule_ids(flags.get("select", ())),
            ignore=_rule_ids(flags.get("ignore", ())),
            clip_vocabulary=flags.get("clip_vocabulary"),
            t5_vocabulary=flags.get("t5_vocabulary"),
            baseline=baseline,
            tag_list=tag_list,
        )
        yield request, progress


def _say_what_was_noticed(
    asked: Run, notices: Sequence[Message], failures: Sequence[Failure], progress: Progress
) -> None:
    if not asked.flags.get("quiet"):
        for notice in notices:
            asked.say(message("note: {text}", text=asked.translator.render(notice)))
    for failure in failures:
        asked.say(failure.text())
    if asked.flags.get("timings"):
        for phase, seconds in progress.timings:
            asked.say(
                message("{seconds:number} s  {phase}", seconds=round(seconds, 2), phase=asked.translator.render(phase))
            )
