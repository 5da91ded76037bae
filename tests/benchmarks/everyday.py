"""What everyday calls take: `python tests/benchmarks/everyday.py`.

All in processor seconds. The command is started as a user starts it, after a first call that compiles Python's files:
its version, its help, and an audit of 50 drawn pictures of a megapixel with captions, cold and warm. Then 10,000
captions are taken apart and go through all rules about captions, tags and concepts: once as tag lists, once as
sentences, once in Japanese.
Writes docs/measured/everyday.csv.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from measuring import measured
from PIL import Image

from tagmetry.judging import judged
from tagmetry.plugins import load_plugins
from tagmetry.policy.vocabulary import plugin_vocabulary
from tagmetry.testing import concept, dataset

ROUNDS = 5
PICTURES = 50
SIDE = 1024
CAPTIONS = 10_000
GROUPS = ("captions", "tags", "concepts")
PLACES = ("park", "beach", "kitchen", "street", "forest", "office", "garden", "river", "castle", "train")
PLACES_JA = ("公園", "砂浜", "台所", "通り", "森", "事務所", "庭", "川", "城", "電車")
DOINGS = ("sits", "walks", "reads", "laughs", "waits", "dances", "sleeps", "cooks", "looks back", "runs")
DOINGS_JA = ("座る", "歩く", "本を読む", "笑う", "待つ", "踊る", "眠る", "料理する", "振り返る", "走る")


def drawn(folder, tags):
    """Blurred noise of a megapixel with tag lists."""
    random = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for number in range(PICTURES):
        coarse = Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8))
        coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(folder / f"{number:03}.jpg", quality=92)
        (folder / f"{number:03}.txt").write_text(tag_list(random, tags, "ohwx"), encoding="utf-8")


def tag_list(random, tags, trigger):
    return ", ".join([trigger, *(tags[place] for place in random.choice(len(tags), 15, replace=False))])


def texts(kind, tags):
    random = np.random.default_rng(1)
    if kind == "tag lists":
        return [tag_list(random, tags, "ohwx") for _ in range(CAPTIONS)]
    drawn_numbers = random.integers(0, 10, (CAPTIONS, 4)).tolist()
    if kind == "sentences":
        return [
            f"A photo of ohwx, a woman who {DOINGS[a]} near the {PLACES[b]} and {DOINGS[c]} by the {PLACES[d]}, no {n}."
            for n, (a, b, c, d) in enumerate(drawn_numbers)
        ]
    return [
        f"ohwxの写真。女性が{PLACES_JA[b]}の近くで{DOINGS_JA[a]}ところ、{PLACES_JA[d]}で{DOINGS_JA[c]}、{n}番目。"
        for n, (a, b, c, d) in enumerate(drawn_numbers)
    ]


def judging(rules, captions):
    """Processor seconds from texts to findings."""
    style = "tags" if captions[0].startswith("ohwx,") else "sentences"
    begun = time.process_time()
    data = dataset(concept("ohwx woman", captions=captions, trigger="ohwx", class_word="woman"), caption_style=style)
    for rule in rules:
        said = judged(rule, data, rule.options())
        if said.failure:
            raise SystemExit(f"{rule.id}: {said.failure}")
    return time.process_time() - begun


def called(environment, *arguments):
    """Processor seconds of one call of the command and its workers, which other programs do not lengthen."""
    command = [sys.executable, "-m", "tagmetry", *map(str, arguments)]
    before = os.times()
    subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def main():
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    plugins = load_plugins(foreign=False)
    tags = sorted(tag for tag in plugin_vocabulary(plugins).known_tags if tag.isascii())
    rules = [rule for rule in plugins.rules.values() if rule.module.split(".")[2] in GROUPS and not rule.needs]
    rows = []
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        drawn(folder / "set" / "10_ohwx woman", tags)
        settings = {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "TAGMETRY_CACHE_DIR": str(folder / "cache")}
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= settings
        check = ("check", folder / "set", "--fail-on", "never")
        called(environment, *check)
        for what, wanted, arguments in (
            ("`tagmetry --version`", "under 0.2", ["--version"]),
            ("`tagmetry --help`", "under 0.2", ["--help"]),
            (f"`tagmetry check`, {PICTURES} pictures, nothing known", "", [*check, "--no-cache"]),
            (f"`tagmetry check`, {PICTURES} pictures, all known", "under 1", check),
        ):
            rows.append((what, statistics.median(called(environment, *arguments) for _ in range(ROUNDS)), "s", wanted))
    rows.append(("rules about captions, tags and concepts that look at no pixels", len(rules), "", ""))
    rows += [
        (f"{CAPTIONS:,} captions, {kind}", judging(rules, texts(kind, tags)), "s", "under 10")
        for kind in ("tag lists", "sentences", "sentences in Japanese")
    ]
    measured("everyday", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
