"""`tagmetry cache`: where measured features are kept, whether they are sound, and how to be rid of them."""

from pathlib import Path

import click

from tagmetry.cache import cache_folder, check_cache, clear_cache, describe_cache
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.messages import message

_DIR = flag(
    "--cache-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where measured features are kept.",
)


@click.group("cache", context_settings=CONTEXT)
def cache() -> None:
    """Show, check or clear the feature cache."""


@cache.command("info", context_settings=CONTEXT)
@language_flag
@_DIR
def info(cache_dir: Path | None) -> int:
    """Say where the cache lies and what it holds."""
    found = describe_cache(cache_dir)
    click.echo(spoken().render(message("folder: {folder}", folder=str(cache_folder(cache_dir)))))
    click.echo(
        spoken().render(
            message(
                "{files:count} files, {images:count} distinct images, {size:bytes}",
                files=found.n_files,
                images=found.n_images,
                size=found.size_bytes,
            )
        )
    )
    return 0


@cache.command("check", context_settings=CONTEXT)
@language_flag
@_DIR
def check(cache_dir: Path | None) -> int:
    """Read the whole cache and say whether it is sound; a damaged one is set aside by the next run."""
    problems = check_cache(cache_dir)
    for problem in problems:
        click.echo(spoken().render(problem))
    if not problems:
        click.echo(spoken().render(message("the cache is sound")))
    return 3 if problems else 0


@cache.command("clear", context_settings=CONTEXT)
@language_flag
@_DIR
def clear(cache_dir: Path | None) -> int:
    """Remove the cache; the next run measures everything anew."""
    freed = clear_cache(cache_dir)
    click.echo(spoken().render(message("removed {size:bytes}", size=freed)))
    return 0
