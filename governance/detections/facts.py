"""What conditions ask of the inventory, read once for each evaluation and only when asked."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from fnmatch import translate
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from django.db.models import Min

from governance.access.owners.labels import LabelMap, label_map
from governance.baseline.guardrails.parameters import GuardrailParameters, parameters_of
from governance.baseline.landing_zone.core_accounts import core_accounts
from governance.detections.occurrences import account_in
from governance.drift.explaining import OwnWrites, own_writes
from inventory.models import (
    Account,
    Connection,
    DailyUsage,
    Organization,
    Policy,
    Principal,
    UsedAccess,
)
from inventory.viewing import Viewer
from policies.trust import TrustOrganization

ASSUME_ROLE: Final = "sts:AssumeRole"
LEARNING_DAYS: Final = 7
"""For so many days from the first day of logs, pairs of accounts are only learnt."""

_ONE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(?:user|role)/[^*?]+")
_WHOLE: Final = Viewer(sees_inventory=True)


def _trusted_principals(trust_policy: str) -> set[str]:
    """Return the users and roles that a trust policy names one by one."""
    try:
        content = json.loads(trust_policy)
    except ValueError:
        return set()
    statements = content.get("Statement") if isinstance(content, dict) else None
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        named = principal.get("AWS") if isinstance(principal, dict) else None
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            given = named if isinstance(named, list) else [named]
            found |= {one for one in given if isinstance(one, str) and _ONE.fullmatch(one)}
    return found


class OrganizationFacts:
    """Facts of one organization. `since`, `until`: between which the judged events happened."""

    def __init__(self, connection: Connection, *, since: datetime, until: datetime) -> None:
        self.connection = connection
        self._since = since
        self._until = until
        self._policy_types: dict[str, str] = {}
        self._chained: dict[tuple[str, date], bool] = {}
        self._pairs: dict[tuple[str, str], date | None] = {}

    @cached_property
    def _organization(self) -> Organization | None:
        rows = Organization.objects.filter(connection=self.connection, seen_until__isnull=True)
        return rows.first()

    @property
    def organization_id(self) -> str:
        """The organization's id; empty: it was never read."""
        return "" if self._organization is None else self._organization.organization_id

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """The accounts that are or were in the organization: id → name, the newest."""
        rows = Account.objects.filter(connection=self.connection).order_by("seen_from")
        return dict(rows.values_list("account_id", "name"))

    @cached_property
    def members(self) -> frozenset[str]:
        """The accounts that are in the organization now."""
        rows = Account.objects.filter(connection=self.connection, seen_until__isnull=True)
        return frozenset(rows.values_list("account_id", flat=True))

    @cached_property
    def trust_organization(self) -> TrustOrganization | None:
        """The organization as the trust reader takes it; None: it was never read."""
        if self._organization is None:
            return None
        rows = Account.objects.filter(connection=self.connection, seen_until__isnull=True)
        return TrustOrganization(
            self._organization.organization_id,
            self._organization.management_account_id,
            {
                account_id: f"{self._organization.organization_id}/{path}"
                for account_id, path in rows.values_list("account_id", "path")
            },
        )

    @cached_property
    def labels(self) -> LabelMap:
        """The environments of accounts."""
        return label_map(self.connection)

    @cached_property
    def parameters(self) -> GuardrailParameters:
        """The roles and networks that the organization named for its guardrails."""
        return parameters_of(self.connection)

    @cached_property
    def expected_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that people work from; empty: none are named."""
        return tuple(
            ip_network(one, strict=False) for one in self.parameters.values["expected_networks"]
        )

    @cached_property
    def core_accounts(self) -> Mapping[str, str]:
        """The accounts that do the landing zone's work, by purpose; empty: not known."""
        found = core_accounts(_WHOLE, connection=self.connection, now=self._until)
        return {one.purpose.value: one.account_id for one in found}

    @cached_property
    def own_writes(self) -> OwnWrites:
        """What change requests wrote while the events happened."""
        return own_writes(self.connection, since=self._since, until=self._until)

    @cached_property
    def own_callers(self) -> frozenset[str]:
        """The users and roles that Orgwarden's workers are: whom most audit roles trust.

        One audit role that somebody altered names nobody here.
        """
        rows = Principal.objects.filter(
            connection=self.connection,
            seen_until__isnull=True,
            kind=Principal.Kind.ROLE,
            name=self.connection.audit_role_name,
        ).values_list("trust_policy__text", flat=True)
        trusted = [_trusted_principals(text or "") for text in rows]
        named = Counter(arn for arns in trusted for arn in arns)
        return frozenset(arn for arn, count in named.items() if 2 * count > len(trusted))

    @cached_property
    def own_caller_accounts(self) -> frozenset[str]:
        """The accounts of `own_callers`, which the logs of other accounts name alone."""
        return frozenset(arn.split(":")[4] for arn in self.own_callers)

    @cached_property
    def own_roles(self) -> Callable[[str], bool]:
        """Whether an ARN is of a principal by which Orgwarden itself reads or applies."""
        connection = self.connection
        exact = {connection.organization_role_arn, connection.apply_role_arn} - {""}
        exact |= self.own_callers
        ending = f":role/{connection.audit_role_name}"
        return lambda arn: arn in exact or arn.endswith(ending)

    def roles_of(self, arguments: Iterable[str]) -> tuple[str, ...]:
        """Return the ARN patterns that arguments stand for: lists of roles, and patterns."""
        values = self.parameters.values
        return tuple(
            pattern
            for one in arguments
            for pattern in values.get(one, (one,) if ":" in one else ())
        )

    def matches_role(self, arn: str, arguments: Iterable[str]) -> bool:
        """Whether an ARN matches one of the roles that arguments stand for."""
        return any(role_pattern(pattern).fullmatch(arn) for pattern in self.roles_of(arguments))

    def policy_type(self, policy_id: str) -> str:
        """Return the type of an organization policy, past ones included; empty: not known."""
        if policy_id not in self._policy_types:
            rows = Policy.objects.filter(connection=self.connection, policy_id=policy_id)
            found = rows.values_list("type", flat=True).first()
            self._policy_types[policy_id] = found or ""
        return self._policy_types[policy_id]

    @cached_property
    def first_day(self) -> date | None:
        """The first day of which usage is known."""
        rows = UsedAccess.objects.filter(connection=self.connection)
        first: date | None = rows.aggregate(first=Min("first_day"))["first"]
        return first

    def pair_since(self, from_account: str, to_account: str) -> date | None:
        """Return the first day on which a role of one account was assumed from another."""
        pair = (from_account, to_account)
        if pair not in self._pairs:
            rows = UsedAccess.objects.filter(
                connection=self.connection,
                action=ASSUME_ROLE,
                resource__contains=f":iam::{to_account}:",
                principal__contains=from_account,
            )
            days = [
                day
                for day, principal in rows.values_list("first_day", "principal")
                if (account_in(principal) or principal) == from_account
            ]
            self._pairs[pair] = min(days, default=None)
        return self._pairs[pair]

    def is_learning(self, day: date) -> bool:
        """Whether a day lies so soon after the first logs that every pair looks new."""
        return self.first_day is None or day < self.first_day + timedelta(days=LEARNING_DAYS)

    def was_assumed_across(self, role_arn: str, day: date) -> bool:
        """Whether a role of another account assumed a role on a day, or so late on the day before.

        A session lasts up to twelve hours, and so over midnight.
        """
        key, before = (role_arn, day), day - timedelta(days=1)
        if key not in self._chained:
            rows = UsedAccess.objects.filter(
                connection=self.connection,
                action=ASSUME_ROLE,
                resource=role_arn,
                first_day__lte=day,
                last_day__gte=before,
            )
            other = [
                access
                for access, principal in rows.values_list("pk", "principal")
                if ":role/" in principal and account_in(principal) != account_in(role_arn)
            ]
            days = DailyUsage.objects.filter(connection=self.connection, day__in=(before, day))
            self._chained[key] = bool(other) and days.filter(access_id__in=other).exists()
        return self._chained[key]


_patterns: dict[str, re.Pattern[str]] = {}
_MOST_PATTERNS: Final = 2048


def role_pattern(pattern: str) -> re.Pattern[str]:
    """Return what matches the ARNs that a pattern with `*` and `?` stands for."""
    found = _patterns.get(pattern)
    if found is None:
        if len(_patterns) >= _MOST_PATTERNS:
            _patterns.clear()
        # Brackets have no meaning in ARN patterns.
        found = _patterns[pattern] = re.compile(translate(pattern.replace("[", "[[]")))
    return found


def accounts_outside(names: Collection[str], members: Collection[str]) -> frozenset[str]:
    """Return those of some account ids that are not among the members."""
    return frozenset(names) - frozenset(members)
