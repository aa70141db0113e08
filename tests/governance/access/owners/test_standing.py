"""Who owns what, against a naive evaluation of random trees."""

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access.owners.parties import Party, PartyKey, PartyKind
from governance.access.owners.standing import OwnerMap, OwnerSource, StandingOwner, TargetOwners
from governance.access.owners.targets import ACCOUNT, ROOT, OwnedTarget, OwnedTree

ROOT_ID = "r-1"


@dataclass
class Case:
    tree: OwnedTree
    standing: dict[str, list[StandingOwner]]
    protected: set[str]


def owner(number, *, left=False, source=OwnerSource.HAND, confirmed=True, target_id=ROOT_ID):
    key = PartyKey(PartyKind.PERSON, number)
    party = Party(key, f"p{number}", f"P{number}", "", frozenset() if left else frozenset({number}))
    return StandingOwner(party, source, target_id, confirmed)


@st.composite
def cases(draw):
    size = draw(st.integers(1, 12))
    targets = {ROOT_ID: OwnedTarget(ROOT_ID, ROOT, "Root", "")}
    for number in range(size):
        parent = draw(st.sampled_from(sorted(targets)))
        targets[f"t{number}"] = OwnedTarget(f"t{number}", ACCOUNT, f"T{number}", parent)
    standing: dict[str, list[StandingOwner]] = {}
    for target_id in targets:
        for number in range(draw(st.integers(0, 2))):
            standing.setdefault(target_id, []).append(
                owner(
                    number,
                    left=draw(st.booleans()),
                    source=draw(st.sampled_from([OwnerSource.HAND, OwnerSource.TAG])),
                    confirmed=draw(st.booleans()),
                    target_id=target_id,
                )
            )
    protected = {one for one in targets if draw(st.booleans())}
    return Case(OwnedTree(targets), standing, protected)


def naive_entitled(case, target_id):
    """Walk up one step at a time; the first step with somebody who counts is it."""
    step = case.tree.by_id.get(target_id)
    while step is not None:
        counting = []
        for one in case.standing.get(step.target_id, []):
            if one.party.has_left:
                continue
            if one.source is OwnerSource.TAG and not one.confirmed:
                continue
            if target_id in case.protected and not one.confirmed:
                continue
            counting.append(one)
        if counting:
            return step.target_id, counting
        step = case.tree.by_id.get(step.parent_id)
    return None, []


def naive_shown(case, target_id):
    """The nearest place with anybody active; else the nearest with anybody."""
    way = []
    step = case.tree.by_id.get(target_id)
    while step is not None:
        way.append(step.target_id)
        step = case.tree.by_id.get(step.parent_id)
    for wanted in (lambda one: not one.party.has_left, lambda one: True):
        for one in way:
            if any(map(wanted, case.standing.get(one, []))):
                return one, case.standing[one]
    return None, []


def at(owners: OwnerMap, target_id: str) -> TargetOwners:
    found = owners.at(target_id)
    assert found is not None
    return found


class TestOwnerMap:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(cases())
    def test_agrees_with_a_naive_evaluation(self, case):
        owners = OwnerMap(case.tree, case.standing, case.protected.__contains__)

        for target_id in case.tree.by_id:
            found = at(owners, target_id)
            place, entitled = naive_entitled(case, target_id)
            assert list(found.entitled) == entitled
            assert (found.entitled_at and found.entitled_at.target_id) == place
            place, shown = naive_shown(case, target_id)
            assert list(found.owners) == shown
            assert (found.stands_at and found.stands_at.target_id) == place

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(cases(), st.data())
    def test_whoever_tags_neither_gains_nor_takes_a_vote(self, case, data):
        target_id = data.draw(st.sampled_from(sorted(case.tree.by_id)))
        before = OwnerMap(case.tree, case.standing, case.protected.__contains__)
        tagger = owner(99, source=OwnerSource.TAG, confirmed=False, target_id=target_id)
        tagged = {**case.standing, target_id: [*case.standing.get(target_id, []), tagger]}
        after = OwnerMap(case.tree, tagged, case.protected.__contains__)

        for one in case.tree.by_id:
            assert at(after, one).entitled == at(before, one).entitled

    def test_knows_nothing_of_a_target_that_is_not_there(self):
        assert OwnerMap(OwnedTree({}), {}, lambda _: True).at("222222222222") is None

    def test_says_where_owners_come_from(self):
        tree = OwnedTree(
            {
                ROOT_ID: OwnedTarget(ROOT_ID, ROOT, "Root", ""),
                "ou-1": OwnedTarget("ou-1", "ORGANIZATIONAL_UNIT", "Workloads", ROOT_ID),
                "1": OwnedTarget("1", ACCOUNT, "payments", "ou-1"),
            }
        )
        owners = OwnerMap(tree, {"ou-1": [owner(1, target_id="ou-1")]}, lambda _: True)

        assert at(owners, "1").source_words == "inherited from OU Workloads"
        assert at(owners, "ou-1").source_words == "own"
        assert at(owners, ROOT_ID).source_words == "nobody owns it"
