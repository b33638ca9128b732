"""Work on all cores, piece by piece, in order: each core's arithmetic on itself.

Products of matrices that are shared among cores wait for each other as soon as one core has something else to
do; a block for each core does not, and is quicker where matrices are narrow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from gecip.genotypes.machine import available_cores

Given = TypeVar("Given")
Done = TypeVar("Done")


def on_all_cores(work: Callable[[Given], Done], given: Iterable[Given]) -> Iterator[Done]:
    """Yield the work on each that is given, in order; as many are at work or wait to be taken as there are cores, and one."""
    from threadpoolctl import threadpool_limits

    waiting: deque[Future[Done]] = deque()
    cores = available_cores()
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(cores) as pool:
        for one in given:
            waiting.append(pool.submit(work, one))
            if len(waiting) > cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
