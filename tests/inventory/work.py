"""Celery's part in tests: holds what was sent and hands it out, in this process."""

from collections import deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from inventory.runs import group_tasks, life


class Capture(Protocol):
    """pytest-django's `django_capture_on_commit_callbacks`."""

    def __call__(self, *, execute: bool) -> AbstractContextManager[Any]: ...


@dataclass
class Work:
    """Messages that were sent and not yet delivered. `clock` is the workers'."""

    capture: Capture
    clock: Any
    starts: deque[int] = field(default_factory=deque)
    tasks: deque[tuple[int, str, str]] = field(default_factory=deque)

    def send_start(self, run_id: int) -> None:
        self.starts.append(run_id)

    def send_tasks(self, run_id: int, parts: Iterable[tuple[str, str]]) -> None:
        self.tasks.extend((run_id, account_id, group) for account_id, group in parts)

    def start(self) -> None:
        """Deliver the oldest start."""
        run_id = self.starts.popleft()
        with self.capture(execute=True):
            life.start_run(run_id=run_id, clock=self.clock)

    def collect(self, run_id: int, account_id: str, group: str = "iam") -> None:
        """Deliver one group of one account."""
        with self.capture(execute=True):
            group_tasks.collect_group(
                run_id=run_id, account_id=account_id, group=group, clock=self.clock
            )

    def finish(self) -> None:
        """Deliver everything."""
        while self.starts:
            self.start()
        while self.tasks:
            self.collect(*self.tasks.popleft())


class TellingClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
