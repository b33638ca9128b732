"""What kind of care people need: the reasons, resource groups and procedures of their stays in hospital.

Typed by hand after the names of the groups and of ICD-10; which group stands for which disease is an
assumption. Every reason has prices at all points of delivery, so that what an admission costs does not
depend on when it falls: cost differences in a release come from how often people are admitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ADULT_AGE = 19


@dataclass(frozen=True)
class Reason:
    """Why somebody is in hospital: main diagnosis (ICD-10 without a dot), resource group, main procedure (OPCS-4)."""

    diagnosis: str
    resource_group: str
    procedure: str | None = None


@dataclass(frozen=True)
class Care:
    """The reasons for which children and adults with one kind of disease come to hospital."""

    of_children: tuple[Reason, ...]
    of_adults: tuple[Reason, ...]

    def at_age(self, age: float) -> tuple[Reason, ...]:
        """Return the reasons at an age in years."""
        return self.of_children if age < ADULT_AGE else self.of_adults


_CHECKED = Reason("Z098", "PX57C")
_FEVER = Reason("B349", "PW01B")
_STOMACH = Reason("R104", "FD10M")
_PNEUMONIA = Reason("J189", "DZ11S")
_JOINTS = Reason("M255", "HD23J")

EVERYDAY_CARE = Care((_FEVER, Reason("J069", "PD14E"), _CHECKED), (_STOMACH, _PNEUMONIA, _JOINTS))

CARE_BY_GROUP: Mapping[str, Care] = {
    "Cardiovascular disorders": Care(
        (Reason("I429", "PX57C"), _FEVER), (Reason("I509", "EB03D"), Reason("I499", "EB07D"))
    ),
    "Dysmorphic and congenital abnormality syndromes": Care(
        (Reason("Q899", "PX57B"), Reason("R629", "PX57C")), (Reason("Q899", "FD10M"), _JOINTS)
    ),
    "Endocrine disorders": Care(
        (Reason("E349", "PX57B"), _CHECKED), (Reason("E349", "KC04B"), _STOMACH)
    ),
    "Gastroenterological disorders": Care(
        (Reason("K529", "PF26B"), _FEVER), (Reason("K529", "FD10M"), Reason("K219", "FE22Z", "G451"))
    ),
    "Haematological and immunological disorders": Care(
        (_FEVER, Reason("D849", "PX57B")), (Reason("A419", "WJ06J"), _PNEUMONIA)
    ),
    "Metabolic disorders": Care(
        (Reason("E889", "KC04B"), Reason("E889", "PX57B")), (Reason("E889", "KC04B"), _STOMACH)
    ),
    "Neurology and neurodevelopmental disorders": Care(
        (
            Reason("G409", "PR02B"),
            Reason("R568", "PR02C"),
            Reason("R629", "PR01E"),
            Reason("G809", "PR01C"),
        ),
        (Reason("G409", "AA26G"), Reason("G319", "AA25F")),
    ),
    "Ophthalmological disorders": Care((Reason("H355", "BZ24G"), _CHECKED), (Reason("H355", "BZ24G"),)),
    "Renal and urinary tract disorders": Care(
        (Reason("N189", "PL70D"), _FEVER), (Reason("N189", "LA09Q"), Reason("N390", "LA04Q"))
    ),
    "Respiratory disorders": Care((Reason("J209", "PD14E"), _FEVER), (_PNEUMONIA,)),
    "Skeletal disorders": Care((Reason("Q789", "PX57B"), _CHECKED), (_JOINTS,)),
    "Tumour syndromes": Care(
        (_CHECKED, Reason("Z091", "PX57B")),
        (Reason("D126", "FE31Z", "H221"), Reason("Z091", "FE22Z", "G451")),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Cancer:
    """How a cancer is treated: the operation, the courses of chemotherapy, and what brings people in unplanned."""

    operation: Reason
    unplanned: tuple[Reason, ...]

    def chemotherapy(self, *, is_first: bool) -> Reason:
        """Return the first or a later day of chemotherapy, coded Z511 with the cancer beside it."""
        return Reason("Z511", "SB14Z", "X722") if is_first else Reason("Z511", "SB15Z", "X724")


_SEPSIS = Reason("A419", "WJ06J")
CANCERS: Mapping[str, Cancer] = {
    "C509": Cancer(Reason("C509", "JA20F", "B278"), (Reason("C509", "JA12L"), _SEPSIS)),
    "C189": Cancer(Reason("C189", "FF31D", "H079"), (Reason("C189", "FD11J"), _SEPSIS)),
    "C349": Cancer(Reason("C349", "DZ17U"), (Reason("C349", "DZ17U"), _PNEUMONIA)),
    "C439": Cancer(Reason("C439", "JC42C", "S069"), (_SEPSIS, _PNEUMONIA)),
    "C499": Cancer(Reason("C499", "HD40G"), (Reason("C499", "HD40G"), _SEPSIS)),
    "C541": Cancer(Reason("C541", "MA06C", "Q074"), (Reason("C541", "MB05K"), _SEPSIS)),
    "C64X": Cancer(Reason("C64X", "LB06R"), (Reason("C64X", "LB06R"), _SEPSIS)),
}
