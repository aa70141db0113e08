"""/paths: what is reached, chains with their statements, cuts, jobs and the file for BloodHound."""

import json

import pytest

from governance.api import paths
from governance.posture.paths import dispatch, tasks
from governance.posture.paths.building import forget
from governance.posture.paths.builds import GraphBuild
from tests.factories.people import UserFactory
from tests.governance.posture.paths.stored import (
    ONE,
    TWO,
    allow,
    organization,
    role,
    trusting,
    user,
)

START = f"arn:aws:iam::{ONE}:role/start"
END = f"arn:aws:iam::{TWO}:role/end"


@pytest.fixture
def connection(db):
    forget()
    made = organization(ONE, TWO)
    may = allow("sts:AssumeRole")
    role(made, ONE, "start", may)
    role(made, TWO, "middle", may, trust=trusting({"AWS": START}))
    role(made, TWO, "end", allow("s3:GetObject"), trust=trusting({"AWS": TWO}))
    user(made, ONE, "nobody")
    yield made
    forget()


@pytest.fixture
def address(connection):
    return f"/api/v1/organizations/{connection.slug}/paths"


def test_lists_what_is_reached_the_nearest_first(viewer, address):
    told = viewer.get(address, {"from": START}).json()
    assert [(one["name"], one["steps"], one["privilege"]) for one in told["results"]] == [
        ("middle", 1, "limited"),
        ("end", 2, "data"),
    ]
    assert told["summary"]["counts"]["principals"] == 2
    first = viewer.get(address, {"from": START, "limit": "1"}).json()
    following = viewer.get(first["next"]).json()
    assert [one["name"] for one in following["results"]] == ["end"]


def test_lists_who_reaches_an_account_backward(viewer, address):
    told = viewer.get(address, {"to": TWO, "direction": "backward"}).json()
    own = [one for one in told["results"] if one["kind"] in {"user", "role"}]
    assert [(one["id"], one["steps"]) for one in own] == [(START, 1)]
    assert {one["kind"] for one in told["results"]} == {"role", "root", "control"}


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ({}, "from"),
        ({"from": "nothing-like-it"}, "from"),
        ({"from": START, "direction": "sideways"}, "direction"),
        ({"direction": "backward", "from": START}, "to"),
        ({"from": START, "to": "arn:aws:iam::999999999999:role/x"}, "to"),
        ({"from": START, "sure_only": "perhaps"}, "sure_only"),
        ({"from": "anyone"}, "from"),
    ],
)
def test_says_which_part_of_a_question_is_wrong(viewer, address, query, member):
    answer = viewer.get(address, query)
    assert answer.status_code == 400
    assert [one["parameter"] for one in answer.json()["errors"]] == [member]


def test_tells_the_chain_with_both_sides_and_what_to_cut(viewer, address):
    viewer.get(address, {"from": START})
    answer = viewer.post(address, {"from": START, "to": END}, format="json")
    assert answer.status_code == 200
    result = answer.json()["result"]
    assert [one["sentence"] for one in result["chain"]] == [
        "Role start assumes role middle.",
        "Role middle assumes role end.",
    ]
    sides = [
        (one["side"], one["policy_name"], one["statement"], one["holder_arn"])
        for one in result["chain"][0]["statements"]
    ]
    middle = f"arn:aws:iam::{TWO}:role/middle"
    assert ("Identity policy", "own", 0, START) in sides
    assert [(side, place, holder) for side, _, place, holder in sides if holder == middle] == [
        ("Trust policy", 0, middle)
    ]
    assert result["is_reached"] is True
    assert [one["cuts_off"] for one in result["cuts"]["edges"]] == [1, 1]
    assert result["chain"][0]["remedy"]["statement"] == {
        "Effect": "Deny",
        "Principal": {"AWS": START},
        "Action": "sts:AssumeRole",
    }


def test_queues_a_question_where_no_graph_is_at_hand(
    viewer, address, monkeypatch, django_capture_on_commit_callbacks
):
    sent: list = []
    monkeypatch.setattr(dispatch, "send_question", sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        answer = viewer.post(
            address, {"from": START}, format="json", headers={"Prefer": "respond-async"}
        )
    assert answer.status_code == 202
    tasks.run_path_question_task(job_id=str(sent[0]))
    told = viewer.get(answer.headers["Location"]).json()
    assert told["state"] == "complete"
    assert [one["name"] for one in told["result"]["nodes"]] == ["middle", "end"]


def test_gives_bloodhound_a_file_whose_edges_have_both_ends(viewer, address):
    told = viewer.get(f"{address}/open-graph").json()
    assert told["metadata"] == {"source_kind": "OrgwardenBase"}
    nodes = {one["id"]: one for one in told["graph"]["nodes"]}
    assert nodes[START]["kinds"] == ["AWSRole", "OrgwardenBase"]
    ends = [
        (one["start"]["value"], one["kind"], one["end"]["value"]) for one in told["graph"]["edges"]
    ]
    assert (START, "AWSAssumesRole", f"arn:aws:iam::{TWO}:role/middle") in ends
    assert all(start in nodes and end in nodes for start, _, end in ends)
    for one in (*nodes.values(), *told["graph"]["edges"]):
        for value in one["properties"].values():
            assert isinstance(value, str) or all(isinstance(part, str) for part in value)
    assert json.dumps(told)


def test_needs_the_right_to_see_trust(client, address):
    client.force_login(UserFactory.create())
    assert client.get(address, {"from": START}).status_code in {403, 404}


def test_says_how_far_a_graph_is_that_is_not_built_yet(viewer, address, monkeypatch):
    build = GraphBuild("Deciding who can assume which role", 40)
    monkeypatch.setattr(paths, "graph_or_build", lambda *_, **__: build)
    answer = viewer.get(address, {"from": START})
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Deciding who can assume which role (40 %)."
    assert answer.headers["Retry-After"] == "2"
