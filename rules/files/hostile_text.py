"""A file name or caption with characters that nobody sees, or that turn the text around.

What it finds
    In names of files and folders, and in captions: control characters; characters that turn the reading
    direction (warnings in both); and invisible ones such as zero-width spaces (in captions a note). Those
    that do honest work are left out: joiners inside emoji and between letters of scripts that need
    them. A folder is named once, not with each of its files, and an image speaks for its caption.

Why it matters
    An invisible character makes two words of one: the trigger that everybody reads is then not the trigger
    that is trained. Turned text can make a name look like another file's. Control characters come from broken
    exports, and can hide text on a terminal; some programs stop at them.

What to do
    Rename the file, or take the characters out of the caption. The finding shows where the first one stands.

Known limits
    Letters that look alike (a Cyrillic а for a Latin a) are not told apart. Single characters are not reported
    where a caption's encoding is wrong as a whole: `caption-encoding` speaks of that.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from tagmetry.api import Dataset, Finding, Location, NoOptions, Plural, Remedies, Rule, Severity
from tagmetry.rules.files.names import all_paths, first_prefix, without_ending
from tagmetry.text import suspicious_characters

_RENAME: Final = Remedies(data=("rename it without {characters}",))
_TAKE_OUT: Final = Remedies(data=("take the characters out: {characters}",))

rule = Rule(
    id="hostile-text",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "control-name": Plural(
            "the name of {path} contains a control character ({characters})",
            "the name of {path} contains {n:count} control characters ({characters})",
        ),
        "turning-name": Plural(
            "the name of {path} contains a character that turns the reading direction ({characters})",
            "the name of {path} contains {n:count} invisible characters; some turn the reading direction "
            "({characters})",
        ),
        "invisible-name": Plural(
            "the name of {path} contains an invisible character ({characters})",
            "the name of {path} contains {n:count} invisible characters ({characters})",
        ),
        "control-character": Plural(
            "{caption} contains a control character ({characters})",
            "{caption} contains {n:count} control characters ({characters})",
        ),
        "turning-character": Plural(
            "{caption} contains a character that turns the reading direction ({characters})",
            "{caption} contains {n:count} invisible characters; some turn the reading direction ({characters})",
        ),
        "invisible-character": Plural(
            "{caption} contains an invisible character ({characters})",
            "{caption} contains {n:count} invisible characters ({characters})",
        ),
    },
    remedies={
        "control-name": _RENAME,
        "turning-name": _RENAME,
        "invisible-name": _RENAME,
        "control-character": _TAKE_OUT,
        "turning-character": _TAKE_OUT,
        "invisible-character": _TAKE_OUT,
    },
)

_WHOLE: Final = frozenset({"utf-16", "utf-32", "not-utf8", "nul-bytes", "binary"})
"""Problems of an encoding as a whole, from which single odd characters follow."""


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    yield from _names(dataset, all_paths(dataset))
    codes: dict[str, set[str]] = defaultdict(set)
    for problem in dataset.captions.problems:
        codes[problem.path].add(problem.code)
    told: set[tuple[str, str]] = set()
    for problem in dataset.captions.problems:
        if problem.code not in ("control-character", "invisible-character") or codes[problem.path] & _WHOLE:
            continue
        # Two images of one stem share a caption file, and with it each problem.
        if (problem.path, problem.code) in told:
            continue
        told.add((problem.path, problem.code))
        message = "turning-character" if problem.values.get("bidirectional") else problem.code
        line, column = problem.values.get("line"), problem.values.get("column")
        yield rule.finding(
            dataset.caption(problem.row) if problem.row >= 0 else dataset.file(problem.path),
            message,
            values={
                "caption": problem.path,
                "n": problem.values.get("n", 1),
                "characters": problem.values.get("characters", ()),
            },
            severity=Severity.INFO if message == "invisible-character" else None,
            key=problem.code,
            location=Location(line, column) if isinstance(line, int) and isinstance(column, int) else None,
        )


def _names(dataset: Dataset, paths: Iterable[str]) -> Iterator[Finding]:
    told: set[str] = set()
    for path in paths:
        if path.isascii() and path.isprintable():
            continue
        place = first_prefix(path, lambda name: suspicious_characters(name) is not None)
        if place is None or without_ending(place) in told:
            continue
        told.add(without_ending(place))
        found = suspicious_characters(place.rpartition("/")[2])
        assert found is not None
        yield rule.finding(
            dataset.file(place),
            f"{found.kind}-name",
            values={"path": place, "n": found.n, "characters": found.characters},
        )
