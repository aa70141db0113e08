"""Results as versions: what is as it was writes nothing; proofs are stored once."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from io import StringIO
from typing import Any, Final

from django.db import connection as database
from django.db.models import Max

from governance.baseline.guardrails.findings import GuardrailFinding
from governance.baseline.guardrails.models import GuardrailProof, GuardrailResult
from governance.baseline.guardrails.proofs import proof_content, proof_digest
from inventory.digests import sha256
from inventory.models import Connection, InventoryRun

_BATCH: Final = 5_000


def moment_of_results(connection: Connection, now: datetime) -> datetime:
    """Return when versions that are written now begin and end.

    The start of the last run that has ended, as the rows that they follow from; where something was
    written for that time already, now.
    """
    runs = InventoryRun.objects.filter(connection=connection, started_at__isnull=False)
    ended = runs.exclude(state__in=InventoryRun.ACTIVE_STATES)
    run_at: datetime | None = ended.aggregate(at=Max("started_at"))["at"]
    if run_at is None:
        return now
    rows = GuardrailResult.objects.filter(connection=connection)
    written = rows.filter(seen_from__gte=run_at) | rows.filter(seen_until__gte=run_at)
    return now if written.exists() else run_at


class ProofStore:
    """Turns findings into the keys of proofs. Equal findings are looked up once."""

    def __init__(self) -> None:
        self._digests: dict[int, tuple[GuardrailFinding, str]] = {}
        self._contents: dict[str, Mapping[str, Any]] = {}

    def digest(self, finding: GuardrailFinding, account_id: str) -> str:
        """Return the digest of the proof of a finding in one account."""
        known = self._digests.get(id(finding))
        if known is not None:
            return known[1]
        content = proof_content(
            because=finding.because,
            account_id=account_id,
            counterexample=finding.counterexample,
            keys=finding.keys,
            read=finding.read,
        )
        digest = proof_digest(content)
        self._contents.setdefault(digest, content)
        if finding.is_general or account_id not in json.dumps([finding.because, finding.read]):
            self._digests[id(finding)] = (finding, digest)
        return digest

    def stored(self, digests: Collection[str]) -> dict[str, int]:
        """Return the keys of proofs, which are stored where they are not yet."""
        wanted = sorted(set(digests))
        for start in range(0, len(wanted), _BATCH):
            GuardrailProof.objects.bulk_create(
                [
                    GuardrailProof(digest=digest, content=self._contents[digest])
                    for digest in wanted[start : start + _BATCH]
                ],
                ignore_conflicts=True,
            )
        found: dict[str, int] = {}
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            found.update(GuardrailProof.objects.filter(digest__in=part).values_list("digest", "pk"))
        return found


def store_results(
    connection: Connection,
    guardrail_id: str,
    found: Mapping[str, GuardrailFinding],
    *,
    gone: Collection[str] = (),
    proofs: ProofStore,
    moment: datetime,
) -> set[str]:
    """Store what was found of a guardrail in some accounts; return those where a version changed.

    `gone`: accounts that are in its scope no more, whose results end.
    """
    asked = [*found, *gone]
    if not asked:
        return set()
    known = {
        account_id: (pk, fingerprint)
        for pk, account_id, fingerprint in GuardrailResult.objects.as_of(None)
        .filter(connection=connection, guardrail_id=guardrail_id, account_id__any_of=asked)
        .values_list("pk", "account_id", "fingerprint")
    }
    closing = [known[account_id][0] for account_id in gone if account_id in known]
    changed = {account_id for account_id in gone if account_id in known}
    opening: list[tuple[str, str, str, str]] = []
    for account_id, finding in found.items():
        digest = proofs.digest(finding, account_id)
        fingerprint = sha256(f"{finding.outcome}{digest}")
        before = known.get(account_id)
        if before is not None:
            if before[1] == fingerprint:
                continue
            closing.append(before[0])
        changed.add(account_id)
        opening.append((account_id, finding.outcome.value, digest, fingerprint))
    # A version that would begin and end at once is none.
    rows = GuardrailResult.objects.filter(pk__in=closing)
    rows.filter(seen_from__gte=moment).delete()
    rows.filter(seen_from__lt=moment).update(seen_until=moment)
    keys = proofs.stored([digest for _, _, digest, _ in opening])
    _copy(
        [
            (
                *(connection.pk, moment.isoformat(), guardrail_id, account_id, outcome),
                *(fingerprint, keys[proof]),
            )
            for account_id, outcome, proof, fingerprint in opening
        ]
    )
    return changed


_COLUMNS: Final = (
    *("connection_id", "seen_from", "guardrail_id", "account_id", "outcome"),
    *("fingerprint", "proof_id"),
)


def _copy(rows: list[tuple[Any, ...]]) -> None:
    """Write rows at once: an INSERT of as many takes three times as long."""
    if not rows:
        return
    text = StringIO()
    for row in rows:
        text.write("\t".join(str(one) for one in row))
        text.write("\n")
    text.seek(0)
    quote = database.ops.quote_name
    columns = ", ".join(quote(each) for each in _COLUMNS)
    table = quote(GuardrailResult._meta.db_table)
    with database.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
