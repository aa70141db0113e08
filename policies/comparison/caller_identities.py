"""Users, roles, root users and federated users of some account as callers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from policies.comparison.caller_box import CallerBox, CallerKeyValues, KeyRule
from policies.comparison.caller_domains import (
    OTHER_ACCOUNT,
    SOME_ACCOUNT,
    USER_NAMES,
    account_outside,
    in_account,
    organization_paths,
)
from policies.comparison.callers import (
    CALLER_ACCOUNT,
    DERIVED_KEYS,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    PRINCIPAL_TYPE,
    PRINCIPAL_TYPES,
    SERVICE_ONLY_KEYS,
    USER_ID,
    USER_NAME,
    ResourceCaller,
)
from policies.comparison.domains import principal_arn_domain
from policies.comparison.reasons import Undecided
from policies.language.conditions.values import ABSENT, ContextValue

_REAL_ACCOUNTS: Final = 12
_PLACES: Final = 200
ACCOUNT_KEYS: Final = (PRINCIPAL_ARN, PRINCIPAL_ACCOUNT, CALLER_ACCOUNT, USER_ID)
"""Keys whose values name the caller's account."""
_BY_ACCOUNT: Final = DERIVED_KEYS | {USER_NAME, USER_ID, PRINCIPAL_ORGANIZATION, PRINCIPAL_PATHS}
"""Keys whose values the caller's account, kind or place determines."""


