"""Roles: given, counted and taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError

from governance.access import rights
from governance.access.grants import forget_grants
from governance.access.models import RoleAssignment
from governance.access.role_assignments import (
    EVERYWHERE,
    CannotAssignRole,
    CannotWithdrawRole,
    LastAdministrator,
    OwnLastRight,
    RolePlace,
    role_assign,
    role_withdraw,
)
from governance.access.viewers import holds, holds_within, why_may
from governance.audit.actors import Actor
from governance.audit.models import AuditEntry
from inventory.viewing import Place
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, give_role, person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAYMENTS, TEST_ACCOUNT = "222222222222", "222222222224"


def actor_for(user) -> Actor:
    return Actor(kind="person", user_id=user.pk, name=user.username)


@pytest.fixture
def admin():
    return person("administrator")


@pytest.fixture
def acme():
    """The small organization."""
    return organization_snapshot()


def assign(admin, **values):
    return role_assign(
        **{"actor": actor_for(admin), "role": "viewer", "place": EVERYWHERE, "now": NOW, **values}
    )


def withdraw(admin, row):
    role_withdraw(actor=actor_for(admin), assignment_id=row.pk, now=NOW)


class TestAssign:
    def test_gives_the_role_at_the_place_and_records_who_did(self, admin, acme):
        user = UserFactory.create(username="olga")
        workloads = acme.units["Workloads"].target_id
        row = assign(admin, user=user, role="author", place=RolePlace(acme.connection, workloads))

        where = {"connection": acme.connection}
        assert holds(user, rights.START_RUN, **where, target_id=PAYMENTS)
        assert holds(user, rights.START_RUN, **where, target_id=acme.units["Prod"].target_id)
        assert not holds(user, rights.START_RUN, **where, target_id="333333333331")
        assert not holds(user, rights.START_RUN, **where)
        entry = AuditEntry.objects.get(action="role.assign")
        assert (entry.actor_id, entry.object_id) == (admin.pk, str(row.pk))
        assert entry.after is not None
        assert entry.after["person"] == "olga"
        assert entry.target_id == workloads

    def test_takes_the_root_for_the_whole_organization(self, admin, acme):
        place = RolePlace(acme.connection, acme.root.target_id)
        assert assign(admin, user=UserFactory.create(), place=place).target_id == ""

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"user": None}, "either a person or a group"),
            ({"role": "king"}, "no role 'king'"),
            ({"place": RolePlace(None, PAYMENTS)}, "choose the organization"),
            ({"ends_at": NOW}, "in the future"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, admin, values, said):
        with pytest.raises(CannotAssignRole, match=said):
            assign(admin, **{"user": UserFactory.create(), **values})
        assert not AuditEntry.objects.exists()

    def test_refuses_a_target_that_the_organization_does_not_have(self, admin, acme):
        with pytest.raises(CannotAssignRole, match="no OU or account 999999999999"):
            assign(
                admin, user=UserFactory.create(), place=RolePlace(acme.connection, "999999999999")
            )

    def test_refuses_somebody_who_is_switched_off(self, admin):
        with pytest.raises(CannotAssignRole, match="deactivated"):
            assign(admin, user=UserFactory.create(is_active=False))

    def test_refuses_the_same_twice_until_the_first_has_ended(self, admin):
        user = UserFactory.create()
        assign(admin, user=user, ends_at=NOW + HOUR)
        with pytest.raises(CannotAssignRole, match="already holds"):
            assign(admin, user=user)
        assert assign(admin, user=user, now=NOW + 2 * HOUR).ends_at is None

    def test_counts_only_once_another_person_has_confirmed_it_where_that_is_needed(self, admin):
        user = UserFactory.create()
        row = assign(admin, user=user, needs_confirmation=True)
        assert not holds(user, rights.VIEW_INVENTORY)
        row.confirmed_by, row.confirmed_at = admin, NOW
        with pytest.raises(IntegrityError, match="confirmed_by_another"):
            row.save()

    def test_counts_from_its_confirmation(self, admin):
        user = UserFactory.create()
        row = assign(admin, user=user, needs_confirmation=True)
        row.confirmed_by, row.confirmed_at = person("security"), NOW
        row.save()
        assert holds(user, rights.VIEW_INVENTORY)

    def test_counts_no_longer_than_until_its_end(self):
        user = UserFactory.create()
        give_role(user, "viewer", ends_at=datetime(2026, 1, 1, tzinfo=UTC))
        assert not holds(user, rights.VIEW_INVENTORY)


class TestWithdraw:
    def test_takes_the_role_back_and_records_it(self, admin):
        user = UserFactory.create()
        row = assign(admin, user=user)
        withdraw(admin, row)
        assert not holds(user, rights.VIEW_INVENTORY)
        before = AuditEntry.objects.get(action="role.withdraw").before
        assert before is not None
        assert before["role"] == "viewer"

    def test_refuses_to_leave_nobody_to_administer(self, admin):
        other = person("administrator")
        mine = other.role_assignments.get()
        withdraw(admin, mine)
        give_role(admin, "viewer")
        with pytest.raises(LastAdministrator):
            withdraw(admin, admin.role_assignments.get(role="administrator"))
        assert admin.role_assignments.filter(role="administrator").exists()
        assert AuditEntry.objects.count() == 1

    def test_does_not_count_administrators_who_are_gone_or_of_a_part(self, admin):
        person("administrator", is_active=False)
        person("administrator", Place(ConnectionFactory.create().pk))
        give_role(Group.objects.create(name="nobody in it"), "administrator")
        give_role(admin, "viewer")
        with pytest.raises(LastAdministrator):
            withdraw(admin, admin.role_assignments.get(role="administrator"))

    def test_counts_members_of_groups_as_administrators(self, admin):
        group = Group.objects.create(name="platform")
        group.user_set.add(UserFactory.create())
        give_role(group, "administrator")
        give_role(admin, "viewer")
        withdraw(admin, admin.role_assignments.get(role="administrator"))
        assert not admin.role_assignments.filter(role="administrator").exists()

    def test_refuses_to_take_ones_own_last_role(self, admin):
        security = person("security")
        with pytest.raises(OwnLastRight):
            withdraw(security, security.role_assignments.get())
        assert holds(security, rights.VIEW_INVENTORY)
        withdraw(admin, security.role_assignments.get())

    def test_refuses_to_take_ones_own_last_role_through_a_group(self, admin):
        group, user = Group.objects.create(name="platform"), UserFactory.create()
        group.user_set.add(user)
        row = give_role(group, "security")
        with pytest.raises(OwnLastRight):
            withdraw(user, row)

    def test_refuses_what_there_is_not(self, admin):
        with pytest.raises(CannotWithdrawRole, match="no such"):
            role_withdraw(actor=actor_for(admin), assignment_id=0, now=NOW)


class TestPlaces:
    def test_tells_one_organization_from_another(self, acme):
        other = ConnectionFactory.create()
        user = person("author", Place(acme.connection.pk))
        assert holds(user, rights.CANCEL_RUN, connection=acme.connection)
        assert holds(user, rights.START_RUN, connection=acme.connection, target_id=PAYMENTS)
        assert not holds(user, rights.CANCEL_RUN, connection=other)
        assert not holds_within(user, rights.START_RUN, connection=other)

    def test_holds_for_an_account_alone(self, acme):
        user = person("author", Place(acme.connection.pk, PAYMENTS))
        assert holds(user, rights.START_RUN, connection=acme.connection, target_id=PAYMENTS)
        assert not holds(user, rights.START_RUN, connection=acme.connection, target_id=TEST_ACCOUNT)
        assert holds_within(user, rights.START_RUN, connection=acme.connection)

    def test_says_why_somebody_may_do_something_there(self, acme):
        group = Group.objects.create(name="payments team")
        user = person("viewer")
        user.groups.add(group)
        give_role(group, "author", Place(acme.connection.pk, acme.units["Prod"].target_id))
        forget_grants(user)

        seen = why_may(user, rights.VIEW_INVENTORY, acme.connection, PAYMENTS)
        started = why_may(user, rights.START_RUN, acme.connection, PAYMENTS)

        assert [(grant.role, grant.group_name) for grant in seen] == [
            ("viewer", ""),
            ("author", "payments team"),
        ]
        assert [grant.group_name for grant in started] == ["payments team"]
        assert why_may(user, rights.START_RUN, acme.connection, TEST_ACCOUNT) == ()

    def test_is_kept_by_the_database_to_a_person_or_a_group(self):
        with pytest.raises(IntegrityError, match="person_or_a_group"):
            RoleAssignment.objects.create(role="viewer", created_at=NOW)
