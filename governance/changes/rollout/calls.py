"""What the apply role must allow."""

from typing import Final

from governance.changes.aws_writer import READS, WRITES

APPLY_ACTIONS: Final = frozenset((*READS, *WRITES))
"""Every IAM action that a rollout can need; docs/roles/apply.yaml lists them."""
