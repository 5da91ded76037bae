"""`tagmetry doctor`: what is installed and what this machine can read and show."""

import os
import platform
import sys

import click
from PIL import features as pillow_features

from tagmetry.cache import cache_folder
from tagmetry.cli.console import encodable
from tagmetry.cli.options import CONTEXT
from tagmetry.extraction import available_jobs
from tagmetry.plugins import load_plugins
from tagmetry.text import make_counter


@click.command("doctor", context_settings=CONTEXT)
def doctor() -> int:
    """Show versions, image codecs, token counting, plugins, encodings and folders."""
    import importlib.metadata as metadata

    def line(name: str, value: object) -> None:
        click.echo(f"{name + ':':<18} {value}")

    line("tagmetry", metadata.version("tagmetry"))
    line("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in ("pillow", "numpy", "imagehash", "jinja2", "pyyaml", "jsonschema"):
        line(name, metadata.version(name))
    for name, codec in (("JPEG", "jpg"), ("PNG", "zlib"), ("WebP", "webp"), ("AVIF", "avif"), ("TIFF", "libtiff")):
        line(f"codec {name}", pillow_features.version(codec) or "missing: such files cannot be read here")
    counter = make_counter()
    line("token counts", f"{counter.name} ({'exact' if counter.exact else 'estimated'})")
    line("worker processes", available_jobs(None))
    line("cache folder", cache_folder(None))
    line("file names", sys.getfilesystemencoding())
    line(
        "console", f"{sys.stdout.encoding}, {'shows' if encodable(sys.stdout, '█✖▲') else 'lacks'} block and mark signs"
    )
    if os.name == "nt":
        line("long paths", "ask your administrator to enable LongPathsEnabled if paths beyond 260 characters fail")
    plugins = load_plugins()
    for plugin in plugins.outcomes:
        state = "ok" if plugin.outcome == "loaded" else f"FAILED: {plugin.reason}"
        brought = "" if plugin.distribution in ("", "tagmetry", plugin.name) else f"({plugin.distribution}) "
        line("plugin", f"{plugin.name} {plugin.version} {brought}{state}")
    line("rules", len(plugins.rules))
    return 3 if plugins.failed else 0
