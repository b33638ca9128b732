"""Compile arithmetic to machine code at first use, and keep what was compiled in the user's cache.

Modules that hold such kernels are imported inside functions: importing numba takes half a second, and
the first call of a kernel on a machine some seconds for each; later sessions load what was kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from gecip.configuration import cache_folder

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")

# What lets sums be taken in vectors: the order of additions is free, and no number is told from -0.
SUMS_IN_ANY_ORDER = frozenset({"reassoc", "contract", "nsz", "arcp"})


def compiled(
    *, parallel: bool = False, sums_in_any_order: bool = False
) -> Callable[[Callable[Parameters, Value]], Callable[Parameters, Value]]:
    """Return a decorator that compiles a function of arrays and numbers with numba, without Python's lock.

    Parameters
    ----------
    parallel
        Share `numba.prange` loops out among the cores that this process may use.
    sums_in_any_order
        Let the compiler reorder additions, so that it can use vectors; results then differ in the last
        digits between machines.
    """
    import numba
    from numba.core import config

    if not os.environ.get("NUMBA_CACHE_DIR"):
        # Read whenever a function is decorated.
        setattr(config, "CACHE_DIR", str(cache_folder() / "compiled"))  # noqa: B010 - it has no types
    fast: Any = set(SUMS_IN_ANY_ORDER) if sums_in_any_order else False
    return numba.njit(cache=True, nogil=True, parallel=parallel, fastmath=fast)
