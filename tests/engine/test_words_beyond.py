"""Which words a caption loses at the token limit."""

import pytest

from tagmetry.captioning import words_beyond


class Letters:
    """A counter for which every letter is a token, so that any place can be cut."""

    exact = True
    name = "letters"

    def cut(self, text, limit):
        return text[:limit], text[limit:]


@pytest.mark.parametrize(
    ("text", "limit", "lost"),
    [
        ("red hat, pleated_skirt, shoes", 12, " pleated_skirt, shoes"),
        ("red hat, pleated_skirt, shoes", 22, ", shoes"),
        ("red hat, pleated_skirt, shoes", 50, ""),
        ("a girl walks in a park", 9, "walks in a park"),
        ("a girl walks in a park", 6, " walks in a park"),
        ("赤い帽子、青いスカート、靴", 7, "青いスカート、靴"),
        ("aaaaaaaaaa", 4, "aaaaaa"),
    ],
)
def test_a_cut_tag_or_word_is_lost_as_a_whole(text, limit, lost):
    assert words_beyond(text, Letters(), limit) == lost
