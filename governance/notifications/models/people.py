"""What people are told, where, and what they chose."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.notifications.models.leased import Leased
from governance.notifications.models.outbox import OutboxEvent


class NotificationWay(models.TextChoices):
    """A way of telling somebody."""

    INBOX = "inbox", "Inbox"
    MAIL = "mail", "Mail"
    CHAT = "chat", "Chat"


class Notification(models.Model):
    """One event in words for one person, as that person may see it.

    `seen_as`: a digest of what the person might see when the words were made; if that changes, the
    words are made again before anybody reads them. `in_inbox`: whether the inbox shows it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="notifications")
    connection = models.ForeignKey(
        "inventory.Connection", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    lines = models.JSONField(default=list)
    path = models.CharField(max_length=1000, blank=True, help_text="Where in Orgwarden to look.")
    in_inbox = models.BooleanField(default=True)
    seen_as = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="one_notification_an_event")
        ]
        indexes = [
            models.Index(fields=["user", "-occurred_at", "-id"], name="notifications_of_user"),
            models.Index(
                fields=["user"],
                condition=Q(read_at__isnull=True, in_inbox=True),
                name="notifications_unread",
            ),
            models.Index(fields=["occurred_at"], name="notifications_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class ChatAddress(models.Model):
    """A place of one person in Slack, Teams or the like, as apprise addresses it.

    The address holds a secret, so it is sealed (`governance.notifications.sealing`) and never shown
    again. `shown`: the service and what of the address is no secret.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_addresses"
    )
    name = models.CharField(max_length=80, help_text="As its person calls it.")
    service = models.CharField(max_length=30)
    shown = models.CharField(max_length=120)
    sealed_url = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_chat_address_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


class DeliverySettings(models.Model):
    """When one person is told: everything within so many minutes together, nothing at quiet times.

    `quiet_from`, `quiet_until`: times of day in the person's time zone; both null: no quiet hours.
    If the second is the earlier one, they last past midnight.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delivery_settings"
    )
    grouping_minutes = models.PositiveSmallIntegerField(default=15)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return f"delivery settings of {self.user_id}"


class KindChoice(models.Model):
    """The channels by which one person is notified of a kind of events, if not the default ones."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_choices"
    )
    kind = models.CharField(max_length=60)
    ways = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}: {', '.join(self.ways)}"


class Message(Leased):
    """One mail, or one message to a chat, that tells one person of one or more notifications.

    WAITING: until it is due, more notifications join it. From its first sending on it is FROZEN:
    what it tells stays the same however often it has to be sent, and so does its id.
    """

    class State(models.TextChoices):
        """Where it stands. DROPPED: nothing was left to tell, or nowhere to send it."""

        WAITING = "waiting", "Waiting"
        FROZEN = "frozen", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Dropped"

    OPEN_STATES = (State.WAITING, State.FROZEN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages"
    )
    way = models.CharField(
        max_length=5, choices=[(NotificationWay.MAIL, "Mail"), (NotificationWay.CHAT, "Chat")]
    )
    chat = models.ForeignKey(
        ChatAddress, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    notifications = models.ManyToManyField(Notification, related_name="messages")
    urgent = models.BooleanField(default=False, help_text="Nothing joins it.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "way", "chat"],
                condition=Q(state="waiting", urgent=False),
                nulls_distinct=False,
                name="one_waiting_message_a_way",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["waiting", "frozen"]),
                name="messages_open",
            ),
            models.Index(fields=["created_at"], name="messages_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.pk} to {self.user_id}"
