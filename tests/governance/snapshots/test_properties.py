"""Whatever happens to an organization, its differences lead from one state to the other."""

import json
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.snapshots.differ import differences_of
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import DifferenceKind
from governance.snapshots.sides import Placed, PolicyName, SnapshotSide
from inventory.models import (
    Account,
    DelegatedAdministrator,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
    TrustedService,
)
from inventory.models.versions import Version
from inventory.selectors.history import VersionChange, changes_of
from tests.factories.times import FIRST_RUN_AT

ROOT_ID = "r-ab12"
UNIT_IDS = [f"ou-ab12-{number:08x}" for number in range(4)]
ACCOUNT_IDS = [f"{111111111110 + number}" for number in range(4)]
POLICY_IDS = ["p-FullAWSAccess", "p-00000001", "p-00000002"]
SERVICES = ["a.amazonaws.com", "b.amazonaws.com"]
NAMES = st.sampled_from(["one", "two", "three"])
TAGS = st.dictionaries(st.sampled_from(["owner", "tier"]), NAMES, max_size=2)


@dataclass
class State:
    """All that the differences speak of, by id."""

    policy_types: dict[str, str] = field(default_factory=dict)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    attachments: set[tuple[str, str]] = field(default_factory=set)
    delegated: set[tuple[str, str]] = field(default_factory=set)
    trusted: set[str] = field(default_factory=set)


@st.composite
def states(draw) -> State:
    """Draw a state in which every parent, policy and target is there."""
    state = State()
    state.policy_types = draw(
        st.dictionaries(
            st.sampled_from(["SERVICE_CONTROL_POLICY", "TAG_POLICY"]),
            st.sampled_from(["ENABLED", "PENDING_ENABLE", "PENDING_DISABLE"]),
        )
    )
    parents = [ROOT_ID]
    for unit_id in draw(st.permutations(UNIT_IDS)):
        if draw(st.booleans()):
            state.units[unit_id] = {
                "name": draw(NAMES),
                "parent_id": draw(st.sampled_from(parents)),
                "tags": draw(TAGS),
            }
            parents.append(unit_id)
    for account_id in ACCOUNT_IDS:
        if draw(st.booleans()):
            state.accounts[account_id] = {
                "name": draw(NAMES),
                "email": draw(NAMES),
                "state": draw(st.sampled_from(["ACTIVE", "SUSPENDED"])),
                "parent_id": draw(st.sampled_from(parents)),
                "tags": draw(TAGS),
            }
    for policy_id in POLICY_IDS:
        if draw(st.booleans()):
            state.policies[policy_id] = {
                "name": draw(NAMES),
                "description": draw(NAMES),
                "type": "SERVICE_CONTROL_POLICY",
                "content_id": draw(NAMES),
                "tags": draw(TAGS),
            }
    targets = [ROOT_ID, *state.units, *state.accounts]
    if state.policies:
        pairs = st.tuples(st.sampled_from(sorted(state.policies)), st.sampled_from(targets))
        state.attachments = draw(st.sets(pairs, max_size=6))
    if state.accounts:
        pairs = st.tuples(st.sampled_from(sorted(state.accounts)), st.sampled_from(SERVICES))
        state.delegated = draw(st.sets(pairs, max_size=2))
    state.trusted = draw(st.sets(st.sampled_from(SERVICES)))
    return state


def rows_of(state: State) -> dict[type[Version], dict[tuple[str, ...], dict[str, Any]]]:
    """Return a state's rows, by table and key, without their times."""
    return {
        Root: {(ROOT_ID,): {"name": "Root", "policy_types": state.policy_types}},
        OrganizationalUnit: {(key,): values for key, values in state.units.items()},
        Account: {(key,): values for key, values in state.accounts.items()},
        Policy: {
            (key,): {**values, "aws_managed": key == POLICY_IDS[0]}
            for key, values in state.policies.items()
        },
        PolicyAttachment: {pair: {} for pair in state.attachments},
        DelegatedAdministrator: {pair: {} for pair in state.delegated},
        TrustedService: {(service,): {} for service in state.trusted},
    }


def history(seen: list[State]) -> dict[type[Version], list[Version]]:
    """Store one state a run as the store does: what did not change writes nothing."""
    versions: dict[type[Version], list[Version]] = {model: [] for model in rows_of(State())}
    open_rows: dict[tuple[type[Version], tuple[str, ...]], Version] = {}
    for number, state in enumerate(seen):
        at = FIRST_RUN_AT + timedelta(hours=number)
        for model, rows in rows_of(state).items():
            for key in [key for of, key in open_rows if of is model and key not in rows]:
                open_rows.pop((model, key)).seen_until = at
            for key, values in rows.items():
                told = json.dumps(values, sort_keys=True)
                known = open_rows.get((model, key))
                if known is not None and known.fingerprint == told:
                    continue
                if known is not None:
                    known.seen_until = at
                row = model(
                    seen_from=at,
                    fingerprint=told,
                    **dict(zip(model.natural_key, key, strict=True)),
                    **values,
                )
                open_rows[model, key] = row
                versions[model].append(row)
    return versions


