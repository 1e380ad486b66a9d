"""Parts of a computation on all threads, under the deadline of the thread that asks."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from qgraph.base import resources
from qgraph.simulation.deadline import check, shared

Part = TypeVar("Part")
Answer = TypeVar("Answer")


def answers(ask: Callable[[Part], Answer], parts: Sequence[Part]) -> Iterator[Answer]:
    """The answers of all parts in their order. The deadline is checked before each part.

    >>> list(answers(abs, [-2, 1]))
    [2, 1]
    """
    deadline = shared()

    def answered(part: Part) -> Answer:
        with deadline.kept():
            check()
            return ask(part)

    if len(parts) < 2:
        yield from map(answered, parts)
        return
    with ThreadPoolExecutor(resources.threads()) as pool:
        try:
            waiting = deque(pool.submit(answered, part) for part in parts)
            while waiting:
                while wait([waiting[0]], timeout=0.1).not_done:
                    check()  # another thread may have given up the whole computation
                yield waiting.popleft().result()
        except BaseException:  # interrupts too: running parts end at their next check
            deadline.move(-math.inf)
            pool.shutdown(cancel_futures=True)
            raise
