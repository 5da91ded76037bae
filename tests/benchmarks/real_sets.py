"""What Tagmetry says about real datasets: `python tests/benchmarks/real_sets.py --data DIR [--write PAGE]`.

Runs `tagmetry check` on public datasets, once for each base model, and holds every finding above info against
`real_sets_judgements.yaml`, where a person has said whether it is right. Fails when a finding has no judgement or
a judgement no longer has its findings, and when something that must hold does not; only then is PAGE written.

DIR holds, with the paths that they have in their repositories (`docs/measured/real-sets.md` names those):
`dreambooth/<subject>/`, `wikipe_tan/img_train/` and `img_reg/` with the captions beside the images,
`neardup_ukbench/` with its `truth.json`, `exif_orientation/`, and `odd_images/` with its `odd_manifest.csv`.
It is only read: what is laid out in another way is copied to a temporary folder first.
"""

import argparse
import base64
import csv
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import yaml
from PIL import ExifTags, Image

HERE = Path(__file__).parent
JUDGEMENTS = HERE / "real_sets_judgements.yaml"
CAPTIONS = HERE / "real_sets_captions.yaml"
BASE_MODELS = ("none", "sd15", "sdxl", "flux")
WORDS = ("right", "wrong", "debatable")
SEVERITIES = ("error", "warning")

DREAMBOOTH = "google/dreambooth, `dataset/`: photographs under the Unsplash licence or CC-BY-4.0"
WIKIPE_TAN = "shirayu/example_lora_training: drawings by Kasuga, CC-BY-SA-3.0 or GFDL-1.2; captions CC0"
UKBENCH = "idealo/imagededup, `tests/data/`, Apache-2.0; photographs of the UKBench set"
ORIENTATION = "recurser/exif-orientation-examples, MIT, Dave Perrett"
ODD = "image-rs/image, `tests/`, MIT or Apache-2.0"

UNLIKE = {"backpack": 6, "berry_bowl": 6, "can": 6, "clock": 6, "dog2": 6, "dog3": 6, "cat": 2}
OF_ONE_CLASS = ("backpack", "backpack_dog", "dog", "dog2", "dog3", "duck_toy", "monster_toy")
REPEATS = 10
ONE_DOG = ("dog", "dog2", "dog3")


@dataclass(frozen=True)
class RealSet:
    """A dataset or several of one kind: `parts` are folders by name; one part has the name ``""``."""

    key: str
    title: str
    source: str
    layout: str
    parts: dict[str, Path]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the datasets")
    parser.add_argument("--write", type=Path, help="the page to write")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tagmetry-real-sets-") as held:
        work = Path(held)
        tool = Tool(work)
        sets = real_sets(arguments.data, work / "layouts")
        reports = {one.key: audited(one, tool) for one in sets}
        judged = {one.key: judgements_of(one, reports[one.key]) for one in sets}
        rows = {key: found for key, (found, _) in judged.items()}
        held_to = claims(arguments.data, sets, reports, rows, tool)
    mistakes = [text for _, texts in judged.values() for text in texts]
    mistakes += [f"a judgement is about {key}, which is no set" for key in judgement_entries() if key not in judged]
    mistakes += [f"does not hold: {text} {told}" for text, is_so, told in held_to if not is_so]
    for one in sets:
        print(f"{one.key}: {figures(rows[one.key])}")
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    if mistakes:
        return 1
    if arguments.write:
        new = arguments.write.with_suffix(".new")
        new.write_text(page(sets, reports, rows, held_to), encoding="utf-8", newline="\n")
        new.replace(arguments.write)
    return 0


