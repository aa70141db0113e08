"""What a guard is for: the one tenant, organization, account or the ids that its values name.

A purpose is a set of a key's values, made of those that the conditions themselves name completely:
`repo:my-org/*` names the organization my-org, `repo:my-org*` names none, since the name may go on.
The engine then decides whether all that the conditions admit lies within it; see `guards`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.comparison.domains import PRINCIPAL_KINDS, principal_glob
from policies.compiled import CompiledCondition
from policies.language.document import Operator
from policies.language.patterns import Glob, Literal, Piece, Wild, arn_glob
from policies.trust.admitted import compiled_condition, leading_text, like, patterns
from policies.trust.edges import GuardKind, TrustPrincipal, TrustPrincipalKind
from policies.trust.guard_keys import (
    MULTIVALUED,
    claim_of,
    is_certificate_tag,
    is_saml,
    provider_host,
)
from policies.trust.providers.provider import OidcProvider, ProviderClaim, provider_of

_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN_HEAD = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})(?![0-9])")
_ANY_ACCOUNT: Final = (Glob((Wild.ONE_IN_PART,) * 12),)
_ORGANIZATION_IDS: Final = (Glob(("o-", Wild.PART)),)
_ORGANIZATION_PATHS: Final = (Glob(("o-", Wild.PART, "/")),)
_ARNS: Final = tuple(glob for glob in (arn_glob(("arn:*:*:*:*:*",)),) if glob is not None)
_PATH_STEP = re.compile(r"(|r-|ou-|ou-[a-z0-9]{4,32}-)")
_ID_BOUNDARIES: Final = "/:|#"


@dataclass(frozen=True, slots=True)
class GuardSurroundings:
    """What else stands around a condition.

    `fixes_caller`: the principal, or another guard, fixes the caller's account or organization;
    `is_own_caller`: it is the resource's account or an account of its organization.
    `fixes_network`: another guard fixes the VPC or endpoint.
    `fixes_source`: another guard fixes whose resource an AWS service acts for. `fixes_tenant`:
    the provider serves one tenant, or another guard fixes which.
    """

    fixes_caller: bool = False
    is_own_caller: bool = False
    fixes_source: bool = False
    fixes_tenant: bool = False
    fixes_network: bool = False


@dataclass(frozen=True, slots=True)
class GuardPurpose:
    """What the conditions on a key are for.

    A value lies within if one of `within` holds for it. `domain`, `barred`: see `AdmittedValues`.
    `names`: what is named, for a sentence; `noun`: what such a name is. `never`: why no condition
    on this key can tie down who comes in; None: it can. `others`: what lies outside, in the
    plural; `seeds`: likely values there. `holds_arns`: of resources, whose
    last part may hold a `*` that is no wildcard.
    """

    within: tuple[CompiledCondition, ...] = ()
    names: tuple[str, ...] = ()
    noun: str = "value"
    domain: tuple[Glob, ...] = ()
    barred: tuple[Glob, ...] = ()
    is_list: bool = False
    holds_arns: bool = False
    seeds: tuple[str, ...] = ()
    never: str | None = None
    others: str = "others"


Conditions = Sequence[CompiledCondition]


def purpose_of(
    kind: GuardKind,
    key: str,
    conditions: Conditions,
    principal: TrustPrincipal,
    surroundings: GuardSurroundings,
) -> GuardPurpose:
    """Return what the conditions on one key (lower case) are for; they have no variables left."""
    make = _BY_KEY.get(key) or _BY_KIND.get(kind)
    if make is None and key.startswith("kms:encryptioncontext:aws:"):
        # AWS services put the ARN or id of what they encrypt into the encryption context.
        make = _source_arns if key.endswith("arn") else _named("resource", "other resources")
    if make is None:
        return GuardPurpose(never="It says nothing about who makes the request.")
    return make(_Asked(key, conditions, principal, surroundings))


@dataclass(frozen=True, slots=True)
class _Asked:
    key: str
    conditions: Conditions
    principal: TrustPrincipal
    surroundings: GuardSurroundings

    def patterns(self) -> Iterator[tuple[Glob, CompiledCondition]]:
        for condition in self.conditions:
            for glob in patterns(condition):
                yield glob, condition

    def literals(self) -> list[str]:
        """Return the values without wildcards, in order."""
        found = [glob.literal for glob, _ in self.patterns()]
        return list(dict.fromkeys(text for text in found if text))

    def texts(self) -> Iterator[str]:
        """Yield the values of positive conditions as written, wildcards too."""
        for condition in self.conditions:
            if not condition.negated and condition.operator is not Operator.NULL:
                yield from condition.values


def _exact(asked: _Asked, texts: Iterable[str]) -> tuple[CompiledCondition, ...]:
    """Return the conditions that hold for some texts, in any case where one ignores case."""
    ignores = any(c.operator is Operator.STRING_EQUALS_IGNORE_CASE for c in asked.conditions)
    operator = Operator.STRING_EQUALS_IGNORE_CASE if ignores else Operator.STRING_EQUALS
    values = tuple((Literal(text),) for text in texts)
    return (compiled_condition(asked.key, operator, values),) if values else ()


def _named(noun: str, others: str) -> Callable[[_Asked], GuardPurpose]:
    """Return the purpose "the values written out", for keys whose values are ids."""

    def make(asked: _Asked) -> GuardPurpose:
        names = asked.literals()
        return GuardPurpose(
            _exact(asked, names),
            tuple(names),
            noun,
            is_list=asked.key in MULTIVALUED or asked.key.endswith(":amr"),
            others=others,
        )

    return make


def _accounts(asked: _Asked) -> GuardPurpose:
    names = [text for text in asked.literals() if _ACCOUNT.fullmatch(text)]
    return GuardPurpose(
        _exact(asked, names), tuple(names), "account", domain=_ANY_ACCOUNT, others="other accounts"
    )


def _callers_account(asked: _Asked) -> GuardPurpose:
    account_id = asked.principal.account_id
    found = _accounts(asked)
    if account_id is None:
        return found
    names = tuple(dict.fromkeys((account_id, *found.names)))
    return GuardPurpose(
        _exact(asked, names), (account_id,), "account", domain=(Glob((account_id,)),)
    )


def _organization_ids(asked: _Asked) -> GuardPurpose:
    names = [text for text in asked.literals() if text.startswith("o-")]
    return GuardPurpose(
        _exact(asked, names),
        tuple(names),
        "organization",
        domain=_ORGANIZATION_IDS,
        others="other organizations",
    )


def _organization_paths(asked: _Asked) -> GuardPurpose:
    within: list[CompiledCondition] = []
    names: list[str] = []
    for glob, _ in asked.patterns():
        head = leading_text(glob)
        before, slash, step = head.rpartition("/")
        if not slash or not head.startswith("o-"):
            continue
        is_whole = glob.literal is not None or _PATH_STEP.fullmatch(step) is not None
        path = f"{before}/" if is_whole else f"{head}/"
        names.append(path)
        within.append(like(asked.key, Literal(path), "*"))
    return GuardPurpose(
        tuple(within),
        tuple(dict.fromkeys(names)),
        "path",
        domain=_ORGANIZATION_PATHS,
        is_list=True,
        others="other organizational units",
    )


def _arn_accounts(asked: _Asked) -> list[str]:
    """Return the accounts that the ARNs written in positive conditions fix."""
    parts = [text.split(":", 5) for text in asked.texts()]
    found = [p[4] for p in parts if len(p) == 6 and _ACCOUNT.fullmatch(p[4])]
    # An account's id has 12 digits, so a star right behind it adds none.
    heads = [_ARN_HEAD.match(leading_text(glob)) for glob, _ in asked.patterns()]
    return list(dict.fromkeys([*found, *(head[1] for head in heads if head)]))


def _of_accounts(asked: _Asked, accounts: Iterable[str]) -> tuple[CompiledCondition, ...]:
    values: tuple[tuple[Piece, ...], ...] = tuple((f"arn:*:*:*:{a}:*",) for a in accounts)
    return (compiled_condition(asked.key, Operator.ARN_LIKE, values),) if values else ()


def _principal_arns(asked: _Asked) -> GuardPurpose:
    principal = asked.principal
    named = _arn_accounts(asked)
    accounts = named if principal.account_id is None else [*named, principal.account_id]
    within = _of_accounts(asked, dict.fromkeys(accounts))
    if asked.surroundings.fixes_caller:
        within += _written_patterns(asked, "principal").within
    return GuardPurpose(
        within,
        tuple(text for text in asked.texts()),
        "principal",
        domain=_principal_domain(principal.kind, principal.id, principal.account_id),
        others="principals of other accounts",
    )


@lru_cache(maxsize=16_384)
def _principal_domain(
    kind: TrustPrincipalKind, written: str, account_id: str | None
) -> tuple[Glob, ...]:
    """Return what aws:PrincipalArn can be for a principal."""
    exact = kind in (TrustPrincipalKind.ROLE, TrustPrincipalKind.USER)
    if exact and written.startswith("arn:") and "*" not in written:
        return (Glob((written,)),)
    return tuple(
        principal_glob(name, partition, account_id)
        for partition in (("arn:aws",), ("arn:aws-", Wild.PART))
        for name in PRINCIPAL_KINDS
    )


def _source_arns(asked: _Asked) -> GuardPurpose:
    accounts = _arn_accounts(asked)
    within = list(_of_accounts(asked, accounts))
    ids: list[str] = []
    for text in asked.texts():
        parts = text.split(":", 5)
        if len(parts) == 6 and _names_its_resource(parts, asked.surroundings):
            ids.append(text)
    if ids:
        values: tuple[tuple[Piece, ...], ...] = tuple((text,) for text in ids)
        within.append(compiled_condition(asked.key, Operator.ARN_LIKE, values))
    barred = tuple(
        glob
        for account in accounts
        for tail in (f"{account}:*", f"*:{account}:*")
        if (glob := arn_glob((f"arn:*:*:*:*:{tail}",))) is not None
    )
    return GuardPurpose(
        tuple(within),
        tuple(asked.texts()),
        "resource",
        domain=_ARNS,
        barred=barred,
        holds_arns=True,
        others="resources of other accounts",
    )


def _names_its_resource(parts: Sequence[str], surroundings: GuardSurroundings) -> bool:
    """Whether an ARN without an account names one resource that nobody else can come to own.

    The name of an S3 bucket is free again once the bucket is deleted.
    """
    service, account, resource = parts[2], parts[4], parts[5]
    if surroundings.fixes_source:
        return True
    is_id = "*" not in service and "?" not in service and service != "s3"
    return is_id and not account and not resource.lstrip("/").startswith(("*", "?"))


def _user_ids(asked: _Asked) -> GuardPurpose:
    within: list[CompiledCondition] = list(_exact(asked, asked.literals()))
    for glob, _ in asked.patterns():
        head = leading_text(glob)
        if glob.literal is None and head[:4] in ("AROA", "AIDA") and len(head) >= 20:
            within.append(like(asked.key, Literal(head), "*"))
    return GuardPurpose(tuple(within), tuple(asked.texts()), "unique id", others="other principals")


def _user_names(asked: _Asked) -> GuardPurpose:
    if not asked.surroundings.fixes_caller:
        return GuardPurpose(never="Every account can have a user of this name.")
    return _written_patterns(asked, "user")


def _written_patterns(asked: _Asked, noun: str) -> GuardPurpose:
    """Return the purpose "what the values write", wildcards too, if they begin with some text."""
    within = [
        compiled_condition(asked.key, condition.operator, (_pieces(glob),))
        if condition.operator is not Operator.STRING_EQUALS_IGNORE_CASE
        else condition
        for glob, condition in asked.patterns()
        if leading_text(glob)
    ]
    return GuardPurpose(tuple(within), tuple(asked.texts()), noun, is_list=asked.key in MULTIVALUED)


def _pieces(glob: Glob) -> tuple[Piece, ...]:
    return tuple(
        Literal(token)
        if isinstance(token, str)
        else ("*" if token in (Wild.ANY, Wild.PART) else "?")
        for token in glob.tokens
    )


def _subjects(asked: _Asked) -> GuardPurpose:
    claim = claim_of(asked.key)
    if claim is None:
        return _named("subject", "other subjects")(asked)
    provider = provider_of(claim[0])
    within: list[CompiledCondition] = []
    names: list[str] = []
    for glob, _ in asked.patterns():
        tenant = tenant_in_subject(provider, glob)
        if tenant is not None:
            names.append(tenant.name)
            within += [like(asked.key, Literal(head), "*") for head in tenant.heads]
            if glob.literal is not None:
                within += _exact(asked, (glob.literal,))
        elif glob.literal is not None:
            names.append(glob.literal)
            within += _exact(asked, (glob.literal,))
        elif not provider.is_known and leading_text(glob)[-1:] in tuple(_ID_BOUNDARIES):
            names.append(leading_text(glob) + "*")
            within.append(like(asked.key, Literal(leading_text(glob)), "*"))
    return GuardPurpose(
        tuple(within),
        tuple(dict.fromkeys(names)),
        provider.subject_names if provider.subject_forms else "subject",
        seeds=tuple(
            leading_text(glob) + tail for glob, _ in asked.patterns() for tail in _OTHER_SUBJECTS
        ),
        others=f"other {provider.name} tenants" if provider.shared else "other subjects",
    )


_OTHER_SUBJECTS: Final = ("-other/repository:ref:refs/heads/main", "-other:any:any", "-other")


@dataclass(frozen=True, slots=True)
class SubjectTenant:
    """The tenant that a subject's pattern names.

    `heads`: with what its subjects begin; none where the subject is the tenant's id and nothing
    else. `is_immutable`: an id stands behind the name, or instead of it. `is_reassignable`: the
    name alone stands there, and another tenant can be given it.
    """

    name: str
    heads: tuple[str, ...]
    is_reassignable: bool
    is_immutable: bool


@lru_cache(maxsize=16_384)
def tenant_in_subject(provider: OidcProvider, glob: Glob) -> SubjectTenant | None:
    """Return the tenant that everything a subject's pattern matches is of; None: it names none."""
    head = leading_text(glob)
    for form in provider.subject_forms:
        if not head.startswith(form.prefix):
            continue
        rest = head[len(form.prefix) :]
        at = min((i for i in (rest.find(end) for end in form.ends) if i >= 0), default=-1)
        if at < 0:
            if form.ends or glob.literal is None:
                continue
            at = len(rest)
        name = rest[:at]
        if not name:
            continue
        immutable = form.is_id or bool(
            form.immutable_after
            and rest[at : at + 1] == form.immutable_after
            and rest[at + 1 : at + 2].isdigit()
        )
        heads = tuple(f"{form.prefix}{name}{end}" for end in form.ends)
        return SubjectTenant(name, heads, form.reassignable and not immutable, immutable)
    return None


