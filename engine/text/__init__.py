"""Captions as text: bytes to characters, tags, sentences, style, and CLIP tokens.

Pure functions and frozen dataclasses; only `clip_vocabulary` reads files, and only vocabularies. Limits are
parameters with named defaults, each with its source beside it. Everything runs in time linear in its text, save
for tokens, which take n log n of a single word.
"""

from tagmetry.text.bpe import BpeVocabulary, VocabularyError
from tagmetry.text.clip_vocabulary import find_vocabulary, read_vocabulary, vocabulary_candidates
from tagmetry.text.decoding import (
    CaptionProblem,
    DecodedCaption,
    EncodingGuess,
    SuspiciousCharacters,
    decode_caption,
    guess_encoding,
    lines,
    suspicious_characters,
)
from tagmetry.text.normal_form import normal_form
from tagmetry.text.scripts import Language, Script, count_words, language_of, scripts_in
from tagmetry.text.sentences import (
    MIN_CLAUSE_WORDS,
    WordSearch,
    contains_word,
    first_word,
    is_sentence_like,
    last_word,
    reads_as_wide_sentences,
    text_before,
    words_of_name,
)
from tagmetry.text.style import (
    CaptionFacts,
    CaptionStyle,
    StyleColumns,
    caption_facts,
    caption_style,
    median_part_words,
    separator_count,
    style_columns,
    words_per_part,
)
from tagmetry.text.t5 import T5Counter, T5Estimate, make_t5_counter
from tagmetry.text.tags import (
    SEPARATORS,
    WeightedTag,
    empty_parts,
    is_emoticon,
    list_separators,
    separators_in,
    split_tags,
    unbalanced_brackets,
    weighted_tag,
)
from tagmetry.text.tokens import (
    CHUNK,
    PieceCounter,
    TokenCounter,
    TokenEstimate,
    chunks,
    counter_of,
    library_counter,
    make_counter,
)
from tagmetry.text.words import (
    BREAK,
    FUNCTION_WORDS,
    PAIRS,
    FoundTerm,
    TermSearch,
    WordSplitter,
    letter_pairs,
    units,
    word_splitter,
)

__all__ = [
    # bytes to characters
    "CaptionProblem",
    "DecodedCaption",
    "EncodingGuess",
    "SuspiciousCharacters",
    "decode_caption",
    "guess_encoding",
    "lines",
    "suspicious_characters",
    # tags
    "SEPARATORS",
    "WeightedTag",
    "empty_parts",
    "is_emoticon",
    "list_separators",
    "normal_form",
    "separators_in",
    "split_tags",
    "unbalanced_brackets",
    "weighted_tag",
    # sentences, words, scripts
    "Language",
    "MIN_CLAUSE_WORDS",
    "Script",
    "WordSearch",
    "contains_word",
    "text_before",
    "count_words",
    "first_word",
    "is_sentence_like",
    "language_of",
    "last_word",
    "reads_as_wide_sentences",
    "scripts_in",
    "words_of_name",
    # words that are counted, terms that are looked up
    "BREAK",
    "FUNCTION_WORDS",
    "FoundTerm",
    "PAIRS",
    "TermSearch",
    "WordSplitter",
    "letter_pairs",
    "units",
    "word_splitter",
    # style
    "CaptionFacts",
    "CaptionStyle",
    "StyleColumns",
    "caption_facts",
    "caption_style",
    "median_part_words",
    "separator_count",
    "style_columns",
    "words_per_part",
    # tokens
    "BpeVocabulary",
    "CHUNK",
    "PieceCounter",
    "T5Counter",
    "T5Estimate",
    "TokenCounter",
    "TokenEstimate",
    "VocabularyError",
    "chunks",
    "counter_of",
    "find_vocabulary",
    "library_counter",
    "make_counter",
    "make_t5_counter",
    "read_vocabulary",
    "vocabulary_candidates",
]
