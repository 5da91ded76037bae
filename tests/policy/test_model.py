"""How layers become the effective policy: what wins, what is inherited, and who said it."""

import pytest

from policy_testing import PLUGINS, effective, load, loaded, make_plugins, problems, rule, write
from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.model import Layer, ListPatch, Policy, RulePatch, Told
from tagmetry.policy.vocabulary import effective_vocabulary

pytestmark = pytest.mark.usefixtures("folder")


def over(house, project):
    """The policy of a project that extends a house standard, which extends the recommended policy."""
    write("house.yaml", "extends: tagmetry:recommended\n" + house)
    write("tagmetry.yaml", "extends: house.yaml\n" + project)
    return load()


def frequency(policy):
    return effective(policy, "tag-frequency")


# Rules: field by field


def test_what_nobody_speaks_of_is_the_default_with_its_source():
    settled = frequency(loaded(""))
    assert settled.options.limit == 0.9
    assert settled.origins == {
        "limit": "S0",
        "min_images": "tagmetry",
        "ignore": "tagmetry",
        "sizes": "tagmetry",
        "style": "tagmetry",
        "strict": "tagmetry",
        "word": "tagmetry",
    }
    assert (settled.severity, settled.severity_place, settled.enabled) == (None, "", True)


def test_a_value_has_the_line_where_it_stands():
    settled = frequency(loaded("rules:\n  tag-frequency:\n    severity: error\n    limit: 80%\n    word: hat\n"))
    assert (settled.severity, settled.severity_place) == (Severity.ERROR, "tagmetry.yaml:4")
    assert (settled.options.limit, settled.origins["limit"]) == (0.8, "tagmetry.yaml:5")
    assert (settled.options.word, settled.origins["word"]) == ("hat", "tagmetry.yaml:6")


def test_a_value_of_a_built_in_policy_has_its_name():
    profile = load("sdxl").profile()
    assert (profile.settings["base_model"].place, profile.settings["base_model"].origin) == ("tagmetry:sdxl", "policy")
    assert load("recommended").gate().place == "tagmetry:recommended"


def test_later_layers_win_field_by_field():
    settled = frequency(
        over(
            "rules: {tag-frequency: {limit: 0.8, min_images: 20, severity: error}}",
            "rules: {tag-frequency: {limit: 0.7}}",
        )
    )
    assert (settled.options.limit, settled.origins["limit"]) == (0.7, "tagmetry.yaml:3")
    assert (settled.options.min_images, settled.origins["min_images"]) == (20, "house.yaml:3")
    assert (settled.severity, settled.severity_place) == (Severity.ERROR, "house.yaml:3")


def test_a_bare_severity_keeps_inherited_options():
    settled = frequency(over("rules: {tag-frequency: {limit: 0.8}}", "rules: {tag-frequency: error}"))
    assert (settled.severity, settled.options.limit) == (Severity.ERROR, 0.8)


def test_options_keep_the_inherited_severity():
    settled = frequency(over("rules: {tag-frequency: off}", "rules: {tag-frequency: {limit: 0.8}}"))
    assert (settled.severity, settled.enabled, settled.options.limit) == (Severity.OFF, False, 0.8)


def test_an_empty_mapping_changes_nothing():
    settled = frequency(over("rules: {tag-frequency: {limit: 0.8, severity: info}}", "rules: {tag-frequency: {}}"))
    assert (settled.severity, settled.options.limit) == (Severity.INFO, 0.8)


def test_null_takes_an_option_back_to_its_default():
    settled = frequency(
        over("rules: {tag-frequency: {limit: 0.8, word: hat}}", "rules: {tag-frequency: {limit: null, word: ~}}")
    )
    assert (settled.options.limit, settled.origins["limit"]) == (0.9, "S0")
    assert (settled.options.word, settled.origins["word"]) == (None, "tagmetry")


def test_null_takes_a_severity_back_to_the_rules_own():
    settled = frequency(over("rules: {tag-frequency: error}", "rules: {tag-frequency: {severity: null}}"))
    assert (settled.severity, settled.severity_place) == (None, "")


def test_a_list_replaces():
    settled = frequency(loaded("rules: {tag-frequency: {ignore: [hat, cap]}}"))
    assert settled.options.ignore == ("hat", "cap")
    assert frequency(loaded("rules: {tag-frequency: {ignore: []}}")).options.ignore == ()


def test_a_list_is_patched():
    settled = frequency(loaded("rules:\n  tag-frequency:\n    ignore: {add: [hat, 1girl], remove: [solo]}\n"))
    assert settled.options.ignore == ("1girl", "hat")
    assert settled.origins["ignore"] == "tagmetry.yaml:4"


