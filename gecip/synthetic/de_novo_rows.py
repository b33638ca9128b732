"""The programme's de novo set: complete trios, and what a child has and neither parent shows.

Candidates are counted from the reads of the aggregate, so that the flags agree with it: what was planted
passes, and a parent in whom the site could not be read makes a candidate that fails. A few more are
artefacts of another caller, which the aggregate does not hold; each fails one flag of the stringent filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gecip.model.de_novo_variants import DenovoCohortInformation, DenovoFlaggedVariants
from gecip.model.genes import GENES
from gecip.model.table import Table
from gecip.synthetic.aggregate_files import ContigRecords
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.interpretations import family_members
from gecip.synthetic.recruitment import People
from gecip.synthetic.sequencing import (
    ALTERNATE_AND_OTHER,
    HEMIZYGOUS_ALTERNATE,
    HEMIZYGOUS_REFERENCE,
    HETEROZYGOUS,
    HOMOZYGOUS,
    OTHER_AND_ALTERNATE,
    REFERENCE,
    Samples,
)
from gecip.synthetic.variant_sites import Quality

if TYPE_CHECKING:
    import pandas as pd

# Research Environment user guide, de novo variants.
LEAST_DEPTH, MOST_DEPTH_OF_CHILD = 20, 98
MOST_READS_IN_PARENT = 1
LEAST_SHARE, MOST_SHARE = 0.3, 0.7
NEAR = 20
# Beyond how many a child's candidates tell of a swapped sample rather than of mutation; an assumption.
MOST_OF_A_CHILD = 25
# Artefacts of a trio in the regions that a release has; an assumption.
ARTEFACTS_OF_A_TRIO = 0.8
STRINGENT = (
    "altreadparent",
    "abratio",
    "proximity",
    "segmentalduplication",
    "simplerepeat",
    "patch",
)
_WITH_ALLELE = (
    HETEROZYGOUS,
    HOMOZYGOUS,
    HEMIZYGOUS_ALTERNATE,
    ALTERNATE_AND_OTHER,
    OTHER_AND_ALTERNATE,
)
_REPETITIVE = (Quality.SHALLOW, Quality.INCOMPLETE, Quality.SKEWED)
_COLUMNS = (
    "place",
    "chromosome",
    "position",
    "reference",
    "alternate",
    "in_gene",
    "in_pair",
    "passes",
    "heterozygous",
    "parents_called",
    "least_depth",
    "child_depth",
    "parent_reads",
    "share",
    "duplicated",
    "repeated",
)


@dataclass
class TrioCandidates:
    """What children show and their parents do not, kept when the genomes are made: one row for each."""

    _rows: list[tuple[Any, ...]] = field(default_factory=list)

    def remember(self, people: People, samples: Samples, records: ContigRecords) -> None:
        """Keep the candidates of a contig; samples are those that the records name, whoever was in the tube."""
        column = np.full(len(people) + 1, -1, dtype=np.int64)
        column[samples.people] = np.arange(len(samples))
        calls, sites = records.calls, records.sites
        hemizygous = sites.hemizygous
        for place in complete_trios(people, samples).tolist():
            three = column[[place, people.father[place], people.mother[place]]]
            state = calls.state[:, three]
            shows = np.isin(state, _WITH_ALLELE)
            for row in np.flatnonzero(shows[:, 0] & ~shows[:, 1:].any(axis=1)).tolist():
                site = sites.rows[row]
                depth, reads = calls.depth[row, three], calls.alternate[row, three]
                self._rows.append(
                    (
                        place,
                        site.contig.removeprefix("chr"),
                        site.position,
                        site.reference,
                        site.alternate,
                        bool(site.gene),
                        site.contig == "chrX" and not hemizygous[row],
                        records.judged.filters[row] == "PASS" or site.private,
                        state[row, 0] == HETEROZYGOUS,
                        bool(np.isin(state[row, 1:], (REFERENCE, HEMIZYGOUS_REFERENCE)).all()),
                        int(depth.min()),
                        int(depth[0]),
                        int(reads[1:].max()),
                        float(reads[0] / max(int(depth[0]), 1)),
                        site.quality is Quality.INBRED,
                        site.quality in _REPETITIVE,
                    )
                )

    def frame(self) -> pd.DataFrame:
        """Return the candidates as columns."""
        import pandas as pd

        return pd.DataFrame(self._rows, columns=list(_COLUMNS))


def complete_trios(people: People, samples: Samples) -> np.ndarray:
    """Return the places of the children whose own and whose parents' genomes are in the aggregate."""
    sampled = np.zeros(len(people) + 1, dtype=bool)
    sampled[samples.people] = True
    with_parents = (people.father >= 0) & (people.mother >= 0) & (people.family >= 0)
    whole = with_parents & sampled[:-1] & sampled[people.father] & sampled[people.mother]
    return np.flatnonzero(whole)


