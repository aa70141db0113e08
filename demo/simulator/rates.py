"""AWS's request rates as token buckets.

AWS publishes few of them: organizations:ListRoots 1 a second with a burst of 2; for the other
Organizations operations 8 a second with a burst of 15 is a safe assumption, counted per operation.
IAM is counted per account.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from demo.simulator.errors import AwsError


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` tokens flow in, up to `burst` wait."""

    per_second: float
    burst: float


ORGANIZATIONS_RATE = Rate(8, 15)
ORGANIZATIONS_RATES: Mapping[str, Rate] = {"ListRoots": Rate(1, 2)}
IAM_RATE = Rate(20, 60)


class Rates:
    """The buckets of one simulator.

    `factor` multiplies every rate but those of `account_rates`: they stand for an account that is
    short of calls whatever the rest of AWS gives.
    """

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self.account_rates: dict[tuple[str, str], Rate] = {}
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def check(self, service: str, operation: str, account_id: str) -> None:
        """Take one token. :raises AwsError: in the words of the service when none is left."""
        own = self.account_rates.get((account_id, service))
        if service == "organizations":
            rate = self._scaled(ORGANIZATIONS_RATES.get(operation, ORGANIZATIONS_RATE))
            if not self._take((service, operation), rate):
                raise too_many_requests(service)
        elif service == "iam" and not self._take(
            (service, account_id), own or self._scaled(IAM_RATE)
        ):
            raise too_many_requests(service)

    def forget(self) -> None:
        """Fill every bucket again."""
        with self._lock:
            self._buckets.clear()

    def _scaled(self, rate: Rate) -> Rate:
        return Rate(rate.per_second * self.factor, rate.burst * self.factor)

    def _take(self, key: tuple[str, ...], rate: Rate) -> bool:
        now = time.monotonic()
        with self._lock:
            tokens, at = self._buckets.get(key, (rate.burst, now))
            tokens = min(rate.burst, tokens + (now - at) * rate.per_second)
            enough = tokens >= 1
            self._buckets[key] = (tokens - 1 if enough else tokens, now)
            return enough


def too_many_requests(service: str) -> AwsError:
    """Return the error with which `service` throttles."""
    if service == "organizations":
        return AwsError(
            "TooManyRequestsException",
            "You have sent too many requests in too short a period of time.",
            Type="RATE",
        )
    if service == "tagging":
        return AwsError("ThrottledException", "Rate exceeded")
    return AwsError("Throttling", "Rate exceeded")