def test_patches_of_a_list_add_up():
    settled = frequency(
        over(
            "rules: {tag-frequency: {sizes: {add: [1024]}}}",
            "rules: {tag-frequency: {sizes: {remove: [512, 1024], add: [640]}}}",
        )
    )
    assert settled.options.sizes == (768, 640)


def test_a_list_is_patched_from_its_default_after_null():
    settled = frequency(
        over("rules: {tag-frequency: {ignore: null}}", "rules: {tag-frequency: {ignore: {add: [hat]}}}")
    )
    assert settled.options.ignore == ("solo", "1girl", "hat")


def test_what_is_not_in_a_list_cannot_be_removed():
    assert problems("rules: {tag-frequency: {ignore: {remove: [1grl, hat], add: [cap]}}}") == [
        ("2:43", "policy-remove", "there is no '1grl' to remove", "did you mean '1girl'?"),
        ("2:49", "policy-remove", "there is no 'hat' to remove", "the list holds: solo, 1girl"),
    ]
    write("house.yaml", "rules: {tag-frequency: {ignore: []}}")
    assert problems("extends: house.yaml\nrules: {tag-frequency: {ignore: {remove: [solo]}}}") == [
        ("3:43", "policy-remove", "there is no 'solo' to remove", "the list is empty here")
    ]


def test_a_rule_that_is_still_tried_has_to_be_asked_for():
    assert effective(loaded(""), "blurry-image").severity is Severity.OFF
    assert effective(loaded("rules: {blurry-image: {}}"), "blurry-image").severity is Severity.OFF
    assert effective(loaded("rules: {blurry-image: warning}"), "blurry-image").severity is Severity.WARNING
    settled = effective(
        over("rules: {blurry-image: warning}", "rules: {blurry-image: {severity: null}}"), "blurry-image"
    )
    assert settled.severity is Severity.OFF


def test_a_patch_by_a_former_name_is_the_rules():
    patch = RulePatch("soft-image", severity=Told(Severity.ERROR, "x:1"))
    policy = Policy("a", ("a",), "", (Layer("a", "a", rules=(patch,)),))
    assert effective(policy, "blurry-image").severity is Severity.ERROR


def test_a_reason_is_kept():
    policy = loaded("rules: {tag-frequency: {limit: 0.8, because: Soft limits teach soft sets.}}")
    assert policy.layers[0].rules[0].because == "Soft limits teach soft sets."


def test_nothing_is_added_twice():
    assert ListPatch(add=("b", "c", "c"), remove=("a", "b")).applied(("a", "b", "d")) == ("d", "b", "c")
    assert ListPatch(add=("b",)).applied(("a", "b")) == ("a", "b")


# The profile, the balance plan and the gate: key by key


def test_the_profile_merges_by_key():
    profile = over("profile: {base_model: sdxl, purpose: style}", "profile: {purpose: person}").profile()
    assert (profile.base_model, profile.purpose) == ("sdxl", "person")
    assert profile.settings["base_model"].place == "house.yaml:3"
    assert profile.settings["purpose"].place == "tagmetry.yaml:3"
    assert (profile.settings["trainer"].value, profile.settings["trainer"].origin) == (None, "default")


def test_null_takes_a_key_of_the_profile_back():
    profile = over(
        "profile: {base_model: sdxl, caption_style: tags}", "profile: {base_model: null, caption_style: }"
    ).profile()
    assert (profile.base_model, profile.caption_style) == (None, "auto")
    assert profile.settings["base_model"].origin == "default"


def test_concepts_merge_field_by_field():
    policy = over(
        """
profile:
  concepts:
    hat: {match: "hat/**", trigger: ohwx, class_word: hat, core_tags: [red hat, brim]}
    cap: {match: "cap/**"}
""",
        """
profile:
  concepts:
    shoe: {trigger: zwx}
    hat: {trigger: ohwxhat, class_word: null, core_tags: {add: [feather], remove: [brim]}}
""",
    )
    hat, cap, shoe = policy.profile().concepts
    assert (hat.name, hat.match, hat.trigger, hat.class_word) == ("hat", ("hat/**",), "ohwxhat", None)
    assert hat.core_tags == ("red hat", "feather")
    assert (cap.name, cap.match, cap.trigger, cap.core_tags) == ("cap", ("cap/**",), None, ())
    assert (shoe.name, shoe.match, shoe.trigger) == ("shoe", (), "zwx")
    assert policy.concepts()["hat"]["match"].place == "house.yaml:6"
    assert policy.concepts()["hat"]["trigger"].place == "tagmetry.yaml:7"


