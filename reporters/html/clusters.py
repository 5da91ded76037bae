"""Duplicates side by side: which image to keep, how alike the others are, and how their captions differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tagmetry.api import Alike, Cluster, Plural, Report, Translator, split_tags
from tagmetry.reporters.html.pictures import Picture, Pictures
from tagmetry.reporters.html.wording import caption_text, counted, images, path_text, pixels

SHOWN_CLUSTERS: Final = 24
"""Clusters that lie open; the rest is folded."""

PICTURED_CLUSTERS: Final = 80
"""Clusters with pictures; those beyond are one line each. The review of groups has the pictures of all."""

TOLD_CLUSTERS: Final = 2000
SHOWN_MEMBERS: Final = 10
FOLDED_MEMBERS: Final = 40
_TAGS_SHOWN: Final = 12

_KINDS: Final = {
    "exact": "exact copies",
    "near": "near-duplicates",
    "crop": "one picture, cropped otherwise",
    "mirrored": "mirrored copies",
    "rotated": "turned copies",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One image of a cluster. `gained` and `lost` are tags that the kept image lacks, and that only it has."""

    picture: Picture
    keeper: bool
    size: str
    distance: str
    caption_note: str
    caption: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    anchor: str
    title: str
    counted: str
    members: tuple[Member, ...]
    folded: tuple[Member, ...]
    folded_title: str
    left: str
    finding: str


@dataclass(frozen=True, slots=True)
class ClusterLine:
    anchor: str
    title: str
    counted: str
    keeper: str


@dataclass(frozen=True, slots=True)
class Clusters:
    summary: str
    open: tuple[Shown, ...]
    folded: tuple[Shown, ...]
    folded_title: str
    lines: tuple[ClusterLine, ...]
    lines_title: str
    untold: str


def in_order(clusters: Sequence[Cluster]) -> tuple[Cluster, ...]:
    """Exact copies first, then small groups before large ones: a giant group hides the true pairs behind it."""
    return tuple(
        sorted(clusters, key=lambda one: (one.kind != "exact", one.kind, len(one.paths), one.keeper, one.paths))
    )


def anchors(clusters: Sequence[Cluster]) -> Mapping[Cluster, str]:
    """The anchor of each cluster, numbered as shown; those beyond the last one told have none."""
    told = in_order(clusters)[: PICTURED_CLUSTERS + TOLD_CLUSTERS]
    return MappingProxyType({cluster: f"cluster-{number}" for number, cluster in enumerate(told, 1)})


def clusters(
    report: Report,
    pictures: Pictures,
    anchor_of: Mapping[Cluster, str],
    finding_of: Mapping[Cluster, str],
    say: Translator,
) -> Clusters:
    """All clusters; `finding_of` has the anchor of the finding that is about a cluster."""
    ordered = in_order(report.clusters)
    captions = _Captions(report)
    shown = tuple(
        _shown(cluster, anchor_of[cluster], finding_of.get(cluster, ""), pictures, captions, say)
        for cluster in ordered[:PICTURED_CLUSTERS]
    )
    rest = ordered[PICTURED_CLUSTERS : PICTURED_CLUSTERS + TOLD_CLUSTERS]
    untold = len(ordered) - PICTURED_CLUSTERS - TOLD_CLUSTERS
    return Clusters(
        summary=_summary(ordered, say),
        open=shown[:SHOWN_CLUSTERS],
        folded=shown[SHOWN_CLUSTERS:],
        folded_title=_more(len(shown) - SHOWN_CLUSTERS, say),
        lines=tuple(
            ClusterLine(anchor_of[one], _title(one, say), images(len(one.paths), say), path_text(one.keeper))
            for one in rest
        ),
        lines_title=_more(len(rest), say),
        untold=say.format(
            "{n:count} more groups are not listed on this page; the JSON report has them all", {"n": untold}
        )
        if untold > 0
        else "",
    )


def _more(n: int, say: Translator) -> str:
    return say.format(Plural("{n:count} more group", "{n:count} more groups"), {"n": n}) if n > 0 else ""


def _summary(ordered: Sequence[Cluster], say: Translator) -> str:
    if not ordered:
        return say.text("No two training images were found to be alike.")
    surplus = _surplus(ordered)
    groups = counted(Plural("{n:count} group of alike images", "{n:count} groups of alike images"), len(ordered), say)
    return say.format(
        Plural(
            "{groups}; keeping one of each would leave out {n:count} image.",
            "{groups}; keeping one of each would leave out {n:count} images.",
        ),
        {"groups": groups, "n": surplus},
    )


def _surplus(ordered: Sequence[Cluster]) -> int:
    """Images beyond one per group, where groups that share an image count as one."""
    leader: dict[str, str] = {}

    def found(path: str) -> str:
        while leader[path] != path:
            leader[path] = leader[leader[path]]
            path = leader[path]
        return path

    for cluster in ordered:
        for path in cluster.paths:
            leader.setdefault(path, path)
            leader[found(path)] = found(cluster.paths[0])
    return sum(1 for path, above in leader.items() if path != above)


