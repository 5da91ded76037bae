"""`tagmetry init`: a commented policy to start from, beside the dataset's folder."""

import os
from pathlib import Path

import click

from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, language_flag
from tagmetry.errors import OutputError, UsageError
from tagmetry.messages import message

STARTER = """\
# What this dataset has to meet. `tagmetry check DATASET` uses this file when it lies in a folder above the dataset.
# yaml-language-server: $schema=policy.schema.json   (tagmetry policy schema > policy.schema.json)
tagmetry: 1
name: {name}
extends: tagmetry:recommended       # or tagmetry:sd15, sdxl, flux, character, person, style, fashion, strict

profile:                            # what this dataset is and what it is for; uncomment what you know
  caption_style: auto               # tags | sentences | auto
  # base_model: sdxl                # sd15 | sdxl | flux
  # purpose: character              # character | person | style | fashion | object | concept
  # trainer: kohya                  # kohya | everydream | ...
  # resolution: 1024
  # batch_size: 2
  # concepts:
  #   {example}: {{match: "**", trigger: mytrigger, class_word: girl, core_tags: [blue eyes]}}

rules:                              # `tagmetry rules` lists them, `tagmetry explain RULE` tells each one's options
  near-duplicate-ratio: {{limit: 15%}}
  # tag-frequency: {{limit: 0.9}}
  # long-tail-tags: off             # off | info | warning | error

gate: {{fail_on: error}}              # severity from which on the exit code is 1
"""


@click.command("init", context_settings=CONTEXT)
@language_flag
@click.argument("path", required=False, default=".", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the policy is written.",
)
def init(path: Path, output: Path | None) -> int:
    """Write a commented tagmetry.yaml beside the folder PATH (by default the current one); never over a file."""
    folder = path.resolve()
    if not folder.is_dir():
        raise UsageError(message("there is no folder {path}", path=str(path)))
    target = output if output is not None else folder.parent / "tagmetry.yaml"
    name = "".join(
        character if character.isalnum() and character.isascii() else "-" for character in folder.name.lower()
    )
    text = STARTER.format(name=f"my/{name.strip('-') or 'dataset'}", example="my-concept")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(target, flags, 0o666)
    except FileExistsError as error:
        raise UsageError(
            message("{path} is there already and stays as it is", path=str(target)),
            message("name another file with -o"),
        ) from error
    except OSError as error:
        raise OutputError(
            message("could not write {path}: {reason}", path=str(target), reason=error.strerror or "")
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    click.echo(spoken().render(message("wrote {path}", path=str(target))))
    return 0
