"""A fixed loop, timed in the same run as everything else, so that machines can be compared.

A time divided by the loop's is a number of loops, which another machine reaches in about as many.
The loop is pure Python over small integers and one dictionary of 1,024 entries, 200,000 rounds of
it: what this project's engine spends its time on, without memory to speak of. Its time is the
least processor time of seven tries; other programs on the machine lengthen it little.

The loop is never changed, or no number measured before could be compared with one measured after;
a test holds its result.
"""

from __future__ import annotations

import time
from typing import Final

_ROUNDS: Final = 200_000
_TRIES: Final = 7


def calibration_loop() -> int:
    """Run the loop once and return a number that any other loop would hardly give."""
    value = 1
    seen: dict[int, int] = {}
    for number in range(_ROUNDS):
        value = (value * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        place = value & 1023
        seen[place] = seen.get(place, 0) ^ number
    return value ^ sum(seen.values())


def calibration_seconds() -> float:
    """Measure the loop: the least processor time of seven tries, in seconds."""
    times = []
    for _ in range(_TRIES):
        start = time.process_time()
        calibration_loop()
        times.append(time.process_time() - start)
    return min(times)
