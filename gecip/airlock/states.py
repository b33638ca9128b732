"""The states of an export request, and what leads from one to another: as data.

What is in a bundle has not left. A person other than the one who asked decides, and the ledger keeps
who, when and why.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.Enum):
    """Where a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def counts(self) -> bool:
        """Return whether a request's numbers have left or may leave yet, so that later ones are held against them."""
        return self in (State.ASKED, State.APPROVED)


class Action(enum.Enum):
    """What somebody does with a request."""

    ASK = "ask"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class By(enum.Enum):
    """Who may do it."""

    WHO_ASKED = "the person who asked"
    SOMEBODY_ELSE = "another person than the one who asked"
    ANYBODY = "anybody"


@dataclass(frozen=True)
class Transition:
    """One step: from which state (None: from nothing) by which action to which, who may take it, and if a reason is due."""

    before: State | None
    action: Action
    after: State
    by: By
    with_reason: bool = False


TRANSITIONS = (
    Transition(None, Action.ASK, State.ASKED, By.ANYBODY),
    Transition(State.ASKED, Action.APPROVE, State.APPROVED, By.SOMEBODY_ELSE),
    Transition(State.ASKED, Action.RETURN, State.RETURNED, By.SOMEBODY_ELSE, with_reason=True),
    Transition(State.ASKED, Action.REJECT, State.REJECTED, By.SOMEBODY_ELSE, with_reason=True),
    Transition(State.ASKED, Action.WITHDRAW, State.WITHDRAWN, By.WHO_ASKED),
    # Asked again as it is, for instance with an answer to what the reviewer wanted to know.
    Transition(State.RETURNED, Action.ASK, State.ASKED, By.WHO_ASKED),
    Transition(State.RETURNED, Action.WITHDRAW, State.WITHDRAWN, By.WHO_ASKED),
    Transition(State.WITHDRAWN, Action.ASK, State.ASKED, By.WHO_ASKED),
)


def transition(before: State | None, action: Action) -> Transition | None:
    """Return the step that an action is in a state, or None where it is none."""
    return next(
        (step for step in TRANSITIONS if (step.before, step.action) == (before, action)), None
    )


def actions_in(state: State) -> tuple[Action, ...]:
    """Return what can be done with a request in a state."""
    return tuple(step.action for step in TRANSITIONS if step.before is state)
