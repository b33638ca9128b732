"""The tumours of the cancer arm: diagnoses, samples, somatic variants and how long people live.

Planted are driver genes in each kind of tumour, a hypermutated tumour, and a gene with which people
live shorter. Everybody was alive when their tumour was sampled, and those with the gene were sampled
later: the release holds nobody who died before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.model.cancer import (
    CODING_MEGABASES,
    SIGNATURES,
    CancerAnalysis,
    CancerParticipantDisease,
    CancerParticipantTumour,
    CancerTierAndDomainVariants,
)
from gecip.model.cancer_staging import Cancer100KGenomesRealignedOnPipeline2
from gecip.model.genes import GENES
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import (
    Programme,
    frame_of,
    tumour_platekeys,
)
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.life_courses import CancerCourse
from gecip.synthetic.mutational_signatures import (
    LEAST_SHOWN,
    Shares,
    draw_exposures,
    exposures_by_number,
)
from gecip.synthetic.random_streams import draw_in_proportion, random_stream
from gecip.synthetic.sampling import platekeys
from gecip.synthetic.somatic_calls import flagged_places
from gecip.synthetic.tumour_mutations import (
    Cells,
    KnownConsequences,
    SomaticVariant,
    TumourMutations,
    draw_mutations,
    draw_one,
    somatic_variants,
)
from gecip.synthetic.tumour_plan import (
    DAYS_TO_OPERATION,
    DRIVERS,
    FEWEST_FOR_RARE_KIND,
    HAZARD_RATIO,
    HAZARD_RATIO_PER_TEN_YEARS,
    HYPERMUTATED_GENE,
    HYPERMUTATED_KIND,
    HYPERMUTATED_PER_MEGABASE,
    LATE_DELAY,
    LONGEST_DELAY,
    RARE_KIND,
    RARE_TUMOURS,
    REFERENCE_AGE,
    SURVIVAL_GENE,
    SURVIVAL_KIND,
    TUMOUR_KINDS,
    USUAL_DELAY,
    DriverRole,
    TumourKind,
)
from gecip.synthetic.tumour_quality import (
    HISTOLOGIES,
    STUDY_NAMES,
    path_columns,
    quality_columns,
    realigned_rows,
)

if TYPE_CHECKING:
    import pandas as pd

DOMAIN = "cancer"
YEAR = 365.25
Dates = npt.NDArray[np.datetime64]

# Faults of the records, which an analysis has to get along with; assumptions.
SHARE_WITHOUT_DIAGNOSIS_DATE = 0.04
SHARE_WITH_EARLIER_CANCER = 0.05
SHARE_WITHOUT_BURDEN = 0.02
SHARE_WITH_GERMLINE_VARIANT = 0.06
# Mean and spread of the tumours' coverage; about a hundredfold.
_TUMOUR_COVERAGE = (100.0, 9.0)
# Parameters of the beta distribution of the share of tumour cells.
_PURITY = (5, 3)
# Of how many tumours the aggregate has more, of people who have withdrawn in full; after the germline one.
SHARE_WITHDRAWN = 0.006
_GERMLINE_GENES = ("BRCA1", "BRCA2", "ATM", "MLH1", "TP53")


@dataclass(frozen=True)
class Patient:
    """One person of the cancer arm and the one tumour that was sequenced."""

    place: int
    number: int
    kind: TumourKind
    mutations: TumourMutations
    purity: float
    diagnosed: np.datetime64
    sampled: np.datetime64
    death: np.datetime64

    @property
    def is_late(self) -> bool:
        """Return whether the tumour was sampled long after the diagnosis."""
        return bool((self.sampled - self.diagnosed).astype(int) > DAYS_TO_OPERATION[1])


@dataclass(frozen=True)
class TumourTables:
    """The rows of the cancer arm's tables, what was planted in them, and each patient's course."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]
    courses: Mapping[int, CancerCourse]
    tumours: tuple[SequencedTumour, ...]
    known: KnownConsequences


@dataclass(frozen=True)
class SequencedTumour:
    """One sequenced tumour: its sample, whether that may be used, its cells, and what its report has."""

    platekey: str
    listed: bool
    cells: Cells
    reported: tuple[SomaticVariant, ...]


