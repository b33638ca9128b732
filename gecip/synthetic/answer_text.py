"""The answer key as text, for teachers at a terminal: by domain and kind, one line for each truth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from gecip.errors import InputError
from gecip.synthetic.answer_key import KINDS, Answer

# Of a fact with more parts than this, the number of parts is told and not each of them.
_MOST_PARTS = 6


def chosen_answers(
    answers: Sequence[Answer], *, domain: str | None = None, kind: str | None = None
) -> list[Answer]:
    """Return the answers of one domain, of one kind, or all of them.

    Raises
    ------
    InputError
        When there is no such domain or kind among them; the sentence lists those there are.
    """
    for word, asked, known in (
        ("domain", domain, sorted({answer.domain for answer in answers})),
        ("kind", kind, sorted({answer.kind for answer in answers})),
    ):
        if asked is not None and asked not in known:
            raise InputError(
                f"No truth of the {word} {asked!r} was planted in this release: ask for one of {', '.join(known)}."
            )
    return [
        answer
        for answer in answers
        if domain in (None, answer.domain) and kind in (None, answer.kind)
    ]


def answers_text(answers: Sequence[Answer], *, width: int) -> str:
    """Return answers as text: domains, in them kinds with their counts, and under these each truth."""
    lines: list[str] = []
    ordered = sorted(answers, key=lambda answer: (answer.domain, answer.kind))
    for domain, of_domain in groupby(ordered, key=lambda answer: answer.domain):
        lines.append(domain)
        for kind, of_kind in groupby(of_domain, key=lambda answer: answer.kind):
            planted = list(of_kind)
            lines.append(f"  {kind} ({len(planted):,}): {KINDS[kind]}")
            for answer in planted:
                lines += textwrap.wrap(
                    "; ".join(_facts(answer)) or "planted",
                    width=max(width, 40),
                    initial_indent="    ",
                    subsequent_indent="      ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
        lines.append("")
    return "\n".join(lines).rstrip()


def _facts(answer: Answer) -> Iterator[str]:
    for name in ("gene", "mode", "family", "participant"):
        value = getattr(answer, name)
        if value is not None:
            yield f"{name} {value}"
    if answer.variants:
        yield " and ".join(answer.variants)
    for name, value in answer.expected.items():
        yield f"{name.replace('_', ' ')}: {_told(value)}"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        if len(value) > _MOST_PARTS:
            return f"{len(value):,} entries"
        return ", ".join(f"{name} {_told(part)}" for name, part in value.items()) or "none"
    if isinstance(value, list | tuple):
        if len(value) > _MOST_PARTS:
            return f"{len(value):,} of them"
        return ", ".join(_told(part) for part in value) or "none"
    return "none" if value is None else str(value)
