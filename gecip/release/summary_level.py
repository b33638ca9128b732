"""Participants who are reported at summary level only: read and counted as everybody, and shown in no Listing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from gecip.configuration import policy_document
from gecip.errors import AccessError
from gecip.governance.access import is_summary_level
from gecip.governance.policy import Policy, parse_policy

if TYPE_CHECKING:
    import pyarrow.dataset as ds

    from gecip.release.opening import Release
    from gecip.release.renamed_rows import RenamedRows

# Where names that stand for one person or family are, beside the person's own number.
_NAMED_IN = (
    ("aggregate_gvcf_sample_stats", "platekey"),
    ("cancer_analysis", "germline_sample_platekey"),
    ("cancer_analysis", "tumour_sample_platekey"),
    ("genome_file_paths_and_types", "platekey"),
    ("laboratory_sample", "laboratory_sample_id"),
    ("participant", "rare_diseases_family_id"),
    ("tuberculosis_isolate", "isolate"),
)


def names_of_summary_level(
    people: Collection[int | str],
    tables: Collection[str],
    permitted: Callable[[str], ds.Dataset | RenamedRows],
) -> frozenset[str]:
    """Return the numbers of people at summary level, and what their families, samples and isolates are called, as text.

    A family is named when everybody in it who may be read is one of them.

    Parameters
    ----------
    tables
        Those that the release has.
    permitted
        Gives the rows of a table that may be read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not people:
        return frozenset()
    names = set(map(str, people))
    for table, column in _NAMED_IN:
        if table not in tables or column not in (rows := permitted(table)).schema.names:
            continue
        found = rows.to_table(columns=["participant_id", column])
        number = found.schema.field("participant_id").type
        belongs = pc.is_in(found["participant_id"], pa.array(sorted(people)).cast(number))
        theirs, others = (
            set(map(str, pc.unique(found.filter(chosen)[column]).drop_null().to_pylist()))
            for chosen in (belongs, pc.invert(belongs))
        )
        names |= theirs - others
    return frozenset(names)


def require_row_level(release: Release, participant_id: int | str) -> None:
    """Refuse what would show rows of a single person who is reported at summary level only.

    Raises
    ------
    AccessError
        Which does not tell who was asked for.
    """
    if participant_id in release.consent.summary_level:
        raise AccessError(refusal())


def require_rows_of(*participant_ids: object) -> None:
    """Refuse as `require_row_level`, of people whose release is not at hand: their numbers tell."""
    policy: Policy = parse_policy(policy_document())
    if any(is_summary_level(str(one), policy) for one in participant_ids):
        raise AccessError(refusal())


def refusal() -> str:
    """Return the sentence on somebody who is reported at summary level only."""
    return (
        "The person asked for is of the Scottish Genomes Partnership, whose participants are reported at summary level "
        "only: ask for somebody else, or for a Summary in which they are counted."
    )
