"""The lines of a change request's evidence: findings, differences, witnesses, roles, transients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.changes.evidence.management_changes import management_label
from governance.posture.requests.questions import Question
from governance.presentation.why_denied_address import query_of
from governance.web.parts.difference_sentences import difference_sentence, unlisted_note
from governance.web.parts.markup import counted

_TRANSIENT_STATES: Final = {
    "denied": "newly_denied",
    "allowed": "newly_allowed",
    "setting": "differs_between",
}


LEVELS: Final = ("hard", "soft", "advisory")


# How a finding's level looks and what it means for the request.
LEVEL_STATES: Final = {"hard": "error", "soft": "warning", "advisory": "note"}


LEVEL_WORDS: Final = {
    "hard": "Blocks",
    "soft": "Blocks unless overridden",
    "advisory": "Worth knowing",
}


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A policy's attachment that can leave a target for `count` OUs and accounts below it.

    Without a policy an OU that can be made again elsewhere, with `count` accounts to move.
    """

    policy_id: str
    target_id: str
    count: int


@dataclass(frozen=True, slots=True)
class EvidenceFinding:
    """A finding. `override`: the override that lets it pass, None without one.

    `offer`: the edit that the planner offers instead, None: none that the viewer sees all of.
    """

    key: str
    code: str
    level: str
    message: str
    remedy: str
    step: int | None
    target_ids: tuple[str, ...]
    override: Mapping[str, Any] | None
    offer: OfferedMove | None = None

    @property
    def state(self) -> str:
        """The state that it is shown as."""
        return LEVEL_STATES[self.level]

    @property
    def blocks(self) -> bool:
        """Whether the request cannot go on because of it."""
        return self.level == "hard" or (self.level == "soft" and self.override is None)


@dataclass(frozen=True, slots=True)
class EvidenceWitness:
    """One request that shows a difference, with what became of it before and after."""

    principal: str
    action: str
    resource: str
    context: tuple[tuple[str, str], ...]
    account_id: str
    before: str
    after: str

    @property
    def question(self) -> str:
        """The query with which Why denied traces it."""
        return query_of(
            Question(
                principal=self.principal,
                action=self.action,
                resource=self.resource,
                resource_account_id="",
                context=tuple((key, tuple(value.split(", "))) for key, value in self.context),
            )
        )


@dataclass(frozen=True, slots=True)
class EvidenceDifference:
    """What is newly denied, newly allowed or undecided, in one way."""

    state: str
    type_code: str
    sentence: SafeString
    accounts: int
    account_ids: tuple[str, ...]
    witness: EvidenceWitness | None
    reason: str
    remark: str
    unlisted_note: str


@dataclass(frozen=True, slots=True)
class EvidenceTransient:
    """What is decided differently for a while only, after some steps."""

    state: str
    sentence: SafeString
    first_step: int
    last_step: int
    account_ids: tuple[str, ...]
    reason: str
    witness: EvidenceWitness | None


@dataclass(frozen=True, slots=True)
class ProvenRole:
    """A protected role: whether it keeps what it needs. `found`: what is not proven of it."""

    name: str
    purpose: str
    pattern: str
    needs: int
    found: tuple[Mapping[str, Any], ...]

    @property
    def state(self) -> str:
        """The state that it is shown as."""
        if not self.found:
            return "proven"
        return "failed" if any(one.get("in_all_requests") for one in self.found) else "partial"


def evidence_difference(
    one: Mapping[str, Any], groups: Sequence[tuple[str, ...]]
) -> EvidenceDifference:
    """Read a difference of the evidence; `groups`: its accounts, by the number of their group."""
    account_ids = tuple(
        account_id for number in one.get("account_groups") or () for account_id in groups[number]
    )
    witness = one.get("witness")
    return EvidenceDifference(
        state=one["verdict"],
        type_code="RCP" if str(one["policy_type"]).startswith("RESOURCE") else "SCP",
        sentence=difference_sentence(
            one["actions"],
            one.get("actions_total"),
            one.get("when") or "",
            witness["action"] if witness else "",
        ),
        accounts=int(one.get("accounts") or len(account_ids)),
        account_ids=account_ids,
        witness=None if witness is None else evidence_witness(witness),
        reason=one.get("reason") or "",
        remark=one.get("remark") or "",
        unlisted_note=unlisted_note(one["actions"]),
    )


def evidence_transient(one: Mapping[str, Any]) -> EvidenceTransient:
    """Read what holds between two steps only."""
    witness = one.get("witness")
    state = _TRANSIENT_STATES.get(one["kind"], "undecided")
    setting = one.get("setting")
    return EvidenceTransient(
        state=state,
        sentence=difference_sentence(
            one["actions"], None, one.get("when") or "", witness["action"] if witness else ""
        )
        if setting is None
        else _setting_sentence(one["policy_type"], setting),
        first_step=one["first_step"],
        last_step=one["last_step"],
        account_ids=tuple(one.get("account_ids") or ()),
        reason=one.get("reason") or "",
        witness=None if witness is None else evidence_witness(witness),
    )


def _setting_sentence(policy_type: str, setting: Mapping[str, Any]) -> SafeString:
    """Write what a setting of an effective management policy is between the steps."""
    label = management_label(policy_type)
    if not setting["path"]:
        return format_html("the effective {} is not known", label)
    before, between, after = (
        "not set" if setting[name] is None else ", ".join(setting[name]) or "empty"
        for name in ("before", "between", "after")
    )
    return format_html(
        "<code>{}</code> of the effective {} is {}; before {}, after {}",
        setting["path"],
        label,
        between,
        before,
        after,
    )


def evidence_witness(one: Mapping[str, Any]) -> EvidenceWitness:
    """Read a request that shows a difference."""
    return EvidenceWitness(
        principal=one["principal"],
        action=one["action"],
        resource=one["resource"],
        context=tuple(
            (key, value if isinstance(value, str) else ", ".join(value))
            for key, value in (one.get("context") or {}).items()
        ),
        account_id=one.get("account_id") or "",
        before=one.get("before") or "",
        after=one.get("after") or "",
    )


def accounts_words(count: int) -> str:
    """Write a number of accounts."""
    return counted(count, "account,accounts")
