"""The HTML review: one page that works offline, without script and in print.

Python prepares a plain view, the templates only loop and show. Captions and file names are strangers' text: everything
is escaped, characters that hide or steer are made visible, and the page's own policy (CSP) lets nothing in or out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from tagmetry.api import (
    FAILURES,
    GLOSSARY,
    QUESTIONS,
    TECHNIQUES,
    Cluster,
    Context,
    File,
    Report,
    Reporter,
    Translator,
    msgid,
    option,
)
from tagmetry.reporters.html.account import left_out, provenance, reported_files, risks, rules
from tagmetry.reporters.html.balance import balance
from tagmetry.reporters.html.captions import captions
from tagmetry.reporters.html.changes import changes
from tagmetry.reporters.html.checklist import checklist
from tagmetry.reporters.html.chunks import DATA_SCRIPT, picture_chunks, taken
from tagmetry.reporters.html.clusters import anchors, clusters
from tagmetry.reporters.html.coverage import coverage
from tagmetry.reporters.html.findings import Card, anchor, cards, set_aside
from tagmetry.reporters.html.images import SEARCH_WORDS, SORT_KEYS
from tagmetry.reporters.html.overview import overview
from tagmetry.reporters.html.payload import payload
from tagmetry.reporters.html.pictures import Pictures
from tagmetry.reporters.html.sizes import sizes
from tagmetry.reporters.html.templates import content_security_policy, environment
from tagmetry.reporters.html.together import together
from tagmetry.reporters.html.trainer_view import trainer_view
from tagmetry.reporters.html.wording import name_text, path_text


@dataclass(frozen=True, slots=True)
class Options:
    blur: bool = option(False, "Pictures are blurred until a switch on the page shows them.")
    external: bool = option(False, "Of a folder: style and script are files, for servers that allow nothing inline.")


reporter = Reporter(
    "html",
    doc="The review as one page with pictures, for people.",
    kind="either",
    options=Options,
    needs=("thumbnails",),
)


@reporter.render
def render(report: Report, options: Options, context: Context) -> Iterator[File]:
    pictures = Pictures(report)
    speakers = (context.translator, *context.others())
    shared = {"blur": options.blur, "languages": [(say.language, say.text(LANGUAGE)) for say in speakers]}
    bodies = [Body(say.language, _body(_view(report, context, pictures, say) | shared)) for say in speakers]
    external = options.external and context.as_folder
    data = payload(report, pictures, anchors(report.clusters), speakers, chunked=context.as_folder)
    page = (
        environment()
        .get_template("report.html")
        .render(
            language=context.translator.language,
            csp=content_security_policy(STYLE, SCRIPT, chunked=context.as_folder, external=external),
            external=external,
            blur=options.blur,
            name=_name(report, context),
            version=name_text(report.version),
            body=bodies[0],
            others=bodies[1:],
            data="" if context.as_folder else data,
            data_script=DATA_SCRIPT if context.as_folder else "",
            # The pictures come last, for only now it is known which are shown.
            pictures=pictures.stored(),
        )
    )
    yield File("index.html" if context.as_folder else "", page.rstrip("\n") + "\n")
    if external:
        yield from (File(name, environment().get_template(name).render()) for name in (STYLE, SCRIPT))
    if context.as_folder:
        yield File(DATA_SCRIPT, taken("images", data))
        yield from picture_chunks(report, pictures)


@dataclass(frozen=True, slots=True)
class Body:
    """All of the page that is words, in one language."""

    language: str
    markup: Markup


def _body(view: Mapping[str, Any]) -> Markup:
    # Made by our own template, in which everything is escaped.
    return Markup(environment().get_template("body.html").render(view))  # noqa: S704


def _name(report: Report, context: Context) -> str:
    return path_text(str(report.dataset.path) if context.absolute_paths else report.dataset.root)


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the page, as the index names it. `look` colours the number of what it holds."""

    id: str
    title: str
    n: str = ""
    look: str = ""


LANGUAGE: Final = msgid("English")
"""The language's own name, which each catalogue answers in its own way."""


HELP: Final = {"failures": FAILURES, "techniques": TECHNIQUES, "questions": QUESTIONS, "terms": GLOSSARY}
STYLE: Final = "style.css"
SCRIPT: Final = "script.js"

