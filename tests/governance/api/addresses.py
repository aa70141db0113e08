"""All endpoints of the API, found by walking its URL patterns."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from governance.api.documentation import Documentation, Schema
from governance.api.unknown import UnknownAddress

# Values that make every address one of the small organization.
VALUES = {
    "slug": "acme",
    "account_id": "222222222222",
    "target_id": "ou-ab12-prod0001",
    "policy_id": "p-regio001",
    "resource_arn": "arn:aws:s3:::acme-data",
    "kind": "role",
    "name": "Deployer",
    "run_id": "1",
    "entry_id": "1",
    "number": "1",
    "contract_number": "1",
    "item_id": "1000001",
    "drift_id": "1",
    "detection_id": "1",
    "detection_rule_id": "root-signed-in",
    "rule_number": "1",
    "guardrail_id": "no-iam-users",
    "exception_number": "1",
    "party_name": "Harbour Partners",
    "purpose": "log_archive",
    "checkpoint_number": "1",
    "comment_id": "1",
    "ring": "1",
    "suspected_id": "1",
    "log_source_id": "1",
    "grant_id": "1",
    "owner_rule_id": "1",
    "label_rule_id": "1",
    "version": "1",
    "before": "1",
    "after": "2",
    "earlier": "2026-11-01T08:00:00Z",
    "later": "now",
    "effect_id": "1f5b3ae4-4c4f-4d1b-9a3e-5f6a7b8c9d0e",
    "replay_id": "3e5b3ae4-4c4f-4d1b-9a3e-5f6a7b8c9d0e",
    "service": "ec2",
    "action": "RunInstances",
    "finding_key": "scp_attached_nowhere:p-unatt001",
    "edge_key": "e" * 64,
    "token_id": "1",
    "assignment_id": "1",
    "webhook_id": "1",
    "delivery_id": "2e5b3ae4-4c4f-4d1b-9a3e-5f6a7b8c9d0e",
    "notification_id": "1",
    "user_id": "1",
    "service_account_id": "1",
    "group_id": "1",
    "job_id": "0e5b3ae4-4c4f-4d1b-9a3e-5f6a7b8c9d0e",
}
NOT_ENDPOINTS = (Schema, Documentation, UnknownAddress)


def views() -> Iterator[tuple[str, type[Any]]]:
    """Yield the route and the view class of everything below /api/."""
    for prefix, found in _walk("", get_resolver().url_patterns):
        if prefix.startswith("api/"):
            callback: Any = found.callback
            yield prefix, callback.cls


def endpoints() -> Iterator[tuple[str, type[Any]]]:
    """Yield the route and the class of every endpoint that tells or does something."""
    for route, view in views():
        if not issubclass(view, NOT_ENDPOINTS):
            yield route, view


def by_route(found: Any) -> Any:
    """Return what endpoints are sorted by, so that tests have the same order everywhere."""
    return found[0]


def _walk(prefix: str, patterns: list[Any]) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(route, pattern.url_patterns)
        else:
            yield route, pattern


def filled(route: str, **values: str) -> str:
    """Return the route with a value for each of its parameters."""
    for name, value in {**VALUES, **values}.items():
        for converter in ("slug", "str", "int", "uuid", "path"):
            route = route.replace(f"<{converter}:{name}>", value)
    return f"/{route}"
