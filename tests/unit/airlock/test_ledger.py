from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecip.airlock.ledger import Draft, Ledger
from gecip.airlock.nearness import SetRows, difference
from gecip.airlock.register import Register, rows_of
from gecip.airlock.states import TRANSITIONS, Action, State, actions_in, transition
from gecip.errors import ConfigurationError, LedgerError

Ids = npt.NDArray[np.uint64]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def asking(name: str, sets: Sequence[Ids] = (), free: Sequence[bool] | None = None) -> Draft:
    facts = {"action": "ask", "bundle": name, "free": list(free or [False] * len(sets))}
    return Draft(facts, tuple(sets))


def add(ledger: Ledger, draft: Draft) -> None:
    ledger.append_after(lambda _known: (None, draft))


def people(*numbers: int) -> Ids:
    """Return salted ids as they could be: spread over 64 bits, the same for the same number."""
    spread = np.random.default_rng(0).integers(0, 2**63, 2000, dtype=np.uint64)
    return np.sort(spread[list(numbers)])


# ---------------------------------------------------------------------------------------------------------------------
# The chain
# ---------------------------------------------------------------------------------------------------------------------


def test_what_was_appended_is_read_as_it_was(ledger: Ledger) -> None:
    add(ledger, asking("a", [people(1, 2, 3), people(4)]))
    add(ledger, asking("b"))
    first, second = ledger.entries()
    assert (first.number, first.facts["bundle"]) == (1, "a")
    assert [one.tolist() for one in first.sets] == [people(1, 2, 3).tolist(), people(4).tolist()]
    assert second.facts["previous"] == first.digest
    assert second.sets == ()
    assert ledger.read_set(1, 4, 3).tolist() == people(1, 2, 3).tolist()
    assert ledger.read_set(1, 1, 1).tolist() == people(4).tolist()
    assert ledger.verify() == ledger.count() == 2


def test_an_empty_ledger_has_no_entries_and_is_not_made_by_looking(ledger: Ledger) -> None:
    assert ledger.verify() == 0
    assert not ledger.folder.exists()


@pytest.mark.parametrize("n_entries", [1, 2, 3, 7, 8, 9, 33])
def test_entries_are_counted_from_wherever_the_count_begins(ledger: Ledger, n_entries: int) -> None:
    for number in range(n_entries):
        add(ledger, asking(str(number)))
    for known in range(n_entries + 1):
        assert ledger.count(known) == n_entries


