"""The predicates that conditions may name: what each means and which arguments it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.access.owners.environments import Environment
from governance.baseline.landing_zone.models import CoreAccount
from inventory.policy_types import POLICY_TYPE_BY_NAME

ROLE_LISTS: Final = ("break_glass_roles", "audit_roles", "platform_roles")
"""The guardrail parameters that hold ARN patterns of roles."""


class ArgumentKind(StrEnum):
    """What a predicate's arguments are."""

    NONE = "none"
    CHOICES = "choices"
    FIELDS = "fields"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class NamedPredicate:
    """One predicate. `means`: when it holds. `unknown`: when that is not known.

    `choices`: what the arguments may be, where they are choices.
    """

    name: str
    means: str
    unknown: str
    arguments: ArgumentKind = ArgumentKind.NONE
    choices: tuple[str, ...] = ()


_ALL: Final = (
    NamedPredicate(
        "explained_by_change_request",
        "Orgwarden's own rollout made this call, or a change request that another tool applies "
        "names the object.",
        "Never: the journal is complete.",
    ),
    NamedPredicate(
        "account_in_environment",
        "The event's account is in one of these environments.",
        "The account has no environment, or is not in the inventory.",
        ArgumentKind.CHOICES,
        tuple(one.value for one in Environment),
    ),
    NamedPredicate(
        "core_account",
        "The event's account does one of these works of the landing zone.",
        "No account is confirmed or found for the work.",
        ArgumentKind.CHOICES,
        tuple(CoreAccount.Purpose.values),
    ),
    NamedPredicate(
        "policy_type",
        "The organization policy of the event is of one of these types.",
        "The policy is not in the inventory, and the event does not say its type.",
        ArgumentKind.CHOICES,
        tuple(POLICY_TYPE_BY_NAME),
    ),
    NamedPredicate(
        "principal_matches",
        "The caller is one of these roles.",
        "The event does not name the caller.",
        ArgumentKind.ROLES,
    ),
    NamedPredicate(
        "role_matches",
        "The role that the event is about is one of these roles.",
        "The event does not name a role.",
        ArgumentKind.ROLES,
    ),
    NamedPredicate(
        "made_by_orgwarden",
        "The caller is a role by which Orgwarden reads or applies, or whom most audit roles trust.",
        "The event does not name the caller.",
    ),
    NamedPredicate(
        "made_by_aws",
        "An AWS service made the call by itself, or by a service-linked role.",
        "The event does not name the caller.",
    ),
    NamedPredicate(
        "names_account_outside",
        "One of these fields names an account outside the organization, or everyone.",
        "The organization was never read.",
        ArgumentKind.FIELDS,
    ),
    NamedPredicate(
        "policy_opens_outside",
        "A policy in one of these fields allows someone outside the organization.",
        "The organization was never read, or the policy cannot be read.",
        ArgumentKind.FIELDS,
    ),
    NamedPredicate(
        "outside_expected_networks",
        "The call came from an address outside the guardrail parameter Expected networks.",
        "The event has no address; without expected networks it does not hold.",
    ),
    NamedPredicate(
        "crosses_accounts",
        "The caller's account is not the account of the resource.",
        "Either account is not known.",
    ),
    NamedPredicate(
        "account_pair_is_new",
        "No role was assumed from the caller's account in the resource's account before, within "
        "what logs are known of; not in the first 7 days of logs.",
        "Either account is not known.",
    ),
    NamedPredicate(
        "continues_role_chain",
        "The caller is a role that a role of another account assumed on the same day.",
        "The caller is not a role.",
    ),
)

PREDICATES: Final[Mapping[str, NamedPredicate]] = {one.name: one for one in _ALL}
"""Every predicate by its name."""
