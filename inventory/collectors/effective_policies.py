"""Effective management policies as AWS computes them, asked for once a chain of policies."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from functools import partial
from typing import Final

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsCallsUsedUp, AwsNotFound, AwsReadFailed
from inventory.collectors.collector import Action, Collector, Earlier, Scope, Slice
from inventory.collectors.listed import inconsistent
from inventory.digests import sha256
from inventory.policy_types import MANAGEMENT_POLICY_TYPES, POLICY_TYPE_BY_NAME
from inventory.records import (
    AccountRecord,
    EffectivePolicyAskingRecord,
    EffectivePolicyRecord,
    OrganizationRecord,
    PolicyAttachmentRecord,
    PolicyRecord,
    Record,
    RootRecord,
)
from policies.management.chains import NOTHING_ATTACHED, ChainLink, chain_link, chain_of

_NONE_THERE: Final = "EffectivePolicyNotFoundException"
_ACTIVE: Final = "ACTIVE"
_ENABLED: Final = "ENABLED"
# The collectors whose records tell which accounts have the same policies on their way.
_ORGANIZATION: Final = "organizations.organization"
_UNITS: Final = "organizations.organizational_units"
_ACCOUNTS: Final = "organizations.accounts"
_POLICIES: Final = "organizations.policies.{}"


@dataclass(frozen=True, slots=True)
class _Chain:
    """Accounts with the same policies on their way. `askable`: those AWS may be asked for."""

    name: str
    accounts: int
    askable: tuple[str, ...]


def collect_effective_policies(
    organizations: AwsClient, earlier: Earlier, *, policy_type: str
) -> Iterator[EffectivePolicyRecord | EffectivePolicyAskingRecord]:
    """Yield the effective policy of each chain of attached policies, and when AWS was asked.

    AWS is asked for one active account of each chain. What it answered before is yielded as it was
    until it is older than `earlier.allowance.again_after`: AWS validates and rebuilds effective
    policies by itself, so they are asked for again in the end. Chains that were never asked for
    come first, those with most accounts before others, then the oldest answers; when the calls or
    seconds of this run are used up, the next run goes on.
    AWS: organizations:DescribeEffectivePolicy.
    :raises AwsReadFailed: what is attached was not read completely before.
    :raises AwsCallsUsedUp: some chains were never asked for, by this run or an earlier one.
    :raises AwsInconsistent: AWS finds none of a chain's accounts, which it listed in this run.
    """
    types = _enabled_types(earlier)
    if policy_type not in types:
        return
    kept = _kept(earlier)
    asker = _Asker(organizations, earlier, policy_type, share=len(types))
    due = []
    for chain in _chains(earlier, policy_type):
        before = kept.get(chain.name)
        if before is not None and (not chain.askable or asker.is_fresh(before.asking)):
            yield from before.records
        elif chain.askable:
            due.append(chain)
    left: list[_Chain] = []
    for chain in sorted(due, key=lambda each: _urgency(each, kept)):
        before = kept.get(chain.name)
        answer = asker.ask(chain) or (before.records if before is not None else ())
        yield from answer
        if not answer:
            left.append(chain)
    if asker.not_found and left and not asker.is_used_up():
        raise inconsistent(asker.not_found)
    if left:
        accounts = sum(chain.accounts for chain in left)
        raise AwsCallsUsedUp(
            f"AWS was not asked yet for {accounts} account{'' if accounts == 1 else 's'} that "
            f"{len(left)} of the ways to attach policies reach: this run's calls for effective "
            "policies were used up",
            operation="organizations:DescribeEffectivePolicy",
            code="CallsUsedUp",
            remedy="the next runs go on with the rest; until then it is computed",
        )


@dataclass(slots=True)
class _Asker:
    """Asks AWS as long as the type's share of the run's calls and seconds lasts."""

    organizations: AwsClient
    earlier: Earlier
    policy_type: str
    share: InitVar[int]
    calls: int = field(init=False)
    ends_at: float = field(init=False)
    not_found: dict[str, AwsNotFound] = field(default_factory=dict)

    def __post_init__(self, share: int) -> None:
        allowance = self.earlier.allowance
        self.calls = max(1, allowance.calls // share)
        self.ends_at = self.organizations.patience.monotonic() + allowance.seconds / share

    def is_used_up(self) -> bool:
        return self.calls <= 0 or self.organizations.patience.monotonic() >= self.ends_at

    def is_fresh(self, asking: EffectivePolicyAskingRecord) -> bool:
        return self.earlier.now - asking.asked_at < self.earlier.allowance.again_after

    def ask(self, chain: _Chain) -> tuple[EffectivePolicyRecord | EffectivePolicyAskingRecord, ...]:
        """Return what AWS answers for the first account of a chain that is still there."""
        for account_id in chain.askable:
            if self.is_used_up():
                break
            self.calls -= 1
            answer = self._ask(chain.name, account_id)
            if answer:
                return answer
        return ()

    def _ask(
        self, chain: str, account_id: str
    ) -> tuple[EffectivePolicyRecord | EffectivePolicyAskingRecord, ...]:
        content, updated_at = None, None
        try:
            answer = self.organizations.call(
                "describe_effective_policy", PolicyType=self.policy_type, TargetId=account_id
            )["EffectivePolicy"]
        except AwsNotFound as error:
            if error.code != _NONE_THERE:
                # The account has left since it was listed, or AWS does not know it for a moment.
                self.not_found[account_id] = error
                return ()
        else:
            content, updated_at = answer["PolicyContent"], answer.get("LastUpdatedTimestamp")
        now = self.earlier.now
        return (
            EffectivePolicyRecord(self.policy_type, chain, content),
            EffectivePolicyAskingRecord(self.policy_type, chain, account_id, now, updated_at),
        )


@dataclass(frozen=True, slots=True)
class _KnownPolicy:
    policy: EffectivePolicyRecord
    asking: EffectivePolicyAskingRecord

    @property
    def records(self) -> tuple[EffectivePolicyRecord | EffectivePolicyAskingRecord, ...]:
        return self.policy, self.asking


def _kept(earlier: Earlier) -> dict[str, _KnownPolicy]:
    askings = {
        each.chain: each for each in earlier.kept if isinstance(each, EffectivePolicyAskingRecord)
    }
    return {
        each.chain: _KnownPolicy(each, askings[each.chain])
        for each in earlier.kept
        if isinstance(each, EffectivePolicyRecord) and each.chain in askings
    }


def _urgency(chain: _Chain, kept: Mapping[str, _KnownPolicy]) -> tuple[float, int, str]:
    before = kept.get(chain.name)
    asked = 0.0 if before is None else before.asking.asked_at.timestamp()
    return asked, -chain.accounts, chain.name


def _enabled_types(earlier: Earlier) -> frozenset[str]:
    """Return the management types that are enabled at the root."""
    return frozenset(
        name
        for record in _read(earlier, _UNITS)
        if isinstance(record, RootRecord)
        for name, status in record.policy_types.items()
        if status == _ENABLED and name in MANAGEMENT_POLICY_TYPES
    )


def _chains(earlier: Earlier, policy_type: str) -> list[_Chain]:
    attached = _read(earlier, _POLICIES.format(policy_type))
    contents = {
        each.policy_id: sha256(each.content) for each in attached if isinstance(each, PolicyRecord)
    }
    at: dict[str, list[str]] = {}
    for each in attached:
        if isinstance(each, PolicyAttachmentRecord):
            at.setdefault(each.target_id, []).append(contents[each.policy_id])
    links = {target_id: chain_link(target_id, texts) for target_id, texts in at.items()}
    names: dict[tuple[ChainLink, ...], str] = {}
    counts: Counter[str] = Counter()
    askable: dict[str, list[tuple[bool, str]]] = {}
    management = _management_account_id(earlier)
    for account in _read(earlier, _ACCOUNTS):
        if not isinstance(account, AccountRecord):
            continue
        way = [*(step for step in account.path.split("/") if step), account.account_id]
        linked = tuple(links[step] for step in way if step in links)
        if linked not in names:
            names[linked] = chain_of(linked)
        name = names[linked]
        if name == NOTHING_ATTACHED:
            continue
        counts[name] += 1
        if account.state == _ACTIVE:
            askable.setdefault(name, []).append(
                (account.account_id == management, account.account_id)
            )
    return [
        _Chain(name, count, tuple(account_id for _, account_id in sorted(askable.get(name, ()))))
        for name, count in counts.items()
    ]


def _management_account_id(earlier: Earlier) -> str:
    return next(
        (
            each.management_account_id
            for each in _read(earlier, _ORGANIZATION)
            if isinstance(each, OrganizationRecord)
        ),
        "",
    )


def _read(earlier: Earlier, collector: str) -> tuple[Record, ...]:
    try:
        return earlier.read[collector]
    except KeyError:
        raise AwsReadFailed(
            f"{collector} was not read completely in this run, so it is not known which accounts "
            "have the same policies on their way",
            operation="organizations:DescribeEffectivePolicy",
            code="NotRead",
            remedy=f"see the coverage of {collector}",
            transient=True,
        ) from None


def collector_name(policy_type: str) -> str:
    """Return the name of the collector that asks for the effective policies of a type."""
    return f"organizations.effective.{policy_type}"


def _collector(policy_type: str) -> Collector:
    own = {"policy_type": policy_type}
    return Collector(
        name=collector_name(policy_type),
        label=f"Effective policies: {POLICY_TYPE_BY_NAME[policy_type].label}",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(
            Action(
                "organizations:DescribeEffectivePolicy",
                "effective tag, backup, declarative and other management policies",
                given={"PolicyType": "TAG_POLICY", "TargetId": "{account_id}"},
            ),
        ),
        read=partial(collect_effective_policies, policy_type=policy_type),
        covers=(Slice(EffectivePolicyRecord, own), Slice(EffectivePolicyAskingRecord, own)),
        after=(_ORGANIZATION, _UNITS, _ACCOUNTS, _POLICIES.format(policy_type)),
        paced=True,
    )


# One a type, so that a type of which little is known yet leaves the others complete.
COLLECTORS = tuple(_collector(name) for name in MANAGEMENT_POLICY_TYPES)
