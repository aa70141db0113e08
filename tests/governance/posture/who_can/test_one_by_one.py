"""Who-can gives what asking of every principal by itself gives."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.governance.posture.who_can.comparing import ask, differences, one_by_one, standings
from tests.governance.posture.who_can.random_organizations import ALICE, EXT, organizations, stored
from tests.policies.evaluation.random_questions import ACTIONS, MANAGEMENT, RESOURCES

pytestmark = pytest.mark.django_db

ASSUMED = (
    ("nothing",),
    ("x:text=a",),
    ("x:text=a", "x:bool=true", "x:number=7"),
    ("!x:text", "!x:date", "x:ip=10.1.2.3"),
)
OTHERS = {
    "sts": (
        f"arn:aws:iam::{ALICE}:role/Dev",
        f"arn:aws:iam::{EXT}:role/Ext",
        f"arn:aws:iam::{MANAGEMENT}:role/Admin",
        f"arn:aws:iam::{ALICE}:role/Gone",
        "arn:aws:iam::777777777777:role/Strange",
    )
}


@st.composite
def questions(draw):
    action = draw(st.sampled_from(ACTIONS))
    service = action.partition(":")[0]
    exact = [text for text in RESOURCES[service] if text != "*"]
    return action, {
        "resource": draw(st.sampled_from([*exact, *OTHERS.get(service, ())])),
        "account": draw(st.sampled_from(("", "", ALICE, EXT, MANAGEMENT, "777777777777"))),
        "assume": draw(st.sampled_from(ASSUMED)),
        "resource_policy": draw(st.sampled_from(("", "none", "unknown"))),
    }


SETTINGS = settings(
    max_examples=15,
    # Shrinking stores an organization for each step, which takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class TestOneResource:
    @SETTINGS
    @given(organizations(), st.lists(questions(), min_size=1, max_size=3))
    def test_none_is_decided_differently(self, drawn, asked):
        with transaction.atomic():
            connection = stored(drawn)
            for action, more in asked:
                answer = ask(connection, action, **more)
                found = differences(connection, answer)
                assert not found, "\n".join(map(str, found[:3]))
            transaction.set_rollback(True)


class TestAnyResource:
    @SETTINGS
    @given(organizations(), st.sampled_from(("s3:GetObject", "ec2:RunInstances")))
    def test_always_and_denied_hold_for_each_resource(self, drawn, action):
        resource = {
            "s3:GetObject": "arn:aws:s3:::bucket/alice",
            "ec2:RunInstances": "arn:aws:ec2:eu-west-1:111111111111:instance/i-1",
        }[action]
        with transaction.atomic():
            connection = stored(drawn)
            answer = ask(connection, action, assume=("nothing",), account=ALICE)
            exactly = one_by_one(connection, answer, resource)
            for arn, standing in standings(answer).items():
                if standing in {"always", "denied"}:
                    assert exactly[arn] == standing, arn
            transaction.set_rollback(True)
