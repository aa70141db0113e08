"""Operations, differences and reaches in words, with links."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.edits.operations import Operation, OperationKind
from governance.edits.statements import TextStatement, text_statements
from governance.effects.found_effects import FoundEffects
from governance.effects.reach import ReachedPlace
from governance.effects.request_effects import ActionUnion, RequestEffect
from governance.effects.results import effect_actions
from governance.effects.witnesses import ShownWitness
from governance.posture.requests.questions import Question
from governance.posture.state.organization import RCP, SCP, CompiledOrganization
from governance.presentation.why_denied_address import query_of
from governance.web.parts.difference_sentences import difference_sentence, unlisted_note
from governance.web.parts.markup import counted
from governance.web.parts.targets import page_href
from policies import load_catalogue

_PLACES_SHOWN: Final = 3
VERBS: Final = {
    OperationKind.UPDATE_POLICY: ("pencil", "Edit"),
    OperationKind.CREATE_POLICY: ("plus", "New policy"),
    OperationKind.DELETE_POLICY: ("trash", "Delete"),
    OperationKind.ATTACH_POLICY: ("link", "Attach"),
    OperationKind.DETACH_POLICY: ("circle-minus", "Detach"),
    OperationKind.MOVE_ACCOUNT: ("arrow-right", "Move"),
    OperationKind.MOVE_ORGANIZATIONAL_UNIT: ("arrow-right", "Move"),
    OperationKind.ENABLE_POLICY_TYPE: ("check", "Enable"),
    OperationKind.DISABLE_POLICY_TYPE: ("x", "Disable"),
    OperationKind.RENAME_POLICY: ("pencil", "Rename"),
    OperationKind.TAG_POLICY: ("tag", "Tag"),
    OperationKind.CREATE_ORGANIZATIONAL_UNIT: ("plus", "New OU"),
    OperationKind.RENAME_ORGANIZATIONAL_UNIT: ("pencil", "Rename"),
    OperationKind.DELETE_ORGANIZATIONAL_UNIT: ("trash", "Delete"),
}


@dataclass(frozen=True, slots=True)
class ShownEdit:
    """An operation of a draft as its card shows it. `subject` is what it is done to.

    `policy_type`: of the policy whose text is edited; empty for edits without a text.
    """

    operation_id: int
    operation: Operation
    icon: str
    verb: str
    subject: str
    preposition: str
    place: str
    policy_type: str

    @property
    def has_text(self) -> bool:
        """Whether it is edited in the editor."""
        return self.operation.kind in (OperationKind.UPDATE_POLICY, OperationKind.CREATE_POLICY)

    @property
    def statements(self) -> tuple[TextStatement, ...]:
        """The statements of its text, if it has one that can be read."""
        return text_statements(self.operation.text) if self.has_text else ()

    @property
    def words(self) -> str:
        """`Attach DenyRegions to OPG`."""
        return " ".join(
            part for part in (self.verb, self.subject, self.preposition, self.place) if part
        )


def shown_edit(
    operation_id: int, operation: Operation, names: dict[str, str], resource_policy_ids: set[str]
) -> ShownEdit:
    """Return an operation. `names`: of policies and targets, by id.

    `resource_policy_ids`: the ids of the policies that are resource control policies.
    """
    icon, verb = VERBS[operation.kind]
    subject, preposition, place = _parts(operation, names)
    is_resource_policy = operation.policy_id in resource_policy_ids
    policy_type = operation.policy_type or (RCP if is_resource_policy else SCP).value
    return ShownEdit(operation_id, operation, icon, verb, subject, preposition, place, policy_type)


def _parts(operation: Operation, names: dict[str, str]) -> tuple[str, str, str]:
    """Return what an operation is done to, and `to`, `from` or `in` another place or name."""
    subject_id = operation.policy_id or operation.target_id
    known = names.get(subject_id, subject_id)
    match operation.kind:
        case OperationKind.ENABLE_POLICY_TYPE | OperationKind.DISABLE_POLICY_TYPE:
            return operation.policy_type, "", ""
        case OperationKind.RENAME_POLICY | OperationKind.RENAME_ORGANIZATIONAL_UNIT:
            return known, "to", operation.name
        case OperationKind.TAG_POLICY:
            return known, "with", ", ".join(key for key, _ in operation.tags)
        case OperationKind.CREATE_ORGANIZATIONAL_UNIT:
            return operation.name, "in", names.get(operation.parent_id, operation.parent_id)
        case _:
            place_id = operation.parent_id
            if operation.policy_id:
                place_id = operation.target_id
            taken = operation.kind is OperationKind.DETACH_POLICY
            preposition = ("from" if taken else "to") if place_id else ""
            return operation.name or known, preposition, names.get(place_id, place_id)


def names_in(organization: CompiledOrganization, operations: list[Operation]) -> dict[str, str]:
    """Return the names of all policies and targets, those that a draft makes included."""
    found = {target_id: name.name for target_id, name in organization.names.items()}
    for control in (organization.service_control, organization.resource_control):
        found.update((policy_id, policy.name) for policy_id, policy in control.by_id.items())
    for one in operations:
        if one.kind is OperationKind.CREATE_POLICY:
            found[one.policy_id] = one.name
        elif one.kind is OperationKind.CREATE_ORGANIZATIONAL_UNIT:
            found[one.target_id] = one.name
    return found


@dataclass(frozen=True, slots=True)
class ShownContext:
    """A condition key of a witness with its values."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRequestEffect:
    """A difference as a fold: badge, sentence, reach; inside it the witness.

    `accounts`: how many have it, 0 where none of them is a real one. `denied_anyway`: what of it
    other policies deny anyway, and where; empty if nothing. `unlisted_note`: that it holds for
    actions of no catalogue, too.
    """

    state: str
    type_code: str
    sentence: SafeString
    reach: SafeString
    accounts: int
    witness: ShownWitness | None
    context: tuple[ShownContext, ...]
    decider_href: str
    trace_href: str
    reason: str
    remark: str
    denied_anyway: str = ""
    unlisted_note: str = ""


