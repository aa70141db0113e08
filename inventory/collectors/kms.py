"""KMS: the keys that an account made itself, their policies and grants."""

import re
from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS, KMS_GRANT, AccessGrant, GranteeKind

_GONE: Final = ("NotFoundException",)
# Aliases of keys that AWS manages begin with it; customers cannot make such.
_AWS_MANAGED: Final = "alias/aws/"
_ROOT: Final = ":root"
# The unique id that IAM leaves of a principal that is gone.
_DELETED: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")


def collect_keys(kms: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each key of a region that is not AWS's own, with its policy and grants.

    One call a thousand keys, one a hundred aliases, by which AWS's own keys are told and the others
    named; then two a key.
    AWS: kms:ListKeys, ListAliases, GetKeyPolicy, ListGrants.
    """
    names: dict[str, str] = {}
    for alias in kms.paginate("list_aliases", "Aliases", Limit=100):
        if key_id := alias.get("TargetKeyId"):
            names[key_id] = min(alias["AliasName"], names.get(key_id, alias["AliasName"]))

    def list_keys() -> Iterator[AwsAnswer]:
        for key in kms.paginate("list_keys", "Keys", Limit=1000):
            if not names.get(key["KeyId"], "").startswith(_AWS_MANAGED):
                yield key

    def read(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
        key_id, arn = listed["KeyId"], listed["KeyArn"]
        content = parts.policy("get_key_policy", KeyId=key_id, PolicyName="default")
        grants = parts.reading(
            GRANTS,
            lambda: [_grant(each) for each in kms.paginate("list_grants", "Grants", KeyId=key_id)],
        )
        name = names.get(key_id, key_id)
        yield parts.record(
            "key", arn, name, content, grants=None if grants is None else _folded(grants)
        )

    yield from read_resources(
        kms, "kms", list_keys, read, id_of=lambda listed: str(listed["KeyId"]), gone=_GONE
    )


def _grant(grant: AwsAnswer) -> AccessGrant:
    grantee = grant.get("GranteePrincipal") or grant.get("GranteeServicePrincipal")
    if not grantee:
        raise grant.malformed("GranteePrincipal", "names nobody")
    kind = GranteeKind.PRINCIPAL
    if not grantee.startswith("arn:") and not _DELETED.fullmatch(grantee):
        kind = GranteeKind.SERVICE
    elif grantee.endswith(_ROOT):
        kind, grantee = GranteeKind.ACCOUNT, grantee.split(":")[4]
    return AccessGrant(
        kind,
        grantee,
        KMS_GRANT,
        actions=tuple(sorted(f"kms:{each}" for each in grant["Operations"])),
        name=grant["GrantId"],
        conditions=dict(grant.get("Constraints") or {}),
    )


def _folded(grants: list[AccessGrant]) -> list[AccessGrant]:
    """Return each grant once; AWS's services make thousands that differ in their ids alone."""
    kept: dict[str, AccessGrant] = {}
    for each in sorted(grants, key=lambda each: (each.grantee, each.actions, each.name)):
        kept.setdefault(repr((each.kind, each.grantee, each.actions, each.conditions)), each)
    return list(kept.values())


COLLECTORS = (
    Collector(
        name="data.kms_keys",
        label="KMS keys",
        scope=Scope.REGIONAL,
        service="kms",
        actions=(
            Action(
                "kms:ListKeys", "keys", given={"Limit": 1}, finds={"key_id": ("Keys", 0, "KeyId")}
            ),
            Action("kms:ListAliases", "which keys are AWS's own", given={"Limit": 1}),
            Action("kms:GetKeyPolicy", "each key's policy", given={"KeyId": "{key_id}"}),
            Action("kms:ListGrants", "each key's grants", given={"KeyId": "{key_id}", "Limit": 1}),
        ),
        read=alone(collect_keys),
        covers=resources("kms", "key"),
    ),
)
