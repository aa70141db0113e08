"""The text of a policy with lint marks, its room, and what each of its statements changes."""

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.policy_effect.linting import lint_of
from governance.policy_effect.reach import Bound, PolicyReach
from governance.policy_effect.slots import slots_of
from governance.policy_effect.statements import (
    PolicyStatements,
    StatementEffect,
    StatementState,
    policy_statements,
)
from governance.policy_effect.why_idle import StatementReason
from governance.posture.state.organization import CONTROL_TYPES, TargetName
from governance.posture.state.parsed_policies import parsed_policy
from governance.web.parts.policy_lines import laid_out, shown_text, statement_anchor
from governance.web.parts.targets import page_href
from governance.web.policies.policy import PolicyPage
from policies import ORGANIZATION_POLICY_TYPES, PolicyType
from policies.packing import CannotPack, PackSettings, pack_policies

SECONDS_A_PART: Final = 0.7
_TARGETS_SHOWN: Final = 8
_SLOTS_SHOWN: Final = 5
_SLOTS_UNFOLDED: Final = 100
_PLACES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """A target the policy is attached to. `accounts`: how many it reaches from there."""

    target: TargetName
    href: str
    accounts: int


@dataclass(frozen=True, slots=True)
class ShownIdleReason:
    """Why a statement has no effect. `by_href`: of the statement that decides, or empty."""

    reason: StatementReason
    places: tuple[ShownTarget, ...]
    more_places: int
    by_href: str
    by_words: str


@dataclass(frozen=True, slots=True)
class ShownStatementEffect:
    """A statement with what it changes. `anchor`: its lines."""

    effect: StatementEffect
    anchor: str
    reasons: tuple[ShownIdleReason, ...]

    @property
    def state(self) -> str:
        """The key of its look."""
        return {
            StatementState.EFFECT: "effect",
            StatementState.NO_EFFECT: "no_effect",
            StatementState.UNDECIDED: "undecided",
        }[self.effect.state]

    @property
    def name(self) -> str:
        """Its Sid, or its number."""
        return self.effect.sid or f"Statement {self.effect.number}"


class _OfText(PolicyPage):
    """What the text's page and its parts share."""

    @property
    def is_control(self) -> bool:
        """Whether the policy decides requests, so that its statements have an effect or none."""
        return self.policy.type in CONTROL_TYPES

    def statements_context(self, *, seconds: float, first: int = 1) -> dict[str, Any]:
        """Return what each statement changes, from `first` on, for as long as time allows."""
        if not self.is_control:
            return {"is_control": False}
        statements = policy_statements(self.reach)
        found = [self.shown(one) for one in statements.within(seconds, first=first)]
        done = first - 1 + len(found)
        return {
            "is_control": True,
            "is_readable": statements.is_readable,
            "effects": found,
            "statements_total": len(statements.statements),
            "first": first,
            "done": done,
            "is_whole": done >= len(statements.statements),
            "next_href": self.part_href("policy-statements", first=str(done + 1)),
            **self.summary(statements, done),
        }

    def summary(self, statements: PolicyStatements, done: int) -> dict[str, Any]:
        """Count the statements looked at so far by what is known of them."""
        states = [statements.of(number).state for number in range(1, done + 1)]
        return {
            "without_effect": states.count(StatementState.NO_EFFECT),
            "undecided": states.count(StatementState.UNDECIDED),
        }

    def shown(self, effect: StatementEffect) -> ShownStatementEffect:
        """Return a statement's effect with its addresses."""
        policy = self.reach.organization.control(PolicyType(self.policy.type)).by_id[
            self.policy.policy_id
        ]
        text = self.policy.content.text
        anchor = statement_anchor(text, policy.document, effect.number) if policy.document else ""
        return ShownStatementEffect(
            effect, anchor, tuple(self._reason(one) for one in effect.reasons)
        )

    def _reason(self, reason: StatementReason) -> ShownIdleReason:
        by, href, words = reason.by, "", ""
        if by is not None and by.policy.document is not None:
            source = by.policy.document.source
            anchor = statement_anchor(source.text if source else "", by.policy.document, by.number)
            if by.policy.policy_id != self.policy.policy_id:
                where = {"slug": self.connection.slug, "policy_id": by.policy.policy_id}
                href = reverse("policy", kwargs=where)
            href += f"#{anchor}"
            words = f"statement {by.number} of {by.policy.name}"
        shown = reason.target_ids[:_PLACES_SHOWN]
        return ShownIdleReason(
            reason=reason,
            places=tuple(shown_target(self.reach, one, self.connection.slug) for one in shown),
            more_places=len(reason.target_ids) - len(shown),
            by_href=href,
            by_words=words,
        )


