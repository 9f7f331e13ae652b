"""One product's images side by side on the processor's cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_WORKERS = 4  # one product has no work for more


def in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Call a function for every item, in threads: OpenCV and numpy let go of the interpreter meanwhile.

    Each product of matrices keeps to one core until all are done; dozens of small ones that all want every core take
    twice as long.

    Returns:
        The results, in the order of the items.
    """
    workers = min(os.cpu_count() or 1, _MOST_WORKERS)
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, items))