def draw_tumours(programme: Programme) -> TumourTables:
    """Return the tumours of everybody of the cancer arm who is in the tables.

    Of those who withdrew before the release there are the tumours only, for the somatic aggregate.
    """
    patients = _draw_patients(programme)
    samples = _Samples(programme, [patient.number for patient in patients])
    known = KnownConsequences()
    for place in flagged_places(programme.seed):
        known.agreed(place.name, "intron_variant")
    shown = _sequence(programme, patients, known)
    variants = [tumour.reported for tumour in shown]
    return TumourTables(
        rows={
            CancerAnalysis: _analysis_rows(programme, patients, samples, shown),
            CancerParticipantDisease: _disease_rows(patients),
            CancerParticipantTumour: _diagnosis_rows(programme, patients),
            CancerTierAndDomainVariants: _variant_rows(programme.seed, patients, samples, variants),
            Cancer100KGenomesRealignedOnPipeline2: realigned_rows(
                programme.seed,
                [
                    (patient.number, tumour.platekey)
                    for patient, tumour in zip(patients, shown, strict=True)
                ],
            ),
        },
        answers=(*_answers(patients), *_signature_answers(patients, shown)),
        courses={
            patient.number: CancerCourse(patient.diagnosed, patient.kind.site, patient.death)
            for patient in patients
        },
        tumours=(*shown, *_withdrawn(programme, len(patients), known)),
        known=known,
    )


# ---------------------------------------------------------------------------------------------------------------------
# People
# ---------------------------------------------------------------------------------------------------------------------


def _draw_patients(programme: Programme) -> list[Patient]:
    people = programme.recruits.people
    places = np.array([place for place in programme.in_tables if people.family[place] < 0])
    if not len(places):
        return []
    stream = random_stream(programme.seed, "tumours")
    kinds = _draw_kinds(stream, people.male[places])
    mutations: dict[int, TumourMutations] = {}
    for kind in dict.fromkeys(kinds):
        members = [at for at, other in enumerate(kinds) if other is kind]
        hypermutated = len(members) // 2 if kind.disease_type == HYPERMUTATED_KIND else None
        drawn = draw_mutations(stream, kind, len(members), hypermutated=hypermutated)
        mutations |= dict(zip(members, drawn, strict=True))
    return [
        _draw_patient(stream, programme, int(place), kind, mutations[at])
        for at, (place, kind) in enumerate(zip(places, kinds, strict=True))
    ]


def _draw_kinds(stream: np.random.Generator, male: npt.NDArray[np.bool_]) -> list[TumourKind]:
    """Return each person's kind of tumour; some kinds are women's only."""
    rare = RARE_TUMOURS if len(male) >= FEWEST_FOR_RARE_KIND else 0
    by_name = {kind.disease_type: kind for kind in (*TUMOUR_KINDS, RARE_KIND)}
    shares = {kind.disease_type: kind.share for kind in TUMOUR_KINDS}
    names = draw_in_proportion(stream, shares, size=len(male) - rare)
    drawn = [by_name[str(name)] for name in names] + [RARE_KIND] * rare
    # Women take the women's kinds first; if there are not enough of them, the rest become lung tumours.
    of_women = [kind for kind in drawn if kind.women_only]
    of_anybody = [kind for kind in drawn if not kind.women_only]
    women = stream.permutation(np.flatnonzero(~male))
    kinds: dict[int, TumourKind] = {
        int(place): kind for place, kind in zip(women, of_women, strict=False)
    }
    of_anybody += [TUMOUR_KINDS[0]] * (len(of_women) - len(kinds))
    others = stream.permutation([place for place in range(len(male)) if place not in kinds])
    kinds |= {int(place): kind for place, kind in zip(others, of_anybody, strict=True)}
    return [kinds[place] for place in range(len(male))]


