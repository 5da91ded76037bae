"""A config that the trainer refuses.

What it finds
    What keeps the trainer from starting: keys that it does not know or not at this place, values of the wrong type,
    missing keys, bucket limits that exclude each other, and texts that its own reader of TOML stumbles over. Each at
    its line, with what is taken instead.

Why it matters
    The run ends before the first step, often on a rented machine and with a message that names a key and no line.

What to do
    Correct the value at the line named.

Known limits
    Judged by the code of the one release that is named in the trainer's page; forks may take more. Only what can be
    told without the model is looked at.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tagmetry.api import Finding, NoOptions, PlacedProblem, Remedies, Rule, Severity, TrainerConfig, Value

_BUCKETS: Final = Remedies(training=("choose min_bucket_reso <= the shorter and max_bucket_reso >= the longer side",))

rule = Rule(
    id="config-rejected",
    severity=Severity.ERROR,
    evidence="documented",
    messages={
        "not-a-table": "a table is wanted here, and {found} stands there",
        "not-a-list": "a list of tables is wanted here, and {found} stands there",
        "no-datasets": "the config has no [[datasets]]",
        "no-data-root": "data_root names no folder",
        "mixed-subset-kinds": "subsets with and without metadata_file stand in one [[datasets]]",
        "missing-key": "{key} is missing, and the trainer cannot do without it",
        "unknown-key": "the trainer knows no {key} and stops",
        "unknown-key-near": "the trainer knows no {key} and stops; {nearest} is meant perhaps",
        "command-line-key": "{key} is an option of the command line, and the trainer stops at it in a dataset config",
        "renamed-key": "{key} is named {instead} in a dataset config, and the trainer stops at it",
        "wrong-level": "{key} has no place here, only in: {levels}",
        "wrong-kind": "{key} has no place in a subset of this kind ({kind})",
        "wrong-int": "{key} is {found}, and the trainer takes a whole number without a point alone",
        "wrong-float": "{key} is {found}, and the trainer takes a number with a point alone, such as 1.0",
        "wrong-number": "{key} is {found}, and the trainer takes a number",
        "wrong-bool": "{key} is {found}, and the trainer takes true or false without quotes",
        "wrong-str": "{key} is {found}, and the trainer takes a text in quotes",
        "wrong-table": "{key} is {found}, and the trainer takes a table",
        "wrong-list": "{key} is {found}, and the trainer takes a list",
        "wrong-int-or-pair": "{key} is {found}, and the trainer takes a whole number or two of them, as in [768, 1024]",
        "wrong-float-pair": "{key} is {found}, and the trainer takes two numbers with a point, as in [1.0, 3.0]",
        "wrong-value": "{key} = {value} cannot be understood",
        "missing-resolution": "no resolution is set for these images",
        "resolution-not-positive": "the resolution {value} is no size",
        "resolution-refused": "the trainer has no buckets for resolution {value}: it takes {known}",
        "batch-size-not-positive": "the batch size {value} trains nothing",
        "unknown-choice": "{key} = {value} is none of {choices}",
        "steps-not-positive": "bucket_reso_steps {value} divides nothing",
        "min-below-steps": "min_bucket_reso {value} is less than one step of {steps}, and the trainer divides by 0",
        "min-above-resolution": "min_bucket_reso {value} is above the shorter side of {width} × {height}",
        "max-below-resolution": "max_bucket_reso {value} is below the longer side of {width} × {height}",
        "empty-separator": "caption_separator is empty, and captions cannot be taken apart by it",
        "random-crop-with-conditioning": "random_crop does not go with conditioning images",
        "nothing-trained": "no subset is left that trains anything",
        "byte-order-mark": "the file begins with a byte-order mark, at which the trainer's reader stops",
        "string-misread": "the trainer's old reader of TOML stumbles over this text",
        "mixed-array": "the trainer's old reader of TOML takes no list of several types ({kinds})",
    },
    remedies={
        "command-line-key": Remedies(training=("move it to the command line or the --config_file",)),
        "renamed-key": Remedies(training=("write {instead}",)),
        "unknown-key-near": Remedies(training=("write {nearest}, or take the line out",)),
        "unknown-key": Remedies(training=("take the line out",)),
        "wrong-float": Remedies(training=("write it with a point: 1.0, not 1",)),
        "wrong-int": Remedies(training=("write it without a point and without quotes",)),
        "min-above-resolution": _BUCKETS,
        "max-below-resolution": _BUCKETS,
        "byte-order-mark": Remedies(training=("save the file as UTF-8 without a byte-order mark",)),
        "mixed-array": Remedies(training=("write all members alike: [1.0, 2.5]",)),
        "string-misread": Remedies(training=("put the text in single quotes",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    for problem in config.problems:
        if problem.stops and (message := _message(problem)) in rule.messages:
            yield config.finding(
                rule, message, problem.place, values=_plain(problem.values), paths=problem.paths, key=problem.code
            )


def _message(problem: PlacedProblem) -> str:
    if problem.code == "wrong-type":
        return f"wrong-{problem.values['expected']}"
    if problem.code == "unknown-key" and problem.values.get("nearest"):
        return "unknown-key-near"
    if problem.code == "command-line-key" and problem.values.get("instead"):
        return "renamed-key"
    return problem.code


def _plain(values: Mapping[str, Any]) -> dict[str, Value]:
    """Figures as they were written: a size is no count, and takes no thousands separators."""
    return {
        name: tuple(str(part) for part in value) if isinstance(value, tuple | list) else str(value)
        for name, value in values.items()
    }
