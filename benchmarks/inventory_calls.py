"""The calls to AWS that a run made, beside what the organization's size allows."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.inventory_readings import Reading
from benchmarks.tables import Figure, print_figures

if TYPE_CHECKING:
    from inventory.models import Connection
    from inventory.models.versions import Version

# Each once; the credential report may be asked for and made.
_IAM_CALLS = 10
_A_PROVIDER = ("iam:GetSAMLProvider", "iam:GetOpenIDConnectProvider")
_COUNTED = ("organizations:", "tagging:", "tag:", "iam:")
_PAGE = 20
_TAG_PAGE = 100


def print_organization_calls(first: Reading) -> None:
    """Print the calls for the organization by operation, with the most that each should take."""
    made = Counter(
        {
            name: number
            for name, number in first.calls.items()
            if name.startswith(("organizations:", "tagging:"))
        }
    )
    most = most_organization_calls(first.run.connection)
    figures = [Figure(name, made[name], most.get(name)) for name in sorted({*made, *most})]
    print_figures(
        f"Calls to AWS for the organization: {_size(first.run.connection)}",
        [
            *figures,
            Figure("all of the organization's part", made.total(), sum(most.values())),
            Figure("of these throttled and repeated", first.throttled[True]),
        ],
    )


def print_account_calls(first: Reading) -> None:
    """Print the calls of the groups IAM and S3 in accounts."""
    calls = [
        Counter({name: n for name, n in found.items() if name.startswith("iam:")})
        for account_id, found in first.calls_by_account.items()
        if account_id in first.assumed
    ]
    total = sum(calls, Counter[str]())
    fixed = [sum(n for name, n in each.items() if name not in _A_PROVIDER) for each in calls]
    print_figures(
        f"IAM calls in the {len(calls)} accounts whose role was assumed",
        [
            *(Figure(name, total[name]) for name in sorted(total)),
            Figure("of these throttled and repeated", first.throttled[False]),
            Figure("an account, median", median(each.total() for each in calls), _IAM_CALLS),
            Figure("an account, median, without each provider's", median(fixed), _IAM_CALLS),
            Figure("an account, mean", round(total.total() / len(calls), 1)),
            Figure("an account, the most", max(each.total() for each in calls)),
        ],
    )


def print_bucket_calls(first: Reading) -> None:
    """Print the calls of the group S3 beside their formula."""
    from inventory.models import GroupCoverage, ResourcePolicy

    own = {"connection": first.run.connection, "account_id__in": first.complete}
    stored = ResourcePolicy.objects.filter(
        **own, seen_until__isnull=True, service="s3", resource_type="bucket"
    )
    buckets = stored.count()
    with_acl = sum(each.facts.get("acl") is not None for each in stored)
    made = sum(
        _made(Counter(row.calls), "s3:") for row in GroupCoverage.objects.filter(**own, group="s3")
    )
    accounts = len(first.complete)
    print_figures(
        f"S3 calls in {accounts} accounts with {buckets} buckets, {with_acl} of them with ACLs on",
        [
            Figure(
                "3 an account, 3 a bucket, 1 more with ACLs on",
                made,
                3 * accounts + 3 * buckets + with_acl,
            ),
            Figure(
                "the same without those of the account, a bucket",
                round((made - 3 * accounts) / max(1, buckets), 2),
                4,
            ),
        ],
    )


def print_collector_calls(first: Reading) -> None:
    """Print the calls an account by collector, over all regions that were read."""
    from inventory.models import Coverage, GroupCoverage

    own = {"connection": first.run.connection, "account_id__in": first.complete}
    calls: Counter[str] = Counter()
    records: Counter[str] = Counter()
    for row in GroupCoverage.objects.filter(**own):
        for collector, regions in row.measures.items():
            for took in regions.values():
                calls[collector] += sum(took["calls"].values())
                records[collector] += took["records"]
    accounts = max(1, len(first.complete))
    rows = Coverage.objects.filter(connection=first.run.connection)
    print_figures(
        f"Calls an account by collector, mean of {accounts} accounts read whole",
        [
            *(
                Figure(f"{name}, {records[name]} records", round(calls[name] / accounts, 2))
                for name in sorted(calls)
            ),
            Figure("all of them", round(calls.total() / accounts, 1)),
            Figure("regions", len(set(rows.values_list("region", flat=True)) - {"global"})),
            Figure("coverage rows that hold, of all accounts", rows.exclude(account_id="").count()),
        ],
    )


def print_calls_in_all(first: Reading, very_first: Counter[str], *, most: int) -> None:
    """Print what a run needs for the organization and the group IAM together.

    `very_first`: the calls of one that had credential reports made, which AWS then keeps.
    """
    print_figures(
        f"Calls of a run: {_size(first.run.connection)}",
        [
            Figure("organization", _made(first.calls, "organizations:", "tagging:")),
            Figure("IAM", _made(first.calls, "iam:")),
            Figure("organization and IAM", _made(first.calls, *_COUNTED), most),
            Figure("the same where each credential report is made", _made(very_first, *_COUNTED)),
            Figure("sts:AssumeRole, one an account and group", first.calls["sts:AssumeRole"]),
        ],
    )


def _made(calls: Counter[str], *prefixes: str) -> int:
    return sum(number for name, number in calls.items() if name.startswith(prefixes))


def organization_seconds_allowed(reading: Reading) -> float:
    """Return how long the organization's calls take at least at AWS's rates.

    Each operation has a rate of its own; the slowest of them decides.
    """
    from django.conf import settings

    longest = 0.0
    for name, number in reading.calls.items():
        if name.startswith("organizations:"):
            rate, burst = settings.AWS_ORGANIZATIONS_RATES.get(
                name, settings.AWS_ORGANIZATIONS_RATE
            )
            longest = max(longest, (number - burst) / rate)
    return longest


def most_organization_calls(connection: Connection) -> dict[str, int]:
    """Return how many calls of each operation the organization's size allows."""
    from inventory.models import (
        Account,
        DelegatedAdministrator,
        OrganizationalUnit,
        OrganizationResourcePolicy,
        Policy,
        PolicyAttachment,
        ResponsibilityTransfer,
        Root,
        TrustedService,
    )
    from inventory.policy_types import POLICY_TYPES

    def now(model: type[Version]) -> int:
        return _now(model, connection)

    transfers = now(ResponsibilityTransfer)
    inbound = ResponsibilityTransfer.objects.filter(
        connection=connection, seen_until__isnull=True, direction="inbound"
    ).count()
    policies, accounts, units = now(Policy), now(Account), now(OrganizationalUnit)
    tagged = policies + accounts + units + now(Root)
    return {
        "organizations:DescribeOrganization": 1,
        "organizations:ListRoots": 1,
        # That there is none is asked twice.
        "organizations:DescribeResourcePolicy": 1 if now(OrganizationResourcePolicy) else 2,
        "organizations:ListAccounts": _pages(accounts),
        "organizations:ListOrganizationalUnitsForParent": now(Root) + units + _pages(units),
        "organizations:ListPolicies": len(POLICY_TYPES) + _pages(policies),
        "organizations:DescribePolicy": policies,
        "organizations:ListTargetsForPolicy": policies + _pages(now(PolicyAttachment)),
        "organizations:ListAWSServiceAccessForOrganization": _pages(now(TrustedService)),
        "organizations:ListDelegatedAdministrators": _pages(now(DelegatedAdministrator)),
        "organizations:ListDelegatedServicesForAccount": now(DelegatedAdministrator),
        "organizations:ListInboundResponsibilityTransfers": _pages(inbound),
        "organizations:ListOutboundResponsibilityTransfers": _pages(transfers - inbound),
        "tagging:GetResources": -(-tagged // _TAG_PAGE),
    }


def _pages(items: int) -> int:
    return max(1, -(-items // _PAGE))


def _size(connection: Connection) -> str:
    from inventory.models import Account, OrganizationalUnit, Policy

    return (
        f"{_now(Account, connection)} accounts, {_now(OrganizationalUnit, connection)} OUs,"
        f" {_now(Policy, connection)} policies"
    )


def _now(model: type[Version], connection: Connection) -> int:
    rows: int = model.objects.filter(connection=connection, seen_until__isnull=True).count()
    return rows
