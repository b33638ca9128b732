"""The programme's filters of de novo candidates: each one's value and verdict, for every candidate.

Genomics England's Research Environment user guide, de novo variants: a base filter of six tests, and a
stringent one that adds six. A test whose field or track is not there is not applied, its verdict stays
empty, and a remark says so; a value that is missing in one row passes no test, since nothing shows that it would.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

TRACKS = ("segmentalduplication", "simplerepeat", "patch")
BASE = ("least_depth_filter", "most_depth_filter", "site_filter")
STRINGENT = ("altreadparent", "abratio", "proximity", *TRACKS)


@dataclass(frozen=True)
class DeNovoLimits:
    """Thresholds of the filters; as given they are the programme's, for genomes at 30 to 40 reads a base.

    Attributes
    ----------
    least_depth
        Reads in each of the three; of a boy's X, in him and his mother.
    most_depth
        Reads in the child; None where depth varies too much to tell, as in exomes.
    most_parent_reads
        Reads with the alternate in either parent.
    balance
        Least and greatest share of the child's reads with the alternate; of one copy only the least holds.
    least_distance
        Bases between two candidates of one child; nearer than or at this both fail.
    """

    least_depth: int = 20
    most_depth: int | None = 98
    most_parent_reads: int = 1
    balance: tuple[float, float] = (0.3, 0.7)
    least_distance: int = 20


Track = dict[str, tuple["npt.NDArray[np.int64]", "npt.NDArray[np.int64]"]]


def read_track(file: str | Path) -> Track:
    """Return the stretches of a BED file (plain or gzipped) by chromosome without `chr`, merged, half-open from 0.

    Raises
    ------
    InputError
        When the file cannot be read, or a line of it cannot.
    """
    import numpy as np

    path = Path(file)
    found: dict[str, list[tuple[int, int]]] = {}
    try:
        with gzip.open(path, "rt") if path.suffix in (".gz", ".bgz") else path.open() as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip() or line.startswith(("#", "track", "browser")):
                    continue
                cells = line.split()
                if len(cells) < 3 or not (cells[1].isdigit() and cells[2].isdigit()):
                    raise InputError(
                        f"{path}, line {number}: a line of BED is chromosome, start and end."
                    )
                found.setdefault(cells[0].removeprefix("chr"), []).append(
                    (int(cells[1]), int(cells[2]))
                )
    except (OSError, EOFError, UnicodeDecodeError):
        raise InputError(f"{path}: this cannot be read: name a BED file.") from None
    track: Track = {}
    for contig, stretches in found.items():
        ordered = np.array(sorted(stretches), dtype=np.int64)
        reach = np.maximum.accumulate(ordered[:, 1])
        begins = np.concatenate([[True], ordered[1:, 0] > reach[:-1]])
        ends = np.concatenate([reach[:-1][begins[1:]], reach[-1:]])
        track[contig] = (ordered[begins, 0], ends)
    return track


def inside(rows: pd.DataFrame, track: Track) -> npt.NDArray[np.bool_]:
    """Return which of `rows` (`contig, position, reference`) touch a stretch with any base of their reference."""
    import numpy as np

    touched = np.zeros(len(rows), dtype=bool)
    contigs = rows["contig"].str.removeprefix("chr").to_numpy()
    first = rows["position"].to_numpy(dtype=np.int64) - 1
    last = first + rows["reference"].str.len().to_numpy(dtype=np.int64)
    for contig, (starts, ends) in track.items():
        here = contigs == contig
        # The last stretch that begins before the variant ends; merged ones end in order too.
        at = np.searchsorted(starts, last[here], side="left") - 1
        touched[here] = (at >= 0) & (ends[at.clip(min=0)] > first[here])
    return touched


def distance_to_next(rows: pd.DataFrame) -> pd.Series:
    """Return the bases to the nearest other candidate of the same child, empty where there is none on the chromosome."""
    import pandas as pd

    ordered = rows.sort_values(["participant_id", "contig", "position"], kind="stable")
    position = ordered.groupby(["participant_id", "contig"], sort=False)["position"]
    both = pd.concat([position.diff(), -position.diff(-1)], axis=1)
    return both.min(axis=1).reindex(rows.index)


def with_verdicts(
    rows: pd.DataFrame,
    limits: DeNovoLimits,
    *,
    has_site_filters: bool,
    tracks: Mapping[str, Track],
) -> pd.DataFrame:
    """Return candidates with what each filter looks at and what it says; True passes, empty was not applied.

    `base_filter` and `stringent_filter` hold where all of their tests do that were applied.
    """
    import pandas as pd

    rows = rows.copy()
    depths = rows[["child_depth", "father_depth", "mother_depth"]]
    shown = depths.notna().all(axis=1) | (
        rows["one_copy"] & rows["child_depth"].notna() & rows["mother_depth"].notna()
    )
    rows["least_depth"] = depths.min(axis=1).where(shown)
    rows["distance"] = distance_to_next(rows)
    low, high = limits.balance
    verdicts: dict[str, pd.Series | None] = dict.fromkeys((*BASE, *STRINGENT))
    if rows.attrs["has_depth"]:
        verdicts["least_depth_filter"] = rows["least_depth"] >= limits.least_depth
        if limits.most_depth is not None:
            verdicts["most_depth_filter"] = rows["child_depth"] <= limits.most_depth
    if has_site_filters:
        verdicts["site_filter"] = rows["site"].isin(["PASS", "."])
    if rows.attrs["has_reads"]:
        verdicts["altreadparent"] = rows["parent_reads"] <= limits.most_parent_reads
        balance = rows["balance"]
        verdicts["abratio"] = (balance >= low) & ((balance <= high) | rows["one_copy"])
    verdicts["proximity"] = ~(rows["distance"] <= limits.least_distance)
    for name, track in tracks.items():
        verdicts[name] = pd.Series(~inside(rows, track), index=rows.index)
    for name, verdict in verdicts.items():
        rows[name] = (
            pd.Series(pd.NA, index=rows.index, dtype="boolean")
            if verdict is None
            else verdict.astype("boolean")
        )
    rows["base_filter"] = _all(rows, BASE)
    rows["stringent_filter"] = rows["base_filter"] & _all(rows, STRINGENT)
    return rows


def _all(rows: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    return rows[list(names)].fillna(value=True).all(axis=1).astype(bool)
