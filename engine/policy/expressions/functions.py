"""The functions of expressions: what each takes and gives. How they are computed stands in `evaluation`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from tagmetry.policy.expressions.kinds import BOOLEAN, NUMBER, TEXT, Kind

Want = Literal["number", "text", "boolean", "text or tags", "pattern", "tag", "tags", "digits", "fraction"]
"""What an argument must be. The last five are written out, a `tag` may also be a text name; they are read at once."""

About = Literal["values", "row", "rows"]
"""What a function looks at: its arguments alone, the tags of one image, or its argument over many images."""

MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    want: Want


@dataclass(frozen=True, slots=True)
class Function:
    """`least` and `most` are numbers of arguments; of the last parameter there can be several if `most` is None."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Kind
    doc: str
    example: str
    about: About
    least: int
    most: int | None

    @property
    def signature(self) -> str:
        names = [parameter.name for parameter in self.parameters]
        shown = names[: self.least] + [f"[{name}]" for name in names[self.least :]]
        return f"{self.name}({', '.join(shown)}{', ...' if self.most is None else ''})"

    def parameter(self, number: int) -> Parameter:
        return self.parameters[min(number, len(self.parameters) - 1)]


def _function(
    name: str,
    parameters: Mapping[str, Want],
    result: Kind,
    *,
    doc: str,
    example: str,
    about: About = "values",
    least: int | None = None,
    several: bool = False,
) -> Function:
    listed = tuple(Parameter(parameter, want) for parameter, want in parameters.items())
    return Function(
        name=name,
        parameters=listed,
        result=result,
        doc=doc,
        example=example,
        about=about,
        least=len(listed) if least is None else least,
        most=None if several else len(listed),
    )


_ALL: Final = (
    _function("abs", {"number": "number"}, NUMBER, doc="The number without its sign.", example="abs(aspect_ratio - 1)"),
    _function(
        "min",
        {"number": "number", "other": "number"},
        NUMBER,
        doc="The smallest of two or more numbers.",
        example="min(width, height)",
        several=True,
    ),
    _function(
        "max",
        {"number": "number", "other": "number"},
        NUMBER,
        doc="The largest of two or more numbers.",
        example="max(width, height)",
        several=True,
    ),
    _function(
        "clip",
        {"number": "number", "low": "number", "high": "number"},
        NUMBER,
        doc="The number, but not below `low` and not above `high`.",
        example="clip(dataset.median_exposure / concept.exposure, 0.5, 3)",
    ),
    _function(
        "round",
        {"number": "number", "digits": "digits"},
        NUMBER,
        doc="The nearest whole number, or the nearest with so many digits after the point; halves go to the even one.",
        example="round(aspect_ratio, 2)",
        least=1,
    ),
    _function("floor", {"number": "number"}, NUMBER, doc="The whole number at or below.", example="floor(width / 64)"),
    _function("ceil", {"number": "number"}, NUMBER, doc="The whole number at or above.", example="ceil(tokens / 75)"),
    _function(
        "sqrt",
        {"number": "number"},
        NUMBER,
        doc="The square root; missing for a negative number.",
        example="sqrt(width * height)",
    ),
    _function(
        "log2",
        {"number": "number"},
        NUMBER,
        doc="The logarithm to base 2; missing for zero and below.",
        example="log2(short_side_px / 1024)",
    ),
    _function(
        "len",
        {"text": "text or tags"},
        NUMBER,
        doc="Characters of a text; tags of `tags`.",
        example="len(caption)",
    ),
    _function("lower", {"text": "text"}, TEXT, doc="The text in small letters.", example="lower(caption)"),
    _function(
        "contains",
        {"text": "text", "part": "text"},
        BOOLEAN,
        doc="Whether the part stands anywhere in the text, in this case of letters.",
        example="contains(lower(caption), 'watermark')",
    ),
    _function(
        "starts_with",
        {"text": "text", "part": "text"},
        BOOLEAN,
        doc="Whether the text begins with the part.",
        example="starts_with(path, 'train/scans/')",
    ),
    _function(
        "ends_with",
        {"text": "text", "part": "text"},
        BOOLEAN,
        doc="Whether the text ends with the part.",
        example="ends_with(path, '.png')",
    ),
    _function(
        "matches",
        {"text": "text", "pattern": "pattern"},
        BOOLEAN,
        doc="Whether the regular expression (RE2) is found anywhere in the text.",
        example=r"matches(caption, r'\bby [A-Z][a-z]+')",
    ),
    _function(
        "has_tag",
        {"tag": "tag"},
        BOOLEAN,
        doc="Whether the caption has the tag.",
        example="has_tag('close-up')",
        about="row",
    ),
    _function(
        "has_any",
        {"tags": "tags"},
        BOOLEAN,
        doc="Whether the caption has at least one of the tags.",
        example="has_any(['day', 'night'])",
        about="row",
    ),
    _function(
        "has_all",
        {"tags": "tags"},
        BOOLEAN,
        doc="Whether the caption has each of the tags.",
        example="has_all(['solo', 'looking at viewer'])",
        about="row",
    ),
    _function(
        "tag_count",
        {"tags": "tags"},
        NUMBER,
        doc="How many tags the caption has as written; with a list, how many different ones of the list.",
        example="tag_count(['day', 'night', '*_hair']) > 1",
        about="row",
        least=0,
    ),
    _function(
        "count",
        {"condition": "boolean"},
        NUMBER,
        doc="On how many images the condition holds.",
        example="count(has_alpha)",
        about="rows",
    ),
    _function(
        "share",
        {"condition": "boolean", "among": "boolean"},
        NUMBER,
        doc="On what share of the images that could be judged the condition holds, or of those among them that meet a "
        "second one; missing where there are none.",
        example="share(has_tag('beach'), has_tag(concept.trigger))",
        about="rows",
        least=1,
    ),
    _function(
        "pmi",
        {"condition": "boolean", "other": "boolean"},
        NUMBER,
        doc="Pointwise mutual information of two conditions in bits: 0 as chance has it, 1 twice as often together; "
        "missing where they never meet.",
        example="pmi(has_tag('apron'), has_tag('kitchen'))",
        about="rows",
    ),
    _function(
        "npmi",
        {"condition": "boolean", "other": "boolean"},
        NUMBER,
        doc="The same normalized: 0 as chance has it, 1 never apart; missing where they never meet, or always do.",
        example="npmi(has_tag('apron'), has_tag('kitchen'))",
        about="rows",
    ),
    _function(
        "mean",
        {"number": "number"},
        NUMBER,
        doc="The mean over the images that have the number; missing where none has.",
        example="mean(sharpness)",
        about="rows",
    ),
    _function(
        "median",
        {"number": "number"},
        NUMBER,
        doc="The median over the images that have the number.",
        example="median(tag_count)",
        about="rows",
    ),
    _function(
        "quantile",
        {"number": "number", "fraction": "fraction"},
        NUMBER,
        doc="The quantile over the images that have the number: 0 is the smallest, 0.5 the median, 1 the largest.",
        example="quantile(short_side_px, 0.1)",
        about="rows",
    ),
)

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({function.name: function for function in _ALL})
"""All functions by name, in the order of the manual."""
