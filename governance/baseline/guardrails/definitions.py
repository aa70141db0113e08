"""Which guardrails an organization has: the library's as it uses them, and its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.models import GuardrailDefinition
from governance.baseline.guardrails.reading import document_of
from governance.baseline.guardrails.shipped import shipped_guardrails
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class GuardrailInForce:
    """A guardrail as an organization uses it.

    `version` 0: shipped, and nobody touched it. `is_shipped`: the library has it; `is_changed`: and
    the organization says something else in it.
    """

    document: GuardrailDocument
    version: int = 0
    enabled: bool = True
    is_shipped: bool = True
    is_changed: bool = False
    reason: str = ""
    made_by: str = ""
    made_at: datetime | None = None

    @property
    def id(self) -> str:
        """The guardrail's id."""
        return self.document.id


def guardrails_in_force(
    connection: Connection, *, as_of: datetime | None = None
) -> Mapping[str, GuardrailInForce]:
    """Return every guardrail of an organization by its id, disabled ones too, in order."""
    found = {one.id: GuardrailInForce(one) for one in shipped_guardrails().values()}
    rows = GuardrailDefinition.objects.filter(connection=connection).select_related("made_by")
    if as_of is not None:
        rows = rows.filter(made_at__lte=as_of)
    newest = rows.order_by("guardrail_id", "-version").distinct("guardrail_id")
    for row in newest:
        if (made := in_force_of(row)) is not None:
            found[row.guardrail_id] = made
    return dict(sorted(found.items()))


def in_force_of(row: GuardrailDefinition) -> GuardrailInForce | None:
    """Return what one version makes of a guardrail; None: of one that the library has no more."""
    shipped = shipped_guardrails().get(row.guardrail_id)
    document = shipped if row.document is None else document_of(row.document)
    if document is None:
        return None
    return GuardrailInForce(
        document,
        version=row.version,
        enabled=row.enabled,
        is_shipped=shipped is not None,
        is_changed=shipped is not None and document.digest != shipped.digest,
        reason=row.reason,
        made_by=row.made_by.get_username(),
        made_at=row.made_at,
    )


def guardrail_in_force(connection: Connection, guardrail_id: str) -> GuardrailInForce | None:
    """Return one guardrail as an organization uses it; None: there is none of that id."""
    row = guardrail_versions(connection, guardrail_id).first()
    if row is not None:
        return in_force_of(row)
    shipped = shipped_guardrails().get(guardrail_id)
    return None if shipped is None else GuardrailInForce(shipped)


def guardrail_versions(
    connection: Connection, guardrail_id: str
) -> "QuerySet[GuardrailDefinition]":
    """Return all versions that the organization made of a guardrail, the newest first."""
    return (
        GuardrailDefinition.objects.filter(connection=connection, guardrail_id=guardrail_id)
        .select_related("made_by")
        .order_by("-version")
    )
