"""Findings of several accounts: who sees one of these sees their part, and nothing of the rest."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from governance.filtering.findings import FindingFilters
from governance.filtering.scope import FilterScope
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from governance.inbox.selectors import inbox_counts, inbox_items
from governance.inbox.shown import FindingsShown
from governance.inbox.tickets import ticket_facts
from inventory.models import Account
from inventory.viewing import Place
from tests.factories.edits import NOW
from tests.factories.people import person
from tests.factories.principals import RoleFactory
from tests.governance.inbox.conftest import PAYMENTS, WEBSITE, Person
from tests.governance.posture.findings.kinds.roles import accounts_read, trusting

ROOT, PROD, SECURITY = "r-ab12", "ou-ab12-prod0001", "ou-ab12-sec00001"


def shown(person, item):
    return FindingsShown(person.viewer, item.connection).of(item)


def searched(person, connection, words):
    rows = inbox_items(person.viewer, connection=connection)
    scope = FilterScope(person.viewer, connection, None, NOW)
    return {row.pk for row in FindingFilters(QueryDict(f"q={words}"), rows, scope=scope).qs}


class TestPart:
    def test_names_and_counts_only_what_is_seen(self, connection, item, ada, ben):
        both = item(
            title="Payments and Website differ",
            part_title="Accounts of Prod differ",
            target_kind="ORGANIZATIONAL_UNIT",
            target_id=PROD,
            target_name="Prod",
            account_id="",
            account_ids=[PAYMENTS, WEBSITE],
            accounts=2,
        )
        part, whole = shown(ben, both), shown(ada, both)

        assert (part.title, part.accounts, part.has_more) == ("Accounts of Prod differ", 1, True)
        assert (whole.title, whole.accounts, whole.has_more) == (both.title, 2, False)
        assert inbox_counts(ben.viewer, connection=connection, now=NOW).total == 1
        assert searched(ben, connection, "website") == set()
        assert searched(ada, connection, "website") == {both.pk}
        told = ticket_facts(both, part)
        assert (told["title"], told["accounts"], told["accounts_outside"]) == (part.title, 1, True)

    @pytest.mark.parametrize(
        ("reached", "accounts"), [(ROOT, 1), (PROD, 1), (PAYMENTS, 1), (SECURITY, None)]
    )
    def test_sees_what_reaches_its_accounts_from_above(
        self, connection, item, ben, reached, accounts
    ):
        about = {"target_kind": "POLICY", "target_id": "p-regio001", "account_id": ""}
        made = item(**about, reached_ids=[reached], accounts=3)

        found = list(inbox_items(ben.viewer, connection=connection))
        assert found == ([] if accounts is None else [made])
        if accounts is not None:
            assert shown(ben, made).accounts == (3 if reached == PAYMENTS else accounts)
            assert shown(ben, made).has_more is (reached != PAYMENTS)

    def test_tells_by_comparison_only_to_who_sees_the_whole_ou(self, connection, item, ben):
        made = item(
            title="Payments lacks deploy",
            part_title="Payments lacks roles that most of Prod have",
            place_id=PROD,
        )
        assert (shown(ben, made).title, shown(ben, made).has_more) == (made.part_title, False)


class TestStructure:
    def test_shows_roles_that_differ_to_who_sees_one_of_their_accounts(self, snapshot, connection):
        accounts = accounts_read(snapshot, 3, "Security")
        for account, who in zip(accounts, ("1" * 12, "9" * 12, "8" * 12), strict=True):
            RoleFactory.create(
                connection=connection,
                account_id=account.account_id,
                name="Deploy",
                trust_policy=trusting(f"arn:aws:iam::{who}:root"),
            )
        refresh_inbox(connection, now=NOW, sources={"structure"})
        one = Person(person("viewer", Place(connection.pk, accounts[0].account_id), username="one"))
        (made,) = inbox_items(one.viewer, connection=connection).filter(kind="role_trust_drift")

        assert shown(one, made).has_more is True
        hidden = {account.name for account in accounts[1:]}
        assert all(name in made.title for name in hidden)
        assert not any(name in shown(one, made).title for name in hidden)

    def test_hides_what_is_of_the_organization_as_such(self, connection):
        refresh_inbox(connection, now=NOW, sources={"structure"})
        about_all = InboxItem.objects.filter(whole_only=True)
        assert not about_all.exclude(kind__in=("scp_attached_nowhere", "flat_tree")).exists()


class TestPage:
    def test_panel_and_file_say_that_there_are_others_without_naming_them(
        self, client, connection, item
    ):
        made = item(
            source="structure",
            title="deploy differs in Payments and Website",
            part_title="deploy differs in some accounts",
            target_kind="ORGANIZATIONAL_UNIT",
            target_id=PROD,
            target_name="Prod",
            account_id="",
            account_ids=[PAYMENTS, WEBSITE],
            accounts=2,
        )
        hidden = Account.objects.get(account_id=WEBSITE, seen_until=None).name
        client.force_login(person("viewer", Place(connection.pk, PAYMENTS), username="vic"))
        findings = reverse("findings", kwargs={"slug": connection.slug})
        page = reverse("finding-item", kwargs={"slug": connection.slug, "item_id": made.pk})
        for address in (page, findings):
            text = client.get(address).content.decode()
            assert "and accounts outside your access" in text
            assert hidden not in text
            assert WEBSITE not in text
        answer = client.get(f"{findings}?format=csv")
        text = b"".join(answer.streaming_content).decode()
        assert made.part_title in text
        assert hidden not in text
        told = client.get(f"/api/v1/organizations/{connection.slug}/findings/{made.pk}").json()
        assert (told["title"], told["accounts"]) == (made.part_title, 1)
        assert told["accounts_outside"] is True
