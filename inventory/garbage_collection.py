"""Keeps what a process holds for long out of the way of the garbage collector.

A compiled organization of 10,000 accounts is some 100,000 objects that stay for hours, boto3's
models of the services that are read some 500,000. Each full collection walks through all of them,
for half a second in the midst of a request, and finds nothing (Python documentation, `gc.freeze`).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

_freezes = count(1)
_THOROUGH: Final = 16


def freeze_gc() -> None:
    """Take what is alive now for long-lived; call it after something large was put aside.

    What came since the last time is collected first if it is garbage. What was set aside earlier
    may be garbage by now too, but to walk through all of it takes longer: every 16th time.
    """
    if not gc.isenabled():
        return
    if next(_freezes) % _THOROUGH == 0:
        gc.unfreeze()
    gc.collect()
    gc.freeze()


@contextmanager
def growing() -> Iterator[None]:
    """Hold the collector off while much is made of which nothing is garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
