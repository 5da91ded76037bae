"""Random expressions give, image by image, what a plain Python reading of the language gives.

The reference never sees the text: each random expression is made together with a function from one image's values,
None for what is missing, to its value. What it shares with the product is the vocabulary of the language, no code.
"""

import math
import random
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from expression_testing import compiled, listed
from rule_testing import concept, dataset
from tagmetry.columns import Column
from tagmetry.features import brightness, contrast, sharpness
from tagmetry.policy.expressions import ExpressionError, Facts

N = 12
BASE = dataset(
    concept("hat", captions=["x"] * 5, trigger="sks"),
    concept("smile", captions=["x"] * 4),
    concept("reg", captions=["x"] * 3, role="regularization"),
    resolution=1024,
)
CAPTIONS = ("", "red hat", "Red_Hat, smile", "smile, long hair, blonde hair", "smile", "a b c, SMILE", "sks", None)
FIGURES = (0.0, 1.0, 2.0, 3.5, -1.0, -0.25, 8.0, 1e300, -1e300, 1e-300, None, None)

# How tightly a form binds, loosest first.
OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, VALUE = range(8)


@dataclass(frozen=True)
class Part:
    """An expression's text, how tightly it binds, and its value for one image."""

    text: str
    binds: int
    of: Any

    def inside(self, binds):
        """The text as an operand of something that binds so tightly."""
        return self.text if self.binds >= binds else f"({self.text})"


def strict(function, *parts):
    """A function that is missing where one of its arguments is, and where nothing finite comes out."""

    def of(row):
        values = [part.of(row) for part in parts]
        if any(value is None for value in values):
            return None
        found = function(*values)
        return None if isinstance(found, float) and not math.isfinite(found) else found

    return of


def negated(value):
    return None if value is None else not value


def all_of(values):
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def any_of(values):
    return negated(all_of([negated(value) for value in values]))


SUMS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b != 0 else None,
}
FUNCTIONS = {
    "abs": (1, abs),
    "min": (3, min),
    "max": (2, max),
    "clip": (3, lambda x, low, high: min(max(x, low), high)),
    "floor": (1, lambda x: float(math.floor(x))),
    "ceil": (1, lambda x: float(math.ceil(x))),
    "round": (1, lambda x: float(round(x))),
    "sqrt": (1, lambda x: math.sqrt(x) if x >= 0 else None),
    # The last digit of a logarithm differs between libraries.
    "log2": (1, lambda x: float(np.log2(x)) if x > 0 else None),
}
COMPARATORS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
TEXT_TESTS = {
    "contains": lambda a, b: b in a,
    "starts_with": lambda a, b: a.startswith(b),
    "ends_with": lambda a, b: a.endswith(b),
}
NUMBER_NAMES = (
    "width", "height", "sharpness", "contrast", "brightness", "tag_count", "concept.n", "dataset.n_train",
    "profile.batch_size", "profile.resolution",
)  # fmt: skip
WRITTEN = (0, 1, 2, 3, 10, 64, 0.5, 0.25, 1.5, 1e3, 1e300, 1e-300)
TAGS = ("red hat", "Red_Hat", "smile", "no such", "long hair", "*hair", "s*", "*mil*")
PATTERNS = ("hat", "^s", "[a-c]$", r"\bh", "s+m?", "(?:a|e)l", "^$")


def name(written):
    return Part(written, VALUE, lambda row: row[written])


def tags_of(caption):
    return {tag.strip().lower().replace("_", " ") for tag in caption.split(",") if tag.strip()}


def meant(tags, wanted):
    """The tags that are meant by one tag of a list."""
    form = wanted.lower().replace("_", " ")
    inner = form.strip("*")
    if form.startswith("*"):
        return {tag for tag in tags if (inner in tag if form.endswith("*") else tag.endswith(inner))}
    return {tag for tag in tags if (tag.startswith(inner) if form.endswith("*") else tag == form)}


def counted(caption, wanted):
    return float(len(set().union(*(meant(tags_of(caption), tag) for tag in wanted))))


def found(pattern, text):
    return re.search(pattern, text) is not None


