"""Who may decide: owners, members of groups, and deputies of those who are away."""

import threading
from datetime import timedelta

import pytest
from django.db import connection as database

from governance.access.owners.absences import (
    CannotBeAbsent,
    absence_note,
    absence_remove,
    deputy_name,
)
from governance.access.owners.acting import MayNot
from governance.access.owners.deciding import CannotDecide, grant_confirm
from governance.access.owners.models import Absence, DeputyTerm, GrantProposal
from governance.access.owners.ownerships import owners_set
from governance.access.owners.reading import owners_state
from governance.access.owners.selectors import deciders, may_decide, who_to_ask
from governance.audit.models import AuditEntry
from tests.factories.organization import AccountFactory
from tests.factories.owners import OwnershipFactory, acting, acting_as, group_of, party
from tests.factories.people import UserFactory
from tests.governance.access.owners.conftest import NOW

DAY = timedelta(days=1)


def away(user, *, start=NOW - DAY, end=NOW + DAY):
    return Absence.objects.create(user=user, starts_at=start, ends_at=end, created_at=NOW)


def deputy(user, of, *, start=NOW - DAY, end=NOW + DAY):
    return DeputyTerm.objects.create(
        user=of, deputy=user, starts_at=start, ends_at=end, created_at=NOW
    )


def deputy_for(user, connection, target_id):
    """Return for whom somebody may decide; empty: in their own name."""
    found = may_decide(user, connection, target_id, now=NOW)
    assert found is not None
    return found.deputy_for


@pytest.mark.django_db
class TestMayDecide:
    @pytest.fixture
    def owned(self, connection, target_id, ada):
        OwnershipFactory.create(connection=connection, target_id=target_id("Test"), user=ada)
        return target_id("payments-test")

    def test_an_owner_does_and_nobody_else(self, connection, owned, ada, ben):
        assert deputy_for(ada, connection, owned) == ()
        assert may_decide(ben, connection, owned, now=NOW) is None

    def test_who_is_away_does_not_and_their_deputy_does(self, connection, owned, ada, ben):
        deputy(ben, ada)
        assert may_decide(ben, connection, owned, now=NOW) is None
        away(ada)

        assert may_decide(ada, connection, owned, now=NOW) is None
        assert deputy_for(ben, connection, owned) == (ada.pk,)
        assert may_decide(ada, connection, owned, now=NOW + DAY) is not None
        assert may_decide(ben, connection, owned, now=NOW + DAY) is None

    def test_a_deputy_stands_in_for_their_time_and_only_if_they_are_here(
        self, connection, owned, ada, ben
    ):
        away(ada, end=NOW + 5 * DAY)
        term = deputy(ben, ada, start=NOW + DAY, end=NOW + 2 * DAY)
        assert may_decide(ben, connection, owned, now=NOW) is None
        assert may_decide(ben, connection, owned, now=term.starts_at) is not None
        assert may_decide(ben, connection, owned, now=term.ends_at) is None
        away(ben, end=NOW + 5 * DAY)
        assert may_decide(ben, connection, owned, now=term.starts_at) is None

    def test_a_deactivated_deputy_does_not(self, connection, owned, ada, ben):
        away(ada)
        deputy(ben, ada)
        ben.is_active = False
        ben.save()
        assert may_decide(ben, connection, owned, now=NOW) is None

    def test_a_deputy_of_a_deputy_does_not(self, connection, owned, ada, ben):
        cid = UserFactory.create()
        away(ada)
        away(ben)
        deputy(ben, ada)
        deputy(cid, ben)
        assert may_decide(cid, connection, owned, now=NOW) is None

    def test_a_person_counts_once_however_they_come_to_it(
        self, connection, target_id, owned, ada, ben
    ):
        team = group_of("team", ada, ben)
        OwnershipFactory.create(connection=connection, target_id=target_id("Test"), group=team)
        away(ada)
        deputy(ben, ada)

        found = deciders(owners_state(connection), [owned], now=NOW)[owned]

        assert set(found) == {ben.pk}
        assert found[ben.pk].deputy_for == ()
        assert [one.name for one in found[ben.pk].through] == ["team"]

    def test_asks_as_much_for_many_targets_as_for_few(
        self, connection, target_id, ada, django_assert_max_num_queries
    ):
        ids = [AccountFactory.create(connection=connection).account_id for _ in range(30)]
        OwnershipFactory.create(connection=connection, target_id=target_id("Root"), user=ada)
        state = owners_state(connection)

        with django_assert_max_num_queries(2):
            found = deciders(state, ids, now=NOW)

        assert len(found) == 30

    def test_who_to_ask_names_the_deputy_and_until_when(
        self, connection, target_id, owned, ada, ben
    ):
        away(ada)
        deputy(ben, ada)

        found = who_to_ask(owners_state(connection), owned, now=NOW)

        assert found is not None
        (contact,) = found.contacts
        assert contact.away_until == NOW + DAY
        assert [one.name for one in contact.deputies] == ["ben"]