def _audiences(asked: _Asked) -> GuardPurpose:
    if asked.key != "saml:aud":
        return _named("audience", "other audiences")(asked)
    own = [
        (glob, condition)
        for glob, condition in asked.patterns()
        if glob.literal is not None or _SIGN_IN.fullmatch("".join(_shown(glob)))
    ]
    within = tuple(
        compiled_condition(asked.key, Operator.STRING_LIKE, (_pieces(glob),)) for glob, _ in own
    )
    return GuardPurpose(
        within, tuple(asked.texts()), "audience", is_list=True, others="other audiences"
    )


_SIGN_IN = re.compile(r"https://[a-z0-9*?.-]*signin\.(aws\.amazon\.com|amazonaws[a-z.-]*)/saml.*")


def _shown(glob: Glob) -> Iterator[str]:
    for token in glob.tokens:
        yield token if isinstance(token, str) else "*"


def _claims(asked: _Asked) -> GuardPurpose:
    claim = claim_of(asked.key)
    if claim is None:
        return _named("value", "other values")(asked)
    provider = provider_of(claim[0])
    known = provider.claim(claim[1])
    if known is not None and known.fixes_tenant:
        return _tenant_claim(asked, provider, known)
    if not asked.surroundings.fixes_tenant:
        return GuardPurpose(never=f"Every tenant of {provider.name} can have this {claim[1]}.")
    return _written_patterns(asked, claim[1])


