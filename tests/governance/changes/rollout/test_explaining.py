"""What a rollout has deleted an inventory run closes without suspicion."""

from inventory.models import OrganizationalUnit, Policy, PolicyAttachment
from inventory.store.closing import explained
from tests.factories.connections import ConnectionFactory
from tests.factories.rollouts import steps

A, B, C = "200000000000", "200000000001", "200000000002"


def test_detached_and_deleted_policies_are_explained_and_nothing_else(scene, monkeypatch):
    plan = steps(
        *((1, "DetachPolicy", {"PolicyId": "p-guard00", "TargetId": each}) for each in (A, B, C)),
        (1, "DeletePolicy", {"PolicyId": "p-guard00"}),
    )
    scene.carry_on(scene.start(scene.request(plan)))
    monkeypatch.setattr("django.utils.timezone.now", scene.clock)
    is_explained = explained(scene.connection)
    assert is_explained(PolicyAttachment, ("p-guard00", A))
    assert is_explained(Policy, ("p-guard00",))
    assert not is_explained(PolicyAttachment, ("p-FullAWSAccess", A))
    assert not is_explained(Policy, ("p-others00",))
    assert not is_explained(OrganizationalUnit, ("ou-ab12-workload",))
    elsewhere = explained(ConnectionFactory.create())
    assert not elsewhere(Policy, ("p-guard00",))
