"""A tag that is probably a slip of the pen.

What it finds
    Tags on at most `max_images` training images with one word that nobody knows and that is nearly one that is known:
    `lnog hair`, `serafukku`. What was meant is a tag that is in use in three times as many captions of the set, or one
    of the vocabulary. Each finding says how often either stands.

Why it matters
    The model reads a misspelled word as other words, mostly as a few letters that mean nothing. The picture then
    teaches that noise, and is missing where the right word is learned.

What to do
    Correct the spelling in the captions named. A word that is meant so is declared as a trigger or a core tag, or added
    to a group of the policy's vocabulary.

Known limits
    What is known are the words of the vocabulary that comes with Tagmetry or that the policy names, and those in common
    use in the set. A tag is not reported for being in no list, since plain descriptions never are. A slip that makes
    another known word (`read dress`) is not seen, nor one in the first letter of a word, nor one that is repeated in
    many captions. Only words in Latin letters are compared: in Japanese or Chinese one sign more is another word. Where
    only the vocabulary speaks for the other spelling, it is a note. Sentences are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import (
    Concept,
    Dataset,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    Slip,
    TagCount,
    option,
    slips,
)
from tagmetry.text import normal_form, words_of_name


@dataclass(frozen=True, slots=True)
class Options:
    max_images: int = option(
        2,
        "A tag on more images than this is taken for a word that is meant so.",
        unit="images",
        low=1,
        high=1000,
    )


_CORRECT: Final = Plural(
    'write "{meant}" instead of "{tag}" in this caption: {paths}',
    'write "{meant}" instead of "{tag}" in these captions: {paths}',
)

rule = Rule(
    id="unknown-tags",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("prompt-sensitivity",),
    messages={
        "found": Plural(
            '"{tag}" is on one image; "{meant}", which was probably meant, is on {n_meant:count}',
            '"{tag}" is on {n:count} images; "{meant}", which was probably meant, is on {n_meant:count}',
        ),
        "vocabulary": Plural(
            '"{tag}" is on one image and is no known word; "{meant}" may have been meant',
            '"{tag}" is on {n:count} images and is no known word; "{meant}" may have been meant',
        ),
    },
    remedies={"found": Remedies(data=(_CORRECT,)), "vocabulary": Remedies(data=(_CORRECT,))},
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    train, captions = dataset.train, dataset.captions
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not train.n:
        raise Skip("no-training-images")
    if not train.captioned.any():
        raise Skip("no-captions")
    found = slips(
        captions.forms,
        train.tag_images,
        dataset.vocabulary,
        most=options.max_images,
        own_words=_own_words(dataset),
    )
    for slip in found:
        for concept in dataset.training_concepts:
            if concept.tag_images[slip.tag] and not concept.is_own_word(captions.forms[slip.tag]):
                yield _found(concept, slip, options)


def _own_words(dataset: Dataset) -> frozenset[str]:
    """Triggers, class words and core tags of all concepts, and their single words."""
    own = {word for concept in dataset.concepts for word in concept.protected_words}
    return frozenset(own | {normal_form(part) for word in own for part in words_of_name(word)})


def _found(concept: Concept, slip: Slip, options: Options) -> Finding:
    captions = concept.dataset.captions
    form, n = captions.forms[slip.tag], int(concept.tag_images[slip.tag])
    tag = concept.tag(TagCount(form, captions.names[slip.tag], n, n / concept.n))
    return rule.finding(
        tag,
        "found" if slip.n_meant else "vocabulary",
        values={
            "tag": captions.names[slip.tag],
            "meant": slip.meant,
            "n": n,
            "n_meant": slip.n_meant,
            "paths": tag.paths,
        },
        measured=Measurement("images", n, options.max_images, option="max_images", unit="images"),
        severity=None if slip.n_meant else Severity.INFO,
    )
