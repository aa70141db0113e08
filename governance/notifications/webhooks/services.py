"""What administrators do with webhooks. Every act writes an entry of the audit log."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from governance.notifications.kinds import kinds, one_line
from governance.notifications.models import Webhook, WebhookDelivery
from governance.notifications.webhooks.payloads import test_delivery
from governance.notifications.webhooks.signing import new_secret
from governance.outbound.addresses import (
    AddressRefused,
    checked_addresses,
    origin_of,
    parse_address,
)
from inventory.models import Connection
from inventory.public_addresses import Resolve, resolve

# For so long after a rotation requests are signed with both secrets.
OVERLAP: Final = timedelta(hours=24)
_LONGEST_NAME: Final = 80
_MOST: Final = 50


class WebhookInvalid(ValueError):
    """A webhook cannot be as asked. `fields`: what is wrong, by field."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__("; ".join(fields.values()))


class CannotReplay(Exception):
    """A delivery cannot be sent again; the message says why."""


def _checked(
    *, name: str, url: str, kinds_wanted: Collection[str], addresses_of: Resolve
) -> tuple[str, list[str]]:
    problems: dict[str, str] = {}
    name = one_line(name, most=_LONGEST_NAME)
    if not name:
        problems["name"] = "name what receives it"
    known = {kind.name for kind in kinds() if kind.for_webhooks}
    unknown = sorted(set(kinds_wanted) - known)
    if unknown:
        problems["kinds"] = f"no kind of events is called {', '.join(unknown)}"
    try:
        address = parse_address(url.strip(), allowed_origins=settings.OUTBOUND_ALLOWED)
        checked_addresses(address, addresses_of=addresses_of)
    except AddressRefused as error:
        problems["url"] = str(error)
    if problems:
        raise WebhookInvalid(problems)
    return name, sorted(set(kinds_wanted))


@transaction.atomic
def webhook_create(
    *,
    actor: Actor,
    name: str,
    url: str,
    kinds_wanted: Collection[str],
    connection: Connection | None,
    now: datetime,
    addresses_of: Resolve = resolve,
) -> tuple[Webhook, str]:
    """Make a webhook; the second value is its secret, shown this once and never again.

    `kinds_wanted`: names of kinds, none: all. `connection`: only events of this organization.

    :raises WebhookInvalid: no name or one that is used, an address that may not be called or does
        not resolve, kinds that there are not, or too many webhooks.
    :raises SealingUnavailable: the settings name no key to keep the secret with.
    """
    name, wanted = _checked(
        name=name, url=url, kinds_wanted=kinds_wanted, addresses_of=addresses_of
    )
    if Webhook.objects.count() >= _MOST:
        raise WebhookInvalid({"name": f"at most {_MOST} webhooks: remove one first"})
    secret, sealed = new_secret()
    try:
        with transaction.atomic():
            webhook = Webhook.objects.create(
                name=name,
                url=url.strip(),
                kinds=wanted,
                connection=connection,
                sealed_secret=sealed,
                created_by_id=actor.user_id,
                created_at=now,
                changed_at=now,
            )
    except IntegrityError:
        raise WebhookInvalid({"name": f"a webhook is called {name} already"}) from None
    _note(actor, actions.WEBHOOK_CREATE, webhook, now, after=_told(webhook))
    return webhook, secret


@transaction.atomic
def webhook_change(
    *,
    actor: Actor,
    webhook_id: int,
    name: str,
    url: str,
    kinds_wanted: Collection[str],
    connection: Connection | None,
    now: datetime,
    addresses_of: Resolve = resolve,
) -> Webhook:
    """Change a webhook's address and events; its secret stays.

    :raises Webhook.DoesNotExist: there is none.
    :raises WebhookInvalid: as `webhook_create`.
    """
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    before = _told(webhook)
    name, wanted = _checked(
        name=name, url=url, kinds_wanted=kinds_wanted, addresses_of=addresses_of
    )
    webhook.name, webhook.url, webhook.kinds = name, url.strip(), wanted
    webhook.connection = connection
    webhook.paused_until = None
    webhook.changed_at = now
    try:
        with transaction.atomic():
            webhook.save(
                update_fields=["name", "url", "kinds", "connection", "paused_until", "changed_at"]
            )
    except IntegrityError:
        raise WebhookInvalid({"name": f"a webhook is called {name} already"}) from None
    after = _told(webhook)
    _note(actor, actions.WEBHOOK_CHANGE, webhook, now, before=before, after=after)
    return webhook


