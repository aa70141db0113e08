"""An organization whose every name, tag, policy and description is written against its readers."""

import hashlib
import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final

from django.contrib.auth.models import Group, User
from django.db.models import Model

from governance.access.models import ClaimRule, Profile
from governance.access.owners.models import GrantProposal, LabelRule, OwnerRule
from governance.approvals.models import Review, SettingVersion
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.structure.models import BaselineVersion
from governance.changes.models import ChangeComment, ChangeRequest
from governance.contracts.models import TrustContract
from governance.detections.models import Detection, DetectionEvidence
from governance.drift.models import DriftItem, IgnoreRule
from governance.inbox.models import InboxEvent, InboxItem
from governance.notifications.models import (
    Notification,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from governance.posture.trust.models import ExternalParty, TrustEdge, TrustFinding
from governance.simulations.models import Simulation
from inventory.models import (
    Account,
    Connection,
    DailyDenial,
    IamPolicy,
    InventoryRun,
    LoggedEvent,
    LogSource,
    OrganizationalUnit,
    Policy,
    PolicyContent,
    Principal,
    ResourcePolicy,
    Root,
    UsedAccess,
)
from inventory.models.coverage import Coverage
from tests.factories.people import token_of
from tests.factories.rich_snapshots import rich_snapshot
from tests.factories.snapshots import Snapshot

# Sets `window.hostile` in a browser that runs it.
RUNS: Final = "window.hostile=1"
HTML: Final = f"<img src=x onerror={RUNS}>"
TEXTS: Final = (
    HTML,
    f"<script>{RUNS}</script>",
    f'"><svg onload={RUNS}>',
    f"' autofocus onfocus={RUNS} x='",
    f"</script><script>{RUNS}//",
    f"<a href=javascript:{RUNS}>b</a>",
    f"javascript:{RUNS}",
    "{{ 7|add:7 }}{% now 'Y' %}${7*7}",
    '=HYPERLINK("https://evil.example";"x")',
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    "\t=1+1",
    "\r=1+1",
    "a;=1+1",
    "a\u202egnp.exe\u2066\u200f",
    "<!--",
    "]]>&lt;&amp;%00\\u0000",
)
LONG: Final = "<" + "y" * 9_998 + ">"


def _texts(most: int) -> Iterator[str]:
    """Yield texts of at most so many characters, every one another."""
    for number, text in enumerate(cycle(TEXTS)):
        written = str(number)
        yield f"{text[: most - len(written)]}{written}"


def _fill(model: type[Model], *names: str) -> None:
    for name in names:
        texts = _texts(getattr(model._meta.get_field(name), "max_length", None) or 10_000)
        for row in model._default_manager.order_by("pk"):
            model._default_manager.filter(pk=row.pk).update(**{name: next(texts)})


def _tags() -> dict[str, str]:
    return {**{text: text for text in TEXTS}, "long": LONG}


def _content(text: str) -> PolicyContent:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PolicyContent.objects.get_or_create(sha256=digest, defaults={"text": text})[0]


def _policy_text() -> str:
    statements: list[dict[str, Any]] = [
        {
            "Sid": text,
            "Effect": "Deny",
            "Action": ["ec2:RunInstances", text],
            "Resource": [text],
            "Condition": {"StringNotEquals": {f"aws:PrincipalTag/{text}": [text]}},
        }
        for text in TEXTS
    ]
    return json.dumps({"Version": "2012-10-17", "Id": LONG, "Statement": statements})


def hostile_organization(slug: str = "acme", *, owner: User) -> Snapshot:
    """Store the rich organization and write over whatever AWS or a person may choose freely."""
    made = rich_snapshot(slug)
    Connection.objects.filter(pk=made.connection.pk).update(name=f"{HTML}{TEXTS[7]}"[:80])
    _fill(Account, "name", "email")
    _fill(OrganizationalUnit, "name")
    _fill(Root, "name")
    _fill(Policy, "name", "description")
    _fill(IamPolicy, "name")
    _fill(Coverage, "message", "remedy", "error_code")
    _fill(InventoryRun, "error")
    tagged: tuple[type[Any], ...] = (Account, OrganizationalUnit, Root, Policy, Principal)
    for model in tagged:
        model._default_manager.update(tags=_tags())
    hostile = _content(_policy_text())
    Policy.objects.filter(aws_managed=False, name__startswith="<img").update(content=hostile)
    first = Policy.objects.filter(aws_managed=False, type="SERVICE_CONTROL_POLICY").first()
    assert first is not None
    Policy.objects.filter(pk=first.pk).update(content=hostile)
    Principal.objects.update(inline_policies=dict.fromkeys(TEXTS[:4], hostile.sha256))
    _fill(ResourcePolicy, "name")
    _fill(TrustEdge, "resource_name", "sid", "through", "tenant", "vendor")
    _fill(TrustFinding, "message")
    User.objects.filter(pk=owner.pk).update(first_name=HTML, last_name=TEXTS[2])
    for text in TEXTS:
        row, _ = token_of(owner, "inventory.view_connection")
        type(row).objects.filter(pk=row.pk).update(name=text)
    return made


def hostile_records() -> None:
    """Write over what people, programs and logs have left: call it once `stored_things` are kept.

    Left as they are: what stands in addresses, and the audit log, which nothing may change.
    """
    for model, names in _RECORDED:
        _fill(model, *names)
    Notification.objects.update(lines=list(TEXTS))
    DriftItem.objects.update(desired={"name": HTML}, collected={"name": TEXTS[2]})


_RECORDED: Final[tuple[tuple[type[Model], tuple[str, ...]], ...]] = (
    (Group, ("name",)),
    (User, ("first_name", "last_name")),
    (Profile, ("description",)),
    (ClaimRule, ("value",)),
    (OwnerRule, ("tag_key",)),
    (LabelRule, ("tag_key",)),
    (GrantProposal, ("what", "reason", "decision_note")),
    (ChangeRequest, ("title", "reason", "state_reason", "emergency_reason")),
    (ChangeComment, ("body",)),
    (Review, ("body",)),
    (SettingVersion, ("reason",)),
    (Simulation, ("name",)),
    (TrustContract, ("purpose", "end_reason")),
    (ExternalParty, ("note",)),
    (BaselineVersion, ("reason",)),
    (GuardrailException, ("reason", "mitigation", "end_reason")),
    (DriftItem, ("subject", "target_name", "resolution")),
    (IgnoreRule, ("reason",)),
    (InboxItem, ("title", "target_name", "set_aside_for")),
    (InboxEvent, ("text",)),
    (Detection, ("title", "subject_id", "principal", "closed_for")),
    (DetectionEvidence, ("principal", "event_name")),
    (LogSource, ("name", "problem")),
    (LoggedEvent, ("principal", "event_name")),
    (UsedAccess, ("principal", "resource")),
    (DailyDenial, ("principal", "resource", "policy")),
    (Notification, ("title",)),
    (Webhook, ("name", "switched_off_because")),
    (WebhookDelivery, ("title", "last_error")),
    (WebhookAttempt, ("error", "answer_body")),
)