def _draw_patient(
    stream: np.random.Generator,
    programme: Programme,
    place: int,
    kind: TumourKind,
    mutations: TumourMutations,
) -> Patient:
    is_exposed = kind.disease_type == SURVIVAL_KIND and SURVIVAL_GENE in mutations.drivers
    delay = LATE_DELAY if is_exposed else USUAL_DELAY
    at_operation = stream.random() < delay.share_at_operation
    soon, later = stream.integers(*DAYS_TO_OPERATION), stream.exponential(delay.mean_days)
    waited = int(soon if at_operation else min(DAYS_TO_OPERATION[1] + later, LONGEST_DELAY))
    sampled = programme.dates.registration[place] + np.timedelta64(int(stream.integers(14)), "D")
    diagnosed = sampled - np.timedelta64(waited, "D")
    age = (
        int(diagnosed.astype("datetime64[Y]").astype(int))
        + 1970
        - programme.dates.birth_year[place]
    )
    hazard = np.log(2) / (kind.median_years * YEAR)
    hazard *= HAZARD_RATIO_PER_TEN_YEARS ** ((age - REFERENCE_AGE) / 10)
    hazard *= HAZARD_RATIO if is_exposed else 1.0
    # A constant hazard forgets: who has lived to the sampling has the same time before them as anybody.
    lives = 1 + int(stream.exponential(1 / hazard))
    return Patient(
        place=place,
        number=int(programme.recruits.people.number[place]),
        kind=kind,
        mutations=mutations,
        purity=float(stream.beta(*_PURITY)),
        diagnosed=diagnosed,
        sampled=sampled,
        death=sampled + np.timedelta64(lives, "D"),
    )


class _Samples:
    """The latest delivered genomes of each patient, tumour and germline, as the table of files names them."""

    def __init__(self, programme: Programme, numbers: Sequence[int]) -> None:
        files = programme.genome_files
        files = files[files["participant_id"].isin(numbers)]
        latest = files.sort_values("delivery_date", kind="stable").drop_duplicates(
            ["participant_id", "type"], keep="last"
        )
        keys = zip(latest["participant_id"].tolist(), latest["type"].tolist(), strict=True)
        found = zip(latest["platekey"].tolist(), latest["delivery_date"].tolist(), strict=True)
        self._latest = dict(zip(keys, found, strict=True))

    def tumour(self, number: int) -> str:
        """Return the platekey of a patient's tumour."""
        return str(self._latest[number, "cancer somatic"][0])

    def germline(self, number: int) -> str:
        """Return the platekey of a patient's germline sample."""
        return str(self._latest[number, "cancer germline"][0])

    def delivered(self, number: int, kind: str) -> Any:
        """Return when a patient's genome of a kind was delivered."""
        return self._latest[number, kind][1]


# ---------------------------------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------------------------------


def _sequence(
    programme: Programme, patients: Sequence[Patient], known: KnownConsequences
) -> list[SequencedTumour]:
    """Return what was sequenced of each patient's tumour."""
    stream = random_stream(programme.seed, f"tables/{CancerTierAndDomainVariants.name}")
    of_cells = random_stream(programme.seed, "tumours/cells")
    names = tumour_platekeys(programme)
    sequenced = []
    for patient in patients:
        cells = _draw_cells(of_cells, patient.kind, patient.mutations, patient.purity)
        reported = somatic_variants(stream, patient.mutations, cells, known)
        listed = programme.consents[patient.place].listed
        sequenced.append(SequencedTumour(names[patient.place], listed, cells, tuple(reported)))
    return sequenced


def _withdrawn(
    programme: Programme, tumours: int, known: KnownConsequences
) -> list[SequencedTumour]:
    """Return tumours of people who withdrew in full before the release: nothing else is known of them."""
    size = max(1, round(SHARE_WITHDRAWN * tumours)) if tumours else 0
    stream = random_stream(programme.seed, "withdrawn tumours")
    first = 3_300_000 + 7 * programme.recruits.block.plates
    names = platekeys(programme.seed, "withdrawn tumour platekeys", size, first_plate=first)
    withdrawn = []
    for name in names:
        kind = TUMOUR_KINDS[int(stream.integers(len(TUMOUR_KINDS)))]
        (mutations,) = draw_mutations(stream, kind, 1, hypermutated=None)
        cells = _draw_cells(stream, kind, mutations, float(stream.beta(*_PURITY)))
        reported = tuple(somatic_variants(stream, mutations, cells, known))
        withdrawn.append(SequencedTumour(str(name), listed=False, cells=cells, reported=reported))
    return withdrawn


