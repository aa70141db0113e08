"""What the tests of kinds share: a function that asks one question of a small organization."""

import pytest

from governance.posture.findings.structure import structure_findings
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory


@pytest.fixture
def ask(viewer, snapshot):
    """Return a function that asks and returns the findings of one kind, and what is unjudged."""

    def ask(kind, as_of=None):
        report = structure_findings(viewer, connection=snapshot.connection, as_of=as_of)
        return (
            [one for one in report.findings if one.kind is kind],
            [one for one in report.unjudged if one.kind is kind],
        )

    return ask


@pytest.fixture
def attach(snapshot):
    """Return a function that attaches an SCP of a name to a target and returns it."""

    def attach(name, target, **values):
        policy = PolicyFactory.create(connection=snapshot.connection, name=name, **values)
        PolicyAttachmentFactory.create(
            connection=snapshot.connection, policy_id=policy.policy_id, target_id=target
        )
        return policy

    return attach