def shown_effect(
    found: FoundEffects,
    effect: RequestEffect,
    slug: str,
    *,
    imagined: bool = False,
    as_of: str = "",
) -> ShownRequestEffect:
    """Tell a difference. `imagined`: in an organization that has no pages to lead to.

    `as_of`: the time of the state that its trace looks at, empty for now.
    """
    witness = found.witnesses.of(effect)
    actions = effect_actions(load_catalogue(), effect)
    if imagined:
        reach = _imagined_reach(found, effect)
    else:
        reach = reach_words(found.reaches.of(effect.account_ids), slug)
    return ShownRequestEffect(
        state=effect.verdict.value,
        type_code="SCP" if effect.policy_type.startswith("SERVICE") else "RCP",
        sentence=difference_sentence(
            actions,
            effect.action_bits.bit_count(),
            effect.when,
            witness.action if witness else "",
        ),
        reach=reach,
        accounts=0 if imagined else len(effect.account_ids),
        witness=witness,
        context=tuple(ShownContext(*pair) for pair in witness.context) if witness else (),
        decider_href="" if imagined or not witness else decider_href(witness, slug),
        trace_href="" if imagined or not witness else trace_href(witness, slug, as_of=as_of),
        reason="" if effect.difference else effect.reason,
        remark=effect.reason if effect.difference else "",
        denied_anyway="" if imagined else _denied_anyway(effect),
        unlisted_note=unlisted_note(actions),
    )


def _denied_anyway(effect: RequestEffect) -> str:
    """Return in how many accounts other policies deny some of a change's actions anyway."""
    together = ActionUnion()
    for part in effect.parts:
        together.add(part.actions)
    accounts = sum(
        len(part.account_ids) for part in effect.parts if not together.equals(part.actions)
    )
    if not accounts:
        return ""
    whose = counted(accounts, "account,accounts")
    return f"In {whose} other policies deny some of these actions anyway."


def _imagined_reach(found: FoundEffects, effect: RequestEffect) -> SafeString:
    names = found.states.shown.names
    words = " and ".join(names[account_id].name for account_id in effect.account_ids[:4])
    return format_html("{}", f"In {words}")


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request that shows something, with its addresses."""

    witness: ShownWitness
    context: tuple[ShownContext, ...]
    decider_href: str
    trace_href: str


def shown_witness(witness: ShownWitness, slug: str) -> ShownRequest:
    """Return a request with its addresses."""
    return ShownRequest(
        witness=witness,
        context=tuple(ShownContext(*pair) for pair in witness.context),
        decider_href=decider_href(witness, slug),
        trace_href=trace_href(witness, slug),
    )


def decider_href(witness: ShownWitness, slug: str) -> str:
    """Return the address of the statement that denies a request, empty if that has no page."""
    decider = witness.decider
    if decider is None or not decider.policy_id.startswith("p-"):
        return ""
    page = reverse("policy", kwargs={"slug": slug, "policy_id": decider.policy_id})
    return f"{page}#statement-{decider.statement}"


def reach_words(places: tuple[ReachedPlace, ...], slug: str) -> SafeString:
    """Return `37 accounts in OPG, LAA and 3 more OUs`; one account by its name."""
    if len(places) == 1 and places[0].kind == "ACCOUNT":
        place = places[0]
        href = page_href(slug, place.target_id)
        return format_html('<a href="{}">{}</a>', href, place.name)
    accounts = counted(sum(place.accounts for place in places), "account,accounts")
    named = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        ((page_href(slug, place.target_id), place.name) for place in places[:_PLACES_SHOWN]),
    )
    rest = len(places) - _PLACES_SHOWN
    more = f" and {rest:,} more OUs" if rest > 0 else ""
    return format_html("{} in {}{}", accounts, named, more)


def trace_href(witness: ShownWitness, slug: str, *, as_of: str = "") -> str:
    """Return the address of a request's trace. `as_of`: of the state it looks at, empty for now."""
    question = Question(
        principal=witness.principal,
        action=witness.action,
        resource=witness.resource,
        resource_account_id=witness.resource_account_id or "",
        context=witness.context,
    )
    return f"{reverse('why-denied', kwargs={'slug': slug})}?{query_of(question, as_of=as_of)}"
