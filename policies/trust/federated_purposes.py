"""Purposes of guards on what an identity provider says: subjects, audiences, claims and tags.

Source: IAM user guide, "IAM and AWS STS condition context keys"; each provider's page in
`providers/providers.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.compiled import CompiledCondition
from policies.language.document import Operator
from policies.language.patterns import Glob, Literal
from policies.trust.admitted import compiled_condition, leading_text, like
from policies.trust.edges import TrustPrincipalKind
from policies.trust.guard_keys import claim_of, is_certificate_tag, is_saml, provider_host
from policies.trust.providers.provider import (
    OidcProvider,
    ProviderClaim,
    SubjectForm,
    provider_of,
    subject_prefixes,
)
from policies.trust.purpose_parts import (
    AskedGuard,
    GuardPurpose,
    exact_texts,
    named_texts,
    pattern_pieces,
    written_patterns,
)

_ID_BOUNDARIES: Final = "/:|#"


def subjects(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the tenants or subjects that patterns name in full."""
    claim = claim_of(asked.key)
    if claim is None:
        return named_texts("subject", "other subjects")(asked)
    provider = provider_of(claim[0])
    within: list[CompiledCondition] = []
    names: list[str] = []
    for glob, _ in asked.patterns():
        tenant = tenant_in_subject(provider, glob)
        if tenant is not None:
            names.append(tenant.name)
            within += [like(asked.key, Literal(head), "*") for head in tenant.heads]
            if glob.literal is not None:
                within += exact_texts(asked, (glob.literal,))
        elif glob.literal is not None and not provider.composes_subject:
            names.append(glob.literal)
            within += exact_texts(asked, (glob.literal,))
        elif not provider.is_known and _names_somebody(leading_text(glob)):
            names.append(leading_text(glob) + "*")
            within.append(like(asked.key, Literal(leading_text(glob)), "*"))
    return GuardPurpose(
        tuple(within),
        tuple(dict.fromkeys(names)),
        provider.subject_names if provider.subject_forms else "subject",
        seeds=tuple(
            leading_text(glob) + tail
            for glob, _ in asked.patterns()
            for tail in (_OTHER_SUBJECTS if provider.shared and _begins(provider, glob) else ())
        ),
        others=f"other {provider.name} tenants" if provider.shared else "other subjects",
    )


def _begins(provider: OidcProvider, glob: Glob) -> bool:
    """Whether a pattern begins as the subjects that name a tenant do."""
    head = leading_text(glob)
    return any(
        head.startswith(form.prefix) or form.prefix.startswith(head)
        for form in provider.subject_forms
    )


def _names_somebody(head: str) -> bool:
    """Whether the text before a subject's first wildcard names one, and is no label alone.

    `my-team/` does, `project_path:` and `system:serviceaccount:` are what every subject begins
    with: of a provider of one's own, as of those that are known to write it so.
    """
    if head[-1:] not in tuple(_ID_BOUNDARIES):
        return False
    return head.lower() not in _LABELS and not any(
        prefix.startswith(head) for prefix in subject_prefixes()
    )


_LABEL_NAMES: Final = (
    *("env", "group", "job", "namespace", "ns", "org", "organisation", "owner", "project", "ref"),
    *("service", "serviceaccount", "space", "stack", "sub", "team", "tenant", "user", "workload"),
    "workspace",
)
_LABELS: Final = frozenset(f"{label}{end}" for label in _LABEL_NAMES for end in ":/")
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
    for start in _starts(provider, head):
        before, rest = head[:start], head[start:]
        for form in provider.subject_forms:
            if not rest.startswith(form.prefix):
                continue
            found = _tenant_of_form(provider, form, before, rest, glob.literal is not None)
            if found is not None:
                return found
    return None


def _starts(provider: OidcProvider, head: str) -> Iterator[int]:
    """Yield where a form may begin: at the start, or at each claim of a composed subject.

    GitHub writes a colon within a claim's value as `%3A`, so that each colon ends a claim.
    """
    yield 0
    if provider.composes_subject:
        yield from (at + 1 for at, char in enumerate(head) if char == ":")


