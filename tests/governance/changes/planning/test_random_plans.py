"""Random small plans, held against the evaluator and against AWS's rules at every step."""

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.changes.planning import delta_of, plan_of, plan_table, rollback_of, states_of
from governance.changes.planning.states import states_after
from governance.edits.operations import Operation
from governance.posture.state.organization import SCP
from policies import Decider, Evaluator, PolicySet, default_compiler, make_request, policy_limits
from policies.comparison import TransientKind, find_transients
from tests.governance.changes.planning.organizations import (
    FULL,
    PAY,
    PROD,
    ROOT,
    TEST,
    TRY,
    WEB,
    WORK,
    allowing,
    attach,
    attachments,
    base,
    create,
    denying,
    detach,
    like,
    op,
    ring,
    update,
)

# Five policies a target, so that plans meet full targets.
BEFORE_TEN_SLOTS = date(2026, 1, 5)
SLOTS = policy_limits(SCP, on=BEFORE_TEN_SLOTS).attached_per_target or 0
ACTIONS = ("s3:GetObject", "s3:PutObject", "ec2:RunInstances", "sqs:SendMessage")
ACCOUNTS = (PAY, WEB, TRY)
PLACES = (ROOT, WORK, PROD, TEST, PAY, TRY)
TEXTS = (
    denying("s3:*"),
    denying("s3:GetObject", "ec2:*"),
    denying("ec2:*", "sqs:*"),
    allowing("s3:*", "ec2:*"),
    allowing("s3:GetObject", "sqs:*"),
)
POLICIES = {f"p-{number}": text for number, text in enumerate(TEXTS)}
RINGS: tuple[list[dict[str, Any]], ...] = (
    [],
    [ring("Test", TEST), ring("All", WORK)],
    [ring("One", PAY), ring("Two", TEST, PROD)],
    [ring("One", PROD), ring("Two", TEST), ring("Three", ROOT)],
)


@st.composite
def changes(draw):
    """Draw (base, operations, rings) whose first and last state keep AWS's rules."""
    held = {
        place: (FULL, *draw(st.lists(st.sampled_from(sorted(POLICIES)), unique=True, max_size=3)))
        for place in PLACES
    }
    start = base(POLICIES, held)
    kept: list[Operation] = []
    for operation in draw(st.lists(operations(held), min_size=2, max_size=6)):
        drafted = delta_of(start, [*kept, operation]).drafted
        counts = [len(policies) for policies in drafted.policies.attached[SCP].values()]
        if not drafted.problems and min(counts) >= 1 and max(counts) <= SLOTS:
            kept.append(operation)
    return start, kept, draw(st.sampled_from(RINGS))


def operations(held):
    """Draw operations that can be done at first: attached is detached, and the other way round."""
    own = st.sampled_from(sorted(POLICIES))
    there = sorted((one, place) for place, policies in held.items() for one in policies)
    away = sorted((one, place) for one in POLICIES for place in PLACES if one not in held[place])
    swapped = st.one_of(
        st.sampled_from(there).map(lambda pair: detach(*pair)),
        st.sampled_from(away).map(lambda pair: attach(*pair)),
    )
    return st.one_of(
        swapped,
        swapped,
        swapped,
        st.builds(update, own, st.sampled_from(TEXTS)),
        st.builds(lambda one: op("delete_policy", policy_id=one), own),
        st.builds(lambda text: create("new-1", text), st.sampled_from(TEXTS)),
        st.builds(
            lambda account, parent: op("move_account", target_id=account, parent_id=parent),
            st.sampled_from(ACCOUNTS),
            st.sampled_from((WORK, PROD, TEST)),
        ),
    )


def decisions(state, account_id):
    """Whether SCPs let each action pass in an account, by the evaluator."""
    levels = state.after[SCP].target_policies(account_id)
    evaluator = Evaluator(
        PolicySet(service_control_policies=levels), default_compiler(), policies_alone=True
    )
    found = {}
    for action in ACTIONS:
        request = make_request(
            principal=f"arn:aws:iam::{account_id}:role/app", action=action, resource="*", context={}
        )
        decided = evaluator.evaluate(request)
        found[action] = (
            decided.decision == "allowed"
            or Decider.SERVICE_CONTROL_POLICY not in decided.decided_by
        )
    return found


def listed(found, catalogue):
    return {
        (one.state, one.target_id, action)
        for one in found.transients
        if not one.difference.actions.are_unlisted
        for action in one.difference.actions.names(catalogue)
    }


class TestRandomPlans:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(changes())
    def test_keep_aws_rules_and_hide_no_transient(self, change):
        start, chosen, rings = change
        plan = plan_of(start, chosen, rings, number=7, today=BEFORE_TEN_SLOTS)
        states = states_of(plan, start)
        if not plan.steps:
            return
        assert states[-1].problems == ()
        assert attachments(states[-1]) == attachments(delta_of(start, chosen).drafted)
        for state in states:
            for policies in state.policies.attached[SCP].values():
                assert 1 <= len(policies) <= SLOTS
        found = find_transients(
            [state.after[SCP].tree for state in states],
            compiler=default_compiler(),
            report_on=ACCOUNTS,
        )
        assert found.undecided == ()
        known = listed(found, default_compiler().catalogue)
        for account_id in ACCOUNTS:
            first, *between, last = [decisions(state, account_id) for state in states]
            for number, decided in enumerate(between, 1):
                for action in ACTIONS:
                    if first[action] == last[action] != decided[action]:
                        assert (number, account_id, action) in known
        if known:
            said = {notice.code for notice in plan.notices}
            assert said & {"transient_remains", "order_not_searched"}, known
        assert {one.kind for one in found.transients} <= set(TransientKind)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(changes(), st.floats(0, 1))
    def test_go_back_from_every_prefix(self, change, part):
        start, chosen, rings = change
        plan = plan_of(start, chosen, rings, number=7, today=BEFORE_TEN_SLOTS)
        position = round(part * len(plan.steps))
        first, *_ = states_after((), start)
        back = rollback_of(plan.steps, plan_table(start, plan.steps), position=position)
        *way, last = states_after((*plan.steps[:position], *back), start)
        assert last.problems == ()
        again = {one.creates for one in back if one.creates}
        if not again:
            assert like(last)["attached"] == like(first)["attached"]
            assert like(last)["policies"] == like(first)["policies"]
        assert like(last)["parents"] == like(first)["parents"]
        for state in way:
            for policies in state.policies.attached[SCP].values():
                assert 1 <= len(policies) <= SLOTS
