"""/change-requests: drafted, edited, found and submitted by people and programs."""

import pytest
from rest_framework.test import APIClient

from governance.access import rights
from governance.changes.models import ChangeRequest
from inventory.viewing import Place
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import PAYMENTS_TEST, PROD, ROOT, TEST, region_lock
from tests.factories.people import person, token_of

LIST = "/api/v1/organizations/acme/change-requests"
DETACH = {"kind": "detach_policy", "policy_id": "p-regio001", "target_id": PROD}


def client_of(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def author(db):
    return person("author", username="ada")


@pytest.fixture
def ada(author):
    """Her client."""
    return client_of(author)


@pytest.fixture
def drafted(acme, ada):
    """A draft as the API answers with it."""
    answer = ada.post(LIST, {"title": "Open Paris", "operations": [DETACH]}, format="json")
    assert answer.status_code == 201, answer.json()
    return answer.json()


class TestPost:
    def test_makes_a_draft_with_an_address(self, drafted, ada, author):
        assert drafted["number"] == 1
        assert drafted["state"] == "draft"
        assert drafted["author"] == "ada"
        assert drafted["plan_sha256"] is None
        assert drafted["required_approvals"] is None
        assert drafted["operations"] == [DETACH]
        assert ada.get(drafted["url"]).json() == drafted

    def test_takes_rings_an_end_and_where_it_is_applied(self, acme, ada):
        rings = [{"name": "Test", "targets": [TEST], "soak_minutes": 60, "gate": "manual"}]
        answer = ada.post(
            LIST,
            {
                "title": "Close Paris",
                "reason": "We leave.",
                "operations": [
                    {"kind": "update_policy", "policy_id": "p-regio001", "text": region_lock()}
                ],
                "applied": "elsewhere",
                "policy_ids": "copy",
                "rings": rings,
                "ticket_url": "https://tickets.example.com/7",
                "revert_at": "2099-01-01T00:00:00Z",
            },
            format="json",
        ).json()
        assert answer["rings"] == rings
        assert (answer["applied"], answer["policy_ids"]) == ("elsewhere", "copy")
        assert answer["revert_at"] == "2099-01-01T00:00:00Z"

    def test_names_each_member_that_is_wrong(self, acme, ada):
        answer = ada.post(
            LIST,
            {"title": "x", "operations": [{**DETACH, "target_id": "nowhere"}], "rings": [{}]},
            format="json",
        )
        assert answer.status_code == 400
        answer = ada.post(
            LIST, {"title": "x", "operations": [{**DETACH, "target_id": "nowhere"}]}, format="json"
        )
        assert answer.status_code == 400
        pointers = {one["pointer"] for one in answer.json()["errors"]}
        assert pointers == {"#/operations/0/target_id"}

    def test_says_which_values_there_are_where_one_is_none_of_them(self, acme, ada):
        odd = {"title": "x", "applied": "nowhere", "operations": [{"kind": "close_account"}]}
        errors = ada.post(LIST, odd, format="json").json()["errors"]
        said = {one["pointer"]: one["detail"] for one in errors}
        assert said["#/applied"] == '"nowhere" is not valid; choose one of here, elsewhere'
        assert "choose one of update_policy, create_policy" in said["#/operations/0/kind"]

    def test_is_refused_with_the_place_where_the_right_is_missing(self, acme):
        limited = client_of(person("author", Place(acme.connection.pk, TEST)))
        answer = limited.post(LIST, {"title": "x", "operations": [DETACH]}, format="json")
        assert answer.status_code == 403
        assert PROD in answer.json()["detail"]

    def test_is_done_by_a_token_that_may(self, acme, author):
        _, token = token_of(
            author, rights.VIEW_INVENTORY, rights.PROPOSE_CHANGE, rights.VIEW_CHANGES
        )
        program = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        for _ in range(2):
            answer = program.post(
                LIST,
                {"title": "From a pipeline", "operations": [DETACH]},
                format="json",
                HTTP_IDEMPOTENCY_KEY="one",
            )
            assert answer.status_code == 201
        assert ChangeRequest.objects.count() == 1
        url = answer.json()["url"]
        assert program.post(f"{url}/submit").json()["state"] == "checking"
        assert program.post(f"{url}/withdraw").json()["state"] == "withdrawn"


class TestPatch:
    def test_needs_the_tag_of_what_was_read(self, drafted, ada):
        url = drafted["url"]
        assert ada.patch(url, {"title": "Two"}, format="json").status_code == 428
        tag = ada.get(url).headers["ETag"]
        edited = ada.patch(url, {"title": "Two"}, format="json", HTTP_IF_MATCH=tag)
        assert edited.status_code == 200
        assert (edited.json()["title"], edited.json()["revision"]) == ("Two", 2)
        assert edited.json()["operations"] == [DETACH]
        late = ada.patch(url, {"title": "Three"}, format="json", HTTP_IF_MATCH=tag)
        assert late.status_code == 412

    def test_is_refused_while_it_is_checked(self, drafted, ada):
        assert ada.post(f"{drafted['url']}/submit").status_code == 202
        answer = ada.patch(drafted["url"], {"title": "Two"}, format="json", HTTP_IF_MATCH="*")
        assert answer.status_code == 409


class TestList:
    @pytest.fixture
    def queue(self, acme, author):
        """Three requests in different states, of two people."""
        other = person("author", username="brian")
        change_request(acme.connection, author, title="one", object_ids=["p-a", ROOT])
        change_request(acme.connection, other, title="two", object_ids=["p-b", PROD])
        with_evidence(
            change_request(
                acme.connection,
                other,
                title="three",
                state="draft",
                waiting_for=[author.pk],
                object_ids=[],
            )
        )
        return author

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("", {"one", "two", "three"}),
            ("author=ada", {"one"}),
            ("author=nobody", set()),
            ("author=me&waiting_for=me", set()),
            ("waiting_for=me", {"three"}),
            ("waiting_for=ada", {"three"}),
            ("policy_id=p-b", {"two"}),
            (f"target_id={ROOT}", {"one"}),
            (f"target_id={ROOT}&policy_id=p-b", set()),
            ("state=draft&state=approved", {"one", "two", "three"}),
            ("state=approved", set()),
        ],
    )
    def test_filters(self, queue, ada, query, titles):
        found = ada.get(f"{LIST}?{query}").json()["results"]
        assert {one["title"] for one in found} == titles

    def test_goes_page_by_page(self, queue, ada):
        first = ada.get(f"{LIST}?limit=2&ordering=number").json()
        assert [one["number"] for one in first["results"]] == [1, 2]
        assert [one["number"] for one in ada.get(first["next"]).json()["results"]] == [3]

    @pytest.mark.parametrize("query", ["state=open", "author=", "policy_id=%00", "title=x"])
    def test_refuses_filters_that_are_none(self, queue, ada, query):
        assert ada.get(f"{LIST}?{query}").status_code == 400