def _title(cluster: Cluster, say: Translator) -> str:
    return say.text(_KINDS.get(cluster.kind, cluster.kind))


_LIKENESSES: Final = {
    "near": "likeness {likeness:percent}",
    "crop": "cropped otherwise, likeness {likeness:percent}",
    "mirrored": "mirrored, likeness {likeness:percent}",
    "rotated": "turned, likeness {likeness:percent}",
}


def _likeness(alike: Alike, say: Translator) -> str:
    """How an image is like the one to keep, in a few words."""
    if alike.kind == "exact":
        return say.text("the same picture")
    found = say.format(_LIKENESSES[alike.kind], {"likeness": alike.likeness})
    return say.format("{likeness}; a detail is another", {"likeness": found}) if alike.variant else found


class _Captions:
    """Captions of images by path, and whether they are lists of tags."""

    def __init__(self, report: Report) -> None:
        self._texts = report.images.captions
        style = report.policy.profile.get("caption_style")
        self.tags = style is None or style.value != "sentences"

    def of(self, pictures: Pictures, path: str) -> str:
        row = pictures.row(path)
        return "" if row is None else self._texts[row]


def _shown(
    cluster: Cluster, anchor: str, finding: str, pictures: Pictures, captions: _Captions, say: Translator
) -> Shown:
    order = sorted(range(len(cluster.paths)), key=lambda place: cluster.paths[place] != cluster.keeper)
    told = order[: SHOWN_MEMBERS + FOLDED_MEMBERS]
    kept_caption = captions.of(pictures, cluster.keeper)
    kept = cluster.paths.index(cluster.keeper) if cluster.keeper in cluster.paths else -1
    members = tuple(
        _member(cluster, place, kept, kept_caption, pictures=pictures, captions=captions, say=say) for place in told
    )
    left = len(order) - len(told)
    return Shown(
        anchor=anchor,
        title=_title(cluster, say),
        counted=images(len(cluster.paths), say),
        members=members[:SHOWN_MEMBERS],
        folded=members[SHOWN_MEMBERS:],
        folded_title=say.format("{n:count} more of this group", {"n": len(members) - SHOWN_MEMBERS})
        if len(members) > SHOWN_MEMBERS
        else "",
        left=say.format("and {n:count} more", {"n": left}) if left else "",
        finding=finding,
    )


def _member(
    cluster: Cluster,
    place: int,
    kept: int,
    kept_caption: str,
    *,
    pictures: Pictures,
    captions: _Captions,
    say: Translator,
) -> Member:
    path = cluster.paths[place]
    size = pictures.size(path)
    is_kept = place == kept
    distance = ""
    if cluster.kind == "exact":
        distance = say.text("the same picture")
    elif cluster.alike and not is_kept:
        distance = _likeness(cluster.alike[place], say)
    caption = captions.of(pictures, path)
    note = ""
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    if not is_kept and (caption or kept_caption):
        note, gained, lost = _compared(caption, kept_caption, captions.tags, say)
    return Member(
        picture=pictures.of(path),
        keeper=is_kept,
        size="" if size is None else pixels(*size, say),
        distance=distance,
        caption_note=note,
        caption="" if note and not (gained or lost) and caption == kept_caption else caption_text(caption),
        gained=gained,
        lost=lost,
    )


def _compared(caption: str, kept: str, as_tags: bool, say: Translator) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """How a caption differs from that of the image to keep: a word, tags only here, tags only there."""
    if caption == kept:
        return say.text("same caption"), (), ()
    if not caption:
        return say.text("no caption"), (), ()
    if not kept:
        return say.text("the kept image has no caption"), (), ()
    if not as_tags:
        return say.text("another caption"), (), ()
    own, others = split_tags(caption), split_tags(kept)
    gained = _only(own, others, say)
    lost = _only(others, own, say)
    if gained or lost:
        return "", gained, lost
    return say.text("same tags, written otherwise"), (), ()


def _only(tags: Sequence[str], others: Sequence[str], say: Translator) -> tuple[str, ...]:
    """The tags that the others lack, in their order, cut where they are many."""
    known = {_form(tag) for tag in others}
    found = list(dict.fromkeys(tag for tag in tags if _form(tag) not in known))
    shown = [say.value(tag, "text") for tag in found[:_TAGS_SHOWN]]
    if len(found) > _TAGS_SHOWN:
        shown.append(say.format("and {n:count} more", {"n": len(found) - _TAGS_SHOWN}))
    return tuple(shown)


def _form(tag: str) -> str:
    return " ".join(tag.casefold().replace("_", " ").split())
