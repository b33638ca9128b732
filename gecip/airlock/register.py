"""The ledger as it stands: the state of every request, and which released sets of people are near another.

What follows from the entries is kept in an index beside them, so that nobody reads a long ledger whole:
folders that are written aside and renamed, each good for the first so many entries. An index can be
thrown away at any time, and is made again.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.airlock.ledger import Entry, Ledger
from gecip.airlock.nearness import GROUPS, SetRows, difference
from gecip.airlock.states import Action, State, transition
from gecip.errors import LedgerError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.uint64]

_INDEX, _FACTS = "index", "facts.json"
# Each array of an index by its numbers' kind and its shape, in which -1 is the number of sets.
_ARRAYS = {
    "sizes": ("<u4", (-1,)),
    "sketches": ("<u2", (-1, GROUPS)),
    "digests": ("<u8", (-1, 2)),
    "places": ("<u4", (-1, 4)),
    "keys": ("<u8", (-1,)),
    "owners": ("<u4", (-1,)),
}
# An index is renewed when so many entries, or sets, have come since.
_ENTRIES_WITHOUT, _SETS_WITHOUT = 64, 50_000
_KEPT = 2


@dataclass(frozen=True)
class Standing:
    """Where a request stands: its state, and its first entry, the one that asked last, and the last one."""

    state: State
    first: int
    asked: int
    decided: int


@dataclass(frozen=True)
class Nearby:
    """A set that differs by a few people from a released one: its place in what was asked, and where the other lies.

    `entry` is the ledger's entry, `place` the number of the set in it, `people` by how many they differ.
    """

    asked: int
    entry: int
    place: int
    people: int


@dataclass(frozen=True, eq=False)
class Register:
    """What the first `n_entries` of a ledger come to."""

    ledger: Ledger
    n_entries: int
    standings: dict[str, Standing]
    indexed: SetRows
    recent: SetRows
    n_indexed: int
    _entries: dict[int, Entry] = field(default_factory=dict)

    @classmethod
    def read(cls, ledger: Ledger, n_entries: int) -> Register:
        """Return the register of a ledger's first entries, from its index and what came since.

        Raises
        ------
        LedgerError
            When an entry that has to be read is not what was appended.
        """
        begin, standings, indexed = _read_index(ledger, n_entries)
        parts = []
        for entry in ledger.entries(begin):
            if entry.number > n_entries:
                break
            _follow(standings, entry)
            parts.append(rows_of(entry))
        return cls(ledger, n_entries, standings, indexed, SetRows.joined(parts), begin)

    def near(self, sets: Sequence[Ids], *, is_free: Sequence[bool], most: int) -> list[Nearby]:
        """Return the sets that differ by 1 to `most` people from one of a request that has left or may leave.

        Two sets of which only counts without phenotypes tell may differ by as few as they like: such counts
        leave as they are. Nor is a set held against those with which it was released before: a request
        may be made again.

        Parameters
        ----------
        sets
            Salted ids, each ascending.
        is_free
            For each set whether only counts without phenotypes tell of it.
        most
            How many people are few.
        """
        asked = SetRows.of(sets, entry=0, is_free=is_free)
        alive = {standing.asked for standing in self.standings.values() if standing.state.counts}
        found = []
        for rows in (self.indexed, self.recent):
            for row, (entry, number, start, size) in rows.near(asked, most=most):
                if entry not in alive:
                    continue
                place = int(asked.places[row, 1])
                ids = self.ledger.read_set(entry, start, size)
                people = difference(sets[place], ids)
                if 0 < people <= most and not self._holds(entry, sets[place]):
                    found.append(Nearby(place, entry, number, people))
        return found

    def _holds(self, number: int, ids: Ids) -> bool:
        """Return whether an entry tells of just these people too."""
        import numpy as np

        if number not in self._entries:
            self._entries[number] = self.ledger.entry(number)
        return any(
            len(one) == len(ids) and np.array_equal(one, ids) for one in self._entries[number].sets
        )

    def refresh_index(self) -> None:
        """Write the index anew where much has come since the last one; whoever is killed leaves the old one."""
        since = self.n_entries - self.n_indexed
        if since < _ENTRIES_WITHOUT and len(self.recent.sizes) < _SETS_WITHOUT:
            return
        place = self.ledger.folder / _INDEX
        with contextlib.suppress(OSError):
            place.mkdir(exist_ok=True)
            _write_index(self, place)
            for old in sorted(place.glob("[0-9]*"))[:-_KEPT]:
                shutil.rmtree(old, ignore_errors=True)


def rows_of(entry: Entry) -> SetRows:
    """Return what the index keeps of an entry's sets."""
    if not entry.sets:
        return SetRows.joined([])
    return SetRows.of(entry.sets, entry=entry.number, is_free=entry.facts["free"])


def _follow(standings: dict[str, Standing], entry: Entry) -> None:
    """Take a step from the state in which a request stood."""
    bundle, action = entry.facts["bundle"], Action(entry.facts["action"])
    before = standings.get(bundle)
    step = transition(before.state if before else None, action)
    if step is None:
        raise LedgerError(
            f"{entry.number}: this entry of the airlock's ledger takes a step that its request's state does not allow: "
            "the ledger was written by another version of gecip; use that one."
        )
    first = before.first if before else entry.number
    asked = before.asked if before and action is not Action.ASK else entry.number
    standings[bundle] = Standing(step.after, first, asked, entry.number)


def _read_index(ledger: Ledger, n_entries: int) -> tuple[int, dict[str, Standing], SetRows]:
    """Return the newest index for no more than so many entries: for how many, their states and their sets."""
    import numpy as np

    place = ledger.folder / _INDEX
    for folder in sorted(place.glob("[0-9]*"), reverse=True):
        # An index that another run has just replaced is gone between one line and the next.
        with contextlib.suppress(OSError, KeyError, ValueError):
            number = int(folder.name)
            facts: dict[str, Any] = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
            if number > n_entries or facts["digest"] != ledger.digest(number):
                continue
            arrays = [
                # Mapped, so that only what is looked at is read.
                np.memmap(folder / name, dtype=kind, mode="r").reshape(shape)
                for name, (kind, shape) in _ARRAYS.items()
            ]
            standings = {
                bundle: Standing(State(state), *numbers)
                for bundle, (state, *numbers) in facts["standings"].items()
            }
            return number, standings, SetRows(*arrays)
    return 0, {}, SetRows.joined([])


def _write_index(register: Register, place: Path) -> None:
    rows = SetRows.joined([register.indexed, register.recent])
    partial = place / f".{os.getpid()}.{secrets.token_hex(6)}"
    try:
        partial.mkdir()
        for name, (kind, _) in _ARRAYS.items():
            (partial / name).write_bytes(getattr(rows, name).astype(kind).tobytes())
        facts = {
            "digest": register.ledger.digest(register.n_entries),
            "standings": {
                bundle: [
                    standing.state.value,
                    standing.first,
                    standing.asked,
                    standing.decided,
                ]
                for bundle, standing in register.standings.items()
            },
        }
        (partial / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
        # Another run may have written the same one: a folder is not renamed over one that holds something.
        partial.rename(place / f"{register.n_entries:09d}")
    finally:
        shutil.rmtree(partial, ignore_errors=True)