@transaction.atomic
def webhook_switch(*, actor: Actor, webhook_id: int, enabled: bool, now: datetime) -> Webhook:
    """Switch a webhook on or off. What is queued waits until it is on again.

    :raises Webhook.DoesNotExist: there is none.
    """
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    before = webhook.enabled
    webhook.enabled = enabled
    webhook.switched_off_because = ""
    if enabled:
        webhook.failing_since, webhook.failures, webhook.paused_until = None, 0, None
    webhook.changed_at = now
    webhook.save()
    _note(
        actor,
        actions.WEBHOOK_SWITCH,
        webhook,
        now,
        before={"enabled": before},
        after={"enabled": enabled},
    )
    return webhook


@transaction.atomic
def webhook_rotate(*, actor: Actor, webhook_id: int, now: datetime) -> tuple[Webhook, str]:
    """Give a webhook another secret, shown this once; the one before signs too for 24 hours.

    :raises Webhook.DoesNotExist: there is none.
    :raises SealingUnavailable: the settings name no key to keep the secret with.
    """
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    secret, sealed = new_secret()
    webhook.sealed_previous, webhook.previous_until = webhook.sealed_secret, now + OVERLAP
    webhook.sealed_secret = sealed
    webhook.changed_at = now
    webhook.save()
    after = {"previous_secret_signs_until": webhook.previous_until}
    _note(actor, actions.WEBHOOK_ROTATE, webhook, now, after=after)
    return webhook, secret


@transaction.atomic
def webhook_remove(*, actor: Actor, webhook_id: int, now: datetime) -> str:
    """Remove a webhook with what waits for it and its log; return its name.

    :raises Webhook.DoesNotExist: there is none.
    """
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    _note(actor, actions.WEBHOOK_REMOVE, webhook, now, before=_told(webhook))
    webhook.delete()
    return webhook.name


@transaction.atomic
def webhook_test(*, actor: Actor, webhook_id: int, now: datetime) -> WebhookDelivery:
    """Queue a test delivery, which is tried once; `sending.send_now` sends it at once.

    :raises Webhook.DoesNotExist: there is none.
    """
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    delivery = test_delivery(webhook, now=now)
    delivery.save(force_insert=True)
    _note(actor, actions.WEBHOOK_TEST, webhook, now, after={"delivery": delivery.message_id})
    return delivery


@transaction.atomic
def delivery_replay(
    *, actor: Actor, webhook_id: int, delivery_id: UUID, now: datetime
) -> WebhookDelivery:
    """Queue a delivery again, with the same `webhook-id` and body.

    :raises WebhookDelivery.DoesNotExist: the webhook has none of that id.
    :raises CannotReplay: it is queued, or the webhook is switched off.
    """
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    delivery = WebhookDelivery.objects.select_for_update().get(pk=delivery_id, webhook=webhook)
    if delivery.state == WebhookDelivery.State.QUEUED:
        raise CannotReplay("it is queued already: wait for its next attempt")
    if not webhook.enabled:
        raise CannotReplay("the webhook is switched off: switch it on first")
    before = {"state": delivery.state}
    delivery.state = WebhookDelivery.State.QUEUED
    delivery.attempts, delivery.due_at = 0, now
    delivery.save(update_fields=["state", "attempts", "due_at"])
    Webhook.objects.filter(pk=webhook.pk).update(paused_until=None)
    after = {"delivery": delivery.message_id, "state": delivery.state}
    _note(actor, actions.WEBHOOK_REPLAY, webhook, now, before=before, after=after)
    return delivery


def _told(webhook: Webhook) -> dict[str, Any]:
    """Return what the audit log keeps: of the address only the origin, the rest may be secret."""
    return {
        "name": webhook.name,
        "origin": origin_of(webhook.url),
        "kinds": webhook.kinds,
        "connection_id": webhook.connection_id,
        "enabled": webhook.enabled,
    }


def _note(actor: Actor, action: str, webhook: Webhook, now: datetime, **told: Any) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="webhook",
        object_id=str(webhook.pk),
        object_name=webhook.name,
        connection_id=webhook.connection_id,
        now=now,
        **told,
    )
