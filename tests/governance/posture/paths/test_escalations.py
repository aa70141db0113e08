"""Each entry of the list of escalations: what it gives with all its actions, and without one."""

import pytest

from governance.posture.paths.escalations import EscalationEffect, escalation_list
from policies import load_catalogue
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.principals import GroupPrincipalFactory, IamPolicyFactory
from tests.governance.posture.paths.stored import (
    MANAGEMENT,
    allow,
    graph_of,
    organization,
    role,
    trusting,
    user,
)

LISTED = escalation_list()
ACCOUNTS = {one.id: f"3{number:011d}" for number, one in enumerate(LISTED.escalations)}
ON_USERS = {
    EscalationEffect.RAISE_USER,
    EscalationEffect.RAISE_GROUP,
    EscalationEffect.JOIN_GROUP,
}


def account_of(escalation):
    """Those that work from the management account alone are done there."""
    if escalation.effect is EscalationEffect.ORGANIZATION:
        return MANAGEMENT
    return ACCOUNTS[escalation.id]


def actor_names(escalation):
    return f"{escalation.id}-all", f"{escalation.id}-less"


def plant(connection, escalation):
    """Two actors, one of which lacks the last action, and what they may act on."""
    account_id = account_of(escalation)
    whole, less = actor_names(escalation)
    acts_as_user = escalation.effect in ON_USERS or (
        escalation.effect is EscalationEffect.UNBOUND and escalation.on == "user"
    )
    make = user if acts_as_user else role
    more: dict = {}
    if escalation.effect is EscalationEffect.RAISE_POLICY:
        arn = f"arn:aws:iam::{account_id}:policy/held"
        IamPolicyFactory.create(
            connection=connection, account_id=account_id, arn=arn, text=allow("s3:ListBucket")
        )
        more["attached_policy_arns"] = [arn]
    if escalation.effect is EscalationEffect.RAISE_GROUP:
        GroupPrincipalFactory.create(connection=connection, account_id=account_id, name="team")
        more["groups"] = ["team"]
    if escalation.effect is EscalationEffect.JOIN_GROUP:
        GroupPrincipalFactory.create(
            connection=connection,
            account_id=account_id,
            name="admins",
            inline_policies={"all": content(FULL_ACCESS).sha256},
        )
    if escalation.effect is EscalationEffect.UNBOUND:
        for name, bound in ((whole, escalation.actions), (less, ("s3:ListBucket",))):
            arn = f"arn:aws:iam::{account_id}:policy/bound-{name}"
            IamPolicyFactory.create(
                connection=connection,
                account_id=account_id,
                arn=arn,
                text=allow(*bound, "s3:GetObject"),
            )
            make(connection, account_id, name, FULL_ACCESS, boundary_arn=arn)
        return
    make(connection, account_id, whole, allow(*escalation.actions), **more)
    make(
        connection,
        account_id,
        less,
        allow(*(escalation.actions[:-1] or ("s3:ListBucket",))),
        **more,
    )
    if escalation.effect is EscalationEffect.BECOME:
        (user if escalation.on == "user" else role)(connection, account_id, "target")
    if escalation.service and escalation.effect is not EscalationEffect.ORGANIZATION:
        profile = f"arn:aws:iam::{account_id}:instance-profile/target"
        role(
            connection,
            account_id,
            "target",
            trust=trusting({"Service": escalation.service}),
            instance_profile_arns=[profile] if escalation.instance_profile else [],
        )


def targets_of(graph, escalation, name):
    """The keys of what an actor reaches in one step by this escalation, with the standing."""
    account_id = account_of(escalation)
    for kind in ("role", "user"):
        number = graph.find(f"arn:aws:iam::{account_id}:{kind}/{name}")
        if number is not None:
            break
    assert number is not None
    edges = [
        graph.edge(int(place) - 1)
        for place in graph.forward.data[
            graph.forward.indptr[number] : graph.forward.indptr[number + 1]
        ]
    ]
    return {
        (graph.node(edge.target).key, edge.standing.value)
        for edge in edges
        if edge.way.escalation == escalation.id
    }


def wanted_of(escalation):
    """What an actor with all actions of an escalation reaches in one step by it."""
    account_id = account_of(escalation)
    match escalation.effect:
        case EscalationEffect.BECOME:
            target = f"arn:aws:iam::{account_id}:{escalation.on}/target"
        case EscalationEffect.PASS | EscalationEffect.RUN:
            target = f"arn:aws:iam::{account_id}:role/target"
        case EscalationEffect.ORGANIZATION:
            target = "organization"
        case _:
            target = f"control:{account_id}"
    return target, "conditional" if escalation.needs else "always"


@pytest.mark.django_db
def test_gives_what_it_says_with_all_its_actions_and_nothing_without_one():
    connection = organization(*sorted(set(ACCOUNTS.values())))
    for escalation in LISTED.escalations:
        plant(connection, escalation)
    graph = graph_of(connection)
    lacking, besides = [], []
    for escalation in LISTED.escalations:
        whole, less = actor_names(escalation)
        if wanted_of(escalation) not in targets_of(graph, escalation, whole):
            lacking.append(escalation.id)
        if targets_of(graph, escalation, less):
            besides.append(escalation.id)
    assert (lacking, besides) == ([], [])


@pytest.mark.parametrize("escalation", LISTED.escalations, ids=lambda one: one.id)
def test_names_actions_of_the_catalogue_and_a_source(escalation):
    index_of = load_catalogue().index_of
    assert all(action.lower() in index_of for action in escalation.actions)
    assert escalation.source
    assert escalation.text.endswith(".")


def test_names_other_actions_of_the_catalogue_too():
    index_of = load_catalogue().index_of
    named = {*LISTED.administrator_actions, *LISTED.data_actions}
    named |= {action for one in LISTED.not_followed for action in one.actions}
    assert not {action for action in named if action.lower() not in index_of}


def test_has_each_id_once():
    assert len({one.id for one in LISTED.escalations}) == len(LISTED.escalations)
