"""account:ListRegions: which regions there are, and which of them an account has opted into."""

from collections.abc import Mapping
from typing import Any, Final

from demo.simulator.errors import AwsError

Members = dict[str, Any]

# Whom AWS gives to every account, and whom only to those that ask (account management guide,
# "Enable or disable AWS Regions in your account").
ENABLED_BY_DEFAULT: Final = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1"),
    *("ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
OPT_IN: Final = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4"),
    *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2"),
    *("eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"),
)
_PAGE: Final = 50


def list_regions(opted: Mapping[str, str], given: Members) -> Members:
    """Return the regions of an account. `opted`: opt-in region → status, others are DISABLED.

    :raises AwsError: ValidationException for a page size or token that is none, AccessDenied for
        another account than the caller's, which only the management account may ask for.
    """
    if given.get("AccountId"):
        raise AwsError(
            "AccessDeniedException", "The operation is not allowed for this account.", status=403
        )
    size = given.get("MaxResults", _PAGE)
    token = str(given.get("NextToken") or "0")
    if not isinstance(size, int) or not 1 <= size <= _PAGE or not token.isdigit():
        raise AwsError("ValidationException", "MaxResults must be 1 to 50, NextToken ours.")
    wanted = set(given.get("RegionOptStatusContains") or ())
    statuses = dict.fromkeys(ENABLED_BY_DEFAULT, "ENABLED_BY_DEFAULT")
    statuses |= {name: opted.get(name, "DISABLED") for name in OPT_IN}
    found = [
        {"RegionName": name, "RegionOptStatus": statuses[name]}
        for name in sorted(statuses)
        if not wanted or statuses[name] in wanted
    ]
    start = int(token)
    result: Members = {"Regions": found[start : start + size]}
    if start + size < len(found):
        result["NextToken"] = str(start + size)
    return result
