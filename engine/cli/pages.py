"""Pages of the manual on a terminal: the same text, in lines that fit."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from tagmetry.wrapping import columns, wrapped

_ITEM: Final = re.compile(r"(?:[-*]|[0-9]+\.) ")
_SEPARATOR: Final = re.compile(r"\|[-| :]+\|")
_CELLS: Final = re.compile(r"(?<!\\)\|")


def fitted(page: str, width: int) -> str:
    """A page of Markdown in lines of at most `width` columns, long words excepted.

    What fits stays as it is written. A table that does not becomes a list of its rows.
    """
    lines: list[str] = []
    for kind, block in _blocks(page.split("\n")):
        if all(columns(line) <= width for line in block) or kind in ("heading", "blank"):
            lines += block
        elif kind == "indented":
            n = min(len(line) - len(line.lstrip()) for line in block)
            inner = fitted("\n".join(line[n:] for line in block), width - n)
            lines += [" " * n + line for line in inner.split("\n")]
        elif kind == "table":
            lines += _rows(block, width)
        elif kind == "item":
            head = _ITEM.match(block[0])
            indent = " " * (len(head.group()) if head is not None else 2)
            lines += wrapped(_joined(block), width, first="", indent=indent)
        else:
            lines += wrapped(_joined(block), width, indent="")
    return "\n".join(lines)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Lines that belong together: a table, an entry of a list with the lines that continue it, a paragraph."""
    found: list[tuple[str, list[str]]] = []
    for kind, group in groupby(lines, key=_kind):
        block = list(group)
        if kind in ("item", "heading", "blank"):
            found += [(kind, [line]) for line in block]
        elif kind == "indented" and found and found[-1][0] == "item":
            found[-1][1].extend(block)
        else:
            found.append((kind, block))
    yield from found


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "table"
    if _ITEM.match(line):
        return "item"
    return "indented" if line.startswith("  ") else "text"


def _joined(block: Sequence[str]) -> str:
    return " ".join(line.strip() for line in block)


def _rows(table: Sequence[str], width: int) -> Iterator[str]:
    """Each row as an entry: its first cell, then the others under their heads."""
    heads, *rows = [_cells(line) for line in table if not _SEPARATOR.fullmatch(line)]
    for cells in rows:
        yield from wrapped(f"- {cells[0]}", width, first="", indent="  ")
        for head, cell in zip(heads[1:], cells[1:], strict=False):
            yield from wrapped(f"{head}: {cell}", width, first="  ", indent="    ")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELLS.split(line)[1:-1]]