class Tool:
    """The command, with a cache of its own and without settings from the environment."""

    def __init__(self, work):
        self.work = work
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TAGMETRY_")}
        self.environment |= {"COLUMNS": "80", "NO_COLOR": "1"}

    def check(self, folder, base_model, *more):
        """The standard output of a check."""
        flags = [] if base_model == "none" else ["--base-model", base_model]
        command = [sys.executable, "-m", "tagmetry", "check", folder, *flags, "--policy", "tagmetry:recommended"]
        cache = [] if "--no-cache" in more else ["--cache-dir", self.work / "cache"]
        run = subprocess.run(
            [str(part) for part in (*command, "--progress", "none", *cache, *more)],
            env=self.environment,
            cwd=self.work,
            capture_output=True,
            check=False,
        )
        if run.returncode not in (0, 1):
            raise SystemExit(f"{folder.name} ended with {run.returncode}:\n{run.stderr.decode()}")
        return run.stdout

    def report(self, folder, base_model):
        return json.loads(self.check(folder, base_model, "--format", "json"))


def audited(one, tool):
    """The reports of a set by base model and part."""
    return {
        (base_model, part): tool.report(folder, base_model)
        for base_model in BASE_MODELS
        for part, folder in one.parts.items()
    }


# Layouts


def real_sets(data, work):
    captions = yaml.safe_load(CAPTIONS.read_text(encoding="utf-8"))
    photographs = data / "dreambooth"
    subjects = {name: Subject(photographs / name, **about) for name, about in captions.items()}
    for subject in subjects.values():
        subject.check()
    everything = list(subjects.values())
    kohya = "kohya folders `10_<trigger> <class>`"
    return [
        RealSet("wikipe-tan", "Wikipe-tan", WIKIPE_TAN, "kohya folders, as they are", {"": data / "wikipe_tan"}),
        RealSet(
            "dreambooth",
            "DreamBooth, all subjects without captions",
            DREAMBOOTH,
            "plain folders, one per subject, as they are",
            {"": photographs},
        ),
        RealSet(
            "dreambooth-single",
            "DreamBooth, each subject alone",
            DREAMBOOTH,
            f"{kohya}, captions as tags",
            {name: laid_out(work / "single" / name, [subject], "tags") for name, subject in subjects.items()},
        ),
        RealSet(
            "dreambooth-concepts",
            "DreamBooth, all subjects as concepts",
            DREAMBOOTH,
            f"{kohya}, captions as tags",
            {"": laid_out(work / "concepts", everything, "tags")},
        ),
        RealSet(
            "dreambooth-concepts-sentences",
            "DreamBooth, all subjects as concepts, in sentences",
            DREAMBOOTH,
            f"{kohya}, captions as sentences",
            {"": laid_out(work / "concepts-sentences", everything, "sentence")},
        ),
        RealSet(
            "dreambooth-class-pictures",
            "DreamBooth, subjects with class pictures",
            DREAMBOOTH,
            f"{kohya} beside `reg/` with the other subjects of the class, captions as tags",
            {name: with_class_pictures(work / "class" / name, name, subjects, "tags") for name in OF_ONE_CLASS},
        ),
        RealSet(
            "dreambooth-class-pictures-sentences",
            "DreamBooth, subjects with class pictures, in sentences",
            DREAMBOOTH,
            f"{kohya} beside `reg/` with the other subjects of the class, captions as sentences",
            {
                name: with_class_pictures(work / "class-told" / name, name, subjects, "sentence")
                for name in OF_ONE_CLASS
            },
        ),
        RealSet(
            "dreambooth-unlike",
            "DreamBooth, concepts of unlike sizes",
            DREAMBOOTH,
            f"{kohya}, captions as tags; of the cat 2 images, of six other subjects 6 each",
            {"": laid_out(work / "unlike", [subjects[name] for name in UNLIKE], "tags", most=UNLIKE)},
        ),
        RealSet(
            "dreambooth-one-dog",
            "DreamBooth, three dogs as one concept",
            DREAMBOOTH,
            "one kohya folder `10_pdog dog` with the images of three subjects, captions as tags",
            {"": one_concept(work / "one-dog", [subjects[name] for name in ONE_DOG], "pdog", "dog")},
        ),
        RealSet(
            "dreambooth-everydream",
            "DreamBooth as an EveryDream2 tree",
            DREAMBOOTH,
            "folders by kind with a `multiply.txt`, captions as sentences",
            {"": everydream_tree(work / "everydream", subjects)},
        ),
        RealSet(
            "dreambooth-manifest",
            "DreamBooth with a manifest",
            DREAMBOOTH,
            "one folder with `metadata.jsonl`, captions as sentences",
            {"": with_manifest(work / "manifest", subjects)},
        ),
        RealSet("ukbench", "UKBench copies", UKBENCH, "plain folders, as they are", {"": data / "neardup_ukbench"}),
        RealSet(
            "exif-orientation",
            "One photograph in six orientations",
            ORIENTATION,
            "plain folder, as it is",
            {"": data / "exif_orientation"},
        ),
        RealSet("odd-images", "Odd and broken files", ODD, "plain folders, as they are", {"": data / "odd_images"}),
    ]