def _tenant_claim(asked: _Asked, provider: OidcProvider, claim: ProviderClaim) -> GuardPurpose:
    within: list[CompiledCondition] = []
    names: list[str] = []
    for glob, _ in asked.patterns():
        name = tenant_in_claim(claim, glob)
        if name is None:
            continue
        names.append(name)
        if claim.ends:
            within += [like(asked.key, Literal(f"{name}{end}"), "*") for end in claim.ends]
        within += _exact(asked, (name,))
    return GuardPurpose(
        tuple(within),
        tuple(dict.fromkeys(names)),
        provider.tenant,
        is_list=asked.key.endswith(":amr"),
        others=f"other {provider.name} tenants",
    )


def tenant_in_claim(claim: ProviderClaim, glob: Glob) -> str | None:
    """Return the tenant that everything a claim's pattern matches is of; None: it names none."""
    head = leading_text(glob)
    at = min((i for i in (head.find(end) for end in claim.ends) if i >= 0), default=-1)
    if at > 0:
        return head[:at]
    return glob.literal or None


def _tags(asked: _Asked) -> GuardPurpose:
    key, principal = asked.key, asked.principal
    host = provider_host(principal)
    if "requesttag/" in key and host is not None:
        provider = provider_of(host)
        claim = provider.session_tag(key.partition("/")[2])
        if claim is not None:
            return _tenant_claim(asked, provider, claim)
        if not asked.surroundings.fixes_tenant:
            return GuardPurpose(never=f"Every tenant of {provider.name} can pass this session tag.")
        return _written_patterns(asked, "session tag")
    of_service = principal.kind is TrustPrincipalKind.SERVICE
    if "requesttag/" in key and (is_saml(principal) or of_service):
        # Set by the identity provider, or by a service such as EKS Pod Identity.
        return _written_patterns(asked, "session tag")
    if of_service and is_certificate_tag(key, principal.id):
        return _written_patterns(asked, "certificate attribute")
    if "principaltag/" in key:
        if not asked.surroundings.is_own_caller:
            return GuardPurpose(
                never="The caller's own account sets its principals' tags, whatever account it is."
            )
        return _written_patterns(asked, "tag")
    if "requesttag/" in key or key in ("aws:tagkeys", "sts:transitivetagkeys"):
        return GuardPurpose(never="The caller chooses the tags of a request.")
    return GuardPurpose(never="It says which resource is meant, not who makes the request.")


