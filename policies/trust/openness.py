"""Whether somebody can use an edge: by which request, or what keeps everybody out.

An edge is open if a request of one of its callers passes for one of its actions, and blocked only
if none does. Source: STS API reference (who calls AssumeRole, AssumeRoleWithSAML and
AssumeRoleWithWebIdentity); Service authorization reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policies.comparison.domains import Domain
from policies.compiled import CompiledStatement
from policies.evaluation.request import Request
from policies.language.document import Effect
from policies.language.meeting import globs_meet
from policies.language.patterns import Glob, Wild
from policies.language.policy_types import PolicyType
from policies.resource_arns import arn_pattern
from policies.trust.actions import ROLE_ACTIONS, known_bits, resource_family, service_of
from policies.trust.binding import NEVER_MET, POLICY, SearchAnswer
from policies.trust.callers import CallerClass, CallerForm
from policies.trust.candidates import Candidates
from policies.trust.chains import MemberGroups
from policies.trust.edges import EdgeBlock, PolicyCrossing, TrustPrincipal, TrustPrincipalKind
from policies.trust.principals import (
    OWN_PARTITION,
    is_canonical_user,
    is_origin_access_identity,
    partition_of,
)
from policies.trust.search import RequestSearch
from policies.trust.sources import EdgeSource

_ASSUMING: Final = {
    CallerForm.IDENTITY: "sts:assumerole",
    CallerForm.SERVICE: "sts:assumerole",
    CallerForm.SAML: "sts:assumerolewithsaml",
    CallerForm.WEB_IDENTITY: "sts:assumerolewithwebidentity",
}
_ASSUME: Final = frozenset(_ASSUMING.values())
_MOST_GROUPS: Final = 64
_BY_ARN: Final = frozenset(
    {TrustPrincipalKind.ROLE, TrustPrincipalKind.USER, TrustPrincipalKind.SESSION}
)
_WHOSE: Final = (
    "only accounts inside could use it, and S3 alone knows whose canonical user id it is"
)
_EMPTY: Final = "no account of the organization is there"
_MANY: Final = frozenset({TrustPrincipalKind.ORGANIZATION, TrustPrincipalKind.ORGANIZATIONAL_UNIT})


@dataclass(frozen=True, slots=True)
class Openness:
    """What becomes of an edge.

    `crossing`: which boundary the first caller that passes, or may, crosses; NONE where the
    principal is nobody, None where that is not known. `undecided`: why it could not be told; empty
    where it could.
    """

    witness: Request | None = None
    crossing: PolicyCrossing | None = None
    blocked_by: EdgeBlock | None = None
    undecided: tuple[str, ...] = ()


class EdgeProver:
    """Proves the edges of one policy open or blocked."""

    def __init__(self, search: RequestSearch, groups: MemberGroups) -> None:
        self._search = search
        self._question = search.question
        self._catalogue = search.compiler.catalogue
        self._candidates = Candidates(self._question, search.compiled, groups)
        self._facts = groups.facts
        self._service = service_of(self._question.resource.arn)
        self._is_trust = self._question.policy_type is PolicyType.TRUST_POLICY

    def prove(self, number: int, source: EdgeSource) -> Openness:
        """Say whether somebody of a source can use what a statement allows."""
        nobody = self._nobody(source)
        if nobody is not None:
            return self._of_nobody(number, nobody)
        cannot_tell = self._cannot_tell(number, source.principal)
        if cannot_tell is not None:
            return Openness(undecided=(cannot_tell,))
        undecided: dict[str, PolicyCrossing] = {}
        blocks: Counter[EdgeBlock] = Counter()
        reached = False
        is_canonical = source.principal.kind is TrustPrincipalKind.CANONICAL_USER
        for caller, found in self._answers(number, source.principal):
            reached = True
            if is_canonical and caller.crossing is not PolicyCrossing.EXTERNAL:
                if found.witness is not None or found.undecided is not None:
                    return Openness(undecided=(_WHOSE,))
                continue
            if found.witness is not None:
                return Openness(found.witness, caller.crossing)
            if found.undecided is not None:
                undecided.setdefault(found.undecided, caller.crossing)
            if found.blocked_by is not None:
                blocks[found.blocked_by] += 1
        if undecided:
            farthest = next(iter(undecided.values()))
            return Openness(crossing=farthest, undecided=tuple(undecided))
        if blocks:
            # Of several blocks the one that keeps most callers and actions out; callers who never
            # meet the statement's own conditions say nothing where others do meet them.
            kept_out = [one for one in blocks if one.because != NEVER_MET] or blocks
            return Openness(blocked_by=max(kept_out, key=blocks.__getitem__))
        if source.principal.kind in _MANY:
            return replace(self._of_nobody(number, _EMPTY), crossing=None)
        because = "it cannot call these actions" if reached else "no caller has this name"
        return self._of_nobody(number, because)

    def _answers(
        self, number: int, principal: TrustPrincipal
    ) -> Iterator[tuple[CallerClass, SearchAnswer]]:
        """Yield what each search of a principal's callers finds; nothing found: no action fits."""
        for caller in self._candidates.of(principal):
            if not self._search.reaches(number, caller):
                continue
            yield caller, SearchAnswer()
            for action in self._actions(number, caller):
                for resources in self._resources(action):
                    yield caller, self._search.find(number, caller, action, resources)

    def _of_nobody(self, number: int, because: str) -> Openness:
        sid = self._question.policy.statements[number].sid
        block = EdgeBlock(POLICY, None, None, number, sid, because)
        return Openness(crossing=PolicyCrossing.NONE, blocked_by=block)

    def _nobody(self, source: EdgeSource) -> str | None:
        """Say why a principal is nobody; None where it may be somebody."""
        principal, element = source.principal, source.element
        if principal.kind is TrustPrincipalKind.DELETED:
            return "the principal is deleted: AWS has put its unique id in the place of its ARN"
        if self._service != "s3":
            if principal.kind is TrustPrincipalKind.CANONICAL_USER:
                return "only S3 knows canonical user ids"
            if is_origin_access_identity(principal.id):
                return "CloudFront uses an origin access identity for S3 only"
        if principal.kind in _BY_ARN and ("*" in principal.id or "?" in principal.id):
            return "AWS takes no wildcard within the name of a principal"
        here = partition_of(self._question.resource.arn) or OWN_PARTITION
        there = partition_of(element.value if element is not None else principal.id)
        if there is not None and here != there:
            return f"no principal of partition {there} reaches partition {here}"
        return None

    def _cannot_tell(self, number: int, principal: TrustPrincipal) -> str | None:
        """Say why nothing is known of an edge's requests; None where something is."""
        is_canonical = principal.kind is TrustPrincipalKind.CANONICAL_USER
        if is_canonical and not is_canonical_user(principal.id):
            return "a canonical user id has 64 hexadecimal digits, and this text has not"
        resources = self._question.policy.statements[number].resources or ()
        if any(text.startswith("execute-api:/") for text in resources):
            return "API Gateway completes the short form of the API's ARN when it saves the policy"
        return None

    def _actions(self, number: int, caller: CallerClass) -> Iterator[str]:
        """Yield an action, in lower case, of each group that statements tell apart."""
        allow = self._search.compiled[number]
        if self._is_trust:
            yield from _role_actions(allow, caller)
            return
        catalogue = self._catalogue
        bits = allow.action_bits & known_bits(catalogue, self._service, PolicyType.RESOURCE_POLICY)
        for key in (condition.key for condition in allow.conditions):
            if not key.startswith("aws:"):
                bits = bits & catalogue.key_bits(key) or bits
        groups = self._groups(bits, caller)
        for group in groups:
            yield catalogue.lower_names[(group & -group).bit_length() - 1]
        if not bits and not allow.not_action:
            yield from (one for one in allow.action_patterns if _is_one_action(one))

    def _groups(self, bits: int, caller: CallerClass) -> list[int]:
        groups = [bits] if bits else []
        for statement in self._deciding(caller):
            if len(groups) >= _MOST_GROUPS:
                break
            covered = statement.action_bits
            groups = [
                part for group in groups for part in (group & covered, group & ~covered) if part
            ]
        return groups

    def _deciding(self, caller: CallerClass) -> Iterable[CompiledStatement]:
        yield from (one for one in self._search.compiled if one.effect is Effect.DENY)
        for chain in (self._question.resource_control_policies, self._search.chain(caller)):
            for level in self._facts.levels(chain or ()):
                yield from level.statements

    def _resources(self, action: str) -> Iterator[Domain]:
        """Yield what an action's resource may be: of its types, then whatever the policy is on."""
        arn = self._question.resource.arn
        family = resource_family(arn)
        index = self._catalogue.index_of.get(action)
        if self._is_trust or index is None or len(family) == 1:
            yield _domain(family, arn)
            return
        types = [arn_pattern(kind) for kind, _ in self._catalogue.resource_types(index)]
        typed = tuple(glob for glob in family if any(globs_meet(glob, one) for one in types))
        if typed and len(typed) < len(family):
            yield _domain(typed, arn)
        yield _domain(family, arn)


def _domain(globs: Sequence[Glob], arn: str) -> Domain:
    seeds = tuple(seed for glob in globs if (seed := _seed(glob)) is not None)
    return Domain(globs=tuple(globs), seeds=seeds or (arn,), may_be_absent=False)


def _seed(glob: Glob) -> str | None:
    """Return a resource that a pattern of a family matches."""
    return "".join("example" if isinstance(token, Wild) else token for token in glob.tokens)


def _role_actions(allow: CompiledStatement, caller: CallerClass) -> Iterator[str]:
    covered = [name.lower() for name in ROLE_ACTIONS if allow.covers_action(name)]
    own = _ASSUMING.get(caller.form)
    if own in covered:
        yield str(own)
    elif not _ASSUME.intersection(covered):
        # It adds tags or a source identity to what another statement lets in.
        yield from covered


def _is_one_action(pattern: str) -> bool:
    service, colon, name = pattern.partition(":")
    return bool(service and colon and name) and "*" not in pattern and "?" not in pattern
