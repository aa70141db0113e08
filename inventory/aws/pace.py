"""How fast calls may go: a token bucket an operation that slows down when AWS asks for it.

Organizations limits by operation, for the whole organization, and shares the limits with
everything else that reads it. IAM limits by account and is not paced: one worker reads an account
at a time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_GAIN_A_SUCCESS = 0.1
_SLOWEST = 0.2


@dataclass(frozen=True, slots=True)
class Rate:
    """`calls_per_second` in the long run, at most `burst` at once."""

    calls_per_second: float
    burst: int


@dataclass(slots=True)
class _TokenBucket:
    rate: Rate
    calls_per_second: float
    tokens: float
    filled_at: float


class Pace:
    """Paces calls by operation: additive increase up to twice the rate given, halved on throttling.

    `monotonic` gives seconds; `sleep` waits for seconds.
    """

    def __init__(
        self,
        *,
        rates: Mapping[str, Rate],
        otherwise: Rate,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """Start each operation at its rate with a full bucket."""
        self._rates = rates
        self._otherwise = otherwise
        self._monotonic = monotonic
        self._sleep = sleep
        self._buckets: dict[str, _TokenBucket] = {}

    def wait(self, operation: str) -> None:
        """Return when `operation` may be called."""
        bucket = self._bucket(operation)
        self._fill(bucket)
        if bucket.tokens < 1:
            self._sleep((1 - bucket.tokens) / bucket.calls_per_second)
            self._fill(bucket)
        bucket.tokens -= 1

    def succeeded(self, operation: str) -> None:
        """Go a little faster."""
        bucket = self._bucket(operation)
        fastest = 2 * bucket.rate.calls_per_second
        bucket.calls_per_second = min(fastest, bucket.calls_per_second + _GAIN_A_SUCCESS)

    def throttled(self, operation: str) -> None:
        """Go half as fast, without a burst."""
        bucket = self._bucket(operation)
        bucket.calls_per_second = max(_SLOWEST, bucket.calls_per_second / 2)
        bucket.tokens = min(bucket.tokens, 0)

    def calls_per_second(self, operation: str) -> float:
        """Return the rate that `operation` has now."""
        return self._bucket(operation).calls_per_second

    def _bucket(self, operation: str) -> _TokenBucket:
        bucket = self._buckets.get(operation)
        if bucket is None:
            rate = self._rates.get(operation, self._otherwise)
            bucket = _TokenBucket(rate, rate.calls_per_second, rate.burst, self._monotonic())
            self._buckets[operation] = bucket
        return bucket

    def _fill(self, bucket: _TokenBucket) -> None:
        now = self._monotonic()
        gained = (now - bucket.filled_at) * bucket.calls_per_second
        bucket.tokens = min(bucket.rate.burst, bucket.tokens + gained)
        bucket.filled_at = now
