"""What goes wrong, what helps, and what the words mean, for people who have never trained a model.

One source for the manual, for `tagmetry explain` and for the help of the HTML review. The school pictures and most
answers follow the source on balancing strategies (S0), the failure modes the one on failure modes (S1), and what is
said about Flux one practitioner's experience (S2).
"""

from dataclasses import dataclass
from typing import Final

from tagmetry.messages import msgid


@dataclass(frozen=True, slots=True)
class FailureWords:
    """A way in which training goes wrong: what happens, how it shows, what in the data leads there, what to do."""

    id: str
    name: str
    what: str
    shows: str
    why: str
    first: str


@dataclass(frozen=True, slots=True)
class TechniqueWords:
    """A way to balance a dataset: what it does, like what at school, whom it suits, how it goes wrong, its settings."""

    id: str
    name: str
    what: str
    school: str
    suits: str
    wrong: str
    settings: str


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Term:
    word: str
    meaning: str


FAILURES: Final = (
    FailureWords(
        "memorization",
        msgid("Memorization"),
        msgid("The model learns the training pictures by heart instead of learning what they have in common."),
        msgid("New pictures look like the old ones: the same pose, the same background, the same look on the face."),
        msgid("Some pictures are in the set many times over, or all pictures show the same place, view or light."),
        msgid("Take out copies and near-copies first. Then add pictures from other places, distances and angles."),
    ),
    FailureWords(
        "concept-bleed",
        msgid("Concept bleed"),
        msgid("What was taught spills over into pictures that have nothing to do with it."),
        msgid(
            "Asking for any girl gives this one girl, or the dress of one character appears on another, "
            "or your style colours every picture."
        ),
        msgid("Two things always appear together in the captions, so the model cannot know that they are two."),
        msgid("Show the things apart: other clothes, other places, pictures of the class without your subject."),
    ),
    FailureWords(
        "identity-collapse",
        msgid("Identity collapse"),
        msgid("The model did not get hold of who or what it should learn."),
        msgid("The trigger word brings another person, or the face changes from picture to picture."),
        msgid("Pictures of different people or styles are mixed in one concept, or there are too few good ones."),
        msgid("Keep one person, one style and sharp pictures only. Ten even pictures beat forty mixed ones."),
    ),
    FailureWords(
        "prompt-sensitivity",
        msgid("Prompt sensitivity"),
        msgid("The result hangs on the exact wording instead of on what is asked for."),
        msgid(
            "It works with one prompt only, the end of a long prompt does nothing, or nothing happens "
            "without the trigger."
        ),
        msgid("Captions are missing, contradict each other, are cut off, or are all built by one template."),
        msgid("Give every picture a true caption, put what matters first, and keep to one way of writing."),
    ),
    FailureWords(
        "style-drift",
        msgid("Style drift"),
        msgid("Colours, contrast or the way of drawing move to where nobody asked for them."),
        msgid("Pictures come out too hard, grainy, smooth or tinted, or a drawing looks half like a photograph."),
        msgid(
            "Photographs and drawings are mixed, pictures are small, blurred or squeezed, or quality words "
            "stand everywhere."
        ),
        msgid("Take out the bad pictures, keep one kind of picture, and leave words such as masterpiece out."),
    ),
    FailureWords(
        "instability",
        msgid("Instability"),
        msgid("The training itself breaks."),
        msgid("The loss jumps or shows NaN (not a number), pictures turn black, or the trainer stops."),
        msgid("Files are broken, extremely large or extremely compressed, or settings do not fit each other."),
        msgid("Take out the files that the findings name, and start again from a checkpoint before the jump."),
    ),
)
"""The failure modes of the findings, in the order of the reports."""

