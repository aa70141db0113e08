"""The landing zone as a source of the inbox: what is wrong, once, and not resolved unread."""

from types import SimpleNamespace
from unittest.mock import patch

import pytest

from governance.baseline.landing_zone.core_accounts import CoreAccountState
from governance.inbox.models import InboxItem, InboxReading
from governance.inbox.refreshing import refresh_inbox
from governance.inbox.sources import landing_zone
from tests.factories.edits import NOW

SOURCE = InboxItem.Source.LANDING_ZONE


def refresh(connection):
    refresh_inbox(connection, now=NOW, sources={SOURCE.value})
    return {
        one.source_key: one
        for one in InboxItem.objects.filter(connection=connection, source=SOURCE)
    }


@pytest.mark.django_db
class TestLandingZone:
    def test_finds_core_accounts_that_nobody_could_look_for_as_not_verified(self, connection):
        found = refresh(connection)
        missing = [one for key, one in found.items() if key.startswith("core_account_missing:")]

        assert missing
        assert {(one.state, one.verified, one.target_kind) for one in missing} == {
            ("open", False, "ROOT")
        }
        assert all(one.whole_only for one in missing)

    def test_is_not_resolved_while_what_shows_core_accounts_is_unread(self, connection):
        before = refresh(connection)
        unknown = SimpleNamespace(
            state=CoreAccountState.UNKNOWN, account_id="", candidate=None, label="", purpose=""
        )
        InboxReading.objects.all().delete()
        with (
            patch.object(landing_zone, "core_accounts", return_value=(unknown,)),
            patch.object(landing_zone, "core_account_findings", return_value=()),
        ):
            after = refresh(connection)

        assert {one.state for one in after.values()} == {"open"}
        assert set(before) == set(after)