def _services(asked: _Asked) -> GuardPurpose:
    if asked.key == "aws:viaawsservice":
        return GuardPurpose(never="It says how the call is made, not who makes it.")
    return _written_patterns(asked, "service")


def _regions(asked: _Asked) -> GuardPurpose:
    return _written_patterns(asked, "region")


def _is_kind(asked: _Asked) -> GuardPurpose:
    return GuardPurpose(never="It says what kind of principal calls, not which one.")


def _mount_target(asked: _Asked) -> GuardPurpose:
    return GuardPurpose(
        (compiled_condition(asked.key, Operator.BOOL, (("true",),)),), ("true",), "mount target"
    )


def _session_name(asked: _Asked) -> GuardPurpose:
    host = provider_host(asked.principal)
    if host is not None and provider_of(host).session_name_fixes_tenant:
        return _named("session name", "other session names")(asked)
    return GuardPurpose(never="The caller chooses it.")


_Maker = Callable[[_Asked], GuardPurpose]

_BY_KIND: Final[dict[GuardKind, _Maker]] = {
    GuardKind.EXTERNAL_ID: _named("external ID", "other external IDs"),
    GuardKind.SOURCE_ACCOUNT: _accounts,
    GuardKind.SOURCE_ARN: _source_arns,
    GuardKind.VPC: _named("VPC", "other VPCs"),
    GuardKind.VPC_ENDPOINT: _named("VPC endpoint", "other VPC endpoints"),
    GuardKind.SUBJECT: _subjects,
    GuardKind.AUDIENCE: _audiences,
    GuardKind.CLAIM: _claims,
    GuardKind.TAG: _tags,
    GuardKind.SERVICE: _services,
    GuardKind.REGION: _regions,
}

