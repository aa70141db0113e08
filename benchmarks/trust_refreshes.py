"""`python -m benchmarks.trust_refreshes`: work trust out in the environment's database."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import django

from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table

if TYPE_CHECKING:
    from governance.posture.trust.refreshing import RefreshedTrust
    from inventory.models import Connection

_ACCOUNTS: Final = int(os.environ.get("ORGWARDEN_BENCH_ACCOUNTS", "1000"))
_CHANGED: Final = 10
_PAGES: Final = 40
_TARGET_ALL: Final = 30.0
_TARGET_CHANGED: Final = 1.0
_TARGET_PAGE: Final = 0.15


def main() -> None:
    """Seed, refresh in each way, list; print both tables."""
    django.setup()
    from django.utils import timezone

    from demo.scale.seeding import SLUG, seed
    from demo.scale.shape import Shape
    from inventory.models import Connection

    shape = Shape(
        ended_at=timezone.now(), accounts=_ACCOUNTS, units=max(20, _ACCOUNTS // 10), principals=1000
    )
    seed(shape, tell=lambda _: None)
    connection = Connection.objects.get(slug=SLUG)
    newest = shape.run_times()[-1]
    accounts = _add_policies(connection, newest)
    figures: list[Figure] = []

    def refreshed(name: str, target: float | None = None) -> RefreshedTrust:
        from governance.posture.trust.refreshing import find_trust, refresh_trust

        used = time.process_time()
        done = refresh_trust(connection, now=timezone.now())
        figures.append(Figure(f"{name}: seconds", time.process_time() - used, target, True))
        figures.append(Figure(f"{name}: accounts worked out", len(done.account_ids)))
        figures.append(Figure(f"{name}: edges written", done.edges.opened))
        used = time.process_time()
        find_trust(connection, now=timezone.now(), moment=done.moment)
        figures.append(
            Figure(f"{name}: findings of all together, seconds", time.process_time() - used)
        )
        return done

    every = _TARGET_ALL * _ACCOUNTS / 1000
    refreshed("all accounts", every)
    refreshed("nothing changed", _TARGET_CHANGED)
    _change(connection, accounts[:_CHANGED], newest + timedelta(hours=1))
    refreshed(f"{_CHANGED} accounts changed", _TARGET_CHANGED)
    _edit_an_scp(connection, newest + timedelta(hours=2))
    refreshed("an SCP of one account edited")
    title = f"Trust of {_ACCOUNTS:,} accounts with 50 roles and 20 resources, processor time"
    print_figures(title, figures)
    print_table(
        "First page of trust, 50 rows, each with the names of both accounts",
        [*_pages(connection)],
    )


def _add_policies(connection: Connection, moment: datetime) -> list[str]:
    from django.db import connection as database
    from django.db import transaction

    from benchmarks.trust_policies import made_records
    from demo.scale.loading import VersionLoader
    from demo.scale.shape import Span
    from inventory.models import Account, Organization

    accounts = Account.objects.as_of(None).filter(connection=connection).order_by("account_id")
    account_ids = list(accounts.values_list("account_id", flat=True))
    own = Organization.objects.as_of(None).get(connection=connection)
    with transaction.atomic():
        loader = VersionLoader(connection)
        for account_id in account_ids:
            for record in made_records(account_id, account_ids[0], own.organization_id):
                loader.add(record, Span(moment), account_id=account_id)
        loader.flush()
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return account_ids


def _change(connection: Connection, account_ids: list[str], moment: datetime) -> None:
    from benchmarks.trust_policies import changed_role
    from demo.scale.loading import VersionLoader
    from demo.scale.shape import Span
    from inventory.models import Principal

    loader = VersionLoader(connection)
    for account_id in account_ids:
        record = changed_role(account_id)
        rows = Principal.objects.as_of(None).filter(connection=connection, arn=record.arn)
        rows.update(seen_until=moment)
        loader.add(record, Span(moment), account_id=account_id)
    loader.flush()


def _edit_an_scp(connection: Connection, moment: datetime) -> None:
    """Attach another SCP to the last account."""
    from inventory.models import Account, Policy, PolicyAttachment

    account = Account.objects.as_of(None).filter(connection=connection).latest("account_id")
    attached = PolicyAttachment.objects.as_of(None).filter(
        connection=connection, target_id=account.account_id
    )
    scps = Policy.objects.as_of(None).filter(connection=connection, type="SERVICE_CONTROL_POLICY")
    row = (
        PolicyAttachment.objects.as_of(None)
        .filter(connection=connection, policy_id__in=scps.values("policy_id"))
        .exclude(policy_id__in=attached.values("policy_id"))
        .latest("policy_id", "target_id")
    )
    row.pk, row.target_id, row.target_type = None, account.account_id, "ACCOUNT"
    row.seen_from, row.seen_until = moment, None
    row.save(force_insert=True)


def _pages(connection: Connection) -> list[Row]:
    from django.db import connection as database
    from django.utils import timezone

    from governance.filtering.scope import FilterScope
    from governance.filtering.trust import TrustEdgeFilters
    from governance.posture.trust.models import TrustEdge
    from governance.posture.trust.selectors import crossing_counts, trust_edges
    from inventory.selectors.keyset import rows_by_key
    from inventory.viewing import Viewer

    viewer = Viewer(sees_inventory=True)
    scope = FilterScope(viewer, connection, None, timezone.now())

    def page(query: dict[str, str]) -> Callable[[], object]:
        def read() -> object:
            rows = trust_edges(viewer, connection=connection)
            chosen = TrustEdgeFilters(query, rows, scope=scope).qs
            ordered = chosen.order_by("crossing_rank", "resource_name", "key")
            return rows_by_key(ordered, rows, 51)

        return read

    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    edges = TrustEdge.objects.as_of(None).filter(connection=connection).count()
    kinds: tuple[tuple[str, dict[str, str]], ...] = (
        ("all", {}),
        ("of one crossing", {"crossing": "vendor"}),
        ("not blocked, with a guard", {"guard": "external_id", "state": "guarded"}),
        ("with words in them", {"q": "deploy-2"}),
        ("with a finding", {"severity": "high"}),
    )
    rows = [
        measured(f"{name}, of {edges:,}", [page(query)] * _PAGES, _TARGET_PAGE, Statistic.P95)
        for name, query in kinds
    ]
    every = trust_edges(viewer, connection=connection)
    return [*rows, measured("counts by crossing", [lambda: crossing_counts(every)] * 10, None)]


if __name__ == "__main__":
    main()
