"""From the policies and grants of accounts to the rows of their edges and findings; no database."""

from collections.abc import Mapping
from typing import Final

from governance.posture.trust.account_edges import AccountEdges
from governance.posture.trust.account_facts import AccountFacts, TrustingResource, TrustingRole
from governance.posture.trust.edge_rows import AccountTrust, EdgeTarget
from governance.posture.trust.grants import GrantedAccess, acl_access, granted_access
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.policy_templates import (
    EdgeTemplate,
    FindsProblems,
    Marks,
    PolicyTemplates,
)
from governance.posture.trust.surroundings import Surroundings
from inventory.resource_facts import (
    ACL,
    GRANTS,
    POLICY,
    PUBLIC_ACCESS_BLOCK,
    BucketFacts,
    grants_of,
    lets_in,
)
from policies import PolicyType

_SOURCE: Final = TrustEdge.Source
_ENDPOINT: Final = "vpc-endpoint"


class EdgeBuilder:
    """Works out edges and findings; keep it for all accounts of an organization.

    `texts`: policy texts by SHA-256. `problems_of`: what is wrong with one policy.
    """

    def __init__(
        self, around: Surroundings, texts: Mapping[str, str], problems_of: FindsProblems
    ) -> None:
        self._around = around
        self._texts = texts
        self._templates = PolicyTemplates(around, problems_of)

    def account_trust(self, facts: AccountFacts) -> AccountTrust:
        """Return all edges into an account and what its policies are found to lack."""
        account = AccountEdges(self._around, facts)
        for role in facts.roles:
            self._role(account, role)
        for resource in facts.resources:
            self._resource(account, resource)
        return account.found

    def _role(self, account: AccountEdges, role: TrustingRole) -> None:
        target = EdgeTarget(role.account_id, role.arn, role.name, "iam", "role", "global")
        text = self._texts.get(role.sha256 or "")
        if text is None:
            account.found.kept.add((role.arn, _SOURCE.TRUST_POLICY))
            return
        template, marks = self._templates.template(text, PolicyType.TRUST_POLICY, target)
        account.add_policy(target, _SOURCE.TRUST_POLICY, role.sha256, template, marks)

    def _resource(self, account: AccountEdges, resource: TrustingResource) -> None:
        target, kind = resource.target, PolicyType.RESOURCE_POLICY
        bucket: BucketFacts | None = None
        if target.service == "s3":
            bucket = BucketFacts.of_json(resource.facts)
            account.set_block(bucket, is_known=PUBLIC_ACCESS_BLOCK not in resource.unknown)
        else:
            account.set_block(None, is_known=True)
        text = self._texts.get(resource.sha256 or "")
        if target.resource_type == _ENDPOINT:
            # Its policy limits what goes through it, and lets nobody in.
            return
        if POLICY in resource.unknown or (resource.sha256 is not None and text is None):
            account.found.kept.add((target.arn, _SOURCE.RESOURCE_POLICY))
        elif text is not None and lets_in(target.service, target.resource_type):
            template, marks = self._templates.template(text, kind, target)
            account.add_policy(target, _SOURCE.RESOURCE_POLICY, resource.sha256, template, marks)
        if GRANTS in resource.unknown or ACL in resource.unknown:
            account.found.kept.add((target.arn, _SOURCE.GRANT))
            return
        shared = resource.facts.get("resources", ())
        granted = [
            granted_access(grant, target, self._around, shared)
            for grant in grants_of(resource.facts) or ()
        ]
        if bucket is not None:
            granted += acl_access(bucket, target)
        for access in granted:
            self._grant(account, target, access)

    def _grant(self, account: AccountEdges, target: EdgeTarget, access: GrantedAccess) -> None:
        found: dict[int, tuple[EdgeTemplate, Marks]] = {}
        for each in (access.targets or (target,)) if access.policy else ():
            template, marks = self._templates.template(
                access.policy, PolicyType.RESOURCE_POLICY, each
            )
            account.note(template, marks)
            for number, edge in enumerate(template.edges):
                known = found.get(number)
                if known is None or _openness(edge) > _openness(known[0]):
                    found[number] = edge, marks
        for edge, marks in found.values():
            account.add_edge(target, _SOURCE.GRANT, None, edge, access, marks)
        # A network connection, or actions that the engine does not know of such a resource.
        if not found and access.edge is not None:
            account.add_edge(target, _SOURCE.GRANT, None, access.edge, access, Marks("", ""))


def _openness(edge: EdgeTemplate) -> int:
    """Return how far an edge is open: of one to several resources the widest is shown."""
    return 0 if edge.blocked_by is not None else 1 if edge.undecided else 2
