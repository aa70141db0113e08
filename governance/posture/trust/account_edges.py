"""Rows of the edges into one account, and of what its policies are found to lack; no database."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from governance.posture.trust.account_facts import AccountFacts
from governance.posture.trust.edge_rows import (
    AccountTrust,
    EdgeRow,
    EdgeTarget,
    as_json,
    digest,
    finding_row,
)
from governance.posture.trust.grants import GrantedAccess
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.policy_templates import EdgeTemplate, Marks, TrustTemplate
from governance.posture.trust.surroundings import Surroundings
from inventory.resource_facts import BucketFacts, PublicAccessBlock
from policies.trust import EdgeBlock, PolicyCrossing
from policies.trust import TrustPrincipalKind as Kind

_CROSSING: Final = TrustEdge.Crossing
_STATE: Final = TrustEdge.EdgeState
_SOURCE: Final = TrustEdge.Source
_PLAIN: Final = {
    PolicyCrossing.PUBLIC: _CROSSING.PUBLIC,
    PolicyCrossing.FEDERATED: _CROSSING.FEDERATED,
    PolicyCrossing.SERVICE: _CROSSING.SERVICE,
    PolicyCrossing.SAME_ACCOUNT: _CROSSING.ACCOUNT,
    PolicyCrossing.NONE: _CROSSING.NONE,
}
_RCPS_UNKNOWN: Final = "The RCPs that bind the resource's account are not known."
_BLOCK_UNKNOWN: Final = "S3 Block Public Access could not be read."
_SERVICE_LINKED: Final = ":role/aws-service-role/"
_UNREADABLE: Final = "policy-unreadable"


@dataclass(slots=True)
class AccountEdges:
    """The edges into one account while they are put together; `found` has the result."""

    around: Surroundings
    facts: AccountFacts
    found: AccountTrust = field(default_factory=AccountTrust)
    _block: PublicAccessBlock | None = None
    _block_is_known: bool = True
    _repeated: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def set_block(self, bucket: BucketFacts | None, *, is_known: bool) -> None:
        """Note what Block Public Access of a bucket and its account come to."""
        account = self.facts.account_block
        self._block_is_known = bucket is None or (is_known and account is not None)
        self._block = None
        if bucket is not None:
            own = bucket.public_access_block or PublicAccessBlock()
            self._block = own | (account or PublicAccessBlock())

    def note(self, template: TrustTemplate, marks: Marks) -> None:
        """Note what the edges of a policy follow from."""
        self.found.named.update(marks.fill(one) for one in template.named)
        self.found.services |= template.services
        if template.is_wide:
            self.found.wide_services |= template.services
        self.found.names_units |= template.names_units

    def add_policy(
        self,
        target: EdgeTarget,
        source: str,
        sha256: str | None,
        template: TrustTemplate,
        marks: Marks,
    ) -> None:
        """Add the edges of a policy and what is wrong with it."""
        if template.problem:
            self.found.kept.add((target.arn, source))
            self._unreadable(target, source, template.problem)
            return
        self.note(template, marks)
        keys: dict[int | None, list[tuple[str, str, str]]] = {}
        for edge in template.edges:
            block = self._public_block(edge, template)
            row = self.add_edge(target, source, sha256, edge, None, marks, block=block)
            keys.setdefault(edge.statement, []).append((row.key, row.principal_id, row.state))
        if _SERVICE_LINKED in target.arn:
            # AWS writes these policies, and nobody else can.
            return
        seen: Counter[tuple[str, int | None]] = Counter()
        for one in template.findings:
            message = marks.fill(one.message)
            seen[one.code, one.statement] += 1
            number = seen[one.code, one.statement]
            self.found.findings.append(
                finding_row(
                    code=one.code,
                    severity=one.severity,
                    account_id=target.account_id,
                    subject_arn=target.arn,
                    message=message,
                    edge_key=_edge_meant(keys.get(one.statement, []), message),
                    about=f"{source}:{number}",
                    statement=one.statement,
                    remedy={},
                    evidence={"source": source},
                )._replace(remedy=marks.fill(one.remedy))
            )

    def _unreadable(self, target: EdgeTarget, source: str, problem: str) -> None:
        self.found.findings.append(
            finding_row(
                code=_UNREADABLE,
                severity="high",
                account_id=target.account_id,
                subject_arn=target.arn,
                message=f"The policy of {target.name} cannot be read: {problem} Whom it gives "
                "access is not known.",
                about=source,
                remedy={"text": "Write the policy so that it can be parsed, and collect it again."},
                evidence={"source": source, "problem": problem},
            )
        )

    def _public_block(self, edge: EdgeTemplate, template: TrustTemplate) -> EdgeBlock | str | None:
        """Return what Block Public Access does to an edge of a bucket policy.

        RestrictPublicBuckets leaves a bucket with a public policy to its own account and services.
        """
        if not template.is_public or edge.crossing in (
            PolicyCrossing.SAME_ACCOUNT,
            PolicyCrossing.SERVICE,
        ):
            return None
        if self._block is not None and self._block.restrict_public_buckets:
            return EdgeBlock(
                "block_public_access",
                because="RestrictPublicBuckets leaves a bucket with a public policy to its own "
                "account and to AWS services.",
            )
        return None if self._block_is_known else _BLOCK_UNKNOWN

    def _acl_block(self, access: GrantedAccess) -> EdgeBlock | str | None:
        if not access.is_group_of_acl:
            return None
        if self._block is not None and self._block.ignore_public_acls:
            return EdgeBlock(
                "block_public_access",
                because="IgnorePublicAcls has S3 ignore what access control lists give to groups.",
            )
        return None if self._block_is_known else _BLOCK_UNKNOWN

    def add_edge(
        self,
        target: EdgeTarget,
        source: str,
        sha256: str | None,
        edge: EdgeTemplate,
        access: GrantedAccess | None,
        marks: Marks,
        *,
        block: EdgeBlock | str | None = None,
    ) -> EdgeRow:
        """Add one edge."""
        principal_id = marks.fill(edge.principal_id)
        principal_account = marks.fill(edge.principal_account_id)
        through, sid = ("", edge.sid) if access is None else (access.through, access.name)
        if access is not None:
            block = self._acl_block(access)
        undecided = [marks.fill(one) for one in edge.undecided]
        undecided += [] if access is None else access.undecided
        blocked = None if edge.blocked_by is None else marks.fill(edge.blocked_by)
        if isinstance(block, str):
            undecided.append(block)
        elif block is not None and blocked is None:
            blocked = _block_json(block)
        if blocked is None and self._lacks_provider(edge, principal_id):
            blocked = _block_json(
                EdgeBlock("provider", because="The account has no such identity provider.")
            )
        if blocked is None and self.around.rcps.get(target.account_id) is None:
            undecided.append(_RCPS_UNKNOWN)
        guards = marks.fill(edge.guards)
        if access is not None and access.guards:
            guards = as_json([*access.guards])
        named = (
            *(target.account_id, target.arn, source, through, edge.kind, principal_id),
            *(edge.provider, marks.fill(edge.tenant), sid),
        )
        self._repeated[named] += 1
        vendor = self.around.vendors.get(principal_account)
        inside = principal_account in self.around.member_ids
        row = EdgeRow(
            key=digest(*named, self._repeated[named]),
            account_id=target.account_id,
            resource_arn=target.arn,
            resource_name=target.name,
            service=target.service,
            resource_type=target.resource_type,
            region=target.region,
            source=source,
            through=through,
            content_id=sha256,
            statement=None if access is not None else edge.statement,
            sid=sid,
            principal_kind=str(edge.kind),
            principal_id=principal_id,
            principal_account_id=principal_account,
            provider=edge.provider,
            tenant=marks.fill(edge.tenant),
            vendor="" if vendor is None or inside else vendor.name,
            actions=(access and access.actions) or marks.fill(edge.actions),
            crossing=str(self._crossing(edge, principal_id, principal_account)),
            state=str(_state(edge, blocked, undecided)),
            guards=guards,
            blocked_by=blocked,
            undecided=as_json(undecided),
            witness=None
            if blocked is not None or edge.witness is None
            else marks.fill(edge.witness),
        )
        self.found.edges.append(row)
        if principal_account:
            self.found.named.add(principal_account)
        return row

    def _lacks_provider(self, edge: EdgeTemplate, principal_id: str) -> bool:
        """Whether it names an identity provider of the account that the account does not have."""
        providers = self.facts.providers
        return (
            edge.kind is Kind.FEDERATED
            and providers is not None
            and f"::{self.facts.account_id}:" in principal_id
            and principal_id not in providers
        )

    def _crossing(self, edge: EdgeTemplate, principal_id: str, principal_account: str) -> str:
        plain = _PLAIN.get(edge.crossing)
        if plain is not None:
            return plain
        if edge.crossing is PolicyCrossing.EXTERNAL:
            if self.around.is_aws(principal_account):
                return _CROSSING.SERVICE
            known = principal_account in self.around.vendors
            return _CROSSING.VENDOR if known else _CROSSING.EXTERNAL
        if edge.kind is Kind.ORGANIZATIONAL_UNIT:
            return self.around.crossing_of_unit(self.facts.account_id, principal_id)
        if not principal_account:
            return _CROSSING.ORGANIZATION
        return self.around.crossing_within(self.facts.account_id, principal_account)


def _block_json(block: EdgeBlock) -> str:
    return as_json(
        {
            "by": block.by,
            "target_id": block.target_id,
            "policy": block.policy,
            "statement": block.statement,
            "sid": block.sid,
            "because": block.because,
        }
    )


def _state(edge: EdgeTemplate, blocked: str | None, undecided: list[str]) -> str:
    if blocked is not None or edge.crossing is PolicyCrossing.NONE:
        return _STATE.BLOCKED
    if undecided:
        return _STATE.UNDECIDED
    return _STATE.GUARDED if edge.is_guarded else _STATE.OPEN


def _edge_meant(edges: list[tuple[str, str, str]], message: str) -> str:
    """Return the key of the edge that a finding about a statement means.

    The one whose principal its message names; else the first that somebody can use.
    """
    for key, principal_id, _ in edges:
        if principal_id != "*" and principal_id in message:
            return key
    usable = [key for key, _, state in edges if state != _STATE.BLOCKED]
    return next(iter(usable), edges[0][0] if edges else "")
