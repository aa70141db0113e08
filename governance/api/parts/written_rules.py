"""What endpoints of rules that organizations write have in common: bodies, versions, refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rest_framework import serializers

from governance.access.owners.acting import MayNot
from governance.api.parts.problems import (
    CONFLICT,
    INVALID,
    NOT_FOUND,
    PERMISSION_DENIED,
    Problem,
)
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.edits.placed_reader import FileInvalid
from governance.edits.rule_versions import LONGEST_REASON
from governance.edits.written_rules import CannotWriteRule, NoSuchRule

_LARGEST_FILE: Final = 200_000


class RuleFileRepresentation(BodyRepresentation):
    """A rule's file."""

    content = serializers.CharField(
        trim_whitespace=False, max_length=_LARGEST_FILE, help_text="YAML or JSON."
    )


class NewRuleRepresentation(RuleFileRepresentation):
    """A rule to be written."""

    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Why, in a sentence.")
    version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        help_text="The version that you began from: 409 where another is in force by now.",
    )


class RuleSwitchRepresentation(BodyRepresentation):
    """Whether a rule is checked."""

    enabled = serializers.BooleanField()
    reason = serializers.CharField(max_length=LONGEST_REASON)


class RuleVersionRepresentation(Representation):
    """One version that the organization made of a rule."""

    version = serializers.IntegerField()
    enabled = serializers.BooleanField()
    document = serializers.JSONField(allow_null=True, help_text="Null: as shipped.")
    digest = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    made_by = serializers.CharField(source="made_by.username")
    made_at = serializers.DateTimeField()


class RuleVersionsRepresentation(Representation):
    """The versions of a rule, the newest first."""

    results = RuleVersionRepresentation(many=True)


@contextmanager
def rule_problems(noun: str) -> Iterator[None]:
    """Turn what services refuse into problems. `noun`: what the file should be."""
    try:
        yield
    except FileInvalid as error:
        raise Problem(
            INVALID,
            f"the file is no {noun}; the previous version stays active",
            errors=[
                {
                    "pointer": "#/content",
                    "detail": f"line {one.line}: {one.path}: {one.message}".replace(": : ", ": "),
                }
                for one in error.problems
            ],
        ) from error
    except MayNot as error:
        raise Problem(PERMISSION_DENIED, str(error)) from error
    except NoSuchRule as error:
        raise Problem(NOT_FOUND, str(error)) from error
    except CannotWriteRule as error:
        raise Problem(CONFLICT, str(error)) from error
