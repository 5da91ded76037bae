"""`tagmetry preview PATH --trainer T`: what that trainer reads, and what each image and caption becomes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from tagmetry.cli.console import cells, cut_to_cells
from tagmetry.cli.options import CONTEXT, console_flags, dataset_flags, paths_argument
from tagmetry.cli.running import measured, read_flags
from tagmetry.columns import Mask
from tagmetry.errors import UsageError
from tagmetry.messages import Message, Plural, Template, Translator, Value, message, visible
from tagmetry.outputs import as_bytes
from tagmetry.preview import Fate, Preview, preview_of
from tagmetry.preview_data import preview_as_data
from tagmetry.profile import Setting
from tagmetry.reporter import Context
from tagmetry.trainers import TRAINERS, CaptionSource

SHOWN_BUCKETS: Final = 20
SHOWN_PATHS: Final = 2

MUCH_CROPPED: Final = 0.15
"""Share of a picture whose loss is told in the summary; the rule `bucket-crop-loss` has the same by default."""


@click.command("preview", context_settings=CONTEXT)
@paths_argument
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@dataset_flags
@console_flags
def preview(paths: tuple[Path, ...], text_format: str, **flags: Any) -> int:
    """Show what the trainer makes of the dataset in PATH, a folder or a trainer's config: images, buckets, captions.

    The text is a summary; --format json tells the fate of every image.
    """
    asked = read_flags(paths, flags)
    found = measured(asked)
    trainer = found.dataset.profile.trainer
    if trainer not in TRAINERS:
        raise _no_trainer(trainer)
    seen = preview_of(found.dataset)
    if text_format == "json":
        click.echo(as_bytes(json.dumps(preview_as_data(seen), indent=2, ensure_ascii=False)))
    else:
        context = asked.context()
        for line in _Text(seen, context).lines():
            click.echo(line.rstrip(), color=context.color)
    return 3 if found.failures or asked.plugins.failures else 0


def _no_trainer(trainer: str | None) -> UsageError:
    help_text = message("name one: --trainer {known}", known=" | ".join(TRAINERS))
    if trainer is None:
        return UsageError(message("no trainer is named, and the folders do not tell one"), help_text)
    return UsageError(message("what {trainer} reads is not modelled yet", trainer=trainer), help_text)


_FATES: Final[dict[Fate, Template]] = {
    "role": "kept out of training (held out, for preservation, or of an earlier stage)",
    "suffix": "the trainer opens no files of these names",
    "repeats": "the repeats of their folders mean nothing to this trainer",
    "empty-caption-file": "the trainer stops here: the caption file has no byte in it",
    "no-bucket": "the trainer stops here: too thin for any bucket",
    "surplus": "never drawn in an epoch",
}
_SOURCES: Final[dict[CaptionSource, Template]] = {
    "file": Plural("{n:count} from a caption file", "{n:count} from caption files"),
    "class-tokens": Plural(
        "{n:count} from the words in its folder's name", "{n:count} from the words in their folder's name"
    ),
    "file-name": Plural("{n:count} from the name of its file", "{n:count} from the names of their files"),
    "none": Plural("{n:count} without any", "{n:count} without any"),
}
_BY_CLASS_TOKENS: Final = Plural("{n:count} from its class tokens", "{n:count} from their class tokens")
_HEADS: Final = ("bucket", "images", "exposures", "batches", "last batch", "scaled up", "most cut")
_LAST_BATCHES: Final[dict[str, Template]] = {
    "smaller": "a last batch that is not full is trained as it is: each of its images counts for more",
    "filled": "a last batch that is not full is filled with copies of its own images, and its loss scaled down",
}


@dataclass(frozen=True, slots=True)
class _Text:
    """The summary of a preview, line by line, no wider than the terminal."""

    seen: Preview
    context: Context

    @property
    def say(self) -> Translator:
        return self.context.translator

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from self._not_trained()
        yield ""
        yield from self._buckets()
        yield ""
        yield from self._pictures()
        yield from self._captions()

    def _head(self) -> Iterator[str]:
        seen, dataset = self.seen, self.seen.dataset
        n = int(seen.trained.sum())
        yield (
            self._bold(visible(dataset.root.name))
            + "  "
            + self.say.format("as {version} sees it", {"version": seen.trainer.VERSION})
        )
        yield from self._told(
            message(
                Plural(
                    "{n:count} image: {trained:count} trained, {exposures:number} exposures per epoch",
                    "{n:count} images: {trained:count} trained, {exposures:number} exposures per epoch",
                ),
                n=seen.n,
                trained=n,
                exposures=round(float(seen.exposures.sum()), 2),
            )
        )
        held_out = seen.held_out
        if held_out and seen.config is not None:
            held = Plural(
                "{n:count} of them is held out for validation", "{n:count} of them are held out for validation"
            )
            yield from self._told(message(held, n=held_out))
        elif held_out:
            yield from self._told(
                message(
                    Plural(
                        "its shipped settings hold {n:count} of them out for validation; unset validation_config "
                        "to train it",
                        "its shipped settings hold {n:count} of them out for validation; unset validation_config "
                        "to train them",
                    ),
                    n=held_out,
                )
            )

    def _not_trained(self) -> Iterator[str]:
        seen = self.seen
        for fate, text in _FATES.items():
            rows = np.flatnonzero(seen.having(fate))
            if len(rows):
                paths = [seen.dataset.paths[row] for row in rows[:SHOWN_PATHS]]
                yield from self._left_out(len(rows), self.say.format(text), paths)
        reasons: dict[str, list[str]] = {}
        counts: dict[str, int] = {}
        for entry in seen.dataset.excluded:
            text_of = self.say.render(entry.text)
            reasons.setdefault(text_of, []).append(entry.path)
            counts[text_of] = counts.get(text_of, 0) + entry.n
        for text_of, paths in reasons.items():
            yield from self._left_out(counts[text_of], text_of, paths[:SHOWN_PATHS], read=False)
        problems = [problem.path for problem in seen.dataset.file_problems]
        if problems:
            text = self.say.text("cannot be read (tagmetry check tells why)")
            yield from self._left_out(len(problems), text, problems[:SHOWN_PATHS], read=False)

    def _left_out(self, n: int, reason: str, paths: list[str], *, read: bool = True) -> Iterator[str]:
        shown = ", ".join(visible(path) for path in paths) + (", …" if n > len(paths) else "")
        values: dict[str, Value] = {"n": n, "reason": reason}
        line = (
            self.say.format("not trained, {n:count}: {reason}", values)
            if read
            else self.say.format("not read, {n:count}: {reason}", values)
        )
        line += f" ({shown})"
        for part in self._wrapped(line):
            yield self._dim(part)

    def _buckets(self) -> Iterator[str]:
        seen, table = self.seen, self.seen.table
        if seen.config is not None:
            files = ", ".join(seen.config.files)
            yield self._bold(self.say.format("buckets by {files}", {"files": files}))
        elif seen.resolution is None:
            yield self._bold(self.say.text("buckets"))
            yield from self._told(
                message("no resolution is known: use --base-model or --set profile.resolution=1024 to see the buckets")
            )
            return
        else:
            yield (
                self._bold(self.say.format("buckets at {side} × {side} px", {"side": str(seen.resolution)}))
                + "  "
                + (self._origin(seen.dataset.profile.settings["resolution"]))
            )
        if table is None or seen.buckets is None or seen.steps_per_epoch is None:
            yield from self._told(message("this trainer takes no such resolution, and stops"))
            return
        yield self._dim(self._row(*(self.say.text(head) for head in _HEADS)))
        everything = self.context.verbosity > 0
        shown = len(table) if everything else min(len(table), SHOWN_BUCKETS)
        for number in range(shown):
            remainder = float(table.remainder[number])
            last = self.say.text("full")
            if remainder:
                last = self.say.format(
                    "{n:number} of {size:count}",
                    {"n": round(remainder, 2), "size": int(table.batch_size[number])},
                )
            yield self._row(
                f"{table.width[number]} × {table.height[number]}",
                self._value(int(table.images[number]), "count"),
                self._value(round(float(table.exposures[number]), 2), "number"),
                self._value(int(table.batches[number]), "count"),
                last,
                self._value(int(table.upscaled[number]), "count"),
                self._value(float(table.most_cut[number]), "percent"),
            )
        if len(table) > shown:
            yield from self._told(message("… and {n:count} more buckets (-v shows all)", n=len(table) - shown))
        if np.any(table.remainder):
            yield from self._told(Message(_LAST_BATCHES[seen.last_batch]))
        sizes = np.unique(table.batch_size)
        if len(sizes) > 1:
            yield from self._told(
                message(Plural("{n:count} step per epoch", "{n:count} steps per epoch"), n=seen.steps_per_epoch)
            )
            return
        values: dict[str, Value] = {"size": int(sizes[0]) if len(sizes) else seen.batch_size}
        size = (
            self.say.format("batch size {size:count}", values)
            if seen.is_batch_size_given
            else self.say.format("batch size {size:count}, the trainer's own", values)
        )
        yield from self._told(
            message(
                Plural("{n:count} step per epoch ({size})", "{n:count} steps per epoch ({size})"),
                n=seen.steps_per_epoch,
                size=size,
            )
        )

    def _pictures(self) -> Iterator[str]:
        seen, n = self.seen, int(self.seen.trained.sum())
        yield self._bold(self.say.text("pictures"))
        told = []
        if seen.buckets is not None:
            upscaled = seen.buckets.upscaled
            if upscaled.any():
                worst = int(np.argmax(seen.buckets.scale))
                told.append(
                    message(
                        Plural(
                            "{n:count} of {total:count} is scaled up, {scale:number} times: {path}",
                            "{n:count} of {total:count} are scaled up, at most {scale:number} times: {path}",
                        ),
                        n=int(upscaled.sum()),
                        total=n,
                        scale=round(float(seen.buckets.scale[worst]), 2),
                        path=seen.dataset.paths[worst],
                    )
                )
            cropped = seen.buckets.crop_loss > MUCH_CROPPED
            if cropped.any():
                worst = int(np.argmax(seen.buckets.crop_loss))
                told.append(
                    message(
                        Plural(
                            "{n:count} of {total:count} loses more than {limit:percent} to the crop, "
                            "{loss:percent}: {path}",
                            "{n:count} of {total:count} lose more than {limit:percent} to the crop, "
                            "at most {loss:percent}: {path}",
                        ),
                        n=int(cropped.sum()),
                        total=n,
                        limit=MUCH_CROPPED,
                        loss=float(seen.buckets.crop_loss[worst]),
                        path=seen.dataset.paths[worst],
                    )
                )
        if seen.orientation_ignored.any():
            told.append(
                message(
                    Plural(
                        "{n:count} of {total:count} is trained lying on its side or mirrored, for its EXIF orientation "
                        "is ignored: {paths}",
                        "{n:count} of {total:count} are trained lying on their side or mirrored, for their EXIF "
                        "orientation is ignored: {paths}",
                    ),
                    n=int(seen.orientation_ignored.sum()),
                    total=n,
                    paths=self._paths(seen.orientation_ignored),
                )
            )
        if not told:
            told.append(message("nothing is scaled up, cut by much or turned over"))
        for text in told:
            yield from self._told(text)

    def _captions(self) -> Iterator[str]:
        seen = self.seen
        yield self._bold(self.say.text("captions"))
        rows = np.flatnonzero(seen.trained)
        sources = [seen.captions[row][1] for row in rows]
        told = _SOURCES if seen.config is None else {**_SOURCES, "class-tokens": _BY_CLASS_TOKENS}
        parts = [self.say.format(text, {"n": n}) for source, text in told.items() if (n := sources.count(source))]
        if not parts:
            return
        yield from self._wrapped(", ".join(parts))
        if "file" not in sources:
            return
        cut = seen.trained & (seen.tokens_cut > 0)
        if cut.any():
            worst = int(np.argmax(np.where(cut, seen.tokens_cut, 0)))
            estimated = "" if seen.dataset.captions.tokens_exact else self.say.text(" (at least; estimated)")
            line = self.say.format(
                Plural(
                    "{n:count} is cut off after {limit:tokens}; the longest has {tokens:count}{estimated}: {path}",
                    "{n:count} are cut off after {limit:tokens}; the longest has {tokens:count}{estimated}: {path}",
                ),
                {
                    "n": int(cut.sum()),
                    "limit": seen.token_limit,
                    "tokens": int(seen.tokens.values[worst]),
                    "estimated": estimated,
                    "path": seen.dataset.paths[worst],
                },
            )
            yield from self._wrapped(line)
        else:
            yield from self._told(message("none is cut off after {limit:tokens}", limit=seen.token_limit))

    def _origin(self, setting: Setting) -> str:
        return "" if setting.basis is None else f"({self.say.render(setting.basis)})"

    def _paths(self, mask: Mask) -> str:
        rows = np.flatnonzero(mask)
        shown = ", ".join(visible(self.seen.dataset.paths[row]) for row in rows[:SHOWN_PATHS])
        return shown + (", …" if len(rows) > SHOWN_PATHS else "")

    def _row(self, *parts: str) -> str:
        widths = (13, 8, 11, 9, 12, 11, 10)
        return "  " + "".join(_right(part, width) for part, width in zip(parts, widths, strict=True))

    def _told(self, text: Message) -> Iterator[str]:
        yield from self._wrapped(self.say.render(text))

    def _wrapped(self, text: str) -> Iterator[str]:
        line = "  "
        for word in text.split(" "):
            if line.strip() and cells(line) + 1 + cells(word) > self.context.width:
                yield line
                line = "    "
            line += (" " if line.strip() else "") + word
        yield line

    def _value(self, value: Value, kind: str) -> str:
        return self.say.value(value, kind)

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.context.color else text

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self.context.color else text


def _right(text: str, width: int) -> str:
    text = cut_to_cells(text, width)
    return " " * (width - cells(text)) + text