def test_tags_and_patterns_may_be_one_text_or_a_list():
    policy = loaded(
        """
        profile:
          concepts:
            hat: {match: "hat/**", core_tags: "red hat, brim"}
            cap: {match: ["cap/**", "caps/*.png"], core_tags: [red cap, "visor、button"]}
        """
    )
    hat, cap = policy.profile().concepts
    assert (hat.match, hat.core_tags) == (("hat/**",), ("red hat", "brim"))
    assert (cap.match, cap.core_tags) == (("cap/**", "caps/*.png"), ("red cap", "visor", "button"))


def test_roles_merge_by_role():
    policy = over(
        'profile: {roles: {regularization: "reg/**", holdout: ["val/**"]}}',
        'profile: {roles: {regularization: {add: ["more/**"]}, holdout: null, earlier: "stage1/**"}}',
    )
    assert dict(policy.profile().roles) == {"regularization": ("reg/**", "more/**"), "earlier": ("stage1/**",)}


def test_what_no_layer_below_says_cannot_be_removed():
    assert problems(
        'profile: {roles: {holdout: {remove: ["val/**"]}}, concepts: {hat: {core_tags: {remove: [brim]}}}}'
    ) == [
        ("2:38", "policy-remove", "there is no 'val/**' to remove", "the list is empty here"),
        ("2:89", "policy-remove", "there is no 'brim' to remove", "the list is empty here"),
    ]


def test_the_balance_figures_merge_by_key():
    policy = over(
        "balance: {apply: true, regularization: {target_ratio: 0.5}, tag_cap: {threshold: 0.8, cap_ratio: 0.5}}",
        "balance: {tag_cap: {threshold: 85%}, apply: null, randomization: {style: {caption_tag_dropout_rate: 0.3}}}",
    )
    balance = policy.balance()
    assert (balance.apply, balance.regularization_ratio) == (False, 0.5)
    assert (balance.tag_cap_threshold, balance.tag_cap_ratio, balance.style_tag_dropout) == (0.85, 0.5, 0.3)
    assert balance.too_small == 30
    places = {name: setting.place for name, setting in policy.balance_settings().items() if setting.place}
    assert places == {
        "regularization_ratio": "house.yaml:3",
        "tag_cap_ratio": "house.yaml:3",
        "tag_cap_threshold": "tagmetry.yaml:3",
        "style_tag_dropout": "tagmetry.yaml:3",
    }


def test_the_gate_is_the_last_one_that_is_named():
    assert loaded("").fail_on == "error"
    policy = over("gate: {fail_on: warning}", "gate: {}")
    assert (policy.fail_on, policy.gate().place) == ("warning", "house.yaml:3")
    assert over("gate: {fail_on: warning}", "gate: {fail_on: never}").fail_on == "never"
    policy = over("gate: {fail_on: warning}", "gate: {fail_on: null}")
    assert (policy.fail_on, policy.gate().origin) == ("error", "default")


def test_the_vocabulary_is_patched_layer_by_layer():
    policy = over(
        "vocabulary: {groups: {background: {add: [green screen]}, hats: [red hat, cap]}, protected: {add: logo}}",
        "vocabulary: {groups: {hats: {remove: [cap]}}, synonyms: {tram: [streetcar]}}",
    )
    vocabulary = effective_vocabulary(PLUGINS, policy)
    assert vocabulary.groups_of("green screen") == ("background",)
    assert vocabulary.groups_of("outdoors") == ("background",)
    assert vocabulary.groups["hats"] == {"red hat"}
    assert vocabulary.protected == {"watermark", "logo"}
    assert vocabulary.preferred("streetcar") == "tram"
    assert effective_vocabulary(PLUGINS, load("recommended")).groups_of("green screen") == ()


# The command line, which comes last


def with_flags(*settings, text="", **profile):
    layer, _ = flag_layer(PLUGINS, profile=profile, settings=settings)
    return loaded(text).with_layer(layer)


def test_flags_win_over_the_file():
    policy = with_flags(
        "tag-frequency.limit=70%",
        "profile.resolution=768",
        text="profile: {base_model: sd15}\nrules: {tag-frequency: {limit: 0.8, min_images: 20}}",
        base_model="sdxl",
    )
    settled = frequency(policy)
    assert (settled.options.limit, settled.origins["limit"]) == (0.7, "--set tag-frequency.limit")
    assert (settled.options.min_images, settled.origins["min_images"]) == (20, "tagmetry.yaml:3")
    settings = policy.profile().settings
    assert (settings["base_model"].value, settings["base_model"].origin) == ("sdxl", "flag")
    assert settings["base_model"].place == "--base-model"
    assert (settings["resolution"].value, settings["resolution"].place) == (768, "--set profile.resolution")