@dataclass(frozen=True)
class Subject:
    """A subject of the DreamBooth set with the captions written for it: of each image `tags` and a `sentence`."""

    folder: Path
    trigger: str
    class_word: str
    images: dict[str, dict[str, str]]

    def check(self):
        """The captions must be those of the images that are there."""
        found = {path.name for path in self.folder.iterdir()}
        if found != set(self.images):
            raise SystemExit(f"{self.folder.name} holds {sorted(found)}, captions are for {sorted(self.images)}")

    def write(self, folder, kind, *, most=None, prefix="", trigger=""):
        """Copies of the images with a caption beside each; `trigger` takes the place of the subject's own."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, texts in sorted(self.images.items())[:most]:
            shutil.copyfile(self.folder / name, folder / f"{prefix}{name}")
            text = texts[kind].replace(self.trigger, trigger) if trigger else texts[kind]
            (folder / f"{prefix}{name}").with_suffix(".txt").write_text(text + "\n", encoding="utf-8")

    def write_as_class(self, folder, kind):
        """Copies of the images, with captions that speak of one of the class: no trigger, and "a dog" for a name."""
        folder.mkdir(parents=True, exist_ok=True)
        nobody = {"tags": "", "sentence": "a "}[kind]
        for name, texts in sorted(self.images.items()):
            shutil.copyfile(self.folder / name, folder / f"{self.folder.name}_{name}")
            called = re.compile(rf"\b([Aa]n? |[Tt]he )?{self.trigger},? ")
            text = called.sub(lambda match: match[1] or nobody, texts[kind])
            text = text[0].upper() + text[1:] if kind == "sentence" else text
            (folder / f"{self.folder.name}_{name}").with_suffix(".txt").write_text(text + "\n", encoding="utf-8")


def with_class_pictures(root, name, subjects, kind):
    """A subject in kohya folders, with the others of its class as regularization images, shown about as often."""
    subject = subjects[name]
    subject.write(root / "img" / f"{REPEATS}_{subject.trigger} {subject.class_word}", kind)
    others = [one for one in subjects.values() if one.class_word == subject.class_word and one is not subject]
    repeats = round(REPEATS * len(subject.images) / sum(len(one.images) for one in others))
    for other in others:
        other.write_as_class(root / "reg" / f"{max(1, repeats)}_{other.class_word}", kind)
    return root


def laid_out(root, subjects, kind, most=None):
    """kohya folders of some subjects; `most` limits the images by subject."""
    for subject in subjects:
        folder = root / f"10_{subject.trigger} {subject.class_word}"
        subject.write(folder, kind, most=(most or {}).get(subject.folder.name))
    return root


def one_concept(root, subjects, trigger, class_word):
    for subject in subjects:
        folder = root / f"10_{trigger} {class_word}"
        subject.write(folder, "tags", prefix=f"{subject.folder.name}_", trigger=trigger)
    return root


def everydream_tree(root, subjects):
    for name, subject in subjects.items():
        kind = "animals" if subject.class_word in ("cat", "dog") else "things"
        subject.write(root / kind / name, "sentence")
    (root / "animals" / "multiply.txt").write_text("2\n", encoding="utf-8")
    return root


def with_manifest(root, subjects):
    root.mkdir(parents=True)
    lines = []
    for name, subject in subjects.items():
        for image, texts in sorted(subject.images.items()):
            shutil.copyfile(subject.folder / image, root / f"{name}_{image}")
            lines.append(json.dumps({"file_name": f"{name}_{image}", "text": texts["sentence"]}))
    (root / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


# Judgements


@dataclass(frozen=True)
class Row:
    """Findings of one rule and judgement on the same subjects, with any number of base models.

    `told` holds by base model the severity and the messages, each once.
    """

    rule: str
    subjects: tuple[str, ...]
    told: dict[str, tuple[str, tuple[str, ...]]]
    judgement: str
    why: str

    @property
    def n(self):
        return len(self.subjects)

    @property
    def worst(self):
        return min(SEVERITIES.index(severity) for severity, _ in self.told.values())


def judgement_entries():
    return yaml.safe_load(JUDGEMENTS.read_text(encoding="utf-8"))


def judgements_of(one, reports):
    """The rows of a set, and what does not fit between findings and judgements."""
    entries = judgement_entries().get(one.key) or []
    mistakes = [f"{one.key}: {text}" for entry in entries for text in entry_mistakes(entry)]
    found = defaultdict(list)
    for (base_model, part), report in reports.items():
        for finding in report["findings"]:
            if finding["severity"] not in SEVERITIES:
                continue
            subject = named(finding, part)
            fitting = [place for place, entry in enumerate(entries) if is_about(entry, finding, subject, base_model)]
            if len(fitting) != 1:
                how = "no judgement" if not fitting else f"{len(fitting)} judgements"
                about = f"rule: {finding['rule']}, subject: {subject!r}, base_models: [{base_model}]"
                mistakes.append(f"{one.key}: {how} for {{{about}}}: {finding['severity']}: {finding['message']}")
                continue
            found[fitting[0], base_model].append((finding["severity"], subject, without_paths(finding)))
    for place, entry in enumerate(entries):
        for base_model in entry.get("base_models", BASE_MODELS):
            n = len(found[place, base_model])
            if n != entry.get("n", 1):
                about = f"{entry['rule']} on {entry['subject']}, base model {base_model}"
                mistakes.append(f"{one.key}: {about}: {n} findings, the judgement is of {entry.get('n', 1)}")
    return rows_of(entries, found), mistakes


def entry_mistakes(entry):
    known = {"rule", "subject", "n", "base_models", "judgement", "why"}
    if unknown := sorted(set(entry) - known):
        yield f"a judgement has unknown keys: {', '.join(unknown)}"
    if missing := sorted({"rule", "subject", "judgement", "why"} - set(entry)):
        yield f"a judgement lacks {', '.join(missing)}"
    if entry.get("judgement") not in WORDS:
        yield f"{entry.get('judgement')!r} is no judgement; it is one of {', '.join(WORDS)}"


def is_about(entry, finding, subject, base_model):
    return (
        entry["rule"] == finding["rule"]
        and base_model in entry.get("base_models", BASE_MODELS)
        and fnmatch.fnmatchcase(subject, entry["subject"])
    )


def named(finding, part):
    """What a finding is about, with the part of the set before it."""
    subject = finding["subject"]
    if finding["message_id"] == "whole-set" or subject["kind"] == "dataset":
        name = f"{finding['values'].get('tag', '')}" or "the whole set"
    else:
        name = subject["name"]
    return f"{part}: {name}" if part else name


def without_paths(finding):
    """The message, with the image's own path left out, so that many images say the same."""
    text = finding["message"]
    if finding["subject"]["kind"] in ("sample", "caption", "file"):
        for path in sorted(finding["subject"]["paths"] + [finding["subject"]["name"]], key=len, reverse=True):
            text = text.replace(path, "…")
    return text


