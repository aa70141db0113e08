"""What the simulator answers is what the engine computes: two programs, one guide."""

import json
from dataclasses import dataclass
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from demo.simulator.organizations.effective import effective_policy as simulated
from demo.simulator.organizations.state import Organization
from policies import PolicyType, parse_decoded_policy
from policies.management import (
    AttachedSettings,
    SettingsLevel,
    aws_settings,
    differences,
    effective_policy,
)

TAGS = PolicyType.TAG_POLICY
OPERATORS = ("@@assign", "@@append", "@@remove")


@dataclass
class Text:
    content: str


@dataclass
class Levels:
    """As much of the simulated organization as the merging asks for."""

    documents: list[list[dict[str, Any]]]

    def ancestors(self, target_id: str) -> list[str]:
        return [str(number) for number in range(len(self.documents))]

    def attached(self, level_id: str, policy_type: str) -> list[Text]:
        return [Text(json.dumps(each)) for each in self.documents[int(level_id)]]


values = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True)
controls = st.lists(st.sampled_from([*OPERATORS, "@@none", "@@all"]), min_size=1, max_size=2)


@st.composite
def elements(draw):
    found = {draw(st.sampled_from(OPERATORS)): draw(values)}
    if draw(st.booleans()):
        found["@@operators_allowed_for_child_policies"] = draw(controls)
    return found


keys = st.dictionaries(
    st.sampled_from(["cost", "owner", "stage"]),
    st.dictionaries(st.sampled_from(["tag_value", "enforced_for"]), elements(), min_size=1),
    min_size=1,
)


def computed(levels):
    return effective_policy(
        TAGS,
        [
            SettingsLevel(
                str(number),
                tuple(
                    AttachedSettings(
                        str(rank), parse_decoded_policy(document, TAGS).management, rank
                    )
                    for rank, document in enumerate(documents)
                ),
            )
            for number, documents in enumerate(levels)
        ],
    )


def answered(levels):
    organization = cast(Organization, Levels(levels))
    return json.dumps(simulated(organization, "target", TAGS))


def differing(levels):
    told = aws_settings(answered(levels))
    assert told is not None
    return differences(computed(levels), told, account_id="222222222222")


class TestSimulator:
    @given(st.lists(keys, min_size=1, max_size=4))
    def test_answers_what_one_policy_a_level_amounts_to(self, tags):
        assert differing([[{"tags": each}] for each in tags]) == ()

    def test_takes_the_value_of_the_policy_attached_first(self):
        level = [{"tags": {"cost": {"tag_value": {"@@assign": [each]}}}} for each in "ab"]
        assert json.loads(answered([level])) == {"tags": {"cost": {"tag_value": ["a"]}}}
        assert differing([level]) == ()
