"""Mutations of Mycobacterium tuberculosis that are known to make a drug fail, or known not to.

Well-known mutations, each with the group in which the World Health Organization put it: *Catalogue of
mutations in Mycobacterium tuberculosis complex and their association with drug resistance*, 2nd
edition, 2023 (data of GTB-tbsequencing/mutation-catalogue-2023, ODC-By 1.0). They are a few dozen of
its 48,152 rows, enough to try the methods: a study uses the catalogue itself.
"""

from __future__ import annotations

from dataclasses import dataclass

# Associated with resistance, the same in the interim, uncertain, not associated in the interim, not
# associated.
ASSOCIATED, INTERIM, UNCERTAIN, NOT_INTERIM, NOT_ASSOCIATED = 1, 2, 3, 4, 5
GROUPS = {
    ASSOCIATED: "1) Assoc w R",
    INTERIM: "2) Assoc w R - Interim",
    UNCERTAIN: "3) Uncertain significance",
    NOT_INTERIM: "4) Not assoc w R - Interim",
    NOT_ASSOCIATED: "5) Not assoc w R",
}


@dataclass(frozen=True)
class GradedMutation:
    """One mutation with the group, 1 to 5, that it has for one drug.

    `mutation` may be `LoF`: any change that destroys the gene.
    """

    drug: str
    gene: str
    mutation: str
    group: int

    @property
    def variant(self) -> str:
        """Gene and change in one name, as `rpoB_p.Ser450Leu`."""
        return f"{self.gene}_{self.mutation}"


def _for(drug: str, gene: str, **groups: str) -> tuple[GradedMutation, ...]:
    """Return the mutations of one gene for one drug; the words of `group_1` are those of group 1, and so on."""
    return tuple(
        GradedMutation(drug, gene, mutation, int(name.removeprefix("group_")))
        for name, mutations in groups.items()
        for mutation in mutations.split()
    )


_GYRA = {"group_1": "p.Asp94Gly p.Ala90Val p.Asp94Asn p.Asp94Ala", "group_5": "p.Ser95Thr"}

KNOWN_MUTATIONS: tuple[GradedMutation, ...] = (
    *_for(
        "Rifampicin", "rpoB", group_1="p.Ser450Leu p.Asp435Val p.His445Tyr p.His445Asp p.Leu430Pro"
    ),
    *_for("Isoniazid", "katG", group_1="p.Ser315Thr p.Ser315Asn LoF", group_5="p.Arg463Leu"),
    *_for("Isoniazid", "inhA", group_1="c.-777C>T c.-154G>A"),
    *_for("Isoniazid", "ahpC", group_3="c.-48G>A"),
    *_for("Ethambutol", "embB", group_1="p.Met306Val p.Met306Ile p.Gln497Arg p.Gly406Ala"),
    *_for("Pyrazinamide", "pncA", group_1="p.His57Asp c.-11A>G p.Gln10Pro p.Val139Ala LoF"),
    *_for("Levofloxacin", "gyrA", **_GYRA),
    *_for("Moxifloxacin", "gyrA", **_GYRA),
    *_for("Amikacin", "rrs", group_1="n.1401A>G n.1484G>T", group_5="n.514A>C"),
    *_for("Amikacin", "eis", group_2="c.-14C>T", group_3="c.-37G>T LoF", group_5="c.-10G>A"),
    *_for("Kanamycin", "rrs", group_1="n.1401A>G n.1484G>T", group_4="n.514A>C"),
    *_for("Kanamycin", "eis", group_1="c.-14C>T c.-10G>A c.-37G>T", group_3="LoF"),
    *_for("Capreomycin", "rrs", group_1="n.1401A>G n.1484G>T", group_5="n.514A>C"),
    *_for("Capreomycin", "tlyA", group_1="LoF"),
    *_for("Streptomycin", "rpsL", group_1="p.Lys43Arg p.Lys88Arg"),
    *_for("Streptomycin", "rrs", group_1="n.514A>C", group_3="n.1401A>G"),
    *_for("Streptomycin", "gid", group_1="LoF"),
    *_for("Ethionamide", "inhA", group_1="c.-777C>T", group_2="c.-154G>A"),
    *_for("Ethionamide", "ethA", group_1="LoF"),
    *_for("Bedaquiline", "Rv0678", group_1="LoF", group_2="p.Met146Thr"),
    *_for("Bedaquiline", "atpE", group_2="p.Ala63Pro"),
    *_for("Bedaquiline", "mmpL5", group_3="LoF"),
    *_for("Clofazimine", "Rv0678", group_1="LoF", group_2="p.Met146Thr"),
    *_for("Clofazimine", "mmpL5", group_3="LoF"),
    *_for("Linezolid", "rplC", group_1="p.Cys154Arg"),
    *_for("Linezolid", "rrl", group_2="n.2814G>T n.2270G>T"),
    *_for("Delamanid", "ddn", group_2="LoF"),
)
