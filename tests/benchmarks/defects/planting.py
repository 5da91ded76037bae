"""What planting a defect is: a function per rule that spoils a clean set and says what the rule should name.

@plants("duplicate-tags")
def a_tag_twice(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.retag(sample, [*sample.tags, sample.tags[-1]])
    return named(victims)
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.defects.sets import LUMIKA_FOLDER, NORAVEL_FOLDER, REG_FOLDER, clean_set

ONE_CONCEPT = (LUMIKA_FOLDER, REG_FOLDER)
TWO_CONCEPTS = (LUMIKA_FOLDER, NORAVEL_FOLDER, REG_FOLDER)


@dataclass(frozen=True)
class Expected:
    """One fault that a finding should name: by its paths, its name, or, with neither, just by speaking.

    Paths are those of the finding's subject, or a list among its values. With `listed` they must be these and no
    others; else these must be among them.
    """

    paths: frozenset[str] = frozenset()
    name: str | None = None
    listed: bool = False

    def is_named_by(self, finding):
        subject = finding.subject
        if self.name is not None and subject.name != self.name:
            return False
        lists = [set(value) for value in finding.values.values() if isinstance(value, tuple)]
        told = [set(subject.paths), *lists]
        return any(self.paths == paths if self.listed else self.paths <= paths for paths in told)


SPEAKS = (Expected(),)


@dataclass(frozen=True)
class Planting:
    """A way to plant the defect of a rule. `of` makes the clean set of a seed that it begins with.

    `pixels` plantings change pictures and are measured on photographs too. `consequences` are the other rules that are
    right to speak as well, since what is planted is their business too.
    """

    rule: str
    plant: Callable
    pixels: bool = False
    drawn: bool = True
    """Planted into drawn pictures, not into photographs alone."""
    folders: tuple[str, ...] = ONE_CONCEPT
    sentences: bool = False
    config: bool = False
    """With a config of sd-scripts, which is as it should be."""
    profile: dict = field(default_factory=dict)
    consequences: frozenset[str] = frozenset()

    @property
    def name(self):
        return self.plant.__name__

    @property
    def background(self):
        """What the clean set is made of besides the seed; plantings with the same one share it."""
        return background_of(self.folders, sentences=self.sentences, config=self.config, **self.profile)

    def clean(self, seed):
        return clean_set(seed, folders=self.folders, sentences=self.sentences, config=self.config, **self.profile)


def background_of(folders=ONE_CONCEPT, *, sentences=False, config=False, **profile):
    return (folders, sentences, config, tuple(sorted(profile.items())))


PLANTINGS: dict[str, list[Planting]] = {}
NOT_PLANTED: dict[str, str] = {}
"""Rules without a planted defect, and why there can be none."""


def plants(rule, *, consequences=(), **how):
    """Registers a function as a planting of a rule's defect; a rule may have several."""

    def register(plant):
        PLANTINGS.setdefault(rule, []).append(Planting(rule, plant, consequences=frozenset(consequences), **how))
        return plant

    return register


def some(samples, n, random):
    """n different ones of some samples, in their order."""
    places = sorted(random.choice(len(samples), n, replace=False).tolist())
    return [samples[place] for place in places]


def named(samples):
    """An expectation for each sample: a finding of its own, or one that names it among others."""
    return [Expected(paths=frozenset((sample.path,))) for sample in samples]


def captions_named(samples):
    """An expectation for each caption file."""
    return [Expected(paths=frozenset((sample.caption_path,))) for sample in samples]


def together(samples):
    """One expectation: a finding about these and no others."""
    return [Expected(paths=frozenset(sample.path for sample in samples), listed=True)]


def called(*names):
    return [Expected(name=name) for name in names]
