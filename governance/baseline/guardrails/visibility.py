"""Which results somebody sees who may see a part of the organization."""

from governance.baseline.guardrails.models import GuardrailResult
from inventory.viewing import in_accounts, rule_for


def register() -> None:
    """Limit results to the accounts that may be seen."""
    rule_for(GuardrailResult, in_accounts)
