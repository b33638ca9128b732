"""What strains of tuberculosis carry: well-known mutations, and the strains in which they are planted."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PlantedMutation:
    """One mutation of a strain: where it lies on NC_000962.3, its name, and the drugs that it makes fail.

    Where the change of bases is not published with the name, as for a lost gene, it is invented.
    """

    position: int
    ref: str
    alt: str
    gene: str
    change: str
    effect: str
    drugs: tuple[str, ...] = ()

    @property
    def variant(self) -> str:
        """The name as the WHO catalogue writes it."""
        return f"{self.gene}_{self.change}"


_MISSENSE, _UPSTREAM, _RNA = (
    "missense_variant",
    "upstream_gene_variant",
    "non_coding_transcript_exon_variant",
)
_M = PlantedMutation

RPOB_450 = _M(761_155, "C", "T", "rpoB", "p.Ser450Leu", _MISSENSE, ("Rifampicin",))
RPOB_435 = _M(761_110, "A", "T", "rpoB", "p.Asp435Val", _MISSENSE, ("Rifampicin",))
RPOB_445 = _M(761_139, "C", "T", "rpoB", "p.His445Tyr", _MISSENSE, ("Rifampicin",))
KATG_315 = _M(2_155_168, "C", "G", "katG", "p.Ser315Thr", _MISSENSE, ("Isoniazid",))
INHA_777 = _M(1_673_425, "C", "T", "inhA", "c.-777C>T", _UPSTREAM, ("Isoniazid", "Ethionamide"))
EMBB_306_VAL = _M(4_247_429, "A", "G", "embB", "p.Met306Val", _MISSENSE, ("Ethambutol",))
EMBB_306_ILE = _M(4_247_431, "G", "A", "embB", "p.Met306Ile", _MISSENSE, ("Ethambutol",))
PNCA_57 = _M(2_289_073, "G", "C", "pncA", "p.His57Asp", _MISSENSE, ("Pyrazinamide",))
PNCA_11 = _M(2_289_252, "T", "C", "pncA", "c.-11A>G", _UPSTREAM, ("Pyrazinamide",))
# Known to the WHO's catalogue and not among the few mutations that come along.
PNCA_4 = _M(2_289_231, "A", "G", "pncA", "p.Leu4Ser", _MISSENSE, ("Pyrazinamide",))
RPSL_43 = _M(781_687, "A", "G", "rpsL", "p.Lys43Arg", _MISSENSE, ("Streptomycin",))
GYRA_94 = _M(7_582, "A", "G", "gyrA", "p.Asp94Gly", _MISSENSE, ("Levofloxacin", "Moxifloxacin"))
GYRA_90 = _M(7_570, "C", "T", "gyrA", "p.Ala90Val", _MISSENSE, ("Levofloxacin", "Moxifloxacin"))
RRS_1401 = _M(
    1_473_246, "A", "G", "rrs", "n.1401A>G", _RNA, ("Amikacin", "Kanamycin", "Capreomycin")
)
EIS_14 = _M(2_715_346, "G", "A", "eis", "c.-14C>T", _UPSTREAM, ("Amikacin", "Kanamycin"))
RV0678_LOST = _M(
    779_127, "C", "CG", "Rv0678", "p.Asp47fs", "frameshift", ("Bedaquiline", "Clofazimine")
)
# The losses that take a resistance back, and two differences from the reference that mean nothing.
EIS_LOST = _M(2_714_528, "CG", "C", "eis", "p.Thr269fs", "frameshift")
MMPL5_LOST = _M(777_581, "G", "T", "mmpL5", "p.Tyr300*", "stop_gained")
GYRA_95 = _M(7_585, "G", "C", "gyrA", "p.Ser95Thr", _MISSENSE)
KATG_463 = _M(2_154_724, "C", "A", "katG", "p.Arg463Leu", _MISSENSE)

FIVE_DRUGS = (RPOB_450, KATG_315, EMBB_306_VAL, PNCA_57, RPSL_43)


class Strain(enum.Enum):
    """A strain's resistance: the mutations that all of its bacteria carry, and those that some carry.

    A mutation of some bacteria makes resistant in culture and stays below the share of reads that counts.
    """

    SUSCEPTIBLE = (), ()
    ISONIAZID = (KATG_315,), ()
    ISONIAZID_AND_ETHIONAMIDE = (INHA_777,), ()
    STREPTOMYCIN = (RPSL_43,), ()
    MULTIDRUG = FIVE_DRUGS, ()
    OTHER_MULTIDRUG = (RPOB_435, KATG_315, EMBB_306_ILE, PNCA_11), ()
    FLUOROQUINOLONE = (*FIVE_DRUGS, GYRA_94), ()
    AMIKACIN = (*FIVE_DRUGS, GYRA_90, RRS_1401), ()
    BEDAQUILINE = (*FIVE_DRUGS, GYRA_94, RV0678_LOST), ()
    SILENT_BEDAQUILINE = (RV0678_LOST, MMPL5_LOST), ()
    SILENT_AMIKACIN = (RPOB_445, KATG_315, EIS_14, EIS_LOST), ()
    UNKNOWN_PYRAZINAMIDE = (PNCA_4,), ()
    MIXED_FLUOROQUINOLONE = FIVE_DRUGS, (GYRA_94,)

    def __init__(
        self, mutations: tuple[PlantedMutation, ...], mixed: tuple[PlantedMutation, ...]
    ) -> None:
        self.mutations = mutations
        self.mixed = mixed

    @property
    def taken_back(self) -> tuple[str, ...]:
        """The drugs that would fail but for a second loss."""
        if MMPL5_LOST in self.mutations:
            return ("Bedaquiline", "Clofazimine")
        return ("Amikacin", "Kanamycin") if EIS_LOST in self.mutations else ()

    @property
    def drugs(self) -> tuple[str, ...]:
        """The drugs that fail in culture."""
        carried = (*self.mutations, *self.mixed)
        fail = {drug for one in carried for drug in one.drugs} - set(self.taken_back)
        return tuple(sorted(fail))


# Strains of cases that belong to no chain; more resistance than in Britain, so that each kind occurs.
STRAIN_SHARES: Mapping[Strain, float] = {
    Strain.SUSCEPTIBLE: 46,
    Strain.ISONIAZID: 8,
    Strain.ISONIAZID_AND_ETHIONAMIDE: 5,
    Strain.STREPTOMYCIN: 6,
    Strain.MULTIDRUG: 8,
    Strain.OTHER_MULTIDRUG: 6,
    Strain.FLUOROQUINOLONE: 4,
    Strain.AMIKACIN: 4,
    Strain.BEDAQUILINE: 4,
    Strain.SILENT_BEDAQUILINE: 3,
    Strain.SILENT_AMIKACIN: 2,
    Strain.UNKNOWN_PYRAZINAMIDE: 4,
    Strain.MIXED_FLUOROQUINOLONE: 3,
}
# Strains of the chains of transmission, the largest first; what comes after is susceptible.
STRAINS_OF_CHAINS = (
    Strain.MULTIDRUG,
    Strain.ISONIAZID_AND_ETHIONAMIDE,
    Strain.SUSCEPTIBLE,
    Strain.AMIKACIN,
    Strain.SILENT_AMIKACIN,
    Strain.SUSCEPTIBLE,
    Strain.SUSCEPTIBLE,
    Strain.STREPTOMYCIN,
    Strain.SILENT_BEDAQUILINE,
)
# Drugs against which isolates are tested in culture.
TESTED_DRUGS = (
    "Rifampicin",
    "Isoniazid",
    "Ethambutol",
    "Pyrazinamide",
    "Streptomycin",
    "Levofloxacin",
    "Amikacin",
    "Bedaquiline",
)
