"""No picture shows the class without the trigger, and the captions always name both.

What it finds
    Training concepts whose captions name the class word on at least `limit` of the images and always together
    with the trigger, in a set in which no image of any role names that class word without a trigger: neither
    regularization or preservation images, nor training images of others of the class.

Why it matters
    Whatever the class word says is then said of the one subject alone. The model takes the two words for one: the
    class word by itself begins to give the subject, and others of the class can no longer be drawn. Class pictures
    hold its old meaning in place.

What to do
    Add regularization images of the class, best real ones that are as varied as the class is, with captions that name
    background and attributes; or some training images of others of the class. Naming the class word on fewer
    captions helps as well. Without class pictures train shorter and the text encoder weaker, and try the class
    word alone at every checkpoint.

Known limits
    Judges words, not pictures: what regularization images show is not looked at. Needs a trigger and a class word,
    declared or inferred. A style has no class that could be lost, so sets with that purpose are not judged.
    `class-hijack-risk` looks at one concept and its words; where class pictures are missing altogether,
    this rule tells it for the whole set. Both limits are Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Concept, Dataset, Finding, Mask, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.regularization.class_words import CaptionWords
from tagmetry.text import contains_word


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.9,
        "Share of a concept's images whose captions name the class word, from which on it is taken for a fixed pair.",
        unit="share",
        low=0,
        high=1,
    )
    min_images: int = option(3, "Concepts of fewer images are not judged.", unit="images", low=1)


rule = Rule(
    id="missing-regularization",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed",),
    messages={
        "none": Plural(
            'no picture shows a class without a trigger: the class word "{words}" is always beside the trigger in the '
            'captions of "{concepts}", and there are no regularization images',
            "no picture shows a class without a trigger: the class words {words} are always beside a trigger in the "
            "captions of {concepts}, and there are no regularization images",
            by="n",
        ),
        "other-class": Plural(
            'no picture shows a class without a trigger: the class word "{words}" is always beside the trigger in the '
            'captions of "{concepts}", and no regularization image names it',
            "no picture shows a class without a trigger: the class words {words} are always beside a trigger in the "
            "captions of {concepts}, and no regularization image names them",
            by="n",
        ),
        "style": "the purpose is a style, which has no class that could be lost",
        "no-class-word": "no class word is known: set profile.concepts.NAME.class_word",
        "too-few": "every concept has too few images to judge",
    },
    remedies={
        "none": Remedies(
            data=("add regularization images of the class, with captions that name background and attributes",),
            training=("until then train shorter and the text encoder weaker, and try the class word alone",),
        ),
        "other-class": Remedies(
            data=("name the class word in the captions of the regularization images, or add some of that class",),
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    concepts = dataset.training_concepts
    if not concepts:
        raise Skip("no-training-images")
    if dataset.profile.purpose == "style":
        raise Skip("style")
    if not dataset.train.captioned.any():
        raise Skip("no-captions")
    named = [concept for concept in concepts if concept.class_word is not None]
    if not named:
        raise Skip("no-class-word")
    called = [concept for concept in named if concept.trigger is not None]
    if not called:
        raise Skip("no-trigger")
    judged = [concept for concept in called if concept.n >= options.min_images]
    if not judged:
        raise Skip("too-few")
    words_of = CaptionWords(dataset)
    alone = {word: _stands_alone(dataset, word, words_of) for word in {concept.class_word or "" for concept in judged}}
    shares = {concept.name: _share_of_pair(concept, words_of) for concept in judged}
    found = [
        concept for concept in judged if shares[concept.name] >= options.limit and not alone[concept.class_word or ""]
    ]
    if not found:
        return
    words = sorted({concept.class_word or "" for concept in found})
    share = max(shares[concept.name] for concept in found)
    yield rule.finding(
        dataset.subject(),
        "other-class" if dataset.role("regularization").n else "none",
        values={
            "n": len(found),
            "concepts": tuple(concept.name for concept in found),
            "words": tuple(words),
        },
        measured=Measurement("class_word_share", share, options.limit, option="limit", unit="share"),
    )


def _share_of_pair(concept: Concept, words: CaptionWords) -> float:
    """Share of the images whose captions hold class word and trigger; 0 where one names the class word alone."""
    assert concept.class_word is not None and concept.trigger is not None
    class_word = words.naming_class(concept, concept.class_word)
    with_trigger = words.calling(concept, concept.trigger)
    if bool((class_word & ~with_trigger & concept.captioned).any()):
        return 0.0
    return float((class_word & with_trigger).mean())


def _stands_alone(dataset: Dataset, class_word: str, words: CaptionWords) -> bool:
    """Whether an image of any role is of the class without being called by a trigger.

    Uncaptioned images outside the training set count by their folder, which trainers read instead of a caption.
    """
    samples = dataset.samples
    alone: Mask = words.naming_class(samples, class_word)
    for trigger in {concept.trigger for concept in dataset.training_concepts if concept.trigger}:
        alone &= ~words.calling(samples, trigger)
    if bool(alone.any()):
        return True
    others = dataset.concepts_of("regularization", "preservation")
    return any(
        not bool(other.captioned.all()) and (other.class_word == class_word or contains_word(other.name, class_word))
        for other in others
    )
