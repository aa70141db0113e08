"""Tags of the root, OUs, accounts, policies and the resource policy."""

from typing import Any

from demo.simulator.errors import AwsError, constraint, invalid_input
from demo.simulator.organizations import descriptions as describe
from demo.simulator.organizations.limits import TAGS_PER_RESOURCE
from demo.simulator.organizations.request import Members, Operation, Request
from demo.simulator.organizations.state import Organization


def checked_tags(given: list[dict[str, Any]], present: dict[str, str]) -> dict[str, str]:
    """Return `present` with the `given` tags on top.

    :raises AwsError: a key twice, a key of AWS's own, or more than 50 tags.
    """
    keys = [tag["Key"] for tag in given]
    if len(set(keys)) != len(keys):
        raise invalid_input("DUPLICATE_TAG_KEY", "Tag keys must be unique.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise invalid_input(
            "INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag."
        )
    tags = present | {tag["Key"]: tag["Value"] for tag in given}
    if len(tags) > TAGS_PER_RESOURCE:
        raise constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed.")
    return tags


def find_tags(organization: Organization, resource_id: str) -> dict[str, str]:
    """Return the tags of a resource, to be changed in place."""
    if resource_id.startswith("rp-") and organization.resource_policy:
        return organization.resource_policy_tags
    if unit := organization.units.get(resource_id):
        return unit.tags
    if account := organization.accounts.get(resource_id):
        return account.tags
    if policy := organization.policies.get(resource_id):
        return policy.tags
    raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.")


def list_tags(request: Request) -> Members:
    tags = find_tags(request.organization, request.given["ResourceId"])
    # ListTagsForResource has no MaxResults; the 50 tags a resource may have come in pages of 20.
    found = describe.tag_list(tags)
    return describe.page(request.operation, request.given, "Tags", found, lambda tag: tag)


def tag_resource(request: Request) -> Members:
    tags = find_tags(request.organization, request.given["ResourceId"])
    tags.update(checked_tags(request.given["Tags"], tags))
    return {}


def untag_resource(request: Request) -> Members:
    tags = find_tags(request.organization, request.given["ResourceId"])
    for key in request.given["TagKeys"]:
        tags.pop(key, None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "ListTagsForResource": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