REVIEW_COMMAND: Final = "tagmetry review apply decisions.json --to NEW-FOLDER"


def _view(report: Report, context: Context, pictures: Pictures, say: Translator) -> dict[str, Any]:
    """Everything the templates show, by name; `_` is the one door for the templates' own texts."""
    anchor_of = anchors(report.clusters)
    found = cards(report, pictures, anchor_of, say)
    grouped = clusters(report, pictures, anchor_of, _findings_of_clusters(report), say)
    view: dict[str, Any] = {
        "_": say.text,
        "language": say.language,
        "name": _name(report, context),
        "overview": overview(report, found, say),
        "cards": found,
        "severities": tuple({card.mark.look: card.mark.word for card in found}.items()),
        "review_command": REVIEW_COMMAND,
        "search_words": [(example, say.text(meaning)) for example, meaning in SEARCH_WORDS],
        "no_pictures": _without_pictures(report, say),
        "sort_keys": [(key, say.text(meaning)) for key, meaning in SORT_KEYS],
        "set_aside": set_aside(report, say),
        "clusters": grouped,
        "captions": captions(report, say),
        "changes": changes(report, say),
        "checklist": checklist(report, say),
        "coverage": coverage(report, say),
        "together": together(report, say),
        "sizes": sizes(report, say),
        "trainer_view": trainer_view(report, say),
        "balance": balance(report, say),
        "risks": risks(report, say),
        "left_out": left_out(report, say),
        "reported_files": reported_files(report, say),
        "rules": rules(report, say),
        "provenance": provenance(report, context, say),
        "help": HELP,
        "made_by": say.format(
            "Made by Tagmetry {version}. It looks at files, captions and figures: no picture was shown to a model, "
            "and nothing left this machine.",
            {"version": report.version},
        ),
    }
    view["sections"] = _sections(report, found, view, say)
    return view


def _without_pictures(report: Report, say: Translator) -> str:
    """How many images have a preview on the page, where some have none."""
    n, total = len(report.thumbnails), len(report.images.paths)
    if not 0 < n < total:
        return ""
    return say.format(
        "To keep the page small, {n:count} of {total:count} images have a preview: alike images and those of findings "
        "first, then evenly from the rest. Search, table and captions have all of them.",
        {"n": n, "total": total},
    )


def _findings_of_clusters(report: Report) -> dict[Cluster, str]:
    return {
        finding.subject.cluster: anchor(finding)
        for finding in reversed(report.findings)
        if finding.subject.cluster is not None
    }


def _trainer_section(report: Report, say: Translator) -> tuple[Section, ...]:
    return () if report.preview is None else (Section("trainer", say.text("What the trainer makes of it")),)


def _sections(report: Report, found: tuple[Card, ...], view: Mapping[str, Any], say: Translator) -> tuple[Section, ...]:
    def count(n: int) -> str:
        return say.value(n, "count") if n else ""

    n_findings = sum(card.n for card in found)
    return (
        Section("verdict", say.text("Verdict")),
        *([Section("checklist", say.text("Checklist for Flux"))] if view["checklist"] else ()),
        *([Section("changes", say.text("Since the earlier report"))] if view["changes"] else ()),
        Section("findings", say.text("Findings"), count(n_findings), found[0].mark.look if found else ""),
        Section("images", say.text("Images"), count(len(report.images.paths))),
        Section("duplicates", say.text("Duplicates"), count(len(report.clusters))),
        Section("captions", say.text("Captions and tags")),
        *([Section("coverage", say.text("What the captions name"))] if view["coverage"].concepts else ()),
        *([Section("together", say.text("Tags together"))] if view["together"] else ()),
        Section("resolutions", say.text("Resolutions")),
        *_trainer_section(report, say),
        Section("balance", say.text("Balance plan")),
        Section("risks", say.text("Risks"), count(len(report.risks))),
        Section("left-out", say.text("Left out"), count(sum(entry.n for entry in report.dataset.excluded))),
        Section("rules", say.text("Rules run"), count(len(report.rules))),
        Section("provenance", say.text("Provenance")),
        Section("help", say.text("Help")),
    )
