"""People, service accounts and groups, as an administrator manages them."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.access.break_glass import break_glass_used
from governance.access.grants import grants_of
from governance.access.models import ApiToken, ClaimRule, RoleAssignment
from governance.access.owners.models import GrantProposal
from governance.access.rights import VIEW_INVENTORY
from governance.audit import actions
from governance.audit.models import AuditEntry
from tests.factories.people import UserFactory, give_role, person, token_of
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def administrator(client):
    """Somebody who administers everything, freshly signed in by password in `client`."""
    made = person("administrator", username="alma")
    client.post(reverse("sign-in"), {"login": "alma", "password": PASSWORD})
    return made


def act(client: Client, user: User, name: str, **fields: object):
    return client.post(
        reverse("person-act", kwargs={"user_id": user.pk, "act": name}), fields, follow=True
    )


class TestPeople:
    def test_are_listed_filtered_and_found(self, client, administrator):
        UserFactory.create(username="gone", is_active=False)
        UserFactory.create(username="vera", first_name="Vera", last_name="Vale")

        def names(**query):
            rows = client.get(reverse("people"), query).context["people"]
            return {one.username for one, _ in rows}

        assert names() == {"alma", "gone", "vera"}
        assert names(q="vale ver") == {"vera"}
        assert names(state="deactivated") == {"gone"}
        assert names(kind="service account") == set()
        assert client.get(reverse("people"), {"kind": "robot"}).status_code == 400

    def test_are_for_administrators_alone(self, client):
        other = person("security")
        client.force_login(person("auditor"))

        assert client.get(reverse("people")).status_code == 403
        assert client.get(reverse("person", kwargs={"user_id": other.pk})).status_code == 403

    def test_page_of_one_shows_what_belongs_to_them(self, client, administrator):
        vera = person("viewer", username="vera")
        token_of(vera, VIEW_INVENTORY)
        theirs = Client(HTTP_USER_AGENT="Firefox of Vera")
        theirs.post(reverse("sign-in"), {"login": "vera", "password": PASSWORD})

        page = client.get(reverse("person", kwargs={"user_id": vera.pk})).content.decode()

        for words in ("Viewer", "Firefox of Vera", "tests", "Everywhere"):
            assert words in page

    def test_are_made_and_set_their_password_by_a_link_that_works_once(self, client, administrator):
        made = client.post(reverse("person-create"), {"username": "nils", "email": "n@example.com"})
        nils = User.objects.get(username="nils")
        assert made.url == reverse("person", kwargs={"user_id": nils.pk})
        page = client.post(reverse("person-password-link", kwargs={"user_id": nils.pk}))
        link = re.search(r"<code>([^<]+/set-password/[^<]+)</code>", page.content.decode())
        assert link is not None
        path = urlsplit(link[1]).path
        theirs = Client()
        new = {"password": "a much longer secret", "again": "a much longer secret"}

        assert theirs.get(path).status_code == 200
        assert theirs.post(path, new)["Location"] == reverse("sign-in")
        assert theirs.get(path).status_code == 404
        signed_in = theirs.post(
            reverse("sign-in"), {"login": "nils", "password": "a much longer secret"}
        )
        assert signed_in.status_code == 302
        recorded = AuditEntry.objects.filter(object_id=str(nils.pk))
        assert {actions.PERSON_CREATE, actions.PERSON_INVITE, actions.PASSWORD_CHANGE} <= set(
            recorded.values_list("action", flat=True)
        )

    def test_cannot_take_the_name_of_somebody_in_other_case(self, client, administrator):
        page = client.post(reverse("person-create"), {"username": "ALMA"})

        assert "Someone has this user name" in page.content.decode()

    def test_deactivated_lose_sessions_and_tokens_at_once(self, client, administrator):
        vera = person("viewer", username="vera")
        _, token = token_of(vera, VIEW_INVENTORY)
        theirs = Client()
        theirs.post(reverse("sign-in"), {"login": "vera", "password": PASSWORD})

        act(client, vera, "deactivate")

        assert theirs.get(reverse("profile")).status_code == 302
        headers = {"Authorization": f"Bearer {token}"}
        assert Client().get("/api/v1/tokens/self", headers=headers).status_code == 401
        assert ApiToken.objects.get().revoked_at is not None
        act(client, vera, "reactivate")
        vera = User.objects.get(pk=vera.pk)
        assert vera.is_active
        assert [grant.role for grant in grants_of(vera)] == ["viewer"]

    def test_never_deactivate_themselves_or_the_last_administrator(self, client, administrator):
        page = act(client, administrator, "deactivate").content.decode()

        assert "you cannot deactivate yourself" in page
        assert User.objects.get(pk=administrator.pk).is_active

    def test_need_a_fresh_proof_for_every_change(self, administrator):
        vera = person("viewer")
        stale = Client()
        stale.force_login(administrator)

        answer = stale.post(reverse("person-act", kwargs={"user_id": vera.pk, "act": "deactivate"}))

        assert answer["Location"].startswith(reverse("step-up"))
        assert User.objects.get(pk=vera.pk).is_active

    def test_sessions_of_others_are_ended(self, client, administrator):
        vera = person("viewer", username="vera")
        theirs = Client()
        theirs.post(reverse("sign-in"), {"login": "vera", "password": PASSWORD})

        client.post(reverse("person-sessions-end", kwargs={"user_id": vera.pk}))

        assert theirs.get(reverse("profile")).status_code == 302
        assert AuditEntry.objects.filter(action=actions.SESSION_END).exists()


class TestRecovery:
    def test_of_somebody_who_decides_waits_for_a_second_person(self, client, administrator):
        ann = person("approver", username="ann")
        here = reverse("person", kwargs={"user_id": ann.pk})
        link = reverse("person-password-link", kwargs={"user_id": ann.pk})

        asked = client.post(link, follow=True).content.decode()

        assert "Not done yet: ann holds the role approver; a second person" in asked
        assert "/set-password/" not in asked
        assert "Waits for a second person under" in asked
        act(client, ann, "remove-second-factors")
        proposal = GrantProposal.objects.get()
        waiting = client.get(reverse("grants")).content.decode()
        assert "Account recovery (holds the role approver)" in waiting
        assert "a second person must confirm" in waiting
        second = Client()
        person("security", username="sam")
        second.post(reverse("sign-in"), {"login": "sam", "password": PASSWORD})
        decided = second.post(
            reverse("grant-decide", kwargs={"proposal_id": proposal.pk}),
            {"decision": "confirm"},
            follow=True,
        )
        assert "confirmed for a day" in decided.content.decode()
        assert "Confirmed by a second person, ends" in client.get(here).content.decode()
        assert "/set-password/" in client.post(link).content.decode()

    def test_of_somebody_who_decides_nothing_needs_nobody_else(self, client, administrator):
        vera = person("viewer", username="vera")

        page = client.get(reverse("person", kwargs={"user_id": vera.pk})).content.decode()

        assert "Account recovery" not in page


class TestServiceAccounts:
    def test_have_roles_and_tokens_and_no_session(self, client, administrator):
        client.post(
            reverse("service-account-create"), {"username": "nightly", "description": "Reports"}
        )
        made = User.objects.get(username="nightly")
        page = client.get(reverse("person", kwargs={"user_id": made.pk})).content.decode()

        assert "Service account" in page
        assert "Reports" in page
        assert "Second factors" not in page
        link = client.post(reverse("person-password-link", kwargs={"user_id": made.pk}))
        assert link.status_code == 404


class TestGroups:
    def test_are_made_filled_and_removed(self, client, administrator):
        vera = person("viewer", username="vera")
        client.post(reverse("groups"), {"name": "Platform"})
        group = Group.objects.get()
        here = reverse("group", kwargs={"group_id": group.pk})

        client.post(here, {"part": "members", "members": [str(vera.pk)]})
        client.post(here, {"part": "name", "name": "Platform team"})

        group.refresh_from_db()
        assert group.name == "Platform team"
        assert list(group.user_set.all()) == [vera]
        entry = AuditEntry.objects.filter(action=actions.GROUP_CHANGE).earliest("pk")
        assert entry.after == {"members": ["vera"]}
        client.post(reverse("group-delete", kwargs={"group_id": group.pk}))
        assert not Group.objects.exists()

    def test_that_decide_take_somebody_in_once_a_second_person_agrees(self, client, administrator):
        vera = person("viewer")
        group = Group.objects.create(name="Approvers")
        give_role(group, "approver")

        page = client.post(
            reverse("group", kwargs={"group_id": group.pk}),
            {"part": "members", "members": [str(vera.pk)]},
            follow=True,
        )

        said = page.content.decode()
        assert f"Waiting for a second person to confirm under Grants: {vera.username}." in said
        assert "it holds the role approver" in said
        assert not group.user_set.exists()
        waiting = client.get(reverse("grants")).content.decode()
        assert "Member of group Approvers" in waiting

    def test_keep_the_last_administrator(self, client):
        alma = UserFactory.create(username="alma")
        group = Group.objects.create(name="Administrators")
        give_role(group, "administrator")
        group.user_set.add(alma)
        client.post(reverse("sign-in"), {"login": "alma", "password": PASSWORD})

        page = client.post(
            reverse("group", kwargs={"group_id": group.pk}), {"part": "members", "members": []}
        )

        assert "nobody would be an administrator" in page.content.decode()
        assert list(group.user_set.all()) == [alma]


class TestClaimRules:
    def test_say_where_no_provider_is_connected(self, client, administrator):
        page = client.get(reverse("claim-rules")).content.decode()

        assert "No identity provider is connected" in page

    def test_give_a_role_at_a_place_that_is_picked_by_name(self, client, administrator, settings):
        app = {"provider_id": "corp", "name": "Corporate", "client_id": "x", "secret": "y"}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        made = organization_snapshot()
        unit = made.units["Workloads"]
        options = client.get(
            reverse("role-places"), {"organization": made.connection.slug, "target_id": "workl"}
        ).content.decode()
        given = {
            "provider_id": "corp",
            "value": "payments-readers",
            "role": "viewer",
            "organization": made.connection.slug,
        }
        assert f"Workloads · {unit.target_id}" in options

        picked = {**given, "target_id": f"Workloads · {unit.target_id}"}
        page = client.post(reverse("claim-rules"), picked, follow=True).content.decode()
        wrong = client.post(reverse("claim-rules"), {**given, "target_id": "Worklaods"})

        rule = ClaimRule.objects.get()
        assert (rule.connection, rule.target_id) == (made.connection, unit.target_id)
        assert f"{made.connection.name}: Workloads" in page
        assert "no OU or account Worklaods" in wrong.content.decode()


class TestBreakGlass:
    def open(self, capsys, **options) -> str:
        call_command("break_glass", **options)
        found = re.search(r"Password:\s+(\S+)", capsys.readouterr().out)
        assert found is not None
        return found[1]

    def test_opens_an_administrator_for_some_hours_whose_use_is_loud(self, client, capsys):
        heard = []

        def hear(**told):
            heard.append(told["user"].username)

        break_glass_used.connect(hear)
        try:
            password = self.open(capsys, hours=2)
            client.post(reverse("sign-in"), {"login": "break-glass", "password": password})
        finally:
            break_glass_used.disconnect(hear)

        assert heard == ["break-glass"]
        assert "Break-glass session" in client.get(reverse("people")).content.decode()
        recorded = set(AuditEntry.objects.values_list("action", flat=True))
        assert {actions.PERSON_OPEN_BREAK_GLASS, actions.PERSON_USE_BREAK_GLASS} <= recorded
        held = RoleAssignment.objects.get()
        assert held.ends_at is not None
        assert 7000 < (held.ends_at - timezone.now()).total_seconds() <= 7200

    def test_opened_again_has_another_password(self, client, capsys):
        first = self.open(capsys)
        second = self.open(capsys)

        refused = client.post(reverse("sign-in"), {"login": "break-glass", "password": first})
        assert refused.status_code == 200
        let_in = client.post(reverse("sign-in"), {"login": "break-glass", "password": second})
        assert let_in.status_code == 302

    def test_never_takes_over_somebodys_own_account(self):
        person("viewer", username="vera")

        with pytest.raises(CommandError, match="someone's own account"):
            call_command("break_glass", "vera")
