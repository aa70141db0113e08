"""Roles that differ between the accounts of one OU: by name, by trust, by policies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from governance.posture.findings.facts import Facts, counted, listed
from governance.posture.findings.finding import (
    Answer,
    Finding,
    FindingKind,
    Measure,
    Place,
    PlaceKind,
    Severity,
)
from governance.posture.findings.roles_compared import (
    RoleMeanings,
    Split,
    split_by,
    unlike,
    written_policies,
    written_trust,
)
from inventory.selectors.roles import RoleRow

_ADMINISTRATOR = ":policy/AdministratorAccess"


@dataclass(frozen=True, slots=True)
class _Unit:
    """The accounts directly in an OU whose IAM is known, and their roles by name and path."""

    unit_id: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    roles: dict[tuple[str, str], list[RoleRow]]


def role_drift(facts: Facts) -> tuple[Answer, Answer, Answer]:
    """Compare the roles of the accounts of each OU; answers by name, by trust, by policies."""
    names = Answer(FindingKind.ROLE_NAME_DRIFT, "OUs with accounts")
    trust = Answer(FindingKind.ROLE_TRUST_DRIFT, "roles in several accounts of an OU")
    policies = Answer(FindingKind.ROLE_POLICY_DRIFT, "roles in several accounts of an OU")
    units = list(_units(facts))
    meanings = RoleMeanings(facts.read_texts(_to_read(facts, units)))
    for unit in units:
        places = [facts.place(account_id) for account_id in unit.unknown]
        for answer in (names, trust, policies):
            answer.cannot_judge(
                places, "IAM of the account was never read, so its roles are unknown."
            )
        if len(unit.known) >= facts.thresholds.missing_least_accounts:
            names.examined += 1
            names.findings += _missing(facts, unit)
        for roles in _held(facts, unit):
            trust.examined += 1
            policies.examined += 1
            trust.findings += _trust(facts, unit, roles, meanings)
            policies.findings += _policies(facts, unit, roles, meanings)
    return names, trust, policies


def _units(facts: Facts) -> Iterator[_Unit]:
    for unit_id in facts.units:
        accounts = [
            account_id
            for account_id in facts.children_of_kind(unit_id, PlaceKind.ACCOUNT)
            if facts.is_active(account_id)
        ]
        known = tuple(one for one in accounts if one not in facts.without_iam)
        roles: dict[tuple[str, str], list[RoleRow]] = {}
        for account_id in known:
            for role in facts.roles.get(account_id, ()):
                roles.setdefault((role.name, role.path), []).append(role)
        if accounts:
            yield _Unit(
                unit_id, known, tuple(one for one in accounts if one in facts.without_iam), roles
            )


def _held(facts: Facts, unit: _Unit) -> Iterator[list[RoleRow]]:
    for roles in unit.roles.values():
        if len(roles) >= facts.thresholds.drift_least_holders:
            yield roles


def _to_read(facts: Facts, units: Sequence[_Unit]) -> set[str]:
    wanted: set[str] = set()
    for unit in units:
        for roles in _held(facts, unit):
            wanted |= unlike(roles, lambda role: (role.trust_sha256,))
            wanted |= unlike(roles, lambda role: [sha256 for _, sha256 in role.inline])
    return wanted


def _missing(facts: Facts, unit: _Unit) -> Iterator[Finding]:
    """Yield one finding an account that lacks roles which most of its OU have."""
    limits = facts.thresholds
    lacking: dict[str, list[tuple[str, int]]] = {}
    for (name, _), roles in unit.roles.items():
        holders = {role.account_id for role in roles}
        if limits.missing_majority * len(unit.known) <= len(holders) < len(unit.known):
            for account_id in unit.known:
                if account_id not in holders:
                    lacking.setdefault(account_id, []).append((name, len(holders)))
    for account_id, lacked in lacking.items():
        account, names = facts.place(account_id), sorted(name for name, _ in lacked)
        yield Finding(
            kind=FindingKind.ROLE_NAME_DRIFT,
            severity=Severity.MEDIUM,
            title=f"{account.name} lacks {counted(len(names), 'role', 'roles')} that most of "
            f"{facts.place(unit.unit_id).name} have: {listed(names)}",
            places=(account, facts.place(unit.unit_id)),
            measured=(
                Measure("Accounts of the OU that are known", str(len(unit.known))),
                *(
                    Measure(name, f"in {held} of {len(unit.known)} accounts")
                    for name, held in sorted(lacked)
                ),
            ),
            threshold={
                "majority": limits.missing_majority,
                "least_accounts": limits.missing_least_accounts,
            },
            remedy="Roll the roles out to this account as to the others, or move it to an OU "
            "whose accounts are like it.",
            accounts=1,
        )


def _trust(
    facts: Facts, unit: _Unit, roles: Sequence[RoleRow], meanings: RoleMeanings
) -> Iterator[Finding]:
    limits = facts.thresholds
    split = split_by(roles, meanings.trust, written=written_trust, majority=limits.drift_majority)
    asks = "who is trusted and under which conditions"
    if split is not None and not split.rule:
        # Each may ask for a value of its own, such as its repository; what is asked for is alike.
        split = split_by(
            roles, meanings.trust_shape, written=written_trust, majority=limits.drift_majority
        )
        asks = "who is trusted and which condition keys are asked for"
    if split is not None:
        yield _differing(
            facts,
            unit,
            split,
            kind=FindingKind.ROLE_TRUST_DRIFT,
            severity=Severity.HIGH,
            verb="trusts others",
            asks=asks,
            remedy="Set the trust policy as the other accounts have it, or give the role another "
            "name where it is meant to differ.",
        )


def _policies(
    facts: Facts, unit: _Unit, roles: Sequence[RoleRow], meanings: RoleMeanings
) -> Iterator[Finding]:
    split = split_by(
        roles,
        meanings.policies,
        written=written_policies,
        majority=facts.thresholds.drift_majority,
    )
    if split is None:
        return
    if not split.rule and split.ways == len(roles) > 2:
        # Every account has its own: nothing that one of them departs from.
        return
    wider = any(_is_administrator(role) for role in split.astray) and not any(
        _is_administrator(role) for role in split.rule
    )
    yield _differing(
        facts,
        unit,
        split,
        kind=FindingKind.ROLE_POLICY_DRIFT,
        severity=Severity.HIGH if wider else Severity.MEDIUM,
        verb="has other policies",
        asks="managed and inline policies and the boundary",
        remedy="Attach what the other accounts have attached, or give the role another name where "
        "it is meant to differ.",
    )


def _is_administrator(role: RoleRow) -> bool:
    return any(arn.endswith(_ADMINISTRATOR) for arn in role.attached_policy_arns)


def _differing(
    facts: Facts,
    unit: _Unit,
    split: Split,
    *,
    kind: FindingKind,
    severity: Severity,
    verb: str,
    asks: str,
    remedy: str,
) -> Finding:
    limits = facts.thresholds
    name, unit_place = split.astray[0].name, facts.place(unit.unit_id)
    accounts = [facts.place(role.account_id).name for role in split.astray]
    whole = len(split.rule) + len(split.astray)
    if split.rule:
        title = f"{name} {verb} in {listed(accounts)} than elsewhere in {unit_place.name}"
    else:
        title = f"{name} {verb} in each of {listed(accounts)} of {unit_place.name}"
    return Finding(
        kind=kind,
        severity=severity,
        title=title,
        places=(
            unit_place,
            *(
                Place(PlaceKind.ROLE, role.arn, f"{name} in {account}", _said(role, kind))
                for role, account in zip(split.astray, accounts, strict=True)
            ),
        ),
        measured=(
            Measure("Compared", asks),
            Measure("Accounts with the role", str(whole)),
            Measure("Different ways", str(split.ways)),
            Measure(
                "As the majority",
                f"{len(split.rule)} of {whole}" if split.rule else "no way has a majority",
            ),
            *(_example(split, kind)),
        ),
        threshold={
            "majority": limits.drift_majority,
            "least_holders": limits.drift_least_holders,
        },
        remedy=remedy,
        accounts=len(split.astray),
        about=name,
    )


def _example(split: Split, kind: FindingKind) -> Iterator[Measure]:
    if split.rule and kind is FindingKind.ROLE_POLICY_DRIFT:
        yield Measure("The majority has", _said(split.rule[0], kind))


def _said(role: RoleRow, kind: FindingKind) -> str:
    if kind is FindingKind.ROLE_TRUST_DRIFT:
        return ""
    names = [arn.rpartition("/")[2] for arn in role.attached_policy_arns]
    names += [f"{name} (inline)" for name, _ in role.inline]
    if role.boundary_arn:
        names.append(f"boundary {role.boundary_arn.rpartition('/')[2]}")
    return ", ".join(names) or "no policy"