@dataclass(frozen=True)
class DeNovoTables:
    """The rows of the de novo tables, and what was planted in them."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


def draw_de_novo_tables(programme: Programme, candidates: TrioCandidates) -> DeNovoTables:
    """Return the trios that were searched and what was flagged in them; nothing without genomes."""
    import pandas as pd

    people = programme.recruits.people
    shown = np.zeros(len(people), dtype=bool)
    shown[programme.in_tables] = True
    children = np.array(
        [
            child
            for child in complete_trios(people, programme.samples).tolist()
            if shown[[child, people.father[child], people.mother[child]]].all()
        ],
        dtype=np.int64,
    )
    found = candidates.frame()
    artefacts = _artefacts(programme, children if len(found) else children[:0])
    found = _flagged(found[found["place"].isin(children)])
    rows = pd.concat([found, artefacts], ignore_index=True) if len(artefacts) else found
    rows = rows.assign(
        participant_id=people.number[rows["place"].to_numpy(dtype=np.int64)], assembly="GRCh38"
    )
    rows = rows.sort_values(["participant_id", "chromosome", "position"], kind="stable")
    return DeNovoTables(
        rows={
            DenovoCohortInformation: _cohort_rows(programme, children),
            DenovoFlaggedVariants: frame_of(
                DenovoFlaggedVariants,
                {name: rows[name].to_numpy() for name in DenovoFlaggedVariants.columns},
            ),
        },
        answers=_answers(rows, artefacts, trios=len(children)),
    )


def _flagged(found: pd.DataFrame) -> pd.DataFrame:
    """Return candidates with the flags that their reads earn them, each `1` for passed and `0` for not."""
    flags: dict[str, Any] = {
        "base_filter": (
            found["heterozygous"]
            & found["parents_called"]
            & found["passes"]
            & (found["least_depth"] >= LEAST_DEPTH)
            & (found["child_depth"] <= MOST_DEPTH_OF_CHILD)
        ),
        "altreadparent": found["parent_reads"] <= MOST_READS_IN_PARENT,
        "abratio": found["share"].between(LEAST_SHARE, MOST_SHARE),
        "proximity": ~_near_another(found),
        "segmentalduplication": ~found["duplicated"].astype(bool),
        "simplerepeat": ~found["repeated"].astype(bool),
        "patch": np.ones(len(found), dtype=bool),
        "snp_filter": (found["reference"].str.len() == 1) & (found["alternate"].str.len() == 1),
        "in_par": found["in_pair"].astype(bool),
        "gene_filter": found["in_gene"].astype(bool),
    }
    flags["stringent_filter"] = flags["base_filter"]
    for name in STRINGENT:
        flags["stringent_filter"] = flags["stringent_filter"] & flags[name]
    passing = found["place"].map(
        found.loc[flags["base_filter"].astype(bool), "place"].value_counts()
    )
    flags["multidenovo_filter"] = passing.fillna(0) <= MOST_OF_A_CHILD
    written = {
        name: np.where(np.asarray(value, dtype=bool), "1", "0") for name, value in flags.items()
    }
    return found[["place", "chromosome", "position", "reference", "alternate"]].assign(**written)


def _near_another(found: pd.DataFrame) -> np.ndarray:
    """Return which candidates lie within some bases of another one of the same child."""
    ordered = found.sort_values(["place", "chromosome", "position"], kind="stable")
    grouped = ordered.groupby(["place", "chromosome"], sort=False)["position"]
    near = (grouped.diff() <= NEAR) | (grouped.diff(-1).abs() <= NEAR)
    result: np.ndarray = near.reindex(found.index).to_numpy(dtype=bool)
    return result


def _artefacts(programme: Programme, children: np.ndarray) -> pd.DataFrame:
    """Return candidates that another caller made up: single bases in genes, each failing one flag."""
    import pandas as pd

    stream = programme.stream(DenovoFlaggedVariants)
    places = np.repeat(children, stream.poisson(ARTEFACTS_OF_A_TRIO, size=len(children)))
    genes = list(GENES.values())
    rows = []
    for place, gene, within, other, fails in zip(
        places.tolist(),
        stream.integers(0, len(genes), size=len(places)).tolist(),
        stream.random(len(places)).tolist(),
        stream.integers(1, 4, size=len(places)).tolist(),
        stream.integers(0, len(STRINGENT), size=len(places)).tolist(),
        strict=True,
    ):
        chosen = genes[gene]
        position = chosen.start + int(within * (chosen.stop - chosen.start))
        reference = reference_bases(chosen.contig, position, position)
        rows.append(
            {
                "place": place,
                "chromosome": chosen.contig.removeprefix("chr"),
                "position": position,
                "reference": reference,
                "alternate": "ACGT"[("ACGT".index(reference) + other) % 4],
                "base_filter": "1",
                "stringent_filter": "0",
                **{name: "0" if name == STRINGENT[fails] else "1" for name in STRINGENT},
                "snp_filter": "1",
                "in_par": "0",
                "gene_filter": "1",
                "multidenovo_filter": "1",
            }
        )
    return pd.DataFrame(rows)


def _cohort_rows(programme: Programme, children: np.ndarray) -> pd.DataFrame:
    """Return one row for each member of each trio; parents of two children stand in two trios."""
    import pandas as pd

    people = programme.recruits.people
    members = pd.DataFrame(
        {
            "place": np.concatenate([children, people.father[children], people.mother[children]]),
            "trio_id": np.tile(np.arange(1, len(children) + 1), 3),
            "member": np.repeat(["Offspring", "Father", "Mother"], len(children)),
        }
    )
    rows = members.merge(family_members(programme), on="place", how="inner", sort=False)
    rows = rows.sort_values(["trio_id", "member"], kind="stable")
    return frame_of(
        DenovoCohortInformation,
        {name: rows[name].to_numpy() for name in DenovoCohortInformation.columns},
    )


def _answers(rows: pd.DataFrame, artefacts: pd.DataFrame, *, trios: int) -> tuple[Answer, ...]:
    return (
        Answer(
            kind="de_novo_candidates",
            domain="release",
            expected={
                "trios": trios,
                "candidates": len(rows),
                "base_filter": int((rows["base_filter"] == "1").sum()),
                "stringent_filter": int((rows["stringent_filter"] == "1").sum()),
                "artefacts": len(artefacts),
            },
        ),
    )
