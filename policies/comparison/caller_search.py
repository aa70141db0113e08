"""The callers whose context is in one box, those most likely first.

Source: IAM user guide, "AWS global condition context keys" (availability of each key).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.comparison.caller_box import CallerBox, KeyRule
from policies.comparison.caller_domains import (
    OTHER_ACCOUNT,
    SERVICE_DOMAIN,
    organization_paths,
    source_arns,
)
from policies.comparison.caller_identities import IdentityCallers
from policies.comparison.callers import (
    CALLER_ACCOUNT,
    IS_SERVICE,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    PRINCIPAL_TYPE,
    SERVICE_NAME,
    SERVICE_ONLY_KEYS,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    SOURCE_KEYS,
    SOURCE_ORGANIZATION,
    SOURCE_PATHS,
    USER_ID,
    USER_NAME,
    ResourceCaller,
)
from policies.comparison.reasons import Undecided
from policies.language.conditions.values import ABSENT

_REAL_ACCOUNTS: Final = 12


def callers_in(box: CallerBox) -> Iterator[ResourceCaller | Undecided]:
    """Yield callers, those most likely first, and why there may be others."""
    if box.fits(IS_SERVICE, "false") and box.fits(SERVICE_NAME, ABSENT):
        yield from IdentityCallers(box).callers()
        if box.scope.others:
            yield from _without_account(box)
    if box.scope.others and box.fits(IS_SERVICE, "true"):
        yield from _services(box)


def _without_account(box: CallerBox) -> Iterator[ResourceCaller | Undecided]:
    rules = box.rules(
        *SERVICE_ONLY_KEYS, PRINCIPAL_ORGANIZATION, PRINCIPAL_PATHS, USER_NAME, identity=False
    )
    rules |= dict.fromkeys((PRINCIPAL_ARN, PRINCIPAL_ACCOUNT, CALLER_ACCOUNT), ABSENT)
    anonymous: dict[str, KeyRule] = {PRINCIPAL_TYPE: "Anonymous", USER_ID: "anonymous"}
    provider = f"arn:aws:iam::{box.account_id}:saml-provider/ExampleProvider"
    of_provider: dict[str, KeyRule] = {PRINCIPAL_TYPE: ABSENT}
    kinds: list[tuple[str, dict[str, KeyRule]]] = [
        ("anonymous", anonymous),
        (provider, of_provider),
    ]
    for principal, more in kinds if box.scope.providers else kinds[:1]:
        found = box.made(principal, {**rules, **more}, box.of_organization | {USER_ID})
        if found is not None:
            yield found


def _services(box: CallerBox) -> Iterator[ResourceCaller | Undecided]:
    rules = box.rules(PRINCIPAL_ORGANIZATION, PRINCIPAL_PATHS, USER_NAME, identity=False)
    rules |= dict.fromkeys(
        (PRINCIPAL_ARN, PRINCIPAL_ACCOUNT, CALLER_ACCOUNT, PRINCIPAL_TYPE), ABSENT
    )
    name = box.find(SERVICE_NAME, SERVICE_DOMAIN)
    if name is None:
        return
    if isinstance(name, Undecided):
        yield name
        return
    principal = name if isinstance(name, str) else "cloudtrail.amazonaws.com"
    rules[SERVICE_NAME] = principal
    for source in _sources(box):
        found = box.made(principal, {**rules, **source}, box.of_organization)
        if found is not None:
            yield found


def _sources(box: CallerBox) -> Iterator[dict[str, KeyRule]]:
    """Yield what a service may say of whom it acts for."""
    if not SOURCE_KEYS & box.wanted.keys():
        yield {}
        return
    for inside in (True, False):
        rules: dict[str, KeyRule] = {}
        account_id = _source_account(box, inside=inside)
        if account_id is None:
            rules[SOURCE_ACCOUNT] = ABSENT
        else:
            rules[SOURCE_ACCOUNT] = account_id
            rules[SOURCE_ARN] = source_arns(account_id)
        if inside:
            yield {
                **rules,
                SOURCE_ORGANIZATION: box.organization_id,
                SOURCE_PATHS: organization_paths(box.organization_id),
            }
        else:
            yield {**rules, SOURCE_ORGANIZATION: ABSENT, SOURCE_PATHS: ABSENT}
            other = box.other_organization(SOURCE_ORGANIZATION)
            if other is not None:
                paths = organization_paths(other)
                yield {**rules, SOURCE_ORGANIZATION: other, SOURCE_PATHS: paths}
    yield dict.fromkeys(SOURCE_KEYS, ABSENT)


def _source_account(box: CallerBox, *, inside: bool) -> str | None:
    """Return an account that aws:SourceAccount may name here; None if it names none."""
    accounts, _ = box.values.accounts((SOURCE_ACCOUNT,))
    organization = box.organization
    real = organization.account_ids[:_REAL_ACCOUNTS]
    proposed = [*real, *accounts] if inside else [OTHER_ACCOUNT, *accounts]
    for account_id in proposed:
        if (inside or account_id not in organization) and box.fits(SOURCE_ACCOUNT, account_id):
            return account_id
    return None
