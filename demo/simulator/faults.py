"""Faults on demand, and the count of all calls."""

import fnmatch
import itertools
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from demo.simulator.calls import Call

KINDS = (
    *("refuse", "throttle", "delay", "error", "cut", "lose-answer"),
    *("shorten", "garble", "vanish"),
)


class FaultRefused(ValueError):
    """The order for a fault makes no sense; the text says what to write instead."""


@dataclass(slots=True)
class Fault:
    """One ordered fault.

    `kind`: refuse (AccessDenied, or any `code` such as ConcurrentModificationException), throttle,
    delay (`seconds`), error (5xx, `status`), cut (no answer, nothing done), lose-answer (done, but
    no answer), shorten (half of the answer), garble (a page of HTML instead), vanish (its lists are
    empty). `service`, `operation` and `account_id` are patterns with `*`; for AssumeRole the
    account is the role's. `count` calls are hit (none: all) after `after` have passed.
    """

    kind: str
    fault_id: int = 0
    service: str = "*"
    operation: str = "*"
    account_id: str = "*"
    count: int | None = None
    after: int = 0
    seconds: float = 0.0
    status: int = 503
    code: str = ""
    message: str = ""

    def matches(self, call: Call, account_id: str) -> bool:
        return (
            fnmatch.fnmatchcase(call.service, self.service)
            and fnmatch.fnmatchcase(call.operation, self.operation)
            and fnmatch.fnmatchcase(account_id, self.account_id)
        )


class Faults:
    """The ordered faults; a call is hit by the first that matches, delays come on top."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._faults: dict[int, Fault] = {}

    def order(self, wanted: dict[str, Any]) -> Fault:
        """Add a fault. :raises FaultRefused: unknown kind or member, or a wrong type."""
        unknown = set(wanted) - (set(Fault.__dataclass_fields__) - {"fault_id"})
        if unknown:
            raise FaultRefused(f"unknown members: {', '.join(sorted(unknown))}")
        if wanted.get("kind") not in KINDS:
            raise FaultRefused(f"kind must be one of {', '.join(KINDS)}")
        for name, types in _TYPES.items():
            if wanted.get(name) is not None and not isinstance(wanted[name], types):
                raise FaultRefused(f"{name} has the wrong type: {wanted[name]!r}")
        fault = Fault(**wanted)
        with self._lock:
            fault.fault_id = next(self._ids)
            self._faults[fault.fault_id] = fault
        return fault

    def hit(self, call: Call, account_id: str) -> list[Fault]:
        """Return the faults that hit this call, counting them down."""
        hits: list[Fault] = []
        with self._lock:
            for fault in list(self._faults.values()):
                if not fault.matches(call, account_id):
                    continue
                if fault.kind != "delay" and any(hit.kind != "delay" for hit in hits):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                hits.append(fault)
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        del self._faults[fault.fault_id]
        return hits

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults.values()]

    def lift(self, fault_id: int | None = None) -> int:
        """Remove one fault, or all; return how many were there."""
        with self._lock:
            if fault_id is None:
                number = len(self._faults)
                self._faults.clear()
                return number
            return 1 if self._faults.pop(fault_id, None) else 0


_TYPES: dict[str, tuple[type, ...]] = {
    "service": (str,),
    "operation": (str,),
    "account_id": (str,),
    "count": (int,),
    "after": (int,),
    "seconds": (int, float),
    "status": (int,),
    "code": (str,),
    "message": (str,),
}


class CallCounts:
    """How often what was called by whom, and how it ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, account_id: str, name: str, outcome: str) -> None:
        with self._lock:
            self._counts[account_id, name, outcome] += 1

    def reset(self) -> None:
        with self._lock:
            self._counts.clear()

    def report(self) -> dict[str, Any]:
        """Return totals `by_operation`, `by_account` (then by operation) and `by_outcome`."""
        by_operation: Counter[str] = Counter()
        by_outcome: Counter[str] = Counter()
        by_account: dict[str, Counter[str]] = {}
        with self._lock:
            counts = dict(self._counts)
        for (account_id, name, outcome), number in counts.items():
            by_operation[name] += number
            by_outcome[outcome] += number
            by_account.setdefault(account_id, Counter())[name] += number
        return {
            "total": sum(by_operation.values()),
            "by_operation": dict(sorted(by_operation.items())),
            "by_account": {
                account_id: dict(sorted(operations.items()))
                for account_id, operations in sorted(by_account.items())
            },
            "by_outcome": dict(sorted(by_outcome.items())),
        }