def changed(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.parametrize("harm", ["a byte", "cut off", "another's", "gone", "one too many"])
def test_a_change_to_any_entry_is_found(ledger: Ledger, harm: str) -> None:
    for name in "abc":
        add(ledger, asking(name, [people(1, 2)]))
    path = ledger.folder / "entries" / "000000002"
    content = path.read_bytes()
    if harm == "a byte":
        changed(path, content.replace(b'"b"', b'"x"'))
    elif harm == "cut off":
        changed(path, content[:-10])
    elif harm == "another's":
        # Whole by itself, sealed, and not what the next entry was appended to.
        other = Ledger(ledger.folder.parent / "other")
        for name in "ax":
            add(other, asking(name, [people(1, 2)]))
        changed(path, (other.folder / "entries" / "000000002").read_bytes())
    elif harm == "gone":
        path.unlink()
    else:
        shutil.copy(path, path.with_name("000000009"))
    with pytest.raises(LedgerError, match="bring the ledger back from a backup"):
        ledger.verify()


def test_an_entry_that_somebody_else_was_quicker_to_append_is_decided_anew(ledger: Ledger) -> None:
    seen: list[int] = []

    def decide(known: int) -> tuple[str, Draft]:
        seen.append(known)
        if known == 0:
            add(Ledger(ledger.folder), asking("quicker"))
        return "done", asking("slower")

    assert ledger.append_after(decide) == "done"
    assert seen == [0, 1]
    assert [entry.facts["bundle"] for entry in ledger.entries()] == ["quicker", "slower"]


def test_writers_at_once_lose_and_double_nothing(ledger: Ledger) -> None:
    def write(writer: int) -> None:
        for number in range(15):
            add(ledger, asking(f"{writer}-{number}"))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [entry.facts["bundle"] for entry in ledger.entries()]
    assert sorted(names) == sorted(f"{writer}-{n}" for writer in range(4) for n in range(15))
    for writer in range(4):
        own = [name for name in names if name.startswith(f"{writer}-")]
        assert own == [f"{writer}-{n}" for n in range(15)]


def test_a_file_server_that_answers_twice_has_linked_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def twice(source: Any, name: Any) -> None:
        link(source, name)
        link(source, name)

    add(ledger, asking("a"))
    monkeypatch.setattr(os, "link", twice)
    add(ledger, asking("b"))
    assert [entry.facts["bundle"] for entry in ledger.entries()] == ["a", "b"]


def test_a_file_system_without_links_is_refused_with_what_to_do(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(ConfigurationError, match="GECIP_LEDGER"):
        add(ledger, asking("a"))
    assert not list(ledger.folder.glob(".*"))


def test_what_a_killed_run_left_is_cleared_after_an_hour_and_no_sooner(ledger: Ledger) -> None:
    add(ledger, asking("a"))
    old, new = (ledger.folder / f".somewhere.{number}.abc" for number in (1, 2))
    for left in (old, new):
        left.write_bytes(b"half an entry")
    os.utime(old, (0, 0))
    add(ledger, asking("b"))
    assert (old.exists(), new.exists()) == (False, True)
    assert ledger.verify() == 2


def test_identifiers_are_salted_per_ledger_and_stand_in_none_of_its_files(
    ledger: Ledger, tmp_path: Path
) -> None:
    identifiers = np.array([110_000_011, "110000021"], dtype=object)
    salted = ledger.salted(identifiers)
    assert (ledger.salted(identifiers[::-1]) == salted[::-1]).all()
    assert ledger.salted(np.array(["110000011"], dtype=object))[0] == salted[0]
    assert not set(Ledger(tmp_path / "another").salted(identifiers)) & set(salted)
    add(ledger, asking("a", [np.sort(salted)]))
    files = [path.read_bytes() for path in ledger.folder.rglob("*") if path.is_file()]
    assert not any(b"110000011" in content for content in files)
    (ledger.folder / "salt").chmod(0o600)
    (ledger.folder / "salt").write_bytes(b"short")
    with pytest.raises(LedgerError, match="salt"):
        ledger.salted(identifiers)


# ---------------------------------------------------------------------------------------------------------------------
# Which sets are near
# ---------------------------------------------------------------------------------------------------------------------


def near_by_hand(
    asked: Sequence[Ids], released: Sequence[Sequence[Ids]], *, most: int = 4
) -> set[tuple[int, int, int, int]]:
    """Return what is near with plain sets of Python, one pair after the other."""
    found = set()
    for place, ids in enumerate(asked):
        for entry, sets in enumerate(released, start=1):
            others = [set(one.tolist()) for one in sets]
            if set(ids.tolist()) in others:
                continue
            for number, other in enumerate(others):
                apart = len(set(ids.tolist()) ^ other)
                if 1 <= apart <= most:
                    found.add((place, entry, number, apart))
    return found


subsets = st.lists(st.integers(0, 25), min_size=1, max_size=14, unique=True)


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    released=st.lists(st.lists(subsets, min_size=1, max_size=4), min_size=1, max_size=5),
    asked=st.lists(subsets, min_size=1, max_size=4),
    most=st.sampled_from([1, 4, 4, 9]),
)
def test_sets_that_differ_by_a_few_people_are_found_and_no_others(
    tmp_path_factory: pytest.TempPathFactory,
    released: list[list[list[int]]],
    asked: list[list[int]],
    most: int,
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    entries = [[people(*one) for one in sets] for sets in released]
    for number, sets in enumerate(entries):
        add(ledger, asking(str(number), sets))
    new = [people(*one) for one in asked]
    register = Register.read(ledger, len(entries))
    found = register.near(new, is_free=[False] * len(new), most=most)
    assert {(one.asked, one.entry, one.place, one.people) for one in found} == near_by_hand(
        new, entries, most=most
    )


@pytest.mark.slow
def test_an_index_answers_as_the_entries_do(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    released: list[list[Ids]] = []
    for number in range(150):
        size = int(random.integers(1, 60))
        base = random.choice(1500, size, replace=False)
        nearly = np.append(base[: size // 2 * 2], random.choice(1500, 2))
        released.append([people(*base.tolist()), people(*np.unique(nearly).tolist())])
        add(ledger, asking(str(number), released[-1]))
        if number % 8 == 7:
            Register.read(ledger, number + 1).refresh_index()
    assert [path.name for path in sorted((ledger.folder / "index").iterdir())] == [
        "000000064",
        "000000128",
    ]
    asked = [people(*np.unique([*random.choice(1500, 30), 7]).tolist()), released[3][0][1:]]
    asked += [
        np.unique(np.append(released[number][0], people(1999))) for number in range(0, 150, 7)
    ]
    asked = [one for one in asked if len(one)]
    indexed = Register.read(ledger, 150)
    assert indexed.n_indexed == 128
    found = indexed.near(asked, is_free=[False] * len(asked), most=4)
    assert {(one.asked, one.entry, one.place, one.people) for one in found} == near_by_hand(
        asked, released
    )
    # For a part of the ledger an older index serves, and none where there is none.
    assert Register.read(ledger, 100).n_indexed == 64
    shutil.rmtree(ledger.folder / "index")
    assert Register.read(ledger, 150).standings == indexed.standings


@pytest.mark.slow
def test_an_index_of_another_ledger_is_not_taken(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger(tmp_path / "other")
    for number in range(64):
        add(ledger, asking(str(number), [people(number, 70)]))
        add(other, asking(str(number), [people(number, 71)]))
    Register.read(other, 64).refresh_index()
    shutil.copytree(other.folder / "index", ledger.folder / "index")
    assert Register.read(ledger, 64).n_indexed == 0
    assert Register.read(other, 64).n_indexed == 64


def test_counts_without_phenotypes_are_not_held_against_each_other(ledger: Ledger) -> None:
    add(ledger, asking("genes", [people(*range(10))], free=[True]))
    add(ledger, asking("groups", [people(*range(20))], free=[False]))
    register = Register.read(ledger, 2)
    nine, nineteen = people(*range(9)), people(*range(19))
    assert register.near([nine], is_free=[True], most=4) == []
    assert [one.entry for one in register.near([nine], is_free=[False], most=4)] == [1]
    assert [one.entry for one in register.near([nineteen], is_free=[True], most=4)] == [2]


def test_only_what_has_left_or_may_leave_yet_is_held_against_others(ledger: Ledger) -> None:
    new = people(*range(9))

    def found() -> list[int]:
        near = Register.read(ledger, ledger.count()).near([new], is_free=[False], most=4)
        return [one.entry for one in near]

    add(ledger, asking("a", [people(*range(10))]))
    assert found() == [1]
    add(ledger, Draft({"action": "return", "bundle": "a"}))
    assert found() == []
    add(ledger, asking("a", [people(*range(10))]))
    assert found() == [3]
    add(ledger, Draft({"action": "approve", "bundle": "a"}))
    assert found() == [3]


def test_rows_know_their_sets_whatever_their_order() -> None:
    sets = [people(*range(9)), people(3), people(*range(20, 25))]
    rows = SetRows.of(sets, entry=4, is_free=[False, True, False])
    assert rows.sizes.tolist() == [9, 1, 5]
    assert rows.places.tolist() == [[4, 0, 15, 0], [4, 1, 6, 1], [4, 2, 5, 0]]
    assert difference(sets[0], sets[1]) == 8
    assert len(SetRows.of([], entry=1, is_free=[]).sizes) == 0


def test_an_entry_without_sets_has_no_rows(ledger: Ledger) -> None:
    add(ledger, asking("a"))
    assert len(rows_of(ledger.entry(1)).sizes) == 0


# ---------------------------------------------------------------------------------------------------------------------
# States
# ---------------------------------------------------------------------------------------------------------------------


def test_every_state_is_reached_and_every_step_is_told_once() -> None:
    assert {step.after for step in TRANSITIONS} == set(State)
    steps = [(step.before, step.action) for step in TRANSITIONS]
    assert len(set(steps)) == len(steps)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_what_was_decided_for_good_stays_so(state: State, action: Action) -> None:
    step = transition(state, action)
    if state in (State.APPROVED, State.REJECTED):
        assert step is None
        assert actions_in(state) == ()
    if step is not None:
        assert action in actions_in(state)
        assert step.after is not state


def test_a_step_that_is_none_breaks_the_register(ledger: Ledger) -> None:
    add(ledger, asking("a"))
    add(ledger, Draft({"action": "approve", "bundle": "a"}))
    add(ledger, Draft({"action": "withdraw", "bundle": "a"}))
    with pytest.raises(LedgerError, match="does not allow"):
        Register.read(ledger, 3)
