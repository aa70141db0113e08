"""The trace as the page draws it: levels, their policies, and the lines of what decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.safestring import SafeString

from governance.posture.requests.applicable_policies import ApplicablePolicy
from governance.posture.requests.claims import DECIDER_NAMES
from governance.posture.requests.denial_answers import (
    AnsweredLevel,
    AnsweredPolicy,
    AnsweredStatement,
    WhyDeniedAnswer,
)
from governance.presentation.decision_wording import decider_words
from governance.presentation.statement_text import statement_lines
from governance.presentation.text_diff import pretty_json
from governance.web.parts.markup import tokens_of_json
from governance.web.parts.policy_lines import line_anchor
from governance.web.parts.targets import page_href
from policies import ABSENT, UNKNOWN, ContextValue, Effect, load_catalogue
from policies.context_keys import spelled
from policies.evaluation.layers import Decider
from policies.evaluation.trace import MatchReason
from policies.evaluation.verdict import DecisionOutcome

_AROUND: Final = 2
_VALUES_SHOWN: Final = 8
_STATES: Final = {
    DecisionOutcome.ALLOWED: "allowed",
    DecisionOutcome.EXPLICIT_DENY: "explicit_deny",
    DecisionOutcome.IMPLICIT_DENY: "implicit_deny",
    DecisionOutcome.UNKNOWN: "unknown",
}
_ICONS: Final = {"ROOT": "building", "ORGANIZATIONAL_UNIT": "folder", "ACCOUNT": "box"}
_DECIDER_ICONS: Final = {
    Decider.IDENTITY_POLICY: "id-badge-2",
    Decider.PERMISSION_BOUNDARY: "square",
    Decider.RESOURCE_POLICY: "database",
    Decider.SESSION_POLICY: "clock-play",
    Decider.VPC_ENDPOINT_POLICY: "plug-connected",
    Decider.ALWAYS_ALLOWED: "lock-open",
    Decider.NEVER_PERMITTED: "lock",
}


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a policy's text. `deciding`: what the decision rests on; `near`: shown with it."""

    number: int
    text: SafeString
    deciding: bool
    near: bool


@dataclass(frozen=True, slots=True)
class TracedReason:
    """An element of a statement. `state`: holds, fails or unknown.

    `values`: what a condition compares with; `more`: how many further values it lists.
    """

    text: str
    state: str
    values: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class DenyReason:
    """One thing that denies the request by itself. `decides`: the one that AWS names."""

    title: str
    text: str
    href: str
    state: str
    decides: bool


