"""Tokens: issued, found, ended."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access import rights
from governance.access.actors import user_actor
from governance.access.models import ApiToken, Profile
from governance.access.tokens import (
    LONGEST_LIFE,
    CannotIssueToken,
    CannotRevokeToken,
    CannotRotateToken,
    token_find,
    token_issue,
    token_revoke,
    token_rotate,
)
from governance.access.viewers import holds
from governance.audit import actions
from governance.audit.models import AuditEntry
from inventory.viewing import Place
from tests.factories.people import UserFactory, person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def issue(
    user,
    *,
    scopes=(rights.VIEW_INVENTORY,),
    expires_at=NOW + DAY,
    name="nightly report",
    **limits,
):
    return token_issue(
        **limits,
        actor=user_actor(user),
        user=user,
        name=name,
        scopes=list(scopes),
        expires_at=expires_at,
        now=NOW,
    )


class TestIssue:
    def test_keeps_only_the_digest(self):
        row, token = issue(person("viewer"))
        row.refresh_from_db()
        assert token.startswith("ow_")
        assert row.sha256 == hashlib.sha256(token.encode()).hexdigest()
        assert token not in str(ApiToken.objects.values().get())
        assert token.startswith(row.prefix)
        assert len(row.prefix) < len(token) / 4

    def test_never_makes_the_same_token_twice(self):
        viewer = person("viewer")
        assert len({issue(viewer)[1] for _ in range(20)}) == 20

    def test_refuses_a_right_that_the_person_lacks(self):
        with pytest.raises(CannotIssueToken, match=rights.START_RUN):
            issue(person("viewer"), scopes=[rights.START_RUN])

    @pytest.mark.parametrize(
        "right",
        [rights.MANAGE_OWN_TOKENS, rights.MANAGE_ALL_TOKENS, rights.MANAGE_CONNECTIONS, "a.b"],
    )
    def test_refuses_a_right_that_no_token_may_have_even_to_a_superuser(self, right):
        with pytest.raises(CannotIssueToken, match="no token may have"):
            issue(UserFactory.create(is_superuser=True), scopes=[right])

    @pytest.mark.parametrize("name", ["", "  "])
    def test_refuses_a_token_without_a_name(self, name):
        with pytest.raises(CannotIssueToken, match="name what will use the token"):
            issue(person("viewer"), name=name)

    def test_refuses_a_token_without_scopes(self):
        with pytest.raises(CannotIssueToken, match="at least one right"):
            issue(person("viewer"), scopes=[])

    @pytest.mark.parametrize("life", [timedelta(0), -DAY, LONGEST_LIFE + timedelta(seconds=1)])
    def test_refuses_an_end_in_the_past_or_far_off(self, life):
        with pytest.raises(CannotIssueToken, match="within 366 days"):
            issue(person("viewer"), expires_at=NOW + life)


class TestFind:
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        life=st.timedeltas(timedelta(seconds=1), LONGEST_LIFE),
        asked_after=st.timedeltas(timedelta(0), 2 * LONGEST_LIFE),
        revoked_after=st.none() | st.timedeltas(timedelta(0), LONGEST_LIFE),
    )
    def test_finds_a_token_until_it_ends_or_is_revoked(self, life, asked_after, revoked_after):
        user = person("viewer")
        row, token = issue(user, expires_at=NOW + life)
        revoked = revoked_after is not None and revoked_after <= asked_after
        if revoked:
            token_revoke(
                actor=user_actor(user),
                token_id=row.pk,
                may_revoke_all=False,
                now=NOW + revoked_after,
            )
        found = token_find(token=token, now=NOW + asked_after)
        assert (found is not None) == (asked_after < life and not revoked)
        assert found is None or found.user == user

    def test_finds_nothing_for_another_text(self):
        _, token = issue(person("viewer"))
        for wrong in (token[:-1], f"{token}x", token.upper(), "ow_", ""):
            assert token_find(token=wrong, now=NOW) is None

    def test_finds_nothing_once_the_person_is_gone(self):
        user = person("viewer")
        _, token = issue(user)
        user.is_active = False
        user.save()
        assert token_find(token=token, now=NOW) is None

    def test_notes_its_use_once_a_minute(self, django_assert_num_queries):
        row, token = issue(person("viewer"))
        with django_assert_num_queries(2):
            token_find(token=token, now=NOW)
        with django_assert_num_queries(1):
            token_find(token=token, now=NOW + timedelta(seconds=59))
        row.refresh_from_db()
        assert row.last_used_at == NOW
        token_find(token=token, now=NOW + timedelta(seconds=61))
        row.refresh_from_db()
        assert row.last_used_at == NOW + timedelta(seconds=61)


class TestRevoke:
    def test_keeps_the_first_end_when_asked_twice(self):
        user = person("viewer")
        row, _ = issue(user)
        for later in (timedelta(0), DAY):
            token_revoke(
                actor=user_actor(user), token_id=row.pk, may_revoke_all=False, now=NOW + later
            )
        row.refresh_from_db()
        assert row.revoked_at == NOW

    def test_refuses_to_end_somebody_elses(self):
        row, _ = issue(person("viewer"))
        with pytest.raises(CannotRevokeToken):
            token_revoke(
                actor=user_actor(person("viewer")), token_id=row.pk, may_revoke_all=False, now=NOW
            )

    def test_lets_who_manages_all_tokens_end_it(self):
        row, token = issue(person("viewer"))
        token_revoke(
            actor=user_actor(person("administrator")), token_id=row.pk, may_revoke_all=True, now=NOW
        )
        assert token_find(token=token, now=NOW) is None


def rotate(row, *, by, all_of_them=False, overlap=timedelta(hours=24), now=NOW):
    return token_rotate(
        actor=user_actor(by),
        token_id=row.pk,
        may_rotate_all=all_of_them,
        overlap=overlap,
        now=now,
    )


class TestRotate:
    def test_lets_both_work_for_the_overlap_and_then_the_new_one_alone(self):
        owner = person("viewer")
        old, old_token = issue(owner, expires_at=NOW + 30 * DAY, address_ranges=["203.0.113.0/24"])

        new, new_token = rotate(old, by=owner, now=NOW + DAY)

        here = {"address": "203.0.113.9"}
        assert token_find(token=old_token, now=NOW + 2 * DAY - timedelta(seconds=1), **here) == old
        assert token_find(token=old_token, now=NOW + 2 * DAY, **here) is None
        assert token_find(token=new_token, now=NOW + 30 * DAY, **here) == new
        assert new.expires_at == NOW + 31 * DAY
        assert (new.scopes, new.places, new.address_ranges) == (
            *(old.scopes, old.places, old.address_ranges),
        )
        acts = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
        assert list(acts) == [actions.TOKEN_ISSUE, actions.TOKEN_ROTATE, actions.TOKEN_ISSUE]

    def test_never_makes_the_old_one_live_longer(self):
        owner = person("viewer")
        old, token = issue(owner, expires_at=NOW + timedelta(hours=1))

        rotate(old, by=owner)

        assert token_find(token=token, now=NOW + timedelta(hours=1)) is None

    def test_is_refused_twice_after_its_end_and_for_too_long_an_overlap(self):
        owner = person("viewer")
        old, _ = issue(owner)
        for overlap in (timedelta(days=7, seconds=1), timedelta(seconds=-1)):
            with pytest.raises(CannotRotateToken, match="0 hours to 7 days"):
                rotate(old, by=owner, overlap=overlap)
        with pytest.raises(CannotRotateToken, match="has expired"):
            rotate(old, by=owner, now=NOW + DAY)
        rotate(old, by=owner)
        with pytest.raises(CannotRotateToken, match="already replaced"):
            rotate(old, by=owner)

    def test_gives_nobody_the_token_of_another_person(self):
        old, _ = issue(person("viewer", username="vera"))
        with pytest.raises(CannotRotateToken, match="no such token"):
            rotate(old, by=person("viewer"))
        with pytest.raises(CannotRotateToken, match="only vera can replace it"):
            rotate(old, by=person("administrator"), all_of_them=True)
        assert ApiToken.objects.count() == 1

    def test_is_an_administrators_for_service_accounts(self):
        program = person("viewer")
        Profile.objects.filter(user=program).update(kind=Profile.Kind.SERVICE_ACCOUNT)
        old, _ = issue(program)

        new, _ = rotate(old, by=person("administrator"), all_of_them=True)

        assert new.user == program


class TestLimits:
    @pytest.mark.parametrize("address", ["203.0.113.0", "203.0.113.255", "2001:db8::1"])
    def test_find_it_from_within_its_address_ranges(self, address):
        row, token = issue(person("viewer"), address_ranges=["203.0.113.0/24", " 2001:db8::/48 "])
        assert token_find(token=token, now=NOW, address=address) == row

    @pytest.mark.parametrize("address", ["203.0.112.255", "2001:db9::1", "", "somewhere"])
    def test_find_nothing_from_elsewhere(self, address):
        _, token = issue(person("viewer"), address_ranges=["203.0.113.0/24", "2001:db8::/48"])
        assert token_find(token=token, now=NOW, address=address) is None

    @pytest.mark.parametrize("text", ["203.0.113.7/24", "everywhere", "", "203.0.113.0/33"])
    def test_refuse_what_is_no_address_range(self, text):
        with pytest.raises(CannotIssueToken, match="not an address range"):
            issue(person("viewer"), address_ranges=[text])

    def test_hold_a_right_only_at_the_tokens_places(self):
        made = organization_snapshot()
        connection, unit = made.connection, made.units["Workloads"].target_id
        owner = person("viewer")
        row, _ = issue(owner, places=[Place(connection.pk, unit)])

        def held(target_id):
            at = {"connection": connection, "target_id": target_id}
            return holds(owner, rights.VIEW_INVENTORY, token=row, **at)

        assert held(unit)
        assert not held(None)
        assert not held(made.units["Security"].target_id)

    def test_refuse_places_where_the_person_holds_no_right(self):
        made = organization_snapshot()
        inside, outside = (made.units[name].target_id for name in ("Workloads", "Security"))
        owner = person("viewer", Place(made.connection.pk, inside))
        for place in (Place(made.connection.pk, outside), Place(made.connection.pk)):
            with pytest.raises(CannotIssueToken, match="you do not hold these rights at"):
                issue(owner, places=[place])
        with pytest.raises(CannotIssueToken, match="1 to 50 places"):
            issue(owner, places=[])
