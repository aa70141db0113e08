"""The resource a question is about: one, those that match a pattern, or any an action works on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from policies.catalogue import Catalogue
from policies.compiled import CompiledStatement
from policies.coverage import resource_covers
from policies.language.meeting import globs_meet
from policies.language.patterns import Glob, resource_glob

ANY = "*"


@dataclass(frozen=True)
class RequestedResource:
    """`patterns`: what the resource may be; without a wildcard it is that one.

    `text` stands for it where a rule looks at the resource itself.
    """

    text: str
    patterns: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Whether it is one resource."""
        return len(self.patterns) == 1 and not _is_wild(self.patterns[0])

    def of_account(self, account_id: str) -> RequestedResource:
        """Return the same with an account in the place of a wildcard for it."""
        narrowed = tuple(_in_account(pattern, account_id) for pattern in self.patterns)
        return self if narrowed == self.patterns else replace(self, patterns=narrowed)

    def covered_by(self, statement: CompiledStatement) -> bool | None:
        """Whether a statement covers every such resource, none (False), or some (None).

        None also where a policy variable decides.
        """
        if statement.resources is None:
            return True
        answers = {self._listed(pattern, statement) for pattern in self._asked}
        listed = answers.pop() if len(answers) == 1 else None
        if listed is None:
            return None
        return listed is not statement.not_resource

    @cached_property
    def _asked(self) -> tuple[tuple[str, Glob], ...]:
        return tuple((pattern, _glob(pattern)) for pattern in self.patterns)

    def _listed(self, asked: tuple[str, Glob], statement: CompiledStatement) -> bool | None:
        pattern, glob = asked
        found: bool | None = False
        for text in statement.resources or ():
            if "${" in text:
                found = None
            elif self.is_exact:
                if _glob(text).matches(pattern):
                    return True
            elif resource_covers(text, pattern):
                return True
            elif globs_meet(_glob(text), glob):
                found = None
        return found


@lru_cache(maxsize=16384)
def _glob(text: str) -> Glob:
    return resource_glob((text,))


def _is_wild(text: str) -> bool:
    return text != ANY and ("*" in text or "?" in text)


def _in_account(pattern: str, account_id: str) -> str:
    parts = pattern.split(":", 5)
    if len(parts) == 6 and parts[4] == "*":
        parts[4] = account_id
        return ":".join(parts)
    return pattern


def any_resource(catalogue: Catalogue, index: int | None, partition: str) -> RequestedResource:
    """Return whatever an action works on: ARNs of its resource types, or `*` where it has none.

    `index`: of the action in the catalogue; None for one that is not there, which may work on
    anything.
    """
    if index is None:
        return RequestedResource(ANY, ("arn:*",))
    kinds = catalogue.resource_types(index)
    patterns = {_in_partition(kind.pattern, partition) for kind, _ in kinds}
    return RequestedResource(ANY, tuple(sorted(patterns)) or (ANY,))


def _in_partition(pattern: str, partition: str) -> str:
    return pattern.replace("arn:*:", f"arn:{partition}:", 1)


def requested_resource(text: str) -> RequestedResource:
    """Return the resource that an ARN, with or without wildcards, or `*` names."""
    return RequestedResource(text, (text,))


def is_pattern(text: str) -> bool:
    """Whether a resource's text has wildcards, `*` alone counted in."""
    return "*" in text or "?" in text