def rows_of(entries, found):
    """The findings in the order of severity and judgements; base models with the same subjects share a row."""
    rows = []
    for place, entry in enumerate(entries):
        by_subjects = defaultdict(dict)
        for base_model in BASE_MODELS:
            findings = sorted(found[place, base_model], key=lambda finding: finding[1])
            # A rule may give findings of two severities; each has a row then.
            for severity in SEVERITIES:
                of_it = [(subject, text) for own, subject, text in findings if own == severity]
                if of_it:
                    texts = tuple(dict.fromkeys(text for _, text in of_it))
                    by_subjects[tuple(subject for subject, _ in of_it)][base_model] = (severity, texts)
        rows += [
            Row(entry["rule"], subjects, told, entry["judgement"], entry["why"])
            for subjects, told in by_subjects.items()
        ]
    return sorted(rows, key=lambda row: row.worst)


def figures(rows):
    counts = {word: sum(row.n for row in rows if row.judgement == word) for word in WORDS}
    told = ", ".join(f"{counts[word]} {word}" for word in WORDS)
    return f"{sum(counts.values())} findings above info: {told}"


# What must hold


def claims(data, sets, reports, rows, tool):
    """What is held to be so, whether it is, and the figures: (text, bool, text)."""
    by_key = {one.key: one for one in sets}
    return [
        every_file_is_counted(sets, reports),
        nothing_is_wrong([one for one in sets if one.source == DREAMBOOTH], reports, rows),
        *wikipe_tan_is_read(reports["wikipe-tan"]),
        *copies_are_found(data / "neardup_ukbench", reports["ukbench"]),
        orientations_are_one(reports["exif-orientation"]),
        odd_files_are_told(data / "odd_images", reports["odd-images"]),
        no_position_is_told(data / "dreambooth" / "colorful_sneaker", tool),
        bytes_are_the_same([by_key["wikipe-tan"], by_key["dreambooth-concepts"]], tool),
    ]


