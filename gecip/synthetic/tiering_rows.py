"""The tiers: which rare coding variants the programme's pipeline prioritised in each family.

Tiers after the Research Environment user guide: 1 and 2 for genes that are green on an applied panel,
by a pattern that fits the gene's mode of inheritance; 3 for genes on none of the panels. A gene that is
amber or red counts as outside. The rows have the real table's faults: a variant stands in several of
them, by several patterns, panels and requests, and now and then the partner of a compound heterozygote
is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gecip.model.genes import GENES
from gecip.model.table import Table
from gecip.model.tiering import TieredVariantsFrequency, TieringData
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.coding_calls import TIERED_TERMS, CodingCalls, CodingVariant
from gecip.synthetic.gene_panels import ensembl_id
from gecip.synthetic.interpretations import Request, family_members
from gecip.synthetic.recruitment import ANCESTRIES, Role
from gecip.synthetic.reference_panels import EXOMES, GENOMES
from gecip.synthetic.segregation_filters import FITTING, Finding, Kin, findings

if TYPE_CHECKING:
    import pandas as pd

# Of the compound heterozygotes in whom nothing was planted, how many lack a partner's rows; an assumption.
SHARE_WITHOUT_PARTNER = 0.06
# The mode by which a variant outside every panel is tiered, told from how it follows the disease.
MODE_BY_PATTERN = {
    "SimpleRecessive": "biallelic",
    "CompoundHeterozygous": "biallelic",
    "deNovo": "monoallelic_not_imprinted",
    "InheritedAutosomalDominant": "monoallelic_not_imprinted",
    "XLinkedSimpleRecessive": "xlinked_biallelic",
    "XLinkedCompoundHeterozygous": "xlinked_biallelic",
    "XLinkedMonoallelic": "xlinked_monoallelic",
}
KIN_COLUMNS = (
    "father_affected",
    "mother_affected",
    "full_brothers_affected",
    "full_sisters_affected",
)


@dataclass(frozen=True)
class FamilyFindings:
    """What follows the disease in one family: its members in the call, their copies, and the findings.

    `copies` has shape (variants, members); `variants` and `members` are places among the coding
    variants and the people, and `male` says who of the members is.
    """

    family: int
    members: tuple[int, ...]
    male: tuple[bool, ...]
    variants: tuple[int, ...]
    copies: np.ndarray
    found: tuple[Finding, ...]


def find_in_families(
    programme: Programme, calls: CodingCalls, people: pd.DataFrame
) -> tuple[FamilyFindings, ...]:
    """Return what follows the disease in each family whose proband was called.

    Parameters
    ----------
    people
        The rows of `participant`, which say whether incomplete penetrance was asked for.
    """
    asked = people.loc[people["penetrance"] == "incomplete", "rare_diseases_family_id"]
    incomplete = set(asked.dropna().astype(int))
    called = np.zeros(len(programme.recruits.people), dtype=bool)
    called[programme.samples.people] = True
    called &= _are_in_tables(programme)
    return tuple(
        one
        for family, entries in calls.of_families(programme.recruits.people).items()
        if (
            one := _find(
                programme,
                calls,
                family,
                entries[called[entries[:, 1]]],
                called,
                incomplete=int(programme.recruits.families.number[family]) in incomplete,
            )
        )
    )


def _are_in_tables(programme: Programme) -> np.ndarray:
    shown = np.zeros(len(programme.recruits.people), dtype=bool)
    shown[programme.in_tables] = True
    return shown


def _find(
    programme: Programme,
    calls: CodingCalls,
    family: int,
    entries: np.ndarray,
    called: np.ndarray,
    *,
    incomplete: bool,
) -> FamilyFindings | None:
    recruits = programme.recruits
    members = [place for place in recruits.families.members(family) if called[place]]
    if recruits.place(family, Role.PROBAND) not in members or not len(entries):
        return None
    variants, rows = np.unique(entries[:, 0], return_inverse=True)
    copies = np.zeros((len(variants), len(members)), dtype=np.int64)
    columns = np.searchsorted(members, entries[:, 1])
    copies[rows, columns] = entries[:, 2] + entries[:, 3]
    known = [calls.variants[variant] for variant in variants.tolist()]
    at = {role: recruits.place(family, role) for role in (Role.FATHER, Role.MOTHER)}
    kin = Kin(
        affected=programme.affected[members],
        male=recruits.people.male[members],
        father=members.index(at[Role.FATHER]) if at[Role.FATHER] in members else -1,
        mother=members.index(at[Role.MOTHER]) if at[Role.MOTHER] in members else -1,
    )
    found = findings(
        kin,
        copies,
        genes=[one.site.gene for one in known],
        on_x=np.array([one.hemizygous for one in known]),
        rare_for_one_copy=np.array([one.rare_for_one_copy for one in known]),
        incomplete=incomplete,
    )
    return FamilyFindings(
        family,
        tuple(members),
        tuple(kin.male.tolist()),
        tuple(variants.tolist()),
        copies,
        tuple(found),
    )


@dataclass(frozen=True)
class Tier:
    """One reason to tier one variant of a family: the tier, the pattern, and the mode of inheritance."""

    variant: int
    tier: str
    mode: str
    finding: Finding


def tiers_of(one: FamilyFindings, calls: CodingCalls, request: Request) -> Iterator[Tier]:
    """Yield the tiers of a family's variants under one request: once for each panel, or once outside all.

    `Tier.variant` is a row of `one.copies`.
    """
    for finding in one.found:
        for row in finding.variants:
            variant = calls.variants[one.variants[row]]
            gene = GENES[variant.site.gene]
            panels = request.panels_with(gene.symbol)
            if not panels:
                yield Tier(row, "TIER3", MODE_BY_PATTERN[finding.pattern], finding)
            elif finding.pattern in FITTING.get(gene.mode, ()):
                first = variant.is_high or finding.pattern == "deNovo"
                for _ in panels:
                    yield Tier(row, "TIER1" if first else "TIER2", gene.mode.value, finding)


@dataclass(frozen=True)
class Tiering:
    """The tables of the tiers, and what is wrong with them by design."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


