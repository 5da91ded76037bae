"""The tables of the manual: what expressions can read and call."""

from collections.abc import Iterable, Sequence

from tagmetry.feature import Feature
from tagmetry.features import FEATURES
from tagmetry.policy.expressions.functions import FUNCTIONS
from tagmetry.policy.expressions.kinds import Kind
from tagmetry.policy.expressions.names import Name, Registry, Scope

_HEADINGS: Sequence[tuple[str, Scope, str]] = (
    ("One image", "row", ""),
    ("One concept", "concept", "concept."),
    ("The whole dataset", "dataset", "dataset."),
    ("The profile", "dataset", "profile."),
    ("A risk", "risk", ""),
)


def names_table(features: Iterable[Feature] = FEATURES) -> list[str]:
    """All names by what they are about, as lines of Markdown."""
    listed = list(features)
    lines: list[str] = []
    for heading, scope, prefix in _HEADINGS:
        names = [
            name
            for name in Registry(scope, listed).visible().values()
            if name.scope == scope and (prefix == "" or name.name.startswith(prefix) or _is_bare_metric(name, prefix))
        ]
        lines += [f"### {heading}", "", "| name | kind | unit | meaning |", "|---|---|---|---|"]
        lines += [f"| `{name.name}` | {_kind(name.kind)} | {name.unit} | {name.doc} |" for name in names]
        lines.append("")
    return lines[:-1]


def reference_page() -> str:
    """The page of all names and functions of ours."""
    return "\n".join(
        [
            "# Names and functions of expressions",
            "",
            "What conditions and figures in a policy can read and call; [Expressions](../expressions.md) says how they",
            "are written. A value can be missing, and stays missing through everything that is computed from it.",
            "",
            "## Names",
            "",
            *names_table(),
            "",
            "## Functions",
            "",
            *functions_table(),
            "",
        ]
    )


def functions_table() -> list[str]:
    """All functions in their order, as lines of Markdown."""
    lines = ["| function | gives | example |", "|---|---|---|"]
    lines += [f"| `{each.signature}` | {each.doc} | `{each.example}` |" for each in FUNCTIONS.values()]
    return lines


def _is_bare_metric(name: Name, prefix: str) -> bool:
    """`tag_noise` stands without `dataset.` as well."""
    return prefix == "dataset." and "." not in name.name


def _kind(kind: Kind) -> str:
    if kind.sort == "enum":
        return "one of " + ", ".join(f"`{choice}`" for choice in kind.choices)
    return kind.in_words.removeprefix("a ")
