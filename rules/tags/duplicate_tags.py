"""A tag that stands twice in one caption.

What it finds
    Captions in which a tag stands more than once. Spellings that a reader takes for the same count as one:
    `long_hair` and `Long hair`. Each repetition is named as it is written.

Why it matters
    The repetition takes tokens from what else the caption says, and gives the tag more weight than its picture has
    reason for. With shuffled tags and tag dropout one of the two may go and the other stay, so that the picture is
    trained as if nothing had been left out. Most come from two taggers whose outputs were joined.

What to do
    Leave one of each. Which of the spellings stays matters little, if it is the one of the other captions.

Known limits
    Synonyms that stand side by side (`t-shirt, tee shirt`) are reported by `tag-synonyms`. A tag that is said again by
    a more exact one (`dress, red dress`) is no repetition: boorus tag like that on purpose. Sentences are not judged.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from tagmetry.api import Hits, NoOptions, Plural, Remedies, Rule, Samples, Severity, Skip, repeated_tags
from tagmetry.text import normal_form, split_tags

rule = Rule(
    id="duplicate-tags",
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("prompt-sensitivity",),
    messages={
        "found": Plural(
            "a tag stands more than once in the caption of {path}: {tags}",
            "{n:count} tags stand more than once in the caption of {path}: {tags}",
        ),
    },
    remedies=Remedies(data=("leave each of them once: {tags}",)),
)


@rule.each_sample
def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
    captions = samples.dataset.captions
    if samples.dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not samples.captioned.any():
        raise Skip("no-captions")
    owners, _ = repeated_tags(captions.tags, max(1, len(captions.forms)))
    repeating, n_tags = np.unique(owners, return_counts=True)
    n_of_text = np.zeros(len(captions.texts) + 1, dtype=np.int64)
    n_of_text[repeating] = n_tags
    # The last entry is that of images without a caption, whose text is -1.
    counts = n_of_text[samples.text_ids]
    written = np.full(samples.n, None, dtype=object)
    for place in np.flatnonzero(counts):
        written[place] = _repeated(captions.texts[samples.text_ids[place]])
    yield rule.hits(
        "found",
        counts > 0,
        values={"path": samples.paths, "n": counts, "tags": written},
        metric="repeated_tags",
        measured=counts,
        limit=0,
        about="caption",
    )


def _repeated(text: str) -> tuple[str, ...]:
    """Each tag that stands more than once: as often as it does, or in the spellings in which it does."""
    spellings: dict[str, Counter[str]] = {}
    for tag in split_tags(text):
        form = normal_form(tag)
        if form:
            spellings.setdefault(form, Counter())[tag] += 1
    return tuple(
        " = ".join(f"{tag} ×{n}" if n > 1 else tag for tag, n in of_tag.items())
        for of_tag in spellings.values()
        if of_tag.total() > 1
    )