def draw_tiering(
    programme: Programme,
    calls: CodingCalls,
    families: Sequence[FamilyFindings],
    requests: Mapping[int, Sequence[Request]],
    *,
    people: pd.DataFrame,
    planted: frozenset[str],
) -> Tiering:
    """Return the tiers' rows, the frequencies of the variants in them, and an account of their faults.

    Parameters
    ----------
    planted
        Names of the planted variants, which keep their partners.
    """
    import pandas as pd

    lost = _partners_lost(programme.stream(TieringData), calls, families, planted)
    tiers = pd.DataFrame(
        [
            row
            for one in families
            for request in requests.get(one.family, ())
            for row in _rows(one, calls, request, lost)
        ],
        columns=["place", "variant", *_TIER_COLUMNS],
    )
    described = pd.DataFrame(
        [_describe(variant) for variant in calls.variants], columns=list(_VARIANT_COLUMNS)
    )
    rows = (
        tiers.merge(family_members(programme), on="place", how="inner", sort=False)
        .merge(described, left_on="variant", right_index=True, how="left", sort=False)
        .merge(kin_as_recorded(people), on="rare_diseases_family_id", how="left", sort=False)
        .sort_values(["participant_id", "interpretation_request_id", "variant"], kind="stable")
    )
    table = frame_of(
        TieringData, {name: rows[name].to_numpy() for name in TieringData.columns if name in rows}
    )
    tiered = [calls.variants[place] for place in sorted(set(rows["variant"]))]
    return Tiering(
        rows={
            TieringData: table,
            TieredVariantsFrequency: frequency_rows(programme, tiered),
        },
        answers=tiering_faults(table),
    )


_TIER_COLUMNS = (
    "interpretation_cohort_id",
    "interpretation_request_id",
    "genotype",
    "mode_of_inheritance",
    "segregation_pattern",
    "penetrance",
    "tier",
)
# How the interpretation tables name a variant.
VARIANT_KEY = ("assembly", "chromosome", "position", "reference", "alternate")
_VARIANT_COLUMNS = (
    *VARIANT_KEY,
    "genomic_feature_hgnc",
    "ensembl_id",
    "consequence_type",
    "so_term",
)


