"""A config that the trainer takes and reads otherwise than it looks.

What it finds
    A folder named twice in one dataset, of which the later subset is ignored or takes the place of the first; values
    outside the range that makes sense, which nobody checks; true where a number is wanted; names of options
    that no script knows; settings that are read and never applied; variables of a script that it does not set.

Why it matters
    The trainer starts, and trains something else than the config says.

What to do
    Correct the line named.

Known limits
    A name is only reported where it is nearly that of an option, as forks have options of their own. Rates
    of dropout and repeats are judged by rules of their own.
"""

from collections.abc import Iterator
from typing import Final

from tagmetry.api import Finding, NoOptions, Remedies, Rule, Severity, TrainerConfig

_JUDGED_ELSEWHERE: Final = frozenset(
    {"num_repeats", "caption_dropout_rate", "caption_tag_dropout_rate", "max_token_length"}
)

rule = Rule(
    id="config-misread",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "no-subsets": "this [[datasets]] has no subsets and trains nothing",
        "duplicate-subset": "line {first_line} names the same folder, so that this subset is ignored",
        "folder-overrides": (
            "line {first_line} names the same folder: its images are counted twice and trained with the settings "
            "of this subset alone"
        ),
        "folder-again": "line {first_line} names the same folder spelled otherwise: its images are trained twice",
        "out-of-range": "{key} = {value} makes no sense, and the trainer does not check it",
        "bool-for-number": "{key} = {value} counts as a number here",
        "control-character": "the text of {key} holds a control character",
        "unknown-choice": "{key} = {value} is none of {choices}, and the trainer fails at the first image",
        "unread-option": "no script reads {key}; {nearest} is meant perhaps",
        "unknown-variable": "{key} takes the value of {variable}, which this file does not set: it is not judged",
        "ineffective": "{key} = {value} is read and never applied by this trainer",
        "no-number": '{key} holds "{value}", which is no number: it counts as not set',
        "string-misread": "the trainer's old reader of TOML takes this text otherwise than it is written",
    },
    remedies={
        "duplicate-subset": Remedies(training=("take one of the two subsets out, or raise num_repeats instead",)),
        "folder-overrides": Remedies(training=("take one of the two subsets out, or raise num_repeats instead",)),
        "folder-again": Remedies(training=("take one of the two subsets out, or raise num_repeats instead",)),
        "unread-option": Remedies(training=("write {nearest}",)),
        "ineffective": Remedies(training=("set it in the folders (flip_p.txt), or leave it out",)),
        "string-misread": Remedies(training=("put the text in single quotes",)),
    },
)

_NOTES: Final = frozenset({"unknown-variable"})


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    for problem in config.problems:
        is_ours = not problem.stops and problem.code in rule.messages
        is_judged = problem.code == "out-of-range" and problem.values.get("key") in _JUDGED_ELSEWHERE
        if not is_ours or is_judged:
            continue
        values = {
            name: tuple(str(part) for part in value) if isinstance(value, tuple | list) else _written(value)
            for name, value in problem.values.items()
        }
        yield config.finding(
            rule,
            problem.code,
            problem.place,
            values=values,
            paths=problem.paths,
            severity=Severity.INFO if problem.code in _NOTES else None,
            key=problem.code,
        )


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
