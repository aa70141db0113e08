"""What an identity provider says of people's groups."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import User

from governance.access.models import ClaimRule


def group_values(extra_data: dict[str, Any]) -> set[str]:
    """Return the values of the groups claim, from the ID token and from userinfo.

    The claim may be a list of texts or one text; `OIDC_GROUPS_CLAIM` names it, with dots for
    objects inside objects (`realm_access.roles`).
    """
    found: set[str] = set()
    for part in ("id_token", "userinfo"):
        value: Any = extra_data.get(part)
        for name in settings.OIDC_GROUPS_CLAIM.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list):
            found.update(one for one in value if isinstance(one, str))
    return found


def has_claim(user: User, rule: ClaimRule) -> bool:
    """Whether a person came from the rule's provider with its value at their last sign-in."""
    return any(
        rule.value in group_values(account.extra_data)
        for account in SocialAccount.objects.filter(user=user, provider=rule.provider_id)
    )
