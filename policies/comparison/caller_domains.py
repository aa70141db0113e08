"""What the context keys that tell of a caller look like, and values that are proposed first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from string import ascii_uppercase
from typing import Final

from policies.comparison.callers import (
    PRINCIPAL_PATHS,
    SERVICE_NAMES,
    SOURCE_ARN,
    SOURCE_PATHS,
    USER_ID,
    USER_NAME,
    CallersOrganization,
)
from policies.comparison.domains import Domain
from policies.language.patterns import Glob, Wild

SOME_ACCOUNT: Final = "111122223333"
OTHER_ACCOUNT: Final = "444455556666"
SOME_ORGANIZATION: Final = "o-exampleorgid"
ANOTHER_ORGANIZATION: Final = "o-anotherorgid"
ORGANIZATION_IDS: Final = Domain(
    globs=(Glob(("o-", Wild.PART, Wild.ONE_IN_PART)),), may_be_absent=False
)
SERVICE_DOMAIN: Final = Domain(
    globs=(
        Glob((Wild.PART, Wild.ONE_IN_PART, ".amazonaws.com")),
        Glob((Wild.PART, Wild.ONE_IN_PART, ".amazonaws.com.cn")),
    ),
    # Names are in lower case; of the Kelvin sign the letter k is the lower case, too.
    barred=tuple(Glob((Wild.ANY, char, Wild.ANY)) for char in (*ascii_uppercase, "\u212a")),
    seeds=("cloudtrail.amazonaws.com", "s3.amazonaws.com", "delivery.logs.amazonaws.com"),
    may_be_absent=False,
)
USER_NAMES: Final = Domain(
    globs=(Glob((Wild.PART, Wild.ONE_IN_PART)),),
    barred=(Glob((Wild.ANY, "/", Wild.ANY)),),
    seeds=("ExampleUser",),
    may_be_absent=False,
)
USUAL_FORMS: Final[Mapping[str, Domain]] = {
    SOURCE_ARN: Domain(
        globs=(Glob(("arn:aws:", Wild.PART, ":", Wild.PART, ":", Wild.PART, ":", Wild.ANY)),),
        seeds=("arn:aws:s3:::example-bucket",),
    ),
    SOURCE_PATHS: Domain(
        globs=(Glob(("o-", Wild.PART, "/r-", Wild.PART, "/")),),
        seeds=(f"{SOME_ORGANIZATION}/r-ab12/",),
    ),
    PRINCIPAL_PATHS: Domain(
        globs=(Glob(("o-", Wild.PART, "/r-", Wild.PART, "/")),),
        seeds=(f"{SOME_ORGANIZATION}/r-ab12/",),
    ),
    SERVICE_NAMES: SERVICE_DOMAIN,
    USER_ID: Domain(seeds=("AROAEXAMPLEID:ExampleSession",)),
    USER_NAME: USER_NAMES,
}
"""What values of a key look like, where nothing else is known of them."""
_FOUR_PARTS: Final = ("arn:", Wild.PART, ":", Wild.PART, ":", Wild.PART)


_OUTSIDE: Final = (OTHER_ACCOUNT, *(str(number) * 12 for number in range(10)))


def account_outside(organization: CallersOrganization, account_id: str) -> str:
    """Return an account that is neither of the organization nor a given one."""
    return next(one for one in _OUTSIDE if one not in organization and one != account_id)


def in_account(arn: str, account_id: str) -> str:
    """Return the ARN of the like-named principal of another account."""
    parts = arn.split(":", 5)
    return ":".join((*parts[:4], account_id, *parts[5:]))


@lru_cache(maxsize=256)
def source_arns(account_id: str) -> Domain:
    """Return the ARNs of resources of an account, and such as name none."""
    return Domain(
        globs=(
            Glob((*_FOUR_PARTS, f":{account_id}:", Wild.ANY)),
            Glob((*_FOUR_PARTS, "::", Wild.ANY)),
        ),
        seeds=(
            f"arn:aws:cloudtrail:us-east-1:{account_id}:trail/Example",
            "arn:aws:s3:::example-bucket",
        ),
    )


@lru_cache(maxsize=256)
def other_organizations(organization_id: str) -> Domain:
    """Return the ids of all organizations but one."""
    return Domain(
        globs=ORGANIZATION_IDS.globs,
        barred=(Glob((organization_id,)),),
        seeds=(ANOTHER_ORGANIZATION,),
        may_be_absent=False,
    )


@lru_cache(maxsize=256)
def organization_paths(organization_id: str) -> Domain:
    """Return the paths of accounts in an organization, as aws:PrincipalOrgPaths holds them."""
    return Domain(
        globs=(Glob((f"{organization_id}/r-", Wild.PART, "/")),),
        barred=(Glob((Wild.ANY, "//", Wild.ANY)),),
        seeds=(f"{organization_id}/r-ab12/ou-ab12-11111111/",),
        may_be_absent=False,
    )
