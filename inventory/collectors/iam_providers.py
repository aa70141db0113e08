"""Identity providers that roles of an account may trust: SAML and OpenID Connect."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Earlier, Scope, Slice, alone
from inventory.collectors.listed import read_listed
from inventory.records import (
    AccountSettingRecord,
    IdentityProviderRecord,
    PrincipalRecord,
    Tags,
)

# As in inventory.models.IdentityProvider.Kind.
SAML = "saml"
OIDC = "oidc"
OIDC_COLLECTOR: Final = "iam.oidc_providers"
_SAML_COLLECTOR: Final = "iam.saml_providers"
_SUMMARY: Final = "iam.account_summary"
_AUTHORIZATION: Final = "iam.authorization_details"
# What the trust policy of a role holds that somebody may assume by an OpenID Connect provider.
_WEB_IDENTITY: Final = ("oidc-provider", "webidentity")


def collect_saml_providers(iam: AwsClient) -> Iterator[IdentityProviderRecord]:
    """Yield each SAML provider with its metadata document.

    AWS: iam:ListSAMLProviders, GetSAMLProvider.
    :raises AwsInconsistent: a provider is listed and not found.
    """
    yield from read_listed(
        lambda: iam.call("list_saml_providers")["SAMLProviderList"],
        lambda listed: [_saml_provider(iam, listed["Arn"])],
        id_of=lambda listed: str(listed["Arn"]),
    )


def _saml_provider(iam: AwsClient, arn: str) -> IdentityProviderRecord:
    provider = iam.call("get_saml_provider", SAMLProviderArn=arn)
    return IdentityProviderRecord(
        kind=SAML,
        arn=arn,
        created_at=provider.get("CreateDate"),
        metadata=provider["SAMLMetadataDocument"],
        valid_until=provider.get("ValidUntil"),
        tags=_tags(provider),
    )


def collect_oidc_providers(iam: AwsClient, earlier: Earlier) -> Iterator[IdentityProviderRecord]:
    """Yield each OpenID Connect provider; AWS is not asked where it said already that none is.

    AWS: iam:ListOpenIDConnectProviders, GetOpenIDConnectProvider.
    :raises AwsInconsistent: a provider is listed and not found.
    """
    if _all_are_saml(earlier):
        return
    yield from read_listed(
        lambda: iam.call("list_open_id_connect_providers")["OpenIDConnectProviderList"],
        lambda listed: [_oidc_provider(iam, listed["Arn"])],
        id_of=lambda listed: str(listed["Arn"]),
    )


def _all_are_saml(earlier: Earlier) -> bool:
    """Whether AWS counts no more providers than SAML ones were found, and nothing speaks of others.

    AWS documents neither which providers it counts nor how soon. So the count alone is not enough:
    no provider may be known from before, and no role may be open to one.
    """
    if earlier.kept or not earlier.read.keys() >= {_SUMMARY, _SAML_COLLECTOR, _AUTHORIZATION}:
        return False
    [summary] = earlier.read_by(_SUMMARY, AccountSettingRecord)
    saml = earlier.read_by(_SAML_COLLECTOR, IdentityProviderRecord)
    counts = summary.value if isinstance(summary.value, dict) else {}
    return counts.get("Providers") == len(saml) and not any(
        word in (each.trust_policy or "").lower()
        for each in earlier.read_by(_AUTHORIZATION, PrincipalRecord)
        for word in _WEB_IDENTITY
    )


def _oidc_provider(iam: AwsClient, arn: str) -> IdentityProviderRecord:
    provider = iam.call("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
    return IdentityProviderRecord(
        kind=OIDC,
        arn=arn,
        created_at=provider.get("CreateDate"),
        url=provider["Url"],
        client_ids=tuple(sorted(provider.get("ClientIDList", []))),
        thumbprints=tuple(sorted(provider.get("ThumbprintList", []))),
        tags=_tags(provider),
    )


def _tags(provider: AwsAnswer) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in provider.get("Tags", [])}


# Names none, so that the answer to a call that is allowed is that there is no such provider.
_PROVIDER = "arn:{partition}:iam::{account_id}"

COLLECTORS = (
    Collector(
        name=_SAML_COLLECTOR,
        label="SAML providers",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(
            Action("iam:ListSAMLProviders", "SAML providers"),
            Action(
                "iam:GetSAMLProvider",
                "each SAML provider's metadata",
                given={"SAMLProviderArn": f"{_PROVIDER}:saml-provider/orgwarden-test"},
            ),
        ),
        read=alone(collect_saml_providers),
        covers=(Slice(IdentityProviderRecord, {"kind": SAML}),),
    ),
    Collector(
        name=OIDC_COLLECTOR,
        label="OpenID Connect providers",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(
            Action("iam:ListOpenIDConnectProviders", "OpenID Connect providers"),
            Action(
                "iam:GetOpenIDConnectProvider",
                "each OpenID Connect provider's URL, audiences and thumbprints",
                given={"OpenIDConnectProviderArn": f"{_PROVIDER}:oidc-provider/orgwarden.invalid"},
            ),
        ),
        read=collect_oidc_providers,
        covers=(Slice(IdentityProviderRecord, {"kind": OIDC}),),
        after=(_SUMMARY, _SAML_COLLECTOR, _AUTHORIZATION),
    ),
)
