"""Tokens: issued, found, ended."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access import rights
from governance.access.actors import user_actor
from governance.access.models import ApiToken
from governance.access.tokens import (
    LONGEST_LIFE,
    CannotIssueToken,
    CannotRevokeToken,
    token_find,
    token_issue,
    token_revoke,
)
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def issue(user, *, scopes=(rights.VIEW_INVENTORY,), expires_at=NOW + DAY, name="nightly report"):
    return token_issue(
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
