"""The policies that AWS attaches to every target by itself: FullAWSAccess, RCPFullAWSAccess."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from policies.language.document import PolicyDocument
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType

_ALLOW_ALL: Final = '"Effect":"Allow","Action":"*","Resource":"*"'
FULL_ACCESS_TEXTS: Final[Mapping[PolicyType, str]] = {
    PolicyType.SERVICE_CONTROL_POLICY: (
        '{"Version":"2012-10-17","Statement":{' + _ALLOW_ALL + "}}"
    ),
    PolicyType.RESOURCE_CONTROL_POLICY: (
        '{"Version":"2012-10-17","Statement":{"Principal":"*",' + _ALLOW_ALL + "}}"
    ),
}


@lru_cache(maxsize=2)
def full_access(policy_type: PolicyType) -> PolicyDocument:
    """Return the SCP, or RCP, that allows everything; one object, so that levels of it are equal.

    :raises KeyError: another type.
    """
    document = parse_policy(FULL_ACCESS_TEXTS[policy_type], policy_type).document
    if document is None:
        raise AssertionError("a policy that allows everything can be read")
    return document
