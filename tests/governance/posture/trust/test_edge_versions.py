"""Versions of edges from run to run, and the task that makes them."""

from datetime import timedelta

import pytest
from celery import current_app

from governance.access.owners.models import Label
from governance.posture.tasks import refresh_trust_task
from governance.posture.trust.dispatch import refresh_request
from governance.posture.trust.models import TrustEdge, TrustFinding, TrustReading
from inventory.models import (
    Organization,
    Principal,
    ResourcePolicy,
)
from inventory.resource_facts import (
    POLICY,
)
from tests.factories.people import UserFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.principals import RoleFactory
from tests.factories.runs import InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT
from tests.factories.versions import changed, ended
from tests.governance.posture.trust.conftest import (
    LOGS,
    NOW,
    PAYMENTS,
    STRANGER,
    TEST,
    WEBSITE,
    edges,
    trusting,
)

SECOND_RUN_AT = FIRST_RUN_AT + timedelta(days=1)


def second_run(snapshot, **fields):
    return InventoryRunFactory.create(
        connection=snapshot.connection, started_at=SECOND_RUN_AT, **fields
    )


def content_of(rows):
    """Return all that versions hold but when."""
    names = [
        f.attname for f in rows.model._meta.concrete_fields if f.name not in {"id", "seen_from"}
    ]
    return sorted(map(repr, rows.as_of(None).values_list(*names)))


class TestVersions:
    def test_what_is_as_it_was_writes_nothing(self, snapshot, role, bucket, refresh):
        role({"AWS": [STRANGER, WEBSITE]})
        bucket({"Principal": {"AWS": TEST}}, name="data")
        first = refresh()
        assert set(first.account_ids) == {PAYMENTS}
        second_run(snapshot)
        again = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert again.account_ids == ()
        assert (again.edges.opened, again.edges.closed) == (0, 0)
        assert (again.findings.opened, again.findings.closed) == (0, 0)

    def test_only_the_account_that_changed_is_worked_out(self, snapshot, role, refresh):
        first = role({"AWS": STRANGER}, name="first")
        role({"AWS": STRANGER}, account_id=WEBSITE)
        refresh()
        changed(first, at=SECOND_RUN_AT, trust_policy=trusting({"AWS": "888888888888"}))
        second_run(snapshot)
        done = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert done.account_ids == (PAYMENTS,)
        assert (done.edges.opened, done.edges.closed) == (1, 1)
        before = TrustEdge.objects.get(principal_id=STRANGER, account_id=PAYMENTS)
        assert before.seen_until == SECOND_RUN_AT
        assert edges(account_id=PAYMENTS)["888888888888"].seen_from == SECOND_RUN_AT

    def test_what_changes_between_runs_changes_then(self, snapshot, role, refresh):
        role({"AWS": TEST})
        refresh()
        Label.objects.create(
            connection=snapshot.connection,
            target_id=TEST,
            kind="environment",
            value="production",
            created_at=NOW,
            created_by=UserFactory.create(),
        )
        later = NOW + timedelta(hours=1)
        done = refresh(later)
        assert done.moment == later
        assert edges()[TEST].crossing == "organization"
        assert edges()[TEST].seen_from == later

    def test_an_edit_of_an_scp_is_worked_out_where_its_accounts_are_named(
        self, snapshot, role, refresh
    ):
        role({"AWS": LOGS}, account_id=PAYMENTS)
        role({"AWS": TEST}, account_id=WEBSITE)
        refresh()
        policy = PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-assume01",
            text=denying("sts:AssumeRole"),
            seen_from=SECOND_RUN_AT,
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            policy_id=policy.policy_id,
            target_id=LOGS,
            seen_from=SECOND_RUN_AT,
        )
        second_run(snapshot)
        done = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert done.account_ids == (PAYMENTS,)
        assert edges()[LOGS].state == "blocked"

    @pytest.mark.parametrize(("action", "of_witness"), [("sts:AssumeRole", False), ("ec2:*", True)])
    def test_an_scp_that_settles_nothing_leaves_organization_wide_edges_alone(
        self, snapshot, role, refresh, action, of_witness
    ):
        own = Organization.objects.as_of(None).get(connection=snapshot.connection)
        role(
            "*",
            account_id=PAYMENTS,
            Condition={"StringEquals": {"aws:PrincipalOrgID": own.organization_id}},
        )
        role({"Service": "ec2.amazonaws.com"}, account_id=WEBSITE)
        refresh()
        witness = TrustEdge.objects.as_of(None).get(principal_kind="organization").witness
        first = witness["principal"].split(":")[4]
        denied = first if of_witness else next(one for one in (LOGS, TEST) if one != first)
        assert self._after_denying(snapshot, refresh, action, denied) == ()

    def test_an_scp_that_binds_the_witness_has_the_edge_worked_out(self, snapshot, role, refresh):
        own = Organization.objects.as_of(None).get(connection=snapshot.connection)
        role(
            "*",
            account_id=PAYMENTS,
            Condition={"StringEquals": {"aws:PrincipalOrgID": own.organization_id}},
        )
        role({"Service": "ec2.amazonaws.com"}, account_id=WEBSITE)
        refresh()
        witness = TrustEdge.objects.as_of(None).get(principal_kind="organization").witness
        denied = witness["principal"].split(":")[4]
        worked_out = self._after_denying(snapshot, refresh, "sts:AssumeRole", denied)
        assert worked_out == (PAYMENTS,)
        edge = TrustEdge.objects.as_of(None).get(principal_kind="organization")
        assert edge.witness["principal"].split(":")[4] != denied

    @staticmethod
    def _after_denying(snapshot, refresh, action, account_id):
        policy = PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-edited001",
            text=denying(action),
            seen_from=SECOND_RUN_AT,
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            policy_id=policy.policy_id,
            target_id=account_id,
            seen_from=SECOND_RUN_AT,
        )
        second_run(snapshot)
        return refresh(SECOND_RUN_AT + timedelta(hours=1)).account_ids

    def test_edges_of_what_is_gone_end(self, snapshot, role, refresh):
        gone = role({"AWS": STRANGER})
        refresh()
        ended(gone, at=SECOND_RUN_AT)
        second_run(snapshot)
        refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert not edges()
        assert TrustEdge.objects.get().seen_until == SECOND_RUN_AT
        assert not TrustReading.objects.exclude(account_id="")

    def test_a_policy_that_can_no_longer_be_read_ends_nothing(self, snapshot, bucket, refresh):
        row = bucket({"Principal": {"AWS": STRANGER}}, name="data")
        refresh()
        findings = content_of(TrustFinding.objects.all())
        changed(row, at=SECOND_RUN_AT, content=None, unknown={POLICY: "AccessDenied"})
        second_run(snapshot)
        done = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert done.account_ids == (PAYMENTS,)
        assert edges()[STRANGER].seen_until is None
        assert content_of(TrustFinding.objects.all()) == findings

    def test_a_policy_that_cannot_be_parsed_is_a_finding(self, snapshot, refresh):
        RoleFactory.create(
            connection=snapshot.connection, name="odd", trust_policy=content('{"Statement": "*"')
        )
        refresh()
        finding = TrustFinding.objects.get(code="policy-unreadable")
        assert "not known" in finding.message
        assert not edges(resource_name="odd")

    def test_only_asked_accounts_are_looked_at(self, role, refresh):
        role({"AWS": STRANGER})
        role({"AWS": STRANGER}, account_id=WEBSITE)
        assert refresh(account_ids=[WEBSITE]).account_ids == (WEBSITE,)
        assert refresh().account_ids == (PAYMENTS,)


