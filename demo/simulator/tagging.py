"""tagging:GetResources for the organization's own resources; the rest of tagging is moto's."""

import base64
import binascii
from typing import Any

from demo.simulator.errors import AwsError
from demo.simulator.organizations.descriptions import entity_arn, tag_list
from demo.simulator.organizations.state import Organization

Members = dict[str, Any]

RESOURCE_TYPES = (
    "organizations:account",
    "organizations:organizationalunit",
    "organizations:policy",
    "organizations:root",
)


def asks_for_organization(given: Members) -> bool:
    """Say whether the call is about the organization's resources."""
    wanted = given.get("ResourceTypeFilters") or []
    return any(str(each).startswith("organizations") for each in wanted)


def get_resources(organization: Organization, given: Members) -> Members:
    """Return the tagged resources of the wanted types, 100 (or ResourcesPerPage) a page.

    :raises AwsError: InvalidParameterException for an unknown type, page size or token.
    """
    wanted = set(given["ResourceTypeFilters"])
    if "organizations" in wanted:
        wanted |= set(RESOURCE_TYPES)
    size = given.get("ResourcesPerPage") or 100
    if not 1 <= size <= 100:
        raise AwsError("InvalidParameterException", "ResourcesPerPage must be 1 to 100")
    filters = given.get("TagFilters") or []
    found = [
        {"ResourceARN": entity_arn(organization, entity_id), "Tags": tag_list(tags)}
        for kind, entity_id, tags in _tagged(organization)
        if kind in wanted and tags and _passes(tags, filters)
    ]
    start = _offset(given.get("PaginationToken"))
    result: Members = {
        "ResourceTagMappingList": found[start : start + size],
        "PaginationToken": "",
    }
    if start + size < len(found):
        result["PaginationToken"] = base64.b64encode(str(start + size).encode()).decode()
    return result


def _tagged(organization: Organization) -> list[tuple[str, str, dict[str, str]]]:
    units = [
        ("organizations:organizationalunit" if unit.parent_id else "organizations:root", unit)
        for unit in organization.units.values()
    ]
    return [
        *((kind, unit.unit_id, unit.tags) for kind, unit in units),
        *(("organizations:account", a.account_id, a.tags) for a in organization.accounts.values()),
        *(("organizations:policy", p.policy_id, p.tags) for p in organization.policies.values()),
    ]


def _passes(tags: dict[str, str], filters: list[Members]) -> bool:
    return all(
        each.get("Key") in tags and (not each.get("Values") or tags[each["Key"]] in each["Values"])
        for each in filters
    )


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except (ValueError, binascii.Error) as error:
        raise AwsError("InvalidParameterException", "the pagination token is invalid") from error