def _partners_lost(
    stream: np.random.Generator,
    calls: CodingCalls,
    families: Sequence[FamilyFindings],
    planted: frozenset[str],
) -> frozenset[tuple[int, Finding]]:
    """Return the compound heterozygotes of which only the first variant is told: a few, one at least."""
    groups = [
        (one.family, finding)
        for one in families
        for finding in one.found
        if len(finding.variants) > 1
        and not planted & {calls.variants[one.variants[row]].site.name for row in finding.variants}
    ]
    size = min(len(groups), max(1, round(SHARE_WITHOUT_PARTNER * len(groups))))
    return frozenset(groups[place] for place in stream.permutation(len(groups))[:size])


def _rows(
    one: FamilyFindings,
    calls: CodingCalls,
    request: Request,
    lost: frozenset[tuple[int, Finding]],
) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each tier and each member who carries the variant."""
    for tier in tiers_of(one, calls, request):
        if (one.family, tier.finding) in lost and tier.variant != tier.finding.variants[0]:
            continue
        variant = calls.variants[one.variants[tier.variant]]
        for column in np.flatnonzero(one.copies[tier.variant]).tolist():
            copies = int(one.copies[tier.variant, column])
            yield (
                one.members[column],
                one.variants[tier.variant],
                request.cohort,
                request.number,
                genotype_in_words(copies, alone=bool(variant.hemizygous and one.male[column])),
                tier.mode,
                tier.finding.pattern,
                tier.finding.penetrance,
                tier.tier,
            )


def genotype_in_words(copies: int, *, alone: bool) -> str:
    """Return a carrier's genotype in the programme's words, where `alone` is who has one copy of X."""
    if alone:
        return "alternate_hemizigous"
    return "heterozygous" if copies == 1 else "alternate_homozygous"


def _describe(variant: CodingVariant) -> tuple[Any, ...]:
    site = variant.site
    return (
        "GRCh38",
        site.contig.removeprefix("chr"),
        site.position,
        site.reference,
        site.alternate,
        site.gene,
        ensembl_id(GENES[site.gene]),
        ",".join(variant.terms),
        ",".join(TIERED_TERMS[term] for term in variant.terms),
    )


def kin_as_recorded(people: pd.DataFrame) -> pd.DataFrame:
    """Return what the proband's form says of parents, brothers and sisters, one row a family."""
    kept = people.loc[
        people["participant_type"] == "Proband",
        ["rare_diseases_family_id", *KIN_COLUMNS],
    ]
    return kept.drop_duplicates("rare_diseases_family_id").astype(
        {"rare_diseases_family_id": "int64"}
    )


def frequency_rows(programme: Programme, variants: Sequence[CodingVariant]) -> pd.DataFrame:
    """Return one row for each tiered variant, with its frequency in the reference sets; empty where a set lacks it."""
    stream = programme.stream(TieredVariantsFrequency)
    columns: dict[str, Any] = {
        name: [_describe(variant)[place] for variant in variants]
        for place, name in enumerate(VARIANT_KEY)
    }
    for prefix, source in (("gnomad_exomes", "gnomADe"), ("gnomad_genomes", "gnomADg")):
        for group in ("all", "afr", "amr", "asj", "eas", "fin", "nfe", "oth", "sas"):
            label = "" if group == "all" else f"_{group.upper()}"
            if f"{prefix}_{group}" in TieredVariantsFrequency.columns:
                columns[f"{prefix}_{group}"] = [
                    variant.frequency(f"{source}{label}_AF") for variant in variants
                ]
        males, females = _by_sex(
            stream, _numbers(columns[f"{prefix}_all"]), alleles=_ALLELES[source]
        )
        columns[f"{prefix}_male"], columns[f"{prefix}_female"] = males, females
    frequencies = np.array([variant.frequencies for variant in variants]).reshape(
        -1, len(ANCESTRIES)
    )
    columns |= _uk10k(stream, frequencies) | _thousand_genomes(stream, frequencies)
    return frame_of(TieredVariantsFrequency, columns)


