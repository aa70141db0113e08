"""All that a change request was: plan, evidence, reviews, journal, and proofs of its audit entries.

`docs/verify_audit.py bundle` checks it offline.
"""

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Q

from governance.audit.models import AuditEntry
from governance.audit.proofs import entry_proofs, proof_document
from governance.changes.life.reviews import all_reviews
from governance.changes.models import ChangeRequest, Evidence, JournalEntry, Rollout

BUNDLE_FORMAT: Final = "orgwarden-change-bundle/1"
# Equal bundles give equal bytes: files of a zip have no time of their own.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_README: Final = """\
bundle.json holds a change request of Orgwarden: what was asked for, the evidence, the reviews, the
journal of calls to AWS, and the proof that each of its audit entries stands in the audit log.

Check it with docs/verify_audit.py of Orgwarden, which needs Python alone:

    python verify_audit.py bundle THIS.zip --public-key KEY

KEY is the audit log's public key, from where you keep it.
"""


def change_bundle(change_request: ChangeRequest) -> dict[str, Any]:
    """Return a request as JSON, whole: give it only to who may see all of it.

    `audit.proofs`: a proof of each entry that a checkpoint covers; `audit.not_proven`: the ids of
    those that none covers yet.
    """
    entries = list(_entries(change_request))
    proofs = entry_proofs(entries)
    return {
        "format": BUNDLE_FORMAT,
        "organization": {
            "slug": change_request.connection.slug,
            "name": change_request.connection.name,
            "id": change_request.connection.organization_id,
            "connection_id": change_request.connection_id,
        },
        "request": _request(change_request),
        "evidence": [
            _evidence(each) for each in change_request.evidences.order_by("made_at", "pk")
        ],
        "reviews": [
            {
                "id": each.pk,
                "reviewer_id": each.reviewer_id,
                "reviewer": each.reviewer.get_username(),
                "verdict": each.verdict,
                "body": each.body,
                "digest": each.digest,
                "created_at": _time(each.created_at),
                "voided_at": _time(each.voided_at),
                "void_reason": each.void_reason,
                "carried_from": each.carried_from_id,
                "audit_entry": each.audit_entry_id,
            }
            for each in all_reviews(change_request)
        ],
        "rollouts": [_rollout(each) for each in change_request.rollouts.order_by("pk")],
        "audit": {
            "proofs": [proof_document(proofs[entry.pk]) for entry in entries if entry.pk in proofs],
            "not_proven": [entry.pk for entry in entries if entry.pk not in proofs],
        },
    }


def bundle_zip(bundle: dict[str, Any]) -> bytes:
    """Return a bundle as a zip; equal bundles give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("bundle.json", bundle_json(bundle)), ("README.txt", _README)):
            entry = zipfile.ZipInfo(name, date_time=_NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode("utf-8", "surrogatepass"))
    return buffer.getvalue()


def bundle_json(bundle: dict[str, Any]) -> str:
    """Return a bundle as text."""
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"


def _entries(change_request: ChangeRequest) -> Iterable[AuditEntry]:
    """Return the audit entries about a request, in their order, with those that others name."""
    named = [each.audit_entry_id for each in all_reviews(change_request) if each.audit_entry_id]
    journal = JournalEntry.objects.filter(
        rollout__change_request=change_request, audit_entry__isnull=False
    )
    about = Q(
        object_kind="change_request",
        object_id=str(change_request.number),
        connection_id=change_request.connection_id,
    )
    about |= Q(pk__in=[*named, *journal.values_list("audit_entry_id", flat=True)])
    return AuditEntry.objects.filter(about).order_by("pk")


def _request(change_request: ChangeRequest) -> dict[str, Any]:
    return {
        "number": change_request.number,
        "title": change_request.title,
        "reason": change_request.reason,
        "ticket_url": change_request.ticket_url,
        "author_id": change_request.author_id,
        "author": change_request.author.get_username(),
        "contributor_ids": sorted(
            set(change_request.contributions.values_list("person_id", flat=True))
        ),
        "state": change_request.state,
        "state_at": _time(change_request.state_at),
        "applied": change_request.applied,
        "emergency": change_request.emergency,
        "revision": change_request.revision,
        "operations": change_request.operations,
        "rings": change_request.rings,
        "plan_sha256": change_request.plan_sha256,
        "evidence_sha256": ""
        if change_request.evidence is None
        else change_request.evidence.sha256,
        "required_approvals": change_request.required_approvals,
        "overrides": change_request.overrides,
        "undoes": None if change_request.undoes is None else change_request.undoes.number,
        "created_at": _time(change_request.created_at),
        "applied_at": _time(change_request.applied_at),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "sha256": evidence.sha256,
        "conclusions_sha256": evidence.conclusions_sha256,
        "plan_sha256": evidence.plan_sha256,
        "revision": evidence.revision,
        "made_at": _time(evidence.made_at),
        "content": evidence.content,
        "conclusions": evidence.conclusions,
        "base": evidence.base,
        "plan": evidence.plan,
    }


def _rollout(rollout: Rollout) -> dict[str, Any]:
    lines = rollout.journal.order_by("pk")
    return {
        "id": rollout.pk,
        "kind": rollout.kind,
        "plan": rollout.plan,
        "plan_sha256": rollout.plan_sha256,
        "started_by": None if rollout.started_by is None else rollout.started_by.get_username(),
        "started_at": _time(rollout.started_at),
        "ended_at": _time(rollout.ended_at),
        "journal": [
            {
                "id": line.pk,
                "step": line.step,
                "attempt": line.attempt,
                "phase": line.phase,
                "call": line.call,
                "outcome": line.outcome,
                "aws_request_id": line.aws_request_id,
                "detail": line.detail,
                "recorded_at": _time(line.recorded_at),
                "audit_entry": line.audit_entry_id,
            }
            for line in lines
        ],
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
