"""Which contract covers an edge, as the table and the picture show it."""

from collections.abc import Sequence
from typing import Any

from governance.posture.trust.models import TrustEdge
from governance.web.parts.pages import ConnectionPage


def covered_by_contract(page: ConnectionPage) -> Any | None:
    """Return a condition on edges that an active contract covers; None: not known.

    Contracts cover edges as they are now: of an earlier time it is not known.
    """
    return None


def contract_labels(
    page: ConnectionPage, edges: Sequence[TrustEdge]
) -> dict[str, tuple[str, str]] | None:
    """Return name and address of the contract of each covered edge, by its key; None: not known."""
    return None
