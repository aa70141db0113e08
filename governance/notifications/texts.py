"""Notifications as plain text: of chats, and the subject of a mail."""

from collections.abc import Sequence
from typing import Final

from governance.notifications.addresses import absolute
from governance.notifications.kinds import one_line
from governance.notifications.models import Notification

_LONGEST_SUBJECT: Final = 150
_SHOWN_IN_CHAT: Final = 10


def subject_of(listed: Sequence[Notification]) -> str:
    """Return one line that says what happened, of many the newest and how many more."""
    newest = listed[-1].title
    if len(listed) == 1:
        return one_line(newest, most=_LONGEST_SUBJECT)
    more = f" and {len(listed) - 1:,} more"
    return one_line(newest, most=_LONGEST_SUBJECT - len(more)) + more


def chat_text(listed: Sequence[Notification]) -> tuple[str, str]:
    """Return title and body of a message to a chat."""
    if len(listed) == 1:
        (one,) = listed
        parts = [*one.lines, *([absolute(one.path)] if one.path else [])]
        return subject_of(listed), "\n".join(parts) or one.title
    parts = []
    for one in listed[-_SHOWN_IN_CHAT:]:
        parts.append(f"• {one.title}" + (f"\n  {absolute(one.path)}" if one.path else ""))
    if len(listed) > _SHOWN_IN_CHAT:
        parts.append(f"and {len(listed) - _SHOWN_IN_CHAT:,} more in the inbox")
    return subject_of(listed), "\n".join(parts)
