"""What the page's script works on: columns of all images, the findings and groups they belong to, and its own words.

The data is JSON, compressed, in letters that mean nothing to HTML. Without script nobody misses it: what counts is
on the page itself.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from tagmetry.api import Cluster, Report, Severity, Translator, cut, msgid, visible
from tagmetry.reporters.html.chunks import CHUNK
from tagmetry.reporters.html.pictures import Pictures
from tagmetry.reporters.html.wording import severity_mark

FORMAT: Final = "tagmetry-page/1"
HASH_DIGITS: Final = 32
"""Of a file's SHA-256: 128 bits tell any two files apart, and more would only make the page larger."""
CAPTION_KEPT: Final = 2000
PATH_KEPT: Final = 4096
NAME_KEPT: Final = 300
NO_ROW: Final = -1

WORDS: Final[Mapping[str, str]] = {
    "images": msgid("{n} images"),
    "of": msgid("{n} of {total} images"),
    "nothing": msgid("No image fits. Take a word out of the search, or clear it."),
    "unknown": msgid("There is no search word {word}. Known are: {known}"),
    "no_number": msgid("{word} takes a number, such as {word}>75 or {word}:512..768"),
    "no_preview": msgid("no preview"),
    "no_caption": msgid("no caption"),
    "tokens": msgid("{n} tokens"),
    "pixels": msgid("{width} × {height} px"),
    "kilobytes": msgid("{n} kB"),
    "findings": msgid("Findings"),
    "no_findings": msgid("Nothing was found about this image alone."),
    "caption": msgid("Caption"),
    "tags": msgid("Tags"),
    "file": msgid("File"),
    "size": msgid("Size"),
    "concept": msgid("Concept"),
    "role": msgid("Role"),
    "previous": msgid("previous"),
    "next": msgid("next"),
    "close": msgid("close"),
    "page": msgid("rows {first} to {last} of {total}"),
    "open_image": msgid("Open {file}"),
    "same_tag": msgid("Show all images with this tag"),
    "keep": msgid("keep"),
    "drop": msgid("drop"),
    "keep_file": msgid("Keep {file}"),
    "drop_file": msgid("Drop {file}"),
    "best": msgid("best kept"),
    "same_caption": msgid("same caption"),
    "group": msgid("Group {n} of {total}"),
    "group_told": msgid("{n} images, {decided} decided"),
    "more_members": msgid("and {n} more of this group, which the images above stand for"),
    "decided": msgid("{n} images decided, {drop} of them to be dropped"),
    "decided_one": msgid("1 image decided"),
    "joined": msgid("The caption of the kept image becomes:"),
    "slide": msgid("How much of the second picture is shown"),
    "taken_in": msgid("{n} of {total} decisions fit the images of this page"),
    "copied": msgid("copied"),
    "rules_shown": msgid("{n} of {total} rules"),
}
"""What the script says, with its own placeholders."""


def payload(
    report: Report,
    pictures: Pictures,
    anchor_of: Mapping[Cluster, str],
    speakers: Sequence[Translator],
    *,
    chunked: bool = False,
) -> str:
    """The data as letters: gzip, then base64. `chunked` leaves pictures that the page lacks to scripts."""
    data = _data(report, pictures, anchor_of, speakers, chunked=chunked)
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # The time in gzip's header would make every page another one.
    packed = gzip.compress(plain.encode("utf-8"), compresslevel=9, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def _data(
    report: Report,
    pictures: Pictures,
    anchor_of: Mapping[Cluster, str],
    speakers: Sequence[Translator],
    *,
    chunked: bool,
) -> dict[str, Any]:
    table = report.images
    row_of = {path: row for row, path in enumerate(table.paths)}
    texts, text_of = _texts(report)
    findings = [finding for finding in report.findings if finding.status == "open"]
    rules = sorted({finding.rule for finding in findings})
    rule_of = {rule: number for number, rule in enumerate(rules)}
    return {
        "format": FORMAT,
        "id": report_id(report),
        "root": cut(_clean(report.dataset.root), NAME_KEPT),
        "paths": [cut(_clean(path), PATH_KEPT) for path in table.paths],
        "hash": [bytes(row).hex()[:HASH_DIGITS] for row in table.content],
        "width": _numbers(table.width.values),
        "height": _numbers(table.height.values),
        "bytes": _numbers(table.size_bytes.values),
        "tokens": [
            int(n) if valid else NO_ROW for n, valid in zip(table.tokens.values, table.tokens.valid, strict=True)
        ],
        "concept": _numbers(table.concept.codes),
        "concepts": [cut(_clean(name), NAME_KEPT) for name in table.concept.labels],
        "role": _numbers(table.role.codes),
        "roles": list(table.role.labels),
        "text": text_of,
        "texts": texts,
        "tagged": _numbers(table.text_of),
        "tags": [_numbers(table.tags.row(row)) for row in range(len(table.tags))],
        "tagNames": [cut(_clean(name), NAME_KEPT) for name in table.tag_names],
        "picture": [
            NO_ROW if chunked and not pictures.is_stored(path) else pictures.number(path) for path in table.paths
        ],
        "chunk": CHUNK if chunked else 0,
        "rules": rules,
        "findings": {
            "rule": [rule_of[finding.rule] for finding in findings],
            "severity": [int(finding.severity) for finding in findings],
            "id": [finding.fingerprint for finding in findings],
            "rows": [_rows(finding.subject.paths, row_of) for finding in findings],
        },
        "groups": [
            {
                "anchor": anchor,
                "kind": cluster.kind,
                "rows": _rows(cluster.paths, row_of),
                "keeper": row_of.get(cluster.keeper, NO_ROW),
            }
            for cluster, anchor in anchor_of.items()
        ],
        "words": {say.language: _words(report, rules, say) for say in speakers},
    }


def report_id(report: Report) -> str:
    """Under which a browser keeps the decisions made on this page: the same images of the same folder."""
    digest = hashlib.sha256(report.dataset.root.encode("utf-8", "surrogatepass"))
    digest.update(report.images.content.tobytes())
    return digest.hexdigest()[:16]


def _texts(report: Report) -> tuple[list[str], list[int]]:
    """Captions stored once each, and which one an image has."""
    known: dict[str, int] = {}
    text_of = [known.setdefault(caption, len(known)) if caption else NO_ROW for caption in report.images.captions]
    return [_clean(cut(text, CAPTION_KEPT)) for text in known], text_of


def _words(report: Report, rules: Sequence[str], say: Translator) -> dict[str, Any]:
    titles = {
        rule: say.text(report.rule_texts[rule].title).rstrip(".") if rule in report.rule_texts else rule
        for rule in rules
    }
    marks = {str(int(one)): severity_mark(one, say).word for one in Severity if one is not Severity.OFF}
    return {name: say.text(text) for name, text in WORDS.items()} | {"titles": titles, "severities": marks}


def _rows(paths: Sequence[str], row_of: Mapping[str, int]) -> list[int]:
    return [row_of[path] for path in paths if path in row_of]


def _numbers(values: Any) -> list[int]:
    return [int(value) for value in np.asarray(values)]


def _clean(text: str) -> str:
    """A stranger's text with what hides or steers made visible, as everywhere on the page."""
    return visible(text)
