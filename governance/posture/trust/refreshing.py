"""Works edges out of rows, for the accounts of which something changed that they follow from."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.posture.state.organization import CompiledOrganization, load_organization
from governance.posture.trust.account_facts import AccountFacts
from governance.posture.trust.edge_builder import EdgeBuilder
from governance.posture.trust.edge_rows import AccountTrust, found_row
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.registry import TRUST_FINDING_KINDS, facts_marks
from governance.posture.trust.inputs import (
    VIEWER,
    account_facts,
    inputs_sha256,
    readings,
    rows_marks,
    sources_mark,
    surroundings,
)
from governance.posture.trust.models import OF_ALL, TrustEdge, TrustFinding, TrustReading
from governance.posture.trust.signals import edges_refreshed
from governance.posture.trust.storing import (
    WrittenVersions,
    moment_to_write,
    store_edges,
    store_findings,
)
from governance.posture.trust.surroundings import Surroundings
from inventory.digests import sha256
from inventory.garbage_collection import growing
from inventory.models import Connection, InventoryRun
from inventory.selectors.roles import policy_texts
from inventory.store.locks import hold_lock
from policies.trust.findings.registry import policy_findings

log = logging.getLogger(__name__)

# Accounts whose rows are in memory at a time.
_AT_ONCE: Final = 250
_LONGEST_PROBLEM: Final = 500


@dataclass(slots=True)
class RefreshedTrust:
    """What a refresh did. `account_ids`: those that were worked out; of the others nothing changed.

    `moment`: when the versions that it wrote begin.
    """

    moment: datetime
    account_ids: tuple[str, ...] = ()
    edges: WrittenVersions = field(default_factory=WrittenVersions)
    findings: WrittenVersions = field(default_factory=WrittenVersions)


@transaction.atomic
def refresh_trust(
    connection: Connection, *, now: datetime, account_ids: Collection[str] | None = None
) -> RefreshedTrust:
    """Bring edges, and the findings of each policy, up to what is collected now.

    `account_ids`: only these are looked at; None: all. Accounts of which nothing changed that their
    edges follow from are left alone; nothing is written where nothing differs. One refresh of an
    organization at a time: another one waits.
    """
    hold_lock(f"trust:{connection.pk}")
    moment = moment_to_write(connection, now)
    done = RefreshedTrust(moment)
    organization = load_organization(VIEWER, connection=connection)
    if not organization.is_known:
        return done
    around = surroundings(connection, organization)
    marks, known = rows_marks(connection), readings(connection)
    chosen = marks.keys() | known.keys()
    if account_ids is not None:
        chosen &= set(account_ids)
    stale = sorted(
        account_id
        for account_id in chosen
        if not _is_known(around, account_id, marks.get(account_id, ""), known.get(account_id))
    )
    texts: dict[str, str] = {}
    builder = EdgeBuilder(around, texts, policy_findings)
    for start in range(0, len(stale), _AT_ONCE):
        part = stale[start : start + _AT_ONCE]
        with growing():
            facts, hashes = account_facts(connection, part)
            texts.clear()
            texts.update(policy_texts(hashes))
            worked_out = [(each.account_id, *_account_trust(builder, each)) for each in facts]
            _store(connection, worked_out, part, moment, done)
        _note(connection, around, marks, worked_out, moment, now)
    done.account_ids = tuple(stale)
    edges_refreshed.send(sender=TrustEdge, connection=connection, moment=moment, now=now)
    return done


@transaction.atomic
def find_trust(connection: Connection, *, now: datetime, moment: datetime) -> WrittenVersions:
    """Ask what is wrong with all trust together, unless it was asked of the same facts today.

    A step of its own: all edges are read for it, however few have changed, and edges do not wait.
    `moment`: of the refresh before it.
    """
    hold_lock(f"trust:{connection.pk}")
    organization = load_organization(VIEWER, connection=connection)
    if not organization.is_known:
        return WrittenVersions()
    mark = _facts_mark(connection, organization, now)
    reading = TrustReading.objects.filter(connection=connection, account_id=OF_ALL).first()
    if reading is not None and reading.inputs_sha256 == mark:
        return WrittenVersions()
    facts = TrustFacts(connection, organization, now)
    with growing():
        rows = [
            found_row(kind, found)
            for kind in TRUST_FINDING_KINDS.values()
            for found in kind.check(facts)
        ]
        written = store_findings(
            connection, rows, found_in=TrustFinding.FoundIn.FACTS, moment=moment
        )
    TrustReading.objects.update_or_create(
        connection=connection,
        account_id=OF_ALL,
        defaults={"inputs_sha256": mark, "run_started_at": moment, "read_at": now},
    )
    return written


def _is_known(
    around: Surroundings, account_id: str, rows_mark: str, known: TrustReading | None
) -> bool:
    if known is None or known.rows_sha256 != rows_mark:
        return False
    return known.inputs_sha256 == inputs_sha256(
        around,
        account_id,
        rows_mark,
        known.named_account_ids,
        known.services,
        known.wide_services,
        names_units=known.names_units,
    )


def _account_trust(builder: EdgeBuilder, facts: AccountFacts) -> tuple[AccountTrust | None, str]:
    """Return what lets into an account, or None and why it could not be evaluated."""
    try:
        return builder.account_trust(facts), ""
    except Exception as error:
        # One account must not keep the others from being known.
        log.exception("the trust of account %s could not be evaluated", facts.account_id)
        return None, f"{type(error).__name__}: {error}"[:_LONGEST_PROBLEM]


WorkedOut = Sequence[tuple[str, AccountTrust | None, str]]


def _store(
    connection: Connection,
    worked_out: WorkedOut,
    account_ids: Collection[str],
    moment: datetime,
    done: RefreshedTrust,
) -> None:
    trusts = [trust for _, trust, _ in worked_out if trust is not None]
    failed = {account_id for account_id, trust, _ in worked_out if trust is None}
    kept = {each for trust in trusts for each in trust.kept}
    chosen = [each for each in account_ids if each not in failed]
    done.edges += store_edges(
        connection,
        (edge for trust in trusts for edge in trust.edges),
        account_ids=chosen,
        kept=kept,
        moment=moment,
    )
    done.findings += store_findings(
        connection,
        (finding for trust in trusts for finding in trust.findings),
        found_in=TrustFinding.FoundIn.POLICY,
        account_ids=chosen,
        kept_arns={arn for arn, _ in kept},
        moment=moment,
    )


def _note(
    connection: Connection,
    around: Surroundings,
    marks: dict[str, str],
    worked_out: WorkedOut,
    moment: datetime,
    now: datetime,
) -> None:
    """Note up to which state accounts are known; those without any rows are forgotten."""
    rows = []
    for account_id, trust, problem in worked_out:
        if account_id not in marks:
            continue
        found = trust or AccountTrust()
        named = sorted(found.named - {account_id})
        services, wide = sorted(found.services), sorted(found.wide_services)
        rows.append(
            TrustReading(
                connection=connection,
                account_id=account_id,
                inputs_sha256=inputs_sha256(
                    around,
                    account_id,
                    marks[account_id],
                    named,
                    services,
                    wide,
                    names_units=found.names_units,
                ),
                rows_sha256=marks[account_id],
                named_account_ids=named,
                services=services,
                wide_services=wide,
                names_units=found.names_units,
                run_started_at=moment,
                read_at=now,
                problem=problem,
            )
        )
    TrustReading.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "account_id"],
        update_fields=[
            *("inputs_sha256", "rows_sha256", "named_account_ids"),
            *("services", "wide_services", "names_units"),
            *("run_started_at", "read_at", "problem"),
        ],
        batch_size=1000,
    )
    gone = [account_id for account_id, _, _ in worked_out if account_id not in marks]
    if gone:
        TrustReading.objects.filter(connection=connection, account_id__in=gone).delete()


def _facts_mark(connection: Connection, organization: CompiledOrganization, now: datetime) -> str:
    """Return what is equal where all trust together is as it was, and the day is the same."""
    edges = TrustEdge.objects.filter(connection=connection)
    runs = InventoryRun.objects.filter(connection=connection).exclude(
        state__in=InventoryRun.ACTIVE_STATES
    )
    told = (
        sources_mark(),
        sorted(TRUST_FINDING_KINDS),
        organization.key,
        facts_marks(connection),
        now.date(),
        runs.order_by("-pk").values_list("pk", flat=True).first(),
        edges.order_by("-pk").values_list("pk", flat=True).first(),
        edges.filter(seen_until__isnull=False)
        .order_by("-seen_until")
        .values_list("seen_until", flat=True)
        .first(),
    )
    return sha256(repr(told))
