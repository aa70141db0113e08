"""The page that says who can."""

import csv
import io
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.posture.who_can import loading
from inventory.models import Account
from tests.factories.edits import region_lock
from tests.factories.organization import AccountFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import (
    FULL_ACCESS,
    PolicyAttachmentFactory,
    PolicyFactory,
    content,
)
from tests.factories.principals import RoleFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

TEST, LOGS = "222222222224", "333333333331"
# Session, person, organization, frame, and the answer's own.
MOST_QUERIES = 24


def bucket(name):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/*"}
            ],
        }
    )


@pytest.fixture
def made(db):
    made = organization_snapshot()
    for account_id, name, text in (
        (TEST, "Admin", FULL_ACCESS),
        (LOGS, "Admin", FULL_ACCESS),
        (LOGS, "<i>Reporter", bucket("reports")),
    ):
        RoleFactory.create(
            connection=made.connection,
            account_id=account_id,
            name=name,
            inline_policies={"=own": content(text).sha256},
        )
    return made


@pytest.fixture
def read(client, made):
    """Open the page with a question once everybody has been read."""
    client.force_login(person("viewer"))
    address = reverse("who-can", kwargs={"slug": made.connection.slug})

    def open_page(*, waiting=False, **query):
        if not waiting:
            client.get(address, {"action": "s3:GetObject", "part": "answer"}, **HTMX)
        return client.get(address, query)

    return open_page


HTMX = {"headers": {"HX-Request": "true"}}


def text_of(answer):
    return " ".join(answer.content.decode().split())


class TestPage:
    def test_counts_and_lists_who_may(self, read):
        text = text_of(read(action="s3:GetObject"))
        assert '<b class="figure">3</b> principals in <b class="figure">2</b> accounts' in text
        assert "only if the resource is" in text
        assert "&lt;i&gt;Reporter" in text
        assert "<i>Reporter" not in text
        assert "1 account not collected; results may be incomplete" in text
        assert "Policies of s3 resources themselves are not collected" in text
        assert "root users" in text

    def test_assumes_a_region_that_the_organization_allows(self, made, read):
        made.connection.home_region = "us-east-1"
        made.connection.save()
        lock = PolicyFactory.create(
            connection=made.connection,
            text=region_lock("eu-west-1", action="*"),
            seen_from=FIRST_RUN_AT,
        )
        PolicyAttachmentFactory.create(
            connection=made.connection,
            policy_id=lock.policy_id,
            target_id=made.root.target_id,
            seen_from=FIRST_RUN_AT,
        )
        answer = read(action="s3:GetObject")
        assert "aws:RequestedRegion=eu-west-1" in text_of(answer)
        assert [row.name for row in answer.context["rows"].object_list] != []

    def test_shows_progress_until_everybody_has_been_read(self, read):
        loading.forget()
        answer = read(action="s3:GetObject", waiting=True)
        assert 'hx-trigger="load"' in text_of(answer)
        assert "Finding who can" in text_of(answer)

    def test_says_how_far_a_reading_is(self, read, client, made):
        read(action="s3:GetObject")
        told = client.get(reverse("who-can-progress", kwargs={"slug": made.connection.slug}))
        assert "Deciding" in text_of(told)

    def test_leads_to_why_denied_with_the_request_filled_in(self, read):
        text = text_of(read(action="s3:GetObject", q="Reporter"))
        start = text.index("/why-denied/?")
        query = parse_qs(urlsplit(text[start : text.index('"', start)].replace("&amp;", "&")).query)
        assert query["action"] == ["s3:GetObject"]
        assert query["resource"] == ["arn:aws:s3:::reports/example"]
        assert query["principal"] == [f"arn:aws:iam::{LOGS}:role/<i>Reporter"]
        assert query["key"] == ["aws:RequestedRegion"]
        assert query["resource_policy"] == ["none"]

    def test_filters_and_sorts_by_its_address(self, read):
        rows = read(action="s3:GetObject", standing="conditional").context["rows"].object_list
        assert [row.name for row in rows] == ["<i>Reporter"]
        rows = read(action="s3:GetObject", under=LOGS, sort="-name").context["rows"].object_list
        assert [row.name for row in rows] == ["Admin", "<i>Reporter"]
        rows = read(action="s3:GetObject", kind="root").context["rows"].object_list
        assert {row.kind for row in rows} == {"root"}

    @pytest.mark.parametrize(
        "place",
        [
            "log-archive",
            f"log-archive · {LOGS}",
            "Root / Security / log-archive",
            "security",
            "tag:team=logs",
            "tag:team",
        ],
    )
    def test_looks_within_a_place_as_people_name_it(self, read, place):
        Account.objects.filter(account_id=LOGS).update(tags={"team": "logs"})
        answer = read(action="s3:GetObject", under=place)
        assert {row.account_id for row in answer.context["rows"].object_list} == {LOGS}
        # The other accounts' root users are not in the place that was asked for.
        assert answer.context["root_users"]["count"] == 1

    def test_looks_within_an_environment(self, read):
        rows = read(action="s3:GetObject", under="environment:test").context["rows"].object_list
        assert {row.account_id for row in rows} == {TEST}

    def test_keeps_the_form_where_a_place_is_called_like_another(self, read, made):
        AccountFactory.create(
            connection=made.connection, name="Security", parent_id="ou-ab12-prod0001"
        )
        text = text_of(read(action="s3:GetObject", under="Security", resource="*"))
        assert (
            "2 OUs and accounts are named Security: write one&#x27;s path, such as Root / " in text
        )
        assert 'value="Security"' in text
        assert 'value="s3:GetObject"' in text

    def test_exports_what_is_shown(self, read):
        answer = read(action="s3:GetObject", standing="conditional", format="csv")
        (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
        assert row["account_id"] == LOGS
        assert row["conditions"] == "only if the resource is arn:aws:s3:::reports/*"
        assert row["allowed_by"] == "'=own"
        told = json.loads(b"".join(read(action="s3", format="json").streaming_content))
        assert {one["standing"] for one in told} == {"always", "conditional"}

    def test_puts_them_together_by_how(self, read, client, made):
        read(action="s3:GetObject")
        address = reverse("who-can-how", kwargs={"slug": made.connection.slug})
        answer = client.get(address, {"action": "s3:GetObject"})
        rows = answer.context["rows"].object_list
        assert [(row.standing, row.principals, row.accounts) for row in rows] == [
            ("always", 2, 2),
            ("conditional", 1, 1),
        ]
        assert rows[1].sentences == ["only if the resource is arn:aws:s3:::reports/*"]
        told = client.get(address, {"action": "s3:GetObject", "format": "json"})
        assert len(json.loads(b"".join(told.streaming_content))) == 2

    def test_takes_an_assumption_into_its_address(self, read):
        answer = read(action="s3:GetObject", assume_key="aws:SourceVpc", assume_value="vpc-1")
        assert answer.status_code == 302
        assert "aws%3ASourceVpc%3Dvpc-1" in answer.headers["Location"]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"action": "nothing"}, "give one such as s3:GetObject"),
            ({"action": "s3:GetObject", "resource": "x"}, "is not a resource"),
            ({"action": "s3:GetObject", "account": "x"}, "is not an account id"),
            ({"action": "s3:GetObject", "assume": "x"}, "is not an assumption"),
            ({"action": "s3:GetObject", "under": "ou-gone"}, "No OU or account named ou-gone."),
            ({"action": "s3:GetObject", "under": "tag:team"}, "No account has the tag team."),
            ({"action": "s3:GetObject", "under": "environment:x"}, "x is not an environment"),
        ],
    )
    def test_says_what_is_wrong_and_what_to_give(self, read, query, said):
        answer = read(**query)
        assert answer.status_code == 200
        assert said in text_of(answer)

    @pytest.mark.parametrize(
        "query",
        [
            {"standing": "x"},
            {"kind": "x"},
            {"sort": "x"},
            {"format": "xml"},
            {"as_of": "x"},
            {"resource": "a" * 3000},
        ],
    )
    def test_refuses_an_address_that_says_nothing(self, read, query):
        assert read(action="s3:GetObject", **query).status_code == 400

    def test_says_when_the_first_run_was(self, read):
        text = text_of(read(action="s3:GetObject", as_of="2020-01-01"))
        assert "The first run that read this organization started at" in text

    def test_asks_once_since_when_anything_is_known(self, read, made):
        with CaptureQueriesContext(database) as captured:
            read(action="s3:GetObject", as_of=made.run.started_at.isoformat())
        asked = [one["sql"] for one in captured if 'MIN("inventory_inventoryrun"' in one["sql"]]
        assert len(asked) == 1

    def test_needs_the_right(self, client, made):
        client.force_login(UserFactory.create())
        address = reverse("who-can", kwargs={"slug": made.connection.slug})
        assert client.get(address).status_code == 403

    def test_asks_as_much_for_many_as_for_few(self, read, made):
        def queries():
            read(action="s3:GetObject")
            with CaptureQueriesContext(database) as captured:
                assert read(action="s3:GetObject").status_code == 200
            return len(captured)

        before = queries()
        for number in range(30):
            RoleFactory.create(
                connection=made.connection,
                account_id=TEST,
                inline_policies={"own": content(bucket(f"b{number}")).sha256},
            )
        assert queries() == before

    def test_stays_within_its_queries(self, read, client, made):
        read(action="s3:GetObject")
        address = reverse("who-can", kwargs={"slug": made.connection.slug})
        with CaptureQueriesContext(database) as captured:
            client.get(address, {"action": "s3:GetObject"})
        assert len(captured) <= MOST_QUERIES