def every_file_is_counted(sets, reports):
    n_files = n_wrong = n_runs = 0
    for one in sets:
        on_disk = {part: sum(len(names) for _, _, names in os.walk(folder)) for part, folder in one.parts.items()}
        for (_, part), report in reports[one.key].items():
            files = report["dataset"]["files"]
            told = files["audited_images"] + files["used_captions"] + files["explained"]
            n_runs += 1
            n_files += on_disk[part] if on_disk[part] == files["seen"] == told else 0
            n_wrong += not on_disk[part] == files["seen"] == told
    text = "Every file is counted once: seen = images audited + captions used + explained"
    return text, not n_wrong, f"{n_runs} runs, {n_files:,} files, none left out or counted twice"


def nothing_is_wrong(sets, reports, rows):
    wrong = sum(row.n for one in sets for row in rows[one.key] if row.judgement == "wrong")
    n = sum(images_of(reports[one.key]) for one in sets)
    text = "On clean photographs there is no finding above info that a person would call wrong"
    return text, not wrong, f"{len(sets)} layouts, {n} images"


def wikipe_tan_is_read(reports):
    couplings, too_long, triggers, unbalanced = [], [], set(), []
    for (base_model, _), report in reports.items():
        by_rule = defaultdict(list)
        for finding in report["findings"]:
            by_rule[finding["rule"]].append(finding)
        couplings.append(by_rule["trigger-coupling"])
        too_long.append(len(by_rule["caption-too-long"]))
        triggers.update(
            (concept["trigger"], concept["trigger_origin"])
            for concept in report["dataset"]["concepts"]
            if concept["role"] == "train"
        )
        plan = report["plan"]
        unbalanced += [base_model for concept in plan["concepts"] if concept["multiplier"] != 1]
    names = {finding["subject"]["name"] for found in couplings for finding in found}
    traits = {trait for found in couplings for finding in found for trait in finding["values"]["traits"]}
    return [
        ("Wikipe-tan: the trigger `tk` is inferred", triggers == {("tk", "inferred")}, "with every base model"),
        (
            "Wikipe-tan: one `trigger-coupling`, of `simple_background`; hair and eyes stand in it as traits",
            all(len(found) == 1 for found in couplings)
            and names == {"tk + simple_background"}
            and {"blue_hair", "blue_eyes"} <= traits,
            f"traits: {', '.join(f'`{trait}`' for trait in sorted(traits))}",
        ),
        (
            "Wikipe-tan: 8 of 13 captions have more than 75 tokens",
            too_long == [8] * len(too_long),
            "a warning; for Flux, which reads with T5 as well, a note",
        ),
        ("Wikipe-tan: nothing is balanced", not unbalanced, "13 images are fewer than 30: every multiplier is 1"),
    ]