def side(state: State) -> SnapshotSide:
    """Return a state as the comparison knows it."""
    units = {ROOT_ID: Placed("Root", "")}
    units |= {key: Placed(row["name"], row["parent_id"]) for key, row in state.units.items()}
    attached: dict[str, tuple[str, ...]] = {}
    for policy_id, target_id in state.attachments:
        attached[policy_id] = (*attached.get(policy_id, ()), target_id)
    return SnapshotSide(
        units,
        {key: Placed(row["name"], row["parent_id"]) for key, row in state.accounts.items()},
        {
            key: PolicyName(row["name"], row["type"], key == POLICY_IDS[0])
            for key, row in state.policies.items()
        },
        attached,
    )


def compared(seen: list[State], before: int, after: int) -> tuple[SnapshotDifference, ...]:
    """Compare two of the states that runs saw."""
    moments = [FIRST_RUN_AT + timedelta(hours=number) for number in (before, after)]
    changes: list[VersionChange] = []
    for model, rows in history(seen).items():
        touched = [
            row
            for row in rows
            if moments[0] < row.seen_from <= moments[1]
            or (row.seen_until is not None and moments[0] < row.seen_until <= moments[1])
        ]
        touched.sort(
            key=lambda row: (*(getattr(row, name) for name in row.natural_key), row.seen_from)
        )
        changes += changes_of(model, touched, after=moments[0], until=moments[1])
    found = differences_of(
        changes, side(seen[before]), side(seen[after]), read_before=lambda _: True
    )
    assert found.first_read == {}
    return found.differences


def values(told: Any) -> dict[str, Any]:
    return {"content_id" if name == "sha256" else name: value for name, value in told.items()}


_ROWS = {"ACCOUNT": "accounts", "ORGANIZATIONAL_UNIT": "units", "POLICY": "policies"}


def applied(
    state: State, differences: Iterable[SnapshotDifference], *, back: bool = False
) -> State:
    """Return what a state becomes by differences, or with `back` what it was before them."""
    made = deepcopy(state)
    for one in differences:
        was, becomes = (one.after, one.before) if back else (one.before, one.after)
        pair = (one.subject_id, one.target_id)
        if one.kind in (DifferenceKind.POLICY_ATTACHED, DifferenceKind.POLICY_DETACHED):
            (made.attachments.discard if becomes is None else made.attachments.add)(pair)
        elif one.subject == "DELEGATED_ADMINISTRATOR":
            (made.delegated.discard if becomes is None else made.delegated.add)(pair[::-1])
        elif one.subject == "TRUSTED_SERVICE":
            (made.trusted.discard if becomes is None else made.trusted.add)(one.subject_id)
        elif one.subject == "POLICY_TYPE":
            assert made.policy_types.get(one.subject_id) == (was or {}).get("status")
            made.policy_types.pop(one.subject_id, None)
            if becomes is not None:
                made.policy_types[one.subject_id] = becomes["status"]
        else:
            rows = getattr(made, _ROWS[one.subject])
            if becomes is None:
                del rows[one.subject_id]
            elif was is None:
                assert one.subject_id not in rows
                rows[one.subject_id] = values(becomes)
            else:
                before = rows[one.subject_id]
                assert {name: before[name] for name in values(was)} == values(was)
                before.update(values(becomes))
    return made


HISTORIES = st.lists(states(), min_size=2, max_size=4)


class TestDifferences:
    @settings(max_examples=60, deadline=None)
    @given(seen=HISTORIES, data=st.data())
    def test_make_the_later_state_of_the_earlier_one_and_back(self, seen, data):
        after = data.draw(st.integers(0, len(seen) - 1))
        before = data.draw(st.integers(0, after))

        found = compared(seen, before, after)

        assert applied(seen[before], found) == seen[after]
        assert applied(seen[after], found, back=True) == seen[before]

    @settings(max_examples=30, deadline=None)
    @given(seen=HISTORIES)
    def test_are_none_between_equal_states_whatever_came_between(self, seen):
        assert compared([*seen, seen[0]], 0, len(seen)) == ()

    @settings(max_examples=30, deadline=None)
    @given(seen=st.lists(states(), min_size=2, max_size=2))
    def test_are_mirrored_where_history_goes_the_other_way(self, seen):
        there = compared(seen, 0, 1)
        back = compared(seen[::-1], 0, 1)

        def ids(found, before, after):
            return {
                (one.subject, one.subject_id, one.target_id, json.dumps([before(one), after(one)]))
                for one in found
            }

        assert ids(there, lambda one: one.before, lambda one: one.after) == ids(
            back, lambda one: one.after, lambda one: one.before
        )

    @settings(max_examples=30, deadline=None)
    @given(seen=HISTORIES)
    def test_hold_since_a_run_that_saw_them_so_and_the_run_before_did_not(self, seen):
        for one in compared(seen, 0, len(seen) - 1):
            since = int((one.since - FIRST_RUN_AT) / timedelta(hours=1))
            assert 0 < since < len(seen)
            assert one.key in {other.key for other in compared(seen, since - 1, since)} or any(
                other.subject_id == one.subject_id for other in compared(seen, since - 1, since)
            )
            if since < len(seen) - 1:
                later = {other.key for other in compared(seen, since, len(seen) - 1)}
                assert one.key not in later

    @settings(max_examples=30, deadline=None)
    @given(seen=HISTORIES)
    def test_have_keys_of_their_own_and_stand_in_order(self, seen):
        found = compared(seen, 0, len(seen) - 1)
        assert len({one.key for one in found}) == len(found)
        assert list(found) == sorted(found, key=lambda one: one.order)
