"""Writing the organization's own guardrails: tried against the organization, then saved."""

from typing import Any, Final

from governance.access import rights
from governance.baseline.guardrails.definitions import GUARDRAILS
from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.files import guardrail_file
from governance.baseline.guardrails.outcome_counts import WORST_FIRST
from governance.baseline.guardrails.trying import try_guardrail
from governance.baseline.guardrails.writing import read_for
from governance.web.guardrails.cell import counterexample_of
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts.rule_writing import RuleEditing, RulePlace, RuleSwitching, RuleWriting
from inventory.selectors.hierarchy import accounts

_RESULTS_SHOWN: Final = 100
_BEGINNING: Final = """\
id: our-trail-stays-on
title: Nobody stops our trail
why: Without CloudTrail nobody knows afterwards who did what.
topic: logging
severity: high
scope: {}
effect:
  actions:
    - cloudtrail:StopLogging
    - cloudtrail:DeleteTrail
remedy:
  text: Attach an SCP that denies these actions to the root.
"""


class GuardrailPlace(RulePlace, GuardrailScreen):
    """Where guardrails are written."""

    required_right = rights.VIEW_GUARDRAILS
    post_right = rights.MANAGE_GUARDRAILS
    shelf = GUARDRAILS
    rule_keyword = "guardrail_id"
    rule_route = "guardrail"
    list_route = "guardrail-list"
    list_title = "Guardrails"


class GuardrailWritePage(RuleWriting, GuardrailPlace):
    """A new guardrail."""

    required_right = rights.VIEW_GUARDRAILS
    template_name = "governance/guardrails/write.html"
    page_title = "Write a guardrail"
    begins_with = _BEGINNING
    saved_message = "It is active. Results follow within a few minutes."

    def read(self, content: bytes) -> GuardrailDocument:
        """Return the guardrail that a text says."""
        return read_for(self.viewer, self.connection, content)

    def file(self, document: GuardrailDocument) -> str:
        """Return a guardrail as a file."""
        return guardrail_file(document)

    def tried(self, document: GuardrailDocument) -> dict[str, Any]:
        """Return what was found, the worst accounts first."""
        tried = try_guardrail(self.viewer, connection=self.connection, document=document)
        results = tried.worst_first(_RESULTS_SHOWN)
        named = accounts(self.viewer, connection=self.connection).filter(
            account_id__in=[one.account_id for one in results]
        )
        names: dict[str, str] = dict(named.values_list("account_id", "name"))
        counts = tried.counts
        return {
            "problem": tried.problem,
            "accounts": len(tried.found),
            "counts": [(name, getattr(counts, name)) for name in WORST_FIRST],
            "rows": [
                {
                    "account_id": one.account_id,
                    "name": names.get(one.account_id, one.account_id),
                    "outcome": one.outcome.value,
                    "because": one.because,
                    "keys": one.keys,
                    "counterexample": counterexample_of(
                        self.connection.slug, one.account_id, one.counterexample
                    ),
                }
                for one in results
            ],
            "more": len(tried.found) - len(results),
        }


class GuardrailEditPage(RuleEditing, GuardrailWritePage):
    """Another version of a guardrail."""

    required_right = rights.VIEW_GUARDRAILS
    page_title = "Edit a guardrail"


class GuardrailSwitch(RuleSwitching, GuardrailPlace):
    """Enables or disables a guardrail, or uses a shipped one as shipped again."""

    required_right = rights.VIEW_GUARDRAILS
    follows = {
        "enable": "The guardrail is enabled. Results follow within a few minutes.",
        "disable": "The guardrail is disabled. Its results end within a few minutes.",
        "reset": "The guardrail is used as shipped. Results follow within a few minutes.",
    }