def copies_are_found(folder, reports):
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    report = reports["none", ""]
    groups = [set(cluster["paths"]) for cluster in report["clusters"] if cluster["kind"] in ("exact", "near")]
    turned = set(truth["geometric"])
    missed, found = [], 0
    for cluster in truth["clusters"]:
        for path in cluster[1:]:
            is_found = any({cluster[0], path} <= group for group in groups)
            found += is_found and path not in turned
            if not is_found and path not in turned:
                missed.append(path)
    known = [set(cluster) for cluster in truth["clusters"]]
    false = [group for group in groups if not any(group <= cluster for cluster in known)]
    in_clusters = {path for cluster in report["clusters"] for path in cluster["paths"]}
    unreadable = {finding["subject"]["name"] for finding in report["findings"] if finding["rule"] == "unreadable-image"}
    yet = f"of {len(turned)} flipped and turned copies {len(turned & in_clusters) or 'none'}"
    return [
        (
            "UKBench: the exact, resized, grey and re-encoded copies are found, and nothing else",
            not missed and not false,
            f"{found} copies of {len(truth['clusters'])} photographs; {yet}",
        ),
        (
            "UKBench: the corrupt file is named",
            unreadable == set(truth["corrupt"]),
            ", ".join(f"`{path}`" for path in sorted(unreadable)),
        ),
    ]


def orientations_are_one(reports):
    largest = max(len(cluster["paths"]) for cluster in reports["none", ""]["clusters"])
    text = "EXIF orientation: upright, the six files are one picture"
    return text, largest == 6, f"one group of {largest}"


def odd_files_are_told(folder, reports):
    """Against what a plain Pillow makes of each file: allowed formats that decode are audited, the others explained."""
    report = reports["none", ""]
    explained = {path for finding in report["findings"] for path in finding["subject"]["paths"]} & {
        finding["subject"]["name"] for finding in report["findings"] if finding["subject"]["kind"] == "file"
    }
    with (folder / "odd_manifest.csv").open(encoding="utf-8", newline="") as opened:
        lines = list(csv.DictReader(opened))
    allowed = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
    decodable = {line["file"] for line in lines if line["pillow_to_rgb"] == "ok" and line["format"] in allowed}
    refused = {line["file"] for line in lines} - decodable
    n_audited = report["dataset"]["files"]["audited_images"]
    return (
        "Odd files: what Pillow decodes in a format that is read is audited, every other file has a finding",
        n_audited == len(decodable) and refused == explained,
        f"{n_audited} audited, {len(refused)} with a finding, none crashes or hangs",
    )


SHORTEST_IN_BINARY = 6


def no_position_is_told(folder, tool):
    """Positions and cameras of photographs, searched in all outputs, in the pictures inside the HTML and in the cache.

    The photographs lie there twice, since the HTML shows duplicates.
    """
    root, html, data = tool.work / "position", tool.work / "position.html", tool.work / "position.json"
    for copy in ("one", "two"):
        shutil.copytree(folder, root / copy)
    text = tool.check(root, "none", "-v", "-o", f"html={html}", "-o", f"json={data}")
    outputs = [text, html.read_bytes(), data.read_bytes()]
    cache = [path.read_bytes() for path in (tool.work / "cache").rglob("*") if path.is_file()]
    pictures = [base64.b64decode(part) for part in re.findall(rb"data:image/\w+;base64,([A-Za-z0-9+/=]+)", outputs[1])]
    secrets = {secret for path in sorted(folder.iterdir()) for secret in told_by_exif(path)}
    n_found = sum(secret in output for secret in secrets for output in (*outputs, *pictures))
    # In megabytes of binary figures every four characters turn up by chance.
    n_found += sum(secret in cell for secret in secrets for cell in cache if len(secret) >= SHORTEST_IN_BINARY)
    n_found += sum(mark in picture for mark in (b"Exif", b"EXIF", b"http://ns.adobe.com") for picture in pictures)
    return (
        "EXIF positions and cameras appear in no output, no embedded picture and not in the cache",
        bool(secrets) and bool(pictures) and not n_found,
        f"{len(secrets)} texts searched in text, JSON, HTML, {len(pictures)} embedded pictures and the cache",
    )