class TestPlaces:
    def test_show_requests_that_reach_them_and_hide_the_rest_of_the_plan(self, acme, author):
        root = change_request(
            acme.connection,
            author,
            title="root",
            operations=[
                {"kind": "attach_policy", "policy_id": "p-a", "target_id": ROOT},
                {"kind": "detach_policy", "policy_id": "p-a", "target_id": PROD},
            ],
            rings=[{"name": "r", "targets": [PROD, TEST], "soak_minutes": 0, "gate": "manual"}],
            object_ids=["p-a", ROOT, PROD],
            reaching_ids=[ROOT, PROD],
        )
        change_request(
            acme.connection, author, title="prod", object_ids=[PROD], reaching_ids=[PROD]
        )
        limited = client_of(person("viewer", Place(acme.connection.pk, PAYMENTS_TEST)))
        assert [one["title"] for one in limited.get(LIST).json()["results"]] == ["root"]
        assert limited.get(LIST, {"target_id": ROOT}).json()["results"]
        assert not limited.get(LIST, {"target_id": PROD}).json()["results"]
        told = limited.get(f"{LIST}/{root.number}").json()
        assert told["hides_places"] is True
        assert [one["target_id"] for one in told["operations"]] == [ROOT]
        assert told["rings"][0]["targets"] == [TEST]
        assert limited.get(f"{LIST}/{root.number + 1}").status_code == 404

    def test_do_not_limit_whom_a_request_waits_for(self, acme, author):
        boss = person("approver", Place(acme.connection.pk, TEST))
        change_request(
            acme.connection,
            author,
            operations=[DETACH],
            object_ids=["p-regio001", PROD],
            reaching_ids=[PROD],
            waiting_for=[boss.pk],
        )
        told = client_of(boss).get(f"{LIST}/1").json()
        assert told["operations"] == [DETACH]
        assert told["hides_places"] is False


class TestComments:
    def test_are_listed_resolved_and_taken_over(self, acme, ada):
        text = region_lock("eu-west-1")
        url = ada.post(
            LIST,
            {
                "title": "Edit",
                "operations": [{"kind": "update_policy", "policy_id": "p-regio001", "text": text}],
            },
            format="json",
        ).json()["url"]
        reviewer = client_of(person("approver", username="brian"))
        said = reviewer.post(
            f"{url}/comments",
            {"body": "And London", "operation": 0, "line": 0, "suggestion": " {}"},
            format="json",
        )
        assert said.status_code == 201
        comment_id = said.json()["id"]
        assert ada.get(f"{url}/comments").json()["results"] == [said.json()]
        resolved = ada.post(f"{url}/comments/{comment_id}/resolve").json()
        assert resolved["resolved_by"] == "ada"
        assert ada.post(f"{url}/comments/{comment_id}/reopen").json()["resolved_at"] is None
        taken = ada.post(f"{url}/comments/{comment_id}/take-over").json()
        assert taken["operations"][0]["text"] == " {}"
        assert taken["contributors"] == ["brian"]
        again = ada.post(f"{url}/comments/{comment_id}/take-over")
        assert again.status_code == 409

    def test_are_not_of_who_only_reads(self, drafted, viewer):
        answer = viewer.post(f"{drafted['url']}/comments", {"body": "x"}, format="json")
        assert answer.status_code == 403
