"""Accounts that nothing in policies or a guardrail tells apart, so that one answer serves all.

Two accounts are alike if exchanging their ids changes no pattern's answer: no text names one of
them, and each pattern that matches some account ids only matches both or neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from policies.comparison.account_patterns import AccountPatterns, tells_accounts_apart
from policies.comparison.callers import (
    CALLER_ACCOUNT,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_PATHS,
    RESOURCE_ACCOUNT,
    SOURCE_ACCOUNT,
)
from policies.comparison.dimensions import fixed_values
from policies.comparison.shapes import PatternShape
from policies.comparison.text_leaves import TextLeaf, leaf_of
from policies.compiled import CompiledCondition
from policies.language.document import Operator
from policies.language.patterns import Glob, string_glob

RESOURCE_PATHS: Final = "aws:resourceorgpaths"
S3_RESOURCE_ACCOUNT: Final = "s3:resourceaccount"
_ACCOUNT_KEYS: Final = frozenset(
    {PRINCIPAL_ACCOUNT, RESOURCE_ACCOUNT, CALLER_ACCOUNT, SOURCE_ACCOUNT, S3_RESOURCE_ACCOUNT}
)
PATH_KEYS: Final = frozenset({PRINCIPAL_PATHS, RESOURCE_PATHS})
_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")
_DIGIT = re.compile(r"\d")
_REGION_NUMBER = re.compile(r"(?<=[a-z]-)\d")

AccountSignature = tuple[object, ...]
"""Equal for accounts that are alike."""


class AccountClasses:
    """Classes of accounts that some conditions and patterns of resources cannot tell apart."""

    def __init__(self, conditions: Iterable[CompiledCondition], resources: Iterable[str]) -> None:
        self._named = set[str]()
        self._leaves: list[TextLeaf] = []
        self._segments: list[Glob] = []
        self._is_each_apart = False
        shapes: dict[PatternShape, None] = {}
        reads_paths = False
        for condition in conditions:
            reads_paths = reads_paths or condition.key in PATH_KEYS
            for value in condition.values:
                self._named.update(_ID.findall(value))
            if condition.operator in (None, Operator.NULL) or condition.variable_keys:
                continue
            partial = [value for value in condition.values if _is_partial(value)]
            if partial and condition.key in _ACCOUNT_KEYS:
                self._leaves.append(_leaf(condition))
            elif partial and condition.key == PRINCIPAL_ARN:
                shapes.update(dict.fromkeys(filter(tells_accounts_apart, _leaf(condition).shapes)))
        for text in resources:
            self._add_resource(text)
        self._patterns = AccountPatterns(shapes) if shapes else None
        self.reads_paths = reads_paths
        """Whether a condition reads where in the organization an account is."""

    @property
    def are_one(self) -> bool:
        """Whether nothing tells accounts apart, not even where they are."""
        return not (
            self._named
            or self._leaves
            or self._segments
            or self._patterns
            or self._is_each_apart
            or self.reads_paths
        )

    def signature(self, account_id: str) -> AccountSignature:
        """Return what tells an account apart from others; () if nothing does."""
        if self._is_each_apart or account_id in self._named:
            return (account_id,)
        if not (self._leaves or self._segments or self._patterns):
            return ()
        return (
            tuple(leaf.test(account_id) for leaf in self._leaves),
            tuple(glob.matches(account_id) for glob in self._segments),
            self._patterns.signature(account_id) if self._patterns is not None else (),
        )

    def _add_resource(self, text: str) -> None:
        self._named.update(_ID.findall(text))
        parts = text.split(":", 5)
        if len(parts) == 6 and not any(part.endswith("*") for part in parts[:4]):
            if _is_partial(parts[4]):
                self._segments.append(string_glob((parts[4],)))
            return
        # A star before the account may stand for colons, so that any digit may be the account's.
        if _is_partial(_REGION_NUMBER.sub("", ":".join(parts[:5]))):
            self._is_each_apart = True


def _is_partial(text: str) -> bool:
    """Whether digits other than those of whole account ids stand beside a wildcard."""
    return ("*" in text or "?" in text) and bool(_DIGIT.search(_ID.sub("", text)))


def _leaf(condition: CompiledCondition) -> TextLeaf:
    if condition.operator is None:
        raise ValueError("an unknown operator has no leaf")
    return leaf_of(condition.operator, fixed_values(condition))
