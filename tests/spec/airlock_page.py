"""The page on what may leave, printed from the policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gecip.configuration import policy_document
from gecip.governance.policy import Rule, parse_policy

_INTRODUCTION = """# The airlock's rules: what may leave

Every rule by which `request_export` and `gecip airlock check` judge, where it comes from, and what to do about it. This
page is printed by `python -m tools.print_governance` from `gecip/governance/policy.toml`, where the numbers stand; change
it there. Who may read what inside is in [governance.md](governance.md).

A finding is PASS, REVIEW (it may leave in the form that was laid down, if a person agrees) or FAIL (it is in no bundle).
RD:airlock_rules is the page of that name of the Research Environment's public user guide, by the numbers of its rules.
*Ours is stricter* marks a rule that asks more than its source.

| rule | source | stricter |
| --- | --- | --- |
"""


def airlock_page() -> str:
    """Return the whole page as Markdown."""
    document = policy_document()
    rules = parse_policy(document).rules.values()
    overview = "\n".join(
        f"| [{_title(rule)}](#{_title(rule).replace(' ', '-')}) | {_cell(rule.source)} | {'yes' if rule.stricter else ''} |"
        for rule in rules
    )
    lines = [line for rule in rules for line in _section(rule)]
    return _INTRODUCTION + overview + "\n\n" + "\n".join([*_shared(document), *lines]) + "\n"


def _title(rule: Rule) -> str:
    return rule.name.replace("_", " ")


def _section(rule: Rule) -> Iterator[str]:
    stricter = " *Ours is stricter.*" if rule.stricter else ""
    yield f"## {_title(rule)}\n"
    if rule.evidence:
        yield f"{rule.evidence}\n"
    yield f"Source: {rule.source}.{stricter}\n"
    yield f"- What to do: {rule.remedy}."
    for name, value in rule.numbers.items():
        words = "What to do in a file" if name == "remedy_in_files" else _words(name)
        yield f"- {words}: {value}."
    yield ""


def _shared(document: dict[str, Any]) -> Iterator[str]:
    """Give the numbers that several rules share."""
    yield "## Numbers that several rules share\n"
    for section in ("counts", "variants", "requests"):
        for name, value in document[section].items():
            shown = "yes" if value is True else value
            yield f"- {_words(section)}: {_words(name).lower()}: {shown}."
    yield f"- Identifiers: shortest part: {document['identifiers']['shortest_part']} digits."
    yield ""


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
