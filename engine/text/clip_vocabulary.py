"""Finding and reading CLIP's vocabulary on the user's own disk: a setting, a hub cache, a trainer's folder.

Nothing is downloaded. Files are read with limits and never executed; a file that is not the published vocabulary
is refused, so that a count called exact is exact.
"""

import json
import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tagmetry.text.bpe import (
    CLIP_MERGES,
    BpeVocabulary,
    VocabularyError,
    vocabulary_of,
    vocabulary_of_tokens,
)

SETTING: Final = "TAGMETRY_CLIP_VOCABULARY"
"""Environment name of the setting that gives the vocabulary's path."""

MAX_FILE_BYTES: Final = 8 << 20
"""Of the file and of what it unpacks to. The published forms have 0.5 to 3.2 MB."""

FILE_NAMES: Final = (
    "bpe_simple_vocab_16e6.txt.gz",
    "bpe_simple_vocab_16e6.txt",
    "merges.txt",
    "tokenizer.json",
    "vocab.json",
)
"""The forms in which the vocabulary is published, those that hold the merges first."""

# Below a folder that a user or trainer names: itself, diffusers' folders, sd-scripts' tokenizer cache.
_SUBFOLDERS: Final = (
    ".",
    "clip",
    "tokenizer",
    "tokenizer_2",
    "openai_clip-vit-large-patch14",
    "laion_CLIP-ViT-bigG-14-laion2B-39B-b160k",
)
# Below a hub cache: the tokenizers that trainers fetch, and base models that carry the same one.
_HUB_FOLDERS: Final = (
    "models--openai--clip-vit-*/snapshots/*",
    "models--laion--CLIP-ViT-*/snapshots/*",
    "models--*stable-diffusion*/snapshots/*/tokenizer",
)
_NOT_MERGED: Final = 512
_VERSION_MARK: Final = "#version"


def find_vocabulary(
    explicit: Path | None, env: Mapping[str, str], search_roots: Sequence[Path] | None = None
) -> Path | None:
    """The first vocabulary file there is: the setting, `search_roots` (a trainer's folders), hub caches.

    An explicit file or folder, by argument or by `TAGMETRY_CLIP_VOCABULARY`, wins; VocabularyError if it is not
    there. Whether a file found is the right one shows when it is read.
    """
    return next(vocabulary_candidates(explicit, env, search_roots), None)


def vocabulary_candidates(
    explicit: Path | None, env: Mapping[str, str], search_roots: Sequence[Path] | None = None
) -> Iterator[Path]:
    """All vocabulary files that `find_vocabulary` would try, the best first; only the explicit one if given."""
    if explicit is None and env.get(SETTING):
        explicit = Path(env[SETTING])
    if explicit is not None:
        yield _explicit_file(explicit)
        return
    for root in search_roots or ():
        yield from _files_below(root)
    for hub in _hub_caches(env):
        for pattern in _HUB_FOLDERS:
            for snapshot in _glob(hub, pattern):
                yield from _files_in(snapshot)


def _explicit_file(path: Path) -> Path:
    try:
        if path.is_dir():
            path = next(_files_below(path), path / FILE_NAMES[0])
        if not path.exists():
            raise VocabularyError("not-found", path=str(path))
    except OSError as error:
        raise VocabularyError("unreadable", path=str(path), reason=error.strerror or "") from None
    return path


def _files_below(root: Path) -> Iterator[Path]:
    for folder in _SUBFOLDERS:
        yield from _files_in(root / folder)


def _files_in(folder: Path) -> Iterator[Path]:
    for name in FILE_NAMES:
        path = folder / name
        try:
            if path.is_file():
                yield path
        except OSError:
            # A folder that may not be entered holds nothing for us.
            continue


def _glob(hub: Path, pattern: str) -> list[Path]:
    try:
        return sorted(hub.glob(pattern))
    except OSError:
        return []


