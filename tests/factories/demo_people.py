"""What IAM of the demo organization's accounts holds beside roles, as a run would store it.

Users, groups, managed policies, identity providers, credential reports and last uses: what findings
about people, keys, unused trust and chains look at.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from moto.iam.models import IAMBackend, ManagedPolicy, User

from inventory.models import IdentityProvider, PrincipalActivity
from inventory.models.versions import Version
from tests.factories.principals import (
    GroupPrincipalFactory,
    IamPolicyFactory,
    UserCredentialFactory,
    UserPrincipalFactory,
)
from tests.factories.times import FIRST_RUN_AT


def people_of(iam: IAMBackend, account_id: str, content: Any, text: Any) -> Iterator[Model]:
    """Yield the rows of one account.

    `content`: the row that holds a text, `text`: the text of a document.
    """
    for group in iam.groups.values():
        yield GroupPrincipalFactory.build(
            **_held(group, account_id, content, text), path=group.path, trust_policy=None
        )
    for user in iam.users.values():
        yield UserPrincipalFactory.build(
            **_held(user, account_id, content, text),
            path=user.path,
            trust_policy=None,
            boundary_arn=getattr(user, "permissions_boundary_arn", None) or "",
            groups=sorted(g.name for g in iam.groups.values() if user in g.users),
        )
        yield _credential(user, account_id)
        yield _activity(user, account_id)
    for role in iam.roles.values():
        used_at = getattr(role, "last_used", None)
        yield PrincipalActivity(
            account_id=account_id,
            arn=role.arn,
            last_used_at=_utc(used_at) if used_at else None,
        )
    for policy in iam.managed_policies.values():
        if policy.attachment_count or not policy.arn.startswith("arn:aws:iam::aws:"):
            yield IamPolicyFactory.build(
                connection=None,
                account_id=account_id,
                arn=policy.arn,
                name=policy.name,
                path=policy.path,
                aws_managed=":aws:policy" in policy.arn,
                content=content(text(_document(policy))),
            )
    for provider in iam.saml_providers.values():
        yield _provider(account_id, provider.arn, IdentityProvider.Kind.SAML)
    for arn in iam.open_id_providers:
        yield _provider(account_id, arn, IdentityProvider.Kind.OIDC)


def _document(policy: ManagedPolicy) -> Any:
    number = policy.default_version_id
    return next(one.document for one in policy.versions if one.version_id == number)


def _provider(account_id: str, arn: str, kind: str) -> Version:
    made = IdentityProvider(account_id=account_id, arn=arn, kind=kind, seen_from=FIRST_RUN_AT)
    made.fingerprint = arn[-64:]
    return made


def _held(holder: Any, account_id: str, content: Any, text: Any) -> dict[str, Any]:
    return {
        "connection": None,
        "account_id": account_id,
        "name": holder.name,
        "attached_policy_arns": sorted(holder.managed_policies),
        "inline_policies": {
            name: content(text(written)).sha256 for name, written in holder.policies.items()
        },
    }


def _credential(user: User, account_id: str) -> Version:
    keys: dict[str, Any] = {}
    for number, key in enumerate(user.access_keys, 1):
        keys[f"access_key_{number}_active"] = key.status == "Active"
        keys[f"access_key_{number}_rotated_at"] = _utc(key.create_date)
    return UserCredentialFactory.build(
        connection=None,
        account_id=account_id,
        arn=user.arn,
        user_name=user.name,
        password_enabled=bool(user.password),
        mfa_active=bool(user.mfa_devices),
        **keys,
    )


def _activity(user: User, account_id: str) -> PrincipalActivity:
    used = {
        f"access_key_{number}_last_used_at": _utc(key.last_used.timestamp)
        for number, key in enumerate(user.access_keys, 1)
        if key.last_used is not None
    }
    password_used_at = getattr(user, "password_last_used", None)
    return PrincipalActivity(
        account_id=account_id,
        arn=user.arn,
        password_last_used_at=_utc(password_used_at) if password_used_at else None,
        **used,
    )


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
