"""Ask for summaries and figures to leave: one call that checks, masks and writes what a person then reviews."""

from __future__ import annotations

import datetime
import html
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gecip.airlock.bundle import Bundle, RequestContext, assemble, write, write_once
from gecip.airlock.checks import Checker, ItemVerdict
from gecip.airlock.differencing import Comparison
from gecip.airlock.ledger import Draft, Ledger
from gecip.airlock.permissions import Permissions
from gecip.airlock.register import Register
from gecip.airlock.states import Action, State
from gecip.audit import user_name
from gecip.configuration import export_folder, ledger_folder, policy_document, role
from gecip.errors import ExportError, InputError
from gecip.governance.disclosure import Finding, Verdict, problems_of_request
from gecip.governance.policy import parse_policy
from gecip.release import release_behind
from gecip.reporting import Figure, Listing, Summary

_COLOURS = {Verdict.PASS: "#00694c", Verdict.REVIEW: "#8a5a00", Verdict.FAIL: "#a32020"}
_SIGNS = {Verdict.PASS: "✓", Verdict.REVIEW: "?", Verdict.FAIL: "✗"}


@dataclass(frozen=True, repr=False)
class ExportRequest:
    """What was asked, what the airlock says of each item, and where the bundle lies.

    `folder` is None when nothing in the request may leave. What is in the bundle has not left: a
    person decides on it, by its `name`.
    """

    project: str
    purpose: str
    items: tuple[ItemVerdict, ...]
    folder: Path | None
    name: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the items."""
        return max(item.verdict for item in self.items)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{verdict.name}={sum(item.verdict is verdict for item in self.items)}"
            for verdict in Verdict
        )
        return f"ExportRequest({counts})"

    def _repr_html_(self) -> str:
        cell = "text-align:left;vertical-align:top;padding:0.3em 0.9em;background:none"
        head = "".join(
            f"<th style='{cell}'>{name}</th>" for name in ("Verdict", "Item", "Why", "What to do")
        )
        rows = "".join(
            f"<tr><td style='{cell};white-space:nowrap'>{_badge(item.verdict)}</td>"
            f"<td style='{cell}'>{html.escape(item.title)}<br><small>{html.escape(item.kind)}</small></td>"
            f"<td style='{cell}'>{''.join(map(_reason, item.findings)) or '–'}</td></tr>"
            for item in self.items
        )
        where = (
            f"What may leave, as it may leave, lies in <code>{html.escape(str(self.folder))}</code>; a person decides on it: "
            f"<code>gecip airlock show {html.escape(self.name)}</code>."
            if self.folder
            else "Nothing in this request may leave, and nothing was written."
        )
        masked = "".join(
            f"<details style='margin:0.3em 0'><summary>As it would leave: {html.escape(item.title)}</summary>"
            f"{item.product._repr_html_()}</details>"
            for item in self.items
            if item.product is not None
        )
        return (
            f"<p><b>Export request</b> for {html.escape(self.project)}: {html.escape(self.purpose)}</p>"
            f"<table style='border-collapse:collapse'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"<p>{where}</p>{masked}"
        )


def request_export(
    items: Sequence[Summary | Figure],
    *,
    project: str,
    purpose: str,
    folder: str | Path | None = None,
) -> ExportRequest:
    """Check what asks to leave, mask it, and lay what may leave into a bundle for the person who decides.

    Each item gets a verdict: PASS as it is, REVIEW where something was masked or needs a person's
    eye, FAIL with the reason and what to change. What fails is in no file; the rest still goes. Each
    number is also held against all that has left or may leave yet, by the people behind it, and the
    request goes into the ledger before its files are written.

    Parameters
    ----------
    items
        Summaries, and figures of summaries. Anything else is refused, item by item.
    project
        The project under which the work was approved.
    purpose
        For what the results are meant, in a few words.
    folder
        The folder to make; one named by date and content in `GECIP_EXPORTS` if not given, where the same
        request again finds itself.

    Raises
    ------
    ExportError
        When there is nothing to check, or project, purpose or role are missing.
    InputError
        When the folder exists.
    """
    policy = parse_policy(policy_document())
    asked_by = role()
    today = datetime.datetime.now(tz=datetime.UTC).date()
    permissions = Permissions(project, today, policy)
    _check_request(items, permissions, purpose=purpose, asked_by=asked_by)
    checker = Checker(policy, release_behind, permissions.moratorium)
    context = RequestContext(
        project=project.strip(),
        purpose=purpose.strip(),
        requested_by=user_name(),
        role=asked_by,
        date=today.isoformat(),
        registered=permissions.registered(),
    )
    if folder is not None and os.path.lexists(Path(folder).expanduser()):
        raise InputError(
            f"{folder}: this already exists and is left as it is: name another folder or remove this one first."
        )
    comparison = Comparison(items, checker.judge(items), Ledger(ledger_folder()), policy)
    bundle = _entered(comparison, context, folder)
    place = _lay_down(bundle, folder) if bundle.is_leaving else None
    return ExportRequest(
        context.project, context.purpose, bundle.items, place, bundle.name if place else ""
    )


def _entered(comparison: Comparison, context: RequestContext, folder: str | Path | None) -> Bundle:
    """Return the bundle of what may leave beside all that is in the ledger, where it is entered in the same step."""

    def decide(n_entries: int) -> tuple[Bundle, Draft | None]:
        register = Register.read(comparison.ledger, n_entries)
        register.refresh_index()
        bundle = assemble(comparison.against(register), context, comparison.policy)
        standing = register.standings.get(bundle.name)
        if not bundle.is_leaving or (standing and standing.state.counts):
            return bundle, None
        if standing and standing.state is State.REJECTED:
            raise ExportError(
                f"The request {bundle.name} was rejected as it is: change what the reviewer wrote about, which "
                f"`gecip airlock show {bundle.name}` tells, and ask anew."
            )
        refused = {place for place, item in enumerate(bundle.items) if not item.files}
        told = comparison.sets.without(refused)
        facts = {
            "action": Action.ASK.value,
            "bundle": bundle.name,
            "by": context.requested_by,
            "when": now(),
            "project": context.project,
            "purpose": context.purpose,
            "folder": str(_place(bundle, folder)),
            "manifest": bundle.fingerprint,
            "verdict": bundle.verdict.value,
            "free": list(told.is_free),
            "outputs": [output.as_document() for output in told.outputs.values()],
        }
        return bundle, Draft(facts, told.sets)

    return comparison.ledger.append_after(decide)


def _check_request(
    items: Sequence[object], permissions: Permissions, *, purpose: str, asked_by: str
) -> None:
    problems = problems_of_request(
        project=permissions.project, purpose=purpose, role=asked_by, policy=permissions.policy
    )
    closed = permissions.problem() if permissions.project.strip() else None
    if closed:
        problems.append(closed)
    if isinstance(items, Summary | Figure | Listing) or not isinstance(items, Sequence):
        problems.append(
            "The items are not in a list: ask with request_export([summary, figure], …)."
        )
    elif not items:
        problems.append("The request has no items: give summaries or figures of them in a list.")
    if problems:
        raise ExportError("\n".join(problems))


def _place(bundle: Bundle, folder: str | Path | None) -> Path:
    place = export_folder() / bundle.name if folder is None else Path(folder).expanduser()
    return place.resolve()


def _lay_down(bundle: Bundle, folder: str | Path | None) -> Path:
    place = _place(bundle, folder)
    if folder is None:
        write_once(bundle, place)
    else:
        write(bundle, place)
    return place


def now() -> str:
    """Return the moment, in the time of Greenwich."""
    return datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds")


def _badge(verdict: Verdict) -> str:
    return f"<b style='color:{_COLOURS[verdict]}'>{_SIGNS[verdict]} {verdict.name}</b>"


def _reason(finding: Finding) -> str:
    return (
        f"<div style='margin-bottom:0.3em'>{html.escape(finding.sentence)}<br>"
        f"<small>→ {html.escape(finding.remedy)}</small></div>"
    )