class IdentityCallers:
    """The callers in a box that are of some account."""

    def __init__(self, box: CallerBox) -> None:
        self._box = box
        true, false = box.wanted.get(PRINCIPAL_ARN, (0, 0))
        self._arns_name_accounts = box.values.names_accounts(true | false)

    def callers(self) -> Iterator[ResourceCaller | Undecided]:
        """Yield callers, those most likely first, and why there may be others."""
        box, kinds = self._box, self._kinds()
        any_account = None if self._arns_name_accounts else SOME_ACCOUNT
        if not kinds or self._found_arn(any_account, tuple(PRINCIPAL_TYPES)) is None:
            return
        base = box.rules(*SERVICE_ONLY_KEYS, identity=True)
        shared = box.context(box.wanted.keys() - _BY_ACCOUNT, base, box.of_organization)
        if not isinstance(shared, CallerKeyValues):
            if shared is not None:
                yield shared
            return
        for account_id, is_own in self._accounts():
            of_account = {PRINCIPAL_ACCOUNT: account_id, CALLER_ACCOUNT: account_id}
            if not all(box.fits(key, value) for key, value in of_account.items()):
                continue
            for membership in self._memberships(account_id, is_own=is_own):
                for some in kinds:
                    rules = {**base, **membership, **of_account}
                    found = self._identity(account_id, some, rules, shared)
                    if isinstance(found, ResourceCaller) and is_own:
                        found = replace(found, is_own=True)
                    if found is not None:
                        yield found
        if box.scope.others and not box.values.accounts(ACCOUNT_KEYS)[1]:
            yield Undecided.STATE_LIMIT

    def _kinds(self) -> list[tuple[str, ...]]:
        """Return the kinds of principals there may be, together where nothing sets them apart."""
        box = self._box
        kinds = [kind for kind, name in PRINCIPAL_TYPES.items() if box.fits(PRINCIPAL_TYPE, name)]
        if box.wanted.keys() & {PRINCIPAL_TYPE, USER_NAME, USER_ID}:
            return [(kind,) for kind in kinds]
        return [tuple(kinds)] if kinds else []

    def _identity(
        self,
        account_id: str,
        kinds: tuple[str, ...],
        rules: dict[str, KeyRule],
        shared: CallerKeyValues,
    ) -> ResourceCaller | Undecided | None:
        """Return a caller of an account of one of some kinds."""
        if len(kinds) == 1:
            rules[PRINCIPAL_TYPE] = PRINCIPAL_TYPES[kinds[0]]
        hard = self._hard(account_id)
        if kinds == ("root",):
            rules[USER_ID] = account_id
            hard |= {USER_ID}
        if kinds == ("user",) and USER_NAME in self._box.wanted:
            return self._named_user(account_id, rules, shared)
        rules[USER_NAME] = ABSENT
        return self._with_arn(account_id, kinds, None, rules, hard, shared)

    def _named_user(
        self, account_id: str, rules: dict[str, KeyRule], shared: CallerKeyValues
    ) -> ResourceCaller | Undecided | None:
        """Return an IAM user whose name is what aws:username is to be."""
        name = self._box.find(USER_NAME, USER_NAMES)
        if not isinstance(name, str):
            return name if isinstance(name, Undecided) else None
        rules[USER_NAME] = name
        hard = self._hard(account_id) | {USER_NAME}
        found = self._with_arn(account_id, ("user",), name, rules, hard, shared)
        if found is not None:
            return found
        # Another user than the one whose name was found may do.
        arn = self._found_arn(account_id, ("user",))
        if not isinstance(arn, str):
            return arn if isinstance(arn, Undecided) else None
        name = arn.rpartition("/")[2]
        if not self._box.fits(USER_NAME, name):
            return Undecided.NOT_CONFIRMED
        more = {PRINCIPAL_ARN: arn, USER_NAME: name}
        return self._box.made(arn, {**rules, **more}, hard, shared)

    def _found_arn(
        self, account_id: str | None, kinds: tuple[str, ...], name: str | None = None
    ) -> ContextValue | Undecided | None:
        """Return an ARN of an account's (None: any account's) principals that the box leaves.

        Where the patterns tell no accounts apart, one account's answer serves all of them.
        """
        if account_id is None or self._arns_name_accounts:
            domain = principal_arn_domain(account_id, kinds, name)
            return self._box.find(PRINCIPAL_ARN, domain)
        domain = principal_arn_domain(SOME_ACCOUNT, kinds, name)
        found = self._box.find(PRINCIPAL_ARN, domain)
        return in_account(found, account_id) if isinstance(found, str) else found

    def _with_arn(
        self,
        account_id: str,
        kinds: tuple[str, ...],
        name: str | None,
        rules: Mapping[str, KeyRule],
        hard: frozenset[str],
        shared: CallerKeyValues,
    ) -> ResourceCaller | Undecided | None:
        """Return a caller of an account of one of some kinds, and of a name if that is given."""
        if PRINCIPAL_ARN not in self._box.wanted:
            example = principal_arn_domain(account_id, kinds, name).seeds[0]
            return self._box.made(example, rules, hard, shared)
        arn = self._found_arn(account_id, kinds, name)
        if not isinstance(arn, str):
            return arn if isinstance(arn, Undecided) else None
        return self._box.made(arn, {**rules, PRINCIPAL_ARN: arn}, hard, shared)

    def _is_member(self, account_id: str) -> bool:
        """Whether an account is of the organization, as far as that is known."""
        return account_id in self._box.organization or account_id == self._box.account_id

    def _hard(self, account_id: str) -> frozenset[str]:
        """Return the keys whose value an account's caller cannot change."""
        is_known = self._box.knows_id and self._is_member(account_id)
        return self._box.of_organization | (
            {PRINCIPAL_ORGANIZATION} if is_known else frozenset[str]()
        )

    def _accounts(self) -> Iterator[tuple[str, bool]]:
        """Yield accounts, and whether any account's principal would do as well as its own."""
        box, organization = self._box, self._box.organization
        named = self._arns_name_accounts or any(
            key in box.wanted for key in ACCOUNT_KEYS if key != PRINCIPAL_ARN
        )
        if not box.scope.others:
            yield box.account_id, True
            return
        if not named and PRINCIPAL_PATHS not in box.wanted:
            if box.scope.own:
                yield box.account_id, True
            yield account_outside(organization, box.account_id), False
            return
        proposed = [*organization.account_ids[:_REAL_ACCOUNTS], OTHER_ACCOUNT]
        if PRINCIPAL_PATHS in box.wanted:
            proposed = [*islice(organization.accounts_by_place.values(), _PLACES), *proposed]
        if named:
            proposed += box.values.accounts(ACCOUNT_KEYS)[0]
        for account_id in dict.fromkeys(proposed):
            if box.scope.own or account_id != box.account_id:
                yield account_id, False

    def _memberships(self, account_id: str, *, is_own: bool) -> Iterator[dict[str, KeyRule]]:
        """Yield what a caller of an account may say of its organization."""
        box = self._box
        if not box.wanted.keys() & {PRINCIPAL_ORGANIZATION, PRINCIPAL_PATHS}:
            yield {}
            return
        organization_id, place = box.organization_id, box.organization.place_of(account_id)
        inside: dict[str, KeyRule] = {PRINCIPAL_ORGANIZATION: organization_id}
        if place is None:
            inside[PRINCIPAL_PATHS] = organization_paths(organization_id)
        else:
            inside[PRINCIPAL_PATHS] = (f"{organization_id}/{place}",)
        if not is_own and account_id not in box.organization:
            yield {PRINCIPAL_ORGANIZATION: ABSENT, PRINCIPAL_PATHS: ABSENT}
            other = box.other_organization(PRINCIPAL_ORGANIZATION)
            if other is not None:
                yield {PRINCIPAL_ORGANIZATION: other, PRINCIPAL_PATHS: organization_paths(other)}
        yield inside