TECHNIQUES: Final = (
    TechniqueWords(
        "repeats",
        msgid("Repeats"),
        msgid(
            "Pictures of a small concept are shown several times in each epoch, so that it is not drowned "
            "by a large one."
        ),
        msgid("Like going through a short chapter again and again: it sticks, and in the end it is known by heart."),
        msgid(
            "several concepts of unlike size, one of which must hold, together with regularization images "
            "and an early stop"
        ),
        msgid("the same few pictures come back; faces look burnt; the concept leaks into other prompts"),
        "num_repeats, --dataset_repeats, multiply.txt",
    ),
    TechniqueWords(
        "fractional-epochs",
        msgid("Fractional epochs"),
        msgid("Of a very large concept only a part, drawn anew each time, is shown in each epoch."),
        msgid("Like spot checks of a long chapter: time is saved, and an unlucky draw leaves out what matters."),
        msgid("large concepts that need not be seen whole each time; at least a third of them, better a half"),
        msgid("some backgrounds or colours are hardly seen, and epochs differ from each other: count steps instead"),
        "multiply.txt below 1, a sampler",
    ),
    TechniqueWords(
        "tag-cap",
        msgid("Cap on a tag"),
        msgid("A word that stands in nearly every caption is taken out of some of them."),
        msgid("Like leaving a pet phrase out of some sentences, so that the rest can be said without it."),
        msgid("words without which nothing comes out, where the tags are right"),
        msgid("wrong tags take good captions away; too much of it, and the prompt loses its hold"),
        "cap_ratio 0.8",
    ),
    TechniqueWords(
        "stratified",
        msgid("Stratified sampling"),
        msgid("From each group, such as views or backgrounds, the same number of pictures is drawn."),
        msgid("Like drawing evenly from labelled shelves, whichever shelf holds more."),
        msgid("sets in which can be named what is to be equal"),
        msgid("the labels on the shelves are wrong"),
        "subsets, a sampler",
    ),
    TechniqueWords(
        "image-weights",
        msgid("Weights for images"),
        msgid("Some pictures count more, or less, without being shown more often."),
        msgid("Like marks per question: the same questions, but some of them decide the grade."),
        msgid("weakening noisy pictures; that is safer than strengthening good ones"),
        msgid("extreme weights tear the training out of its track; they stay between 0.5 and 2"),
        "loss_scale.txt, WeightedRandomSampler",
    ),
    TechniqueWords(
        "curriculum",
        msgid("Curriculum"),
        msgid("Training begins with clean pictures and short captions, and takes in the rest bit by bit."),
        msgid("Like easy questions first, hard ones when the easy ones are solved."),
        msgid("concepts that disturb each other, and long lists of tags"),
        msgid("hard to plan, and hard to see what went wrong"),
        "token_warmup_min, token_warmup_step",
    ),
    TechniqueWords(
        "weak-randomization",
        msgid("Weak randomization and mixes"),
        msgid(
            "The same picture is shown with its tags in another order, or with some of them left out; "
            "pictures of the class are mixed in."
        ),
        msgid("Like describing one photograph in other words each time, and turning it over now and then."),
        msgid("small sets: the safest first step"),
        msgid("with too much of it the prompt has no hold; poor class pictures teach their mistakes"),
        "shuffle_caption, keep_tokens, caption_tag_dropout_rate, flip_aug",
    ),
)
"""The techniques that a balance plan can hold."""

QUESTIONS: Final = (
    Question(
        msgid("Does balancing always help?"),
        msgid(
            "No. It changes what the model sees, for better or worse, and with few pictures it soon does harm. Begin "
            "with weak randomization; change repeats only where concepts are of very unlike size."
        ),
    ),
    Question(
        msgid("What does more caption dropout do?"),
        msgid(
            "Short prompts work more easily, because the model also learned without words. With too much of it the "
            "words lose their hold altogether. 0 is the start, 0.02 to 0.05 where short prompts fail, 0.1 is too much."
        ),
    ),
    Question(
        msgid("Are more repeats better?"),
        msgid(
            "No. Each repeat brings the same picture back, which is how pictures are learned by heart. Where repeats "
            "are raised, add regularization images and stop early."
        ),
    ),
    Question(
        msgid("May regularization images be made by the model itself?"),
        msgid(
            "The official scripts do so, and it works. But the model's own mistakes, such as extra fingers, are then "
            "taught as right. Mix in real pictures where the made ones are poor."
        ),
    ),
    Question(
        msgid("Rank, learning rate, or better pictures: what first?"),
        msgid(
            "Pictures. Good data forgive many settings, and no setting rescues bad data. One blurred picture can "
            "spoil a small set."
        ),
    ),
    Question(
        msgid("How many pictures do I need?"),
        msgid(
            "For Flux one practitioner found 15 to 25 the best for the effort, and 30 to 50 better still if they are "
            "even. For other models no such number is established. Take bad pictures out before adding any."
        ),
    ),
    Question(
        msgid("Should the pictures be alike or different?"),
        msgid(
            "For SD 1.5 and SDXL: the subject stays, all around it changes. For Flux: one distance, one light, one "
            "way of drawing. The report follows the base model that you name."
        ),
    ),
    Question(
        msgid("Is a warning a symptom?"),
        msgid(
            "No. Nothing has been trained yet. A warning says that the data are built in a way in which the trouble "
            "tends to occur, and how sure that is."
        ),
    ),
    Question(
        msgid("I trained a second time and the first character is gone. Why?"),
        msgid("What is not shown again is forgotten. Mix half of the earlier pictures with half of the new ones."),
    ),
    Question(
        msgid("Does Tagmetry look at my pictures with a model, or send them anywhere?"),
        msgid("Neither. It measures files, pixels and captions on your machine, and never writes into your folder."),
    ),
)
"""What people ask, with short answers."""