def _tenant_of_form(
    provider: OidcProvider, form: SubjectForm, before: str, text: str, is_whole: bool
) -> SubjectTenant | None:
    rest = text[len(form.prefix) :]
    at = min((i for i in (rest.find(end) for end in form.ends) if i >= 0), default=-1)
    if at < 0:
        if not is_whole or (form.ends and not provider.composes_subject):
            return None
        at = len(rest)
    name = rest[:at]
    if not name:
        return None
    immutable = form.is_id or bool(
        form.immutable_after
        and rest[at : at + 1] == form.immutable_after
        and rest[at + 1 : at + 2].isdigit()
    )
    heads = tuple(f"{before}{form.prefix}{name}{end}" for end in form.ends)
    return SubjectTenant(name, heads, form.reassignable and not immutable, immutable)


def audiences(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the audiences written out."""
    if asked.key != "saml:aud":
        return named_texts("audience", "other audiences")(asked)
    own = [
        (glob, condition)
        for glob, condition in asked.patterns()
        if glob.literal is not None or _SIGN_IN.fullmatch("".join(_shown(glob)))
    ]
    within = tuple(
        compiled_condition(asked.key, Operator.STRING_LIKE, (pattern_pieces(glob),))
        for glob, _ in own
    )
    return GuardPurpose(
        within, tuple(asked.texts()), "audience", is_list=True, others="other audiences"
    )


_SIGN_IN = re.compile(r"https://[a-z0-9*?.-]*signin\.(aws\.amazon\.com|amazonaws[a-z.-]*)/saml.*")


def _shown(glob: Glob) -> Iterator[str]:
    for token in glob.tokens:
        yield token if isinstance(token, str) else "*"


def claims(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the tenants or claims written out."""
    claim = claim_of(asked.key)
    if claim is None:
        return named_texts("value", "other values")(asked)
    provider = provider_of(claim[0])
    known = provider.claim(claim[1])
    if known is not None and known.fixes_tenant:
        return _tenant_claim(asked, provider, known)
    if not asked.surroundings.fixes_tenant:
        return GuardPurpose(never=f"Every tenant of {provider.name} can have this {claim[1]}.")
    return written_patterns(asked, claim[1])


def _tenant_claim(asked: AskedGuard, provider: OidcProvider, claim: ProviderClaim) -> GuardPurpose:
    within: list[CompiledCondition] = []
    names: list[str] = []
    for glob, _ in asked.patterns():
        name = tenant_in_claim(claim, glob)
        if name is None:
            continue
        names.append(name)
        if claim.ends:
            within += [like(asked.key, Literal(f"{name}{end}"), "*") for end in claim.ends]
        within += exact_texts(asked, (name,))
    return GuardPurpose(
        tuple(within),
        tuple(dict.fromkeys(names)),
        claim.names or provider.tenant,
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


def tags(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: tags that somebody trusted sets."""
    key, principal = asked.key, asked.principal
    host = provider_host(principal)
    if "requesttag/" in key and host is not None:
        provider = provider_of(host)
        claim = provider.session_tag(key.partition("/")[2])
        if claim is not None:
            return _tenant_claim(asked, provider, claim)
        if not asked.surroundings.fixes_tenant:
            return GuardPurpose(never=f"Every tenant of {provider.name} can pass this session tag.")
        return written_patterns(asked, "session tag")
    of_service = principal.kind is TrustPrincipalKind.SERVICE
    if "requesttag/" in key and (is_saml(principal) or of_service):
        # Set by the identity provider, or by a service such as EKS Pod Identity.
        return written_patterns(asked, "session tag")
    if of_service and is_certificate_tag(key, principal.id):
        return written_patterns(asked, "certificate attribute")
    if "principaltag/" in key:
        if not asked.surroundings.is_own_caller:
            return GuardPurpose(
                never="The caller's own account sets its principals' tags, whatever account it is."
            )
        return written_patterns(asked, "tag")
    if "requesttag/" in key or key in ("aws:tagkeys", "sts:transitivetagkeys"):
        return GuardPurpose(never="The caller chooses the tags of a request.")
    return GuardPurpose(never="It says which resource is meant, not who makes the request.")


def session_names(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the session names of a provider that tells tenants by them."""
    host = provider_host(asked.principal)
    if host is not None and provider_of(host).session_name_fixes_tenant:
        return named_texts("session name", "other session names")(asked)
    return GuardPurpose(never="The caller chooses it.")
