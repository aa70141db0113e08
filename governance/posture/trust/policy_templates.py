"""What each policy text means as edges and findings, read once for all accounts that have it.

Most policies of a large organization are one text with another account's id in it. So a text is
read with the account and the resource replaced by marks, and what it comes to is kept as text
with the same marks. It holds for another account as long as nothing that decides tells the two
apart: the SCPs and RCPs, the place in the tree, and every pattern that resources are compared with.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from governance.posture.state.public_access import is_public
from governance.posture.trust.edge_rows import EdgeTarget, as_json
from governance.posture.trust.surroundings import ArnPatterns, Surroundings, named_accounts
from policies import ParsedPolicy, PolicyDocument, PolicyType, default_compiler, parse_policy
from policies.trust import PolicyCrossing, PolicyEdge, PolicyFinding, TrustedResource, TrustQuestion
from policies.trust import TrustPrincipalKind as Kind
from policies.trust.actions import known_bits
from policies.trust.as_json import edge_as_json, finding_as_json

# Of the private use area: no policy has them.
_ARN: Final = "\ue000"
_ACCOUNT: Final = "\ue001"
# SCPs bind neither services nor whom a provider signs in.
_WIDE: Final = frozenset({Kind.EVERYONE, Kind.ORGANIZATION, Kind.ORGANIZATIONAL_UNIT})
_S3: Final = "s3"
# What a text has that may let in principals of its own account; a number may be written as `\\u…`.
_OWN_CALLERS: Final = (_ACCOUNT, '"*"', "NotPrincipal", "\\")


class EdgeTemplate(NamedTuple):
    """An edge with marks for its account and resource; objects as JSON, as `EdgeRow` has them."""

    statement: int
    sid: str
    kind: Kind
    principal_id: str
    principal_account_id: str
    provider: str
    tenant: str
    crossing: PolicyCrossing
    is_guarded: bool
    actions: str
    guards: str
    blocked_by: str | None
    undecided: tuple[str, ...]
    witness: str | None


class FindingTemplate(NamedTuple):
    """A finding with marks; `remedy` as JSON."""

    code: str
    severity: str
    statement: int | None
    message: str
    remedy: str


class TrustTemplate(NamedTuple):
    """What a policy comes to. `problem`: why it cannot be read; empty: it was.

    `named`: the accounts that it names, and those of witnesses, with a mark for its own.
    `services`: the prefixes of the actions that its edges can be about; none without edges.
    `is_wide`: it lets in more than it names, and no witness of another account settles that, so
    that what binds any account of the organization decides. `names_units`: what the accounts below
    an OU are for counts. `is_public`: as S3's Block Public Access means it.
    """

    problem: str
    edges: tuple[EdgeTemplate, ...]
    findings: tuple[FindingTemplate, ...]
    named: frozenset[str]
    services: frozenset[str]
    is_wide: bool
    names_units: bool
    is_public: bool


class _Variants(NamedTuple):
    """What one text comes to, by what tells its resources and accounts apart.

    `patterns`: what resources are compared with. `asks_own_callers`: it may let in principals of
    its own account. `asks_paths`: it asks where in the organization somebody is.
    """

    patterns: tuple[str, ...]
    asks_own_callers: bool
    asks_paths: bool
    templates: dict[tuple[object, ...], TrustTemplate]


FindsProblems = Callable[[TrustQuestion, Sequence[PolicyEdge]], Iterable[PolicyFinding]]


class PolicyTemplates:
    """Reads policies of one organization; keeps what each text came to."""

    def __init__(self, around: Surroundings, problems_of: FindsProblems) -> None:
        self._around = around
        self._problems_of = problems_of
        self._known: dict[tuple[PolicyType, str], _Variants] = {}

    def template(
        self, text: str, policy_type: PolicyType, target: EdgeTarget
    ) -> tuple[TrustTemplate, "Marks"]:
        """Return what a policy on a resource comes to, and what to put in place of its marks."""
        marks = self._marks(target)
        written = marks.mark(text)
        variants = self._known.get((policy_type, written))
        parsed: ParsedPolicy | None = None
        if variants is None:
            parsed = parse_policy(text, policy_type)
            variants = self._known[policy_type, written] = _variants(parsed, written, marks)
        services = _services(target.service, policy_type)
        key = (
            *self._account_key(target.account_id, marks, variants, services),
            *self._resource_key(target, marks, variants),
        )
        found = variants.templates.get(key)
        if found is None:
            parsed = parsed or parse_policy(text, policy_type)
            found = variants.templates[key] = self._read(parsed, policy_type, target, marks)
        return found, marks

    def _marks(self, target: EdgeTarget) -> "Marks":
        around = self._around
        apart = around.tells_accounts_apart or target.account_id in around.named_in_controls
        return Marks("" if apart else target.account_id, "" if apart else target.arn)

    def _account_key(
        self, account_id: str, marks: "Marks", variants: _Variants, services: frozenset[str]
    ) -> tuple[object, ...]:
        around = self._around
        is_management = account_id == around.organization.management_account_id
        return (
            "" if marks.account_id else account_id,
            is_management,
            around.rcps.deciding_mark(account_id, services),
            around.scps.deciding_mark(account_id, services) if variants.asks_own_callers else (),
            around.paths.get(account_id)
            if variants.asks_paths or around.controls_by_path
            else account_id in around.paths,
        )

    def _resource_key(
        self, target: EdgeTarget, marks: "Marks", variants: _Variants
    ) -> tuple[object, ...]:
        if not marks.arn:
            return (target.arn,)
        head = target.arn.split(":", 4)[1:4]
        own: tuple[int, ...] = ()
        if variants.patterns:
            own = ArnPatterns(marks.fill(one) for one in variants.patterns).mark(target.arn)
        return (*head, target.resource_type, self._around.resource_mark(target.arn), own)

    def _read(
        self, parsed: ParsedPolicy, policy_type: PolicyType, target: EdgeTarget, marks: "Marks"
    ) -> TrustTemplate:
        document = parsed.document
        if document is None:
            said = parsed.diagnostics[0].message if parsed.diagnostics else "it is not a policy"
            return TrustTemplate(said, (), (), frozenset(), frozenset(), False, False, False)
        resource = TrustedResource(target.arn, target.account_id)
        reader = self._around.reader
        edges = reader.edges(document, policy_type, resource)
        problems = self._problems_of(reader.question(document, policy_type, resource), edges)
        return TrustTemplate(
            "",
            tuple(_edge_template(edge, marks) for edge in edges),
            tuple(_finding_template(one, marks) for one in problems),
            frozenset(marks.mark(one) for one in (*named_accounts(document), *_witnesses(edges))),
            _services(target.service, policy_type) if edges else frozenset(),
            any(_is_unsettled(edge, target.account_id) for edge in edges),
            any(edge.principal.kind is Kind.ORGANIZATIONAL_UNIT for edge in edges),
            target.service == _S3 and is_public(document),
        )


def _witnesses(edges: Iterable[PolicyEdge]) -> Iterator[str]:
    """Yield the accounts of those who show that an edge for many is open."""
    for edge in edges:
        if edge.principal.kind in _WIDE and edge.witness is not None:
            account_id = edge.witness.principal.account_id
            if account_id is not None:
                yield account_id


def _is_unsettled(edge: PolicyEdge, own_account_id: str) -> bool:
    """Whether SCPs of any account may change an edge.

    They do not while somebody else than the resource's own account, who is asked last, can use it:
    only what binds this one counts then.
    """
    if edge.principal.kind not in _WIDE:
        return False
    return edge.witness is None or edge.witness.principal.account_id == own_account_id


class Marks(NamedTuple):
    """An account and a resource, and the marks that stand for them; empty: none stand for them."""

    account_id: str
    arn: str

    def mark(self, text: str) -> str:
        """Return a text with marks."""
        if not self.account_id:
            return text
        return text.replace(self.arn, _ARN).replace(self.account_id, _ACCOUNT)

    def fill(self, text: str) -> str:
        """Return a text with what the marks stand for."""
        if not self.account_id:
            return text
        return text.replace(_ARN, self.arn).replace(_ACCOUNT, self.account_id)


def _variants(parsed: ParsedPolicy, written: str, marks: Marks) -> _Variants:
    return _Variants(
        () if parsed.document is None else _resource_patterns(parsed.document, marks),
        not marks.account_id or any(each in written for each in _OWN_CALLERS),
        "orgpaths" in written.lower(),
        {},
    )


@cache
def _services(service: str, policy_type: PolicyType) -> frozenset[str]:
    """Return the prefixes of the actions that a policy on a resource can be about."""
    catalogue = default_compiler().catalogue
    known = known_bits(catalogue, service, policy_type)
    return frozenset(
        prefix for prefix in catalogue.service_ranges if catalogue.service_bits(prefix) & known
    ) | {service}


def _resource_patterns(document: PolicyDocument, marks: Marks) -> tuple[str, ...]:
    """Return the patterns of a policy that its resource is compared with, with marks.

    Those that match every resource, and those that begin with the resource itself, tell none apart.
    """
    found = {
        marks.mark(pattern)
        for statement in document.statements
        for pattern in (*(statement.resources or ()), *(statement.not_resources or ()))
        if pattern != "*"
    }
    return tuple(sorted(one for one in found if not one.startswith(_ARN)))


def _edge_template(edge: PolicyEdge, marks: Marks) -> EdgeTemplate:
    told = edge_as_json(edge)
    principal = edge.principal

    def object_of(name: str) -> str:
        return marks.mark(as_json(told[name]))

    return EdgeTemplate(
        statement=edge.statement,
        sid=edge.sid or "",
        kind=principal.kind,
        principal_id=marks.mark(principal.id),
        principal_account_id=marks.mark(principal.account_id or ""),
        provider=principal.provider or "",
        tenant=marks.mark(principal.tenant or ""),
        crossing=edge.crossing,
        is_guarded=edge.is_guarded,
        actions=object_of("actions"),
        guards=object_of("guards"),
        blocked_by=None if edge.blocked_by is None else object_of("blocked_by"),
        undecided=tuple(marks.mark(one) for one in edge.undecided),
        witness=None if edge.witness is None else object_of("witness"),
    )


def _finding_template(found: PolicyFinding, marks: Marks) -> FindingTemplate:
    told = finding_as_json(found)
    return FindingTemplate(
        code=found.code,
        severity=str(found.severity),
        statement=found.statement,
        message=marks.mark(found.message),
        remedy=marks.mark(as_json(told["remedy"])),
    )
