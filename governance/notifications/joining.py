"""Has notifications join the messages by which people are told: one mail for many events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings

from governance.notifications.addressed import AddressedNotification
from governance.notifications.models import ChatAddress, Message, NotificationWay

_Key = tuple[int, str, int | None]
_TRIES: Final = 5


class CannotJoin(Exception):
    """Messages were sent as fast as they were made; the next attempt will find one."""


def join_messages(addressed: Sequence[AddressedNotification], *, now: datetime) -> None:
    """Put stored notifications into messages: into those that wait, or into new ones.

    Messages that wait are locked until the transaction ends, so none of them is sent meanwhile.
    """
    joining = [(one, way, chat) for one in addressed for way, chat in _addresses(one)]
    if not joining:
        return
    user_ids = {one.notification.user_id for one, _, _ in joining}
    rows = (
        Message.objects.select_for_update(of=("self",))
        .filter(user_id__in=user_ids, state=Message.State.WAITING, urgent=False)
        .order_by("pk")
    )
    waiting: dict[_Key, Message] = {(row.user_id, row.way, row.chat_id): row for row in rows}
    joined = []
    for one, way, chat in joining:
        if one.urgent:
            message = _urgent(one, way, chat, now)
        else:
            key = (one.notification.user_id, way.value, chat.pk if chat else None)
            if key not in waiting:
                waiting[key] = _waiting(one, way, chat, now)
            message = waiting[key]
        joined.append(
            Message.notifications.through(
                message_id=message.pk, notification_id=one.notification.pk
            )
        )
    Message.notifications.through.objects.bulk_create(joined, batch_size=1000)


def _addresses(one: AddressedNotification) -> list[tuple[NotificationWay, ChatAddress | None]]:
    found: list[tuple[NotificationWay, ChatAddress | None]] = []
    if NotificationWay.MAIL in one.ways and settings.MAIL_IS_SENT:
        found.append((NotificationWay.MAIL, None))
    if NotificationWay.CHAT in one.ways:
        found += [(NotificationWay.CHAT, chat) for chat in one.choices.chats]
    return found


def _urgent(
    one: AddressedNotification, way: NotificationWay, chat: ChatAddress | None, now: datetime
) -> Message:
    return Message.objects.create(
        user_id=one.notification.user_id,
        way=way,
        chat=chat,
        urgent=True,
        due_at=now,
        created_at=now,
    )


def _waiting(
    one: AddressedNotification, way: NotificationWay, chat: ChatAddress | None, now: datetime
) -> Message:
    """Return a message that waits, locked: a new one, or one that another worker just made.

    :raises CannotJoin: each time it was sent before it could be locked.
    """
    due_at = one.choices.timing.due_at(now, urgent=False)
    for _ in range(_TRIES):
        made, _ = Message.objects.get_or_create(
            user_id=one.notification.user_id,
            way=way,
            chat=chat,
            urgent=False,
            state=Message.State.WAITING,
            defaults={"due_at": due_at, "created_at": now},
        )
        locked = (
            Message.objects.select_for_update(of=("self",))
            .filter(pk=made.pk, state=Message.State.WAITING)
            .first()
        )
        if locked is not None:
            return locked
    raise CannotJoin(f"no message to {one.notification.user_id} waits")
