"""The queue of change requests."""

import json
import re

import pytest

from governance.changes.states import ChangeState
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW
from tests.factories.people import UserFactory, person
from tests.factories.rollouts import approve


@pytest.fixture
def shown(client, address):
    """Return the rows of the queue, as its export has them."""

    def rows(query=""):
        answer = client.get(f"{address('change-requests')}?format=json{query}")
        assert answer.status_code == 200, answer.content
        return json.loads(answer.getvalue())

    return rows


class TestQueue:
    def test_says_what_a_request_is_for_where_there_is_none(self, author, client, address):
        page = client.get(address("change-requests")).content.decode()

        assert "No change request yet" in page
        assert "AWS changes only after approval" in page

    def test_shows_every_state_with_its_own_word(self, asked, client, address):
        for state in ChangeState:
            if state not in {"in_review", "approved", "scheduled", "handed_out"}:
                change_request(asked.connection, asked.author, state=state, title=state.label)

        page = client.get(address("change-requests")).content.decode()

        for state in (ChangeState.ROLLBACK_FAILED, ChangeState.REVERT_DUE, ChangeState.DIFFERS):
            assert page.count(state.label) > 1

    def test_says_how_many_approvals_are_there(self, asked, client, address):
        needed = {
            **{"label": "Owners", "target_ids": [], "account_count": 1, "count": 1, "rules": []},
            **{"source": "owners", "owners": [], "escalated": 0, "needs_step_up": False},
            **{"needs_security": False, "security_ids": [], "problem": ""},
        }
        first, second = person("approver"), person("approver")
        planned = with_evidence(change_request(asked.connection, asked.author))
        planned.required_approvals = [
            {**needed, "key": "a" * 16, "entitled_ids": [first.pk]},
            {**needed, "key": "b" * 16, "entitled_ids": [second.pk]},
        ]
        planned.state = ChangeState.IN_REVIEW
        planned.save()
        assert "0 of 2" in client.get(address("change-requests")).content.decode()
        approve(planned, first, now=NOW)
        assert "1 of 2" in client.get(address("change-requests")).content.decode()

    def test_keeps_mine_apart_from_others(self, asked, shown):
        other = person("author", username="lena")
        change_request(asked.connection, other, title="Require MFA")

        assert [row["title"] for row in shown("&of=mine")] == [asked.title]
        assert len(shown()) == 2

    def test_filters_by_state_policy_target_and_number(self, asked, shown):
        change_request(
            asked.connection,
            asked.author,
            title="Move payments",
            state=ChangeState.WITHDRAWN,
            object_ids=["222222222222", "ou-ab12-x"],
        )

        for query, titles in (
            ("&state=withdrawn", ["Move payments"]),
            ("&policy_id=p-a", [asked.title]),
            ("&target_id=222222222222", ["Move payments"]),
            ("&target_id=ou-ab12-x", ["Move payments"]),
            ("&q=CR-1", [asked.title]),
            ("&q=payments", ["Move payments"]),
            ("&author=nobody", []),
        ):
            assert [row["title"] for row in shown(query)] == titles, query

    def test_refuses_a_tab_that_there_is_not(self, author, client, address):
        answer = client.get(f"{address('change-requests')}?of=theirs")

        assert answer.status_code == 400
        assert "it can be all, waiting, mine" in answer.content.decode()

    def test_is_kept_from_those_without_the_right(self, asked, client, address):
        client.force_login(UserFactory.create())

        for name, kwargs in (("change-requests", {}), ("change-request", {"number": 1})):
            assert client.get(address(name, **kwargs)).status_code in {403, 404}


class TestWaitingForMe:
    def test_shows_what_it_is_ones_turn_for(self, asked, client, shown, address):
        tomas = person("approver")
        change_request(asked.connection, asked.author, waiting_for=[tomas.pk], title="For Tomas")
        client.force_login(tomas)

        assert [row["title"] for row in shown("&of=waiting")] == ["For Tomas"]
        page = client.get(address("posture")).content.decode()
        assert re.search(r'Changes\s*<span class="pill">1</span>', page)


class TestRequest:
    def test_has_title_state_author_and_steps(self, asked, client, address):
        page = client.get(address("change-request", number=asked.number)).content.decode()

        assert "Close eu-west-3" in page
        assert "Maren Solberg" in page
        assert "CR-1" in page
        assert "We leave Paris" in page
        assert 'aria-label="Progress of the change"' in page

    def test_that_does_not_exist_is_not_found(self, asked, client, address):
        answer = client.get(address("change-request", number=77))

        assert answer.status_code == 404
        assert "no change request CR-77" in answer.content.decode()
