"""What people do to owners, labels and grants, who may, and what the audit log says."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.access.models import RoleAssignment
from governance.access.owners.acting import MayNot
from governance.access.owners.deciding import (
    CannotDecide,
    MayNotDecide,
    SessionOnly,
    grant_confirm,
    grant_refuse,
    grants_expire,
    waiting_for,
)
from governance.access.owners.models import GrantProposal, Ownership
from governance.access.owners.ownerships import CannotOwn, owners_set
from governance.access.owners.proposing import role_propose
from governance.access.role_assignments import EVERYWHERE, role_assign, role_withdraw
from governance.access.viewers import holds
from governance.audit.actors import Actor
from governance.audit.models import AuditEntry
from inventory.viewing import Place
from tests.factories.owners import (
    LabelFactory,
    acting,
    acting_as,
    group_of,
    owners_at,
    party,
)
from tests.factories.people import give_role, person, token_of
from tests.governance.access.owners.conftest import NOW

pytestmark = pytest.mark.django_db
SYSTEM = Actor(kind="system", user_id=None, name="tests")


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def security(db):
    return acting_as("security", username="sam")


@pytest.fixture
def administrator(db):
    return acting_as("administrator", username="root")


@pytest.fixture
def give(connection, target_id, security):
    """Return a function that has security make somebody the owner of a target by name."""

    def run(name, *owners, by=security, now=NOW):
        return owners_set(
            by=by,
            connection=connection,
            target_id=target_id(name),
            parties=[party(one) for one in owners],
            reason="new team",
            now=now,
        )

    return run


class TestOwnersSet:
    def test_outside_production_counts_at_once(self, connection, target_id, give, ada):
        done = give("payments-test", ada)

        assert done.waiting == ()
        assert owners_at(connection, target_id("payments-test")).entitled[0].party.name == "ada"
        entry = AuditEntry.objects.get(action="owner.set")
        assert entry.after is not None
        assert entry.after["owners"] == ["ada"]
        assert entry.target_id == target_id("payments-test")

    def test_in_production_waits_for_a_second_person(self, give, ada):
        assert give("payments", ada).waiting == (party(ada),)

        proposal = GrantProposal.objects.get()
        assert proposal.reason == "new team"
        assert actions() == ["grant.propose", "owner.set"]

    def test_above_production_waits_too(self, give, ada):
        assert give("Workloads", ada).waiting == (party(ada),)

    def test_where_the_environment_is_not_known_waits_too(self, give, ada):
        assert give("log-archive", ada).waiting == (party(ada),)

    def test_replaces_owners_and_ends_what_waited_for_them(self, give, ada, ben):
        give("payments", ada)
        done = give("payments", ben, now=NOW + timedelta(hours=1))

        assert done.taken == (party(ada),)
        assert Ownership.objects.get(user=ada).ended_at == NOW + timedelta(hours=1)
        assert [one.state for one in GrantProposal.objects.order_by("pk")] == [
            "expired",
            "proposed",
        ]

    def test_none_makes_the_target_inherit_again(self, connection, target_id, give, ada, ben):
        give("Test", ben)
        give("payments-test", ada)
        give("payments-test")

        assert owners_at(connection, target_id("payments-test")).is_inherited

    def test_the_same_again_changes_nothing(self, give, ada):
        give("payments-test", ada)
        assert give("payments-test", ada).is_unchanged
        assert len(actions()) == 1

    def test_asks_again_where_a_target_became_production(self, connection, target_id, give, ada):
        give("payments-test", ada)
        LabelFactory.create(
            connection=connection, target_id=target_id("payments-test"), value="production"
        )

        assert give("payments-test", ada).waiting == (party(ada),)
        assert GrantProposal.objects.get().kind == "ownership"

    def test_refuses_who_has_left_and_what_is_not_there(self, connection, security, give, ada):
        ada.is_active = False
        ada.save()
        with pytest.raises(CannotOwn, match="is deactivated"):
            give("Test", ada)
        with pytest.raises(CannotOwn, match="has no active member"):
            give("Test", group_of("empty"))
        with pytest.raises(CannotOwn, match="not a root, OU or account"):
            owners_set(by=security, connection=connection, target_id="1", parties=[], now=NOW)
        assert not Ownership.objects.exists()

    def test_needs_the_right_at_the_place(self, connection, target_id, give, ada):
        of_test = acting(person("security", Place(connection.pk, target_id("Test"))))

        give("payments-test", ada, by=of_test)
        for name in ("payments", "Workloads"):
            with pytest.raises(MayNot):
                give(name, ada, by=of_test)
        with pytest.raises(MayNot):
            give("payments-test", by=acting_as("author"))


class TestGrants:
    @pytest.fixture
    def proposal(self, give, ada):
        give("payments", ada)
        return GrantProposal.objects.get()

    def test_a_second_person_confirms_and_it_counts(
        self, connection, target_id, proposal, administrator
    ):
        grant_confirm(by=administrator, proposal_id=proposal.pk, now=NOW)

        found = owners_at(connection, target_id("payments"))
        assert [one.party.name for one in found.entitled] == ["ada"]
        assert actions()[-1] == "grant.confirm"

    def test_the_proposer_does_not_confirm(self, proposal, security):
        with pytest.raises(MayNotDecide, match="you proposed it"):
            grant_confirm(by=security, proposal_id=proposal.pk, now=NOW)

    def test_nobody_confirms_what_they_gain(self, proposal, ada):
        give_role(ada, "administrator")
        with pytest.raises(MayNotDecide, match="gain by it"):
            grant_confirm(by=acting(ada), proposal_id=proposal.pk, now=NOW)

    def test_nobody_confirms_for_a_group_they_are_in(self, give, administrator, ada):
        give("payments", group_of("team", ada, administrator.user))
        with pytest.raises(MayNotDecide, match="gain by it"):
            grant_confirm(by=administrator, proposal_id=GrantProposal.objects.get().pk, now=NOW)

    def test_only_who_is_entitled_at_the_place_confirms(self, connection, target_id, proposal):
        elsewhere = acting(person("security", Place(connection.pk, target_id("Test"))))
        here = acting(person("security", Place(connection.pk, target_id("Prod"))))

        for by in (elsewhere, acting_as("approver")):
            with pytest.raises(MayNotDecide):
                grant_confirm(by=by, proposal_id=proposal.pk, now=NOW)
        assert waiting_for(elsewhere, now=NOW) == []
        assert waiting_for(here, now=NOW) == [proposal]
        grant_confirm(by=here, proposal_id=proposal.pk, now=NOW)

    def test_a_token_decides_nothing(self, proposal, administrator):
        token, _ = token_of(administrator.user, "inventory.view_connection")
        by = acting(administrator.user, token=token)

        for decide in (grant_confirm, grant_refuse):
            with pytest.raises(SessionOnly):
                decide(by=by, proposal_id=proposal.pk, now=NOW)

    def test_is_decided_once(self, proposal, administrator):
        grant_refuse(by=administrator, proposal_id=proposal.pk, note="why?", now=NOW)
        with pytest.raises(CannotDecide, match="refused already"):
            grant_confirm(by=administrator, proposal_id=proposal.pk, now=NOW)
        assert Ownership.objects.get().ended_at == NOW

    def test_runs_out(self, proposal, administrator):
        later = proposal.expires_at
        with pytest.raises(CannotDecide, match="has expired"):
            grant_confirm(by=administrator, proposal_id=proposal.pk, now=later)
        assert grants_expire(actor=SYSTEM, now=later) == 1
        assert grants_expire(actor=SYSTEM, now=later) == 0
        proposal.refresh_from_db()
        assert proposal.state == "expired"
        assert Ownership.objects.get().ended_at == later

    def test_the_proposer_may_withdraw(self, proposal, security):
        assert grant_refuse(by=security, proposal_id=proposal.pk, now=NOW).state == "refused"

    def test_the_database_knows_no_confirmation_by_the_proposer(self, proposal, security):
        with pytest.raises(IntegrityError), transaction.atomic():
            GrantProposal.objects.filter(pk=proposal.pk).update(
                state="confirmed", decided_at=NOW, decided_by=security.user
            )
        with pytest.raises(IntegrityError), transaction.atomic():
            Ownership.objects.update(confirmed_at=NOW, confirmed_by=security.user)

    def test_a_role_counts_once_confirmed_and_is_gone_once_refused(
        self, security, administrator, ada
    ):
        rows = [
            give_role(ada, role, needs_confirmation=True, granted_by=security.user)
            for role in ("administrator", "approver")
        ]
        confirmed, refused = (
            role_propose(actor=security.actor, assignment=row, now=NOW) for row in rows
        )
        assert not holds(ada, "owners.change_ownership")

        grant_confirm(by=administrator, proposal_id=confirmed.pk, now=NOW)
        grant_refuse(by=administrator, proposal_id=refused.pk, now=NOW)

        ada = type(ada).objects.get(pk=ada.pk)
        assert holds(ada, "owners.change_ownership")
        assert [row.role for row in RoleAssignment.objects.filter(user=ada)] == ["administrator"]

    @pytest.mark.parametrize(
        ("role", "waits"),
        [
            ("viewer", False),
            ("author", False),
            ("auditor", False),
            ("approver", True),
            ("security", True),
            ("administrator", True),
        ],
    )
    def test_roles_that_decide_wait_for_a_second_person(self, security, ada, role, waits):
        role_assign(actor=security.actor, user=ada, role=role, place=EVERYWHERE, now=NOW)

        assert [one.what for one in GrantProposal.objects.all()] == [role] * waits
        assert holds(ada, "inventory.view_connection") is not waits

    def test_a_role_from_the_server_counts_at_once_and_a_withdrawn_one_waits_no_more(
        self, security, ada
    ):
        role_assign(actor=SYSTEM, user=ada, role="administrator", place=EVERYWHERE, now=NOW)
        assert holds(ada, "owners.change_ownership")
        row = role_assign(
            actor=security.actor, user=ada, role="security", place=EVERYWHERE, now=NOW
        )
        role_withdraw(actor=security.actor, assignment_id=row.pk, now=NOW)
        assert GrantProposal.objects.get().state == "expired"

    def test_a_role_everywhere_needs_somebody_entitled_everywhere(self, connection, security, ada):
        row = give_role(ada, "security", needs_confirmation=True)
        proposal = role_propose(actor=security.actor, assignment=row, now=NOW)
        by = acting(person("administrator", Place(connection.pk, "")))

        with pytest.raises(MayNotDecide):
            grant_confirm(by=by, proposal_id=proposal.pk, now=NOW)


class TestCommand:
    @pytest.fixture
    def proposal(self, give, ada):
        give("payments", ada, now=timezone.now())
        return GrantProposal.objects.get()

    def test_confirms_where_nobody_else_can_and_says_so_in_the_log(self, proposal, capsys):
        call_command("confirm_grant", str(proposal.pk), "--reason", "first set-up")

        assert "WITHOUT a second person" in capsys.readouterr().err
        proposal.refresh_from_db()
        assert (proposal.state, proposal.by_command) == ("confirmed", True)
        entry = AuditEntry.objects.get(action="grant.confirm_alone")
        assert entry.actor_kind == "command"
        assert entry.after is not None
        assert entry.after["note"] == "first set-up"

    def test_is_refused_where_a_second_person_can_confirm(self, proposal, administrator):
        with pytest.raises(CommandError, match="A second person can confirm it: root"):
            call_command("confirm_grant", str(proposal.pk), "--reason", "hurry")

    def test_needs_a_reason_and_a_grant(self, proposal):
        with pytest.raises(CommandError, match="reason"):
            call_command("confirm_grant", str(proposal.pk))
        with pytest.raises(CommandError, match="no grant 0"):
            call_command("confirm_grant", "0", "--reason", "x")