@pytest.mark.django_db
class TestAbsences:
    def test_are_noted_for_oneself_with_an_entry(self, ada, ben):
        by = acting(ada)
        row = absence_note(by=by, user=ada, starts_at=NOW, ends_at=NOW + DAY, now=NOW)
        deputy_name(by=by, user=ada, deputy=ben, starts_at=NOW, ends_at=NOW + DAY, now=NOW)
        absence_remove(by=by, absence_id=row.pk, now=NOW)

        assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
            "absence.note",
            "deputy.name",
            "absence.remove",
        ]

    def test_of_others_are_for_who_manages_owners_everywhere(self, ada, ben):
        span = {"starts_at": NOW, "ends_at": NOW + DAY, "now": NOW}
        with pytest.raises(MayNot):
            absence_note(by=acting(ben), user=ada, **span)
        by = acting_as("administrator")
        absence_note(by=by, user=ada, **span)
        with pytest.raises(CannotBeAbsent, match="yourself"):
            deputy_name(by=by, user=ada, deputy=by.user, **span)

    @pytest.mark.parametrize(
        ("start", "end"), [(NOW, NOW), (NOW - 2 * DAY, NOW - DAY), (NOW, NOW + 400 * DAY)]
    )
    def test_have_a_span_that_makes_sense(self, ada, start, end):
        with pytest.raises(CannotBeAbsent):
            absence_note(by=acting(ada), user=ada, starts_at=start, ends_at=end, now=NOW)


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def both(self, *acts):
        """Run acts in threads that begin together; return their errors."""
        begin, errors = threading.Barrier(len(acts)), []

        def run(act):
            try:
                begin.wait()
                act()
            except CannotDecide as error:
                errors.append(str(error))
            finally:
                database.close()

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors

    def test_one_of_two_confirmers_confirms(self, connection, target_id, ada):
        owners_set(
            by=acting_as("security"),
            connection=connection,
            target_id=target_id("payments"),
            parties=[party(ada)],
            now=NOW,
        )
        proposal = GrantProposal.objects.get()
        people = [acting_as("administrator"), acting_as("security")]

        errors = self.both(
            *(lambda by=by: grant_confirm(by=by, proposal_id=proposal.pk, now=NOW) for by in people)
        )

        assert errors == ["it was confirmed already"]
        assert AuditEntry.objects.filter(action="grant.confirm").count() == 1

    def test_two_who_set_the_same_owner_leave_one(self, connection, target_id, ada):
        people = [acting_as("administrator"), acting_as("security")]

        errors = self.both(
            *(
                lambda by=by: owners_set(
                    by=by,
                    connection=connection,
                    target_id=target_id("Test"),
                    parties=[party(ada)],
                    now=NOW,
                )
                for by in people
            )
        )

        assert errors == []
        assert AuditEntry.objects.filter(action="owner.set").count() == 1
