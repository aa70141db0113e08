"""/connections/…/test: tries what a connection needs, step by step."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.actors import actor_of
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.representations import Representation
from governance.collection.connection_tests import (
    CheckState,
    ConnectionReport,
    connection_test,
)


class CheckRepresentation(serializers.Serializer[Any]):
    """One step of a test."""

    action = serializers.CharField(help_text="The IAM action that was tried, or `endpoint`.")
    account_id = serializers.CharField(help_text="Where; empty if not in an account.")
    state = serializers.ChoiceField(
        choices=[state.value for state in CheckState],
        help_text="denied: a role or permission is missing. failed: it could not be determined.",
    )
    message = serializers.CharField(help_text="What is wrong.")
    remedy = serializers.CharField(help_text="What to do about it.")


class ConnectionReportRepresentation(Representation):
    """What a test found. Null: it did not get as far as to know."""

    passed = serializers.BooleanField()
    worker_arn = serializers.CharField(
        allow_null=True, help_text="Who asks; the roles' trust policies must let that in."
    )
    organization_id = serializers.CharField(allow_null=True)
    management_account_id = serializers.CharField(allow_null=True)
    accounts_in_organization = serializers.IntegerField(allow_null=True)
    accounts_tested = serializers.ListField(child=serializers.CharField())
    checks = CheckRepresentation(many=True)

    def to_representation(self, instance: ConnectionReport) -> dict[str, Any]:
        """Give what the test did not come to as null."""
        serialized = super().to_representation(instance)
        found = (
            "worker_arn",
            "organization_id",
            "management_account_id",
            "accounts_in_organization",
        )
        return {
            name: None if name in found and not value else value
            for name, value in serialized.items()
        }


class ConnectionTest(OrganizationEndpoint):
    """A test of one connection."""

    topic = "Connections"
    rights = {"POST": rights.TEST_CONNECTION}
    right_at = {"POST": ""}
    representation = ConnectionReportRepresentation
    answers = {
        200: OpenApiResponse(ConnectionReportRepresentation(), description="What was found.")
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Try both roles and every permission that is needed, and say which is missing.

        Reads a little of AWS and writes nothing, neither there nor here.
        """
        if request.data:
            names = list(request.data) if isinstance(request.data, dict) else ["non_field_errors"]
            raise ValidationError({name: ["this address takes no body"] for name in names})
        report = connection_test(actor=actor_of(request), connection=self.connection, now=self.now)
        return Response(ConnectionReportRepresentation(report).data)
