import os

import pytest

from quickness import answers_within
from tagmetry.errors import UsageError
from tagmetry.tag_list import LARGEST_BYTES, read_tag_list, read_tag_lists
from tagmetry.vocabulary import Vocabulary


def listed(folder, text, name="tags.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(folder, text):
    return read_tag_list(listed(folder, text))


def refusal(path):
    with pytest.raises(UsageError) as caught:
        read_tag_list(path)
    return caught.value.text.english()


def test_the_form_of_completion_lists_is_read(tmp_path):
    found = read(tmp_path, '1girl,0,6008644,"1girls,sole_female"\nlong_hair,0,4350743,"/lh,longhair"\n')
    assert found.counts == {"1girl": 6008644, "long hair": 4350743}
    assert found.aliases == {"1girls": "1girl", "sole female": "1girl", "/lh": "long hair", "longhair": "long hair"}


def test_aliases_without_quotes_are_cells_of_their_own(tmp_path):
    assert read(tmp_path, "1girl,0,5,1girls,sole_female\n").aliases == {"1girls": "1girl", "sole female": "1girl"}


def test_one_tag_per_line_is_a_list(tmp_path):
    assert read(tmp_path, "red hat\nblue_hat\r\n\n").counts == {"red hat": 0, "blue hat": 0}


def test_a_header_names_the_columns(tmp_path):
    found = read(tmp_path, "tag_id,name,category,count\n470575,1girl,0,4225150\n")
    assert found.counts == {"1girl": 4225150}
    assert found.aliases == {}


def test_a_first_line_that_is_a_tag_is_no_header(tmp_path):
    assert read(tmp_path, "name,0,12,\nsmile,0,5,\n").counts == {"name": 12, "smile": 5}


def test_a_byte_order_mark_is_no_part_of_the_first_tag(tmp_path):
    assert "smile" in read(tmp_path, "\ufeffsmile,0,5,\n")


def test_tags_are_compared_in_their_normal_form(tmp_path):
    found = read(tmp_path, 'Saber_\\(Fate\\),4,10,"ｓａｂｅｒ"\n白い背景,0,3,\n')
    assert "saber (fate)" in found
    assert found.aliases == {"saber": "saber (fate)"}
    assert "白い背景" in found


def test_a_spelling_that_is_a_tag_itself_is_no_alias(tmp_path):
    assert read(tmp_path, 'hat,0,9,"cap"\ncap,0,8,\n').aliases == {}


def test_a_remark_instead_of_a_count_is_no_mistake(tmp_path):
    found = read(tmp_path, "masterpiece,5,Quality tag,\n")
    assert (found.counts, found.n_bad) == ({"masterpiece": 0}, 0)


@pytest.mark.parametrize(
    "line",
    [",0,5,", 'broken,0,5,"never closed', "a\x07b,0,5,", "x" * 201 + ",0,1,", "y," * 40_000, "_,0,1,"],
    ids=["no name", "open quote", "control", "long name", "long line", "nothing left"],
)
def test_a_bad_line_costs_itself_alone(tmp_path, line):
    found = read(tmp_path, f"smile,0,5,\n{line}\nfrown,0,3,\n")
    assert found.counts == {"smile": 5, "frown": 3}
    assert [notice.english() for notice in found.notices()] == [
        "1 line of the tag list holds no tag and was left out: line 2 of tags.csv"
    ]


def test_bytes_that_are_no_utf_8_cost_their_lines_alone(tmp_path):
    path = tmp_path / "tags.csv"
    path.write_bytes(b"smile\n\x83\x8d\x93\nfrown\n\xff\n")
    found = read_tag_list(path)
    assert set(found.counts) == {"smile", "frown"}
    assert [notice.english() for notice in found.notices()] == [
        "2 lines of the tag list hold no tag and were left out, the first is line 2 of tags.csv"
    ]


def test_files_that_are_no_lists_are_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    assert refusal(folder) == f"the tag list {folder} is no file"
    assert "cannot be read: " in refusal(tmp_path / "absent.csv")
    empty = listed(tmp_path, "\n\n", "empty.csv")
    assert refusal(empty) == f"the tag list {empty} holds no tags"
    wide = listed(tmp_path, "smile,0,5,\n", "wide.csv", "utf-16")
    assert refusal(wide) == f"the tag list {wide} is no text in UTF-8"


def test_a_file_beyond_the_limit_is_not_read(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    assert "is larger than" in refusal(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").endswith("is no file")


def test_several_lists_are_one(tmp_path):
    one = listed(tmp_path, "smile,0,5,\ncap,0,1,\n", "one.csv")
    other = listed(tmp_path, 'smile,0,99,grin\nhat,0,7,"cap"\n,\n', "other.csv")
    found = read_tag_lists([one, other])
    assert found.counts == {"smile": 5, "cap": 1, "hat": 7}
    assert found.aliases == {"grin": "smile"}
    assert (found.n_bad, found.bad_file, found.first_bad) == (1, "other.csv", 3)
    assert read_tag_lists([]) is None


def test_a_hundred_thousand_lines_are_read(tmp_path):
    lines = (f'tag_number_{n}_(series),0,{n},"alias_{n},other_{n}"' for n in range(100_000))
    path = listed(tmp_path, "\n".join(lines))
    assert len(read_tag_list(path)) == 100_000
    # Half a second on an idle machine; what grew with the square of the lines would take minutes.
    assert answers_within(30, lambda: read_tag_list(path))


def test_a_vocabulary_knows_what_is_listed(tmp_path):
    plain = Vocabulary.from_data(
        {
            "groups": {"hat": ["hat", "* brooch"]},
            "exclusive": {"time": ["day", "night"]},
            "synonyms": {"tee": ["t-shirt"]},
            "implications": {"sundress": ["dress"]},
            "protected": ["watermark"],
        },
        "test",
    )
    for tag in ("hat", "gold brooch", "day", "tee", "t-shirt", "sundress", "dress", "watermark"):
        assert plain.known(tag)
    assert not plain.known("zebra")
    assert plain.listed == {}
    found = plain.with_tag_list(read(tmp_path, 'zebra,0,4,"zebras"\n'))
    assert found.known("zebra") and found.known("zebras") and found.is_listed("zebras")
    assert found.listed == {"zebra": 4}
    assert not found.is_known("zebra")  # no group of the vocabulary holds it


def test_types_say_what_names_no_thing_that_is_seen(tmp_path):
    found = read(
        tmp_path,
        'smile,0,9\nsaber,4,5,"artoria"\nfate,3,7\nsomebody,1,2\nhighres,5,8\nodd,77,1\nplain\nalso,Character,1\n',
    )
    assert found.types == {
        "saber": "character",
        "fate": "copyright",
        "somebody": "artist",
        "highres": "meta",
        "also": "character",
    }
    assert [found.type_of(tag) for tag in ("artoria", "smile", "nowhere")] == ["character", None, None]


def test_a_header_says_where_the_types_stand(tmp_path):
    assert read(tmp_path, "name,count,category\nsaber,5,4\n").types == {"saber": "character"}
    assert read(tmp_path, "tag,count\nsaber,4\n").types == {}


def test_of_several_lists_the_first_says_what_a_tag_names(tmp_path):
    one, other = listed(tmp_path, "saber,0,5\n", "one.csv"), listed(tmp_path, "saber,4,5\nfate,3,7\n", "other.csv")
    assert read_tag_lists([one, other]).types == {"fate": "copyright"}
    assert read_tag_lists([other, one]).types == {"saber": "character", "fate": "copyright"}


def test_names_are_traits(tmp_path):
    plain = Vocabulary.from_data({"groups": {}}, "test")
    found = plain.with_tag_list(read(tmp_path, 'saber,4,5,"artoria"\nfate,3,7\nsmile,0,9\n'))
    assert [found.is_trait(tag) for tag in ("saber", "artoria", "fate", "smile")] == [True, True, True, False]
    assert found.listed_count("artoria") == 5
    assert plain.listed_count("saber") == 0
