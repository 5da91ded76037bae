"""What became of the findings since an earlier run."""

from dataclasses import dataclass
from typing import Final

from tagmetry.api import Plural, Report, Severity, Translator
from tagmetry.reporters.html.charts import percent
from tagmetry.reporters.html.wording import Mark, name_text, severity_mark

MOST_FIXED: Final = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """New, known or fixed findings: a bar as wide as their part; `anchor` is where they are listed."""

    look: str
    word: str
    n: str
    width: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Fixed:
    mark: Mark
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Changes:
    summary: str
    kinds: tuple[Kind, ...]
    fixed: tuple[Fixed, ...]
    fixed_left: str
    not_judged: str


def changes(report: Report, say: Translator) -> Changes | None:
    """None without a baseline."""
    base = report.baseline
    if base is None:
        return None
    counts = (base.n_new, base.n_known, len(base.fixed))
    most = max(*counts, 1)
    kinds = zip(
        ("new", "known", "fixed"),
        (say.text("new"), say.text("known"), say.text("fixed")),
        counts,
        ("findings", "set-aside", "fixed"),
        strict=True,
    )
    left = len(base.fixed) - MOST_FIXED
    return Changes(
        summary=say.format(
            "Against the earlier report: {new:count} new, {known:count} known and {fixed:count} fixed. Only new "
            "findings count.",
            {"new": base.n_new, "known": base.n_known, "fixed": len(base.fixed)},
        ),
        kinds=tuple(
            Kind(look, word, say.value(n, "count"), percent(100 * n / most), place if n else "")
            for look, word, n, place in kinds
        ),
        fixed=tuple(
            Fixed(_mark(one.severity, say), name_text(one.rule), name_text(one.message))
            for one in base.fixed[:MOST_FIXED]
        ),
        fixed_left=say.format("and {n:count} more", {"n": left}) if left > 0 else "",
        not_judged=say.format(
            Plural(
                "{n:count} earlier finding is gone because its rule did not judge this time.",
                "{n:count} earlier findings are gone because their rules did not judge this time.",
            ),
            {"n": base.n_not_judged},
        )
        if base.n_not_judged
        else "",
    )


def _mark(severity: str, say: Translator) -> Mark:
    """A severity as an earlier report wrote it; one that we do not know is shown as it stands there."""
    known = {one.label: one for one in Severity}
    return severity_mark(known[severity], say) if severity in known else Mark("off", name_text(severity))
