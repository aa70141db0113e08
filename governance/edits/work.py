"""The state of an organization while edits are done to it, one after the other.

Operations of a draft and calls of a plan are done here alike, so that both follow one set of
rules. Sources: Organizations API reference, each call named below; Organizations user guide,
"Enabling and disabling policy types" (a type that is enabled attaches AWS's own policy everywhere,
one that is disabled loses all attachments).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from governance.edits.control_tower import (
    ACCOUNT_WAY,
    POLICY_WAY,
    UNIT_WAY,
    is_control_towers,
    is_governed,
)
from governance.edits.organization_now import OrganizationNow
from governance.posture.state.organization import (
    CONTROL_TYPES,
    RCP,
    SCP,
    ControlPolicy,
    TargetName,
)
from governance.posture.state.parsed_policies import parsed_policy
from policies import PolicyType
from policies.full_access import FULL_ACCESS_TEXTS, full_access

AWS_POLICY_IDS: Final[Mapping[PolicyType, str]] = {
    SCP: "p-FullAWSAccess",
    RCP: "p-RCPFullAWSAccess",
}
"""The policies that AWS attaches by itself where a type is enabled."""
_KEPT_BY_AWS: Final = "AWS keeps this policy: it cannot be changed, only attached and detached"


class EditRefused(Exception):
    """An edit cannot be done; the message says why."""


@dataclass
class OrganizationWork(OrganizationNow):
    """An organization while edits are done to it. The one it began with is never changed."""

    def update(self, policy_id: str, text: str) -> None:
        """UpdatePolicy with a text."""
        kind, policy = self._own(policy_id)
        self.put(kind, self._with_text(policy, kind, text))
        self.texts[policy_id] = text

    def rename(self, policy_id: str, name: str) -> None:
        """UpdatePolicy with a name."""
        kind, policy = self._own(policy_id)
        self._check_name(kind, name, but=policy_id)
        self._put_anew(kind, replace(policy, name=name))

    def tag(self, policy_id: str, tags: Iterable[tuple[str, str | None]]) -> None:
        """TagResource, and UntagResource for tags without a value."""
        self._own(policy_id)
        found = dict(self.tags_of(policy_id))
        for key, value in tags:
            if value is not None:
                found[key] = value
            elif found.pop(key, None) is None:
                raise EditRefused(f"{self.policies[policy_id][1].name} has no tag {key}")
        self.tags[policy_id] = found

    def create(self, policy_id: str, name: str, kind: PolicyType, text: str) -> None:
        """CreatePolicy."""
        self._check_new_id(policy_id)
        self._check_name(kind, name)
        fresh = ControlPolicy(policy_id, name, False, "", None, ())
        self.policies[policy_id] = (kind, self._with_text(fresh, kind, text))
        self.texts[policy_id] = text
        self.stale.add(kind)

    def delete(self, policy_id: str) -> None:
        """DeletePolicy, detached first wherever it is attached."""
        kind, policy = self._own(policy_id)
        held = self.targets_of(policy_id)
        for target_id in held:
            self._detach(kind, policy, target_id)
        if held:
            self.detached_to_delete[policy.name] = len(held)
        del self.policies[policy_id]
        self.texts.pop(policy_id, None)
        self.tags.pop(policy_id, None)
        self.stale.add(kind)

    def attach(self, policy_id: str, target_id: str) -> None:
        """AttachPolicy."""
        kind, policy = self._policy(policy_id)
        self._check_target(target_id)
        self._check_control_tower(policy)
        held = self.attached.setdefault(kind, {}).get(target_id, ())
        if policy in held:
            raise EditRefused(f"{policy.name} is attached to {self.named(target_id)} already")
        if self.as_request and kind not in self.enabled:
            raise EditRefused(f"{kind} is not enabled at the root: enable the policy type first")
        self._set(kind, target_id, _in_order((*held, policy)))

    def detach(self, policy_id: str, target_id: str) -> None:
        """DetachPolicy."""
        kind, policy = self._policy(policy_id)
        self._check_target(target_id)
        self._check_control_tower(policy)
        if policy not in self.attached.get(kind, {}).get(target_id, ()):
            raise EditRefused(f"{policy.name} is not attached to {self.named(target_id)}")
        if policy_id == AWS_POLICY_IDS[RCP]:
            raise EditRefused("AWS lets nobody detach RCPFullAWSAccess")
        self._detach(kind, policy, target_id)

    def move(self, target_id: str, parent_id: str) -> None:
        """MoveAccount; or, in a draft that is no request, an OU as if AWS could move it."""
        self._check_target(target_id)
        self._check_target(parent_id)
        if self.kind_of(parent_id) == "ACCOUNT":
            raise EditRefused(f"{self.named(parent_id)} is an account: nothing lies below it")
        was = self.parent(target_id)
        if was == parent_id:
            raise EditRefused(f"{self.named(target_id)} lies in {self.named(parent_id)} already")
        step: str | None = parent_id
        while step is not None:
            if step == target_id:
                raise EditRefused(f"{self.named(parent_id)} lies below {self.named(target_id)}")
            step = self.parent(step)
        if self.as_request:
            self._check_move(target_id, was, parent_id)
        self.parents[target_id] = parent_id
        for kind in CONTROL_TYPES:
            self.mark(kind, target_id)

    def enable(self, kind: PolicyType) -> None:
        """EnablePolicyType: AWS's own policy of the type stands at every target then."""
        if kind in self.enabled:
            raise EditRefused(f"{kind} is enabled already")
        if kind in self.disabled and not self.as_collected:
            raise EditRefused(
                f"{kind} is disabled by an earlier edit: enable it by another request"
            )
        self.enabled.add(kind)
        self._attach_everywhere(kind)

    def disable(self, kind: PolicyType) -> None:
        """DisablePolicyType: every attachment of the type is lost."""
        if kind not in self.enabled:
            raise EditRefused(f"{kind} is not enabled")
        for held in self.attached.get(kind, {}).values():
            for policy in held:
                self._check_control_tower(policy)
        self.enabled.discard(kind)
        self.disabled.add(kind)
        self.attached[kind] = {}
        self.mark_all(kind)

    def create_unit(self, unit_id: str, parent_id: str, name: str) -> None:
        """CreateOrganizationalUnit. AWS attaches its own policies to a new OU."""
        self._check_new_id(unit_id)
        self._check_target(parent_id)
        if self.kind_of(parent_id) == "ACCOUNT":
            raise EditRefused(f"{self.named(parent_id)} is an account: nothing lies below it")
        self._check_unit_name(parent_id, name)
        self.new_units[unit_id] = TargetName(unit_id, "ORGANIZATIONAL_UNIT", name, parent_id)
        for kind in CONTROL_TYPES:
            if kind in self.enabled:
                self.attached[kind][unit_id] = (self._aws_policy(kind),)
            self.mark(kind, unit_id)

    def rename_unit(self, unit_id: str, name: str) -> None:
        """UpdateOrganizationalUnit."""
        self._check_unit(unit_id)
        self._check_unit_name(self.parent(unit_id) or "", name, but=unit_id)
        self.unit_names[unit_id] = name

    def delete_unit(self, unit_id: str) -> None:
        """DeleteOrganizationalUnit, of an OU that holds nothing."""
        self._check_unit(unit_id)
        below = self.children(unit_id)
        if below:
            raise EditRefused(
                f"{self.named(unit_id)} holds {len(below):,} accounts and OUs: AWS deletes only "
                "OUs that hold nothing"
            )
        if self.as_request and is_governed(self._attached_to(unit_id)):
            raise EditRefused(f"{self.named(unit_id)} {UNIT_WAY}")
        for by_target in self.attached.values():
            by_target.pop(unit_id, None)
        self.new_units.pop(unit_id, None)
        self.parents.pop(unit_id, None)
        self.deleted_units.add(unit_id)
        for kind in CONTROL_TYPES:
            self.mark(kind, unit_id)

    def put(self, kind: PolicyType, policy: ControlPolicy) -> None:
        """Let a policy stand everywhere in the place of the one with its id."""
        if policy.sha256 != self.policies[policy.policy_id][1].sha256:
            self._put_anew(kind, policy)

    def _set(self, kind: PolicyType, target_id: str, held: tuple[ControlPolicy, ...]) -> None:
        self.attached[kind][target_id] = held
        self.mark(kind, target_id)

    def _detach(self, kind: PolicyType, policy: ControlPolicy, target_id: str) -> None:
        held = self.attached[kind][target_id]
        self._set(kind, target_id, tuple(one for one in held if one is not policy))

    def _put_anew(self, kind: PolicyType, policy: ControlPolicy) -> None:
        was = self.policies[policy.policy_id][1]
        self.policies[policy.policy_id] = (kind, policy)
        self.stale.add(kind)
        for target_id, held in self.attached.get(kind, {}).items():
            if was in held:
                self.attached[kind][target_id] = tuple(
                    policy if one is was else one for one in held
                )
                self.mark(kind, target_id)

    def _attach_everywhere(self, kind: PolicyType) -> None:
        self.attached[kind] = {}
        if kind in CONTROL_TYPES:
            everywhere = (self._aws_policy(kind),)
            places = [*self.organization.names, *self.new_units]
            self.attached[kind] = dict.fromkeys(
                (one for one in places if one not in self.deleted_units), everywhere
            )
        self.mark_all(kind)

    def _aws_policy(self, kind: PolicyType) -> ControlPolicy:
        policy_id = AWS_POLICY_IDS[kind]
        known = self.policies.get(policy_id)
        if known is not None:
            return known[1]
        sha256 = hashlib.sha256(FULL_ACCESS_TEXTS[kind].encode()).hexdigest()
        name = policy_id.removeprefix("p-")
        made = ControlPolicy(policy_id, name, True, sha256, full_access(kind), ())
        self.policies[policy_id] = (kind, made)
        self.stale.add(kind)
        return made

    def _with_text(self, policy: ControlPolicy, kind: PolicyType, text: str) -> ControlPolicy:
        sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        parsed = parsed_policy(sha256, text, kind)
        return replace(
            policy, sha256=sha256, document=parsed.document, diagnostics=parsed.diagnostics
        )

    def _policy(self, policy_id: str) -> tuple[PolicyType, ControlPolicy]:
        found = self.policies.get(policy_id)
        if found is None:
            raise EditRefused(f"there is no policy {policy_id} at that time")
        return found

    def _own(self, policy_id: str) -> tuple[PolicyType, ControlPolicy]:
        kind, policy = self._policy(policy_id)
        if policy.aws_managed and not self.as_collected:
            raise EditRefused(_KEPT_BY_AWS)
        self._check_control_tower(policy)
        return kind, policy

    def _check_control_tower(self, policy: ControlPolicy) -> None:
        if self.as_request and is_control_towers(policy):
            raise EditRefused(f"{policy.name} cannot be changed here: {POLICY_WAY}")

    def _check_move(self, target_id: str, was: str | None, parent_id: str) -> None:
        if self.kind_of(target_id) != "ACCOUNT":
            raise EditRefused(
                f"AWS has no call that moves an OU: create an OU in {self.named(parent_id)} and "
                f"move what {self.named(target_id)} holds there"
            )
        for place in (was, parent_id):
            if place is not None and is_governed(self._attached_to(place)):
                raise EditRefused(f"{self.named(place)} {ACCOUNT_WAY}")

    def _attached_to(self, target_id: str) -> list[ControlPolicy]:
        return [one for held in self.attached.values() for one in held.get(target_id, ())]

    def _check_new_id(self, new_id: str) -> None:
        if new_id in self.policies or new_id in self.new_units or new_id in self.deleted_units:
            raise EditRefused(f"{new_id} names a policy or OU already; take another name")

    def _check_name(self, kind: PolicyType, name: str, *, but: str = "") -> None:
        """CreatePolicy and UpdatePolicy answer DuplicatePolicyException otherwise."""
        if self.as_request and any(
            policy.name == name and of is kind and policy.policy_id != but
            for of, policy in self.policies.values()
        ):
            raise EditRefused(f"there is a policy {name} of this type already: take another name")

    def _check_unit(self, unit_id: str) -> None:
        self._check_target(unit_id)
        if self.kind_of(unit_id) != "ORGANIZATIONAL_UNIT":
            raise EditRefused(f"{self.named(unit_id)} is not an OU")

    def _check_unit_name(self, parent_id: str, name: str, *, but: str = "") -> None:
        """CreateOrganizationalUnit answers DuplicateOrganizationalUnitException otherwise."""
        for one in self.children(parent_id):
            if one != but and self.kind_of(one) != "ACCOUNT" and self.named(one) == name:
                raise EditRefused(f"{self.named(parent_id)} holds an OU {name} already")

    def _check_target(self, target_id: str) -> None:
        if target_id in self.deleted_units:
            raise EditRefused(f"{target_id} was deleted by an earlier edit")
        if target_id in self.new_units or target_id in self.organization.names:
            return
        if target_id in self.organization.unplaced:
            raise EditRefused(
                f"the parent of {target_id} was not collected: its place is not known"
            )
        raise EditRefused(f"there is no root, OU or account {target_id} at that time")


def _in_order(policies: Iterable[ControlPolicy]) -> tuple[ControlPolicy, ...]:
    """Return policies as a collected target has them: AWS's own first, then by name."""
    return tuple(sorted(policies, key=lambda one: (not one.aws_managed, one.name, one.policy_id)))
