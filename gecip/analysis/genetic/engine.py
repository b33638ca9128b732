"""Which engine does the arithmetic: Hail, on a cluster too, or compiled kernels on this machine."""

from __future__ import annotations

from typing import Literal, get_args

from gecip.configuration import spark_master
from gecip.errors import AnalysisError

Engine = Literal["auto", "hail", "local"]


def choose_engine(engine: Engine) -> Literal["hail", "local"]:
    """Return the engine to use: `auto` means this machine, or Hail where `GECIP_SPARK_MASTER` names a cluster.

    Raises
    ------
    AnalysisError
        When there is no such engine.
    """
    if engine not in get_args(Engine):
        raise AnalysisError(f"engine= is 'auto', 'hail' or 'local', not {engine!r}.")
    if engine == "auto":
        return "hail" if spark_master() else "local"
    return engine
