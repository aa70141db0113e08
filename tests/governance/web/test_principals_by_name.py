"""Principals of one name in all accounts, and a principal's history."""

import csv
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from inventory.models import Connection, Principal
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import content, denying
from tests.factories.principals import (
    ACCOUNT_ID,
    PrincipalActivityFactory,
    RoleFactory,
)
from tests.factories.times import FIRST_RUN_AT

LATER = FIRST_RUN_AT + timedelta(days=3)


@pytest.fixture
def connection(db) -> Connection:
    made = ConnectionFactory.create(slug="acme", name="Acme")
    AccountFactory.create(connection=made, account_id=ACCOUNT_ID, name="payments")
    return made


@pytest.fixture(autouse=True)
def viewer(client, db):
    client.force_login(person("viewer"))


def page_of(row: Principal, name: str = "principal") -> str:
    return reverse(name, kwargs={"slug": "acme", "arn": row.arn})


def rows_of(answer) -> list[str]:
    return [row.name for row in answer.context["rows"].object_list]


class TestHistory:
    def test_shows_the_trust_policy_before_and_after_and_other_changes(self, client, connection):
        arn = f"arn:aws:iam::{ACCOUNT_ID}:role/deploy"
        opened = json.dumps({"Version": "2012-10-17", "Statement": [{"Principal": "*"}]})
        common = {"connection": connection, "name": "deploy", "arn": arn, "unique_id": "AROA1"}
        RoleFactory.create(
            **common,
            seen_from=FIRST_RUN_AT,
            seen_until=LATER,
            inline_policies={"old": content(denying("a:b")).pk},
        )
        now = RoleFactory.create(**common, seen_from=LATER, trust_policy=content(opened))

        answer = client.get(page_of(now, "principal-history"))

        page = answer.content.decode()
        changed, first = answer.context["steps"]
        assert changed.trust is not None
        assert changed.inline == ("old removed",)
        assert first.step.words == "The principal was first seen"
        assert "&quot;Principal&quot;: &quot;*&quot;" in page
        assert content(opened).pk not in page


class TestByName:
    @pytest.fixture
    def deploy(self, connection):
        """The role deploy in three accounts, in one of them with a trust policy of its own."""
        made = []
        for number in range(3):
            account_id = f"{number + 5}" * 12
            AccountFactory.create(connection=connection, account_id=account_id, name=f"a{number}")
            made.append(
                RoleFactory.create(
                    connection=connection,
                    account_id=account_id,
                    name="deploy",
                    trust_policy=content('{"Statement": "own"}' if number == 2 else "{}"),
                )
            )
        RoleFactory.create(connection=connection, name="audit")
        return made

    def names(self, client, **query):
        answer = client.get(reverse("principal-names", kwargs={"slug": "acme"}, query=query))
        assert answer.status_code == 200
        return answer.context["rows"].object_list

    def test_gathers_the_roles_of_one_name_most_accounts_first(self, client, deploy):
        assert [(row.name, row.accounts, row.trust_texts) for row in self.names(client)] == [
            ("deploy", 3, 2),
            ("audit", 1, 1),
        ]

    def test_leads_to_the_principals_of_the_name(self, client, deploy):
        row = self.names(client)[0]
        assert rows_of(client.get(row.href)) == ["deploy"] * 3

    def test_shows_the_latest_use_and_unknown_where_one_was_not_read(self, client, deploy):
        assert self.names(client)[0].use.use.value == "unknown"
        for role in deploy[:2]:
            PrincipalActivityFactory.create(
                connection=role.connection,
                account_id=role.account_id,
                arn=role.arn,
                last_used_at=FIRST_RUN_AT - timedelta(days=3) if role is deploy[0] else None,
            )
        assert self.names(client)[0].use.at == FIRST_RUN_AT - timedelta(days=3)

    def test_filters_as_the_other_list_does_and_exports(self, client, deploy):
        assert [row.name for row in self.names(client, q="aud")] == ["audit"]
        address = reverse(
            "principal-names", kwargs={"slug": "acme"}, query={"format": "csv", "sort": "name"}
        )
        rows = list(csv.DictReader(b"".join(client.get(address)).decode().splitlines()))
        assert [(row["name"], row["accounts"]) for row in rows] == [("audit", "1"), ("deploy", "3")]

    def test_needs_the_right_to_see_the_inventory(self, client, connection):
        client.force_login(UserFactory.create())
        assert client.get(reverse("principal-names", kwargs={"slug": "acme"})).status_code == 403