def _draw_cells(
    stream: np.random.Generator, kind: TumourKind, mutations: TumourMutations, purity: float
) -> Cells:
    coverage = round(float(stream.normal(*_TUMOUR_COVERAGE)), 1)
    exposures = draw_exposures(
        stream,
        kind,
        mutations.drivers,
        unstable=mutations.unstable,
        hypermutated=HYPERMUTATED_GENE in mutations.drivers,
    )
    return Cells(purity, coverage, exposures)


def _analysis_rows(
    programme: Programme,
    patients: Sequence[Patient],
    samples: _Samples,
    tumours: Sequence[SequencedTumour],
) -> pd.DataFrame:
    stream = random_stream(programme.seed, f"tables/{CancerAnalysis.name}")
    people, size = programme.recruits.people, len(patients)
    numbers = [patient.number for patient in patients]
    places = np.array([patient.place for patient in patients], dtype=np.int64)
    per_megabase = np.array(
        [sum(one.is_counted for one in mine.reported) / CODING_MEGABASES for mine in tumours]
    )
    relapse = draw_in_proportion(
        stream,
        {"METASTATIC_RECURRENCE": 0.5, "RECURRENCE_OF_PRIMARY_TUMOUR": 0.3, "METASTASES": 0.2},
        size=size,
    )
    return frame_of(
        CancerAnalysis,
        {
            "participant_id": numbers,
            "tumour_sample_platekey": [tumour.platekey for tumour in tumours],
            "germline_sample_platekey": [samples.germline(number) for number in numbers],
            "tumour_type": [
                later if patient.is_late else "PRIMARY"
                for patient, later in zip(patients, relapse, strict=True)
            ],
            "disease_type": [patient.kind.disease_type for patient in patients],
            "disease_sub_type": [patient.kind.sub_type for patient in patients],
            "study_abbreviation": [patient.kind.study for patient in patients],
            "morphology_icd": [patient.kind.morphology for patient in patients],
            "histology_coded": [patient.kind.morphology for patient in patients],
            "match_rank": np.where(stream.random(size) < 0.9, 1, 2),
            "sex": ["MALE" if people.male[patient.place] else "FEMALE" for patient in patients],
            "year_of_birth": [programme.dates.birth_year[patient.place] for patient in patients],
            "tumour_delivery_date": [samples.delivered(n, "cancer somatic") for n in numbers],
            "germline_delivery_date": [samples.delivered(n, "cancer germline") for n in numbers],
            "tumour_clinical_sample_time": [patient.sampled for patient in patients],
            "preparation_method": np.where(stream.random(size) < 0.97, "FF", "FFPE"),
            "tumour_purity": [round(patient.purity, 3) for patient in patients],
            "coverage_homogeneity": stream.gamma(20, 0.25, size=size).round(2),
            "somatic_coding_variants_per_mb": np.where(
                stream.random(size) < SHARE_WITHOUT_BURDEN, np.nan, per_megabase.round(2)
            ),
            "mean_tumour_autosomal_coverage": [tumour.cells.coverage for tumour in tumours],
            "mean_germline_autosomal_coverage": stream.normal(33, 3, size=size).round(1),
            "interpretation_request_id": [
                f"{20_000 + at}-1" for at in stream.permutation(size).tolist()
            ],
            "study_name": [STUDY_NAMES[patient.kind.study] for patient in patients],
            "histology_coded_desc": [HISTOLOGIES[patient.kind.morphology] for patient in patients],
            **_signature_columns([tumour.cells.exposures for tumour in tumours]),
            **quality_columns(programme.seed, _waited(patients), people.male[places]),
            **path_columns(
                [tumour.platekey for tumour in tumours],
                [samples.germline(number) for number in numbers],
            ),
        },
    )


def _waited(patients: Sequence[Patient]) -> npt.NDArray[np.int64]:
    """Return the days from each diagnosis to the sampling of the tumour."""
    days = [(patient.sampled - patient.diagnosed).astype(int) for patient in patients]
    return np.array(days, dtype=np.int64)


