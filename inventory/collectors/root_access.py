"""Central root access: whether the organization manages the root users of its accounts."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.records import OrganizationSettingRecord

# As in inventory.models.OrganizationSetting.
SETTING: Final = "root_access_features"


def collect_root_access_features(iam: AwsClient) -> Iterator[OrganizationSettingRecord]:
    """Yield which features of central root access are enabled, sorted; none: an empty list.

    `RootCredentialsManagement` lets the management account and IAM's delegated administrator
    remove the root users' credentials, `RootSessions` act as them.
    AWS: iam:ListOrganizationsFeatures.
    """
    try:
        features = iam.call("list_organizations_features").get("EnabledFeatures", [])
    except AwsNotFound:
        # IAM is not trusted in the organization, so no feature of it can be enabled.
        features = []
    yield OrganizationSettingRecord(iam.account_id, SETTING, sorted(features))


COLLECTORS = (
    Collector(
        name="organizations.root_access_features",
        label="Central root access",
        scope=Scope.ORGANIZATION,
        service="iam",
        actions=(
            Action(
                "iam:ListOrganizationsFeatures",
                "whether root users of member accounts are managed centrally",
            ),
        ),
        read=alone(collect_root_access_features),
        covers=(Slice(OrganizationSettingRecord, {"name": SETTING}),),
    ),
)