def told_by_exif(path):
    """What the EXIF of a photograph would look like in an output: position in several notations, camera."""
    with Image.open(path) as image:
        exif = image.getexif()
        position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    if not position:
        raise SystemExit(f"{path.name} has no position, so that nothing can be searched for")
    told = set()
    for tag in (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude):
        degrees, minutes, seconds = (float(part) for part in position[tag])
        decimal = degrees + minutes / 60 + seconds / 3600
        told |= {f"{decimal:.4f}"[:-1], f"{degrees:.0f}, {minutes:.0f}, {seconds:.0f}", f"{degrees:.0f}°{minutes:.0f}"}
        told |= {f"{degrees:.1f}, {minutes:.1f}", f"{seconds:.2f}"}
    told |= {str(exif[tag]) for tag in (ExifTags.Base.Model, ExifTags.Base.DateTime) if tag in exif}
    return {text.encode() for text in told}


def bytes_are_the_same(sets, tool):
    """JSON, HTML and text with one worker and two, without a cache, cold and warm."""
    differing = []
    for one in sets:
        outputs = set()
        for run, more in enumerate((["--jobs", "1", "--no-cache"], ["--jobs", "2", "--no-cache"], ["--jobs", "2"])):
            html, data = tool.work / f"{one.key}-{run}.html", tool.work / f"{one.key}-{run}.json"
            text = tool.check(one.parts[""], "none", *more, "-o", f"html={html}", "-o", f"json={data}")
            outputs.add((text, html.read_bytes(), data.read_bytes()))
        if len(outputs) > 1:
            differing.append(one.key)
    text = "The same bytes with one worker and two, cold and warm"
    return text, not differing, f"text, JSON and HTML of {' and '.join(one.title.split(',')[0] for one in sets)}"


# The page


INTRODUCTION = """
# What Tagmetry says about real datasets

Public datasets, audited with the policy `tagmetry:recommended`, once without a base model and once each for SD1.5,
SDXL and Flux. Every finding above info is listed with a person's judgement:

- *right*: there is what it says, and somebody who trains on it wants to know;
- *wrong*: it is not so, or nobody should act on it;
- *debatable*: it is true, but good reasons speak against acting on it.

What several base models say about the same subjects counts once. The DreamBooth photographs come without captions;
those used here were written by looking at the pictures (`tests/benchmarks/real_sets_captions.yaml`). The page is made
by `python tests/benchmarks/real_sets.py --data DIR --write docs/measured/real-sets.md`, which fails when a finding
has no judgement in `real_sets_judgements.yaml`, or a judgement no finding.
""".strip()

SHOWN_NAMES = 25
SHOWN_TEXTS = 2


def page(sets, reports, rows, held_to):
    lines = [INTRODUCTION, "", "| set | images | findings above info | right | wrong | debatable |"]
    lines.append("|---|--:|--:|--:|--:|--:|")
    for one in sets:
        counts = [sum(row.n for row in rows[one.key] if row.judgement == word) for word in WORDS]
        cells = [f"[{one.title}](#{anchor(one.title)})", images_of(reports[one.key]), sum(counts), *counts]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "## What must hold", "", "| must hold | does | figures |", "|---|---|---|"]
    lines += [f"| {text} | {'yes' if is_so else 'no'} | {told} |" for text, is_so, told in held_to]
    lines += ["", "## What is not found yet", "", *(f"- {text}" for text in missed(reports)), ""]
    for one in sets:
        lines += [*section(one, reports[one.key], rows[one.key]), ""]
    return "\n".join(lines).rstrip() + "\n"


