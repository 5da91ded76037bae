"""An HTML page as tests look at it: its elements, links and texts, by the parser of the standard library."""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "img", "br", "input", "link", "hr"}


class Page(HTMLParser):
    """A parsed page. Fails on a tag that is closed without having been opened, or the other way round.

    `elements` are (tag, attributes) in document order, `texts` the texts outside of style and script with the tag
    around them. `style` and `script` are their contents, `data` the letters that stand directly in a template.
    """

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.texts = []
        self.style = ""
        self.script = ""
        self.data = ""
        self._open = []
        self._inside = []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"an attribute twice on {tag}"
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append(tag)
            self._inside.append(len(self.elements) - 1)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open and self._open[-1] == tag, f"</{tag}> within {self._open[-3:]}"
        self._open.pop()
        self._inside.pop()

    def handle_data(self, data):
        around = self._open[-1] if self._open else ""
        if around == "style":
            self.style += data
        elif around == "script":
            self.script += data
        elif around == "template":
            self.data += data.strip()
        elif data.strip():
            self.texts.append((tuple(self._open), data))

    @property
    def shape(self):
        """The elements with the names of their attributes: what no text from the data may change."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]

    @property
    def ids(self):
        return Counter(attributes["id"] for _, attributes in self.elements if "id" in attributes)

    @property
    def links(self):
        """Where the links lead, in document order."""
        return [attributes["href"] for tag, attributes in self.elements if tag == "a"]

    @property
    def text(self):
        return " ".join(" ".join(data.split()) for _, data in self.texts)

    def having(self, tag, **wanted):
        """The attributes of the elements of a tag; `class_` is one of the classes."""
        name = wanted.pop("class_", None)
        return [
            attributes
            for found, attributes in self.elements
            if found == tag
            and (name is None or name in (attributes.get("class") or "").split())
            and all(attributes.get(key) == value for key, value in wanted.items())
        ]

    def meta(self, name):
        return next(
            attributes["content"]
            for tag, attributes in self.elements
            if tag == "meta" and name in (attributes.get("name"), attributes.get("http-equiv"))
        )


def altered(value, change):
    """Plain data with every text in it changed, in dataclasses, tuples and mappings alike."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Path):
        return value
    if isinstance(value, tuple):
        return tuple(altered(member, change) for member in value)
    if isinstance(value, Mapping):
        return {altered(key, change): altered(member, change) for key, member in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value) if field.init]
        return dataclasses.replace(value, **{name: altered(getattr(value, name), change) for name in fields})
    return value
