"""What `tagmetry explain` tells of all that is no rule: failure modes, ways to balance, symptoms, questions, words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tagmetry.documentation.rule_pages import EVIDENCE
from tagmetry.messages import Translator, english
from tagmetry.plain_words import FAILURES, GLOSSARY, QUESTIONS, TECHNIQUES, FailureWords, TechniqueWords, Term
from tagmetry.playbooks import Advice, Playbook, Sign
from tagmetry.rule import Rule

GLOSSARY_NAME: Final = "glossary"
QUESTIONS_NAME: Final = "questions"


def names(playbooks: Iterable[Playbook]) -> dict[str, tuple[str, ...]]:
    """All that can be explained besides rules, by its kind."""
    return {
        "failure modes": tuple(one.id for one in FAILURES),
        "ways to balance": tuple(one.id for one in TECHNIQUES),
        "symptoms": tuple(book.symptom for book in playbooks),
        "words": tuple(term.word for term in GLOSSARY),
        "pages": (GLOSSARY_NAME, QUESTIONS_NAME),
    }


def overview(playbooks: Iterable[Playbook], say: Translator | None = None) -> str:
    """Markdown: what can be explained."""
    say = say or english()
    titles = {
        "failure modes": say.text("What can go wrong"),
        "ways to balance": say.text("Ways to balance"),
        "symptoms": say.text("Symptoms"),
        "words": say.text("Words"),
        "pages": say.text("Pages"),
    }
    lines = [f"# {say.text('What can be explained')}", ""]
    lines += [say.text("Each rule by its id (tagmetry rules lists them), and what stands below."), ""]
    for kind, found in names(playbooks).items():
        lines += [f"## {titles[kind]}", "", ", ".join(f'"{name}"' if " " in name else name for name in found), ""]
    return "\n".join(lines).rstrip() + "\n"


def word_page(
    name: str, playbooks: Sequence[Playbook], rules: Mapping[str, Rule], say: Translator | None = None
) -> str | None:
    """Markdown about a failure mode, a way to balance, a symptom or a word; None for what is none of these."""
    say = say or english()
    wanted = _plain(name)
    lines: list[str] = []
    if wanted == GLOSSARY_NAME:
        lines += _glossary(say)
    elif wanted in (QUESTIONS_NAME, "faq"):
        lines += _questions(say)
    for failure in FAILURES:
        if wanted in (failure.id, _plain(failure.name)):
            lines += _failure(failure, playbooks, rules, say)
    for technique in TECHNIQUES:
        if wanted in (technique.id, _plain(technique.name)):
            lines += _technique(technique, say)
    for book in playbooks:
        if wanted == book.symptom:
            lines += _symptom(book, say)
    for term in GLOSSARY:
        if not lines and wanted == _plain(term.word):
            lines += _term(term, say)
    return "\n".join(lines).rstrip() + "\n" if lines else None


def _plain(name: str) -> str:
    """`Trigger word`, `trigger_word` and `trigger-word` are one name."""
    return name.strip().casefold().replace("_", "-").replace(" ", "-")


def _failure(
    failure: FailureWords, playbooks: Iterable[Playbook], rules: Mapping[str, Rule], say: Translator
) -> Iterator[str]:
    yield from (f"# {say.text(failure.name)}", "", say.text(failure.what), "")
    for label, text in (
        (say.text("how it shows"), failure.shows),
        (say.text("what leads there"), failure.why),
        (say.text("what to do first"), failure.first),
    ):
        yield f"- {label}: {say.text(text)}"
    yield ""
    yield from (f"## {say.text('Rules that point there')}", "")
    yield from (", ".join(rule.id for rule in rules.values() if failure.id in rule.points_to), "")
    yield from (f"## {say.text('Symptoms')}", "")
    yield from (f"- {book.symptom}: {say.text(book.seen)}" for book in playbooks if failure.id in book.points_to)
    yield ""


def _technique(technique: TechniqueWords, say: Translator) -> Iterator[str]:
    yield from (f"# {say.text(technique.name)}", "", say.text(technique.what), "", say.text(technique.school), "")
    yield f"- {say.text('suits')}: {say.text(technique.suits)}"
    yield f"- {say.text('goes wrong as')}: {say.text(technique.wrong)}"
    yield f"- {say.text('settings')}: {technique.settings}"
    yield ""


def _symptom(book: Playbook, say: Translator) -> Iterator[str]:
    yield from (f"# {book.symptom}", "", say.text(book.seen), "")
    if book.points_to:
        yield f"- {say.text('points to')}: {', '.join(book.points_to)}"
    if book.base_models:
        yield f"- {say.text('base model')}: {', '.join(book.base_models)}"
    yield f"- {say.text('with your data')}: `tagmetry diagnose DATASET --symptom {book.symptom}`"
    yield ""
    yield from (f"## {say.text('Signs in the data')}", "", _listed(book.signals) or "-", "")
    for title, steps in (
        (say.text("Change in the data"), book.data),
        (say.text("Change in the training"), book.training),
    ):
        if steps:
            yield from (f"## {title}", "")
            for number, step in enumerate(steps, start=1):
                yield f"{number}. {_step(step, say)}"
            yield ""


def _step(step: Advice, say: Translator) -> str:
    said = [say.text(step.do)]
    if step.unless:
        said.append(say.format("Not needed if: {unless}", {"unless": say.text(step.unless)}))
    if step.because:
        said.append(say.format("Told from: {rules}.", {"rules": _listed(step.because)}))
    said.append(say.format("Evidence: {evidence}.", {"evidence": say.text(EVIDENCE[step.evidence])}))
    if step.adjust:
        said.append(say.format("As a change to the plan: {change}.", {"change": f"--adjust {step.adjust}"}))
    return " ".join(said)


def _listed(signs: Iterable[Sign]) -> str:
    return ", ".join(dict.fromkeys(sign.rule for sign in signs))


def _term(term: Term, say: Translator) -> Iterator[str]:
    yield from (f"# {say.text(term.word)}", "", say.text(term.meaning), "")


def _questions(say: Translator) -> Iterator[str]:
    yield from (f"# {say.text('Questions')}", "")
    for question in QUESTIONS:
        yield from (f"## {say.text(question.question)}", "", say.text(question.answer), "")


def _glossary(say: Translator) -> Iterator[str]:
    yield from (f"# {say.text('Glossary')}", "")
    yield from (f"- {say.text(term.word)}: {say.text(term.meaning)}" for term in GLOSSARY)
    yield ""