def _signature_columns(exposures: Sequence[Shares]) -> dict[str, list[float]]:
    """Return the columns of the signatures: each tumour's share of it, empty where it is not shown."""
    shares = [exposures_by_number(mine) for mine in exposures]
    return {
        f"signature_{number}": [
            share if (share := mine.get(number, 0.0)) > LEAST_SHOWN else np.nan for mine in shares
        ]
        for number in SIGNATURES
    }


def _disease_rows(patients: Sequence[Patient]) -> pd.DataFrame:
    return frame_of(
        CancerParticipantDisease,
        {
            "participant_id": [patient.number for patient in patients],
            "cancer_disease_type": [patient.kind.disease_type for patient in patients],
            "cancer_disease_sub_type": [patient.kind.sub_type for patient in patients],
        },
    )


def _diagnosis_rows(programme: Programme, patients: Sequence[Patient]) -> pd.DataFrame:
    """Return each patient's diagnosis, some without its day, and an earlier cancer of some."""
    stream = random_stream(programme.seed, f"tables/{CancerParticipantTumour.name}")
    rows: list[tuple[Any, ...]] = []
    for patient in patients:
        chance = stream.random(2)
        stage = [draw_one(stream, shares) for shares in _STAGES]
        day = None if chance[0] < SHARE_WITHOUT_DIAGNOSIS_DATE else patient.diagnosed
        rows.append((patient, day, patient.kind.site, patient.kind.morphology, *stage))
        years = stream.uniform(3, 12)
        if chance[1] < SHARE_WITH_EARLIER_CANCER:
            earlier = patient.diagnosed - np.timedelta64(int(years * YEAR), "D")
            rows.append((patient, earlier, "C449", "8090/3", "T1", "N0", "M0"))
    # Nobody has more than two tumours.
    first = 500_000 + 2 * programme.recruits.block.alone
    identifiers = first + stream.permutation(len(rows))
    names = (
        "diagnosis_icd_code",
        "morphology_icd_code",
        "component_tnm_t",
        "component_tnm_n",
        "component_tnm_m",
    )
    return frame_of(
        CancerParticipantTumour,
        {
            "participant_id": [row[0].number for row in rows],
            "tumour_id": [f"T{number}" for number in identifiers.tolist()],
            "diagnosis_date": np.array([row[1] for row in rows], dtype="datetime64[D]"),
            **{name: [row[at] for row in rows] for at, name in enumerate(names, start=2)},
        },
    )


_STAGES: tuple[Mapping[str, float], ...] = (
    {"T1": 0.25, "T2": 0.35, "T3": 0.28, "T4": 0.12},
    {"N0": 0.55, "N1": 0.28, "N2": 0.17},
    {"M0": 0.85, "M1": 0.15},
)


def _variant_rows(
    seed: int,
    patients: Sequence[Patient],
    samples: _Samples,
    variants: Sequence[Sequence[SomaticVariant]],
) -> pd.DataFrame:
    keys = {patient.number: samples.tumour(patient.number) for patient in patients}
    rows = [
        (patient.number, keys[patient.number], patient.kind.disease_type, *row)
        for patient, mine in zip(patients, variants, strict=True)
        for row in _somatic_rows(mine)
    ]
    rows += [
        (patient.number, keys[patient.number], patient.kind.disease_type, *row)
        for patient, row in _germline_rows(seed, patients)
    ]
    names = (
        "participant_id", "tumour_sample_platekey", "disease_type", "origin", "gene", "transcript", "chr", "pos", "ref", "alt",
        "vaf", "cellbase_consequence", "clinical_significance", "relevance", "domain", "tier",
    )  # fmt: skip
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return frame_of(
        CancerTierAndDomainVariants,
        {name: list(values) for name, values in zip(names, columns, strict=True)},
    )


