"""Purposes of guards on accounts, organizations and ARNs.

Source: IAM user guide, "AWS global condition context keys"; "Amazon Resource Names (ARNs)"; S3 user
guide, "Bucket naming rules" (a deleted bucket's name is free again).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from policies.comparison.domains import PRINCIPAL_KINDS, principal_globs
from policies.compiled import CompiledCondition
from policies.language.document import Operator
from policies.language.patterns import Glob, Literal, Piece, Wild, arn_glob
from policies.trust.admitted import compiled_condition, leading_text, like
from policies.trust.edges import TrustPrincipalKind
from policies.trust.purpose_parts import (
    AskedGuard,
    GuardPurpose,
    GuardSurroundings,
    exact_texts,
    written_patterns,
)
from policies.trust.request_values import ACCOUNT_ID, ARN_OF_ANY_ACCOUNT, ARN_WITHOUT_ACCOUNT

_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN_HEAD = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})(?![0-9])")
_BETWEEN_COLONS = re.compile(r":([0-9]{12})(?=:)")
_ANY_ACCOUNT: Final = (Glob(ACCOUNT_ID),)
_ORGANIZATION_IDS: Final = (Glob(("o-", Wild.PART)),)
_ORGANIZATION_PATHS: Final = (Glob(("o-", Wild.PART, "/")),)
_PATH_STEP = re.compile(r"(|r-|ou-|ou-[a-z0-9]{4,32}-)")


def accounts(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the accounts written out."""
    names = [text for text in asked.literals() if _ACCOUNT.fullmatch(text)]
    return GuardPurpose(
        exact_texts(asked, names),
        tuple(names),
        "account",
        domain=_ANY_ACCOUNT,
        others="other accounts",
    )