class Generator:
    """Random expressions from a seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def number(self, size):
        if size <= 1:
            return self.number_leaf()
        form = self.rng.randrange(4)
        if form == 0:
            operand = self.number(size - 1)
            return Part(f"-{operand.inside(SIGN)}", SIGN, strict(lambda x: -x, operand))
        if form == 1:
            called = self.rng.choice(list(FUNCTIONS))
            n, function = FUNCTIONS[called]
            parts = [self.number(size // n) for _ in range(n)]
            return Part(f"{called}({', '.join(part.text for part in parts)})", VALUE, strict(function, *parts))
        sign = self.rng.choice("+-*/")
        binds = SUM if sign in "+-" else PRODUCT
        left, right = self.number(size // 2), self.number(size // 2)
        text = f"{left.inside(binds)} {sign} {right.inside(binds + 1)}"
        return Part(text, binds, strict(SUMS[sign], left, right))

    def number_leaf(self):
        form = self.rng.randrange(8)
        if form == 0:
            text = self.text()
            return Part(f"len({text.text})", VALUE, strict(lambda t: float(len(t)), text))
        if form == 1:
            wanted = self.tags()
            return Part(f"tag_count({wanted!r})", VALUE, strict(lambda c: counted(c, wanted), name("caption")))
        if form < 4:
            value = self.rng.choice(WRITTEN)
            return Part(repr(value), VALUE, lambda row: float(value))
        return name(self.rng.choice(NUMBER_NAMES))

    def text(self):
        if self.rng.random() < 0.3:
            inner = self.text()
            return Part(f"lower({inner.text})", VALUE, strict(str.lower, inner))
        if self.rng.random() < 0.4:
            written = self.rng.choice((*CAPTIONS[:-1], "hat", "sk"))
            return Part(repr(written), VALUE, lambda row: written)
        return name(self.rng.choice(("caption", "concept", "path", "concept.trigger")))

    def tags(self):
        return self.rng.sample(TAGS, self.rng.randint(1, 3))

    def condition(self, size):
        if size <= 1:
            return self.condition_leaf()
        form = self.rng.randrange(5)
        if form == 0:
            part = self.condition(size - 1)
            return Part(f"not {part.inside(NOT)}", NOT, lambda row: negated(part.of(row)))
        if form == 1:
            one, other = self.condition(size // 2), self.condition(size // 2)
            word = self.rng.choice(("==", "!="))
            text = f"{one.inside(SUM)} {word} {other.inside(SUM)}"
            return Part(text, COMPARE, strict(COMPARATORS[word], one, other))
        parts = [self.condition(size // 2) for _ in range(self.rng.randint(2, 3))]
        word, binds, decide = self.rng.choice((("and", AND, all_of), ("or", OR, any_of)))
        text = f" {word} ".join(part.inside(binds + 1) for part in parts)
        return Part(text, binds, lambda row: decide([part.of(row) for part in parts]))

    def condition_leaf(self):
        forms = (
            self.written, self.chain, self.chain, self.chain, self.member, self.text_test, self.text_equality,
            self.pattern_test, self.tag_test, self.own_tag, self.role,
        )  # fmt: skip
        return self.rng.choice(forms)()

    def written(self):
        word = self.rng.choice(("true", "false", "has_alpha", "has_alpha"))
        return name(word) if word == "has_alpha" else Part(word, VALUE, lambda row: word == "true")

    def chain(self):
        parts = [self.number(self.rng.randint(1, 5)) for _ in range(self.rng.choice((2, 2, 3)))]
        words = [self.rng.choice(list(COMPARATORS)) for _ in parts[1:]]
        text = parts[0].inside(SUM)
        links = []
        for k, word in enumerate(words):
            text += f" {word} {parts[k + 1].inside(SUM)}"
            links.append(strict(COMPARATORS[word], parts[k], parts[k + 1]))
        return Part(text, COMPARE, lambda row: all_of([link(row) for link in links]))

    def member(self):
        number = self.number(self.rng.randint(1, 3))
        values = self.rng.sample((0, 1, 2, 3.5, -1), self.rng.randint(1, 3))
        word = self.rng.choice(("in", "not in"))
        test = strict(lambda x: (x in values) == (word == "in"), number)
        return Part(f"{number.inside(SUM)} {word} {values!r}", COMPARE, test)

    def text_test(self):
        called, one, other = self.rng.choice(list(TEXT_TESTS)), self.text(), self.text()
        return Part(f"{called}({one.text}, {other.text})", VALUE, strict(TEXT_TESTS[called], one, other))

    def text_equality(self):
        one, word, other = self.text(), self.rng.choice(("==", "!=")), self.text()
        return Part(f"{one.text} {word} {other.text}", COMPARE, strict(COMPARATORS[word], one, other))

    def pattern_test(self):
        text, pattern = self.text(), self.rng.choice(PATTERNS)
        return Part(f"matches({text.text}, r'{pattern}')", VALUE, strict(lambda t: found(pattern, t), text))

    def tag_test(self):
        called, wanted = self.rng.choice(("has_tag", "has_any", "has_all")), self.tags()
        if called == "has_tag":
            wanted = wanted[:1]
        decide = all if called == "has_all" else any
        test = strict(lambda caption: decide(bool(meant(tags_of(caption), tag)) for tag in wanted), name("caption"))
        return Part(f"{called}({wanted[0]!r})" if called == "has_tag" else f"{called}({wanted!r})", VALUE, test)

    def own_tag(self):
        own = self.rng.choice(("concept.trigger", "concept"))
        test = strict(lambda caption, tag: tag in tags_of(caption), name("caption"), name(own))
        return Part(f"has_tag({own})", VALUE, test)

    def role(self):
        roles = self.rng.sample(("train", "regularization", "holdout"), 2)
        return Part(f"role in {roles!r}", COMPARE, lambda row: row["role"] in roles)

    def images(self):
        """A dataset and the values of each of its images."""
        columns = dict(BASE.columns)
        rows = [self.image(row) for row in range(N)]

        def put(key, written, given, dtype=np.float64):
            kept = np.array([0 if each is None else each for each in given], dtype=dtype)
            columns[key] = Column(kept, np.array([each is not None for each in given]))
            for row, each in zip(rows, given, strict=True):
                row[written] = each

        for feature in (sharpness, contrast, brightness):
            put(feature.key, feature.name, [self.figure() for _ in range(N)])
        for side in ("width", "height"):
            put(side, side, [float(self.rng.randint(1, 9)) for _ in range(N)])
        put("has_alpha", "has_alpha", [self.rng.choice((True, False, None)) for _ in range(N)], bool)
        captions = [self.rng.choice(CAPTIONS) for _ in range(N)]
        for row, caption in zip(rows, captions, strict=True):
            row["caption"] = caption
            row["tag_count"] = None if caption is None else float(sum(bool(tag.strip()) for tag in caption.split(",")))
        return replace(BASE, columns=columns, captions=dataset(concept("any", captions=captions)).captions), rows

    def figure(self):
        return self.rng.choice(FIGURES) if self.rng.random() < 0.7 else self.rng.uniform(-100, 100)

    def image(self, row):
        number = BASE.concept_of[row]
        return {
            "path": BASE.paths[row],
            "role": BASE.roles.label(row),
            "concept": BASE.concept_infos[number].name,
            "concept.n": float((BASE.concept_of == number).sum()),
            "concept.trigger": BASE.concept_infos[number].trigger,
            "dataset.n_train": 9.0,
            "profile.batch_size": None,
            "profile.resolution": 1024.0,
        }


TOO_LARGE = {"expression-too-long", "expression-too-many-parts", "expression-too-deep"}


def taken(text, scope, want):
    """The expression; None for one that is too large, or whose written limits are the wrong way round."""
    try:
        return compiled(text, scope, want=want)
    except ExpressionError as error:
        codes = {mistake.code for mistake in error.mistakes}
        assert codes <= TOO_LARGE | {"expression-value"}, f"{text}\n{error}"
        return None


@pytest.mark.parametrize("want", ["boolean", "number"])
def test_random_expressions_agree_on_values_and_on_what_is_missing(want):
    compared = 0
    for seed in range(700):
        generator = Generator(seed)
        size = generator.rng.choice((1, 2, 4, 8, 16))
        part = generator.condition(size) if want == "boolean" else generator.number(size)
        data, rows = generator.images()
        expression = taken(part.text, "row", want)
        if expression is None:
            continue
        compared += 1
        known, expected = Facts(data, {"n_train": 9}), [part.of(row) for row in rows]
        assert listed(expression.evaluate(known)) == expected, part.text
        picked = np.array(generator.rng.sample(range(N), 5), dtype=np.int64)
        assert listed(expression.evaluate(known, picked)) == [expected[row] for row in picked], part.text
    assert compared > 600


def middle(values, fraction):
    ordered = sorted(values)
    place = fraction * (len(ordered) - 1)
    below = math.floor(place)
    if place == below:
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)


def over(values, called, fraction):
    """A figure over many images; None among the values is missing."""
    there = [value for value in values if value is not None]
    if called == "count":
        return float(sum(there))
    if not there:
        return None
    if called in ("share", "mean"):
        return math.fsum(there) / len(there)
    return middle(there, fraction)


def nearly(found, expected):
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("called", ["count", "share", "mean", "median", "quantile"])
def test_random_figures_over_many_images_agree(called):
    compared = 0
    for seed in range(150):
        generator = Generator(seed)
        size = generator.rng.choice((1, 2, 4, 8))
        part = generator.condition(size) if called in ("count", "share") else generator.number(size)
        data, rows = generator.images()
        values = [part.of(row) for row in rows]
        # Sums of very large and very small figures depend on the order in which they are added.
        if any(abs(value or 0) > 1e100 for value in values):
            continue
        fraction = generator.rng.choice((0, 0.1, 0.25, 0.9, 1)) if called == "quantile" else 0.5
        text = f"{called}({part.text}, {fraction})" if called == "quantile" else f"{called}({part.text})"
        whole, each = taken(text, "dataset", "number"), taken(text, "concept", "number")
        if whole is None or each is None:
            continue
        compared += 1
        known = Facts(data, {"n_train": 9})
        asks_for_role = re.search(r"\brole\b", part.text) is not None
        counted = [value for value, row in zip(values, rows, strict=True) if asks_for_role or row["role"] == "train"]
        assert nearly(whole.value(known), over(counted, called, fraction)), text
        for number, found in enumerate(listed(each.evaluate(known))):
            own = [value for value, of in zip(values, data.concept_of, strict=True) if of == number]
            assert nearly(found, over(own, called, fraction)), text
    assert compared > 60
