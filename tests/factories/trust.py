"""Edges of trust and findings as stored."""

import hashlib

import factory

from governance.posture.trust.models import TrustEdge, TrustFinding
from tests.factories.versions import VersionFactory


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class TrustEdgeFactory(VersionFactory[TrustEdge]):
    """An edge from an unknown account into a role of payments."""

    class Meta:
        model = TrustEdge

    key = factory.Sequence(lambda number: _digest(f"edge {number}"))
    fingerprint = factory.LazyAttribute(lambda edge: _digest(f"{edge.key} {edge.state}"))
    account_id = "222222222222"
    resource_name = factory.Sequence(lambda number: f"deploy-{number}")
    resource_arn = factory.LazyAttribute(
        lambda edge: f"arn:aws:iam::{edge.account_id}:role/{edge.resource_name}"
    )
    service = "iam"
    resource_type = "role"
    region = "global"
    source = "trust_policy"
    statement = 0
    principal_kind = "account"
    principal_account_id = "999999999999"
    principal_id = factory.LazyAttribute(lambda edge: edge.principal_account_id)
    actions = factory.LazyFunction(lambda: ["sts:AssumeRole"])
    crossing = "external"
    state = "open"


class TrustFindingFactory(VersionFactory[TrustFinding]):
    """A finding about a role of payments."""

    class Meta:
        model = TrustFinding

    key = factory.Sequence(lambda number: _digest(f"finding {number}"))
    code = "external-without-external-id"
    severity = "high"
    account_id = "222222222222"
    subject_arn = "arn:aws:iam::222222222222:role/deploy"
    message = "Any principal of 999999999999 may assume it."
