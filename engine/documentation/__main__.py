"""`python -m tagmetry.documentation FOLDER` writes the pages; with `--check` it only says which are stale.

`python -m tagmetry.documentation --texts FOLDER` brings the texts into the catalogues below a folder.
"""

import sys
from pathlib import Path

from tagmetry.documentation import generated_pages, measured_pages
from tagmetry.documentation.catalogue import renewed
from tagmetry.documentation.texts import all_texts

OWNED = ("rules", "reference")
"""Folders below the docs in which every file is generated."""


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    folder = Path(next(part for part in arguments if not part.startswith("-")))
    if "--texts" in arguments:
        return write_catalogues(folder)
    pages = {**generated_pages(), **measured_pages(folder / "measured")}
    stale = []
    for path, text in pages.items():
        target = folder / path
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
    for name in OWNED:
        for file in sorted((folder / name).rglob("*")):
            path = file.relative_to(folder).as_posix()
            if file.is_file() and path not in pages:
                stale.append(path)
                if not check:
                    file.unlink()
    for path in stale:
        sys.stdout.write(f"{'stale' if check else 'wrote'}: {folder / path}\n")
    if check and stale:
        sys.stdout.write("run: python3 dev.py docs\n")
        return 1
    return 0


def write_catalogues(folder: Path) -> int:
    """Every catalogue below a folder of languages, with the texts of today."""
    texts = all_texts()
    for file in sorted(folder.glob("*/tagmetry.po")):
        before = file.read_bytes()
        after = renewed(before, file.parent.name, texts)
        if after != before:
            file.write_bytes(after)
            sys.stdout.write(f"wrote: {file}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
