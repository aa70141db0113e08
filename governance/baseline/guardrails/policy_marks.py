"""What tells one account's policies from another's: equal marks, equal results of effects."""

from collections.abc import Mapping
from dataclasses import dataclass

from governance.posture.state.organization import CompiledOrganization
from inventory.digests import sha256


@dataclass(frozen=True, slots=True)
class AccountMark:
    """Where an account is, and the SHA-256 of all policies on its path with what they hang on."""

    parent_id: str
    policies_sha256: str


def account_marks(organization: CompiledOrganization) -> Mapping[str, AccountMark]:
    """Return the mark of every account, those whose place is not known too."""
    shared = sha256(
        repr(
            (
                organization.organization.organization_id,
                organization.management_account_id,
                organization.service_control.in_force,
                organization.resource_control.in_force,
            )
        )
    )
    controls = (organization.service_control, organization.resource_control)
    marks: dict[str, str] = {}
    found: dict[str, AccountMark] = {}
    own: dict[tuple[str, tuple[int, ...]], str] = {}
    for target_id, name in organization.names.items():
        above = marks.get(name.parent_id or "", shared)
        attached = tuple(control.attached.get(target_id, ()) for control in controls)
        # Equal attachments are one object, and most accounts of an OU have equal ones.
        key = (above, tuple(id(policies) for policies in attached))
        mark = own.get(key)
        if mark is None:
            texts = [sorted(one.sha256 for one in policies) for policies in attached]
            mark = own[key] = sha256(repr((above, texts)))
        marks[target_id] = mark
        if name.kind == "ACCOUNT":
            found[target_id] = AccountMark(name.parent_id or "", mark)
    for account_id in organization.unplaced_account_ids:
        found[account_id] = AccountMark("", sha256("unplaced"))
    return found
