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
        msgid(
            "Show the things apart: other clothes, other places, and pictures of the same kind of thing (other girls, "
            "other dogs) without your subject."
        ),
    ),
    FailureWords(
        "identity-collapse",
        msgid("Identity collapse"),
        msgid("The model did not get hold of who or what it should learn."),
        msgid("The word for your subject (the trigger word) brings another person, or the face changes each time."),
        msgid("Pictures of different people or styles are mixed in one concept, or there are too few good ones."),
        msgid("Keep one person, one style and sharp pictures only. Ten even pictures beat forty mixed ones."),
    ),
    FailureWords(
        "prompt-sensitivity",
        msgid("Prompt sensitivity"),
        msgid("The result hangs on the exact wording instead of on what is asked for."),
        msgid(
            "It works with one wording of the prompt only, the end of a long prompt does nothing, or nothing happens "
            "without the trigger word."
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
            "Photographs and drawings are mixed, pictures are small, blurred or strongly compressed, or words of "
            "praise (masterpiece, best quality) stand in every caption."
        ),
        msgid("Take out the bad pictures, keep one kind of picture, and leave words such as masterpiece out."),
    ),
    FailureWords(
        "instability",
        msgid("Instability"),
        msgid("The training itself breaks."),
        msgid(
            "The loss (how far off the model's guesses are) jumps or shows NaN (not a number), pictures turn black, "
            "or the trainer stops."
        ),
        msgid("Files are broken, extremely large or extremely compressed, or settings do not fit each other."),
        msgid("Take out the files that the findings name, and start again from a state saved before the jump."),
    ),
)
"""The failure modes of the findings, in the order of the reports."""

TECHNIQUES: Final = (
    TechniqueWords(
        "repeats",
        msgid("Repeats"),
        msgid(
            "Pictures of a small concept are shown several times in each round of the training (an epoch), so that "
            "it is not drowned by a large one."
        ),
        msgid("Like going through a short chapter again and again: it sticks, and in the end it is known by heart."),
        msgid(
            "several concepts with very different numbers of pictures, if pictures of the class without your subject "
            "(regularization images) are shown too, and the training is stopped early"
        ),
        msgid(
            "the same few pictures come back; faces look burnt, that is hard and too strong in colour; the concept "
            "shows where nobody asked for it"
        ),
        "num_repeats, --dataset_repeats, multiply.txt",
    ),
    TechniqueWords(
        "fractional-epochs",
        msgid("Fractional epochs"),
        msgid("Of a very large concept only a part, drawn anew each time, is shown in each round (epoch)."),
        msgid("Like spot checks of a long chapter: time is saved, and an unlucky draw leaves out what matters."),
        msgid("large concepts that need not be seen whole each time; at least a third of them, better a half"),
        msgid("some backgrounds or colours are hardly seen, and no two rounds are alike: count steps instead"),
        "multiply.txt below 1, a sampler",
    ),
    TechniqueWords(
        "tag-cap",
        msgid("Cap on a tag"),
        msgid("A word that stands in nearly every caption is taken out of some of them."),
        msgid("Like leaving a pet phrase out of some sentences, so that the rest can be said without it."),
        msgid("words without which nothing comes out, where the tags are right"),
        msgid("where tags are wrong, good captions are lost; with too much of it, the prompt has little effect"),
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
            "The same picture is shown with its tags in another order, or with some of them left out; pictures of "
            "the same kind of thing without your subject are mixed in."
        ),
        msgid("Like describing one photograph in other words each time, and turning it over now and then."),
        msgid("small sets: the safest first step"),
        msgid("with too much of it the prompt has little effect; poor pictures that are mixed in teach their mistakes"),
        "shuffle_caption, keep_tokens, caption_tag_dropout_rate, flip_aug",
    ),
)
"""The techniques that a balance plan can hold."""

