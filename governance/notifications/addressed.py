"""One notification on its way into the tables, with what its person chose."""

from dataclasses import dataclass

from governance.notifications.choices import PersonChoices
from governance.notifications.models import Notification, NotificationWay


@dataclass(frozen=True, slots=True)
class AddressedNotification:
    """A notification and by which ways its person is told. `urgent`: whatever the hour."""

    notification: Notification
    urgent: bool
    ways: frozenset[NotificationWay]
    choices: PersonChoices
