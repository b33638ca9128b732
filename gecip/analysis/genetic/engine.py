"""Which engine does the arithmetic: Hail, on a cluster too, or compiled kernels on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from gecip.configuration import spark_master
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    from gecip.genotypes import Genotypes
    from gecip.genotypes.compact_runs import CompactGenotypes

Engine = Literal["auto", "hail", "local"]


def choose_engine(engine: Engine) -> Literal["hail", "local"]:
    """Return the engine to use: `auto` means this machine, or Hail where `GECIP_SPARK_MASTER` names a cluster.

    Raises
    ------
    AnalysisError
        When there is no such engine.
    """
    require_engine(engine)
    if engine == "auto":
        return "hail" if spark_master() else "local"
    return engine


def require_engine(engine: str) -> None:
    """Refuse an engine that there is not.

    Raises
    ------
    AnalysisError
        When there is no such engine.
    """
    if engine not in get_args(Engine):
        raise AnalysisError(f"engine= is 'auto', 'hail' or 'local', not {engine!r}.")


def every_call_at_hand(genotypes: Genotypes, engine: Engine) -> CompactGenotypes | None:
    """Return the genotypes out of the compact stores if these hold every call; None where Hail is to answer.

    `auto` takes them wherever they do, on a cluster too: it costs a look at the rows that were asked for.

    Raises
    ------
    AnalysisError
        When there is no such engine, or `local` is asked for and the stores do not hold every call.
    """
    from gecip.genotypes.step_selection import NotWithoutHailError, follow_in_stores

    require_engine(engine)
    if engine == "hail":
        return None
    try:
        found = follow_in_stores(genotypes)
        if found.left_out == 0:
            return found
        why = "rows with several alternates are in the MatrixTable alone"
    except NotWithoutHailError as error:
        why = str(error)
    if engine == "local":
        raise AnalysisError(
            f"engine='local' cannot count these genotypes, since {why}: leave engine= out, and Hail counts them."
        )
    return None
