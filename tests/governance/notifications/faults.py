"""Workers that die at chosen points, and a broker and a database that go away in between.

A death is an exception that no code of ours catches. Where a worker dies inside of a transaction,
that is undone; where it dies after a commit, what was committed stays and its lease runs out.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from governance.notifications import leases, messages, spreading
from governance.notifications.webhooks import sending


class WorkerDied(BaseException):
    """What stands for `kill -9`."""


# Where a worker may die: module, function, and whether before or after it ran.
POINTS = (
    ("spread: before anything is stored", spreading, "join_messages", "before"),
    ("spread: after messages are joined, before the commit", spreading, "join_messages", "after"),
    ("take: before rows are taken", leases, "secrets", "before"),
    ("mail: after messages are taken, before they are prepared", messages, "_prepare", "before"),
    ("mail: after it was sent, before it is recorded", messages, "_note", "before"),
    ("mail: after it was recorded", messages, "_note", "after"),
    ("webhook: after deliveries are taken", sending, "_try", "before"),
    ("webhook: after it was sent, before it is recorded", sending, "note_attempt", "before"),
    ("webhook: after it was recorded, before the commit", sending, "_judge", "after"),
    ("webhook: after the commit", sending, "note_attempt", "after"),
)


@dataclass
class Deaths:
    """Lets a worker die at the next passing of a point, `after` so many passings."""

    name: str
    left: int
    died: int = 0

    def pass_by(self) -> None:
        if self.left == 0:
            self.left = -1
            self.died += 1
            raise WorkerDied(self.name)
        self.left -= 1


@contextmanager
def dying_at(point: tuple[str, Any, str, str], *, after: int) -> Iterator[Deaths]:
    """Have whoever passes the point die there once."""
    name, module, attribute, when = point
    deaths = Deaths(name, after)
    if attribute == "secrets":

        def token_hex(size: int) -> str:
            deaths.pass_by()
            return random.randbytes(size).hex()

        with patch.object(module.secrets, "token_hex", token_hex):
            yield deaths
        return
    original: Callable[..., Any] = getattr(module, attribute)

    def patched(*args: Any, **given: Any) -> Any:
        if when == "before":
            deaths.pass_by()
        result = original(*args, **given)
        if when == "after":
            deaths.pass_by()
        return result

    with patch.object(module, attribute, patched):
        yield deaths


@dataclass
class World:
    """What came out of the workers: mails by Message-ID, and what each told."""

    clock: Callable[[], datetime]
    mails: list[tuple[str, str]] = field(default_factory=list)
    mail_fails: int = 0

    def send_mail(self, mail: Any) -> None:
        if self.mail_fails > 0:
            self.mail_fails -= 1
            raise OSError("the mail server does not answer")
        self.mails.append((mail.message_id, mail.text))

    def by_id(self) -> dict[str, set[str]]:
        """Return what was told under each Message-ID; more than one text would be a mistake."""
        found: dict[str, set[str]] = {}
        for message_id, text in self.mails:
            found.setdefault(message_id, set()).add(text)
        return found


LONG_ENOUGH = timedelta(minutes=6)
