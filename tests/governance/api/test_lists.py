"""Pages, orderings, filters and fields of lists."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import Account
from tests.factories.organization import AccountFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import changed, ended

ORDERINGS = ["name", "-name", "state", "-account_id", "joined_at", "-joined_at"]
WRITES = ["add", "change", "remove", "nothing"]
ACCOUNTS = "/api/v1/organizations/acme/accounts"


@contextmanager
def undone():
    """Undo at the end what was stored meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def names(answer):
    assert answer.status_code == 200, answer.json()
    return [row["name"] for row in answer.json()["results"]]


def all_pages(client, address):
    """Return the names on every page, following `next`."""
    found = []
    while address:
        answer = client.get(address)
        found += names(answer)
        address = answer.json()["next"]
    return found


class TestPages:
    def test_give_each_row_once_in_order(self, viewer, acme):
        everything = names(viewer.get(ACCOUNTS))
        assert everything == [
            "log-archive",
            "management",
            "payments",
            "payments-test",
            "retired",
            "website",
        ]
        for limit in (1, 2, 4, 5, 6, 1000):
            assert all_pages(viewer, f"{ACCOUNTS}?limit={limit}") == everything

    def test_go_backwards_as_well(self, viewer, acme):
        forwards = names(viewer.get(ACCOUNTS))
        assert all_pages(viewer, f"{ACCOUNTS}?limit=2&ordering=-name") == forwards[::-1]

    def test_skip_and_repeat_nothing_when_rows_come_in_between(self, viewer, acme):
        first = viewer.get(f"{ACCOUNTS}?limit=3")
        for name in ("aaa", "pb", "zzz"):
            AccountFactory.create(connection=acme.connection, name=name)
        rest = all_pages(viewer, first.json()["next"])
        assert names(first) + rest == [
            "log-archive",
            "management",
            "payments",
            "payments-test",
            "pb",
            "retired",
            "website",
            "zzz",
        ]

    def test_go_on_when_a_row_gets_a_new_version_in_between(self, viewer, acme):
        first = viewer.get(f"{ACCOUNTS}?limit=3")
        changed(acme.accounts["payments"], at=SECOND_RUN_AT, email="other@example.org")
        changed(acme.accounts["retired"], at=SECOND_RUN_AT, email="other@example.org")
        rest = all_pages(viewer, first.json()["next"])
        assert rest == ["payments-test", "retired", "website"]

    def test_begin_at_the_first_for_an_empty_cursor(self, viewer, acme):
        assert names(viewer.get(f"{ACCOUNTS}?limit=2&cursor=")) == ["log-archive", "management"]

    def test_name_the_next_one_in_a_link_header(self, viewer, acme):
        answer = viewer.get(f"{ACCOUNTS}?limit=2")
        assert answer.headers["Link"] == f'<{answer.json()["next"]}>; rel="next"'

    def test_put_nulls_last_in_either_direction(self, viewer, acme):
        account = acme.accounts["payments"]
        account.joined_at = None
        account.save()
        for ordering in ("joined_at", "-joined_at"):
            found = all_pages(viewer, f"{ACCOUNTS}?ordering={ordering}&limit=2")
            assert len(found) == len(set(found)) == 6
            assert found[-1] == "payments"

    @pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", ""])
    def test_refuse_a_limit_out_of_bounds(self, viewer, acme, limit):
        answer = viewer.get(f"{ACCOUNTS}?limit={limit}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == "limit"

    def test_refuse_a_cursor_that_was_changed(self, viewer, acme):
        cursor = viewer.get(f"{ACCOUNTS}?limit=2").json()["next"].split("cursor=")[1]
        assert viewer.get(f"{ACCOUNTS}?limit=2&cursor=x{cursor}").status_code == 400

    def test_refuse_a_cursor_of_another_query(self, viewer, acme):
        following = viewer.get(f"{ACCOUNTS}?limit=2").json()["next"]
        answer = viewer.get(f"{following}&state=ACTIVE")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == "cursor"

    def test_let_limit_and_fields_change_on_the_way(self, viewer, acme):
        following = viewer.get(f"{ACCOUNTS}?limit=2").json()["next"]
        answer = viewer.get(following.replace("limit=2", "limit=1") + "&fields=name")
        assert answer.json()["results"] == [{"name": "payments"}]

    def test_refuse_an_ordering_that_is_not_offered(self, viewer, acme):
        assert viewer.get(f"{ACCOUNTS}?ordering=fingerprint").status_code == 400


class TestKeyset:
    @pytest.mark.django_db
    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        given_names=st.lists(st.sampled_from(["a", "b", "B", "_", "é", "z z"]), max_size=9),
        limit=st.integers(1, 4),
        ordering=st.sampled_from(["name", "-name", "state", "-account_id", "joined_at"]),
    )
    def test_gives_what_one_query_gives(
        self, viewer, acme, given_names, limit, ordering, throttle_off
    ):
        with undone():
            for name in given_names:
                AccountFactory.create(connection=acme.connection, name=name, joined_at=None)
            address = f"{ACCOUNTS}?ordering={ordering}"
            assert all_pages(viewer, f"{address}&limit={limit}") == names(viewer.get(address))

    @pytest.mark.django_db
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data(), limit=st.integers(1, 3), ordering=st.sampled_from(ORDERINGS))
    def test_gives_each_row_that_stays_once_and_in_order_while_others_come_and_go(
        self, viewer, acme, data, limit, ordering, throttle_off
    ):
        """Between two pages rows are added, changed, removed and renamed."""
        with undone():
            stored = Account.objects.filter(connection=acme.connection)
            open_accounts = {account.name: account for account in stored}
            stay = set(open_accounts)
            address = f"{ACCOUNTS}?ordering={ordering}"
            in_order = [name for name in names(viewer.get(address)) if name in stay]
            found, following, written = [], f"{address}&limit={limit}", 0
            while following:
                answer = viewer.get(following)
                found += names(answer)
                following = answer.json()["next"]
                write = data.draw(st.sampled_from(WRITES))
                written += 1
                at = SECOND_RUN_AT + timedelta(minutes=written)
                assert written < 60
                if write == "add" and written < 12:
                    name = data.draw(st.sampled_from(["a", "m", "pa", "zz"])) + str(written)
                    AccountFactory.create(
                        connection=acme.connection,
                        name=name,
                        joined_at=data.draw(st.sampled_from([None, SECOND_RUN_AT])),
                    )
                elif write == "change" and open_accounts:
                    # A version of its own in the place of the old, equal in every ordering.
                    name = data.draw(st.sampled_from(sorted(open_accounts)))
                    open_accounts[name] = changed(
                        open_accounts[name], at=at, email=f"{written}@example.org"
                    )
                elif write == "remove" and open_accounts:
                    name = data.draw(st.sampled_from(sorted(open_accounts)))
                    ended(open_accounts.pop(name), at=at)
                    stay.discard(name)
            assert [name for name in found if name in stay] == [
                name for name in in_order if name in stay
            ]
            assert len(found) == len(set(found))


