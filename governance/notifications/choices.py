"""What people chose: by which channels they are notified of which kind, where, and when."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from governance.notifications.chat import ChatRefused, check_chat_url
from governance.notifications.kinds import kind_of, kinds, one_line
from governance.notifications.models import (
    ChatAddress,
    DeliverySettings,
    KindChoice,
    NotificationWay,
)
from governance.notifications.people import time_zone_of
from governance.notifications.quiet_hours import GROUPING_CHOICES, USUAL_GROUPING, Timing
from governance.notifications.sealing import seal

MOST_CHATS: Final = 5
_LONGEST_NAME: Final = 80


class ChoiceInvalid(ValueError):
    """A choice cannot be kept. `field`: which one; the message says why."""

    def __init__(self, field: str, said: str) -> None:
        self.field = field
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class PersonChoices:
    """What one person chose. `ways`: by kind, only where it is not the kind's default."""

    timing: Timing
    ways: Mapping[str, frozenset[NotificationWay]]
    chats: tuple[ChatAddress, ...]

    def ways_of(self, kind: str) -> frozenset[NotificationWay]:
        """Return the channels by which the person is notified of a kind."""
        return self.ways.get(kind, kind_of(kind).default)


def choices_of(users: Iterable[User]) -> dict[int, PersonChoices]:
    """Return by their ids what people chose, in three queries for all of them."""
    people = list(users)
    ids = [user.pk for user in people]
    timings = {one.user_id: one for one in DeliverySettings.objects.filter(user_id__in=ids)}
    ways: dict[int, dict[str, frozenset[NotificationWay]]] = {}
    for choice in KindChoice.objects.filter(user_id__in=ids):
        chosen = frozenset(
            NotificationWay(way) for way in choice.ways if way in NotificationWay.values
        )
        ways.setdefault(choice.user_id, {})[choice.kind] = chosen
    chats: dict[int, list[ChatAddress]] = {}
    for chat in ChatAddress.objects.filter(user_id__in=ids):
        chats.setdefault(chat.user_id, []).append(chat)
    return {
        user.pk: PersonChoices(
            _timing(user, timings.get(user.pk)),
            ways.get(user.pk, {}),
            tuple(chats.get(user.pk, ())),
        )
        for user in people
    }


def _timing(user: User, kept: DeliverySettings | None) -> Timing:
    zone = time_zone_of(user)
    if kept is None:
        return Timing(timedelta(minutes=USUAL_GROUPING), zone)
    quiet = None
    if kept.quiet_from is not None and kept.quiet_until is not None:
        quiet = (kept.quiet_from, kept.quiet_until)
    return Timing(timedelta(minutes=kept.grouping_minutes), zone, quiet)


@transaction.atomic
def choices_save(
    *,
    user: User,
    ways: Mapping[str, Collection[NotificationWay]],
    grouping_minutes: int,
    quiet: tuple[time, time] | None,
) -> None:
    """Keep what a person chose for themselves. A kind that is not in `ways` stays as it was.

    :raises ChoiceInvalid: a kind, a grouping or quiet hours that there are not.
    """
    known = {kind.name for kind in kinds()}
    unknown = sorted(set(ways) - known)
    if unknown:
        raise ChoiceInvalid("ways", f"no kind of events is called {', '.join(unknown)}")
    if grouping_minutes not in GROUPING_CHOICES:
        raise ChoiceInvalid("grouping_minutes", f"choose one of {GROUPING_CHOICES} minutes")
    if quiet is not None and quiet[0] == quiet[1]:
        raise ChoiceInvalid("quiet_until", "quiet hours end at another time than they begin")
    DeliverySettings.objects.update_or_create(
        user=user,
        defaults={
            "grouping_minutes": grouping_minutes,
            "quiet_from": quiet[0] if quiet else None,
            "quiet_until": quiet[1] if quiet else None,
        },
    )
    for kind, chosen in ways.items():
        if frozenset(chosen) == kind_of(kind).default:
            KindChoice.objects.filter(user=user, kind=kind).delete()
        else:
            KindChoice.objects.update_or_create(
                user=user,
                kind=kind,
                defaults={"ways": sorted(NotificationWay(way).value for way in chosen)},
            )


@transaction.atomic
def chat_add(*, user: User, name: str, url: str, now: datetime) -> ChatAddress:
    """Keep a place in a chat for a person, its address sealed.

    :raises ChoiceInvalid: no name, one that is used, too many, or a refused address.
    :raises SealingUnavailable: the settings name no key to seal it with.
    """
    name = one_line(name, most=_LONGEST_NAME)
    if not name:
        raise ChoiceInvalid("name", "name the place, such as #aws-changes")
    # One at a time for each person, so that the number holds.
    User.objects.select_for_update().get(pk=user.pk)
    if ChatAddress.objects.filter(user=user).count() >= MOST_CHATS:
        raise ChoiceInvalid("name", f"at most {MOST_CHATS} places: remove one first")
    try:
        found = check_chat_url(url)
    except ChatRefused as error:
        raise ChoiceInvalid("url", str(error)) from error
    try:
        with transaction.atomic():
            return ChatAddress.objects.create(
                user=user,
                name=name,
                service=found.service,
                shown=found.shown,
                sealed_url=seal(found.url, purpose="chat address"),
                created_at=now,
            )
    except IntegrityError:
        raise ChoiceInvalid("name", f"you have a place called {name} already") from None


def chat_remove(*, user: User, chat_id: int) -> bool:
    """Remove a place of a person's own, with what waits to be sent there; False: there is none."""
    deleted, _ = ChatAddress.objects.filter(user=user, pk=chat_id).delete()
    return bool(deleted)