def callers_accounts(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the caller's account, or those written out."""
    account_id = asked.principal.account_id
    found = accounts(asked)
    if account_id is None:
        return found
    names = tuple(dict.fromkeys((account_id, *found.names)))
    return GuardPurpose(
        exact_texts(asked, names), (account_id,), "account", domain=(Glob((account_id,)),)
    )


def organization_ids(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the organizations written out."""
    # Organizations' ids have small letters only, whatever the case that a condition ignores.
    names = [text.lower() for text in asked.literals() if text.lower().startswith("o-")]
    return GuardPurpose(
        exact_texts(asked, names),
        tuple(names),
        "organization",
        domain=_ORGANIZATION_IDS,
        others="other organizations",
    )


def organization_paths(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the organizations or units whose paths are written out."""
    within: list[CompiledCondition] = []
    names: list[str] = []
    for glob, _ in asked.patterns():
        head = leading_text(glob)
        before, slash, step = head.rpartition("/")
        if not slash or not head.startswith("o-"):
            continue
        is_whole = glob.literal is not None or _PATH_STEP.fullmatch(step) is not None
        path = f"{before}/" if is_whole else f"{head}/"
        names.append(path)
        within.append(like(asked.key, Literal(path), "*"))
    return GuardPurpose(
        tuple(within),
        tuple(dict.fromkeys(names)),
        "path",
        domain=_ORGANIZATION_PATHS,
        is_list=True,
        others="other organizational units",
    )


def _arn_accounts(asked: AskedGuard) -> list[str]:
    """Return the accounts that the ARNs written in positive conditions fix."""
    parts = [text.split(":", 5) for text in asked.texts()]
    found = [p[4] for p in parts if len(p) == 6 and _ACCOUNT.fullmatch(p[4])]
    # An account's id has 12 digits, so a star right behind it adds none.
    heads = [_ARN_HEAD.match(leading_text(glob)) for glob, _ in asked.patterns()]
    return list(dict.fromkeys([*found, *(head[1] for head in heads if head)]))


def _accounts_between_colons(asked: AskedGuard) -> list[str]:
    """Return the accounts that stand between colons: of a principal's ARN no other part can.

    So `arn:*:111122223333:role/x` names one, though its `*` crosses colons.
    """
    return [
        account
        for glob, _ in asked.patterns()
        for token in glob.tokens
        if isinstance(token, str)
        for account in _BETWEEN_COLONS.findall(token)
    ]


def _of_accounts(asked: AskedGuard, accounts: Iterable[str]) -> tuple[CompiledCondition, ...]:
    values: tuple[tuple[Piece, ...], ...] = tuple((f"arn:*:*:*:{a}:*",) for a in accounts)
    return (compiled_condition(asked.key, Operator.ARN_LIKE, values),) if values else ()


def principal_arns(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: principals of the accounts written out."""
    principal = asked.principal
    named = [*_arn_accounts(asked), *_accounts_between_colons(asked)]
    accounts = named if principal.account_id is None else [*named, principal.account_id]
    within = _of_accounts(asked, dict.fromkeys(accounts))
    if asked.surroundings.fixes_caller:
        within += written_patterns(asked, "principal").within
    return GuardPurpose(
        within,
        tuple(text for text in asked.texts()),
        "principal",
        domain=_principal_domain(principal.kind, principal.id, principal.account_id),
        others="principals of other accounts",
    )


@lru_cache(maxsize=16_384)
def _principal_domain(
    kind: TrustPrincipalKind, written: str, account_id: str | None
) -> tuple[Glob, ...]:
    """Return what aws:PrincipalArn can be for a principal."""
    exact = kind in (TrustPrincipalKind.ROLE, TrustPrincipalKind.USER)
    if exact and written.startswith("arn:") and "*" not in written:
        return (Glob((written,)),)
    return tuple(
        glob
        for partition in (("arn:aws",), ("arn:aws-", Wild.PART))
        for name in PRINCIPAL_KINDS
        for glob in principal_globs(name, partition, account_id)
    )


def source_arns(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: resources of the accounts written out, or named ones."""
    accounts = _arn_accounts(asked)
    within = list(_of_accounts(asked, accounts))
    ids: list[str] = []
    for text in asked.texts():
        parts = text.split(":", 5)
        if len(parts) == 6 and _names_its_resource(parts, asked.surroundings):
            ids.append(text)
    if ids:
        values: tuple[tuple[Piece, ...], ...] = tuple((text,) for text in ids)
        within.append(compiled_condition(asked.key, Operator.ARN_LIKE, values))
    barred = tuple(
        glob
        for account in accounts
        for tail in (f"{account}:*", f"*:{account}:*")
        if (glob := arn_glob((f"arn:*:*:*:*:{tail}",))) is not None
    )
    return GuardPurpose(
        tuple(within),
        tuple(asked.texts()),
        "resource",
        domain=(ARN_OF_ANY_ACCOUNT, ARN_WITHOUT_ACCOUNT),
        barred=barred,
        holds_arns=True,
        others="resources of other accounts",
    )


def _names_its_resource(parts: Sequence[str], surroundings: GuardSurroundings) -> bool:
    """Whether an ARN without an account names one resource that nobody else can come to own.

    The name of an S3 bucket is free again once the bucket is deleted.
    """
    service, account, resource = parts[2], parts[4], parts[5]
    if surroundings.fixes_source:
        return True
    is_id = "*" not in service and "?" not in service and service != "s3"
    return is_id and not account and not resource.lstrip("/").startswith(("*", "?"))


def user_ids(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: the unique ids written out."""
    within: list[CompiledCondition] = list(exact_texts(asked, asked.literals()))
    for glob, _ in asked.patterns():
        head = leading_text(glob)
        if glob.literal is None and head[:4] in ("AROA", "AIDA") and len(head) >= 20:
            within.append(like(asked.key, Literal(head), "*"))
    return GuardPurpose(tuple(within), tuple(asked.texts()), "unique id", others="other principals")


def user_names(asked: AskedGuard) -> GuardPurpose:
    """Return the purpose: users of an account that is fixed."""
    if not asked.surroundings.fixes_caller:
        return GuardPurpose(never="Every account can have a user of this name.")
    return written_patterns(asked, "user")
