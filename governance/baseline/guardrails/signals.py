"""What guardrails tell the layers above them, inside their transaction."""

from django.dispatch import Signal

# Results are worked out. Sent by `GuardrailResult` with `connection`, `moment`, when the versions
# that were written begin, `written`: guardrail id → ids of the accounts in which a version began or
# ended, and `now`.
results_refreshed = Signal()
