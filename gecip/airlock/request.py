"""Ask for summaries and figures to leave: one call that checks, masks and writes what a person then reviews."""

from __future__ import annotations

import datetime
import getpass
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gecip.airlock.bundle import Bundle, RequestContext, assemble, write, write_once
from gecip.airlock.checks import Checker, ItemVerdict
from gecip.airlock.permissions import Permissions
from gecip.configuration import export_folder, policy_document, role
from gecip.errors import ExportError
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
    person decides on it.
    """

    project: str
    purpose: str
    items: tuple[ItemVerdict, ...]
    folder: Path | None

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
            f"What may leave, as it may leave, lies in <code>{html.escape(str(self.folder))}</code>; a person decides on it."
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
    eye, FAIL with the reason and what to change. What fails is in no file; the rest still goes.

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
        requested_by=_user(),
        role=asked_by,
        date=today.isoformat(),
    )
    bundle = assemble(checker.judge(items), context, policy)
    place = _lay_down(bundle, folder, context) if any(item.files for item in bundle.items) else None
    return ExportRequest(context.project, context.purpose, bundle.items, place)


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


def _lay_down(bundle: Bundle, folder: str | Path | None, context: RequestContext) -> Path:
    if folder is None:
        place = export_folder() / f"{context.date}-{bundle.digest}"
        write_once(bundle, place)
    else:
        place = Path(folder).expanduser()
        write(bundle, place)
    return place.resolve()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "unknown"


def _badge(verdict: Verdict) -> str:
    return f"<b style='color:{_COLOURS[verdict]}'>{_SIGNS[verdict]} {verdict.name}</b>"


def _reason(finding: Finding) -> str:
    return (
        f"<div style='margin-bottom:0.3em'>{html.escape(finding.sentence)}<br>"
        f"<small>→ {html.escape(finding.remedy)}</small></div>"
    )
