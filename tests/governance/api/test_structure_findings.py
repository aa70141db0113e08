"""What is wrong with the structure, told to programs."""

import pytest
from celery import current_app
from django.core.cache import cache

from inventory.models import Account, Policy, PolicyAttachment
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import ended

ADDRESS = "/api/v1/organizations/acme/structure-findings"
TEST = "222222222224"


@pytest.fixture
def ask(viewer, acme):
    """Get the list, or below it, and return what is told."""

    def ask(path="", *, status=200):
        answer = viewer.get(f"{ADDRESS}{path}")
        assert answer.status_code == status, answer.json()
        return answer.json()

    return ask


def keys(told):
    return [row["key"] for row in told["results"]]


class TestList:
    def test_tells_what_was_measured_where_and_what_to_do(self, ask):
        (found,) = ask("?kind=scp_attached_nowhere")["results"]
        assert found["key"] == "scp_attached_nowhere:p-unatt001"
        assert found["title"] == "unattached is attached to no target"
        assert found["places"] == [
            {"kind": "POLICY", "key": "p-unatt001", "name": "unattached", "said": ""}
        ]
        assert {"what", "value"} == set(found["measured"][0])
        assert found["remedy"]
        assert found["page"] == (
            "http://testserver/o/acme/findings/scp_attached_nowhere:p-unatt001/"
        )

    def test_begins_with_the_worst_and_counts_what_was_asked(self, ask, acme):
        PolicyAttachment.objects.filter(target_id=TEST).delete()
        told = ask()
        assert told["results"][0]["kind"] == "broken_allow_chain"
        assert told["results"][0]["severity"] == "critical"
        (question,) = [row for row in told["questions"] if row["kind"] == "broken_allow_chain"]
        assert question["found"] == 1
        assert question["examined"] > 5

    def test_narrows_by_kind_severity_and_place(self, ask, acme):
        PolicyAttachment.objects.filter(target_id=TEST).delete()
        assert keys(ask("?severity=critical")) == [f"broken_allow_chain:{TEST}"]
        two = ask("?kind=broken_allow_chain&kind=scp_attached_nowhere")
        assert len(keys(two)) == 2
        assert f"broken_allow_chain:{TEST}" in keys(ask(f"?place={TEST}"))
        assert all(
            any(place["key"] == TEST for place in row["places"])
            for row in ask(f"?place={TEST}")["results"]
        )
        assert keys(ask("?place=p-unatt001")) == ["scp_attached_nowhere:p-unatt001"]
        assert ask("?kind=broken_allow_chain&place=p-unatt001")["results"] == []

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("?kind=nonsense", "kind"),
            ("?severity=awful", "severity"),
            ("?ordering=place", "ordering"),
            ("?kinds=flat_tree", "kinds"),
        ],
    )
    def test_refuses_what_it_does_not_know_and_says_what_there_is(self, ask, query, parameter):
        told = ask(query, status=400)
        assert told["errors"][0]["parameter"] == parameter
        assert "there is none" not in told["detail"]

    def test_pages_by_key_through_all_of_them_once(self, ask, viewer, acme):
        for number in range(7):
            PolicyFactory.create(connection=acme.connection, name=f"idle-{number}")
        everything = keys(ask())
        assert len(everything) == len(set(everything)) > 8
        for ordering in ("severity", "-severity", "accounts", "-title"):
            seen, address = [], f"{ADDRESS}?limit=3&ordering={ordering}"
            while address:
                told = viewer.get(address).json()
                seen += keys(told)
                address = told["next"]
            assert sorted(seen) == sorted(everything)
            assert seen == keys(ask(f"?ordering={ordering}"))

    def test_gives_only_the_fields_that_are_asked_for(self, ask):
        (row,) = ask("?kind=scp_attached_nowhere&fields=key,severity")["results"]
        assert set(row) == {"key", "severity"}

    def test_lists_places_it_cannot_judge_as_not_known(self, ask, acme):
        policy = PolicyFactory.create(connection=acme.connection, name="broken", text="{")
        PolicyAttachmentFactory.create(
            connection=acme.connection, policy_id=policy.policy_id, target_id=TEST
        )
        PolicyAttachment.objects.filter(target_id=TEST, policy_id="p-FullAWSAccess").delete()
        told = ask("?kind=broken_allow_chain")
        assert told["results"] == []
        assert told["not_known"][0]["places"][0]["key"] == TEST
        assert "cannot be read" in told["not_known"][0]["reason"]
        assert told["questions"][0]["not_known"] == 1

    def test_is_null_and_not_empty_before_the_first_run(self, viewer, db):
        ConnectionFactory.create(slug="fresh")
        told = viewer.get("/api/v1/organizations/fresh/structure-findings").json()
        assert told["results"] is None
        assert told["coverage"]["knowledge"] == "unknown"


class TestThePast:
    def test_tells_what_was_found_then(self, ask, acme):
        stray = AccountFactory.create(connection=acme.connection, name="stray")
        key = f"account_under_root:{stray.account_id}"
        assert key in keys(ask("?kind=account_under_root"))
        ended(Account.objects.get(pk=stray.pk), at=SECOND_RUN_AT)
        ask(f"/{key}", status=404)
        found = ask(f"/{key}?as_of=2026-11-01T08:30:00Z")
        assert found["places"][0]["name"] == "stray"
        assert key in keys(ask("?as_of=2026-11-01T08:30:00Z"))
        assert key not in keys(ask())

    def test_says_when_the_first_run_was_to_who_asks_for_a_time_before(self, ask):
        for path in ("", "/scp_attached_nowhere:p-unatt001"):
            told = ask(f"{path}?as_of=2020-01-01", status=422)
            assert told["type"] == "urn:orgwarden:problem:time-not-known"
            assert told["first_run_at"] == "2026-11-01T08:00:00Z"


class TestDetail:
    def test_is_at_the_address_that_the_list_gives(self, ask, viewer):
        (row,) = ask("?kind=scp_attached_nowhere")["results"]
        found = viewer.get(row["url"]).json()
        assert set(found.pop("freshness")) == {"state", "complete_at", "unread"}
        assert found == row

    def test_is_sent_once_to_who_has_it(self, viewer, acme):
        address = f"{ADDRESS}/scp_attached_nowhere:p-unatt001"
        etag = viewer.get(address).headers["ETag"]
        assert viewer.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 304

    def test_is_not_found_once_it_no_longer_holds(self, ask, acme):
        Policy.objects.filter(policy_id="p-unatt001").delete()
        told = ask("/scp_attached_nowhere:p-unatt001", status=404)
        assert "no structure finding scp_attached_nowhere:p-unatt001" in told["detail"]


class TestOfManyAccounts:
    def test_is_asked_for_again_while_a_worker_is_at_it(self, ask, viewer, settings, monkeypatch):
        settings.STRUCTURE_AT_ONCE_ACCOUNTS = 2
        monkeypatch.setattr(current_app, "send_task", lambda *_, **__: None)
        cache.clear()
        told = ask(status=503)
        assert told["type"] == "urn:orgwarden:problem:not-ready"
        assert told["retry_after_seconds"] == 5
        assert viewer.get(ADDRESS).headers["Retry-After"] == "5"
        cache.clear()
