"""Which guardrails an organization has: the library's as it uses them, and its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from governance.access import rights
from governance.audit import actions
from governance.baseline.guardrails.dispatch import refresh_guardrails_send
from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.models import GuardrailDefinition
from governance.baseline.guardrails.reading import document_of
from governance.baseline.guardrails.shipped import shipped_guardrails
from governance.edits.written_rules import RuleInForce, RuleShelf
from inventory.models import Connection

GuardrailInForce = RuleInForce[GuardrailDocument]

GUARDRAILS: Final = RuleShelf[GuardrailDocument, GuardrailDefinition](
    model=GuardrailDefinition,
    id_field="guardrail_id",
    noun="guardrail",
    shipped=shipped_guardrails,
    stored=document_of,
    right=rights.MANAGE_GUARDRAILS,
    write_action=actions.GUARDRAIL_WRITE,
    switch_action=actions.GUARDRAIL_SWITCH,
    written=lambda connection, _: refresh_guardrails_send(connection.pk),
)
"""What services write and selectors read of guardrails, version by version."""


def guardrails_in_force(
    connection: Connection, *, as_of: datetime | None = None
) -> Mapping[str, GuardrailInForce]:
    """Return every guardrail of an organization by its id, disabled ones too, in order."""
    return GUARDRAILS.all_in_force(connection, as_of=as_of)


def guardrail_in_force(connection: Connection, guardrail_id: str) -> GuardrailInForce | None:
    """Return one guardrail as an organization uses it; None: there is none of that id."""
    return GUARDRAILS.in_force(connection, guardrail_id)