GLOSSARY: Final = (
    Term(msgid("base model"), msgid("The finished model that is taught something new, such as SD 1.5, SDXL or Flux.")),
    Term(msgid("batch"), msgid("The images that the trainer looks at together before it learns from them once.")),
    Term(msgid("bucket"), msgid("Images that are trained at one resolution, because their shapes are alike.")),
    Term(msgid("caption"), msgid("The text beside an image that tells the model what it shows.")),
    Term(msgid("caption dropout"), msgid("Now and then an image is shown without its caption.")),
    Term(msgid("checkpoint"), msgid("The state of the training, saved at some point, to be tried out.")),
    Term(msgid("class word"), msgid("The general noun of a concept, such as girl or dog.")),
    Term(msgid("concept"), msgid("Images that teach the same thing: one character, one style, one object.")),
    Term(msgid("core tag"), msgid("A tag for what always belongs to the concept, such as the colour of its hair.")),
    Term(msgid("draw"), msgid("One showing of one image to the model.")),
    Term(msgid("epoch"), msgid("One round through all images, each as often as its repeats say.")),
    Term(
        msgid("evidence"),
        msgid("How well founded it is that a finding leads to trouble: documented, experience, or a hint."),
    ),
    Term(msgid("exposure"), msgid("How often the images of a concept are drawn in one epoch: images times repeats.")),
    Term(msgid("failure mode"), msgid("A way in which a trained LoRA goes wrong.")),
    Term(msgid("hold-out images"), msgid("Images that are kept out of the training, to see how it does on new ones.")),
    Term(msgid("LoRA"), msgid("A small file that teaches a base model one thing more.")),
    Term(msgid("loss"), msgid("How far off the model's guess is; it should fall while it trains.")),
    Term(msgid("near-duplicates"), msgid("Images that are one picture but for size, tones, edges or a detail.")),
    Term(
        msgid("preservation images"),
        msgid("Images of everything else, shown now and then so that the model does not forget it."),
    ),
    Term(msgid("prompt"), msgid("The text with which a picture is asked for.")),
    Term(msgid("rank"), msgid("How much a LoRA can hold; more than the data give is filled with chance.")),
    Term(
        msgid("regularization images"),
        msgid("Images of the class without the concept, shown so that the class stays what it was."),
    ),
    Term(msgid("remedy"), msgid("What to do about a finding, in the data or in the training.")),
    Term(msgid("repeats"), msgid("How often each image of a folder is drawn in one epoch.")),
    Term(msgid("sample"), msgid("An image with its caption.")),
    Term(
        msgid("severity"),
        msgid("An error spoils or stops the training, a warning may spoil the result, a note is good to know."),
    ),
    Term(msgid("step"), msgid("One time that the model learns, from one batch.")),
    Term(msgid("tag"), msgid("A part of a caption between commas.")),
    Term(msgid("tag dropout"), msgid("Now and then some tags of a caption are left out.")),
    Term(msgid("text encoder"), msgid("The part of the model that reads the prompt.")),
    Term(
        msgid("token"),
        msgid("A piece of text as the model's text encoder reads it; often a word, or a part of one."),
    ),
    Term(msgid("trigger word"), msgid("The rare word that calls the concept in a prompt.")),
)
"""The field's words, by alphabet."""