QUESTIONS: Final = (
    Question(
        msgid("Does balancing always help?"),
        msgid(
            "No. It changes what the model sees, for better or worse, and with few pictures it soon does harm. Begin "
            "with tags in changing order (weak randomization); change how often pictures are shown only where concepts "
            "have very different numbers of them."
        ),
    ),
    Question(
        msgid("What does more caption dropout do?"),
        msgid(
            "Some pictures are then shown without their caption. Short prompts work more easily, because the model "
            "also learned without words; with too much of it the words have no effect at all. Begin with 0, take 0.02 "
            "to 0.05 (2 to 5 pictures of 100) where short prompts fail; 0.1 is too much."
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
            "Pictures. With good ones, rank (how much the LoRA can hold) and learning rate (how far it moves at each "
            "step) may be off a little; bad ones no setting rescues. One blurred picture can spoil a small set."
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
    Term(
        msgid("95 % interval"),
        msgid("The range in which the true share lies in 95 of 100 cases; with few images it is wide."),
    ),
    Term(
        msgid("alpha"),
        msgid("A setting (network_alpha) for how strongly the LoRA acts; equal to the rank it acts in full."),
    ),
    Term(
        msgid("augmentation"),
        msgid("Small changes to a picture while it is trained, such as mirroring it or shifting its colours."),
    ),
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
    Term(
        msgid("entropy"),
        msgid("How evenly something is spread: 0 where it is always the same, 1 where all kinds are equally common."),
    ),
    Term(msgid("epoch"), msgid("One round through all images, each as often as its repeats say.")),
    Term(
        msgid("evidence"),
        msgid(
            "How well founded it is that a finding leads to trouble: documented (a trainer's makers or a paper "
            "say so), community (people who train report it), or heuristic (concluded from figures)."
        ),
    ),
    Term(msgid("exposure"), msgid("How often the images of a concept are drawn in one epoch: images times repeats.")),
    Term(msgid("failure mode"), msgid("A way in which a trained LoRA goes wrong.")),
    Term(msgid("finding"), msgid("What a rule says of your data, with the figure and the images.")),
    Term(msgid("full precision"), msgid("Arithmetic with more digits (fp32): slower, and less likely to break down.")),
    Term(msgid("hold-out images"), msgid("Images that are kept out of the training, to see how it does on new ones.")),
    Term(
        msgid("keep_tokens"),
        msgid("A setting of trainers: so many tags at the front stay in their place when the others are shuffled."),
    ),
    Term(
        msgid("latents"),
        msgid("A picture in the small form in which the model works on it; trainers store (cache) it to save time."),
    ),
    Term(msgid("learning rate"), msgid("How far the model moves at each step.")),
    Term(msgid("LoRA"), msgid("A small file that teaches a base model one thing more.")),
    Term(msgid("loss"), msgid("How far off the model's guess is; it should fall while it trains.")),
    Term(msgid("multiplier"), msgid("A factor on how often the images of a concept are shown.")),
    Term(msgid("NaN"), msgid("Not a number: the arithmetic of the training has broken down.")),
    Term(msgid("near-duplicates"), msgid("Images that are one picture but for size, tones, edges or a detail.")),
    Term(msgid("over-fitting"), msgid("The model fits the training images so closely that it can make little else.")),
    Term(msgid("plan"), msgid("A proposal for how often each image is shown, and for the settings of captions.")),
    Term(msgid("playbook"), msgid("What to look at and what to do about a symptom, in order.")),
    Term(msgid("policy"), msgid("A file that says which rules count, and with which limits.")),
    Term(
        msgid("preservation images"),
        msgid("Images of everything else, shown now and then so that the model does not forget it."),
    ),
    Term(msgid("prompt"), msgid("The text with which a picture is asked for.")),
    Term(
        msgid("purpose"),
        msgid(
            "What a LoRA is for, such as a character, a person or a style; the rules ask for other pictures for each."
        ),
    ),
    Term(
        msgid("quality words"),
        msgid("Words of praise in captions, such as masterpiece, that say nothing of what is seen."),
    ),
    Term(
        msgid("rank"),
        msgid("How much a LoRA can hold (network_dim); with too much room it learns accidents of single pictures."),
    ),
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
    Term(msgid("shuffle"), msgid("The tags of a caption come in another order each time the image is shown.")),
    Term(msgid("step"), msgid("One time that the model learns, from one batch.")),
    Term(msgid("symptom"), msgid("What you saw go wrong after a training. A finding is only a sign in the data.")),
    Term(msgid("tag"), msgid("A part of a caption between commas.")),
    Term(msgid("tag dropout"), msgid("Now and then some tags of a caption are left out.")),
    Term(msgid("text encoder"), msgid("The part of the model that reads the prompt.")),
    Term(
        msgid("token"),
        msgid("A piece of text as the model's text encoder reads it; often a word, or a part of one."),
    ),
    Term(msgid("trainer"), msgid("The program that trains, such as kohya sd-scripts.")),
    Term(msgid("trigger word"), msgid("The rare word that calls the concept in a prompt.")),
    Term(
        msgid("U-Net"),
        msgid("The part of the model that makes the picture; the text encoder tells it what to make."),
    ),
    Term(msgid("xformers"), msgid("A library that saves memory of the graphics card.")),
)
"""The field's words, by alphabet."""
