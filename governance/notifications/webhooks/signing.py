"""Secrets of webhooks, and the signatures made with them (Standard Webhooks, `v1`)."""

import base64
import math
import secrets
from datetime import datetime
from typing import Final

from standardwebhooks import Webhook as Signer

from governance.notifications.models import Webhook, WebhookDelivery
from governance.notifications.sealing import seal, unseal

_PURPOSE: Final = "webhook secret"
_SECRET_BYTES: Final = 32


def new_secret() -> tuple[str, str]:
    """Return a secret as its receiver needs it, `whsec_…`, and the same sealed.

    :raises SealingUnavailable: the settings name no key to seal it with.
    """
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
    return secret, seal(secret, purpose=_PURPOSE)


def signed_headers(webhook: Webhook, delivery: WebhookDelivery, *, now: datetime) -> dict[str, str]:
    """Return the headers of one attempt; after a rotation both secrets sign for a while.

    :raises CannotOpen: a secret cannot be read with the keys that there are.
    """
    sealed = [webhook.sealed_secret]
    if webhook.sealed_previous and webhook.previous_until and now < webhook.previous_until:
        sealed.append(webhook.sealed_previous)
    signatures = [
        Signer(unseal(one, purpose=_PURPOSE)).sign(delivery.message_id, now, delivery.body)
        for one in sealed
    ]
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(math.floor(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
