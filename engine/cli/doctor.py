"""`tagmetry doctor`: what is installed and what this machine can read and show."""

import os
import platform
import sys

import click
from PIL import features as pillow_features

from tagmetry.cache import cache_folder
from tagmetry.cli.console import encodable
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, language_flag
from tagmetry.extraction import available_jobs
from tagmetry.messages import message
from tagmetry.plugins import load_plugins
from tagmetry.settings_place import settings_path, usual_path
from tagmetry.text import make_counter, word_splitter


@click.command("doctor", context_settings=CONTEXT)
@language_flag
def doctor() -> int:
    """Show versions, image codecs, token counting, plugins, encodings and folders."""
    import importlib.metadata as metadata

    say = spoken()

    def line(name: str, value: object) -> None:
        click.echo(f"{name + ':':<18} {value}")

    line("tagmetry", metadata.version("tagmetry"))
    system = message(
        "{version} on {system} {machine}",
        version=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
    )
    line("python", say.render(system))
    for name in ("pillow", "numpy", "imagehash", "jinja2", "pyyaml", "jsonschema"):
        line(name, metadata.version(name))
    for name, codec in (("JPEG", "jpg"), ("PNG", "zlib"), ("WebP", "webp"), ("AVIF", "avif"), ("TIFF", "libtiff")):
        version = pillow_features.version(codec)
        line(say.format("codec {name}", {"name": name}), version or say.text("missing: such files cannot be read here"))
    counter = make_counter()
    counts = "{counter} (exact)" if counter.exact else "{counter} (estimated)"
    line(say.text("token counts"), say.format(counts, {"counter": counter.name}))
    splitter = word_splitter()
    line(say.text("unspaced scripts"), splitter.name if splitter.name == "BudouX" else say.text("pairs of characters"))
    line(say.text("worker processes"), available_jobs(None))
    line(say.text("cache folder"), cache_folder(None))
    settings = settings_path()
    line(
        say.text("settings"),
        settings if settings is not None else say.format("none; they would be {path}", {"path": str(usual_path())}),
    )
    line(say.text("file names"), sys.getfilesystemencoding())
    encoding = sys.stdout.encoding
    if encodable(sys.stdout, "█✖▲"):
        signs = message("{encoding}, shows block and mark signs", encoding=encoding)
    else:
        signs = message("{encoding}, lacks block and mark signs", encoding=encoding)
    line(say.text("console"), say.render(signs))
    if os.name == "nt":
        line(
            say.text("long paths"),
            say.text("ask your administrator to enable LongPathsEnabled if paths beyond 260 characters fail"),
        )
    plugins = load_plugins()
    for plugin in plugins.outcomes:
        state = message("ok") if plugin.outcome == "loaded" else message("FAILED: {reason}", reason=plugin.reason)
        brought = "" if plugin.distribution in ("", "tagmetry", plugin.name) else f"({plugin.distribution}) "
        line(say.text("plugin"), f"{plugin.name} {plugin.version} {brought}{say.render(state)}")
    line(say.text("rules"), len(plugins.rules))
    return 3 if plugins.failed else 0
