"""What the logs show of a rollout: its gate, the table of denials, the ledger for approvers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.changes.models import RolloutRing
from governance.changes.rollout.seen_denials import ledger_write
from tests.factories.edits import PAYMENTS_TEST
from tests.factories.usage import log_days, log_source, store_denial
from tests.governance.web.rollouts.test_monitor import words

DEPLOY = f"arn:aws:iam::{PAYMENTS_TEST}:role/Deploy"


@pytest.fixture
def judged(snapshot, soaking):
    """The first ring with an own use denied as predicted, and another that was not predicted."""
    now = timezone.now()
    uses = [{"account_id": PAYMENTS_TEST, "principal": DEPLOY, "action": "ec2:RunInstances"}]
    soaking.evidence.content = {
        **soaking.evidence.content,
        "predictions": {"denied_uses": uses},
    }
    soaking.evidence.save()
    source = log_source(snapshot.connection, listed_at=now + timedelta(hours=3))
    log_days(source, [PAYMENTS_TEST], until=now.date(), days=2)
    at = now - timedelta(minutes=5)
    for action in ("ec2:RunInstances", "s3:GetObject"):
        store_denial(snapshot.connection, account_id=PAYMENTS_TEST, action=action, at=at)
    ring = RolloutRing.objects.get(rollout__change_request=soaking, number=1)
    ledger_write(ring, now=now)
    return soaking


@pytest.mark.django_db
class TestDeniedUses:
    def test_are_named_beside_what_was_predicted_and_hold_the_gate(self, client, judged, address):
        shown = words(client.get(address("change-request-rollout", judged)))
        assert "Uses denied by the change 1 2 CloudTrail, read to the end of the soak" in shown
        assert "role Deploy s3:GetObject payments-test Not predicted" in shown
        assert "role Deploy ec2:RunInstances payments-test As predicted" in shown
        assert "1 use is denied by an SCP or RCP in this ring" in shown
        assert "No log source" not in shown

    def test_count_in_the_ledger_that_the_next_approver_reads(self, client, judged, address):
        judged.evidence.content = {**judged.evidence.content, "headline": _NOTHING}
        judged.evidence.save()
        shown = words(client.get(address("change-request", judged)))
        assert "1 of 2 denied uses had been predicted in the past" in shown
        assert "In 1 ring of past rollouts the logs showed" in shown


_NOTHING = {
    "clauses": [],
    "accounts": 1,
    "unknown": [],
    "unlisted": [],
    "management": [],
    "units": [],
}