def _somatic_rows(variants: Sequence[SomaticVariant]) -> Iterator[tuple[Any, ...]]:
    breaking = (
        "frameshift_variant",
        "stop_gained",
        "splice_donor_variant",
        "splice_acceptor_variant",
    )
    for one in variants:
        gene = one.gene
        is_break = one.consequence in breaking
        relevance, known = "LoF" if is_break else "other", None
        if gene.role is DriverRole.BROKEN and is_break:
            relevance = "path_LoF"
        elif gene.role is DriverRole.SWITCHED_ON:
            relevance, known = "(likely)pathogenic", "Pathogenic"
        yield (
            "somatic", gene.symbol, None, gene.contig, one.position, one.ref, one.alt, one.fraction,
            one.consequence, known, relevance, gene.domain, None,
        )  # fmt: skip


def _germline_rows(
    seed: int, patients: Sequence[Patient]
) -> Iterator[tuple[Patient, tuple[Any, ...]]]:
    """Yield inherited variants of some patients: whoever counts them as the tumour's own counts wrong."""
    stream = random_stream(seed, f"tables/{CancerTierAndDomainVariants.name}/germline")
    for patient in patients:
        chance, symbol = stream.random(), str(stream.choice(_GERMLINE_GENES))
        gene = GENES.get(symbol) or DRIVERS[symbol]
        position = _next_cytosine(
            gene.contig, gene.start + int(stream.integers(gene.stop - gene.start))
        )
        fraction = round(float(stream.normal(0.5, 0.03)), 3)
        if chance < SHARE_WITH_GERMLINE_VARIANT:
            tier, known = ("TIER1", "Pathogenic") if chance < 0.02 else ("TIER3", None)
            yield (
                patient,
                (
                    "germline", symbol, None, gene.contig, position, "C", "T", fraction, "missense_variant",
                    known, "(likely)pathogenic" if known else "other", None, tier,
                ),
            )  # fmt: skip


def _next_cytosine(contig: str, position: int) -> int:
    """Return the first place from a position on at which the reference has C."""
    while reference_bases(contig, position, position) != "C":
        position += 1
    return position


# ---------------------------------------------------------------------------------------------------------------------
# What was planted
# ---------------------------------------------------------------------------------------------------------------------


def _answers(patients: Sequence[Patient]) -> Iterator[Answer]:
    kinds = dict.fromkeys(patient.kind for patient in patients)
    for kind in kinds:
        for gene, share in (item for exclusive in kind.drivers for item in exclusive.items()):
            yield Answer(
                kind="driver_gene",
                domain=DOMAIN,
                gene=gene,
                expected={"disease_type": kind.disease_type, "share_of_tumours": share},
            )
        yield Answer(
            kind="mutational_burden",
            domain=DOMAIN,
            expected={
                "disease_type": kind.disease_type,
                "per_megabase": kind.per_megabase,
                "unstable_share": kind.unstable_share,
                "unstable_per_megabase": kind.unstable_per_megabase,
            },
        )
    for patient in patients:
        if HYPERMUTATED_GENE in patient.mutations.drivers:
            yield Answer(
                kind="hypermutated_tumour",
                domain=DOMAIN,
                gene=HYPERMUTATED_GENE,
                participant=patient.number,
                expected={
                    "disease_type": HYPERMUTATED_KIND,
                    "per_megabase": HYPERMUTATED_PER_MEGABASE,
                },
            )
    yield Answer(
        kind="survival",
        domain=DOMAIN,
        gene=SURVIVAL_GENE,
        expected={
            "disease_type": SURVIVAL_KIND,
            "hazard_ratio": HAZARD_RATIO,
            "hazard_ratio_per_ten_years": HAZARD_RATIO_PER_TEN_YEARS,
            "median_years": TUMOUR_KINDS[0].median_years,
            "median_years_mutated": TUMOUR_KINDS[0].median_years / HAZARD_RATIO,
        },
    )


def _signature_answers(
    patients: Sequence[Patient], tumours: Sequence[SequencedTumour]
) -> Iterator[Answer]:
    """Yield each tumour's exposures to mutational processes, by the number of the signature."""
    for patient, tumour in zip(patients, tumours, strict=True):
        yield Answer(
            kind="mutational_signatures",
            domain=DOMAIN,
            participant=patient.number,
            expected={
                "exposures": {
                    str(number): share
                    for number, share in exposures_by_number(tumour.cells.exposures).items()
                }
            },
        )
