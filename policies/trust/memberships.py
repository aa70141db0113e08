"""Which organization, and which place in it, a caller's account may be of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from policies.comparison.caller_domains import ANOTHER_ORGANIZATION
from policies.comparison.callers import (
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
)
from policies.comparison.domains import Domain
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.patterns import Glob, Wild

WITH_WILDCARDS: Final = (Glob((Wild.ANY, "*", Wild.ANY)), Glob((Wild.ANY, "?", Wild.ANY)))
"""What no name holds; a policy may hold it where it counts as text."""


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """What a request says of the caller's organization.

    None of `id`: any value, or none, within `domains`.
    """

    given: Mapping[str, ContextValue] = field(default_factory=dict)
    domains: Mapping[str, Domain] = field(default_factory=dict)


NO_ORGANIZATION: Final = Membership({PRINCIPAL_ORGANIZATION: ABSENT, PRINCIPAL_PATHS: ABSENT})


UNKNOWN_ORGANIZATION: Final = Membership()


def member_of(organization_id: str | None, path: str | None) -> Membership:
    """Return what a request of a member of an organization says; None: not known."""
    given: dict[str, ContextValue] = {}
    domains: dict[str, Domain] = {}
    if organization_id is None:
        domains[PRINCIPAL_ORGANIZATION] = _SOME_ORGANIZATION
    else:
        given[PRINCIPAL_ORGANIZATION] = organization_id
    if path:
        given[PRINCIPAL_PATHS] = (path,)
    elif organization_id is not None:
        domains[PRINCIPAL_PATHS] = paths_below(f"{organization_id}/")
    return Membership(given, domains)


_SOME_ORGANIZATION: Final = Domain(
    globs=(Glob(("o-", Wild.PART)),), seeds=("o-exampleorgid",), may_be_absent=False
)


def paths_below(start: str) -> Domain:
    """Return the organization paths that begin with a text."""
    first = start if start.count("/") > 1 else f"{start}r-ab12/"
    return Domain(globs=(Glob((start, Wild.ANY)),), seeds=(first,), may_be_absent=False)


def strangers_memberships(own_id: str | None, named: frozenset[str]) -> Iterator[Membership]:
    """Yield what callers of other organizations, and of none, say; `named`: ids in policies."""
    if own_id is None:
        yield UNKNOWN_ORGANIZATION
        return
    yield NO_ORGANIZATION
    for one in sorted(named - {own_id}):
        yield member_of(one, None)
    yield _of_others(named | {own_id})


@lru_cache(maxsize=256)
def _of_others(named: frozenset[str]) -> Membership:
    """Return what callers of organizations say that nothing names."""
    ids = Domain(
        globs=(Glob(("o-", Wild.PART, Wild.ONE_IN_PART)),),
        barred=(*WITH_WILDCARDS, *(Glob((one,)) for one in sorted(named))),
        seeds=(ANOTHER_ORGANIZATION,),
        may_be_absent=False,
    )
    paths = Domain(
        globs=(Glob(("o-", Wild.PART, "/r-", Wild.PART, "/")),),
        barred=(*WITH_WILDCARDS, *(Glob((f"{one}/", Wild.ANY)) for one in sorted(named))),
        seeds=(f"{ANOTHER_ORGANIZATION}/r-ab12/",),
        may_be_absent=False,
    )
    return Membership({}, {PRINCIPAL_ORGANIZATION: ids, PRINCIPAL_PATHS: paths})