class PolicyTextTab(_OfText):
    """The text as AWS returned it, laid out, with what lint has to say of it."""

    template_name = "governance/policies/text.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the lines, the findings, the reach and the slots."""
        text, today = self.policy.content.text, self.now.date()
        report = lint_of(text, self.reach, today=today)
        shown = laid_out(text, report)
        parsed = None
        if self.policy.type in ORGANIZATION_POLICY_TYPES:
            kind = PolicyType(self.policy.type)
            parsed = parsed_policy(self.policy.content_id, text, kind)
        whole = self.request.GET.get("shown") == "all"
        slots = slots_of(
            self.viewer,
            connection=self.connection,
            reach=self.reach,
            as_of=self.as_of,
            today=today,
        )
        return super().get_context_data(
            text=text,
            shown=shown_text(
                text,
                parsed.document if parsed else None,
                report,
                report if shown == text else lint_of(shown, self.reach, today=today),
            ),
            report=report,
            is_laid_out=shown != text,
            is_readable=report is None or report.is_policy,
            unknown_accounts=len(self.reach.touched_ids),
            attached=[
                shown_target(self.reach, one, self.connection.slug)
                for one in self.reach.attached[:_TARGETS_SHOWN]
            ],
            more_attached=len(self.reach.attached) - _TARGETS_SHOWN,
            why_unbound=_why_unbound(self.reach),
            slots=slots,
            fullest=slots.targets[:_SLOTS_SHOWN],
            more_slots=len(slots.targets) - _SLOTS_UNFOLDED,
            further=slots.targets[_SLOTS_SHOWN:_SLOTS_UNFOLDED],
            whole=whole,
            effect_of=self.statements_context(seconds=SECONDS_A_PART)
            if whole
            else {"is_control": self.is_control},
            statements_href=self.part_href("policy-statements"),
            packing_href=self.part_href("policy-packing"),
            whole_href=self.part_href("policy", shown="all"),
            accounts_href=self.part_href("policy-accounts"),
            attachments_href=self.part_href("policy-attachments"),
            can_pack=bool(parsed and (parsed.document or parsed.management))
            and not self.policy.aws_managed,
            **kwargs,
        )


class PolicyStatementsPart(_OfText):
    """What each statement changes where the policy is attached, for htmx.

    As many statements as the time allows; the rest follows by itself.
    """

    template_name = "governance/policies/statements.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part alone.

        :raises BadRequest: `first` is no number of a statement.
        """
        first = request.GET.get("first", "1")
        if not first.isascii() or not first.isdecimal() or len(first) > 6 or int(first) < 1:
            raise BadRequest(f"first is {first!r}; give the number of a statement, from 1.")
        found = self.statements_context(seconds=SECONDS_A_PART, first=int(first))
        context = {
            "slug": self.connection.slug,
            "effect_of": found,
            "marks_too": True,
            "policy": self.policy,
        }
        return render(request, self.template_name, context)


class PolicyPackingPart(PolicyPage):
    """What the same policy would take in fewer characters, for htmx."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part alone."""
        context: dict[str, Any] = {}
        try:
            kind = PolicyType(self.policy.type)
            settings = PackSettings(exact=True, keep_sids=True, limits_on=self.now.date())
            packed = pack_policies([self.policy.content.text], kind, settings=settings)
            saved = packed.characters_before - packed.characters_after
            context = {"packed": packed, "saved": saved, "text": "\n".join(packed.policies)}
        except CannotPack as error:
            context = {"refused": str(error)}
        except ValueError:
            context = {"refused": "this policy type is newer than the checks"}
        return render(request, "governance/policies/packing.html", context)


def shown_target(reach: PolicyReach, target_id: str, slug: str) -> ShownTarget:
    """Return a target with its address and how many accounts lie there."""
    target = reach.organization.names[target_id]
    accounts = len(reach.organization.accounts_below(target_id))
    return ShownTarget(target, page_href(slug, target_id), accounts)


def _why_unbound(reach: PolicyReach) -> str:
    """Say why the policy has no effect on any account, empty where it has, or may have."""
    if not reach.attached and not reach.unplaced:
        return "Attached nowhere: it has no effect."
    if reach.of_others is Bound.NOT_ENABLED:
        return "Policies of this type are not enabled at the root: it has no effect."
    if reach.of_others is Bound.NOT_KNOWN:
        return (
            "Policies of this type were never read completely: whether it has effect is not known."
        )
    if reach.account_ids and not reach.bound_ids:
        return "It reaches the management account alone, which it does not bind."
    return ""
