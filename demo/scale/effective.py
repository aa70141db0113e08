"""What AWS would say of the effective management policies, chain by chain."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from demo.scale.policies import POLICY_TYPES
from demo.scale.shape import chance
from demo.scale.tree import Tree
from inventory.digests import sha256
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from inventory.records import (
    EffectivePolicyAskingRecord,
    EffectivePolicyRecord,
    PolicyAttachmentRecord,
    PolicyRecord,
)
from policies import PolicyType, parse_policy
from policies.management import AttachedSettings, SettingsLevel, effective_policy
from policies.management.chains import NOTHING_ATTACHED, chain_link, chain_of

_NOT_ASKED: Final = 0.05
_OTHERWISE: Final = 0.03


@dataclass(slots=True)
class _Type:
    """The policies of one type and where they are attached."""

    contents: dict[str, str] = field(default_factory=dict)
    attached: dict[str, list[str]] = field(default_factory=dict)


def make_effective(
    tree: Tree,
    policies: Iterable[PolicyRecord],
    attachments: Iterable[PolicyAttachmentRecord],
    asked_at: datetime,
) -> Iterator[tuple[EffectivePolicyRecord, EffectivePolicyAskingRecord]]:
    """Yield AWS's answer for each chain of policies, but for a few that were not asked for yet.

    A few say otherwise than the operators of what is attached.
    """
    kinds = {kind: _Type() for kind in POLICY_TYPES if kind in MANAGEMENT_POLICY_TYPES}
    type_of = {policy.policy_id: policy.type for policy in policies}
    for policy in policies:
        if policy.type in kinds:
            kinds[policy.type].contents[policy.policy_id] = policy.content
    for attachment in attachments:
        kind = type_of[attachment.policy_id]
        if kind in kinds:
            attached = kinds[kind].attached.setdefault(attachment.target_id, [])
            attached.append(attachment.policy_id)
    for kind, held in kinds.items():
        seen: set[str] = set()
        for account, _ in tree.accounts:
            way = [*(step for step in account.path.split("/") if step), account.account_id]
            levels = [(step, held.attached[step]) for step in way if step in held.attached]
            chain = chain_of(
                [
                    chain_link(step, (sha256(held.contents[each]) for each in ids))
                    for step, ids in levels
                ]
            )
            if chain in seen or chain == NOTHING_ATTACHED or account.state != "ACTIVE":
                continue
            seen.add(chain)
            source = chance("effective", kind, chain)
            if source.random() < _NOT_ASKED:
                continue
            document = _merged(PolicyType(kind), held, levels)
            if source.random() < _OTHERWISE:
                document = {**document, "version_of_aws": "2"}
            yield (
                EffectivePolicyRecord(kind, chain, json.dumps(document, separators=(",", ":"))),
                EffectivePolicyAskingRecord(kind, chain, account.account_id, asked_at, asked_at),
            )


def _merged(
    kind: PolicyType, held: _Type, levels: list[tuple[str, list[str]]]
) -> dict[str, object]:
    merged = effective_policy(
        kind,
        [
            SettingsLevel(
                step,
                tuple(
                    AttachedSettings(each, parse_policy(held.contents[each], kind).management, rank)
                    for rank, each in enumerate(ids)
                ),
            )
            for step, ids in levels
        ],
    )
    return dict(merged.document())
