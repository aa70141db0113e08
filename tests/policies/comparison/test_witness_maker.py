"""Resources of the requests that show what a box holds."""

import json

import pytest

from policies.comparison import text_space
from policies.comparison.domains import Domains
from policies.comparison.reasons import Undecided
from policies.comparison.space import Space
from policies.comparison.witness_maker import WitnessMaker
from policies.compiled import default_compiler
from policies.guardrails.guarded_requests import GuardedRequests
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType

SCP = PolicyType.SERVICE_CONTROL_POLICY
LOGS = "arn:aws:s3:::logs-*"


@pytest.fixture
def space():
    return Space(default_compiler().catalogue, Domains(SCP, "111111111111"), list_keys=frozenset())


@pytest.fixture
def box(space):
    """Return the literals of requests on the buckets of logs, of which one is found already."""
    statement = {"Effect": "Deny", "Action": "*", "Resource": LOGS}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    document = parse_policy(text, SCP).document
    assert document is not None
    found = space.box(default_compiler().document(document)[0])
    assert space.is_possible(found.true, found.false)
    return found


@pytest.fixture
def get_object(space):
    return next(space.catalogue.indexes(space.catalogue.bits("s3:GetObject")))


@pytest.fixture
def gives_up(box, monkeypatch):
    """From here on no search of texts ends; the box's own one has."""
    monkeypatch.setattr(text_space, "solve", lambda *_: Undecided.STATE_LIMIT)


def first_proposal(space, action, box):
    found = WitnessMaker(space).proposals(action, box.true, box.false)
    assert not isinstance(found, Undecided)
    return next(found)


def test_is_of_the_box_and_of_a_type_that_the_action_takes(space, box, get_object):
    first = first_proposal(space, get_object, box)
    assert first.own_resource
    assert first.witness.resource.startswith("arn:aws:s3:::logs-")
    assert "/" in first.witness.resource


@pytest.mark.usefixtures("gives_up")
class TestWhereTheSearchGivesUp:
    def test_is_the_boxs_own_and_not_the_reason(self, space, box, get_object):
        first = first_proposal(space, get_object, box)
        assert not first.own_resource
        assert first.witness.resource.startswith("arn:aws:s3:::logs-")

    def test_a_guarded_request_is_undecided(self, space, box, get_object):
        requests = GuardedRequests(space, "aws", elsewhere=None, any_type=False, known={})
        found = requests.of_action(get_object, box.true, box.false)
        assert found is Undecided.STATE_LIMIT


def test_a_reason_is_no_text():
    assert not any(isinstance(one, str) for one in Undecided)
    assert str(Undecided.STATE_LIMIT) == Undecided.STATE_LIMIT.value
