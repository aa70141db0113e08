"""What a parsed policy is: frozen records with AWS's own words, and diagnostics about the text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from policies.language.json_reader import JsonNode, read_json
from policies.language.policy_types import PolicyType

Path = tuple[str | int, ...]
"""Where something is in a document: element names as written, and indexes of lists."""

VERSION_WITH_VARIABLES: Final = "2012-10-17"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text: line and column, both counted in characters from 1."""

    line: int
    column: int


class Severity(StrEnum):
    """ERROR: AWS would refuse the document. WARNING: it is accepted, yet likely not meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong with a text, said so that its author can act on it.

    `code` is stable, lower-case with underscores. `path` is the place in the document, such as
    `Statement[0].Condition.StringEquals`, and empty for the text as a whole.
    """

    code: str
    severity: Severity
    message: str
    line: int
    column: int
    path: str


class Effect(StrEnum):
    """A statement's Effect."""

    ALLOW = "Allow"
    DENY = "Deny"


class Operator(StrEnum):
    """Condition operators in their positive form, without IfExists and set operators.

    Source: IAM user guide, "IAM JSON policy elements: Condition operators".
    """

    STRING_EQUALS = "StringEquals"
    STRING_EQUALS_IGNORE_CASE = "StringEqualsIgnoreCase"
    STRING_LIKE = "StringLike"
    NUMERIC_EQUALS = "NumericEquals"
    NUMERIC_LESS_THAN = "NumericLessThan"
    NUMERIC_LESS_THAN_EQUALS = "NumericLessThanEquals"
    NUMERIC_GREATER_THAN = "NumericGreaterThan"
    NUMERIC_GREATER_THAN_EQUALS = "NumericGreaterThanEquals"
    DATE_EQUALS = "DateEquals"
    DATE_LESS_THAN = "DateLessThan"
    DATE_LESS_THAN_EQUALS = "DateLessThanEquals"
    DATE_GREATER_THAN = "DateGreaterThan"
    DATE_GREATER_THAN_EQUALS = "DateGreaterThanEquals"
    BOOL = "Bool"
    BINARY_EQUALS = "BinaryEquals"
    IP_ADDRESS = "IpAddress"
    ARN_EQUALS = "ArnEquals"
    ARN_LIKE = "ArnLike"
    NULL = "Null"


class SetOperator(StrEnum):
    """How a condition quantifies over a multivalued key."""

    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition operator on one key, and the values it compares with.

    `written_operator` is the operator as written; `operator` its positive form, None where AWS
    has no such operator (the condition can then be neither true nor false). `key` is as written:
    compare it in lower case. `values` are text, numbers and booleans as they were written.
    """

    written_operator: str
    operator: Operator | None
    negated: bool
    set_operator: SetOperator | None
    if_exists: bool
    key: str
    values: tuple[str, ...]
    path: Path


@dataclass(frozen=True, slots=True, order=True)
class PrincipalElement:
    """One principal of Principal or NotPrincipal.

    `kind` is `AWS`, `Service`, `Federated` or `CanonicalUser`; `"Principal": "*"` becomes
    `PrincipalElement("*", "*")`, which is not the same as `{"AWS": "*"}` in a trust policy.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of each pair (`actions`, `not_actions`) at most one is not None.

    Text is as written, so action case and condition key case are the author's.
    """

    sid: str | None
    effect: Effect
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[PrincipalElement, ...] | None
    not_principals: tuple[PrincipalElement, ...] | None
    conditions: tuple[Condition, ...]
    path: Path


@dataclass(frozen=True)
class SourceText:
    """A document's text and where each of its parts begins; parts are located on first use."""

    text: str = field(repr=False)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which lines begin."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position_at(self, offset: int) -> Position:
        """Return the line and column of a character offset."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    @cached_property
    def _root(self) -> JsonNode | None:
        return read_json(self.text).root

    def position(self, path: Path) -> Position:
        """Return where the part at `path` begins; of a member, its name.

        A path that leads nowhere gives its nearest part that exists.
        """
        if not path:
            return self.position_at(len(self.text) - len(self.text.lstrip(" \t\n\r\ufeff")))
        node = self._root
        offset = node.offset if node else 0
        for step in path:
            if node is None:
                break
            if isinstance(step, int):
                if step >= len(node.items):
                    break
                node = node.items[step]
                offset = node.offset
            else:
                member = next((m for m in reversed(node.members) if m.name == step), None)
                if member is None:
                    break
                node, offset = member.value, member.offset
        return self.position_at(offset)


@dataclass(frozen=True)
class PolicyDocument:
    """A policy of statements: SCP, RCP, identity, boundary, session, resource, trust, endpoint.

    `version` is None where the text has none, which AWS reads as 2008-10-17. `source` is None
    for a document that was given decoded.
    """

    policy_type: PolicyType
    version: str | None
    policy_id: str | None
    statements: tuple[Statement, ...]
    source: SourceText | None = field(default=None, compare=False, repr=False)

    @property
    def expands_variables(self) -> bool:
        """Whether `${…}` is a policy variable (version 2012-10-17) or plain text (any other).

        Source: IAM user guide, "IAM JSON policy elements: Version".
        """
        return self.version == VERSION_WITH_VARIABLES

    def position(self, path: Path) -> Position | None:
        """Return where a statement's or condition's `path` begins; None if given decoded."""
        return self.source.position(path) if self.source else None


@dataclass(frozen=True)
class ManagementPolicy:
    """A policy of settings: tag, backup, AI opt-out, chatbot, declarative and the further types.

    `root_key` is its one top-level element, such as `tags` or `plans`. `settings` holds every
    leaf in the order of the text: the path down to the `@@` operator, and its values as text
    (a list's elements; one element otherwise).
    """

    policy_type: PolicyType
    root_key: str
    settings: tuple[tuple[Path, tuple[str, ...]], ...]
    source: SourceText | None = field(default=None, compare=False, repr=False)

    def position(self, path: Path) -> Position | None:
        """Return where a setting's path begins; None if given decoded."""
        return self.source.position(path) if self.source else None


@dataclass(frozen=True)
class ParsedPolicy:
    """What a text was found to be.

    At most one of `document` and `management` is set; both are None where the text has no
    meaning that could be relied on, and then at least one diagnostic is an error. A document may
    come with errors too: its meaning is clear, yet AWS would refuse to save it.
    """

    document: PolicyDocument | None
    management: ManagementPolicy | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics for which AWS would refuse the text."""
        return tuple(d for d in self.diagnostics if d.severity is Severity.ERROR)

    @property
    def is_acceptable(self) -> bool:
        """Whether nothing was found for which AWS would refuse the text."""
        return not self.errors
