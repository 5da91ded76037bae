"""One picture with captions that disagree.

What it finds
    Copies of one picture whose lists of tags differ: of exact copies by any tag, of near-duplicates (crops and
    variants left out) when the tags that both have are under `limit` of all tags of both. And images with a
    second caption, such as `a.caption` beside `a.txt` or a file beside a manifest, that says other
    words than the one that is read.

Why it matters
    The same picture under two descriptions teaches that neither counts. A second caption is worse than useless:
    one trainer reads it, the next one the other.

What to do
    Decide on one caption. Keep one of the copies with the tags that are right, and remove captions that are
    not used.

Known limits
    Sentences of copies are not compared, since one picture can be told in many words. Tags are compared in
    their plain form and by their preferred spelling. A copy without a caption is reported by `missing-caption`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, option
from tagmetry.text import normal_form, split_tags, units


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.8,
        "Share of the tags of two near-duplicates that both must have (Jaccard); exact copies must have all.",
        unit="share",
        low=0,
        high=1,
    )


_RECONCILE: Final = Remedies(
    data=("look at the picture, and give {paths} the tags that are right; these differ: {tags}",)
)

rule = Rule(
    id="duplicate-caption-mismatch",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "exact": "copies of one picture have different tags ({share:percent} in common): {tags}; {paths}",
        "near": (
            "near-duplicates have different tags ({share:percent} in common, limit {limit:percent}): {tags}; {paths}"
        ),
        "second": '{image} has a second caption, {other}, that says other words than {read}, which is read: "{words}"',
    },
    remedies={
        "exact": _RECONCILE,
        "near": _RECONCILE,
        "second": Remedies(data=("write what is right into {read}, and remove {other}",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    yield from _second_captions(dataset)
    if dataset.profile.caption_style != "tags":
        return
    alike = dataset.duplicates
    for rows in alike.exact:
        yield from _compared(dataset, rows, "exact", limit=1.0)
    for rows in alike.near:
        told = alike.alike.get(rows, ())
        plain = [row for row, one in zip(rows, told, strict=True) if not one.variant and one.kind in ("exact", "near")]
        # Exact copies have been compared; one of each is enough here.
        copies = {row: group[0] for group in alike.exact for row in group}
        pictures = [row for row in plain if copies.get(row, row) == row]
        yield from _compared(dataset, pictures, "near", limit=options.limit)


def _compared(dataset: Dataset, rows: Sequence[int], message: str, *, limit: float) -> Iterator[Finding]:
    """One finding for a group, if its captions share too few of their tags."""
    tags_of = {row: tags for row in rows if (tags := _tags(dataset, row))}
    if len(tags_of) < 2:
        return
    keeper = max(tags_of, key=lambda row: (len(tags_of[row]), -row))
    shares = {row: _jaccard(tags_of[keeper], tags) for row, tags in tags_of.items()}
    share = min(shares.values())
    if share >= limit:
        return
    each = tuple(tags_of.values())
    differing = frozenset[str]().union(*each) - each[0].intersection(*each[1:])
    shown = tuple(sorted(rows))
    yield rule.finding(
        dataset.cluster("exact", tuple(rows)) if message == "exact" else dataset.sample(keeper),
        message,
        values={
            "share": share,
            "limit": limit,
            "tags": tuple(sorted(differing)),
            "paths": tuple(dataset.paths[row] for row in shown if row in tags_of),
        },
        measured=Measurement(
            "tags_in_common", share, limit, option="limit" if message == "near" else None, unit="share"
        ),
        key=message,
    )


def _tags(dataset: Dataset, row: int) -> frozenset[str]:
    captions = dataset.captions
    text = int(captions.text_of[row])
    if text < 0:
        return frozenset()
    return frozenset(dataset.vocabulary.preferred(captions.forms[tag]) for tag in captions.tags.row(text))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


_SHOWN: Final = 5


def _second_captions(dataset: Dataset) -> Iterator[Finding]:
    captions = dataset.captions
    for row, others in sorted(captions.second.items()):
        text = int(captions.text_of[row])
        read = captions.texts[text] if text >= 0 else ""
        for path, written in others:
            if not written.strip() or units(written) == units(read) or _forms(written) == _forms(read):
                continue
            new = [tag for tag in split_tags(written) if normal_form(tag) not in _forms(read)]
            yield rule.finding(
                dataset.caption(row),
                "second",
                values={
                    "image": dataset.paths[row],
                    "other": path,
                    "read": captions.path_of[row] or "",
                    "words": tuple(new or split_tags(written)),
                },
                measured=Measurement("captions_per_image", 1 + len(others), 1, unit="images"),
                key=path,
            )


def _forms(text: str) -> frozenset[str]:
    return frozenset(map(normal_form, split_tags(text)))
