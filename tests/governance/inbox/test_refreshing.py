"""The inbox follows what its sources find, and nothing that cannot be read looks put right."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from governance.access.owners.severity import EffectWeight
from governance.baseline.guardrails.models import GuardrailResult
from governance.drift.finding import refresh_drift
from governance.drift.models import DriftItem
from governance.inbox import refreshing
from governance.inbox.models import InboxItem, InboxReading
from governance.inbox.refreshing import refresh_inbox
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from governance.posture.trust.models import TrustFinding, TrustReading
from tests.factories.edits import NOW
from tests.factories.guardrail_results import GuardrailResultFactory, tallied
from tests.factories.owners import LabelFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory
from tests.governance.inbox.conftest import PAYMENTS, WEBSITE

LATER = NOW + timedelta(days=1)


def history(item: InboxItem) -> list[str]:
    return list(item.events.values_list("what", flat=True))


@pytest.fixture
def source(monkeypatch):
    """A source that finds what the test says."""
    said = SimpleNamespace(
        items=[], problem="", unjudged=lambda item: False, mark=0, raises=None, reads=0
    )

    def read(_connection):
        said.reads += 1
        if said.raises:
            raise said.raises
        return SourceReading(said.items, said.problem, said.unjudged)

    def mark(_connection):
        said.mark += 1
        return str(said.mark)

    said.own = InboxSource(InboxItem.Source.DRIFT, mark, read)
    monkeypatch.setattr(refreshing, "inbox_sources", lambda: {"drift": said.own})
    return said


def found(**values) -> FoundItem:
    return FoundItem(
        **{
            "key": "k",
            "kind": "SCP_UPDATED",
            "title": "protect-logging was edited",
            "target_kind": "ACCOUNT",
            "target_id": PAYMENTS,
            "account_id": PAYMENTS,
            "accounts": 1,
            "weight": EffectWeight.OPENS,
            "environment_at": PAYMENTS,
            **values,
        }
    )


class TestSeverity:
    def test_counts_the_environments_of_the_accounts_whatever_found_it(self, connection, source):
        LabelFactory.create(connection=connection, target_id=WEBSITE, value="test")
        about = {"accounts": 1, "weight": EffectWeight.OPENS_TO_ALL, "environment_at": ""}
        source.items = [
            found(key="payments", account_ids=(PAYMENTS,), **about),
            found(key="website", account_ids=(WEBSITE,), **about),
            found(key="both", account_ids=(PAYMENTS, WEBSITE), **about),
        ]
        refresh_inbox(connection, now=NOW)

        by_key = dict(InboxItem.objects.values_list("source_key", "severity"))
        assert by_key == {"payments": "critical", "website": "high", "both": "critical"}


class TestOneLife:
    def test_is_opened_resolved_and_reopened_with_its_history(self, connection, source):
        source.items = [found()]
        assert refresh_inbox(connection, now=NOW).found == 1
        source.items = []
        assert refresh_inbox(connection, now=NOW).resolved == 1
        source.items = [found()]
        done = refresh_inbox(connection, now=LATER)

        kept = InboxItem.objects.get()
        assert (done.reopened, kept.state, kept.reopened) == (1, "open", 1)
        assert kept.first_seen_at == LATER
        assert history(kept) == ["found", "resolved", "reopened"]

    def test_is_not_resolved_while_it_cannot_be_judged(self, connection, source):
        source.items = [found()]
        refresh_inbox(connection, now=NOW)
        source.items, source.unjudged = [], lambda item: item.account_id == PAYMENTS
        refresh_inbox(connection, now=LATER)

        kept = InboxItem.objects.get()
        assert (kept.state, kept.verified, kept.last_seen_at) == ("open", False, NOW)
        source.items = [found()]
        refresh_inbox(connection, now=LATER)
        assert history(kept) == ["found", "unverified", "verified"]

    def test_is_not_resolved_where_the_source_as_a_whole_is_not_known(self, connection, source):
        source.items = [found()]
        refresh_inbox(connection, now=NOW)
        source.items, source.problem = [], "Never read."

        assert refresh_inbox(connection, now=LATER).unread == {"drift": "Never read."}
        assert InboxItem.objects.get().verified is False

    def test_is_not_verified_after_its_source_failed(self, connection, source):
        source.items = [found()]
        refresh_inbox(connection, now=NOW)
        source.raises = RuntimeError("broken")
        refresh_inbox(connection, now=LATER)

        assert InboxItem.objects.get().verified is False
        assert InboxReading.objects.get().problem == "RuntimeError: broken"

    def test_stays_assigned_when_it_comes_back(self, connection, source, ada):
        source.items = [found()]
        refresh_inbox(connection, now=NOW)
        InboxItem.objects.update(assignee=ada.user, state="assigned")
        source.items = []
        refresh_inbox(connection, now=NOW)
        source.items = [found()]
        refresh_inbox(connection, now=LATER)

        assert InboxItem.objects.get().state == "assigned"

    def test_follows_an_exception_of_its_source_and_its_end(self, connection, source):
        source.items = [found(excepted=True, excepted_until=LATER.date())]
        refresh_inbox(connection, now=NOW)
        assert InboxItem.objects.get().state == "excepted"
        source.items = [found()]
        refresh_inbox(connection, now=LATER)

        kept = InboxItem.objects.get()
        assert (kept.state, kept.excepted_until) == ("open", None)
        assert history(kept) == ["found", "returned"]

    def test_is_open_again_on_the_day_until_which_it_was_snoozed(self, connection, source):
        source.items = [found()]
        refresh_inbox(connection, now=NOW)
        InboxItem.objects.update(state="snoozed", snoozed_until=LATER.date())
        refresh_inbox(connection, now=NOW)
        assert InboxItem.objects.get().state == "snoozed"
        refresh_inbox(connection, now=LATER)

        assert InboxItem.objects.get().state == "open"

    def test_is_due_by_its_severity_and_moves_with_it(self, connection, source):
        source.items = [found(severity="low")]
        refresh_inbox(connection, now=NOW)
        assert InboxItem.objects.get().due_at == NOW + timedelta(days=180)
        source.items = [found(severity="critical")]
        refresh_inbox(connection, now=LATER)

        kept = InboxItem.objects.get()
        assert kept.due_at == NOW + timedelta(days=2)
        assert history(kept) == ["found", "severity"]


class TestReading:
    def test_reads_a_source_once_while_its_mark_is_the_same(self, connection, monkeypatch):
        calls = []

        def read(_connection):
            calls.append(1)
            return SourceReading()

        same = InboxSource(InboxItem.Source.DRIFT, lambda _: "same", read)
        monkeypatch.setattr(refreshing, "inbox_sources", lambda: {"drift": same})
        refresh_inbox(connection, now=NOW)
        refresh_inbox(connection, now=LATER)

        assert len(calls) == 1


class TestSources:
    def test_brings_structure_and_trust_together(self, connection):
        TrustFindingFactory.create(connection=connection)
        TrustReading.objects.create(
            connection=connection,
            account_id=PAYMENTS,
            run_started_at=FIRST_RUN_AT,
            read_at=FIRST_RUN_AT,
        )
        refresh_inbox(connection, now=NOW)

        by_source = set(InboxItem.objects.values_list("source", flat=True))
        assert by_source == {"structure", "trust", "landing_zone"}
        trust = InboxItem.objects.get(source="trust")
        assert (trust.title, trust.target_name) == (
            "Any principal of 999999999999 may assume it",
            "payments",
        )

    def test_cannot_verify_trust_of_an_account_whose_roles_are_denied(self, connection):
        finding = TrustFindingFactory.create(connection=connection)
        TrustReading.objects.create(
            connection=connection,
            account_id=PAYMENTS,
            run_started_at=FIRST_RUN_AT,
            read_at=FIRST_RUN_AT,
        )
        refresh_inbox(connection, now=NOW)
        CoverageFactory.create(
            run=InventoryRunFactory.create(connection=connection, started_at=SECOND_RUN_AT),
            account_id=PAYMENTS,
            collector="iam.authorization_details",
            state="denied",
        )
        TrustFinding.objects.filter(pk=finding.pk).update(seen_until=NOW)
        refresh_inbox(connection, now=LATER)

        kept = InboxItem.objects.get(source="trust")
        assert (kept.state, kept.verified) == ("open", False)

    def test_brings_one_item_a_guardrail_and_part_of_the_tree(self, connection):
        for account_id in (PAYMENTS, "222222222223"):
            GuardrailResultFactory.create(connection=connection, account_id=account_id)
        tallied(connection)
        refresh_inbox(connection, now=NOW)

        kept = InboxItem.objects.get(source="guardrail")
        assert kept.title == "Fails: Nobody stops or alters CloudTrail"
        assert (kept.target_name, kept.accounts) == ("Workloads", 2)
        assert kept.account_ids == [PAYMENTS, "222222222223"]

    def test_does_not_resolve_a_guardrail_whose_accounts_are_no_longer_covered(self, connection):
        result = GuardrailResultFactory.create(connection=connection)
        tallied(connection)
        refresh_inbox(connection, now=NOW)
        GuardrailResult.objects.filter(pk=result.pk).update(seen_until=NOW)
        GuardrailResultFactory.create(connection=connection, seen_from=NOW, outcome="not_covered")
        refresh_inbox(connection, now=LATER)

        kept = InboxItem.objects.get(source="guardrail")
        assert (kept.state, kept.verified) == ("open", False)

    def test_brings_drift_with_its_own_severity_and_place(self, connection):
        DriftItem.objects.create(
            connection=connection,
            key="d" * 64,
            subject="policy:p-1",
            place_id="ou-ab12-work0001",
            kind="SCP_UPDATED",
            target_kind="policy",
            target_id="p-1",
            target_name="protect-logging",
            effect="allows",
            severity="high",
            accounts=2,
            first_seen_at=NOW,
            last_seen_at=NOW,
        )
        refresh_inbox(connection, now=NOW)

        kept = InboxItem.objects.get(source="drift")
        assert (kept.title, kept.severity) == ("protect-logging was edited", "high")
        assert kept.place_id == "ou-ab12-work0001"


class TestTwins:
    def test_an_edge_outside_contracts_is_one_finding_of_drift_and_its_twin_of_trust_is_resolved(
        self, connection, item
    ):
        edge = TrustEdgeFactory.create(connection=connection)
        about = {"connection": connection, "edge_key": edge.key, "subject_arn": edge.resource_arn}
        twin = TrustFindingFactory.create(code="outside-contracts", **about)
        TrustFindingFactory.create(code="external-without-external-id", **about)
        TrustReading.objects.create(
            connection=connection, account_id=PAYMENTS, run_started_at=NOW, read_at=NOW
        )
        # As it was listed before drift told of it.
        before = item(source="trust", source_key=twin.key, kind="outside-contracts")
        refresh_drift(connection, now=NOW)
        refresh_inbox(connection, now=NOW, sources={"trust", "drift"})

        found = InboxItem.objects.exclude(state="resolved").values_list("source", "kind")
        assert sorted(found) == [
            ("drift", "TRUST_OUTSIDE_CONTRACT"),
            ("trust", "external-without-external-id"),
        ]
        before.refresh_from_db()
        assert (before.state, history(before)) == ("resolved", ["found", "resolved"])
        drift = DriftItem.objects.get()
        assert drift.collected is not None
        assert drift.collected["edge_key"] == edge.key
        assert InboxItem.objects.get(source="drift").detail["drift_id"] == drift.pk