def missed(reports):
    """Copies that a person sees and no group of duplicates holds."""
    copies = {
        "the flipped copy": ("ukbench", "mixed_images/ukbench00120_hflip.jpg"),
        "the turned copy": ("ukbench", "mixed_images/ukbench00120_rotation.jpg"),
        "one photograph, cut out twice": ("dreambooth", "cat/03.jpg"),
    }
    texts = []
    for text, (key, path) in copies.items():
        if not any(path in cluster["paths"] for cluster in reports[key]["none", ""]["clusters"]):
            texts.append(f"{text}: `{path}`")
    return texts or ["of what is known to be there, nothing"]


def section(one, reports, rows):
    yield from (f"## {one.title}", "", f"- source: {one.source}", f"- layout: {one.layout}")
    yield f"- account: {account(reports)}"
    yield f"- verdict: {verdicts(reports)}"
    yield ""
    if not rows:
        yield "No finding above info."
        return
    yield "| severity | rule | on | says | judgement | reason |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        severity = by_base_model({base_model: severity for base_model, (severity, _) in row.told.items()})
        texts = {base_model: "; ".join(shown_texts(texts)) for base_model, (_, texts) in row.told.items()}
        on = subjects_told(row.subjects, images_of(reports))
        # With which base models it comes stands beside the severity already.
        says = by_base_model(texts) if len(set(texts.values())) > 1 else next(iter(texts.values()))
        cells = [severity, f"`{row.rule}`", on, says, row.judgement, row.why]
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def by_base_model(told):
    """One text where all base models say the same, else each with the base models that say it."""
    models_by_text = defaultdict(list)
    for base_model, text in told.items():
        models_by_text[text].append(base_model)
    if len(models_by_text) == 1 and len(told) == len(BASE_MODELS):
        return next(iter(models_by_text))
    return "<br>".join(f"{', '.join(models)}: {text}" for text, models in models_by_text.items())


def shown_texts(texts):
    return [*texts[:SHOWN_TEXTS], *(["…"] if len(texts) > SHOWN_TEXTS else [])]


def account(reports):
    """The account of a set, which no base model changes."""
    sums = {base_model: defaultdict(int) for base_model in BASE_MODELS}
    for (base_model, _), report in reports.items():
        for name, n in report["dataset"]["files"].items():
            sums[base_model][name] += n
    files = sums["none"]
    assert all(other == files for other in sums.values()), "accounts differ by base model"
    return (
        f"{files['seen']} files seen = {files['audited_images']} images audited "
        f"+ {files['used_captions']} captions used + {files['explained']} explained"
    )


def verdicts(reports):
    """How the parts of a set end."""
    told = {}
    for base_model in BASE_MODELS:
        ends = Counter(report["summary"]["verdict"] for (model, _), report in reports.items() if model == base_model)
        told[base_model] = ", ".join(end if ends.total() == 1 else f"{n} {end}" for end, n in sorted(ends.items()))
    return by_base_model(told).replace("<br>", "; ")


def images_of(reports):
    return sum(report["dataset"]["n_images"] for (base_model, _), report in reports.items() if base_model == "none")


def subjects_told(subjects, n_images):
    """The subjects of a row: one by its name, more with their number and their names by folder."""
    if len(subjects) == 1:
        return f"`{subjects[0]}`"
    if len(subjects) == n_images:
        return f"all {n_images} images"
    folders = defaultdict(list)
    for subject in subjects:
        folder, slash, name = subject.rpartition("/")
        folders[folder + slash].append(f"`{name}`")
    told = []
    for folder, names in sorted(folders.items()):
        listed = ", ".join(names) if len(subjects) <= SHOWN_NAMES else str(len(names))
        told.append(f"`{folder}`: {listed}" if folder else listed)
    return f"{len(subjects)}: {'; '.join(told)}"


def anchor(title):
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main())
