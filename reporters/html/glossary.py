"""The words of the page, for those who meet them here first."""

from dataclasses import dataclass
from typing import Final

from tagmetry.api import Translator

_TERMS: Final = (
    ("bucket", "Images that are trained at one resolution, because their shapes are alike."),
    ("caption", "The text beside an image that tells the model what it shows."),
    ("class word", "The general noun of a concept, such as girl or dog."),
    ("concept", "Images that teach the same thing: one character, one style, one object."),
    ("draw", "One showing of one image to the model."),
    ("evidence", "How well founded it is that a finding leads to trouble: documented, experience, or a hint."),
    ("exposure", "How often the images of a concept are drawn in one epoch: images times repeats."),
    ("failure mode", "A way in which a trained LoRA goes wrong."),
    ("near-duplicates", "Images that are one picture but for size, tones, edges or a detail."),
    ("regularization images", "Images of the class without the concept, shown so that the class stays what it was."),
    ("remedy", "What to do about a finding, in the data or in the training."),
    ("repeats", "How often each image of a folder is drawn in one epoch."),
    ("sample", "An image with its caption."),
    ("severity", "An error spoils or stops the training, a warning may spoil the result, a note is good to know."),
    ("tag", "A part of a caption between commas."),
    ("token", "A piece of text as the model's text encoder reads it; often a word, or a part of one."),
    ("trigger word", "The rare word that calls the concept in a prompt."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    word: str
    meaning: str


def terms(say: Translator) -> tuple[Term, ...]:
    return tuple(Term(say.text(word), say.text(meaning)) for word, meaning in _TERMS)
