"""Notifications as plain text: of chats, and the subject of a mail."""

from collections.abc import Sequence
from typing import Final

from governance.notifications.addresses import absolute
from governance.notifications.kinds import one_line
from governance.notifications.models import Notification

_LONGEST_SUBJECT: Final = 150
_SHOWN_IN_CHAT: Final = 10


def subject_of(told: Sequence[Notification]) -> str:
    """Return one line that says what happened, of many the newest and how many more."""
    newest = told[-1].title
    if len(told) == 1:
        return one_line(newest, most=_LONGEST_SUBJECT)
    more = f" and {len(told) - 1:,} more"
    return one_line(newest, most=_LONGEST_SUBJECT - len(more)) + more


def chat_text(told: Sequence[Notification]) -> tuple[str, str]:
    """Return title and body of a message to a chat."""
    if len(told) == 1:
        (one,) = told
        parts = [*one.lines, *([absolute(one.path)] if one.path else [])]
        return subject_of(told), "\n".join(parts) or one.title
    parts = []
    for one in told[-_SHOWN_IN_CHAT:]:
        parts.append(f"• {one.title}" + (f"\n  {absolute(one.path)}" if one.path else ""))
    if len(told) > _SHOWN_IN_CHAT:
        parts.append(f"and {len(told) - _SHOWN_IN_CHAT:,} more in the inbox")
    return subject_of(told), "\n".join(parts)
