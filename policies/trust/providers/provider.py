"""Facts about identity providers, with their sources and the days on which these were read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Final, NotRequired, TypedDict, cast

from policies.language.patterns import string_glob

SUBJECT: Final = "sub"
AUDIENCE: Final = "aud"


@dataclass(frozen=True, slots=True)
class SubjectForm:
    """One way a provider writes the subject: `prefix`, then the tenant up to one of `ends`.

    `is_id`: the tenant is written as an id that no other tenant is given. `reassignable`: as a
    name that another tenant can be given later. `immutable_after`: the character that an id
    follows, which makes the name immutable.
    """

    prefix: str
    ends: str
    is_id: bool = False
    reassignable: bool = False
    immutable_after: str = ""


@dataclass(frozen=True, slots=True)
class ProviderClaim:
    """A claim of a provider's tokens. `ends`: what follows the tenant within it. `names`: what it
    names, where that is not the provider's tenant.

    `by_sts`: AWS's pages list it among the claims that STS makes condition keys of.
    """

    claim: str
    fixes_tenant: bool = False
    ends: str = ""
    reassignable: bool = False
    by_sts: bool = True
    names: str = ""


@dataclass(frozen=True)
class OidcProvider:
    """What is known of an OpenID Connect provider.

    `shared`: one issuer serves many tenants, so that only a claim tells them apart. A provider
    that is not shared has its tenant in the issuer (`tenant_in_issuer`), or is somebody's own.
    `tenant`: what a tenant is called; `subject_names`: what the subject begins with;
    `composes_subject`: each tenant chooses of which claims its subjects are made, so that one that
    names no tenant can be anybody's.
    `session_tags`: claims that it passes on as session tags. `audience`, `example_subject`: for a
    remedy. `needs_audience`: IAM holds no list of audiences
    for it, so that the trust policy must name one. `read_on`: when `sources` were read; None: the
    provider is not known.
    """

    name: str
    shared: bool
    tenant: str
    subject_names: str = "subject"
    subject_forms: tuple[SubjectForm, ...] = ()
    composes_subject: bool = False
    claims: tuple[ProviderClaim, ...] = ()
    session_tags: tuple[ProviderClaim, ...] = ()
    audience_fixes_tenant: bool = False
    audience_claim: str = AUDIENCE
    needs_audience: bool = False
    session_name_fixes_tenant: bool = False
    audience: str = ""
    example_subject: str | None = None
    tenant_in_issuer: str | None = None
    immutable_since: date | None = None
    is_known: bool = True
    sources: tuple[str, ...] = field(default=(), repr=False)
    read_on: date | None = None

    def claim(self, name: str) -> ProviderClaim | None:
        """Return what is known of a claim (any case)."""
        return _named(self.claims, name)

    def session_tag(self, name: str) -> ProviderClaim | None:
        """Return what is known of a claim that becomes the session tag `name` (any case)."""
        return _named(self.session_tags, name)

    def is_tenant_audience(self, key: str) -> bool:
        """Whether a condition key (any case) holds the audience by which tenants differ.

        Google's `oaud` is none: whoever asks for a token chooses it.
        """
        claim = key.lower().rpartition(":")[2]
        return self.audience_fixes_tenant and claim == self.audience_claim

    @property
    def is_cognito(self) -> bool:
        """Whether it is Amazon Cognito's identity pools."""
        return self.name == "Amazon Cognito"


def _named(claims: tuple[ProviderClaim, ...], name: str) -> ProviderClaim | None:
    lowered = name.lower()
    return next((claim for claim in claims if claim.claim.lower() == lowered), None)


class _FormRow(TypedDict):
    prefix: str
    ends: str
    is_id: NotRequired[bool]
    reassignable: NotRequired[bool]
    immutable_after: NotRequired[str]


class _ClaimRow(TypedDict):
    claim: str
    fixes_tenant: NotRequired[bool]
    ends: NotRequired[str]
    reassignable: NotRequired[bool]
    by_sts: NotRequired[bool]
    names: NotRequired[str]


class _ProviderRow(TypedDict):
    name: str
    hosts: list[str]
    shared: bool
    tenant: str
    subject: list[_FormRow]
    claims: list[_ClaimRow]
    audience: str
    example_subject: str | None
    sources: list[str]
    read_on: str
    subject_names: NotRequired[str]
    composes_subject: NotRequired[bool]
    issuer_tenant: NotRequired[str]
    session_tags: NotRequired[list[_ClaimRow]]
    audience_fixes_tenant: NotRequired[bool]
    audience_claim: NotRequired[str]
    needs_audience: NotRequired[bool]
    session_name_fixes_tenant: NotRequired[bool]
    immutable_since: NotRequired[str]


@lru_cache(maxsize=1)
def _rows() -> tuple[_ProviderRow, ...]:
    text = resources.files("policies.trust.providers").joinpath("providers.json").read_text("utf-8")
    return tuple(cast(list[_ProviderRow], json.loads(text)["providers"]))


@lru_cache(maxsize=1)
def subject_prefixes() -> frozenset[str]:
    """Return with what subjects begin before they name anybody, of all providers known here."""
    return frozenset(form["prefix"] for row in _rows() for form in row["subject"] if form["prefix"])


@lru_cache(maxsize=4096)
def provider_of(host: str) -> OidcProvider:
    """Return what is known of a provider by its host and path, as in `oidc-provider/<host>`.

    One that nobody has written down here is taken to be its owner's own: `is_known` is False.
    """
    lowered = host.lower()
    exact = [row for row in _rows() if lowered in row["hosts"]]
    rows = exact or [
        row
        for row in _rows()
        if any(string_glob((pattern,)).matches(lowered) for pattern in row["hosts"])
    ]
    if not rows:
        return OidcProvider(host, False, "tenant", is_known=False)
    row = rows[0]
    issuer = (
        re.fullmatch(row["issuer_tenant"], host, re.IGNORECASE) if "issuer_tenant" in row else None
    )
    since = row.get("immutable_since")
    return OidcProvider(
        name=row["name"],
        shared=row["shared"],
        tenant=row["tenant"],
        subject_names=row.get("subject_names", row["tenant"]),
        subject_forms=tuple(SubjectForm(**form) for form in row["subject"]),
        composes_subject=row.get("composes_subject", False),
        claims=tuple(ProviderClaim(**claim) for claim in row["claims"]),
        session_tags=tuple(ProviderClaim(**claim) for claim in row.get("session_tags", ())),
        audience_fixes_tenant=row.get("audience_fixes_tenant", False),
        audience_claim=row.get("audience_claim", AUDIENCE),
        needs_audience=row.get("needs_audience", False),
        session_name_fixes_tenant=row.get("session_name_fixes_tenant", False),
        audience=row["audience"],
        example_subject=row["example_subject"],
        tenant_in_issuer=issuer["tenant"] if issuer else None,
        immutable_since=date.fromisoformat(since) if since else None,
        sources=tuple(row["sources"]),
        read_on=date.fromisoformat(row["read_on"]),
    )
