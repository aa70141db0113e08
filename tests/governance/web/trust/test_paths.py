"""The Paths tab: questions in the address, the chain with both sides, cuts, and what is wrong."""

import json

import pytest
from django.urls import reverse

from governance.posture.paths.building import forget
from governance.posture.paths.builds import GraphBuild, GraphBuildFailed
from governance.web.trust import paths
from tests.factories.people import person
from tests.governance.posture.paths.stored import (
    ONE,
    TWO,
    allow,
    organization,
    role,
    trusting,
)

START = f"arn:aws:iam::{ONE}:role/start"
END = f"arn:aws:iam::{TWO}:role/end"


@pytest.fixture
def page(db, client):
    """Opens the page with a query."""
    forget()
    connection = organization(ONE, TWO)
    may = allow("sts:AssumeRole")
    role(connection, ONE, "start", may)
    role(connection, TWO, "end", allow("*"), trust=trusting({"AWS": START}))
    client.force_login(person("viewer"))
    address = reverse("trust-paths", kwargs={"slug": connection.slug})
    yield lambda **query: client.get(address, query)
    forget()


def test_asks_what_to_look_for_first(page):
    told = page().content.decode()
    assert "Find what a principal can become and reach" in told
    assert "What can anyone reach?" in told


def test_lists_what_is_reached_with_privilege_and_steps(page):
    answer = page(**{"from": START})
    assert [(one.label, one.steps, one.privilege.value) for one in answer.context["nodes"]] == [
        ("end", 1, "administrator"),
        (f"Administrator of {TWO}", 2, "administrator"),
    ]
    assert "What it reaches" in answer.content.decode()


def test_shows_the_chain_with_the_policies_of_both_sides(page):
    told = page(**{"from": START, "to": END}).content.decode()
    assert "Role start assumes role end." in told
    assert "Identity policy" in told
    assert "Trust policy" in told
    assert "1 of 1" in told
    assert "Statement to write" in told


def test_answers_backward(page):
    answer = page(to=END, direction="backward")
    labels = [one.label for one in answer.context["nodes"]]
    assert "start" in labels
    assert "Who reaches it" in answer.content.decode()


def test_says_what_is_not_in_the_graph(page):
    answer = page(**{"from": "<b>nobody</b>"})
    told = answer.content.decode()
    assert "is not in the graph" in told
    assert "<b>nobody</b>" not in told


def test_says_that_there_is_no_path(page):
    assert "No chain of collected steps" in page(**{"from": END, "to": START}).content.decode()


def test_sends_a_file_for_bloodhound(page, client):
    slug = page().wsgi_request.resolver_match.kwargs["slug"]
    answer = client.get(reverse("trust-open-graph", kwargs={"slug": slug}))
    told = json.loads(b"".join(answer.streaming_content))
    assert "attachment" in answer.headers["Content-Disposition"]
    assert {one["kind"] for one in told["graph"]["edges"]} >= {"AWSAssumesRole", "AWSControls"}


class TestWhileTheGraphIsBuilt:
    @pytest.fixture
    def building(self, monkeypatch):
        build = GraphBuild("Deciding who can assume which role", 40)
        monkeypatch.setattr(paths, "graph_or_build", lambda *_, **__: build)

    def test_the_page_says_how_far_it_is_and_looks_again(self, page, building):
        told = page(**{"from": START}).content.decode()
        assert "Deciding who can assume which role" in told
        assert 'hx-trigger="load delay:1s"' in told

    def test_the_file_follows_by_itself(self, page, building, client):
        address = page(**{"from": START}).context["open_graph_href"]
        answer = client.get(address)
        assert answer.status_code == 202
        assert answer.headers["Refresh"] == "2"

    def test_a_graph_that_could_not_be_built_is_told_as_failed(self, page, monkeypatch):
        def failed(*_, **__):
            raise GraphBuildFailed

        monkeypatch.setattr(paths, "graph_or_build", failed)
        told = page(**{"from": START}).content.decode()
        assert "The graph could not be built" in told
