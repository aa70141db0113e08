"""Celery's part in tests: holds what was sent and hands it out, in this process."""

from collections import deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from inventory.runs import life


class Capture(Protocol):
    """pytest-django's `django_capture_on_commit_callbacks`."""

    def __call__(self, *, execute: bool) -> AbstractContextManager[Any]: ...


@dataclass
class Work:
    """Messages that were sent and not yet delivered. `clock` is the workers'."""

    capture: Capture
    clock: Any
    starts: deque[int] = field(default_factory=deque)
    accounts: deque[tuple[int, str]] = field(default_factory=deque)

    def send_start(self, run_id: int) -> None:
        self.starts.append(run_id)

    def send_accounts(self, run_id: int, account_ids: Iterable[str]) -> None:
        self.accounts.extend((run_id, account_id) for account_id in account_ids)

    def start(self) -> None:
        """Deliver the oldest start."""
        run_id = self.starts.popleft()
        with self.capture(execute=True):
            life.start_run(run_id=run_id, clock=self.clock)

    def collect(self, run_id: int, account_id: str) -> None:
        """Deliver one account."""
        with self.capture(execute=True):
            life.collect_account(run_id=run_id, account_id=account_id, clock=self.clock)

    def finish(self) -> None:
        """Deliver everything."""
        while self.starts:
            self.start()
        while self.accounts:
            self.collect(*self.accounts.popleft())


class TellingClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
