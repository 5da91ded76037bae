"""A catalogue kept in step with the texts: `python3 dev.py texts` adds the new ones and drops those nobody says.

The file is gettext's .po, without dates and line numbers, so that it changes only where a text does.
"""

from collections.abc import Iterable
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from tagmetry.documentation.texts import Msgid

_HEADER = """\
# Tagmetry's texts. `python3 dev.py texts` brings the new ones in, empty, and takes out what is said no more.
# A text without a translation is shown in English. Placeholders such as {{n:count}} stay as they are.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def renewed(po: bytes, language: str, texts: Iterable[Msgid]) -> bytes:
    """The catalogue with exactly these texts, each with the translation that it had."""
    known = read_po(BytesIO(po), locale=language) if po else Catalog(locale=language)
    catalogue = Catalog(locale=language, charset="utf-8", fuzzy=False)
    for text in texts:
        before = known.get(text.one)
        catalogue.add(
            (text.one, text.other) if text.other else text.one,
            _kept(before, plural=bool(text.other), forms=catalogue.num_plurals),
            auto_comments=list(text.places[:3]),
            user_comments=before.user_comments if before is not None else (),
        )
    entries = BytesIO()
    write_po(entries, catalogue, width=0, no_location=True, omit_header=True)
    header = _HEADER.format(language=language, plural_forms=catalogue.plural_forms)
    return header.encode("utf-8") + entries.getvalue()


def _kept(before: Message | None, *, plural: bool, forms: int) -> str | tuple[str, ...]:
    """A translation as far as it fits the text's shape; one form serves both where a text got a plural or lost it."""
    old = (before.string if before is not None else None) or ""
    if not plural:
        return old if isinstance(old, str) else next((form for form in old if form), "")
    kept = (old,) * forms if isinstance(old, str) else tuple(old)
    return kept if len(kept) == forms else ("",) * forms