@pytest.fixture
def throttle_off(settings):
    """No test of many requests is about their rate."""
    settings.API_READS_A_MINUTE = 100_000


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=PAY", ["payments", "payments-test"]),
            ("q=3333", ["log-archive"]),
            ("state=SUSPENDED", ["retired"]),
            ("state=SUSPENDED&state=ACTIVE&q=re", ["retired"]),
            ("parent_id=ou-ab12-prod0001", ["payments", "website"]),
            ("under=ou-ab12-work0001", ["payments", "payments-test", "website"]),
            ("under=ou-ab12-work", []),
            ("tag=owner", ["log-archive", "payments", "payments-test", "website"]),
            ("tag=owner%3Dpayments", ["payments", "payments-test"]),
            ("coverage=unknown", ["retired"]),
            ("coverage=denied", []),
        ],
    )
    def test_keep_the_accounts_that_match(self, viewer, acme, query, found):
        assert names(viewer.get(f"{ACCOUNTS}?{query}")) == found

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("type=TAG_POLICY", ["tags-of-cost"]),
            ("aws_managed=true", ["FullAWSAccess"]),
            ("attached=false", ["unattached"]),
            ("target_id=ou-ab12-work0001&aws_managed=false", ["deny-regions", "tags-of-cost"]),
            ("q=deny-i", ["deny-instances"]),
        ],
    )
    def test_keep_the_policies_that_match(self, viewer, acme, query, found):
        assert names(viewer.get(f"/api/v1/organizations/acme/policies?{query}")) == found

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("under=ou-ab12-work0001", ["Prod", "Test"]),
            ("parent_id=r-ab12", ["Security", "Suspended", "Workloads"]),
            ("q=prod", ["Prod"]),
        ],
    )
    def test_keep_the_units_that_match(self, viewer, acme, query, found):
        address = f"/api/v1/organizations/acme/organizational-units?{query}"
        assert names(viewer.get(address)) == found


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "of_data"),
        [
            ("2446-12-26T19:44:35-20:28", 422),
            ("0001-01-01T00:00:00+23:59", 400),
            ("9999-12-31T23:59:59-23:59", 400),
        ],
    )
    def test_may_have_offsets_that_the_database_does_not_know(self, viewer, acme, text, of_data):
        query = {"requested_after": text, "requested_before": text}
        answer = viewer.get("/api/v1/organizations/acme/inventory-runs", query)
        assert answer.status_code == 200
        for address in (ACCOUNTS, "/api/v1/organizations/acme/policies"):
            assert viewer.get(address, {"as_of": text}).status_code == of_data

    def test_that_are_empty_are_refused_rather_than_left_out(self, viewer, acme):
        answer = viewer.get("/api/v1/organizations/acme/inventory-runs?requested_after=")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["detail"] == "give a time, or leave it out"


