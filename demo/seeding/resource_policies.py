"""One account's resources with policies of their own, but for buckets."""

from collections.abc import Mapping
from typing import Any, Final

from demo.seeding.plan import AccountPlan
from demo.seeding.principals import document
from demo.seeding.reading import Node, required
from demo.seeding.variables import substituted
from demo.simulator.seeded_resources import Resource, Resources

_KEYS: Final = ("name", "service", "region", "policy", *("kind", "more"))
_REGION: Final = "eu-central-1"
# What a service has, where the files do not say which of several.
_KINDS: Final = {
    "sqs": "queue",
    "sns": "topic",
    "kms": "key",
    "secretsmanager": "Secret",
    "lambda": "function",
    "ecr": "repository",
    "events": "event-bus",
    "backup": "backupVault",
    "es": "domain",
    "elasticfilesystem": "file-system",
    "apigateway": "RestApi",
    "dynamodb": "table",
    "kinesis": "stream",
    "kafka": "cluster",
    "glue": "catalog",
    "logs": "destination",
    "ses": "identity",
    "glacier": "vault",
    "acm-pca": "certificate-authority",
    "s3tables": "TableBucket",
}


def fill_resources(plan: AccountPlan, variables: Mapping[str, str], resources: Resources) -> None:
    """Add an account's resources.

    :raises BadOrganization: an entry is wrong; the text names file and key.
    """
    for node in plan.iam.get("resources", {}).values():
        resources.add(plan.account_id, _resource(Node(node.where, substituted(node, variables))))


def _resource(node: Node) -> Resource:
    entries = node.mapping(*_KEYS)
    service = required(entries, "service", node)
    if service.text() not in _KINDS:
        raise service.bad(f"no such service here; known are {', '.join(sorted(_KINDS))}")
    more: dict[str, Any] = {
        name: _json(value) for name, value in entries.get("more", Node("", {})).mapping().items()
    }
    return Resource(
        service=service.text(),
        kind=entries["kind"].text() if "kind" in entries else _KINDS[service.text()],
        region=entries["region"].text() if "region" in entries else _REGION,
        name=required(entries, "name", node).text(),
        policy=document(entries["policy"]) if "policy" in entries else "",
        more=more,
    )


def _json(node: Node) -> Any:
    """Return a value as it stands; `aliases` are policies by name."""
    if node.where.endswith(": aliases"):
        return {name: document(policy) for name, policy in node.mapping().items()}
    return node.value
