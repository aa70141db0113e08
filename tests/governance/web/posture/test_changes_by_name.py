"""What changed since the last run is named, not given by ids."""

from governance.web.posture.changed import shown_changes
from inventory.models import PolicyAttachment
from inventory.selectors.history import VersionChange
from tests.factories.policies import PolicyAttachmentFactory


class TestShownChanges:
    def test_name_the_policy_and_where_it_is_attached(self):
        row = PolicyAttachmentFactory.build(policy_id="p-1", target_id="ou-1")
        change = VersionChange(PolicyAttachment, ("p-1", "ou-1"), before=None, after=row)
        (named,) = shown_changes([change], slug="acme", names={"p-1": "lock", "ou-1": "Prod"})
        assert named.label == "lock at Prod"
        (unknown,) = shown_changes([change], slug="acme", names={"p-1": "lock"})
        assert unknown.label == "lock at ou-1"
