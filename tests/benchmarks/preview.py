"""How fast a dataset in columns is previewed: `python tests/benchmarks/preview.py [--n 100000]`.

Prints for each trainer, and for kohya with a dataset config, the seconds for the columns, then for the same as JSON
with every image and caption; and the seconds that the rules about the config take. One thread.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rule_testing import concept, dataset, judge, training_config
from tagmetry.plugins import load_plugins
from tagmetry.preview import preview_of
from tagmetry.preview_data import preview_as_data
from tagmetry.trainers import TRAINERS

LIMIT_SECONDS = 5.0
WITH_CONFIG = "kohya with a config"


CONFIG = """
[general]
caption_extension = ".txt"
shuffle_caption = true
flip_aug = true
[[datasets]]
resolution = 1024
batch_size = 4
enable_bucket = true
[[datasets.subsets]]
image_dir = "10_sks dog"
num_repeats = 10
caption_prefix = "photo of"
[[datasets]]
resolution = 768
batch_size = 8
enable_bucket = true
[[datasets.subsets]]
image_dir = "10_sks dog"
caption_dropout_rate = 0.1
"""


def photographs(n, trainer):
    generator = random.Random(0)
    images = concept(
        "10_sks dog",
        names=[f"{number:07d}.png" for number in range(n)],
        sizes=[(generator.randint(300, 4000), generator.randint(300, 4000)) for _ in range(n)],
        captions=[f"sks, dog, place {number}, sun, photo" for number in range(n)],
        exif_orientation=[generator.choice([1, 1, 1, 6]) for _ in range(n)],
        repeats=10,
    )
    if trainer == WITH_CONFIG:
        return dataset(images, config=training_config(CONFIG, "network_dim = 32\nmax_train_epochs = 20"))
    return dataset(images, trainer=trainer, resolution=1024, batch_size=4)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=100_000, help="images (default 100000)")
    n = parser.parse_args().n
    is_fast = True
    for trainer in (*TRAINERS, WITH_CONFIG):
        data = photographs(n, trainer)
        start = time.perf_counter()
        seen = preview_of(data)
        columns = time.perf_counter() - start
        written = len(json.dumps(preview_as_data(seen)))
        everything = time.perf_counter() - start
        is_fast &= everything < LIMIT_SECONDS
        print(f"{trainer}: {n:,} images in {columns:.2f} s; as JSON of {written:,} bytes in {everything:.2f} s")
        if trainer == WITH_CONFIG:
            rules = [rule for rule in load_plugins(foreign=False).rules.values() if rule.scope == "each_config"]
            start = time.perf_counter()
            found = sum(len(judge(rule, data).findings) for rule in rules)
            seconds = time.perf_counter() - start
            is_fast &= seconds < LIMIT_SECONDS
            print(f"{trainer}: {len(rules)} rules about the config, {found} findings in {seconds:.2f} s")
    return 0 if is_fast else 1


if __name__ == "__main__":
    sys.exit(main())
