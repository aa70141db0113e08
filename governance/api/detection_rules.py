"""/detection-rules: what the logs are judged by, shipped and the organization's own."""

import json
from functools import cached_property
from typing import Any, ClassVar, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.detections import DetectionEndpoint
from governance.api.parts.representations import Representation, read_body
from governance.api.parts.written_rules import (
    NewRuleRepresentation,
    RuleFileRepresentation,
    RuleSwitchRepresentation,
    RuleVersionsRepresentation,
    rule_problems,
)
from governance.detections.judgeable import ReadForRules, read_for_rules
from governance.detections.rules.files import detection_rule_file, detection_rule_schema
from governance.detections.selectors import RuleDetections, detections_by_rule
from governance.detections.trying import TriedDetectionRule, try_detection_rule
from governance.detections.written_rules import (
    DETECTION_RULES,
    DetectionRuleInForce,
    read_rule_for,
    rule_in_force,
    rules_in_force,
)

_NEVER: Final = RuleDetections(0, 0, None)
_MOST_TRIED: Final = 500


class DetectionRuleRepresentation(Representation):
    """A rule as its file has it, and what it found."""

    id = serializers.CharField()
    document = serializers.JSONField(help_text="As the file has it.")
    text = serializers.CharField(help_text="The file, as YAML.")
    version = serializers.IntegerField(help_text="Active version; 0: as shipped.")
    enabled = serializers.BooleanField()
    is_shipped = serializers.BooleanField(help_text="The library has it.")
    is_changed = serializers.BooleanField(help_text="It differs from the library's.")
    reason = serializers.CharField(help_text="Of the active version; empty: as shipped.")
    made_by = serializers.CharField(help_text="Who wrote the active version.")
    made_at = serializers.DateTimeField(allow_null=True)
    unknown_because = serializers.CharField(help_text="Why its result is not known.")
    open = serializers.IntegerField(allow_null=True, help_text="Null: not known.")
    total = serializers.IntegerField(allow_null=True, help_text="Null: not known.")
    last_at = serializers.DateTimeField(allow_null=True)


class UnreadableRuleRepresentation(Representation):
    """A rule that this release cannot read."""

    id = serializers.CharField()
    version = serializers.IntegerField()
    why = serializers.CharField()
    is_shipped = serializers.BooleanField(
        help_text="The library's rule of that id is used in its place."
    )


class DetectionRuleListRepresentation(Representation):
    """Every rule."""

    results = DetectionRuleRepresentation(many=True)
    unreadable = UnreadableRuleRepresentation(
        many=True, help_text="Rules whose newest version cannot be read; they are inactive."
    )


class DetectionRuleSchemaRepresentation(Representation):
    """The JSON Schema of a rule's file."""

    name = serializers.CharField()
    media_type = serializers.CharField()
    text = serializers.CharField()


class TriedDetectionRepresentation(Representation):
    """What would be one detection."""

    subject = serializers.CharField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    count = serializers.IntegerField(help_text="Calls.")
    account_id = serializers.CharField()
    principal = serializers.CharField(help_text="Of the newest event.")
    event_name = serializers.CharField(help_text="Of a count the action.")
    unknown = serializers.ListField(
        child=serializers.CharField(), help_text="Conditions that could not be decided."
    )


class EventStoredRepresentation(Representation):
    """An event that was not stored throughout the days that were tried."""

    event = serializers.CharField(help_text="source:name")
    since = serializers.DateTimeField(allow_null=True, help_text="Null: not before it is saved.")


class TriedDetectionRuleRepresentation(Representation):
    """What a rule would have found; nothing is stored."""

    document = serializers.JSONField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    unknown_because = serializers.CharField(help_text="Why it is not known; empty: it is known.")
    examined = serializers.IntegerField(help_text="Events or counts that match its patterns.")
    is_cut = serializers.BooleanField(help_text="Older ones were left out.")
    detections = serializers.IntegerField(allow_null=True, help_text="Null: not known.")
    below = serializers.IntegerField(help_text="Subjects with fewer calls than at_least.")
    not_stored = EventStoredRepresentation(many=True)
    results = TriedDetectionRepresentation(many=True)


class DetectionRuleEndpoint(DetectionEndpoint):
    """What the addresses of rules have in common."""

    representation: ClassVar[type[Representation]] = DetectionRuleRepresentation

    def find_rule(self) -> DetectionRuleInForce:
        """Return the rule of the address.

        :raises Problem: there is none.
        """
        rule_id = self.kwargs["detection_rule_id"]
        found = rule_in_force(self.connection, rule_id)
        if found is None:
            raise self.missing(f"detection rule {rule_id}")
        return found

    @cached_property
    def read(self) -> ReadForRules:
        """What rules can be matched with."""
        return read_for_rules(self.connection)

    def described(self, rule: DetectionRuleInForce, counts: RuleDetections) -> dict[str, Any]:
        """Return a rule with what it found."""
        because = self.read.unknown_because(rule.document)
        return {
            "id": rule.id,
            "document": rule.document.as_json(),
            "text": detection_rule_file(rule.document),
            "version": rule.version,
            "enabled": rule.enabled,
            "is_shipped": rule.is_shipped,
            "is_changed": rule.is_changed,
            "reason": rule.reason,
            "made_by": rule.made_by,
            "made_at": rule.made_at,
            "unknown_because": because,
            "open": None if because else counts.open,
            "total": None if because else counts.total,
            "last_at": counts.last_at,
        }

    def one(self, rule: DetectionRuleInForce) -> Any:
        """Return one rule, as the API answers with it."""
        found = detections_by_rule(self.viewer, connection=self.connection)
        return self.described(rule, found.get(rule.id, _NEVER))


