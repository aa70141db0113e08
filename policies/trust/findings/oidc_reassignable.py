"""`oidc-reassignable-claim`, `github-subject-without-ids`: a name stands where an id could.

A name of an organization can be given to another owner once it is free, and that owner's tokens
then match. Where STS has no key with an id instead (GitLab), there is nothing to mend here. GitHub
writes ids into the subject of repositories created, renamed or moved since 15 July 2026:
`repo:OWNER@OWNER_ID/REPOSITORY@REPOSITORY_ID:…`, which no pattern of the old form matches.

Source: GitHub changelog, 23 April 2026, "Immutable subject claims for GitHub Actions OIDC tokens";
GitHub Actions docs, "OpenID Connect reference"; GitLab docs, "ID token authentication".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.language.json_reader import JsonValue
from policies.language.meeting import globs_meet
from policies.language.patterns import Literal, string_glob
from policies.trust.admitted import fixed_condition, patterns
from policies.trust.edges import GuardKind
from policies.trust.federated_purposes import tenant_in_subject
from policies.trust.findings.federation import FederatedEdge, federated_edges
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy
from policies.trust.guards import GuardReading


def check_oidc_reassignable(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that identify a provider's tenant by a name alone."""
    expands = subject.question.policy.expands_variables
    for index, federated in federated_edges(subject):
        provider = federated.provider
        if not provider.shared or not federated.fixes_tenant:
            continue
        holding = [r for r in federated.tenant_guards if r.guard.holds]
        subjects = [r for r in holding if r.guard.kind is GuardKind.SUBJECT]
        by_name = [name for r in subjects for name in _old_names(federated, r, expands)]
        if provider.immutable_since is not None and by_name:
            yield finding(
                "github-subject-without-ids",
                TrustSeverity.LOW,
                index,
                f"The subject names {', '.join(dict.fromkeys(by_name))} without GitHub's ids: it "
                "matches no repository created or renamed since 15 July 2026, and another owner "
                "could take the name.",
                remedy(
                    "Write the subject with the ids of owner and repository.",
                    condition={"StringLike": {f"{federated.host}:sub": _with_ids(by_name[0])}},
                ),
            )
        elif (
            _ids(federated)
            and holding
            and all(_is_reassignable(federated, r, expands) for r in holding)
        ):
            key = holding[0].guard.key
            yield finding(
                "oidc-reassignable-claim",
                TrustSeverity.LOW,
                index,
                f"{key} identifies the {provider.tenant} by its name, which another owner could "
                "take.",
                remedy(_by_id(federated), condition=_id_condition(federated)),
            )


def _with_ids(name: str) -> str:
    return f"repo:{name}@OWNER_ID/REPOSITORY@REPOSITORY_ID:*"


def _by_id(federated: FederatedEdge) -> str:
    return f"Ask for the id, too, by {' or '.join(_ids(federated)[:2])}."


def _id_condition(federated: FederatedEdge) -> JsonValue:
    key = _ids(federated)[0]
    name = key.rpartition("/")[2] if "/" in key else key.rpartition(":")[2]
    return {"StringEquals": {key: name.upper()}}


def _ids(federated: FederatedEdge) -> list[str]:
    """Return the condition keys that hold an id in place of the name; none where STS has none."""
    provider = federated.provider
    claims = [c for c in provider.claims if c.by_sts and c.fixes_tenant and not c.reassignable]
    tags = [tag for tag in provider.session_tags if tag.fixes_tenant and not tag.reassignable]
    keys = [f"{federated.host}:{claim.claim}" for claim in claims]
    return keys + [f"aws:RequestTag/{tag.claim}" for tag in tags]


def _old_names(federated: FederatedEdge, reading: GuardReading, expands: bool) -> list[str]:
    """Return the tenants that a subject names without ids, and not with ids besides."""
    fixed = fixed_condition(reading.condition, expands=expands, known={})
    globs = list(patterns(fixed))
    names: list[str] = []
    for glob in globs:
        tenant = tenant_in_subject(federated.provider, glob)
        if tenant is None or tenant.is_immutable or not tenant.is_reassignable:
            continue
        with_ids = string_glob((Literal(f"repo:{tenant.name}@"), "?*/*"))
        if not any(globs_meet(with_ids, other) for other in globs):
            names.append(tenant.name)
    return names


def _is_reassignable(federated: FederatedEdge, reading: GuardReading, expands: bool) -> bool:
    provider, guard = federated.provider, reading.guard
    if guard.kind is GuardKind.SUBJECT:
        fixed = fixed_condition(reading.condition, expands=expands, known={})
        tenants = [tenant_in_subject(provider, glob) for glob in patterns(fixed)]
        return any(tenant is not None and tenant.is_reassignable for tenant in tenants)
    if guard.kind is GuardKind.CLAIM:
        claim = provider.claim(guard.key.rpartition(":")[2])
        return claim is not None and claim.reassignable
    tag = provider.session_tag(guard.key.partition("/")[2])
    return tag is not None and tag.reassignable
