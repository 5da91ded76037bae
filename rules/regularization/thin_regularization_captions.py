"""Regularization captions that name the class and nothing else.

What it finds
    Regularization sets of which more than `limit` of the images have a thin caption: besides the class word, words for
    pictures in general and little words (`a photo of a dog`, `1girl, solo`) it has fewer than `min_words`, or there is
    no caption at all, for which trainers read the folder's name.

Why it matters
    Regularization images are to keep the meaning of the class. With a caption that says only "a dog" the whole
    picture, backdrop and light included, becomes what the word means; and where training captions name background and
    attributes, the words for these are learned from the training images alone.

What to do
    Caption the regularization images in the same form as the training images, without the trigger: the class, the
    background, and the attributes that the training captions name.

Known limits
    Counts words and does not look at the pictures. Where the training images have no captions, or captions that say no
    more, the two fit together and the rule does not judge. Both limits are Tagmetry's own choice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import (
    Concept,
    Dataset,
    Finding,
    Mask,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Samples,
    Severity,
    Skip,
    option,
)
from tagmetry.text import count_words, normal_form


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5, "Share of the images with a thin caption above which it is reported.", unit="share", low=0, high=1
    )
    min_words: int = option(2, "A caption with fewer words of its own is thin.", unit="words", low=1, high=100)


_EMPTY_WORDS: Final = frozenset(
    {
        *("a", "an", "the", "this", "that", "one", "single", "some", "it", "its", "his", "her", "is", "are"),
        *("and", "or", "of", "in", "on", "at", "with", "by", "from", "to"),
        *("photo", "photograph", "picture", "image", "pic", "shot", "portrait", "closeup"),
        *("illustration", "drawing", "painting", "render", "rendering"),
    }
)
_WORD: Final = re.compile(r"[^\s_]+")
_EDGES: Final = ".,;:!?()[]{}\"'“”‘’"

_CAPTION: Final = (
    "caption them in the form of the training captions, without the trigger: class, background, attributes"
)

rule = Rule(
    id="thin-regularization-captions",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed",),
    roles=("regularization",),
    messages={
        "found": Plural(
            '{n:count} of the {total:count} regularization captions of "{concept}" says little more than the class: '
            "{examples}",
            '{n:count} of the {total:count} regularization captions of "{concept}" say little more than the class, '
            "among them {examples}",
        ),
        "uncaptioned": Plural(
            '{n:count} of the {total:count} regularization images of "{concept}" has no caption, so that the name of '
            "its folder is all that is said of it",
            '{n:count} of the {total:count} regularization images of "{concept}" have no caption, so that the name of '
            "their folder is all that is said of them",
        ),
        "as-thin": "the training captions say no more, so that both fit together",
    },
    remedies=Remedies(data=(_CAPTION,)),
)

_EXAMPLES: Final = 3


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    dataset = concept.dataset
    if not dataset.train.n:
        raise Skip("no-training-images")
    if not dataset.train.captioned.any():
        raise Skip("no-captions")
    if float(_is_thin(dataset.train, options.min_words).mean()) > options.limit:
        raise Skip("as-thin")
    thin = _is_thin(concept, options.min_words)
    share = float(thin.mean())
    if share <= options.limit:
        return
    captioned = thin & concept.captioned
    texts = sorted({dataset.captions.texts[text] for text in concept.text_ids[captioned]})
    yield rule.finding(
        concept.subject(concept.rows[thin]),
        "found" if captioned.any() else "uncaptioned",
        values={
            "concept": concept.name,
            "n": int(thin.sum()),
            "total": concept.n,
            "examples": tuple(texts[:_EXAMPLES]),
            "images": tuple(dataset.paths[row] for row in concept.rows[thin]),
        },
        measured=Measurement("thin_caption_share", share, options.limit, option="limit", unit="share"),
    )


def _is_thin(samples: Samples, min_words: int) -> Mask:
    """Shape (n,): fewer words of their own than `min_words`; an image without a caption has none."""
    captions, ids = samples.dataset.captions, samples.text_ids
    own = np.append(_own_words(samples.dataset), 0.0)
    return np.asarray(own[np.where(ids >= 0, ids, len(captions.texts))] < min_words)


def _own_words(dataset: Dataset) -> NDArray[np.float64]:
    """Per distinct caption: words that are neither class, trigger, praise, a count nor for pictures in general."""
    captions = dataset.captions
    called = frozenset(
        normal_form(word)
        for concept in dataset.concepts
        for word in (concept.trigger, concept.class_word)
        if word is not None
    )
    of_form = np.fromiter((_own_words_of(dataset, form, called) for form in captions.forms), dtype=np.float64)
    weights = of_form[captions.tags.ids]
    own = np.bincount(captions.tags.owners(), weights=weights, minlength=len(captions.texts))
    return own.astype(np.float64)


def _own_words_of(dataset: Dataset, form: str, called: frozenset[str]) -> int:
    if form in called or form == "solo" or _is_count(form, called) or dataset.vocabulary.is_quality_word(form):
        return 0
    words = (word.strip(_EDGES) for word in _WORD.findall(form))
    return sum(count_words(word) for word in words if word and word not in _EMPTY_WORDS and word not in called)


def _is_count(form: str, called: frozenset[str]) -> bool:
    """`1girl` and `2dogs` for a class that is known."""
    bare = form.lstrip("0123456789+")
    return bare != form and (bare in called or bare.removesuffix("s") in called)
