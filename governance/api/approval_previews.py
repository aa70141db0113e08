"""/approvals/preview: who would have to approve a change, before anyone proposes it."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.targets import target_tree
from governance.api.approval_setting_representations import (
    ApprovalPreviewRepresentation,
    ApprovalPreviewRequestRepresentation,
)
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.permissions import person_of
from governance.api.parts.representations import read_body
from governance.approvals.effects import TargetEffect
from governance.approvals.requirements import RequiredApproval, required_approvals
from governance.approvals.settings import approval_rules
from governance.changes.evidence.previewing import previewed_change
from governance.edits.operations import OperationsInvalid, read_operations
from inventory.viewing import targets_seen
from inventory.visible_targets import VisibleTargets


class ApprovalPreview(OrganizationEndpoint):
    """Who would have to approve."""

    topic = "Approvals"
    rights = {"POST": rights.VIEW_CHANGES}
    representation = ApprovalPreviewRepresentation
    takes = ApprovalPreviewRequestRepresentation
    answers = {200: OpenApiResponse(ApprovalPreviewRepresentation(), description="Who would.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Get who would have to approve a change of yours with these effects. Nothing is stored.

        Give `effects`, or `operations` to have their effects computed from the last complete
        run. You would be its author, so you do not count. `new-…` stands for an OU that the change
        creates. 404 for targets that you do not see.
        """
        effects = self.effects(read_body(ApprovalPreviewRequestRepresentation, request))
        rules = approval_rules(self.connection)
        required = required_approvals(
            self.connection,
            effects,
            excluded={person_of(request).pk},
            now=self.now,
            rules=rules,
        )
        return Response(
            {
                "rules_version": rules.version,
                "required_approvals": [self.serialized_requirement(one) for one in required],
            }
        )

    def effects(self, given: dict[str, Any]) -> tuple[TargetEffect, ...]:
        """Return the effects given, or those of the operations given.

        :raises ValidationError: neither or both are given, or an operation is none.
        :raises Problem: a target that the asker does not see.
        """
        if ("effects" in given) == ("operations" in given):
            raise ValidationError({"operations": ["give either operations or effects"]})
        if "operations" in given:
            try:
                operations = read_operations(given["operations"])
            except OperationsInvalid as error:
                raise ValidationError({"operations": [str(error)]}) from error
            return previewed_change(self.connection, operations, now=self.now).targets
        effects = tuple(_effect(one) for one in given["effects"])
        known = target_tree(self.connection).by_id
        for one in effects:
            if one.target_id.startswith("new-"):
                continue
            if one.target_id not in known or not self.seen.holds_wholly(one.target_id):
                raise self.missing(f"root, OU or account {one.target_id}")
        return effects

    @property
    def seen(self) -> VisibleTargets:
        """What of the tree the asker may see."""
        return targets_seen(self.viewer, self.connection)

    def serialized_requirement(self, required: RequiredApproval) -> dict[str, Any]:
        """Return an approval with the targets that the asker sees; the count is of all."""
        seen = self.seen
        ids = [one for one in required.target_ids if seen.holds_wholly(one)]
        return {**required.as_json(), "target_ids": ids}


def _effect(given: dict[str, Any]) -> TargetEffect:
    denied, allowed = given["newly_denied"], given["newly_allowed"]
    return TargetEffect(
        given["target_id"],
        newly_denied=denied,
        newly_allowed=allowed,
        undecided=not denied and not allowed,
        policy_types=frozenset(given["policy_types"]),
        operations=frozenset(given["operations"]),
    )
