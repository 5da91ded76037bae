"""Whatever stands in a config, it is read and judged: no rule breaks on odd values."""

import json
from functools import cache

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from rule_testing import concept, dataset, judge, training_config
from tagmetry.errors import UsageError
from tagmetry.plugins import load_plugins
from tagmetry.preview import preview_of
from tagmetry.trainers import everydream
from tagmetry.trainers.kohya_arguments import ARGUMENTS
from tagmetry.trainers.kohya_config import SCHEMA

NUMBERS = st.integers(-3, 5000) | st.sampled_from([0.0, 0.5, -1.0, 1e9, 1e-9])
VALUES = (
    NUMBERS
    | st.booleans()
    | st.sampled_from(["", ",", "a", "|||", "512,512", "75", "true", "C:\\x", "../hat", "hat", "hat/"])
    | st.lists(NUMBERS, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b"]), NUMBERS, max_size=2)
)
KEYS = st.sampled_from([*SCHEMA, "caption_dir", "train_batch_size"])
TABLE = st.dictionaries(KEYS, VALUES, max_size=8)
SUBSET = st.dictionaries(KEYS, VALUES, max_size=6).map(lambda table: {"image_dir": "hat"} | table)
OPTIONS = st.dictionaries(st.sampled_from(sorted(ARGUMENTS)), VALUES, max_size=10)
CAPTIONS = ["sks, red hat, left", "sks ||| {a|b}, dog;;;cat", "A dog, on a hill, in rain.", ""]


@cache
def rules():
    return [rule for rule in load_plugins(foreign=False).rules.values() if rule.scope == "each_config"]


def stands(config, **profile):
    data = dataset(
        concept("hat", captions=CAPTIONS, trigger="sks", sizes=[(600, 640), (40, 900), (1600, 500), (64, 64)]),
        concept("reg", n=2, role="regularization"),
        config=config,
        mirrored=[("hat/000.png", "hat/001.png")],
        **profile,
    )
    for rule in rules():
        judge(rule, data)
    assert len(preview_of(data).captions) == 6


@settings(max_examples=60)
@given(
    general=TABLE,
    upper=TABLE,
    subsets=st.lists(SUBSET, max_size=3),
    options=OPTIONS,
    model=st.sampled_from([None, "sdxl", "flux"]),
)
def test_any_dataset_config_is_judged(general, upper, subsets, options, model):
    text = tomli_w.dumps({"general": general, "datasets": [upper | {"subsets": subsets}]})
    try:
        config = training_config(text, tomli_w.dumps({"seed": 1, "network_dim": 4, "network_alpha": 4} | options))
    except UsageError:
        config = training_config(text)
    stands(config, base_model=model)


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from([*everydream.SETTINGS, "disable_textenc_training", "resoluton"]),
        VALUES | st.none(),
        max_size=10,
    )
)
def test_any_train_json_is_judged(settings_of_it):
    stands(training_config(json.dumps({"data_root": "hat", "logdir": "x", "wandb": False} | settings_of_it)))


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_any_text_is_a_config_or_a_clear_error(text):
    for name in ("a.toml", "a.json", "a.sh", "a.bat", "a.ps1", "a.txt"):
        try:
            training_config(text, files=[name])
        except UsageError as error:
            assert error.text.english().startswith("a.")
