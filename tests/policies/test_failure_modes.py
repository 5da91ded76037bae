"""Failure modes: which rules point to which, and that playbooks know all of their signs."""

from tagmetry.finding import FAILURE_MODES
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy

PLUGINS = load_plugins(foreign=False)

AGREED = {
    "memorization": """
        augmentation-conflict dataset-size dominant-cluster duplicate-across-sets effective-size epoch-fraction-low
        exact-duplicates framing-bias letterbox-bars lookalikes-same-caption low-tag-entropy low-word-diversity
        mirrored-duplicates multiplier-range near-duplicate-cluster near-duplicate-ratio no-caption-randomization
        over-exposure rank-vs-data template-captions text-encoder-learning trigger-coupling
    """,
    "concept-bleed": """
        caption-dropout-high captionless-share class-hijack-risk concept-imbalance concept-overlap continuation-mix
        duplicate-across-sets loss-scale-range low-tag-entropy missing-caption missing-caption-fields
        missing-regularization multiplier-range over-exposure preservation-mix prior-loss-weight
        regularization-ratio tag-coupling text-encoder-learning thin-regularization-captions trigger-collision
        trigger-coupling vocabulary-skew
    """,
    "identity-collapse": """
        blurry-image dataset-size framing-bias inconsistent-resolution mixed-identities mixed-rendering
        prior-loss-weight purpose-mismatch rank-vs-data regularization-ratio trigger-missing uneven-conditions
    """,
    "prompt-sensitivity": """
        caption-dropout-high caption-encoding caption-from-cropped-name caption-too-long captionless-share
        class-tokens-conflict contradictory-tags duplicate-caption-mismatch duplicate-tags excessive-modifiers
        hostile-text important-tag-late max-token-length missing-caption missing-caption-fields mixed-caption-style
        mixed-separators mood-words-to-review multiline-caption no-caption-randomization orphan-caption
        script-unknown-to-t5 sentence-caption-shuffled separator-left-in-caption shared-caption tag-dropout-high
        tag-frequency tag-image-mismatch tag-synonyms template-captions trigger-collision trigger-not-kept
        unknown-tags
    """,
    "style-drift": """
        always-on-quality-tags augmentation-conflict blurry-image bucket-crop-loss bucket-limit-tight
        bucket-upscaled epoch-fraction-low excessive-modifiers extreme-compression few-full-size-images
        generated-regularization inconsistent-style-words letterbox-bars mixed-formats mixed-rendering
        odd-color-mode orientation-ignored purpose-mismatch regularization-quality resolution-below-base-model
        skewed-palette tag-frequency tag-image-mismatch tonal-outlier trigger-coupling uneven-conditions
    """,
    "instability": """
        animated-image blank-image bucket-underfilled bucketing-off caption-too-long decoder-failure
        extreme-aspect-ratio extreme-compression extreme-dimensions lookalikes-same-caption loss-scale-range
        max-token-length network-alpha-mismatch oversized-file tonal-outlier too-thin-for-bucket unreadable-image
        unsupported-format
    """,
}
"""What the sources say each failure mode can be told from, and which of Tagmetry's own rules belong there."""

NEITHER = """
    config-data-mismatch config-misread config-rejected extension-mismatch invalid-manifest long-tail-tags
    name-collision resolution-off-step stale-cache suppression-expired suppression-too-broad suppression-unused
    text-encoder-cache-conflict too-small-to-balance unreachable-file unread-images validation-images-trained
    validation-takes-images
"""
"""Rules that point to no way in which a LoRA goes wrong: the trainer stops, or reads something else."""

OF_THE_SYMPTOM = {("unstable-identity", "missing-caption-fields"), ("weak-sdxl", "text-encoder-learning")}
"""Signs of a symptom that its sources name, of rules that point to another failure mode."""


def rules_of(mode):
    return {rule.id for rule in PLUGINS.rules.values() if mode in rule.points_to}


def playbooks(tmp_path):
    return load_policy("tagmetry:playbooks", PLUGINS, beside=tmp_path).playbooks()


def test_each_failure_mode_is_reached_by_the_rules_agreed_and_by_no_other():
    assert {mode: sorted(rules_of(mode)) for mode in FAILURE_MODES} == {
        mode: names.split() for mode, names in AGREED.items()
    }


def test_each_failure_mode_is_reached_by_at_least_three_rules():
    assert [mode for mode in FAILURE_MODES if len(rules_of(mode)) < 3] == []


def test_all_other_rules_point_to_none():
    assert sorted(rule.id for rule in PLUGINS.rules.values() if not rule.points_to) == NEITHER.split()


def test_each_rule_that_points_to_a_failure_mode_is_a_sign_of_a_symptom(tmp_path):
    signs = {sign.rule for book in playbooks(tmp_path) for sign in book.signals}
    assert {rule for mode in FAILURE_MODES for rule in rules_of(mode)} - signs == set()


def test_signs_of_a_symptom_point_to_its_failure_modes(tmp_path):
    others = {
        (book.symptom, sign.rule)
        for book in playbooks(tmp_path)
        for sign in book.signals
        if not set(PLUGINS.rules[sign.rule].points_to) & set(book.points_to)
    }
    assert others == OF_THE_SYMPTOM


def test_each_failure_mode_is_reached_by_a_playbook(tmp_path):
    reached = {mode for book in playbooks(tmp_path) for mode in book.points_to}
    assert reached == set(FAILURE_MODES)


def test_each_sign_is_looked_at_by_a_step(tmp_path):
    """A sign that no step speaks of would leave somebody alone with it."""
    for book in playbooks(tmp_path):
        advised = {sign.rule for step in (*book.data, *book.training) for sign in step.because}
        assert {sign.rule for sign in book.signals} - advised == set(), book.symptom
