"""The targets of a policy, a page at a time, against reading them one by one."""

import pytest

from inventory.models import Account, OrganizationalUnit, PolicyAttachment, Root
from inventory.selectors.attachments import (
    NAME,
    RANK,
    TARGET,
    attached_targets,
    ended_attachments,
    policy_targets,
)
from inventory.viewing import Viewer
from tests.factories.policies import PolicyAttachmentFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import ended

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
FULL_ACCESS = "p-FullAWSAccess"


@pytest.fixture
def made():
    return organization_snapshot()


def found(made, policy_id=FULL_ACCESS, viewer=SEES, as_of=None):
    """Return (target id, name, accounts) of a policy's targets, in the order of the page."""
    common = {"connection": made.connection, "policy_id": policy_id, "as_of": as_of}
    chosen = policy_targets(viewer, **common).order_by(RANK, NAME, TARGET)
    return [
        (one.target_id, one.name, one.accounts)
        for one in attached_targets(viewer, chosen=chosen, **common)
    ]


def plainly(made, policy_id, as_of=None):
    """Return the same, read target by target."""
    told = []
    accounts = list(Account.objects.as_of(as_of))
    for row in PolicyAttachment.objects.as_of(as_of).filter(policy_id=policy_id):
        at = row.target_id
        for rank, rows in enumerate((Root, OrganizationalUnit)):
            for target in rows.objects.as_of(as_of).filter(target_id=at):
                path = getattr(target, "path", f"{at}/")
                below = sum(account.path.startswith(path) for account in accounts)
                told.append((rank, at, target.name, below))
        told += [(2, at, one.name, 1) for one in accounts if one.account_id == at]
    return [(at, name, below) for _, at, name, below in sorted(told, key=lambda t: (t[0], t[2]))]


class TestPolicyTargets:
    @pytest.mark.parametrize("policy_id", [FULL_ACCESS, "p-leave001", "p-insta001", "p-unatt001"])
    def test_are_all_targets_the_root_first_with_the_accounts_each_reaches(self, made, policy_id):
        assert found(made, policy_id) == plainly(made, policy_id)

    def test_are_those_of_a_time(self, made):
        website = made.accounts["website"].account_id
        ended(PolicyAttachment.objects.get(policy_id="p-insta001"), at=SECOND_RUN_AT)
        assert found(made, "p-insta001") == []
        assert found(made, "p-insta001", as_of=FIRST_RUN_AT) == [(website, "website", 1)]

    def test_keep_a_target_that_is_not_collected_with_its_reach_unknown(self, made):
        PolicyAttachmentFactory.create(
            connection=made.connection,
            policy_id="p-insta001",
            target_id="ou-ab12-elsewhere",
            seen_from=FIRST_RUN_AT,
        )
        assert found(made, "p-insta001")[-1] == ("ou-ab12-elsewhere", "ou-ab12-elsewhere", None)

    def test_show_nothing_to_who_may_not_look(self, made):
        assert found(made, viewer=Viewer(sees_inventory=False)) == []


class TestEndedAttachments:
    def test_are_the_last_ended_first_with_how_many_there_are(self, made):
        rows = list(PolicyAttachment.objects.filter(policy_id=FULL_ACCESS)[:3])
        for row in rows:
            ended(row, at=SECOND_RUN_AT)
        shown, number = ended_attachments(
            SEES, connection=made.connection, policy_id=FULL_ACCESS, limit=2
        )
        assert (len(shown), number) == (2, 3)
