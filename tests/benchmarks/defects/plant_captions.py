"""Faults of captions as files and texts."""

from benchmarks.defects.planting import Expected, captions_named, named, plants, some

LONG = (
    "glowing light, colorful confetti, star-shaped earrings, layered frills, ruffled sleeves, white gloves, "
    "knee boots, wrist cuffs, one leg raised, motion lines, cheering audience, glow sticks, smoke machine, "
    "big screen, loudspeakers, wooden floor, paper streamers, balloons, banners, festival atmosphere, lens flare, "
    "depth of field, reflections, puddles, distant mountains, birds, kites"
)


@plants("missing-caption")
def pictures_without_captions(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.change(sample, caption=None)
    return named(victims)


@plants("missing-caption")
def empty_captions(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.change(sample, caption=b"" if random.random() < 0.5 else b" \n")
    return named(victims)


@plants("caption-encoding")
def captions_that_are_not_utf8(one, random):
    victims = some(one.train, 3, random)
    for sample, encoding in zip(victims, ("cp932", "gbk", "utf-16"), strict=True):
        one.change(sample, caption=f"{sample.caption}, 桜の花".encode(encoding))
    return captions_named(victims)


@plants("caption-encoding")
def captions_with_a_byte_order_mark(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.change(sample, caption=sample.caption.encode("utf-8-sig"))
    return captions_named(victims)


@plants("multiline-caption", profile={"trainer": "kohya"})
def captions_with_a_second_line(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.change(sample, caption=f"{sample.caption}\nlow angle, dynamic pose, wind")
    return captions_named(victims)


@plants("caption-too-long")
def captions_of_too_many_tokens(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.change(sample, caption=f"{sample.caption}, {LONG}")
    return captions_named(victims)


@plants("mixed-separators")
def captions_with_other_separators(one, random):
    victims = some(one.train, 6, random)
    for sample in victims:
        one.change(sample, caption=sample.caption.replace(", ", "; "))
    return [Expected()]


@plants("mixed-separators")
def captions_with_full_width_separators(one, random):
    victims = some(one.train, 6, random)
    for sample in victims:
        one.change(sample, caption=sample.caption.replace(", ", "、"))
    return [Expected()]


@plants("important-tag-late", consequences=("caption-too-long", "trigger-missing"))
def the_trigger_at_the_end_of_long_captions(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.change(sample, caption=f"{', '.join(sample.tags[1:])}, {LONG}, {sample.tags[0]}")
    return named(victims)


@plants("mixed-caption-style")
def sentences_among_tag_lists(one, random):
    victims = some(one.train, len(one.train) // 3, random)
    for sample in victims:
        one.change(sample, caption=sample.parts.sentence)
    return [Expected()]


@plants(
    "template-captions", consequences=("tag-frequency", "trigger-coupling", "low-tag-entropy", "low-word-diversity")
)
def one_caption_for_all(one, random):
    caption = one.train[0].caption
    for sample in one.train:
        one.change(sample, caption=caption)
    return [Expected()]


@plants("template-captions", consequences=("missing-caption-fields", "tag-frequency", "low-word-diversity"))
def one_sentence_with_a_gap(one, random):
    for sample in one.train:
        place = sample.parts.place[0]
        one.change(sample, caption=f"a beautiful drawing of lumika girl standing in front of {place}")
    return [Expected()]


@plants(
    "low-word-diversity",
    consequences=("tag-frequency", "trigger-coupling", "template-captions", "missing-caption-fields"),
)
def captions_of_hardly_any_words(one, random):
    words = ("smile", "standing", "outdoors")
    for sample in one.train:
        one.retag(sample, ["lumika", "girl", *random.permutation(words)[: random.integers(1, 3)].tolist()])
    return [Expected()]


@plants("excessive-modifiers")
def captions_full_of_praise(one, random):
    victims = some(one.train, 4, random)
    praise = "extremely beautiful, incredibly detailed, very very gorgeous, absolutely stunning, super amazing"
    for sample in victims:
        one.change(sample, caption=f"{sample.caption}, {praise}")
    return captions_named(victims)


@plants("inconsistent-style-words")
def captions_that_disagree_on_the_style(one, random):
    styles = ("oil painting", "pencil sketch", "photorealistic", "pixel art", "watercolor")
    for number, sample in enumerate(some(one.train, 20, random)):
        one.retag(sample, [*sample.tags, styles[number % len(styles)]])
    return [Expected()]


@plants("mood-words-to-review")
def captions_with_moods(one, random):
    victims = some(one.train, 3, random)
    for sample, mood in zip(victims, ("melancholic", "peaceful atmosphere", "mysterious mood"), strict=True):
        one.retag(sample, [*sample.tags, mood])
    return [Expected()]


@plants("missing-caption-fields")
def captions_that_name_no_background(one, random):
    for sample in one.train:
        parts = sample.parts
        one.retag(sample, [*parts.called, *parts.face, *parts.hair, *parts.clothes, *parts.distance])
    return [Expected()]


@plants("script-unknown-to-t5", profile={"base_model": "flux"})
def japanese_captions_for_flux(one, random):
    victims = some(one.train, 4, random)
    for sample in victims:
        one.change(sample, caption="lumika, 少女, 笑顔, 長い髪, 制服, 教室, 窓, 昼")
    return named(victims)


MOODS = ("sad", "serious", "surprised", "sleepy", "frown", "smile", "grin", "laughing", "pout")


def moods_are_named(one):
    """`mood-words-to-review` asks for a look at every caption with a mood, which faces of clean sets have too."""
    texts = [(sample, sample.caption) for sample in one.train if isinstance(sample.caption, str)]
    return named([sample for sample, text in texts if any(mood in text for mood in MOODS)])
