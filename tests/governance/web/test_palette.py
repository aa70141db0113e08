"""The palette: what it finds, and for whom."""

import pytest
from django.urls import reverse

from inventory.viewing import Place
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import PolicyFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db


class TestPalette:
    def test_finds_nothing_of_an_organization_for_somebody_without_the_right(self, client):
        connection = ConnectionFactory.create(slug="acme")
        AccountFactory.create(connection=connection, name="payments-production")
        client.force_login(UserFactory.create())

        answer = client.get("/o/acme/find/", {"q": "payments"})

        assert answer.status_code == 404
        assert "payments-production" not in answer.content.decode()

    def test_says_so_when_nothing_has_that_name(self, client):
        ConnectionFactory.create(slug="acme")
        client.force_login(person("viewer"))

        page = client.get("/o/acme/find/", {"q": "<nothing>"}).content.decode()

        assert "Nothing is named “&lt;nothing&gt;”" in page

    def hits(self, client, connection, query):
        """Return the lines of each group: label, note and address."""
        page = client.get(reverse("palette", kwargs={"slug": connection.slug}), {"q": query})
        return {
            label: [(hit.label, hit.note, hit.href) for hit in group]
            for label, group in page.context["groups"]
        }

    def test_offers_the_commands_that_this_person_may_begin(self, client):
        snapshot = organization_snapshot()
        root = f"/o/{snapshot.connection.slug}"
        client.force_login(person("author"))

        assert self.hits(client, snapshot.connection, "propose chan")["Commands"] == [
            ("Propose a change", "", f"{root}/changes/new/")
        ]
        commands = [label for label, *_ in self.hits(client, snapshot.connection, "")["Commands"]]
        assert commands[:2] == ["Propose a change", "Simulate a change"]

        client.force_login(person("auditor"))
        commands = [label for label, *_ in self.hits(client, snapshot.connection, "")["Commands"]]
        assert "Explain a denial" in commands
        assert "Propose a change" not in commands

    def test_asks_who_can_and_why_denied_about_an_action(self, client):
        snapshot = organization_snapshot()
        root = f"/o/{snapshot.connection.slug}"
        client.force_login(person("viewer"))

        assert self.hits(client, snapshot.connection, "cloudtrail:stoplog")["Actions"] == [
            (
                "Who can cloudtrail:StopLogging",
                "Write",
                f"{root}/who-can/?action=cloudtrail%3AStopLogging",
            ),
            (
                "Why is cloudtrail:StopLogging denied",
                "Write",
                f"{root}/why-denied/?action=cloudtrail%3AStopLogging",
            ),
        ]
        assert len(self.hits(client, snapshot.connection, "getobject")["Actions"]) == 4

    def test_finds_statements_by_their_sid(self, client):
        snapshot = organization_snapshot()
        text = (
            '{"Version": "2012-10-17", "Statement": ['
            '{"Effect": "Allow", "Action": "*", "Resource": "*"},'
            '{"Sid": "KeepTheTrail", "Effect": "Deny", "Resource": "*",'
            ' "Action": "cloudtrail:StopLogging"}]}'
        )
        policy = PolicyFactory.create(
            connection=snapshot.connection, seen_from=FIRST_RUN_AT, name="trail", text=text
        )
        client.force_login(person("viewer"))

        page = reverse(
            "policy", kwargs={"slug": snapshot.connection.slug, "policy_id": policy.policy_id}
        )
        assert self.hits(client, snapshot.connection, "thetrail")["Statements"] == [
            ("KeepTheTrail", "trail", f"{page}#statement-2")
        ]
        # The words stand in the policy, and in no Sid.
        assert "Statements" not in self.hits(client, snapshot.connection, "StopLogging")

    def test_forgives_mistyped_names_of_things_commands_and_screens(self, client):
        connection = ConnectionFactory.create()
        for name in ("payments-production", "halden-logistics-prod"):
            AccountFactory.create(connection=connection, name=name)
        for name in ("DenyLeaveOrganization", "region-lock-eu"):
            PolicyFactory.create(connection=connection, name=name)
        client.force_login(person("viewer"))

        assert self.hits(client, connection, "paymnets")["Accounts"][0][0] == "payments-production"
        for query, kind, name in (
            ("lojstics", "Accounts", "halden-logistics-prod"),
            ("prod lojstics", "Accounts", "halden-logistics-prod"),
            ("haldn-logistcs", "Accounts", "halden-logistics-prod"),
            ("deny leaving", "Policies", "DenyLeaveOrganization"),
            ("regoin lock", "Policies", "region-lock-eu"),
        ):
            assert self.hits(client, connection, query)[kind][0][0] == name, query
        assert "Accounts" not in self.hits(client, connection, "lojstics sandbox")
        profile = "Set theme, density and time zone"
        assert self.hits(client, connection, "profle")["Commands"][0][0] == profile
        assert self.hits(client, connection, "simulte")["Commands"][0][0] == "Simulate a change"
        assert self.hits(client, connection, "polcies")["Screens"][0][0] == "Policies"
        assert self.hits(client, connection, "why denyed")["Commands"][0][0] == "Explain a denial"
        for query, action in (
            ("s3:getobjct", "s3:GetObject"),
            ("iam:CreatUser", "iam:CreateUser"),
            ("runinstnces", "ec2:RunInstances"),
        ):
            labels = [label for label, *_ in self.hits(client, connection, query)["Actions"]]
            assert f"Who can {action}" in labels
        page = client.get(
            reverse("palette", kwargs={"slug": connection.slug}), {"q": "paymnets"}
        ).content.decode()
        assert "Nothing is named “paymnets”. Similar names:" in page

    def test_puts_first_what_is_called_so(self, client):
        connection = ConnectionFactory.create()
        for name in ("region-lock-eu", "audit-lock"):
            PolicyFactory.create(connection=connection, name=name)
        client.force_login(person("viewer"))

        assert next(iter(self.hits(client, connection, "simulate"))) == "Commands"
        assert next(iter(self.hits(client, connection, "policies"))) == "Screens"
        assert self.hits(client, connection, "lock region")["Policies"][0][0] == "region-lock-eu"
        labels = [label for label, *_ in self.hits(client, connection, "getobject")["Actions"]]
        assert "Who can s3:GetObject" in labels

    def test_shows_no_similar_name_of_what_lies_outside_of_the_part_seen(self, client):
        snapshot = organization_snapshot()
        place = Place(snapshot.connection.pk, "ou-ab12-secu0001")
        client.force_login(person("viewer", place))

        assert "Accounts" not in self.hits(client, snapshot.connection, "webiste")
        client.force_login(person("viewer"))
        assert self.hits(client, snapshot.connection, "webiste")["Accounts"]

    def test_asks_for_more_than_one_character(self, client):
        ConnectionFactory.create(slug="acme")
        client.force_login(person("viewer"))

        page = client.get("/o/acme/find/", {"q": "z"}).content.decode()

        assert "Type two characters or more" in page