def test_the_origin_of_a_flag_may_be_the_environment():
    layer, _ = flag_layer(PLUGINS, profile={"purpose": "style"}, origins={"purpose": "environment"})
    assert loaded("").with_layer(layer).profile().settings["purpose"].origin == "environment"


def test_a_severity_can_be_set():
    settled = frequency(with_flags("tag-frequency.severity=error"))
    assert (settled.severity, settled.severity_place) == (Severity.ERROR, "--set tag-frequency.severity")
    assert frequency(with_flags("tag-frequency.severity=OFF")).severity is Severity.OFF
    assert effective(with_flags("soft-image.severity=info"), "blurry-image").severity is Severity.INFO


def test_the_last_of_several_settings_wins():
    assert frequency(with_flags("tag-frequency.limit=0.5", "tag-frequency.limit=0.6")).options.limit == 0.6


def test_a_list_is_set_with_commas():
    assert frequency(with_flags("tag-frequency.ignore=red hat, cap,")).options.ignore == ("red hat", "cap")
    assert frequency(with_flags("tag-frequency.ignore=")).options.ignore == ()


def test_null_is_set_like_in_a_file():
    policy = with_flags(
        "tag-frequency.limit=null",
        "tag-frequency.severity=null",
        "profile.base_model=null",
        text="profile: {base_model: sd15}\nrules: {tag-frequency: {limit: 0.8, severity: error}}",
    )
    assert (frequency(policy).options.limit, frequency(policy).origins["limit"]) == (0.9, "S0")
    assert frequency(policy).severity is None
    assert policy.profile().base_model is None


def test_settings_of_outputs_are_handed_on_as_text():
    _, outputs = flag_layer(PLUGINS, profile={}, settings=("page.blur=true", "page.columns=2", "page.columns=4"))
    assert outputs == {"page": {"blur": "true", "columns": "4"}}


def test_a_name_with_dots_is_taken_whole():
    plugins = make_plugins((rule("acme.org/a-rule"),))
    layer, _ = flag_layer(plugins, profile={}, settings=("acme.org/a-rule.severity=error",))
    assert layer.rules[0].rule == "acme.org/a-rule"


@pytest.mark.parametrize(
    ("setting", "text", "help"),
    [
        (
            "tag-frequency",
            "--set tag-frequency is not of the form KEY=VALUE",
            "for example --set near-duplicate-ratio.limit=0.2 or --set profile.purpose=style",
        ),
        (
            "limit=0.2",
            "--set limit=0.2 is not of the form KEY=VALUE",
            "for example --set near-duplicate-ratio.limit=0.2 or --set profile.purpose=style",
        ),
        (
            ".limit=0.2",
            "--set .limit=0.2 is not of the form KEY=VALUE",
            "for example --set near-duplicate-ratio.limit=0.2 or --set profile.purpose=style",
        ),
        (
            "tag-frequncy.limit=1",
            "--set: there is no rule, output or profile named tag-frequncy",
            "did you mean tag-frequency?",
        ),
        (
            "foo.limit=1",
            "--set: there is no rule, output or profile named foo",
            "tagmetry rules lists the rules",
        ),
        ("tag-frequency.limt=1", "tag-frequency has no option limt", "did you mean limit?"),
        ("tag-frequency.serverity=off", "tag-frequency has no option serverity", "did you mean severity?"),
        ("long-tail-tags.foo=1", "long-tail-tags has no option foo", "options: severity, tolerate"),
        ("profile.base-modle=sdxl", "profile has no option base-modle", "did you mean base_model?"),
        ("page.blurr=true", "page has no option blurr", "did you mean blur?"),
        (
            "tag-frequency.severity=warn",
            "--set tag-frequency.severity: warn is not off, info, warning or error",
            "did you mean warning?",
        ),
        (
            "tag-frequency.limit=2",
            "--set tag-frequency.limit: limit is 2; the largest value is 1 (did you mean 2%?)",
            None,
        ),
        (
            "profile.base_model=sdx",
            "--set profile.base_model: base_model is sdx; it takes sd15, sdxl, flux",
            None,
        ),
    ],
)
def test_a_wrong_setting_is_refused_by_naming_it(setting, text, help):
    with pytest.raises(UsageError) as caught:
        flag_layer(PLUGINS, profile={}, settings=(setting,))
    assert str(caught.value) == text
    assert (caught.value.help.english() if caught.value.help else None) == help


def test_a_wrong_key_of_the_profile_is_refused():
    with pytest.raises(UsageError) as caught:
        flag_layer(PLUGINS, profile={"base_mdel": "sdxl"})
    assert str(caught.value) == "profile has no option base_mdel"
