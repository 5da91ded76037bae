"""A manifest, or a line of it, that cannot be used.

What it finds
    Lines of `metadata.jsonl` and `metadata.csv` that cannot be read, name no image, name one that is not there or
    lies outside the dataset, name it again, or give no caption; and manifests that cannot be read
    at all. The good lines are used.

Why it matters
    The image of such a line has no caption, or is not found by the trainer. Some programs stop at the first
    bad line, others leave it out silently.

What to do
    Correct the line. Each finding names it by its number, counted from 1.

Known limits
    In a table (`.csv`) a quotation mark that is never closed swallows the lines after it, so the
    line named may be that of its end.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, NoOptions, Remedies, Rule, Severity
from tagmetry.rules.files.file_problems import OTHER, findings_for

rule = Rule(
    id="invalid-manifest",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "unreadable": "{path} cannot be read: {reason}",
        "too-large": "{path} is larger than {limit:bytes} and was not read",
        "not-utf8": "{path} is not UTF-8 text from its line {line:number} on, byte {byte:number}",
        "invalid-json": "line {line:number} of {path} is not valid JSON from column {column:number} on",
        "too-deep": "line {line:number} of {path} is nested too deeply to be read",
        "long-number": "line {line:number} of {path} holds a number of too many digits",
        "long-line": "line {line:number} of {path} is longer than {limit:bytes} and was not read",
        "no-object": 'line {line:number} of {path} is not of the form {{"file_name": ..., "text": ...}}',
        "nul": "line {line:number} of {path} holds a NUL character and was not used",
        "long-field": (
            "from line {line:number} on {path} was not read: a field there has more than {limit:count} characters, as "
            "where a quotation mark is never closed"
        ),
        "no-file-column": (
            "{path} has no column for file names: its columns are {columns}, and names are looked for under {keys}"
        ),
        "invalid-line": "line {line:number} of {path} cannot be read: {reason}",
        "no-file-name": "line {line:number} of {path} names no file; names are looked for under {keys}",
        "bad-path": 'line {line:number} of {path} names "{name}", which is no path inside the dataset',
        "missing-file": 'line {line:number} of {path} names "{name}", which is not in the dataset',
        "duplicate": 'line {line:number} of {path} names "{name}" again; the first line counts',
        "no-caption": 'line {line:number} of {path} has no caption for "{name}"; captions are looked for under {keys}',
        OTHER: "{path} has an entry that cannot be used ({code})",
    },
    remedies={
        "unreadable": Remedies(data=("give yourself permission to read it, or replace it",)),
        "too-large": Remedies(data=("split it into one manifest per folder",)),
        "not-utf8": Remedies(data=("save it as UTF-8",)),
        "invalid-json": Remedies(data=("correct or remove the line",)),
        "too-deep": Remedies(data=("correct or remove the line",)),
        "long-number": Remedies(data=("correct or remove the line",)),
        "long-line": Remedies(data=("correct or remove the line",)),
        "no-object": Remedies(data=("correct or remove the line",)),
        "invalid-line": Remedies(data=("correct or remove the line",)),
        "nul": Remedies(data=("correct or remove the line",)),
        "long-field": Remedies(data=("close the quotation mark that was left open",)),
        "no-file-column": Remedies(data=("name the column file_name in the first line, with commas between columns",)),
        "no-file-name": Remedies(data=("add the file name, or remove the line",)),
        "bad-path": Remedies(data=("name the file relative to the manifest, inside the dataset",)),
        "missing-file": Remedies(data=("correct the name, add the image, or remove the line",)),
        "duplicate": Remedies(data=("keep one line per image",)),
        "no-caption": Remedies(data=("add the caption",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    yield from findings_for(rule, dataset, "manifest")