@dataclass(frozen=True, slots=True)
class TracedStatement:
    """A statement that concerns the action. `lines`: in words, where it stands in the text."""

    name: str
    effect: str
    state: str
    lines: str
    reasons: tuple[TracedReason, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class TracedPolicy:
    """A policy of a level.

    `edited_as`: its id, where it decides and can be edited in a simulation. `statements`: those
    that concern the action; `others`: how many do not. `excerpt`: runs of lines around what
    decides; `whole`: all lines, where there are more.
    """

    name: str
    href: str
    note: str
    effect: str
    edited_as: str
    statements: tuple[TracedStatement, ...]
    others: int
    excerpt: tuple[tuple[TextLine, ...], ...]
    whole: tuple[TextLine, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class ShownLevel:
    """One attachment point. `state`: a key of the looks; `words` for it where they differ.

    `rule`: what AWS itself decides, with its source; empty where policies decide.
    """

    title: str
    href: str
    icon: str
    type_code: str
    type_label: str
    state: str
    words: str
    exempt: str
    rule: str
    policies: tuple[TracedPolicy, ...]
    unreadable: tuple[TracedPolicy, ...]
    decides: bool

    @property
    def is_quiet(self) -> bool:
        """Whether RCPs are attached here and none of them stops the request."""
        return (
            self.type_code == "RCP"
            and self.state in ("allowed", "exempt")
            and not (self.decides or self.unreadable)
        )


_AWS_MANAGED: Final = ("p-FullAWSAccess", "p-RCPFullAWSAccess")


def shown_levels(answer: WhyDeniedAnswer, slug: str) -> tuple[ShownLevel, ...]:
    """Return every level of the trace, in the engine's order."""
    return tuple(_level(answer, level, slug) for level in answer.levels)


_CODES: Final[Mapping[Decider, tuple[str, str]]] = {
    Decider.SERVICE_CONTROL_POLICY: ("SCP", "Service control policies"),
    Decider.RESOURCE_CONTROL_POLICY: ("RCP", "Resource control policies"),
}


def _level(answer: WhyDeniedAnswer, level: AnsweredLevel, slug: str) -> ShownLevel:
    code, label = _CODES.get(level.decider, ("", ""))
    state = _STATES[level.result] if level.result else "exempt"
    words = ""
    if level.decider is Decider.RESOURCE_CONTROL_POLICY and level.result is DecisionOutcome.ALLOWED:
        words = "No deny holds"
    if level.target is not None:
        title, icon = level.target.name, _ICONS[level.target.kind]
        href = page_href(slug, level.target.target_id)
    else:
        title = decider_words(level.decider).removeprefix("the ")
        title = title[:1].upper() + title[1:]
        icon, href = _DECIDER_ICONS.get(level.decider, "shield"), ""
        if level.decider is Decider.IDENTITY_POLICY and answer.identity.arn:
            href = reverse("principal", kwargs={"slug": slug, "arn": answer.identity.arn})
    return ShownLevel(
        title=title,
        href=href,
        icon=icon,
        type_code=code,
        type_label=label,
        state=state,
        words=words,
        exempt=level.exempt or "",
        rule=f"{level.rule.text} ({level.rule.source})" if level.rule else "",
        policies=tuple(_policy(policy, slug) for policy in level.policies),
        unreadable=tuple(
            TracedPolicy(
                name=policy.name,
                href=policy_href(policy, slug),
                note=_diagnosed(policy),
                effect="",
                edited_as="",
                statements=(),
                others=0,
                excerpt=(),
                whole=(),
                decides=False,
            )
            for policy in level.unreadable
        ),
        decides=level.decides,
    )


def policy_href(policy: ApplicablePolicy, slug: str) -> str:
    """Return the page of an SCP, an RCP or a resource's policy, empty for other policies."""
    if policy.kind in {"resource", "grants"}:
        return reverse("resource-policy", kwargs={"slug": slug, "resource_arn": policy.arn})
    if not policy.policy_id:
        return ""
    return reverse("policy", kwargs={"slug": slug, "policy_id": policy.policy_id})


def _diagnosed(policy: ApplicablePolicy) -> str:
    if not policy.collected:
        return "Its text was not collected."
    if policy.diagnostics:
        first = policy.diagnostics[0]
        return f"Line {first.line}, column {first.column}: {first.message}"
    return "Its text cannot be read."


def _policy(answered: AnsweredPolicy, slug: str) -> TracedPolicy:
    policy = answered.policy
    text = pretty_json(policy.text)
    concerned = [one for one in answered.statements if one.trace.because[0].holds is not False]
    rests_on = [one for one in concerned if one.decides]
    deciding = [_deciding_lines(text, one) for one in rests_on]
    heads = [statement_lines(text, one.written.path)[0] for one in rests_on]
    lines: tuple[TextLine, ...] = ()
    if deciding:
        lines = tuple(
            TextLine(
                number,
                marked,
                any(first <= number <= last for first, last in deciding),
                any(head <= number <= head + _AROUND for head in heads),
            )
            for number, marked in enumerate(tokens_of_json(text), start=1)
        )
    excerpt = _excerpt(lines)
    effects = {
        one.trace.effect.value.lower() for one in concerned if one.trace.matched is not False
    }
    href = policy_href(policy, slug)
    return TracedPolicy(
        name=policy.name,
        href=f"{href}#{line_anchor(*deciding[0])}"
        if href and deciding and policy.kind != "grants"
        else href,
        note=_note(policy),
        effect="deny" if "deny" in effects else "allow" if effects else "",
        edited_as="" if policy.policy_id in _AWS_MANAGED or not deciding else policy.policy_id,
        statements=tuple(_statement(one, text) for one in concerned),
        others=len(answered.statements) - len(concerned),
        excerpt=excerpt,
        whole=lines if sum(map(len, excerpt)) < len(lines) else (),
        decides=answered.decides,
    )


def _deciding_lines(text: str, one: AnsweredStatement) -> tuple[int, int]:
    """Return the lines of what decides in a statement: its conditions, or else what it covers."""
    path = one.written.path
    whole = statement_lines(text, path)
    for element in ("Condition", "Action", "NotAction"):
        first, last = statement_lines(text, (*path, element))
        # An element that is not there is located where its statement begins.
        if first > whole[0]:
            return first, last
    return whole


def _note(policy: ApplicablePolicy) -> str:
    kind = {"managed": "managed policy", "inline": "inline policy"}.get(policy.kind, "")
    return f"{kind} of group {policy.via_group}" if policy.via_group else kind


def _excerpt(lines: tuple[TextLine, ...]) -> tuple[tuple[TextLine, ...], ...]:
    """Return the lines that decide with a few around them, in runs."""
    shown = {line.number for line in lines if line.near} | {
        near
        for line in lines
        if line.deciding
        for near in range(line.number - _AROUND, line.number + _AROUND + 1)
    }
    runs: list[list[TextLine]] = []
    for line in lines:
        if line.number not in shown:
            continue
        if runs and runs[-1][-1].number == line.number - 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return tuple(tuple(run) for run in runs)


def _statement(answered: AnsweredStatement, text: str) -> TracedStatement:
    trace = answered.trace
    first, last = statement_lines(text, answered.written.path)
    return TracedStatement(
        name=trace.sid or f"Statement {trace.statement + 1}",
        effect=trace.effect.value,
        state={True: "holds", False: "fails", None: "unknown"}[trace.matched],
        lines=f"line {first}" if first == last else f"lines {first} to {last}",
        reasons=tuple(_reason(reason) for reason in trace.because),
        decides=answered.decides,
    )


def _reason(reason: MatchReason) -> TracedReason:
    state = {True: "holds", False: "fails", None: "unknown"}[reason.holds]
    if reason.key is None or reason.operator is None:
        return TracedReason(reason.text[:1].upper() + reason.text[1:], state)
    key = spelled(load_catalogue(), reason.key)
    values = tuple(str(value) for value in reason.values)
    return TracedReason(
        f"{key} {_value_words(reason.value)}: {reason.operator}",
        state,
        values[:_VALUES_SHOWN],
        max(0, len(values) - _VALUES_SHOWN),
    )


def _value_words(value: ContextValue) -> str:
    if value is UNKNOWN:
        return "is not known"
    if value is ABSENT or value == ():
        return "is absent"
    return f"is {value if isinstance(value, str) else ', '.join(map(str, value))}"


def deny_reasons(answer: WhyDeniedAnswer, slug: str) -> tuple[DenyReason, ...]:
    """Return everything that denies the request by itself, what decides first.

    Whoever takes the first away still meets the others.
    """
    if not answer.decision.is_denied:
        return ()
    found = [reason for level in answer.levels for reason in _level_reasons(level, slug)]
    return tuple(sorted(found, key=lambda one: not one.decides))


def _kind(decider: Decider) -> str:
    """Return what a policy of this kind is called, as a line begins with it."""
    code, _ = _CODES.get(decider, ("", ""))
    # AWS's own rules and the root user have no policy of which one could speak.
    named = DECIDER_NAMES.get(decider) or decider_words(decider)
    return code or f"{named[:1].upper()}{named[1:]}"


def _level_reasons(level: AnsweredLevel, slug: str) -> Iterator[DenyReason]:
    where = f"at {level.target.name}" if level.target else ""
    kind = _kind(level.decider)
    if level.result is DecisionOutcome.EXPLICIT_DENY:
        if level.rule is not None:
            yield DenyReason("AWS", level.rule.text.rstrip("."), "", "explicit_deny", level.decides)
        for answered in level.policies:
            text = pretty_json(answered.policy.text)
            for one in answered.statements:
                if one.trace.effect is Effect.DENY and one.trace.matched:
                    href = policy_href(answered.policy, slug)
                    anchor = f"#{line_anchor(*_deciding_lines(text, one))}" if href else ""
                    name = one.trace.sid or f"statement {one.trace.statement + 1}"
                    yield DenyReason(
                        f"{kind} {answered.policy.name}",
                        f"{name} denies it {where}".rstrip(),
                        f"{href}{anchor}",
                        "explicit_deny",
                        one.decides,
                    )
    elif level.result is DecisionOutcome.IMPLICIT_DENY:
        words = decider_words(level.decider)
        title = kind if level.target else f"{words[:1].upper()}{words[1:]}"
        yield DenyReason(
            title, f"nothing allows it {where}".rstrip(), "", "implicit_deny", level.decides
        )
