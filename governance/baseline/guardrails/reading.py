"""A guardrail's file → what it says, or everything that is wrong with it, by line.

id: cloudtrail-stays-on
title: Nobody stops or alters CloudTrail
effect:
  actions: [cloudtrail:StopLogging, cloudtrail:DeleteTrail]
  principals_except: ["{{break_glass_roles}}"]
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from governance.access.owners.environments import Environment
from governance.baseline.guardrails.documents import (
    EffectAssertion,
    Expectation,
    Framework,
    GuardrailDocument,
    GuardrailScope,
    GuardrailSeverity,
    GuardrailTopic,
    ManagementAccount,
    Remedy,
    StateAssertion,
    TargetSelection,
    Within,
)
from governance.baseline.guardrails.policy_checks import (
    action_problem,
    condition_problems,
    effect_problems,
    policy_problems,
)
from governance.baseline.guardrails.state_kinds import state_problems
from governance.baseline.landing_zone.models import CoreAccount
from governance.edits.placed_reader import FileInvalid, Path, PlacedProblem, PlacedReader
from governance.edits.placed_yaml import PlacedValue, YamlUnreadable, read_placed
from policies import PolicyType

_TYPED: Final = frozenset({"unless", "where", "holds", "policy"})
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_ID: Final = 80

MEMBERS: Final = (
    *("id", "title", "why", "topic", "severity", "scope"),
    *("effect", "state", "remedy", "references"),
)
SELECTION: Final = ("organizational_units", "accounts", "environments", "tags")
SCOPE: Final = (*SELECTION, "core_accounts", "management_account", "except")
EFFECT: Final = ("actions", "resources", "principals_except", "unless")
STATE: Final = (
    *("service", "kind", "setting", "edges", "policies"),
    *("where", "holds", "expect", "within", "says"),
)
REMEDY: Final = ("text", "policy_type", "policy")


class GuardrailInvalid(FileInvalid):
    """A guardrail is not as guardrails are."""


def read_guardrail(content: bytes, *, file: str = "") -> GuardrailDocument:
    """Read a guardrail from YAML or JSON.

    :raises GuardrailInvalid: naming every line that is wrong, and what was meant if that is clear.
    """
    try:
        placed = read_placed(content, typed_below=_TYPED)
    except YamlUnreadable as error:
        raise GuardrailInvalid([PlacedProblem(error.line, "", str(error))], file=file) from None
    reader = _GuardrailFileReader(placed)
    document = reader.document()
    if reader.problems or document is None:
        raise GuardrailInvalid(reader.problems, file=file)
    return document


def document_of(stored: Mapping[str, Any]) -> GuardrailDocument:
    """Return a guardrail that was read before, from its JSON; its names are not checked again.

    What AWS no longer has, such as an action, must not take a guardrail out of force.
    """
    reader = _GuardrailFileReader(PlacedValue(dict(stored), {(): 1}), checks=False)
    document = reader.document()
    if document is None:
        raise GuardrailInvalid(reader.problems)
    return document


class _GuardrailFileReader(PlacedReader):
    """Reads a guardrail. `checks`: whether names of actions and keys have to be known."""

    def __init__(self, placed: PlacedValue, *, checks: bool = True) -> None:
        super().__init__(placed)
        self._checks = checks

    def document(self) -> GuardrailDocument | None:
        """Return the guardrail; None where a part without which there is none is wrong."""
        value = self._placed.value
        if not isinstance(value, Mapping):
            self._wrong((), f"a guardrail has members: {', '.join(MEMBERS)}")
            return None
        self._members(value, MEMBERS, (), required=("id", "title", "why"))
        guardrail_id = self._text(value, "id", ())
        if guardrail_id and (not _ID.fullmatch(guardrail_id) or len(guardrail_id) > _LONGEST_ID):
            self._wrong(("id",), "write small letters, digits and hyphens: cloudtrail-stays-on")
        topic = self._choice(value, "topic", (), GuardrailTopic, required=True)
        severity = self._choice(value, "severity", (), GuardrailSeverity, required=True)
        effect, state = self._effects(value), self._states(value)
        if not value.get("effect") and not value.get("state"):
            self._wrong((), "give an effect, or a state, that has to hold")
        document = GuardrailDocument(
            id=guardrail_id,
            title=self._text(value, "title", ()),
            why=self._text(value, "why", ()),
            topic=GuardrailTopic(topic or GuardrailTopic.ORGANIZATION),
            severity=GuardrailSeverity(severity or GuardrailSeverity.LOW),
            scope=self._scope(value.get("scope")),
            remedy=self._remedy(value.get("remedy")),
            effect=effect,
            state=state,
            references=self._references(value.get("references")),
        )
        return None if self.problems and self._checks else document

    def _scope(self, value: Any) -> GuardrailScope:
        if value in (None, {}):
            return GuardrailScope()
        if not isinstance(value, Mapping):
            self._wrong(("scope",), f"a scope has members: {', '.join(SCOPE)}")
            return GuardrailScope()
        self._members(value, SCOPE, ("scope",), required=())
        excluded = value.get("except")
        if excluded is not None and not isinstance(excluded, Mapping):
            self._wrong(("scope", "except"), f"except has members: {', '.join(SELECTION)}")
            excluded = None
        if excluded:
            self._members(excluded, SELECTION, ("scope", "except"), required=())
        chosen = self._choice(value, "management_account", ("scope",), ManagementAccount)
        purposes = self._texts(value, "core_accounts", ("scope",))
        self._each_of(purposes, CoreAccount.Purpose.values, ("scope", "core_accounts"))
        return GuardrailScope(
            chosen=self._selection(value, ("scope",)),
            excluded=self._selection(excluded or {}, ("scope", "except")),
            management_account=ManagementAccount(chosen or ManagementAccount.INCLUDE),
            core_accounts=purposes,
        )

    def _selection(self, value: Mapping[str, Any], path: Path) -> TargetSelection:
        accounts = self._texts(value, "accounts", path)
        for number, account_id in enumerate(accounts):
            if "{{" not in account_id and not re.fullmatch(r"\d{12}", account_id):
                self._wrong((*path, "accounts", number), f"{account_id[:80]}: give 12 digits")
        environments = self._texts(value, "environments", path)
        self._each_of(environments, [one.value for one in Environment], (*path, "environments"))
        tags = value.get("tags") or {}
        if not isinstance(tags, Mapping):
            self._wrong((*path, "tags"), "give keys, each with the values it may have")
            tags = {}
        return TargetSelection(
            organizational_units=self._texts(value, "organizational_units", path),
            accounts=accounts,
            environments=environments,
            tags=tuple((str(key), self._texts(tags, key, (*path, "tags"))) for key in tags),
        )

    def _effects(self, value: Mapping[str, Any]) -> tuple[EffectAssertion, ...]:
        found = []
        for path, one in self._listed(value, "effect"):
            if not isinstance(one, Mapping):
                self._wrong(path, f"an effect has members: {', '.join(EFFECT)}")
                continue
            self._members(one, EFFECT, path, required=("actions",))
            assertion = EffectAssertion(
                actions=self._texts(one, "actions", path),
                resources=self._texts(one, "resources", path),
                principals_except=self._texts(one, "principals_except", path),
                unless=self._blocks(one, path),
            )
            if self._checks:
                self._check_effect(assertion, path)
            found.append(assertion)
        return tuple(found)

    def _check_effect(self, assertion: EffectAssertion, path: Path) -> None:
        known = len(self.problems)
        for number, action in enumerate(assertion.actions):
            if problem := action_problem(action):
                self._wrong((*path, "actions", number), problem)
        for name in ("resources", "principals_except"):
            for number, arn in enumerate(getattr(assertion, name)):
                is_any = name == "resources" and arn == "*"
                if not (is_any or arn.startswith(("arn:", "{{"))):
                    said = (
                        f"{arn[:80]} is not an ARN: write arn:aws:… with wildcards where you like"
                    )
                    self._wrong((*path, name, number), said)
        for number, block in enumerate(assertion.unless):
            place = () if len(assertion.unless) == 1 else (number,)
            for below, problem in condition_problems(block):
                self._wrong((*path, "unless", *place, *below), problem)
        if len(self.problems) == known:
            for below, problem in effect_problems(assertion):
                self._wrong((*path, *below), problem)

    def _blocks(self, value: Mapping[str, Any], path: Path) -> tuple[Mapping[str, Any], ...]:
        found = value.get("unless")
        if not found:
            return ()
        blocks = found if isinstance(found, list) else [found]
        if not all(isinstance(block, Mapping) and block for block in blocks):
            self._wrong((*path, "unless"), "give a block of conditions, or a list of blocks")
            return ()
        return tuple(blocks)

    def _states(self, value: Mapping[str, Any]) -> tuple[StateAssertion, ...]:
        found = []
        for path, one in self._listed(value, "state"):
            if not isinstance(one, Mapping):
                self._wrong(path, f"a state has members: {', '.join(STATE)}")
                continue
            self._members(one, STATE, path, required=())
            expect = self._choice(one, "expect", path, Expectation)
            within = self._choice(one, "within", path, Within)
            assertion = StateAssertion(
                service=self._text(one, "service", path),
                kind=self._text(one, "kind", path),
                setting=self._text(one, "setting", path),
                edges=self._text(one, "edges", path),
                policies=self._text(one, "policies", path),
                where=self._object(one, "where", path),
                holds=self._object(one, "holds", path),
                expect=Expectation(expect or Expectation.EVERY),
                within=Within(within or Within.ACCOUNT),
                says=self._text(one, "says", path),
            )
            if self._checks:
                for below, problem in state_problems(assertion):
                    self._wrong((*path, *below), problem)
            found.append(assertion)
        return tuple(found)

    def _remedy(self, value: Any) -> Remedy:
        if not isinstance(value, Mapping):
            self._wrong(("remedy",) if value is not None else (), "remedy: say how to make it hold")
            return Remedy("")
        self._members(value, REMEDY, ("remedy",), required=("text",))
        kind = self._choice(value, "policy_type", ("remedy",), _REMEDY_TYPES)
        policy = self._object(value, "policy", ("remedy",))
        if bool(kind) != bool(policy):
            self._wrong(("remedy",), "give policy_type and policy, or neither")
        elif policy and self._checks:
            for below, problem in policy_problems(policy, PolicyType(kind)):
                self._wrong(("remedy", "policy", *below), problem)
        return Remedy(
            self._text(value, "text", ("remedy",)), PolicyType(kind) if kind else None, policy
        )

    def _references(self, value: Any) -> tuple[tuple[Framework, tuple[str, ...]], ...]:
        if value in (None, {}):
            return ()
        names = [one.value for one in Framework]
        if not isinstance(value, Mapping):
            self._wrong(("references",), f"references are lists by framework: {', '.join(names)}")
            return ()
        self._members(value, names, ("references",), required=())
        return tuple(
            (one, self._texts(value, one.value, ("references",)))
            for one in Framework
            if value.get(one.value)
        )


_REMEDY_TYPES: Final = (
    PolicyType.SERVICE_CONTROL_POLICY,
    PolicyType.RESOURCE_CONTROL_POLICY,
)
