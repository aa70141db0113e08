"""Exceptions from guardrails, as rows."""

from datetime import date

from governance.baseline.exceptions.models import GuardrailException
from tests.factories.edits import NOW, PAYMENTS_TEST


def guardrail_exception(connection, user, **values):
    """Store an exception; a draft of the first number unless said otherwise."""
    state = values.pop("state", "draft")
    given = {
        "number": GuardrailException.objects.filter(connection=connection).count() + 1,
        "guardrail_id": "no-iam-users",
        "kind": "waiver",
        "state": state,
        "target_ids": [PAYMENTS_TEST],
        "reason": "The test tool signs in with a user.",
        "owner": user,
        "until": date(2027, 6, 30),
        "digest": "0" * 64,
        "asked_by": user,
        "asked_at": NOW,
        "updated_at": NOW,
        "edited_by": [user.pk],
        "decided_at": NOW if state in ("active", "rejected") else None,
    }
    return GuardrailException.objects.create(connection=connection, **{**given, **values})
