"""Tags of the organization's things, a hundred a call instead of a call each."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.records import TagsRecord

RESOURCE_TYPES = (
    "organizations:account",
    "organizations:organizationalunit",
    "organizations:policy",
    "organizations:root",
)


def collect_tags(tagging: AwsClient) -> Iterator[TagsRecord]:
    """Yield the tags of each root, OU, account and policy that has any.

    AWS: tag:GetResources, in the region where the partition keeps Organizations.
    """
    for resource in tagging.paginate(
        "get_resources",
        "ResourceTagMappingList",
        ResourceTypeFilters=list(RESOURCE_TYPES),
        ResourcesPerPage=100,
    ):
        arn: str = resource["ResourceARN"]
        resource_id = arn.rpartition("/")[2]
        if not resource_id:
            raise resource.malformed("ResourceARN", f"is {arn!r}, which names no resource")
        yield TagsRecord(
            resource_id=resource_id, tags={tag["Key"]: tag["Value"] for tag in resource["Tags"]}
        )


COLLECTORS = (
    Collector(
        name="organizations.tags",
        label="Tags of root, OUs, accounts and policies",
        scope=Scope.ORGANIZATION,
        service="resourcegroupstaggingapi",
        actions=(
            Action(
                "tag:GetResources",
                "tags of root, organizational units, accounts and policies",
                given={"ResourceTypeFilters": ["organizations:account"], "ResourcesPerPage": 1},
            ),
        ),
        read=alone(collect_tags),
        # Tags are kept with what they are on, by the collectors of those.
        covers=(),
        paced=True,
    ),
)
