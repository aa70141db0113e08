"""The limits that trust findings are held against: a setting that two people change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from governance.approvals.forms import FieldType, SettingContent, SettingField, SettingForm
from governance.approvals.models import SettingVersion
from governance.approvals.settings import active_setting
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class TrustThresholds:
    """Limits, in days unless they say otherwise.

    `unused_days`: a role that nobody used for so long needs no trust. `key_age_days`,
    `key_unused_days`: of access keys. `majority_percent`: the share of accounts with a role of one
    name whose trust policy is the rule; `majority_accounts`: how many at least have such a role.
    `contracts_from`: from when an edge outside every contract is a finding; None: as soon as a
    contract is active. `contract_ending_days`: how long before its last day a contract is told of.
    """

    unused_days: int = 90
    key_age_days: int = 90
    key_unused_days: int = 45
    majority_percent: int = 60
    majority_accounts: int = 3
    contracts_from: date | None = None
    contract_ending_days: int = 30


USUAL_TRUST: Final = TrustThresholds()


def trust_thresholds(connection: Connection) -> TrustThresholds:
    """Return the limits that hold for an organization."""
    _, content = active_setting(connection, SettingVersion.Kind.TRUST_LIMITS)
    first_day = content["contracts_from"]
    return TrustThresholds(
        **{**content, "contracts_from": date.fromisoformat(first_day) if first_day else None}
    )


def limits_mark(connection: Connection) -> str:
    """Return the number of the version of the limits that holds."""
    return str(active_setting(connection, SettingVersion.Kind.TRUST_LIMITS)[0])


def _default_content(connection: Connection) -> SettingContent:
    return {one.name: one.default for one in TRUST_LIMITS.values}


def _wrong_day(connection: Connection, content: SettingContent) -> Mapping[str, str]:
    if not content["contracts_from"]:
        return {}
    try:
        date.fromisoformat(content["contracts_from"])
    except ValueError:
        return {"contracts_from": "write a day as 2027-01-31"}
    return {}


def _days(name: str, label: str, default: int, help_text: str, *, least: int = 1) -> SettingField:
    return SettingField(
        name, label, FieldType.NUMBER, help=help_text, default=default, least=least, most=3650
    )


TRUST_LIMITS: Final = SettingForm(
    kind=SettingVersion.Kind.TRUST_LIMITS.value,
    title="Trust limits",
    intro="When trust counts as unused, old or outside every contract.",
    tables=(),
    values=(
        _days(
            "unused_days",
            "Role unused for days",
            USUAL_TRUST.unused_days,
            "Roles trusted from outside their account and not used for this long.",
        ),
        _days(
            "key_age_days",
            "Access key older than days",
            USUAL_TRUST.key_age_days,
            "Since it was created or last rotated.",
        ),
        _days(
            "key_unused_days",
            "Access key unused for days",
            USUAL_TRUST.key_unused_days,
            "Active keys not used for this long, or never.",
        ),
        SettingField(
            "majority_percent",
            "Usual trust policy from percent",
            FieldType.NUMBER,
            help="Share of the accounts with a role of one name that makes a policy the usual one.",
            default=USUAL_TRUST.majority_percent,
            least=51,
            most=100,
        ),
        SettingField(
            "majority_accounts",
            "Usual trust policy from accounts",
            FieldType.NUMBER,
            help="Accounts that must have a role of one name before its trust is compared.",
            default=USUAL_TRUST.majority_accounts,
            least=2,
            most=1000,
        ),
        SettingField(
            "contracts_from",
            "Contracts needed from",
            help="A day, such as 2027-01-31, from which an edge outside every contract is a "
            "finding of its own. Empty: as soon as one contract is active.",
            default="",
        ),
        _days(
            "contract_ending_days",
            "Contract ends within days",
            USUAL_TRUST.contract_ending_days,
            "How long before its last day a contract is reported.",
        ),
    ),
    default=_default_content,
    check=_wrong_day,
)