def _hub_caches(env: Mapping[str, str]) -> list[Path]:
    """Where huggingface_hub keeps its files, in its own order of precedence."""
    found = [Path(env[name]) for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") if env.get(name)]
    if env.get("HF_HOME"):
        found.append(Path(env["HF_HOME"]) / "hub")
    if env.get("XDG_CACHE_HOME"):
        found.append(Path(env["XDG_CACHE_HOME"]) / "huggingface" / "hub")
    home = env.get("HOME") or env.get("USERPROFILE")
    if home:
        found.append(Path(home) / ".cache" / "huggingface" / "hub")
    return list(dict.fromkeys(found))


def read_vocabulary(path: Path) -> BpeVocabulary:
    """Reads a vocabulary in any of the published forms, told apart by content.

    Raises VocabularyError: `not-found`, `not-a-file`, `unreadable`, `too-large`, `invalid-gzip`, `invalid-text`,
    `invalid-json`, `no-merges`, `invalid-merge`, `invalid-token`. Whether it is the published vocabulary stands
    in `is_clip`.
    """
    data = _read_limited(path)
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data, path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VocabularyError("invalid-text", path=str(path), offset=error.start) from None
    if text.lstrip().startswith("{"):
        return _vocabulary_of_json(text, path)
    return _vocabulary_of_lines(text, path)


def _read_limited(path: Path) -> bytes:
    try:
        # Checked before it is opened: opening a pipe would wait for ever. Links are followed, hubs consist of them.
        if not stat.S_ISREG(path.stat().st_mode):
            raise VocabularyError("not-a-file", path=str(path))
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise VocabularyError("not-found", path=str(path)) from None
    except OSError as error:
        raise VocabularyError("unreadable", path=str(path), reason=error.strerror or "") from None
    except ValueError:
        # A NUL in the name.
        raise VocabularyError("not-found", path=str(path)) from None
    if len(data) > MAX_FILE_BYTES:
        raise VocabularyError("too-large", path=str(path), limit=MAX_FILE_BYTES)
    return data


def _unpacked(data: bytes, path: Path) -> bytes:
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = inflater.decompress(data, MAX_FILE_BYTES + 1)
    except zlib.error:
        raise VocabularyError("invalid-gzip", path=str(path)) from None
    if len(unpacked) > MAX_FILE_BYTES:
        raise VocabularyError("too-large", path=str(path), limit=MAX_FILE_BYTES)
    if not inflater.eof:
        raise VocabularyError("invalid-gzip", path=str(path))
    return unpacked


def _vocabulary_of_lines(text: str, path: Path) -> BpeVocabulary:
    first, *rest = text.split("\n")
    if _VERSION_MARK not in first:
        raise VocabularyError("no-merges", path=str(path))
    # The first published file goes on far beyond the merges that CLIP uses.
    pairs = [line.split() for line in rest[:CLIP_MERGES] if line.strip()]
    return vocabulary_of(_pairs(pairs))


def _pairs(found: Sequence[Sequence[Any]]) -> Iterator[tuple[str, str]]:
    for rank, pair in enumerate(found):
        if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise VocabularyError("invalid-merge", rank=rank)
        yield pair[0], pair[1]


def _vocabulary_of_json(text: str, path: Path) -> BpeVocabulary:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise VocabularyError("invalid-json", path=str(path)) from None
    model = content.get("model")
    if isinstance(model, dict) and isinstance(model.get("merges"), list):
        # Older tokenizer.json files write a merge as "a b", newer ones as ["a", "b"].
        merges = [merge.split() if isinstance(merge, str) else merge for merge in model["merges"][:CLIP_MERGES]]
        if not all(isinstance(merge, list) for merge in merges):
            raise VocabularyError("no-merges", path=str(path))
        return vocabulary_of(_pairs(merges))
    if not all(type(number) is int for number in content.values()) or len(content) <= _NOT_MERGED:
        raise VocabularyError("no-merges", path=str(path))
    tokens = sorted(content, key=lambda token: content[token])[_NOT_MERGED:]
    return vocabulary_of_tokens([token for token in tokens if not token.startswith("<|")][:CLIP_MERGES])
