"""A plugin of which nearly every part breaks in its own way. It is installed by `test_breaking.py`.

What it finds
    Whether one broken part harms another.
"""

import multiprocessing
import sys
from dataclasses import replace

import numpy as np

from tagmetry.api import (
    Feature,
    File,
    Layout,
    Reading,
    Reporter,
    Rule,
    Severity,
    Skip,
    hookimpl,
)

MESSAGES = {"found": "{n:count} found"}
rules = []


def rule(name, **more):
    made = Rule(f"brittle/{name}", severity=Severity.INFO, evidence="heuristic", messages=MESSAGES, **more)
    rules.append(made)
    return made


# Features.

nowhere = Feature("nowhere", version=1, unit="px")
on_bars = Feature("on_bars", version=1, unit="px")
shapeless = Feature("shapeless", version=1, unit="px")
in_worker = Feature("in_worker", version=1, unit="count")


@nowhere.measure
def measure_nowhere(picture):
    return {}["figure"]


@on_bars.measure
def measure_on_bars(picture):
    if picture.luminance[0].max() == 0:
        sys.exit("black")
    return 1.0


@shapeless.measure
def measure_shapeless(picture):
    return [1.0, 2.0, 3.0]


@in_worker.measure
def measure_in_worker(picture):
    print("measuring")
    return 1.0 if multiprocessing.parent_process() is not None else 0.0


# Rules. The first and the last one are sound.

counts = rule("counts", needs=(in_worker,))


@counts.whole_dataset
def check_counts(dataset, options):
    print("counting")
    yield counts.finding(dataset.subject(), "found", values={"n": int(dataset.train.values(in_worker).values.sum())})


raises = rule("raises")


@raises.whole_dataset
def check_raises(dataset, options):
    yield raises.finding(dataset.subject(), "found", values={"n": 1})
    _ = 1 / 0


exits = rule("exits")


@exits.whole_dataset
def check_exits(dataset, options):
    sys.exit(0)  # exits


forgets = rule("forgets-to-yield")


@forgets.whole_dataset
def check_forgets(dataset, options):
    forgets.finding(dataset.subject(), "found", values={"n": 1})


garbage = rule("yields-garbage")


@garbage.each_concept
def check_garbage(concept, options):
    yield "found"


lacks = rule("lacks-a-value")


@lacks.whole_dataset
def check_lacks(dataset, options):
    yield lacks.finding(dataset.subject(), "found", values={"m": 1})


not_a_number = rule("not-a-number")


@not_a_number.whole_dataset
def check_not_a_number(dataset, options):
    yield not_a_number.finding(dataset.subject(), "found", values={"n": float("nan")})


array = rule("numpy-in-a-value")


@array.whole_dataset
def check_array(dataset, options):
    yield array.finding(dataset.subject(), "found", values={"n": np.int64(1)})


mask = rule("wrong-mask")


@mask.each_sample
def check_mask(samples, options):
    yield mask.hits("found", np.ones(samples.n + 1, dtype=bool), values={"n": 1})


column = rule("wrong-column")


@column.each_sample
def check_column(samples, options):
    yield column.hits("found", np.ones(samples.n, dtype=bool), values={"n": np.arange(2 * samples.n)})


others = rule("findings-of-others")


@others.whole_dataset
def check_others(dataset, options):
    yield replace(counts.finding(dataset.subject(), "found", values={"n": 1}), rule="tag-frequency")


unknown_skip = rule("unknown-skip")


@unknown_skip.whole_dataset
def check_unknown_skip(dataset, options):
    raise Skip("bad-mood")


writes = rule("writes-into-columns")


@writes.whole_dataset
def check_writes(dataset, options):
    dataset.columns["width"].values[:] = 1
    yield from ()


needs_nowhere = rule("needs-nowhere", needs=(nowhere,))


@needs_nowhere.whole_dataset
def check_needs_nowhere(dataset, options):
    yield needs_nowhere.finding(dataset.subject(), "found", values={"n": 1})


needs_shapeless = rule("needs-shapeless", needs=(shapeless,))


@needs_shapeless.whole_dataset
def check_needs_shapeless(dataset, options):
    yield from ()


needs_on_bars = rule("needs-on-bars", needs=(on_bars,))


@needs_on_bars.whole_dataset
def check_needs_on_bars(dataset, options):
    n = int(dataset.train.values(on_bars).valid.sum())
    yield needs_on_bars.finding(dataset.subject(), "found", values={"n": n})


# Layouts.


def read_raises(tree, profile):
    raise OSError("no disk today")


def read_forgets(tree, profile):
    return Reading("brittle-forgets", images=(), folder_of=(), folders=(), caption_files=(), caption_texts=())


layouts = [
    Layout("brittle-eager", "Reads nothing.", lambda tree, profile: 1000, read_raises),
    Layout("brittle-forgets", "Forgets files.", lambda tree, profile: 999, read_forgets),
    Layout("brittle-raises", "Cannot tell.", lambda tree, profile: 1 / 0, read_raises),
    Layout("brittle-vague", "Cannot tell either.", lambda tree, profile: "high", read_raises),
]


# Outputs.

reporters = []


def reporter(name, kind="file"):
    made = Reporter(f"brittle-{name}", doc="For the test.", kind=kind)
    reporters.append(made)
    return made


@reporter("prints").render
def render_prints(report, options, context):
    print("rendering")
    yield File("", "sound\n")
    print("rendered")


@reporter("raises").render
def render_raises(report, options, context):
    yield File("", "begun")
    raise FileNotFoundError(2, "No such file or directory", "template.html")


@reporter("exits").render
def render_exits(report, options, context):
    sys.exit(0)  # output


@reporter("garbage").render
def render_garbage(report, options, context):
    yield ("", "text")


@reporter("two").render
def render_two(report, options, context):
    yield File("", "one")
    yield File("", "two")


@reporter("silent").render
def render_silent(report, options, context):
    return iter(())


@reporter("escapes", kind="folder").render
def render_escapes(report, options, context):
    yield File("fine.txt", "fine")
    yield File("../escaped.txt", "escaped")


@reporter("absolute", kind="folder").render
def render_absolute(report, options, context):
    yield File("/tmp/tagmetry-escaped.txt", "escaped")


@reporter("twice", kind="folder").render
def render_twice(report, options, context):
    yield File("a.txt", "one")
    yield File("a.txt", "two")


@hookimpl
def tagmetry_rules():
    return rules


@hookimpl
def tagmetry_layouts():
    return layouts


@hookimpl
def tagmetry_reporters():
    return reporters