class TestTask:
    def test_waits_while_a_run_goes_on(self, snapshot, role):
        role({"AWS": STRANGER})
        run = second_run(snapshot, state="running")
        refresh_trust_task(connection_id=snapshot.connection.pk)
        assert not edges()
        run.state = "complete"
        run.save()
        refresh_trust_task()
        assert set(edges()) == {STRANGER}

    def test_is_asked_for_when_a_run_ends(
        self, snapshot, monkeypatch, django_capture_on_commit_callbacks
    ):
        sent = []
        monkeypatch.setattr(
            current_app, "send_task", lambda name, kwargs: sent.append((name, kwargs))
        )
        with django_capture_on_commit_callbacks(execute=True):
            refresh_request(run=snapshot.run)
        assert sent == [("posture.refresh_trust", {"connection_id": snapshot.connection.pk})]


class TestFindings:
    def test_what_a_policy_lacks_is_stored_with_its_edge(self, role, refresh):
        role({"AWS": f"arn:aws:iam::{STRANGER}:role/ci"}, name="deploy")
        refresh()
        edge = edges(resource_name="deploy")[f"arn:aws:iam::{STRANGER}:role/ci"]
        codes = TrustFinding.objects.filter(edge_key=edge.key).values_list("code", flat=True)
        assert "external-without-external-id" in codes


class TestIncremental:
    def test_comes_to_the_same_as_working_out_everything(self, snapshot, role, bucket, refresh):
        rows = [
            role({"AWS": [STRANGER, LOGS]}, name="a"),
            role({"AWS": "*"}, account_id=WEBSITE, name="b", Condition=_in_organization()),
            role({"Service": "ec2.amazonaws.com"}, account_id=TEST, name="c"),
        ]
        bucket({"Principal": {"AWS": TEST}}, account_id=WEBSITE, name="data")
        refresh()
        changed(rows[0], at=SECOND_RUN_AT, trust_policy=trusting({"AWS": [TEST, STRANGER]}))
        ended(rows[2], at=SECOND_RUN_AT)
        role({"AWS": PAYMENTS}, account_id=LOGS, name="d")
        second_run(snapshot)
        refresh(SECOND_RUN_AT + timedelta(hours=1))
        step = content_of(TrustEdge.objects.all()), content_of(TrustFinding.objects.all())
        for model in (TrustEdge, TrustFinding, TrustReading):
            model.objects.all().delete()
        refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert (content_of(TrustEdge.objects.all()), content_of(TrustFinding.objects.all())) == step
        assert Principal.objects.as_of(None).count() == 3
        assert ResourcePolicy.objects.count() == 1


def _in_organization():
    return {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}
