r"""The one form in which tags are compared.

`Long_Hair`, `long hair` and full-width `ｌｏｎｇ　ｈａｉｒ` are one tag to a reader of captions. Frequencies, the
vocabulary and the trigger all look at this form; what stands in the file is kept beside it.
"""

import re
from typing import Final

from tagmetry.text.unicode_forms import normalized

# The longest emoticon tag with an underscore in wide use, `<|>_<|>`, has seven characters.
_LONGEST_EMOTICON: Final = 9

# Faces whose eyes are different letters or digits; any other such pair (`a_b`) is an abbreviation.
_UNEQUAL_EYES: Final = frozenset({"0_o", "o_0", "6_9", "9_6"})

_ESCAPED_PARENTHESIS: Final = re.compile(r"\\+([()])")


def normal_form(tag: str) -> str:
    r"""The tag as it is compared: NFKC, case-folded, `_` and white space as one space, stripped, `\(` as `(`.

    Emoticons (`^_^`, `o_o`) keep their underscore: without it nothing is left of the face.
    A normal form is its own normal form.
    """
    if tag.isascii():
        tag = tag.lower()
    else:
        # Folding may leave a sequence that composes (Unicode 3.13, D146), hence NFKC on both sides.
        tag = normalized("NFKC", normalized("NFKC", tag).casefold())
    if "\\" in tag:
        tag = _ESCAPED_PARENTHESIS.sub(r"\1", tag)
    if "_" in tag:
        stripped = tag.strip()
        if _is_face(stripped):
            return stripped
        tag = stripped.replace("_", " ")
    return " ".join(tag.split())


def _is_face(tag: str) -> bool:
    """Whether the underscore of a folded tag is a mouth and no space: `>_<`, `t_t`, `<o>_<o>`.

    A face has one row of underscores, something on both sides of it, and no side with two letters or digits.
    """
    if len(tag) > _LONGEST_EMOTICON or len(tag.split()) != 1:
        return False
    left, _, rest = tag.partition("_")
    right = rest.lstrip("_")
    if not left or not right or "_" in right:
        return False
    if len(left) == len(right) == 1 and left.isalnum() and right.isalnum():
        return left == right or tag in _UNEQUAL_EYES
    return max(sum(map(str.isalnum, left)), sum(map(str.isalnum, right))) <= 1
