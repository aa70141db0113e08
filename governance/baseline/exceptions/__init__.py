"""Where a guardrail need not hold, why, and until when."""