_BY_KEY: Final[dict[str, _Maker]] = {
    "aws:principalorgid": _organization_ids,
    "aws:sourceorgid": _organization_ids,
    "aws:vpceorgid": _organization_ids,
    "aws:principalorgpaths": _organization_paths,
    "aws:sourceorgpaths": _organization_paths,
    "aws:vpceorgpaths": _organization_paths,
    "aws:principalarn": _principal_arns,
    "aws:principalaccount": _callers_account,
    "kms:calleraccount": _callers_account,
    "aws:vpceaccount": _accounts,
    "aws:sourcevpcarn": _source_arns,
    "s3:dataaccesspointaccount": _accounts,
    "s3:dataaccesspointarn": _source_arns,
    "aws:userid": _user_ids,
    "aws:username": _user_names,
    "aws:federatedprovider": _named("identity provider", "other identity providers"),
    "aws:principaltype": _is_kind,
    "aws:principalisawsservice": _is_kind,
    "aws:assumedroot": _is_kind,
    "elasticfilesystem:accessedviamounttarget": _mount_target,
    "lambda:eventsourcetoken": _named("event source token", "other tokens"),
    "sts:rolesessionname": _session_name,
    "sts:sourceidentity": _session_name,
    "aws:sourceidentity": _session_name,
}
