"""The section in which all images are looked through: what its search and its order can be."""

from typing import Final
from urllib.parse import quote

from tagmetry.api import msgid, visible

LONGEST_TERM: Final = 200


def images_link(*more: tuple[str, str], **terms: str) -> str:
    """A link to the search for images that have exactly these values; of an endless one the beginning has to do.

    `more` are terms whose key may come again, such as two tags.
    """
    query = " ".join(_term(key, value) for key, value in (*terms.items(), *more))
    return f"#images?{quote(query, safe='')}"


def searched(text: str) -> str:
    """A tag or caption in the form in which the search compares it: without case, underscores as spaces."""
    return visible(text).lower().replace("_", " ")


def _term(key: str, value: str) -> str:
    exact = "=" if len(value) <= LONGEST_TERM else ""
    escaped = value[:LONGEST_TERM].replace("\\", "\\\\").replace('"', '\\"')
    return f'{key}:{exact}"{escaped}"'


SEARCH_WORDS: Final = (
    ("hair", msgid("the file name or the caption holds it")),
    ("-smile", msgid("neither holds it")),
    ("tag:hair", msgid("a tag holds it")),
    ('tag:="long hair"', msgid("a tag is exactly this")),
    ("caption:none", msgid("images without a caption")),
    ("concept:girl", msgid("the concept's name holds it")),
    ("role:train", msgid("images of that role")),
    ("severity:error", msgid("with a finding that is an error, a warning or a note")),
    ("rule:caption", msgid("with a finding of a rule whose name holds it")),
    ("tokens:>75", msgid("captions of more than 75 tokens; likewise tags and findings")),
    ("side:<512", msgid("the shorter side in pixels; likewise width, height, megapixels, kilobytes")),
    ("ratio:0.5..2", msgid("width over height, from and to")),
    ("decision:drop", msgid("images decided to be dropped, kept, or none of both")),
)
SORT_KEYS: Final = (
    ("path", msgid("file name")),
    ("worst", msgid("worst finding first")),
    ("side", msgid("smallest picture first")),
    ("tokens", msgid("longest caption first")),
    ("kilobytes", msgid("smallest file first")),
)
