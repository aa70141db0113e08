"""The screens of IAM principals."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.web.parts import keyset
from inventory.models import Connection, Principal
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import content, denying
from tests.factories.principals import (
    ACCOUNT_ID,
    GroupPrincipalFactory,
    IamPolicyFactory,
    PrincipalActivityFactory,
    RoleFactory,
    UserCredentialFactory,
    UserPrincipalFactory,
)
from tests.factories.runs import CoverageFactory, DeniedCoverageFactory, InventoryRunFactory
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


def listing(**query) -> str:
    return reverse("principals", kwargs={"slug": "acme"}, query=query or None)


def page_of(row: Principal, name: str = "principal") -> str:
    return reverse(name, kwargs={"slug": "acme", "arn": row.arn})


def rows_of(answer) -> list[str]:
    return [row.name for row in answer.context["rows"].object_list]


def exported(client, **query) -> list[dict[str, str]]:
    answer = client.get(listing(format="csv", **query))
    return list(csv.DictReader(b"".join(answer).decode().splitlines()))


def text(client, address: str):
    return client.get(address).content.decode()


class TestList:
    def test_exports_what_a_row_shows_and_only_the_filtered_rows(self, client, connection):
        role = RoleFactory.create(
            connection=connection,
            name="deploy",
            attached_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"],
            inline_policies={"extra": "a" * 64},
            boundary_arn="arn:aws:iam::222222222222:policy/edge",
        )
        PrincipalActivityFactory.create(connection=connection, arn=role.arn)
        GroupPrincipalFactory.create(connection=connection, name="staff")

        rows = exported(client, kind="role")

        assert len(rows) == 1
        assert rows[0]["account_name"] == "payments"
        assert (rows[0]["managed_policies"], rows[0]["inline_policies"]) == ("1", "1")
        assert rows[0]["boundary_arn"] == role.boundary_arn
        assert rows[0]["last_use"] == "used"
        assert rows[0]["last_used_at"] == "2026-10-20T14:00:00+00:00"

    @pytest.mark.parametrize("sort", ["name", "-name", "account_id", "kind"])
    def test_exports_every_row_once_in_its_order_a_few_at_a_time(
        self, client, connection, monkeypatch, sort
    ):
        monkeypatch.setattr(keyset, "EXPORT_BEGINS", 2)
        monkeypatch.setattr(keyset, "EXPORT_CHUNK", 3)
        # Equal names and accounts, so that the key alone parts some of them.
        made = [
            RoleFactory.create(
                connection=connection, name=f"role-{number % 3}", path=f"/{number}/"
            ).arn
            for number in range(9)
        ]
        rows = exported(client, sort=sort)
        assert sorted(row["arn"] for row in rows) == sorted(made)
        values = [row[sort.removeprefix("-")] for row in rows]
        assert values == sorted(values, reverse=sort.startswith("-"))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, ["reader"]),
            ({"has_boundary": "true"}, ["bounded"]),
            ({"q": "BOUND"}, ["bounded"]),
            ({"q": f"arn:aws:iam::{ACCOUNT_ID}:role/read"}, ["reader"]),
            ({"account_id": "999999999999"}, []),
        ],
    )
    def test_filters_by_policy_boundary_account_and_words(self, client, connection, query, found):
        RoleFactory.create(
            connection=connection,
            name="reader",
            attached_policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        )
        RoleFactory.create(
            connection=connection, name="bounded", boundary_arn="arn:aws:iam::2:policy/edge"
        )

        assert rows_of(client.get(listing(**query))) == found

    def test_tells_apart_used_none_on_record_not_recorded_and_not_known(self, client, connection):
        used = RoleFactory.create(connection=connection, name="a-used")
        PrincipalActivityFactory.create(connection=connection, arn=used.arn)
        idle = RoleFactory.create(connection=connection, name="b-idle")
        PrincipalActivityFactory.create(connection=connection, arn=idle.arn, last_used_at=None)
        GroupPrincipalFactory.create(connection=connection, name="c-group")
        RoleFactory.create(connection=connection, name="d-never-collected")

        assert [row["last_use"] for row in exported(client)] == [
            "used",
            "none_on_record",
            "not_recorded",
            "unknown",
        ]
        page = text(client, listing())
        assert "None on record" in page
        assert "Not recorded" in page
        assert "Not known" in page

    def test_says_in_how_many_accounts_principals_are_not_known(self, client, connection):
        other = AccountFactory.create(connection=connection)
        run = InventoryRunFactory.create(connection=connection)
        DeniedCoverageFactory.create(run=run, account_id=other.account_id)
        assert "IAM was read in no account yet" in text(client, listing())

        CoverageFactory.create(run=run, account_id=ACCOUNT_ID)

        assert "never been read completely in 1 of 2 accounts" in text(client, listing())

    def test_looks_back_to_a_time(self, client, connection):
        RoleFactory.create(
            connection=connection, name="gone", seen_from=FIRST_RUN_AT, seen_until=LATER
        )

        assert rows_of(client.get(listing())) == []
        then = (FIRST_RUN_AT + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert rows_of(client.get(listing(as_of=then))) == ["gone"]

    def test_needs_the_right(self, client, connection):
        client.force_login(UserFactory.create())

        assert client.get(listing()).status_code == 403


class TestPages:
    @pytest.mark.parametrize("sort", ["name", "-name", "account_id", "-account_id"])
    def test_go_on_and_back_without_leaving_out_or_repeating_a_row(self, client, connection, sort):
        for number in range(120):
            RoleFactory.create(
                connection=connection,
                name=f"role-{number % 7}",
                arn=f"arn:aws:iam::{ACCOUNT_ID}:role/{number:04d}",
            )
        answer = client.get(listing(sort=sort))
        pages = [[row.pk for row in answer.context["rows"].object_list]]
        while href := answer.context["next_href"]:
            answer = client.get(listing() + href)
            pages.append([row.pk for row in answer.context["rows"].object_list])
        assert [len(page) for page in pages] == [50, 50, 20]
        assert len({key for page in pages for key in page}) == 120

        back = client.get(listing() + answer.context["previous_href"])

        assert [row.pk for row in back.context["rows"].object_list] == pages[1]
        first = client.get(listing() + back.context["previous_href"])
        assert [row.pk for row in first.context["rows"].object_list] == pages[0]
        assert first.context["previous_href"] == ""

    def test_refuse_a_row_that_is_none(self, client, connection):
        elsewhere = RoleFactory.create(connection=ConnectionFactory.create())

        assert client.get(listing(after_row="x")).status_code == 400
        assert client.get(listing(after_row=str(elsewhere.pk))).status_code == 400

    def test_forget_their_place_when_the_order_or_a_filter_changes(self, client, connection):
        row = RoleFactory.create(connection=connection)

        answer = client.get(listing(after_row=str(row.pk), q="role"))

        assert "after_row" not in answer.context["table_heads"][0].href
        assert "after_row" not in answer.context["chips"][0].choices[0].href

    def test_count_up_to_a_limit_and_read_ten_thousand_rows_by_the_index(
        self, client, connection, django_assert_max_num_queries
    ):
        Principal.objects.bulk_create(
            Principal(
                connection=connection,
                account_id=ACCOUNT_ID,
                kind="role",
                arn=f"arn:aws:iam::{ACCOUNT_ID}:role/role-{number:05d}",
                name=f"role-{number:05d}",
                path="/",
                unique_id=f"AROA{number}",
                seen_from=FIRST_RUN_AT,
                fingerprint=str(number),
            )
            for number in range(10_100)
        )
        with database.cursor() as cursor:
            cursor.execute("ANALYZE inventory_principal")

        with django_assert_max_num_queries(18):
            answer = client.get(listing())
        assert "more than 2,000 principals" in answer.content.decode()
        with CaptureQueriesContext(database) as queries:
            client.get(listing() + answer.context["next_href"])
        asked = next(
            query["sql"]
            for query in queries
            if query["sql"].startswith('SELECT "inventory_principal"."id"')
            and query["sql"].endswith("LIMIT 51")
        )
        with database.cursor() as cursor:
            cursor.execute(f"EXPLAIN {asked}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "principal_name" in plan
        assert "Seq Scan on inventory_principal" not in plan


class TestPrincipal:
    def test_of_a_role_shows_trust_policies_boundary_and_what_was_not_collected(
        self, client, connection
    ):
        edge = IamPolicyFactory.create(connection=connection, name="edge", text=denying("s3:*"))
        role = RoleFactory.create(
            connection=connection,
            name="deploy",
            attached_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"],
            inline_policies={"extra": content(denying("ec2:RunInstances")).pk},
            boundary_arn=edge.arn,
            tags={"team": "payments"},
        )

        page = text(client, page_of(role))

        assert "ec2.amazonaws.com" in page
        assert "ec2:RunInstances" in page
        assert "s3:*" in page
        assert "Content not collected" in page
        assert "arn:aws:iam::aws:policy/AdministratorAccess" in page
        assert "<dt>team</dt><dd>payments</dd>" in page
        assert "No boundary" not in page

    def test_of_a_user_shows_mfa_key_ages_groups_and_their_policies(self, client, connection):
        policy = IamPolicyFactory.create(connection=connection, name="shared")
        GroupPrincipalFactory.create(
            connection=connection, name="staff", attached_policy_arns=[policy.arn]
        )
        user = UserPrincipalFactory.create(connection=connection, name="ada", groups=["staff"])
        UserCredentialFactory.create(
            connection=connection,
            user_name="ada",
            arn=user.arn,
            mfa_active=False,
            access_key_1_active=True,
            access_key_1_rotated_at=datetime(2024, 1, 1, tzinfo=UTC),
            access_key_2_active=False,
            access_key_2_rotated_at=datetime(2023, 1, 1, tzinfo=UTC),
        )
        PrincipalActivityFactory.create(
            connection=connection, arn=user.arn, password_last_used_at=None
        )

        answer = client.get(page_of(user))

        page = answer.content.decode()
        assert "Through the group staff" in page
        assert "Off, with a password" in page
        assert [one.state for one in answer.context["credentials"]] == [
            "active",
            "active",
            "inactive",
        ]
        assert "no use on record" in page

    def test_tells_use_that_was_never_collected_from_none_on_record(self, client, connection):
        user = UserPrincipalFactory.create(connection=connection, name="ada")
        UserCredentialFactory.create(connection=connection, user_name="ada", arn=user.arn)
        assert "use not known" in text(client, page_of(user))

        PrincipalActivityFactory.create(connection=connection, arn=user.arn, last_used_at=None)

        page = text(client, page_of(user))
        assert "None on record" in page
        assert "use not known" not in page

    def test_says_what_of_use_is_not_known_of_a_past_time(self, client, connection):
        role = RoleFactory.create(connection=connection, seen_from=FIRST_RUN_AT)
        PrincipalActivityFactory.create(connection=connection, arn=role.arn, last_used_at=LATER)

        answer = client.get(page_of(role), {"as_of": FIRST_RUN_AT.isoformat()})

        assert answer.context["use"].use == "unknown"

    def test_without_a_credential_report_says_why(self, client, connection):
        user = UserPrincipalFactory.create(connection=connection)
        assert "Never collected" in text(client, page_of(user))

        run = InventoryRunFactory.create(connection=connection)
        DeniedCoverageFactory.create(
            run=run, account_id=ACCOUNT_ID, collector="iam.credential_report"
        )

        assert "Deploy docs/roles/audit.yaml" in text(client, page_of(user))

    def test_of_a_group_names_its_members(self, client, connection):
        group = GroupPrincipalFactory.create(connection=connection, name="staff")
        UserPrincipalFactory.create(connection=connection, name="ada", groups=["staff"])

        page = text(client, page_of(group))

        assert "ada" in page
        assert "1 user" in page

    def test_that_was_never_seen_or_is_gone_says_which(self, client, connection):
        gone = RoleFactory.create(connection=connection, seen_from=FIRST_RUN_AT, seen_until=LATER)

        missing = client.get(page_of(RoleFactory.build(connection=connection)))
        past = client.get(page_of(gone))

        assert missing.status_code == past.status_code == 404
        assert "No inventory run of Acme has seen" in missing.content.decode()
        assert "Its newest version was seen from" in past.content.decode()

    def test_costs_the_same_queries_however_many_policies(self, client, connection):
        def queries_for(count: int) -> int:
            arns = [IamPolicyFactory.create(connection=connection).arn for _ in range(count)]
            role = RoleFactory.create(connection=connection, attached_policy_arns=arns)
            client.get(page_of(role))
            with CaptureQueriesContext(database) as queries:
                client.get(page_of(role))
            return len(queries)

        assert queries_for(1) == queries_for(20)
