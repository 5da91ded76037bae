"""Faults of trainer configs, and of data that a config speaks of."""

import json
from pathlib import PurePosixPath

from PIL import Image

from benchmarks.defects.pictures import encoded
from benchmarks.defects.planting import TWO_CONCEPTS, Expected, named, plants, some, together
from benchmarks.defects.sets import LUMIKA_FOLDER, NORAVEL_FOLDER

DATASET, TRAINING = [Expected(name="dataset.toml")], [Expected(name="training.toml")]


def kohya(rule, **how):
    """A planting in a set with a config of sd-scripts."""
    return plants(rule, config=True, **how)


@kohya("text-encoder-cache-conflict")
def captions_cached_and_shuffled(one, random):
    one.config["training"]["cache_text_encoder_outputs"] = True
    return [Expected()]


@kohya("no-caption-randomization")
def tag_lists_trained_as_they_are(one, random):
    one.config["general"] |= {"shuffle_caption": False, "caption_tag_dropout_rate": 0.0}
    return [Expected()]


@kohya("caption-dropout-high")
def a_fifth_of_the_captions_dropped(one, random):
    one.config["general"]["caption_dropout_rate"] = 0.2
    return DATASET


@kohya("tag-dropout-high")
def two_fifths_of_the_tags_dropped(one, random):
    one.config["general"]["caption_tag_dropout_rate"] = 0.4
    return DATASET


@kohya("trigger-not-kept")
def a_trigger_that_is_shuffled(one, random):
    one.config["general"]["keep_tokens"] = 0
    return [Expected()]


@kohya("max-token-length")
def room_for_captions_that_are_not_there(one, random):
    one.config["training"]["max_token_length"] = 225
    return TRAINING


@kohya("config-data-mismatch")
def a_folder_that_is_not_there(one, random):
    one.config["subsets"]["train/1_gone girl"] = {"num_repeats": 1}
    return DATASET


@kohya("bucketing-off")
def shapes_without_buckets(one, random):
    one.config["dataset"]["enable_bucket"] = False
    return DATASET


@kohya("augmentation-conflict")
def colours_shifted_beside_cached_latents(one, random):
    one.config["general"]["color_aug"] = True
    one.config["training"]["cache_latents"] = True
    return [Expected()]


@kohya("rank-vs-data", consequences=("too-small-to-balance", "regularization-ratio"))
def a_large_rank_for_twenty_pictures(one, random):
    one.drop(some(one.train, len(one.train) - 20, random))
    one.config["training"] |= {"network_dim": 128, "network_alpha": 128}
    return TRAINING


@kohya("text-encoder-learning")
def a_text_encoder_as_fast_as_the_unet(one, random):
    one.config["training"] |= {"unet_lr": 1e-4, "text_encoder_lr": 1e-4}
    return TRAINING


@kohya("network-alpha-mismatch")
def an_alpha_unlike_the_rank(one, random):
    one.config["training"] |= {"network_dim": 16, "network_alpha": 1}
    return TRAINING


@kohya("prior-loss-weight")
def class_pictures_that_hardly_count(one, random):
    one.config["training"]["prior_loss_weight"] = 0.05
    return TRAINING


@kohya("over-exposure")
def each_picture_thousands_of_times(one, random):
    one.config["subsets"][LUMIKA_FOLDER]["num_repeats"] = 100
    one.config["training"]["max_train_epochs"] = 30
    return [Expected()]


@kohya("bucket-limit-tight", consequences=("bucket-crop-loss",))
def buckets_no_larger_than_the_resolution(one, random):
    one.config["dataset"]["max_bucket_reso"] = 512
    return DATASET


@kohya("config-rejected")
def a_key_that_the_trainer_does_not_know(one, random):
    one.config["general"]["shuffle_captions"] = True
    return DATASET


@kohya("config-misread")
def one_folder_named_twice(one, random):
    one.config["subsets"][f"./{LUMIKA_FOLDER}"] = {"num_repeats": 3}
    return DATASET


@kohya("resolution-off-step")
def a_resolution_between_the_steps(one, random):
    one.config["dataset"]["resolution"] = 500
    return DATASET


@kohya("validation-images-trained")
def a_validation_without_a_seed(one, random):
    one.config["dataset"]["validation_split"] = 0.2
    return DATASET


@kohya("sentence-caption-shuffled", sentences=True)
def sentences_cut_at_their_commas(one, random):
    one.config["general"]["shuffle_caption"] = True
    return [Expected()]


@kohya("separator-left-in-caption")
def choices_that_are_not_switched_on(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.retag(sample, [*sample.tags, "{red|blue} ribbon"])
    return [Expected()]


@kohya("stale-cache")
def caches_of_another_size(one, random):
    for sample in some(one.train, 2, random):
        path = PurePosixPath(sample.path)
        one.files[str(path.with_name(f"{path.stem}_0256x0256_sd.npz"))] = b"PK"
    return [Expected()]


@kohya(
    "too-thin-for-bucket",
    consequences=("extreme-aspect-ratio", "bucket-crop-loss", "bucket-underfilled", "resolution-below-base-model"),
)
def a_picture_like_a_ribbon(one, random):
    one.config["dataset"]["bucket_no_upscale"] = True
    victim = some(one.of(LUMIKA_FOLDER), 1, random)[0]
    return named([one.repaint(victim, lambda image: image.resize((900, 40)))])


@plants("orientation-ignored", profile={"trainer": "kohya"})
def pictures_turned_by_their_camera(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        exif = Image.Exif()
        exif[0x0112] = 6
        one.change(sample, data=encoded(sample.picture().transpose(Image.Transpose.ROTATE_90), exif=exif))
    return together(victims)


@plants("class-tokens-conflict")
def a_folder_named_for_something_else(one, random):
    one.move(LUMIKA_FOLDER, "train/1_ohwx robot")
    return [Expected()]


@plants("captionless-share", folders=TWO_CONCEPTS, consequences=("missing-caption",))
def half_of_the_pictures_without_captions(one, random):
    for sample in some(one.train, len(one.train) * 3 // 5, random):
        one.change(sample, caption=None)
    return [Expected()]


def everydream(one, **settings):
    """Makes the set an EveryDream2 tree with its train.json."""
    one.drop(one.regularization)
    one.move(LUMIKA_FOLDER, "img/lumika")
    one.move(NORAVEL_FOLDER, "img/noravel")
    told = {"data_root": "img", "resolution": 512, "batch_size": 2, "max_epochs": 20, "shuffle_tags": True}
    one.files["train.json"] = json.dumps({**told, **settings}, indent=1).encode()
    one.given = ("train.json",)


@plants("loss-scale-range")
def a_negative_loss_scale(one, random):
    everydream(one)
    one.files["img/lumika/loss_scale.txt"] = b"-1"
    return [Expected()]


@plants("multiplier-range", folders=TWO_CONCEPTS, consequences=("concept-imbalance",))
def a_multiplier_of_eight(one, random):
    everydream(one)
    one.files["img/lumika/multiply.txt"] = b"8"
    return [Expected()]


@plants("epoch-fraction-low", folders=TWO_CONCEPTS, consequences=("concept-imbalance", "multiplier-range"))
def a_fifth_of_a_concept_per_epoch(one, random):
    everydream(one)
    one.files["img/lumika/multiply.txt"] = b"0.2"
    return [Expected()]


@plants("validation-takes-images")
def a_validation_that_holds_back_a_sixth(one, random):
    everydream(one, validation_config="validation_default.json")
    return [Expected()]
