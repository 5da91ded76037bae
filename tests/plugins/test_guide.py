"""The guide shows the example as it is, and names what there is."""

import dataclasses
import re
from pathlib import Path

import pytest

from tagmetry import api, hookspecs, testing

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "plugins.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:<!-- (\S+) -->\n)?```(\w+)\n(.*?)\n```", GUIDE, flags=re.DOTALL)
TABLE_OF = re.compile(r"^\| (?:part )?(?:of|a) (`\w+`)[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", flags=re.MULTILINE)


@pytest.mark.parametrize(("path", "language", "code"), BLOCKS, ids=[f"{path or lang}" for path, lang, _ in BLOCKS])
def test_every_block_of_code_is_a_piece_of_the_example(path, language, code):
    if language == "console":
        return
    assert path, code
    assert code in (DOCS / path).read_text(encoding="utf-8")


def test_the_plugin_itself_and_its_metadata_are_shown_whole():
    whole = {path for path, _, code in BLOCKS if path and (DOCS / path).read_text(encoding="utf-8").strip() == code}
    assert {Path(path).name for path in whole} >= {"pyproject.toml", "__init__.py", "letterbox.py", "findings_csv.py"}


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_that_plugins_import_is_in_the_guide(name):
    assert re.search(rf"\b{name}\b", GUIDE)


@pytest.mark.parametrize("name", testing.__all__)
def test_everything_for_tests_is_in_the_guide(name):
    assert f"`{name}`" in GUIDE or f"`{name}(" in GUIDE


def test_every_hook_is_in_the_guide():
    hooks = sorted(name for name in vars(hookspecs) if name.startswith("tagmetry_"))
    assert hooks == sorted(re.findall(r"^\| `(tagmetry_\w+)` \|", GUIDE, flags=re.MULTILINE))


@pytest.mark.parametrize(("name", "rows"), [(name.strip("`"), rows) for name, rows in TABLE_OF.findall(GUIDE)])
def test_a_table_of_parts_names_parts_that_are_there(name, rows):
    kinds = (api.Finding, api.Hits) if name == "Finding" else (getattr(api, name),)
    known = {part for kind in kinds for part in (*dir(kind), *(field.name for field in dataclasses.fields(kind)))}
    cells = [row.split(" | ")[0] for row in rows.splitlines()]
    named = [part for cell in cells for part in re.findall(r"`(\w+)[^`]*`", cell)]
    facts = {
        "height",
        "frames",
        "has_alpha",
        "exif_orientation",
        "size_bytes",
        "mode",
        "bit_depth",
        "jpeg_quality",
        "colour_profile",
        "generator",
    }
    assert named
    assert [part for part in named if part not in known | facts] == []


def test_the_tables_are_found():
    assert [name for name, _ in TABLE_OF.findall(GUIDE)] == [
        "`Rule`",
        "`Samples`",
        "`Concept`",
        "`Dataset`",
        "`TrainerConfig`",
        "`Finding`",
        "`Feature`",
        "`Picture`",
        "`Kind`",
    ]


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (DOCS / target).exists(), target
