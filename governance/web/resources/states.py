"""What is known of a resource's policy, and whether it is public, as the pages say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.posture.state.public_access import is_public
from governance.posture.state.resources import Resource, resource_of
from governance.web.parts.pages import ConnectionPage
from inventory.models import ResourcePolicy
from inventory.resource_facts import FUNCTION_URLS, GRANTS, POLICY
from inventory.selectors.resource_policies import account_public_access_blocks

PART_LABELS: Final = {
    POLICY: "its policy",
    "ownership": "who owns its objects",
    "acl": "its access control list",
    "public_access_block": "its Block Public Access",
    GRANTS: "its grants",
    FUNCTION_URLS: "its URLs",
}


@dataclass(frozen=True, slots=True)
class Exposure:
    """Whether a resource is public. `state`: a key of the looks; `words` beside it."""

    state: str
    words: str


def policy_state(row: ResourcePolicy) -> str:
    """Return `set`, `none` or `unknown`."""
    if POLICY in row.unknown:
        return "unknown"
    return "none" if row.content_id is None else "set"


def shown_rows(page: ConnectionPage, rows: Sequence[Any]) -> Sequence[Any]:
    """Say of each row what is known of its policy and whether it is public, in one query."""
    blocks = account_public_access_blocks(
        page.viewer,
        connection=page.connection,
        account_ids={row.account_id for row in rows},
        as_of=page.as_of,
    )
    for row in rows:
        row.policy_state = policy_state(row)
        row.exposure = exposure(resource_of(row, blocks.get(row.account_id)))
    return rows


def exposure(resource: Resource) -> Exposure:
    """Say whether a collected resource is public."""
    public = resource.document is not None and is_public(resource.document)
    if public and resource.restricts_others is False:
        return Exposure("open", "Public by policy")
    if resource.acl_may_allow and resource.acl_is_known:
        return Exposure("open", "Open by ACL")
    block = resource.block
    if block is not None and block.restrict_public_buckets and block.ignore_public_acls:
        # Whatever policy and list say.
        closed = not public and resource.knowledge.value in {"policy", "none"}
        return Exposure("guarded", "Not public" if closed else "Blocked")
    is_known = resource.acl_is_known and resource.knowledge.value in {"policy", "none"}
    if resource.restricts_others is None or not is_known:
        return Exposure("unknown", "Not known")
    return Exposure("guarded", "Blocked" if public else "Not public")
