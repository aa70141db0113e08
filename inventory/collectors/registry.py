"""Every collector, in the order in which they run."""

from typing import Final

from inventory.collectors import (
    effective_policies,
    hierarchy,
    iam_account,
    iam_authorization,
    iam_credentials,
    iam_providers,
    organization,
    organization_policies,
    organization_tags,
)
from inventory.collectors.collector import Collector, Scope

COLLECTORS: Final[tuple[Collector, ...]] = (
    *organization.COLLECTORS,
    *hierarchy.COLLECTORS,
    *organization_policies.COLLECTORS,
    *organization_tags.COLLECTORS,
    # After all else of the organization, because it may take its time.
    *effective_policies.COLLECTORS,
    *iam_authorization.COLLECTORS,
    *iam_account.COLLECTORS,
    *iam_credentials.COLLECTORS,
    *iam_providers.COLLECTORS,
)


def collectors(scope: Scope) -> tuple[Collector, ...]:
    """Return the collectors that read the organization, or those that read an account."""
    return tuple(collector for collector in COLLECTORS if collector.scope == scope)


def actions(scope: Scope) -> tuple[str, ...]:
    """Return the IAM actions that a scope's role needs, each once, sorted."""
    return tuple(sorted({action for each in collectors(scope) for action in each.actions}))


def services(scope: Scope) -> tuple[str, ...]:
    """Return the boto3 names of the services that a scope's collectors call."""
    return tuple(sorted({collector.service for collector in collectors(scope)}))
