"""The words of the page, for those who meet them here first."""

from dataclasses import dataclass
from typing import Final

from tagmetry.api import Translator, msgid

_TERMS: Final = (
    (msgid("bucket"), msgid("Images that are trained at one resolution, because their shapes are alike.")),
    (msgid("caption"), msgid("The text beside an image that tells the model what it shows.")),
    (msgid("class word"), msgid("The general noun of a concept, such as girl or dog.")),
    (msgid("concept"), msgid("Images that teach the same thing: one character, one style, one object.")),
    (msgid("draw"), msgid("One showing of one image to the model.")),
    (
        msgid("evidence"),
        msgid("How well founded it is that a finding leads to trouble: documented, experience, or a hint."),
    ),
    (msgid("exposure"), msgid("How often the images of a concept are drawn in one epoch: images times repeats.")),
    (msgid("failure mode"), msgid("A way in which a trained LoRA goes wrong.")),
    (msgid("near-duplicates"), msgid("Images that are one picture but for size, tones, edges or a detail.")),
    (
        msgid("regularization images"),
        msgid("Images of the class without the concept, shown so that the class stays what it was."),
    ),
    (msgid("remedy"), msgid("What to do about a finding, in the data or in the training.")),
    (msgid("repeats"), msgid("How often each image of a folder is drawn in one epoch.")),
    (msgid("sample"), msgid("An image with its caption.")),
    (
        msgid("severity"),
        msgid("An error spoils or stops the training, a warning may spoil the result, a note is good to know."),
    ),
    (msgid("tag"), msgid("A part of a caption between commas.")),
    (msgid("token"), msgid("A piece of text as the model's text encoder reads it; often a word, or a part of one.")),
    (msgid("trigger word"), msgid("The rare word that calls the concept in a prompt.")),
)


@dataclass(frozen=True, slots=True)
class Term:
    word: str
    meaning: str


def terms(say: Translator) -> tuple[Term, ...]:
    return tuple(Term(say.text(word), say.text(meaning)) for word, meaning in _TERMS)
