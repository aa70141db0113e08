"""What the caller's own policies give it of an edge."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from governance.posture.trust.models import TrustEdge
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.policy_marks import marked_statements
from inventory.selectors.principals import principal_detail
from policies.language.patterns import action_glob
from policies.trust import TrustPrincipalKind

_NAMED: Final = {TrustPrincipalKind.ROLE, TrustPrincipalKind.USER}
_MOST: Final = 4


def identity_side(page: ConnectionPage, edge: TrustEdge) -> dict[str, Any] | None:
    """Return the statements of a named caller's policies that name what the edge lets it do.

    None: the caller is no role and no user of the organization. `unknown`: its account's IAM was
    not read, or a policy's text is missing.
    """
    if edge.principal_kind not in _NAMED or not getattr(edge, "principal_account_name", None):
        return None
    detail = principal_detail(
        page.viewer, connection=page.connection, arn=edge.principal_id, as_of=page.as_of
    )
    if detail is None:
        return {"unknown": "This principal isn't collected.", "lines": (), "name": ""}
    missing = sum(policy.text is None for policy in detail.policies)
    found: list[Mapping[str, Any]] = []
    for policy in detail.policies:
        if policy.text is not None and policy.kind not in ("trust", "boundary"):
            found += [one for one in _statements(policy.text) if _names(one, edge)]
    weak = {
        text
        for one in found
        for text in _texts(one.get("Resource"))
        if "*" in text and text != edge.resource_arn
    }
    return {
        "name": detail.principal.name,
        "lines": marked_statements(found[:_MOST], weak=weak),
        "more": max(0, len(found) - _MOST),
        "unknown": f"{missing} of its policies aren't collected." if missing else "",
    }


def _statements(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        policy = json.loads(text)
    except ValueError:
        return []
    found = policy.get("Statement", []) if isinstance(policy, dict) else []
    statements = found if isinstance(found, list) else [found]
    return [one for one in statements if isinstance(one, dict)]


def _names(statement: Mapping[str, Any], edge: TrustEdge) -> bool:
    """Whether a statement speaks of an action of the edge at its target."""
    actions = _texts(statement.get("Action"))
    if "NotAction" not in statement and not any(
        _matches(written, action) for written in actions for action in edge.actions
    ):
        return False
    resources = _texts(statement.get("Resource"))
    arn = edge.resource_arn
    return "NotResource" in statement or any(
        _matches(written, arn) or written.startswith(f"{arn}/") for written in resources
    )


def _matches(written: str, text: str) -> bool:
    # Both are compared without regard to case, so that nothing is left out of what is shown.
    return action_glob(written.lower()).matches(text.lower())


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
