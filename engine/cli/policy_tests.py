"""What `tagmetry policy test` prints: each case, what was not as expected and where, what no case touched."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from tagmetry.cli.console import width
from tagmetry.cli.language import spoken
from tagmetry.errors import UsageError
from tagmetry.messages import Message, Plural, message
from tagmetry.outputs import as_bytes
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import Diagnostic, PolicyError, Problems, in_file_order, render
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import load_policy
from tagmetry.policy.model import Policy
from tagmetry.policy.yaml_reader import declares_policy, read_policy_file
from tagmetry.policy_tests import (
    CaseFile,
    CaseResult,
    Coverage,
    coverage_of,
    files_with_cases,
    read_case_file,
    run_case,
)
from tagmetry.policy_tests.cases import near_policy
from tagmetry.policy_tests.coverage import PartKind
from tagmetry.wrapping import wrapped

_UNTOUCHED: Final[Mapping[PartKind, str]] = {
    "rule": "{place}: no case touches the rule {name}",
    "override": "{place}: no case touches the override for {name}",
    "suppression": "{place}: no case touches the suppression of {name}",
    "playbook": "{place}: no case says what is diagnosed for {name}",
}


def run_tests(
    places: tuple[Path, ...], plugins: Plugins, *, as_json: bool, coverage: bool, policy_root: Path | None
) -> int:
    """Run all cases below some places and tell what became of them; the result is the exit code."""
    results: list[tuple[CaseFile, CaseResult]] = []
    broken: list[Diagnostic] = []
    say = spoken()
    for path in files_with_cases(places):
        shown = path.as_posix()
        if not as_json:
            click.echo(shown)
        try:
            for test, result in _of_file(path, shown, plugins, policy_root, broken):
                results.append((test, result))
                if not as_json:
                    word = say.text("FAIL") if result.failures else say.text("ok")
                    click.echo(f"  {word:<4}  {result.case.name}")
        except PolicyError as error:
            broken.extend(error.diagnostics)
        except UsageError as error:
            broken.append(Diagnostic("test-policy", error.text, None, error.help))
    failures = [one for _, result in results for one in result.failures]
    covered = _coverage(results, plugins) if coverage else []
    if as_json:
        # Bytes, since JSON is UTF-8 whatever the console.
        click.echo(as_bytes(json.dumps(_as_data(results, broken, covered), indent=2, ensure_ascii=False)))
    else:
        _tell(results, broken, covered, coverage=coverage)
    return 2 if broken else 1 if failures else 0


def _of_file(path: Path, shown: str, plugins: Plugins, policy_root: Path | None, broken: list[Diagnostic]) -> Any:
    """The cases of a file with what became of them. What cannot be run is added to `broken`, and the others go on."""
    test = read_case_file(path, shown=shown)
    policy = _policy(test, plugins, policy_root)
    known = with_defined(plugins, policy.defined)
    for case in test.cases:
        try:
            yield test, run_case(case, policy, known)
        except PolicyError as error:
            broken.extend(error.diagnostics)


def _policy(test: CaseFile, plugins: Plugins, policy_root: Path | None) -> Policy:
    chosen = near_policy(test)
    is_file = chosen is not None and chosen not in plugins.policies and Path(chosen).is_file()
    # What a stranger's test names must not get a private file quoted in an error.
    if is_file and not declares_policy(read_policy_file(Path(str(chosen)), named_at=test.policy_span)):
        problems = Problems()
        problems.add(
            "policy-extends",
            message("{name} is no policy: it does not say which version of the language it is in", name=str(chosen)),
            test.policy_span,
            message("a policy begins with: tagmetry: 1"),
        )
        problems.raise_if_any()
    return load_policy(chosen, plugins, beside=test.path.absolute().parent, policy_root=policy_root)


def _coverage(results: list[tuple[CaseFile, CaseResult]], plugins: Plugins) -> list[tuple[str, Coverage]]:
    """By policy, in the order in which they were first tested."""
    by_policy: dict[tuple[str, ...], list[CaseResult]] = {}
    for _, result in results:
        by_policy.setdefault(result.policy.sources, []).append(result)
    return [
        (sources[-1], coverage_of(of_policy, with_defined(plugins, of_policy[0].policy.defined)))
        for sources, of_policy in by_policy.items()
    ]


def _tell(
    results: list[tuple[CaseFile, CaseResult]],
    broken: list[Diagnostic],
    covered: list[tuple[str, Coverage]],
    *,
    coverage: bool,
) -> None:
    say = spoken()
    if broken:
        click.echo("\n" + render(in_file_order(broken)))
    for failure in (one for _, result in results for one in result.failures):
        click.echo("\n" + render([failure.problem]))
        more = failure.n_found - len(failure.found)
        hidden = message(Plural("and {n:count} more finding", "and {n:count} more findings"), n=more)
        gutter = " " * len(str(failure.problem.span.line if failure.problem.span is not None else ""))
        for line in (*failure.found, *([say.render(hidden)] if more else [])):
            first = f"{gutter} = {say.text('found')}: " if line == failure.found[0] else f"{gutter}   "
            click.echo("\n".join(wrapped(line, width=width(), first=first, indent=f"{gutter}     ")))
    for name, one in covered if coverage else []:
        touched = one.n_parts - len(one.untouched)
        text = message("{policy}: cases touch {n:count} of {all:count} parts", policy=name, n=touched, all=one.n_parts)
        click.echo("\n" + say.render(text))
        for part in one.untouched:
            told = Message(_UNTOUCHED[part.kind], {"place": part.place, "name": part.name})
            click.echo("\n".join(wrapped(say.render(told), width=width(), indent="  ")))
    n_failed = sum(1 for _, result in results if result.failures)
    counted = message(Plural("{n:count} case", "{n:count} cases"), n=len(results))
    failed = message("{cases}, {n:count} failed", cases=say.render(counted), n=n_failed)
    good = message("{cases}, all as expected", cases=say.render(counted))
    click.echo("\n" + say.render(failed if n_failed or broken else good))


def _as_data(
    results: list[tuple[CaseFile, CaseResult]], broken: list[Diagnostic], covered: list[tuple[str, Coverage]]
) -> dict[str, Any]:
    return {
        "format": "tagmetry-policy-tests/1",
        "cases": [
            {
                "file": test.shown,
                "line": result.case.span.line,
                "name": result.case.name,
                "passed": not result.failures,
                "failures": [one.as_data() for one in result.failures],
            }
            for test, result in results
        ],
        "problems": [one.as_data() for one in broken],
        "coverage": [
            {
                "policy": name,
                "parts": one.n_parts,
                "untouched": [{"kind": part.kind, "name": part.name, "place": part.place} for part in one.untouched],
            }
            for name, one in covered
        ],
    }
