"""The page on who may read what, printed from the specification and the policy."""

from __future__ import annotations

from collections.abc import Iterator

from gecip.governance.access import EVERY_USE, NO_USE, Use
from tests.spec.access_rules import CHAPTERS, POLICY, ROLES, Chapter, Uses

_INTRODUCTION = """# Governance: who may read what

Every rule, with the evidence on which it rests and what it says in every state. This page is printed by
`python -m tools.print_governance` from `tests/spec/access_rules.py`, to which the rules are held, and from
`gecip/governance/policy.toml`, where their numbers stand; change it there.

What is allowed is what every rule allows. The uses, from the inside out:

| use | what it is, and where it is decided |
| --- | --- |
| rows of tables and cohorts | `release.read`, `query_to_df`, `select_cohort`: whoever is not open to it is in none of them |
| genomes | `load_genotypes` and its siblings |
| Listings | rows of single people on the screen; who is at summary level only is left out, with a note that counts the rows |
| counts in Summaries | everything that is computed from rows and genomes |
| exports | what `request_export` lets ask to leave; a person decides |
| results made before | whether a published result may stand, or has to be run again |

The role is `GECIP_ROLE` (academic if not set), the domains `GECIP_DOMAINS` (parted by semicolons), and the projects the
extract of the Research Registry that `GECIP_PROJECTS` names:

```toml
[RR91]
title = "Genes of cystic kidneys"
purpose = "To find which genes explain cystic kidneys"
approved = 2023-05-01          # left out in pre-research
members = ["user-name"]        # where known
domains = ["Renal"]
agreed = ["Cardiovascular"]    # domains whose leads agreed, during a moratorium
```

Sources: RD:page is a page of the Research Environment's public user guide, CNFL the members' pages as far as they were
public, RPL the public code that lists a release's participants. *Ours is stricter* marks a rule that asks more than
its source.

## What the doors do, and what only walls can

The doors guard against mistakes, not against malice. What each does, and what has to be seen to around the package:

| what the package does | what only the environment's walls can |
| --- | --- |
| rows and genomes come in through `release.read`, `query_to_df` and `load_genotypes` with its siblings, and these give what the rules allow | that nobody opens the files by other means: permissions on the release's folder and on the caches |
| the role, the domains and the registry's extract are read from the settings, and an unknown role opens nothing | that `GECIP_ROLE`, `GECIP_DOMAINS` and `GECIP_PROJECTS` are set by the environment and not by the user |
| who asks and who decides is the account that runs the process, whatever the variables `USER` and `LOGNAME` say | that an account is one person's |
| every table and callset that is read is a line of the audit log, or is not read where none can be written; `gecip audit` tells who read what when | that a line stays: a folder set in `GECIP_AUDIT` whose files can be appended to and not changed (`chattr +a`), and that `off` is not set |
| what asks to leave is checked, masked and laid down for a person; the bundle is no export | that nothing leaves but through that person: no network, no copying from the screen |
| banned calls are found by ruff and by the tests of this repository, and in every notebook in it | what somebody types in a notebook of their own |
"""


def governance_page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_INTRODUCTION, *(line for one in CHAPTERS for line in _chapter(one))]) + "\n"


def _chapter(chapter: Chapter) -> Iterator[str]:
    rule = POLICY.access[chapter.rule]
    stricter = " *Ours is stricter.*" if rule.stricter else ""
    yield f"## {chapter.title}\n"
    yield f"{rule.evidence}\n"
    yield f"Source: {rule.source}.{stricter} What to do: {rule.remedy}.\n"
    yield f"{chapter.asks}\n"
    yield f"| state | {' | '.join(ROLES)} |"
    yield f"| --- |{' --- |' * len(ROLES)}"
    for state in chapter.states:
        yield f"| {state.says} | {' | '.join(_words(state.of(role)) for role in ROLES)} |"
    yield ""


def _words(uses: Uses) -> str:
    if uses == EVERY_USE:
        return "everything"
    if uses == NO_USE:
        return "nothing"
    closed = [use.value for use in Use if use not in uses]
    if len(closed) <= len(uses):
        return f"everything but {', '.join(closed)}"
    return f"only {', '.join(use.value for use in Use if use in uses)}"
