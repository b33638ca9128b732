"""What a person does with requests: look at them, approve, return, reject or withdraw them.

Every step is an entry of the ledger, so that who decided what and when cannot be changed later.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gecip.airlock.bundle import MANIFEST
from gecip.airlock.ledger import Draft, Ledger
from gecip.airlock.register import Register, Standing
from gecip.airlock.request import now
from gecip.airlock.review_page import PAGE
from gecip.airlock.states import Action, By, State, Transition, actions_in, transition
from gecip.audit import user_name
from gecip.configuration import ledger_folder
from gecip.errors import ExportError


@dataclass(frozen=True)
class Step:
    """One step of a request's history: what was done, by whom, when, and why."""

    action: Action
    by: str
    when: str
    reason: str


@dataclass(frozen=True)
class AskedRequest:
    """A request as the ledger knows it.

    `outputs` are the titles of its items. `folder` is where its files were laid down, and `is_whole`
    whether they lie there as they were checked.
    """

    name: str
    state: State
    project: str
    purpose: str
    by: str
    verdict: str
    outputs: tuple[str, ...]
    folder: Path
    is_whole: bool
    history: tuple[Step, ...]

    @property
    def page(self) -> Path:
        """The page for the person who decides."""
        return self.folder / PAGE


def list_requests(*, state: State | None = None) -> list[AskedRequest]:
    """Return the requests in a state, the oldest first; those that wait for a decision if none is given.

    Raises
    ------
    LedgerError
        When the ledger is not as it was written.
    """
    ledger = Ledger(ledger_folder())
    register = Register.read(ledger, ledger.count())
    return [
        _asked(ledger, name, standing, history=())
        for name, standing in register.standings.items()
        if standing.state is (state or State.ASKED)
    ]


def show_request(name: str) -> AskedRequest:
    """Return a request with its history; the beginning of its name is enough.

    Cost: reads the ledger from the day of the request on.

    Raises
    ------
    ExportError
        When there is no such request, or several.
    """
    ledger = Ledger(ledger_folder())
    register = Register.read(ledger, ledger.count())
    full = _full_name(register, name)
    standing = register.standings[full]
    history = tuple(
        Step(
            Action(entry.facts["action"]),
            entry.facts["by"],
            entry.facts["when"],
            entry.facts.get("reason", ""),
        )
        for entry in ledger.entries(standing.first - 1)
        if entry.number <= standing.decided and entry.facts["bundle"] == full
    )
    return _asked(ledger, full, standing, history)


def approve_request(name: str) -> AskedRequest:
    """Let a request leave, as another person than the one who asked.

    Raises
    ------
    ExportError
        When there is no such request, it does not wait for a decision, the files are not those that were
        checked, or it is one's own.
    """
    return _decide(name, Action.APPROVE, "")


def return_request(name: str, *, reason: str) -> AskedRequest:
    """Give a request back to whoever asked, with what has to be answered or changed; it may be asked again.

    Raises
    ------
    ExportError
        As for `approve_request`, or when no reason is given.
    """
    return _decide(name, Action.RETURN, reason)


def reject_request(name: str, *, reason: str) -> AskedRequest:
    """Refuse a request as it is, for good.

    Raises
    ------
    ExportError
        As for `approve_request`, or when no reason is given.
    """
    return _decide(name, Action.REJECT, reason)


def withdraw_request(name: str, *, reason: str = "") -> AskedRequest:
    """Take back one's own request before it is decided; its numbers no longer stand against later ones.

    Raises
    ------
    ExportError
        When there is no such request, it has left, or somebody else asked.
    """
    return _decide(name, Action.WITHDRAW, reason)


def _decide(name: str, action: Action, reason: str) -> AskedRequest:
    ledger = Ledger(ledger_folder())
    who = user_name()

    def decide(n_entries: int) -> tuple[str, Draft]:
        register = Register.read(ledger, n_entries)
        full = _full_name(register, name)
        standing = register.standings[full]
        asked = _asked(ledger, full, standing, history=())
        _check(asked, action, who, reason)
        facts = {
            "action": action.value,
            "bundle": full,
            "by": who,
            "when": now(),
            "reason": reason.strip(),
        }
        return full, Draft(facts)

    return show_request(ledger.append_after(decide))


def _check(asked: AskedRequest, action: Action, who: str, reason: str) -> None:
    step = transition(asked.state, action)
    if step is None:
        possible = ", ".join(one.value for one in actions_in(asked.state) if one is not Action.ASK)
        raise ExportError(
            f"The request {asked.name} is {asked.state.value}, and cannot be {_PAST[action]} now: "
            f"{f'it can be {possible}' if possible else 'what is decided stays so'}."
        )
    _check_person(asked, step, who)
    if step.with_reason and not reason.strip():
        raise ExportError(
            f"A request is {_PAST[action]} with a reason: give what has to be changed, as --because 'The purpose does not "
            "say who was counted'."
        )
    if action is Action.APPROVE and not asked.is_whole:
        raise ExportError(
            f"{asked.folder}: the files of the request {asked.name} are not those that were checked, or are gone: "
            "have them asked for again."
        )


def _check_person(asked: AskedRequest, step: Transition, who: str) -> None:
    is_own = who == asked.by
    if step.by is By.SOMEBODY_ELSE and is_own:
        raise ExportError(
            f"The request {asked.name} is your own: another person than the one who asked decides."
        )
    if step.by is By.WHO_ASKED and not is_own:
        raise ExportError(
            f"The request {asked.name} was made by {asked.by}: only whoever asked takes a request back."
        )


_PAST = {
    Action.APPROVE: "approved",
    Action.RETURN: "returned",
    Action.REJECT: "rejected",
    Action.WITHDRAW: "withdrawn",
}


def _full_name(register: Register, name: str) -> str:
    if name in register.standings:
        return name
    found = [full for full in register.standings if full.startswith(name)]
    if len(found) != 1:
        raise ExportError(
            f"There is no request {name!r} in the ledger: `gecip airlock list` tells those that wait."
            if not found
            else f"{len(found)} requests begin with {name!r}: give more of the name."
        )
    return found[0]


def _asked(
    ledger: Ledger, name: str, standing: Standing, history: tuple[Step, ...]
) -> AskedRequest:
    facts = ledger.entry(standing.asked).facts
    folder = Path(facts["folder"])
    return AskedRequest(
        name=name,
        state=standing.state,
        project=facts["project"],
        purpose=facts["purpose"],
        by=facts["by"],
        verdict=facts["verdict"],
        outputs=tuple(output["title"] for output in facts["outputs"]),
        folder=folder,
        is_whole=_is_whole(folder, facts["manifest"]),
        history=history,
    )


def _is_whole(folder: Path, fingerprint: str) -> bool:
    """Return whether a folder holds just the files that its manifest names, and that manifest is the one checked."""
    try:
        text = (folder / MANIFEST).read_bytes()
        if hashlib.sha256(text).hexdigest() != fingerprint:
            return False
        document: dict[str, Any] = json.loads(text)
        named = {
            name: digest for item in document["items"] for name, digest in item["files"].items()
        }
        there = {path.name for path in folder.iterdir()} - {MANIFEST, PAGE}
        return there == set(named) and all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
            for name, digest in named.items()
        )
    except OSError:
        return False
