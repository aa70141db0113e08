"""Works results out, for the guardrails and accounts of which something changed that decides."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.baseline.guardrails.changed_accounts import (
    TableMarks,
    changed_accounts,
    noted_marks,
)
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrails_in_force
from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.effects import (
    EffectRequest,
    decide_effects,
    engine_guardrails,
)
from governance.baseline.guardrails.findings import GuardrailFinding, Outcome, worst_of
from governance.baseline.guardrails.models import (
    BoundAccount,
    GuardrailReading,
    GuardrailResult,
)
from governance.baseline.guardrails.parameters import ParameterUnset
from governance.baseline.guardrails.policy_marks import AccountMark, account_marks
from governance.baseline.guardrails.scoping import ScopeDirectory
from governance.baseline.guardrails.signals import results_refreshed
from governance.baseline.guardrails.state_facts import account_states
from governance.baseline.guardrails.state_judging import judge_states
from governance.baseline.guardrails.storing import ProofStore, moment_of_results, store_results
from governance.baseline.guardrails.tallies import refresh_tallies
from governance.contracts.models import TrustContract
from governance.posture.state.organization import CompiledOrganization, load_organization
from inventory.digests import sha256
from inventory.garbage_collection import growing
from inventory.models import Connection
from inventory.store.locks import hold_lock
from inventory.viewing import Viewer
from policies import load_catalogue
from policies.guardrails import EffectGuardrail

VIEWER: Final = Viewer(sees_inventory=True)
# Raised where the engine or the judging of states says another thing of the same inputs.
_METHOD: Final = "1"
# Accounts whose rows are in memory at a time.
_AT_ONCE: Final = 250


@dataclass(slots=True)
class RefreshedGuardrails:
    """What a refresh did. `written`: guardrail id → accounts in which a version began or ended.

    `asked`: how many results were worked out. `moment`: when the versions that it wrote begin.
    """

    moment: datetime
    asked: int = 0
    written: dict[str, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _AskedGuardrail:
    """A guardrail and the accounts it is asked of now. `gone`: those that left its scope.

    `effects`: as the engine takes them, empty where `problem` says why it cannot be decided.
    """

    document: GuardrailDocument
    inputs: str
    scope_ids: tuple[str, ...]
    effects: tuple[EffectGuardrail, ...] = ()
    problem: str = ""
    account_ids: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    @property
    def scope_sha256(self) -> str:
        """The SHA-256 of the accounts in scope."""
        return sha256(",".join(sorted(self.scope_ids)))


@transaction.atomic
def refresh_guardrails(connection: Connection, *, now: datetime) -> RefreshedGuardrails:
    """Bring results up to what is collected and agreed now.

    A guardrail that changed is asked of every account in its scope, others of the accounts whose
    policies or rows changed. Nothing is written where nothing differs. One refresh of an
    organization at a time: another one waits.
    """
    hold_lock(f"guardrails:{connection.pk}")
    moment = moment_of_results(connection, now)
    done = RefreshedGuardrails(moment)
    organization = load_organization(VIEWER, connection=connection)
    if not organization.is_known:
        return done
    directory = ScopeDirectory(connection)
    readings = {
        one.guardrail_id: one for one in GuardrailReading.objects.filter(connection=connection)
    }
    marks = account_marks(organization)
    moved = _moved_accounts(connection, marks)
    tables = TableMarks.read(connection)
    stale = changed_accounts(connection, readings, tables)
    enabled = [one for one in guardrails_in_force(connection).values() if one.enabled]
    asked = [
        one
        for one in _asked(connection, enabled, directory, readings, moved.changed, stale)
        if one.account_ids or one.gone or one.document.id not in readings
    ]
    proofs = ProofStore()
    with growing():
        for one, found in _found(connection, organization, asked):
            changed = store_results(
                connection, one.document.id, found, gone=one.gone, proofs=proofs, moment=moment
            )
            done.asked += len(found)
            if changed:
                done.written[one.document.id] = changed
    _close_disabled(connection, enabled, done, readings)
    _note(connection, asked, tables, moment, now)
    moved.store(connection)
    touched = set(done.written)
    if moved.places_changed:
        touched |= {one for one in readings if not one.startswith(":")}
    results_refreshed.send(
        sender=GuardrailResult,
        connection=connection,
        moment=moment,
        written=done.written,
        now=now,
    )
    refresh_tallies(connection, touched, moment=moment)
    return done


@dataclass(slots=True)
class _MovedAccounts:
    """How accounts are bound now and were at the last refresh. `changed`: by other policies."""

    marks: Mapping[str, AccountMark]
    known: Mapping[str, tuple[str, str]]

    @property
    def changed(self) -> frozenset[str]:
        return frozenset(
            account_id
            for account_id, mark in self.marks.items()
            if self.known.get(account_id, ("", ""))[0] != mark.policies_sha256
        )

    @property
    def places_changed(self) -> bool:
        return any(
            self.known.get(account_id, ("", ""))[1] != mark.parent_id
            for account_id, mark in self.marks.items()
        )

    def store(self, connection: Connection) -> None:
        rows = [
            BoundAccount(
                connection=connection,
                account_id=account_id,
                policies_sha256=mark.policies_sha256,
                parent_id=mark.parent_id,
            )
            for account_id, mark in self.marks.items()
            if self.known.get(account_id) != (mark.policies_sha256, mark.parent_id)
        ]
        BoundAccount.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["connection", "account_id"],
            update_fields=["policies_sha256", "parent_id"],
            batch_size=1_000,
        )
        gone = sorted(self.known.keys() - self.marks.keys())
        if gone:
            BoundAccount.objects.filter(connection=connection, account_id__in=gone).delete()


def _moved_accounts(connection: Connection, marks: Mapping[str, AccountMark]) -> _MovedAccounts:
    rows = BoundAccount.objects.filter(connection=connection)
    return _MovedAccounts(
        marks,
        {
            account_id: (policies, parent_id)
            for account_id, policies, parent_id in rows.values_list(
                "account_id", "policies_sha256", "parent_id"
            )
        },
    )


def _asked(
    connection: Connection,
    enabled: Iterable[GuardrailInForce],
    directory: ScopeDirectory,
    readings: Mapping[str, GuardrailReading],
    rebound: frozenset[str],
    stale: frozenset[str],
) -> Iterator[_AskedGuardrail]:
    """Yield guardrails, each with the accounts to ask it of now."""
    contracts = _contracts_mark(connection)
    for one in enabled:
        document, problem = one.document, ""
        scope_ids: tuple[str, ...] = ()
        effects: tuple[EffectGuardrail, ...] | None = None
        try:
            scope_ids = directory.account_ids(document.scope)
            effects = engine_guardrails(document, directory.parameters)
        except ParameterUnset as error:
            problem = str(error)
        reads_edges = any(state.edges for state in document.state)
        followed = (effects, contracts) if reads_edges else effects
        inputs = sha256(
            repr((_METHOD, load_catalogue().updated_at, document.digest, followed, problem))
        )
        asked = _AskedGuardrail(document, inputs, scope_ids, effects or (), problem)
        reading = readings.get(document.id)
        everybody = set(scope_ids)
        if reading is None or reading.inputs_sha256 != inputs:
            asked.account_ids = everybody
        else:
            if document.effect:
                asked.account_ids |= everybody & rebound
            if document.state:
                asked.account_ids |= everybody & stale
        if reading is not None and reading.scope_sha256 != asked.scope_sha256:
            known = set(
                GuardrailResult.objects.as_of(None)
                .filter(connection=connection, guardrail_id=document.id)
                .values_list("account_id", flat=True)
            )
            asked.account_ids |= everybody - known
            asked.gone = known - everybody
        yield asked


def _contracts_mark(connection: Connection) -> tuple[int, ...]:
    """Return what is equal where the same contracts are active."""
    rows = TrustContract.objects.filter(connection=connection, state=TrustContract.State.ACTIVE)
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def _found(
    connection: Connection,
    organization: CompiledOrganization,
    asked: Sequence[_AskedGuardrail],
) -> Iterator[tuple[_AskedGuardrail, dict[str, GuardrailFinding]]]:
    """Yield each guardrail that was asked with what is found by account."""
    effects = decide_effects(
        organization,
        [
            EffectRequest(
                one.document.id,
                [account_id for account_id in one.scope_ids if account_id in one.account_ids],
                one.effects,
                one.problem,
            )
            for one in asked
            if one.document.effect
        ],
    )
    states = _states(connection, organization, [one for one in asked if one.document.state])
    for one in asked:
        by_effect = effects.get(one.document.id, {})
        by_state = states.get(one.document.id, {})
        yield (
            one,
            {
                account_id: worst_of(
                    part[account_id] for part in (by_effect, by_state) if account_id in part
                )
                for account_id in one.account_ids
            },
        )


def _states(
    connection: Connection, organization: CompiledOrganization, asked: Sequence[_AskedGuardrail]
) -> dict[str, dict[str, GuardrailFinding]]:
    found: dict[str, dict[str, GuardrailFinding]] = {one.document.id: {} for one in asked}
    wanted = sorted({account_id for one in asked for account_id in one.account_ids})
    assertions = [assertion for one in asked for assertion in one.document.state]
    # Equal findings become one object, so that their proof is worked out once.
    alike: dict[tuple[Outcome, str], GuardrailFinding] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        states = account_states(
            connection,
            wanted[start : start + _AT_ONCE],
            assertions,
            organization_id=organization.organization.organization_id or "",
        )
        for account_id, state in states.items():
            for one in asked:
                if account_id in one.account_ids:
                    finding = judge_states(one.document.state, state)
                    if not finding.read:
                        finding = alike.setdefault((finding.outcome, finding.because), finding)
                    found[one.document.id][account_id] = finding
    return found


def _close_disabled(
    connection: Connection,
    enabled: Iterable[GuardrailInForce],
    done: RefreshedGuardrails,
    readings: Iterable[str],
) -> None:
    """End the results of guardrails that are enabled no more, or gone."""
    known = {one for one in readings if not one.startswith(":")}
    gone = sorted(known - {one.id for one in enabled})
    if not gone:
        return
    rows = GuardrailResult.objects.as_of(None).filter(connection=connection, guardrail_id__in=gone)
    for guardrail_id, account_id in rows.values_list("guardrail_id", "account_id"):
        done.written.setdefault(guardrail_id, set()).add(account_id)
    rows.filter(seen_from__gte=done.moment).delete()
    rows.update(seen_until=done.moment)
    GuardrailReading.objects.filter(connection=connection, guardrail_id__in=gone).delete()


def _note(
    connection: Connection,
    asked: Sequence[_AskedGuardrail],
    tables: TableMarks,
    moment: datetime,
    now: datetime,
) -> None:
    """Note up to which state results are known."""
    rows = [
        GuardrailReading(
            connection=connection,
            guardrail_id=one.document.id,
            inputs_sha256=one.inputs,
            scope_sha256=one.scope_sha256,
            moment=moment,
            read_at=now,
            problem=one.problem[:500],
        )
        for one in asked
    ]
    GuardrailReading.objects.bulk_create(
        [*rows, *noted_marks(connection, tables, now=now)],
        update_conflicts=True,
        unique_fields=["connection", "guardrail_id"],
        update_fields=["inputs_sha256", "scope_sha256", "moment", "read_at", "problem"],
    )
