"""/explain: why a request is denied or allowed, level by level, and what is not known."""

from typing import Any

from django.urls import reverse as page_address
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.explanations import ExplanationRepresentation
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.representations import BodyRepresentation, fresh_representation, read_body
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.denial_parser import parse_denial
from governance.posture.requests.pasted_text import LONGEST
from governance.posture.requests.questions import (
    AssumedPolicy,
    ParsedDenial,
    Question,
    UncollectedPolicy,
    choices,
)
from governance.posture.requests.why_denied import explain
from governance.presentation.why_denied_address import query_of
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, DECISION_TABLES

_LONGEST_PART = 8192
_MOST_KEYS = 200
ASSUMED = [(assumed.value, assumed.value) for assumed in choices(UncollectedPolicy.SESSION_POLICY)]
ASSUMED_OF_RESOURCE = [
    (assumed.value, assumed.value) for assumed in choices(UncollectedPolicy.RESOURCE_POLICY)
]


_SCALAR = [{"type": kind} for kind in ("string", "number", "boolean")]


@extend_schema_field({"oneOf": [*_SCALAR, {"type": "array", "items": {"oneOf": _SCALAR}}]})
class _Values(serializers.Field[Any, Any, Any, Any]):
    """A context key's value: text, number, truth, or a list of these."""

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Return the values as texts."""
        listed = data if isinstance(data, list) else [data]
        values = []
        for one in listed:
            if not isinstance(one, (str, int, float, bool)):
                raise ValidationError("give text, a number, true, false or a list of them")
            values.append(str(one).lower() if isinstance(one, bool) else str(one))
        return tuple(values)

    def to_representation(self, value: Any) -> Any:
        """Return the values as they are."""
        return value


class AssumedRepresentation(serializers.Serializer[Any]):
    """What to take for granted of policies that are not collected."""

    resource_policy = serializers.ChoiceField(
        required=False,
        choices=ASSUMED_OF_RESOURCE,
        help_text="The resource's own policy; default: the collected one, unknown if there is "
        "none.",
    )
    session_policy = serializers.ChoiceField(
        required=False,
        choices=ASSUMED,
        help_text="The policy passed with AssumeRole; default: none.",
    )
    endpoint_policy = serializers.ChoiceField(
        required=False,
        choices=ASSUMED,
        help_text="The policy of a VPC endpoint in the path; default: none.",
    )


class QuestionRepresentation(BodyRepresentation):
    """What to explain: a pasted text, a request, or a text with parts of the request put right."""

    text = serializers.CharField(
        required=False,
        max_length=LONGEST,
        help_text="An AccessDenied message, or a CloudTrail event as JSON text.",
    )
    principal = serializers.CharField(
        required=False,
        max_length=2048,
        help_text="An ARN, a service such as lambda.amazonaws.com, or anonymous.",
    )
    action = serializers.CharField(required=False, max_length=256)
    resource = serializers.CharField(
        required=False, max_length=_LONGEST_PART, help_text="An ARN, or `*`."
    )
    resource_account_id = serializers.CharField(
        required=False,
        max_length=12,
        help_text="Account of the resource, if its ARN does not name it; default: the caller's.",
    )
    absent = serializers.ListField(
        required=False,
        max_length=_MOST_KEYS,
        child=serializers.CharField(max_length=512),
        help_text="Condition keys that are absent from the request; others not given are unknown.",
    )
    assume = AssumedRepresentation(required=False)
    as_of = serializers.CharField(
        required=False, allow_null=True, help_text="Explain as of that time; null: now."
    )

    def get_fields(self) -> dict[str, Any]:
        """Add `context`, a name that serializers have taken for something else."""
        help_text = "Condition key → text, number, truth, or a list of them."
        context = serializers.DictField(child=_Values(), required=False, help_text=help_text)
        return {**super().get_fields(), "context": context}


# Where a part of the question is in the body.
_MEMBERS = {"account": "resource_account_id"}


class Explain(OrganizationEndpoint):
    """Explains one request."""

    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Why denied"
    rights = {"POST": rights.VIEW_INVENTORY}
    representation = ExplanationRepresentation
    takes = QuestionRepresentation
    answers = {
        200: OpenApiResponse(
            fresh_representation(ExplanationRepresentation)(), description="The explanation."
        )
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Get whether a request is denied, which statements decide, and what is not known.

        Policies come from the inventory: SCPs and RCPs of every level, the caller's identity
        policies and boundary, the trust policy of a role to be assumed, the policy of a bucket.
        What is not collected counts as unknown, and `gaps` says what would decide it. Nothing is
        stored or sent to AWS.
        """
        values = read_body(QuestionRepresentation, request)
        reading = parse_denial(values["text"]) if "text" in values else None
        question = _question(values, reading)
        as_of = self.moment_of(values.get("as_of"))
        try:
            answer = explain(
                self.viewer, connection=self.connection, question=question, as_of=as_of
            )
        except CannotAnswer as error:
            raise ValidationError({_MEMBERS.get(error.field, error.field): [str(error)]}) from error
        moment = as_of.isoformat() if as_of else ""
        page = page_address("why-denied", kwargs={"slug": self.connection.slug})
        explained = ExplanationRepresentation(
            answer,
            context={
                **self.get_serializer_context(),
                "page": request.build_absolute_uri(f"{page}?{query_of(question, as_of=moment)}"),
                "notes": [*(reading.notes if reading else ()), *answer.notes],
            },
        )
        return Response({**explained.data, **self.freshness(as_of=as_of)})


def _question(values: dict[str, Any], reading: ParsedDenial | None) -> Question:
    """Put the question together; what the body says goes before what was read.

    :raises ValidationError: a part was not understood, and is not given either.
    """
    context = dict(reading.context) if reading else {}
    for key, found in values.get("context", {}).items():
        context = {name: value for name, value in context.items() if name.lower() != key.lower()}
        context[key] = found
    parts = tuple(
        (UncollectedPolicy(name), AssumedPolicy(value))
        for name, value in values.get("assume", {}).items()
    )
    question = Question(
        principal=values.get("principal", reading.principal if reading else ""),
        action=values.get("action", reading.action if reading else ""),
        resource=values.get("resource", (reading.resource if reading else "") or "*"),
        resource_account_id=values.get(
            "resource_account_id", reading.resource_account_id if reading else ""
        ),
        context=tuple(context.items()),
        absent=tuple(values.get("absent", ())),
        parts=parts,
        claim=reading.claim if reading else None,
    )
    if reading is not None:
        problems = [
            f"{problem.part} not understood: {problem.text or 'not given'}. {problem.remedy}"
            for problem in reading.problems
            if problem.part not in values and not ("principal" in values and "action" in values)
        ]
        if problems:
            raise ValidationError({"text": problems})
    missing = [name for name in ("principal", "action") if not getattr(question, name)]
    if missing:
        raise ValidationError({name: ["give it, or a text that names it"] for name in missing})
    return question