class TestFields:
    def test_leave_out_the_rest(self, viewer, acme):
        answer = viewer.get(f"{ACCOUNTS}?fields=account_id,%20coverage&q=website")
        (row,) = answer.json()["results"]
        assert set(row) == {"account_id", "coverage"}

    @pytest.mark.parametrize("given", ["name,,account_id", "name,", ",", "name, ,account_id"])
    def test_without_a_name_are_refused(self, viewer, acme, given):
        for address in (ACCOUNTS, "/api/v1/organizations/acme/external-parties"):
            answer = viewer.get(address, {"fields": given.replace("name", "results")})
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["detail"].startswith("a name is empty")

    def test_work_on_one_thing_too(self, viewer, acme):
        answer = viewer.get(f"{ACCOUNTS}/222222222223?fields=name")
        assert answer.json() == {"name": "website"}


class TestAsOf:
    def test_tells_what_was_so_then(self, viewer, acme):
        changed(acme.accounts["website"], at=SECOND_RUN_AT, name="shop")
        ended(acme.accounts["retired"], at=SECOND_RUN_AT)
        before = names(viewer.get(f"{ACCOUNTS}?as_of=2026-11-01T08:30:00Z"))
        after = names(viewer.get(ACCOUNTS))
        assert "website" in before
        assert "retired" in before
        assert "shop" in after
        assert "website" not in after
        assert "retired" not in after

    def test_judges_how_well_it_was_known_then(self, viewer, acme):
        (row,) = viewer.get(f"{ACCOUNTS}?q=website&as_of=2026-11-01T08:30:00Z").json()["results"]
        assert row["coverage"]["knowledge"] == "collected"
        (row,) = viewer.get(f"{ACCOUNTS}?q=website").json()["results"]
        assert row["coverage"]["knowledge"] == "stale"

    def test_says_when_the_first_run_was_to_who_asks_for_a_time_before(self, viewer, acme):
        answer = viewer.get(f"{ACCOUNTS}?as_of=2026-10-31")
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:orgwarden:problem:time-not-known"
        assert answer.json()["first_run_at"] == "2026-11-01T08:00:00Z"

    def test_refuses_a_time_to_come(self, viewer, acme):
        answer = viewer.get(f"{ACCOUNTS}?as_of=2126-01-01T00:00:00Z")
        assert answer.status_code == 422
        assert "in the future" in answer.json()["detail"]

    @pytest.mark.parametrize("given_time", ["yesterday", "2026-13-01", "2026-11-01T25:00Z", ""])
    def test_refuses_what_is_no_time(self, viewer, acme, given_time):
        answer = viewer.get(f"{ACCOUNTS}?as_of={given_time}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == "as_of"

    @pytest.mark.parametrize(
        "given_time",
        [
            "2026-11-01T09:30:00%2B01:00",
            "2026-11-01T09:30:00+01:00",
            "2026-11-01T08:30",
            "2026-11-01",
        ],
    )
    def test_reads_offsets_even_with_a_plus_that_was_not_escaped(self, viewer, acme, given_time):
        assert len(names(viewer.get(f"{ACCOUNTS}?as_of={given_time}"))) == 6


class TestNotKnown:
    def test_is_null_and_not_an_empty_list_before_the_first_run(self, viewer, db):
        made = organization_snapshot(covered=False)
        made.connection.slug = "fresh"
        made.connection.save()
        for account in made.accounts.values():
            account.delete()
        told = viewer.get("/api/v1/organizations/fresh/accounts").json()
        assert told["results"] is None
        assert told["coverage"]["knowledge"] == "unknown"
        assert told["coverage"]["total"] is None

    def test_is_an_empty_list_where_it_was_read_and_nothing_is_there(self, viewer, acme):
        told = viewer.get("/api/v1/organizations/acme/trusted-services").json()
        assert told["results"] == []
        assert told["coverage"]["knowledge"] == "stale"