class DetectionRuleList(DetectionRuleEndpoint):
    """The rules."""

    rights = {"GET": rights.VIEW_FINDINGS, "POST": rights.MANAGE_DETECTION_RULES}
    representation = DetectionRuleListRepresentation
    takes = NewRuleRepresentation
    answers = {201: OpenApiResponse(DetectionRuleRepresentation(), description="Active.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List every rule, with how many detections that you may see it has."""
        found = detections_by_rule(self.viewer, connection=self.connection)
        rules = [
            self.described(rule, found.get(rule.id, _NEVER))
            for rule in rules_in_force(self.connection).values()
        ]
        unreadable = DETECTION_RULES.unreadable(self.connection)
        return self.answer(self.serialized({"results": rules, "unreadable": unreadable}))

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Write a rule, which applies to logs read from now on. With the id of a shipped one it
        replaces that. A file with anything unknown in it is
                refused, each fault with its line; the previous version stays active.
        """
        values = read_body(NewRuleRepresentation, request)
        with rule_problems(DETECTION_RULES.noun):
            made = DETECTION_RULES.write(
                by=self.by,
                connection=self.connection,
                document=read_rule_for(self.connection, values["content"].encode(), now=self.now),
                reason=values["reason"],
                version=values.get("version"),
                now=self.now,
            )
        return Response(
            DetectionRuleRepresentation(self.one(made)).data, status=status.HTTP_201_CREATED
        )


class DetectionRuleDetail(DetectionRuleEndpoint):
    """One rule."""

    rights = {"GET": rights.VIEW_FINDINGS, "PATCH": rights.MANAGE_DETECTION_RULES}
    takes = RuleSwitchRepresentation
    answers = {200: OpenApiResponse(DetectionRuleRepresentation(), description="Done.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one rule."""
        return self.answer(self.serialized(self.one(self.find_rule())))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Enable or disable a rule, with a reason. What it found stays until it is closed."""
        values = read_body(RuleSwitchRepresentation, request)
        found = self.find_rule()
        with rule_problems(DETECTION_RULES.noun):
            made = DETECTION_RULES.switch(
                by=self.by,
                connection=self.connection,
                rule_id=found.id,
                enabled=values["enabled"],
                reason=values["reason"],
                version=found.version,
                now=self.now,
            )
        return Response(DetectionRuleRepresentation(self.one(made)).data)


class DetectionRuleVersions(DetectionRuleEndpoint):
    """The versions of a rule."""

    rights = {"GET": rights.VIEW_FINDINGS}
    representation = RuleVersionsRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the versions that the organization made of a rule; none: it is as shipped."""
        rows = DETECTION_RULES.versions(self.connection, self.find_rule().id)
        return self.answer(self.serialized({"results": list(rows)}))


class DetectionRuleTry(DetectionRuleEndpoint):
    """Trying a rule."""

    rights = {"POST": rights.MANAGE_DETECTION_RULES}
    representation = TriedDetectionRuleRepresentation
    takes = RuleFileRepresentation
    answers = {200: OpenApiResponse(TriedDetectionRuleRepresentation(), description="Tried.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Judge the last 30 days of logs by a rule, and store nothing.

        Of what it would have found the newest 500 are in the answer.
        """
        values = read_body(RuleFileRepresentation, request)
        with rule_problems(DETECTION_RULES.noun):
            rule = read_rule_for(self.connection, values["content"].encode(), now=self.now)
        tried = try_detection_rule(self.viewer, connection=self.connection, rule=rule, now=self.now)
        return Response(TriedDetectionRuleRepresentation(_tried(tried)).data)


def _tried(tried: TriedDetectionRule) -> dict[str, Any]:
    return {
        "document": tried.rule.as_json(),
        "since": tried.since,
        "until": tried.until,
        "unknown_because": tried.unknown_because,
        "examined": tried.examined,
        "is_cut": tried.is_cut,
        "detections": None if tried.unknown_because else len(tried.found),
        "below": tried.below,
        "not_stored": [{"event": name, "since": since} for name, since in tried.not_stored],
        "results": tried.found[:_MOST_TRIED],
    }


class DetectionRuleSchema(DetectionRuleEndpoint):
    """The form of rules' files."""

    rights = {"GET": rights.VIEW_FINDINGS}
    representation = DetectionRuleSchemaRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the JSON Schema of a rule's file, by which editors check it."""
        schema = {
            "name": "detection-rule.schema.json",
            "media_type": "application/schema+json",
            "text": json.dumps(detection_rule_schema(), indent=2),
        }
        return self.answer(self.serialized(schema))
