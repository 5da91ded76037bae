"""Faults of the files themselves."""

from io import BytesIO
from pathlib import PurePosixPath

from PIL import Image, ImageDraw

from benchmarks.defects.pictures import encoded
from benchmarks.defects.planting import NOT_PLANTED, Expected, captions_named, named, plants, some

NOT_PLANTED["decoder-failure"] = (
    "it needs a decoder that crashes or hangs; tests/extraction holds the workers against decoders that do"
)
NOT_PLANTED["suppression-expired"] = "about a policy, not about data; tests/rules/suppressions holds both sides"
NOT_PLANTED["suppression-unused"] = "about a policy, not about data; tests/rules/suppressions holds both sides"
NOT_PLANTED["suppression-too-broad"] = "about a policy, not about data; tests/rules/suppressions holds both sides"


@plants("unreadable-image")
def a_file_cut_short(one, random):
    victims = some(one.train, 2, random)
    for sample in victims:
        one.change(sample, data=sample.data[: len(sample.data) // 3])
    return named(victims)


@plants("unreadable-image")
def an_empty_file_and_an_error_page(one, random):
    victims = some(one.train, 2, random)
    one.change(victims[0], data=b"")
    one.change(victims[1], data=b"<!DOCTYPE html><html><body><h1>403 Forbidden</h1></body></html>")
    return named(victims)


@plants("extension-mismatch")
def a_png_named_jpg(one, random):
    victims = some(one.train, 3, random)
    for sample in victims:
        one.change(sample, data=encoded(sample.picture(), format="PNG"))
    return named(victims)


@plants("unsupported-format")
def a_format_that_no_trainer_reads(one, random):
    victims = some(one.train, 2, random)
    for sample in victims:
        one.change(
            sample,
            data=encoded(sample.picture(), format="ICO"),
            path=str(PurePosixPath(sample.path).with_suffix(".ico")),
        )
    return [Expected(frozenset((str(PurePosixPath(sample.path).with_suffix(".ico")),))) for sample in victims]


@plants("oversized-file")
def a_scan_of_many_megapixels(one, random):
    victims = some(one.train, 1, random)
    scan = Image.new("1", (12_000, 12_000))
    ImageDraw.Draw(scan).rectangle((0, 0, 6_000, 12_000), fill=1)
    held = BytesIO()
    scan.save(held, "PNG")
    for sample in victims:
        one.change(sample, data=held.getvalue(), path=str(PurePosixPath(sample.path).with_suffix(".png")))
    return [Expected(frozenset((str(PurePosixPath(sample.path).with_suffix(".png")),))) for sample in victims]


@plants("unreachable-file")
def a_link_to_nothing(one, random):
    sample = some(one.train, 1, random)[0]
    path = f"{sample.folder}/lost.jpg"
    one.links[path] = "gone/away.jpg"
    return [Expected(frozenset((path,)))]


@plants("unread-images", consequences=("too-small-to-balance",))
def pictures_where_the_trainer_does_not_look(one, random):
    moved = some(one.train, 4, random)
    for sample in moved:
        one.change(sample, path=f"{sample.folder}/more/{PurePosixPath(sample.path).name}")
    return [Expected()]


@plants("invalid-manifest", consequences=("missing-caption", "tag-frequency", "long-tail-tags"))
def a_broken_line_of_a_manifest(one, random):
    """The captions of the set, from a manifest of which two lines are broken."""
    lines = []
    one.samples = one.train
    for number, sample in enumerate(list(one.samples)):
        name = PurePosixPath(sample.path).name
        one.change(sample, path=name, caption=None)
        lines.append(f'{{"file_name": "{name}", "text": "{sample.caption}"}}')
        if number in (4, 9):
            lines[-1] = lines[-1][:-9]
    one.files["metadata.jsonl"] = ("\n".join(lines) + "\n").encode()
    return [Expected(frozenset(("metadata.jsonl",)))]


@plants("orphan-caption")
def a_caption_without_its_picture(one, random):
    victims = some(one.train, 2, random)
    for sample in victims:
        one.files[sample.caption_path] = f"{sample.caption}\n".encode()
    one.drop(victims)
    return captions_named(victims)


@plants("orphan-caption", consequences=("missing-caption",))
def a_caption_named_otherwise_than_its_picture(one, random):
    victims = some(one.train, 2, random)
    for sample in victims:
        other = str(PurePosixPath(sample.caption_path).with_name(PurePosixPath(sample.caption_path).name.upper()))
        one.files[other.replace(".TXT", ".txt")] = f"{sample.caption}\n".encode()
        one.change(sample, caption=None)
    return [
        Expected(frozenset((f"{sample.folder}/{PurePosixPath(sample.caption_path).stem.upper()}.txt",)))
        for sample in victims
    ]


@plants("name-collision")
def names_that_differ_in_case_only(one, random):
    first, second = some(one.train, 2, random)
    path = PurePosixPath(first.path)
    renamed = one.change(second, path=str(path.with_name(f"{path.stem.upper()}{path.suffix}")))
    return [Expected(frozenset((renamed.path,)))]


@plants("hostile-text")
def captions_with_signs_that_nobody_sees(one, random):
    victims = some(one.train, 3, random)
    for sample, sign in zip(victims, ("\u202e", "\u200b", "\u2066"), strict=True):
        middle = len(sample.caption) // 2
        one.change(sample, caption=f"{sample.caption[:middle]}{sign}{sample.caption[middle:]}")
    return captions_named(victims)


@plants("shared-caption")
def two_pictures_of_one_stem(one, random):
    found = []
    victims = some(one.train, 4, random)
    for first, second in (victims[:2], victims[2:]):
        path = str(PurePosixPath(first.path).with_suffix(".png"))
        one.change(second, path=path, data=encoded(second.picture(), format="PNG"), caption=None)
        found.append(Expected(frozenset((first.path, path))))
    return found


@plants("caption-from-cropped-name", profile={"trainer": "kohya"}, consequences=("missing-caption",))
def a_date_that_passes_for_a_cropped_face(one, random):
    first, second = some(one.train, 2, random)
    path = PurePosixPath(first.path)
    renamed = one.change(second, path=str(path.with_name(f"{path.stem}_2024_05_01_002{path.suffix}")), caption=None)
    return named([renamed])