_ALLELES = {"gnomADe": 2 * sum(EXOMES.values()), "gnomADg": 2 * sum(GENOMES.values())}
# People in UK10K's two cohorts, of whom some twins have their sister's genome, and in phase 3 of 1000 Genomes.
_UK10K = {"alspac": 1_927, "twinsuk": 1_854}
_SECOND_TWINS = 0.02
_THOUSAND_GENOMES = {"afr": 661, "amr": 347, "eas": 504, "eur": 503, "sas": 489}


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _by_sex(
    stream: np.random.Generator, overall: np.ndarray, *, alleles: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return an allele's frequency in each sex, of whom a set has as many of one as of the other."""
    seen = np.rint(np.nan_to_num(overall) * alleles).astype(np.int64)
    males = stream.binomial(seen, 0.5)
    half = alleles / 2
    unseen = np.isnan(overall)
    return (
        np.where(unseen, np.nan, males / half),
        np.where(unseen, np.nan, (seen - males) / half),
    )


def _uk10k(stream: np.random.Generator, frequencies: np.ndarray) -> dict[str, Any]:
    european = frequencies[:, ANCESTRIES.index("EUR")]
    seen = {name: stream.binomial(2 * size, european) for name, size in _UK10K.items()}
    twice = stream.binomial(seen["twinsuk"], _SECOND_TWINS)
    sizes = {name: 2 * size for name, size in _UK10K.items()}
    seen["twinsuk_nodup"] = seen["twinsuk"] - twice
    sizes["twinsuk_nodup"] = round(sizes["twinsuk"] * (1 - _SECOND_TWINS))
    seen["all"] = seen["alspac"] + seen["twinsuk"]
    sizes["all"] = sizes["alspac"] + sizes["twinsuk"]
    return {
        f"uk10k_{name}": np.where(seen["all"] > 0, seen[name] / sizes[name], np.nan)
        for name in seen
    }


def _thousand_genomes(stream: np.random.Generator, frequencies: np.ndarray) -> dict[str, Any]:
    seen = {
        name: stream.binomial(2 * size, frequencies[:, ANCESTRIES.index(name.upper())])
        for name, size in _THOUSAND_GENOMES.items()
    }
    total = np.asarray(sum(seen.values()))
    everybody = 2 * sum(_THOUSAND_GENOMES.values())
    found = {
        f"1000genomes_phase_3_{name}": np.where(
            total > 0, counts / (2 * _THOUSAND_GENOMES[name]), np.nan
        )
        for name, counts in seen.items()
    }
    return {"1000genomes_phase_3_all": np.where(total > 0, total / everybody, np.nan), **found}


def tiering_faults(table: pd.DataFrame) -> tuple[Answer, ...]:
    """Return the faults that a reader of the tiers has to know of, with how often each occurs."""
    variant = ["chromosome", "position", "reference", "alternate"]
    of_person = table.groupby(["participant_id", *variant], sort=False)
    rows = of_person.size()
    compound = table.loc[
        table["segregation_pattern"].isin(["CompoundHeterozygous", "XLinkedCompoundHeterozygous"])
        & (table["participant_type"] == "Proband")
    ]
    partners = compound.groupby(
        ["participant_id", "interpretation_request_id", "genomic_feature_hgnc"], sort=False
    )["position"].nunique()
    several = table["consequence_type"].astype(str).str.contains(",")
    return (
        Answer(
            kind="doubled_tier_rows",
            domain="release",
            expected={
                "pairs_of_carrier_and_variant": len(rows),
                "in_several_rows": int((rows > 1).sum()),
                "in_several_tiers": int((of_person["tier"].nunique() > 1).sum()),
                "by_several_patterns": int((of_person["segregation_pattern"].nunique() > 1).sum()),
            },
        ),
        Answer(
            kind="missing_partner",
            domain="release",
            expected={
                "compound_heterozygotes": len(partners),
                "without_partner": int((partners == 1).sum()),
            },
        ),
        Answer(
            kind="comma_consequences",
            domain="release",
            expected={"rows": int(several.sum())},
        ),
    )
