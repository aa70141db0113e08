"""The demo organization has owners, and gaps that are left on purpose."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from demo.owners import ensure_owners
from governance.access.owners.gaps import owner_gaps
from governance.access.owners.models import GrantProposal
from governance.access.owners.reading import owners_state
from tests.factories.demo_organization import demo_organization
from tests.factories.people import person

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
class TestOwners:
    @pytest.fixture
    def demo(self):
        for role in ("security", "administrator"):
            person(role, username=role)
        return demo_organization()

    def test_are_given_once_with_one_gap_of_each_kind(self, demo):
        assert ensure_owners(demo.connection, now=NOW)

        state = owners_state(demo.connection)
        gaps = owner_gaps(state, now=NOW)
        assert gaps.unowned
        assert gaps.unconfirmed
        assert gaps.unnamed
        assert [one.party.name for one in gaps.left] == ["ola"]
        assert [one.rule.tag_key for one in gaps.idle_rules] == ["Team"]
        assert [one.party.name for one in gaps.overdue] == ["Cloud platform"]
        assert GrantProposal.objects.get().reason == "Marit leads customs since May."
        tracking = state.owners.at(demo.ids["tracking-api-prod"])
        assert tracking is not None
        assert [one.party.name for one in tracking.entitled] == ["Tracking team"]
        booking = state.owners.at(demo.ids["booking-api-prod"])
        assert booking is not None
        assert [one.party.name for one in booking.owners] == ["Booking team"]
        assert [one.party.name for one in booking.entitled] == ["Engineering"]
        assert not ensure_owners(demo.connection, now=NOW)

    def test_are_left_to_others_where_nobody_could_give_them(self, demo):
        person("viewer")
        GrantProposal.objects.all().delete()
        User.objects.filter(username="security").update(username="elsewhere")
        assert not ensure_owners(demo.connection, now=NOW)
