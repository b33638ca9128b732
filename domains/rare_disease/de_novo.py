"""De novo variants: what a child has and neither parent shows, by the programme's filters or by Hail's caller.

The filters are Genomics England's (`de_novo_filters`). Hail's caller is Samocha's: from the likelihoods of
the three genotypes, the chance that the variant is new rather than missed in a parent. Its prior for a missed
allele is the highest of the population's frequency, the data set's without this allele, and a floor of
100 / 3e7: Hail's documentation says 1 / 3e7, its code uses a hundred times that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from domains.rare_disease.de_novo_filters import TRACKS, DeNovoLimits, read_track, with_verdicts
from gecip.analysis.genetic.pedigree import Number, Pedigrees, Remark, read_pedigrees
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.genotypes import Genotypes
    from gecip.genotypes.family_vcf import FamilyGenotypes

Method = Literal["hail", "filters"]
NEEDED_BY_HAIL = ("GT", "AD", "DP", "GQ", "PL")
FLOOR_OF_PRIOR = 100 / 3e7


@dataclass(frozen=True, repr=False, eq=False)
class DeNovoCandidates(Result):
    """What children have and their parents do not show, with every filter's value and verdict.

    Attributes
    ----------
    rows
        One row for each variant of a child that carries it and whose parents are called without it:
        `participant_id, family_id` (the child's), `contig, position, reference, alternate, site` (FILTER), `one_copy`
        (whether the child has one copy of the chromosome), `child_depth, father_depth, mother_depth` and the least of
        them, `balance` (share of the child's reads with the alternate), `parent_reads` (the most in a parent),
        `distance` (bases to the child's next candidate), a verdict for each filter (empty: not applied),
        `base_filter, stringent_filter`, of Hail `p_de_novo, confidence, prior` (empty: not called), and `passes`.
    trios
        One row for each child that was searched: `participant_id, family_id, candidates, passing`.
    method
        The one that was used: `hail`, or `filters`.
    remarks
        What was missing, and what was done instead.
    """

    rows: pd.DataFrame
    trios: pd.DataFrame
    method: Method
    remarks: tuple[Remark, ...]

    @property
    def passing(self) -> pd.DataFrame:
        """The rows that pass."""
        return self.rows[self.rows["passes"]].reset_index(drop=True)

    def without(self, children: Collection[Number]) -> DeNovoCandidates:
        """Return the candidates without those of some children, such as those whose parents are in doubt."""
        kept = [~one["participant_id"].isin(list(children)) for one in (self.rows, self.trios)]
        return replace(
            self,
            rows=self.rows[kept[0]].reset_index(drop=True),
            trios=self.trios[kept[1]].reset_index(drop=True),
            provenance=self.provenance.then("without", children=int((~kept[1]).sum())),
        )

    def __repr__(self) -> str:
        passing = int(self.rows["passes"].sum())
        return f"DeNovoCandidates(trios={len(self.trios):,}, candidates={len(self.rows):,}, passing={passing:,})"


def de_novo_candidates(
    genotypes: Genotypes | FamilyGenotypes,
    *,
    pedigrees: Pedigrees | None = None,
    method: Method = "hail",
    limits: DeNovoLimits | None = None,
    tracks: Mapping[str, str | Path] | None = None,
) -> DeNovoCandidates:
    """Return the possible de novo variants of every child whose parents' genomes are here.

    Autosomes, X and M are searched, as the programme does. A boy's X comes from his mother alone, and his
    father plays no part there. By `hail`, what passes has confidence HIGH, a site that passes, and at most one
    read of the alternate in either parent; one-copy calls, of which Hail's caller knows nothing, pass by the filters.
    By `filters` the stringent filter decides. One pass over the genotypes, two with Hail's caller; candidates, some
    thousands a genome, come into this machine's memory.

    Parameters
    ----------
    genotypes
        Of a cohort, or of a family's own file (`open_family_vcf`). The data set's frequencies are of all who are
        in it, relatives too.
    pedigrees
        Whose parents are who: the cohort's own if not given; `read_ped` reads a file's.
    method
        `hail` needs GT, AD, DP, GQ and PL, and where one is missing the filters are used, which a remark says.
    limits
        Thresholds of the filters; the programme's if not given.
    tracks
        BED files by filter: `segmentalduplication`, `simplerepeat`, `patch`. What is not given is not applied.

    Raises
    ------
    AnalysisError
        When the method or a track is unknown, there are no pedigrees, or no trio has three genomes here.
    InputError
        When a track cannot be read.
    """
    _check(method, tracks or {})
    read = {name: read_track(file) for name, file in (tracks or {}).items()}
    family = _pedigrees(genotypes, pedigrees)
    mt = genotypes.mt
    trios = _whole_trios(mt, family)
    fields = set(mt.entry)
    lacking = [name for name in NEEDED_BY_HAIL if name not in fields]
    used: Method = "filters" if lacking else method
    limits = limits or DeNovoLimits()
    by_name = {str(one["participant_id"]): one for one in trios}
    has_site_filters = "filters" in mt.row
    keyed = _by_name(mt)
    rows = _raw_candidates(keyed, trios)
    rows.attrs |= {"has_depth": bool({"DP", "AD"} & fields), "has_reads": "AD" in fields}
    rows = with_verdicts(rows, limits, has_site_filters=has_site_filters, tracks=read)
    remarks = [*family.remarks, *_remarks_on(fields, method, lacking)]
    if any(one["is_female"] is None for one in trios):
        remarks.append(Remark(*_NO_SEX))
    remarks += _remarks_on_filters(tuple(read), limits, has_site_filters=has_site_filters)
    if used == "hail":
        rows = rows.merge(_called_by_hail(keyed, trios), how="left")
        sound = rows["site_filter"].fillna(value=True).astype(bool) & rows["altreadparent"].astype(
            bool
        )
        high = (rows["confidence"] == "HIGH") & sound
        rows["passes"] = high.where(~rows["one_copy"], rows["stringent_filter"]).astype(bool)
        remarks.append(Remark(*_PRIOR))
    else:
        rows = rows.assign(passes=rows["stringent_filter"])
    rows = _with_people(rows, by_name)
    return DeNovoCandidates(
        provenance=genotypes.provenance.then(
            "de_novo_candidates",
            method=used,
            trios=len(trios),
            limits=vars(limits),
            tracks=sorted(read),
        ),
        rows=rows,
        trios=_counted(rows, trios),
        method=used,
        remarks=tuple(remarks),
    )


_PRIOR = (
    "The prior of Hail's caller",
    "its documentation gives the floor as 1 / 3e7",
    "its code's 100 / 3e7 was used, or the population's or the data set's frequency where that is higher",
)


_NO_SEX = (
    "The pedigree's sex",
    "a child's sex is not known",
    "X was searched as a girl's, with two copies",
)


def _check(method: str, tracks: Mapping[str, str | Path]) -> None:
    if method not in ("hail", "filters"):
        raise AnalysisError(f"The method is 'hail' or 'filters', and not {method!r}.")
    unknown = sorted(set(tracks) - set(TRACKS))
    if unknown:
        raise AnalysisError(
            f"tracks= has {', '.join(unknown)}, which is no filter: name {', '.join(TRACKS)}."
        )


def _pedigrees(genotypes: Any, pedigrees: Pedigrees | None) -> Pedigrees:
    if pedigrees is not None:
        return pedigrees
    cohort = getattr(genotypes, "cohort", None)
    if cohort is None:
        raise AnalysisError(
            "These genotypes are of no release that would say who is whose child: give pedigrees=read_ped('….ped')."
        )
    return read_pedigrees(cohort)


def _whole_trios(mt: hl.MatrixTable, pedigrees: Pedigrees) -> list[dict[str, Any]]:
    held = set(mt.participant_id.collect())
    found = [
        {
            "participant_id": child.participant_id,
            "family_id": number,
            "father": father.participant_id,
            "mother": mother.participant_id,
            "is_female": None if child.sex is None else not child.is_male,
        }
        for number, pedigree in pedigrees.families.items()
        for child, father, mother in pedigree.trios()
        if {child.participant_id, father.participant_id, mother.participant_id} <= held
    ]
    if not found:
        raise AnalysisError(
            "None of the pedigrees has a child and both parents among these genotypes: load whole families, or "
            "name members in the .ped file as the VCF does."
        )
    return found


def _remarks_on(fields: set[str], method: Method, lacking: list[str]) -> Iterator[Remark]:
    if method == "hail" and lacking:
        names = ", ".join(f"FORMAT/{name}" for name in lacking)
        yield Remark(
            names,
            "Hail's caller needs what is not there",
            "the programme's filters were used instead",
        )
    if "AD" not in fields:
        yield Remark(
            "FORMAT/AD",
            "reads of each allele are not there",
            "altreadparent and abratio were not applied",
        )
    if "DP" not in fields:
        instead = (
            "the sum of AD was taken for the depth"
            if "AD" in fields
            else "no limit of depth was applied"
        )
        yield Remark("FORMAT/DP", "depth is not there", instead)


def _remarks_on_filters(
    tracks: tuple[str, ...], limits: DeNovoLimits, *, has_site_filters: bool
) -> Iterator[Remark]:
    if not has_site_filters:
        yield Remark("FILTER", "the sites say nothing of it", "no site was left out for it")
    absent = [name for name in TRACKS if name not in tracks]
    if absent:
        yield Remark(
            "tracks", f"no file was given for {', '.join(absent)}", "they were not applied"
        )
    if limits.most_depth is None:
        yield Remark("limits", "no greatest depth is set", "deep sites were kept")


def _by_name(mt: hl.MatrixTable) -> hl.MatrixTable:
    """Return rows with one alternate and the fields that are needed, columns keyed by name as a string."""
    import hail as hl

    mt = mt.filter_rows(
        (hl.len(mt.alleles) == 2)
        & (
            mt.locus.in_autosome()
            | mt.locus.in_x_par()
            | mt.locus.in_x_nonpar()
            | mt.locus.in_mito()
        )
    )
    rows = [name for name in ("filters", "annotation") if name in mt.row]
    entries = [name for name in NEEDED_BY_HAIL if name in mt.entry]
    return (
        mt.key_cols_by(s=hl.str(mt.participant_id))
        .select_rows(*rows)
        .select_entries(*entries)
        .select_cols()
    )


def _pedigree(trios: list[dict[str, Any]]) -> hl.Pedigree:
    import hail as hl

    return hl.Pedigree(
        [
            hl.Trio(
                str(one["participant_id"]),
                str(one["family_id"]),
                str(one["father"]),
                str(one["mother"]),
                is_female=one["is_female"],
            )
            for one in trios
        ]
    )


_TEXTS = ("child", "contig", "reference", "alternate", "site")
_NUMBERS = ("child_depth", "father_depth", "mother_depth", "balance", "parent_reads")


def _raw_candidates(mt: hl.MatrixTable, trios: list[dict[str, Any]]) -> pd.DataFrame:
    import hail as hl
    import pandas as pd

    families = hl.trio_matrix(mt, _pedigree(trios), complete_trios=True)
    child, father, mother = families.proband_entry, families.father_entry, families.mother_entry
    # Who is not known to be a boy is taken for a girl.
    boys_x = families.locus.in_x_nonpar() & hl.or_else(~families.is_female, hl.bool(x=False))
    one_copy = boys_x | families.locus.in_mito() | child.GT.is_haploid()
    carries = child.GT.is_het() | (one_copy & (child.GT.n_alt_alleles() > 0))
    without = (mother.GT.n_alt_alleles() == 0) & (boys_x | (father.GT.n_alt_alleles() == 0))
    none = hl.missing(hl.tint32)

    def depth(entry: hl.StructExpression) -> hl.Int32Expression:
        of_alleles = hl.sum(entry.AD) if "AD" in entry else none
        return hl.or_else(entry.DP, of_alleles) if "DP" in entry else of_alleles

    has_reads = "AD" in mt.entry
    site = hl.missing(hl.tstr)
    if "filters" in mt.row:
        filters = families.filters
        listed = hl.if_else(
            hl.len(filters) == 0, "PASS", hl.delimit(hl.sorted(hl.array(filters)), ";")
        )
        site = hl.or_else(listed, ".")
    found = families.select_entries(
        is_candidate=carries & without,
        contig=families.locus.contig,
        position=families.locus.position,
        reference=families.alleles[0],
        alternate=families.alleles[1],
        child=families.id,
        site=site,
        one_copy=one_copy,
        child_depth=depth(child),
        father_depth=hl.or_missing(~boys_x, depth(father)),
        mother_depth=depth(mother),
        balance=child.AD[1] / hl.sum(child.AD) if has_reads else hl.missing(hl.tfloat64),
        # Where a parent's reads are not told, nothing shows that there are few.
        parent_reads=hl.if_else(
            boys_x,
            mother.AD[1],
            hl.if_else(father.AD[1] > mother.AD[1], father.AD[1], mother.AD[1]),
        )
        if has_reads
        else none,
    )
    names = [*_TEXTS, "position", "one_copy", *_NUMBERS]
    kept = found.filter_entries(found.is_candidate).entries().key_by().select(*names).collect()
    rows = pd.DataFrame([[one[name] for name in names] for one in kept], columns=names)
    rows = rows.astype(
        {
            **dict.fromkeys(_TEXTS, "object"),
            **dict.fromkeys(_NUMBERS, "float64"),
            "position": "int64",
            "one_copy": "bool",
        }
    )
    return rows.assign(participant_id=rows["child"])


def _called_by_hail(mt: hl.MatrixTable, trios: list[dict[str, Any]]) -> pd.DataFrame:
    import hail as hl
    import pandas as pd

    from gecip.genotypes.frequencies import highest_frequency, is_frequency

    prior = hl.float64(0.0)
    if "annotation" in mt.row and any(
        is_frequency(one) for one in mt.annotation.dtype.element_type
    ):
        prior = hl.or_else(highest_frequency(mt.annotation), 0.0)
    calls = hl.de_novo(mt, _pedigree(trios), prior)
    calls = calls.key_by()
    calls = calls.select(
        child=calls.id,
        contig=calls.locus.contig,
        position=calls.locus.position,
        reference=calls.alleles[0],
        alternate=calls.alleles[1],
        p_de_novo=calls.p_de_novo,
        confidence=calls.confidence,
        prior=calls.prior,
    )
    names = list(calls.row)
    kept = [[one[name] for name in names] for one in calls.collect()]
    rows = pd.DataFrame(kept, columns=names)
    texts = ("child", "contig", "reference", "alternate", "confidence")
    return rows.astype(
        {
            **dict.fromkeys(texts, "object"),
            "position": "int64",
            "p_de_novo": "float64",
            "prior": "float64",
        }
    )


def _with_people(rows: pd.DataFrame, by_name: Mapping[str, Any]) -> pd.DataFrame:
    people = [by_name[name] for name in rows["child"]]
    rows = rows.drop(columns=["child", "participant_id"])
    rows.insert(0, "participant_id", [one["participant_id"] for one in people])
    rows.insert(1, "family_id", [one["family_id"] for one in people])
    return rows.sort_values(
        ["family_id", "participant_id", "contig", "position"], ignore_index=True
    )


def _counted(rows: pd.DataFrame, trios: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    found = pd.DataFrame(trios)[["participant_id", "family_id"]]
    candidates = rows["participant_id"].value_counts()
    passing = rows.loc[rows["passes"], "participant_id"].value_counts()
    return found.assign(
        candidates=found["participant_id"].map(candidates).fillna(0).astype(int),
        passing=found["participant_id"].map(passing).fillna(0).astype(int),
    )
