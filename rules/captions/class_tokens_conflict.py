"""The name of a kohya folder says other words than the captions in it.

What it finds
    kohya folders named `N_trigger class` whose first word stands in fewer than `limit` of the folder's captions: a
    note. Where some images of the folder have no caption, and so are trained on the folder's words, the last
    word is looked for as well, and it is a warning.

Why it matters
    kohya does not put folder words and captions together: a caption replaces the words of the folder.
    Whoever counts on the folder's trigger prompts with a word that was never trained, and images with and
    without a caption of one folder teach different words.

What to do
    Write the words into the captions, or rename the folder after what the captions say.

Known limits
    Only folder names are read; `class_tokens` in a config file are not seen here. A trigger declared in
    the profile that captions lack is reported by `trigger-missing`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Dataset, Finding, Folder, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.captions.wording import distinct_texts, quoted
from tagmetry.text import WordSearch, normal_form, words_of_name
from tagmetry.trainers import kohya


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5,
        "Share of a folder's captions that must hold the words of its name.",
        unit="share",
        low=0,
        high=1,
    )


_BOTH: Final = ("rename the folder after the words of its captions, or write {words} into the captions",)

rule = Rule(
    id="class-tokens-conflict",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("prompt-sensitivity",),
    messages={
        "unused": (
            'the folder {folder} is named "{tokens}", but {share:percent} of its {n:count} captions, which replace '
            "that name, hold {words}"
        ),
        "both": Plural(
            'the folder {folder} trains one image without a caption on its name "{tokens}", and {n:count} on captions '
            "of which {share:percent} hold {words}",
            'the folder {folder} trains {bare:count} images without a caption on its name "{tokens}", and {n:count} '
            "on captions of which {share:percent} hold {words}",
            by="bare",
        ),
        "no-folder-names": "only kohya reads words from folder names",
    },
    remedies={
        "unused": Remedies(data=_BOTH),
        "both": Remedies(data=("write captions for all images of {folder}", *_BOTH)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    if dataset.profile.trainer != "kohya" or dataset.layout != "kohya-folders":
        raise Skip("no-folder-names")
    for number, folder in enumerate(dataset.folders):
        yield from _of_folder(dataset, folder, number, options)


def _of_folder(dataset: Dataset, folder: Folder, number: int, options: Options) -> Iterator[Finding]:
    samples = dataset.train.where(dataset.folder_of[dataset.train.rows] == number)
    name = dataset.root.name if folder.path == "." else folder.path.rpartition("/")[2]
    named = kohya.parse_folder_name(name)
    if named is None or not named.class_tokens or not samples.n or not samples.captioned.any():
        return
    words = words_of_name(named.class_tokens)
    declared = {normal_form(info.trigger or "") for info in dataset.concept_infos if info.trigger_origin == "policy"}
    bare = int(np.count_nonzero(~samples.captioned))
    asked = [
        word
        for word in dict.fromkeys((words[0], words[-1]) if bare else words[:1])
        if normal_form(word) not in declared
    ]
    texts, counts = distinct_texts(samples)
    search = WordSearch([dataset.captions.texts[text] for text in texts.tolist()])
    n = int(counts.sum())
    # Boorus count the class word: `1girl`.
    shares = {word: float(counts[search.holding(word) | search.holding(f"1{word}")].sum()) / n for word in asked}
    missing = [word for word, share in shares.items() if share < options.limit]
    if not missing:
        return
    share = min(shares[word] for word in missing)
    yield rule.finding(
        dataset.file(folder.path),
        "both" if bare else "unused",
        values={
            "folder": folder.path,
            "tokens": named.class_tokens,
            "words": quoted(missing),
            "share": share,
            "n": n,
            "bare": bare,
        },
        measured=Measurement("folder_words_share", share, options.limit, option="limit", unit="share"),
        severity=None if bare else Severity.INFO,
    )
