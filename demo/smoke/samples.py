"""Things of the demo organization to visit, as the first inventory has stored them."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import Group, User
from django.utils import timezone

from demo.smoke.approval_settings import keep_setting_versions
from demo.smoke.audit import signed_entry
from demo.smoke.changes import kept_change
from demo.smoke.contracts import kept_contract, kept_party
from demo.smoke.drift import kept_baseline, kept_drift, kept_ignore_rule
from demo.smoke.exceptions import kept_exception
from demo.smoke.findings import kept_detection, kept_finding, kept_result
from demo.smoke.logs import kept_log_source
from demo.smoke.notifications import kept_delivery
from demo.smoke.people import kept_grant, kept_group, kept_notification, kept_service_account
from demo.smoke.simulations import kept_draft, kept_effect, kept_job, kept_replay
from demo.smoke.visitor import VisitFailed
from governance.access.models import ApiToken, RoleAssignment
from governance.access.owners.models import GrantProposal, LabelRule, OwnerRule
from governance.access.owners.models.labels import LabelKind
from governance.baseline.exceptions.models import GuardrailException
from governance.changes.models import ChangeRequest
from governance.contracts.models import TrustContract
from governance.detections.models import Detection
from governance.drift.models import DriftItem
from governance.inbox.models import InboxItem
from governance.notifications.models import Notification, WebhookDelivery
from governance.posture.findings.structure import structure_findings
from governance.posture.trust.models import ExternalParty, TrustEdge, TrustFinding
from inventory.models import (
    Account,
    Connection,
    Coverage,
    InventoryRun,
    OrganizationalUnit,
    Policy,
    Principal,
    ResourcePolicy,
)
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class SampleRows:
    """One of each kind."""

    connection: Connection
    run: InventoryRun
    account: Account
    unit: OrganizationalUnit
    policy: Policy
    principal: Principal
    resource: ResourcePolicy
    simulation_id: int
    job_id: UUID
    effect_id: UUID
    replay_id: UUID
    finding_key: str
    delivery: WebhookDelivery
    entry_id: int
    visitor: User
    service_account: User
    group: Group
    grant: GrantProposal
    notification: Notification
    change: ChangeRequest
    edge_key: str
    trust_finding_key: str
    contract: TrustContract
    exception: GuardrailException
    party: ExternalParty
    finding: InboxItem
    guardrail_id: str
    drift: DriftItem
    detection: Detection

    def parameters(self) -> dict[str, str]:
        """Return a value for each name that a parameter of an address has."""
        return {
            "slug": self.connection.slug,
            "account_id": self.account.account_id,
            "target_id": self.unit.target_id,
            "policy_id": self.policy.policy_id,
            "principal_id": str(self.principal.pk),
            "arn": self.principal.arn,
            "resource_arn": self.resource.arn,
            "kind": self.principal.kind,
            "name": self.principal.name,
            "service": "s3",
            "action": "GetObject",
            "finding_key": self.finding_key,
            "edge_key": self.edge_key,
            "trust_finding_key": self.trust_finding_key,
            "contract_number": str(self.contract.number),
            "drift_id": str(self.drift.pk),
            "rule_number": "1",
            "exception_number": str(self.exception.number),
            "party_name": self.party.name,
            "purpose": "log_archive",
            # Every policy and every setting has a first version.
            "version": "1",
            "before": "1",
            "after": "1",
            "run_id": str(self.run.pk),
            "simulation_id": str(self.simulation_id),
            # A draft that was begun has its first edit.
            "operation_id": "1",
            "job_id": str(self.job_id),
            "effect_id": str(self.effect_id),
            "replay_id": str(self.replay_id),
            "earlier": str(self.run.pk),
            "later": "now",
            "token_id": str(_any_token_id()),
            "assignment_id": str(_any_assignment_id()),
            "of": "owner",
            # Only ever posted to, and there is none.
            "decision": "confirm",
            "rule_id": "1",
            "proposal_id": "1",
            "absence_id": "1",
            "term_id": "1",
            "session_id": "1",
            "pk": "1",
            "act": "deactivate",
            "grant_id": str(self.grant.pk),
            "owner_rule_id": str(_any_owner_rule_id()),
            "label_rule_id": str(_kept_label_rule(self.connection).pk),
            "notification_id": str(self.notification.pk),
            "user_id": str(self.visitor.pk),
            "service_account_id": str(self.service_account.pk),
            "group_id": str(self.group.pk),
            "webhook_id": str(self.delivery.webhook_id),
            "delivery_id": str(self.delivery.pk),
            "chat_id": "1",
            "template_id": "deny-leaving",
            "view_id": "1",
            "suspected_id": "1",
            "log_source_id": str(kept_log_source(self.connection).pk),
            "connection_id": str(self.connection.pk),
            "entry_id": str(self.entry_id),
            "number": str(self.change.number),
            "checkpoint_number": "1",
            # Only ever posted to.
            "comment_id": "1",
            "ring": "1",
            "item_id": str(self.finding.pk),
            "detection_id": str(self.detection.pk),
            "detection_rule_id": self.detection.rule_id,
            "guardrail_id": self.guardrail_id,
            # The first version of the baseline is kept.
            "baseline_number": "1",
        }


def _any_owner_rule_id() -> int:
    """Return a rule of the demo's that names owners."""
    first: int | None = OwnerRule.objects.as_of(None).values_list("pk", flat=True).first()
    return 1 if first is None else first


def _kept_label_rule(connection: Connection) -> LabelRule:
    """Return a rule over a tag that nothing of the demo's bears."""
    rule, _ = LabelRule.objects.get_or_create(
        connection=connection,
        kind=LabelKind.CRITICALITY,
        tag_key="tier",
        ended_at=None,
        defaults={"created_at": timezone.now()},
    )
    return rule


def _any_assignment_id() -> int:
    first = RoleAssignment.objects.order_by("pk").values_list("pk", flat=True).first()
    return 1 if first is None else first


def _any_token_id() -> int:
    first = ApiToken.objects.order_by("pk").values_list("pk", flat=True).first()
    return 1 if first is None else first


def _crossing_edge_key(connection: Connection) -> str:
    """Return the worst edge that crosses an account.

    :raises VisitFailed: the first inventory has found none.
    """
    edges = TrustEdge.objects.filter(connection=connection, seen_until__isnull=True)
    key = edges.order_by("crossing_rank", "key").values_list("key", flat=True).first()
    if key is None:
        raise VisitFailed("the first inventory has found no edge of trust")
    return str(key)


def _trust_finding_key(connection: Connection) -> str:
    """Return the worst finding about an edge, of one policy if there is one.

    :raises VisitFailed: the first inventory has found none.
    """
    found = TrustFinding.objects.as_of(None).filter(connection=connection).exclude(edge_key="")
    of_policies = found.filter(found_in=TrustFinding.FoundIn.POLICY)
    key = of_policies.order_by("severity_rank", "key").values_list("key", flat=True).first()
    if key is None:
        raise VisitFailed("the first inventory has found no weakness of trust")
    return str(key)


def stored_things(visitor: User | None = None) -> SampleRows:
    """Return one row of each kind to visit as somebody; by default as the first person.

    :raises VisitFailed: the first inventory failed as a whole, or has left something out.
    """
    # A rollout of the demo's requests a run of its own, which may still go on.
    ended = InventoryRun.objects.filter(finished_at__isnull=False).select_related("connection")
    run = ended.order_by("requested_at").last()
    if run is None:
        raise VisitFailed("the first inventory has not ended")
    if run.state not in {InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL}:
        raise VisitFailed(f"the first inventory is {run.state}: {run.error}")
    rows = {"connection": run.connection, "seen_until__isnull": True}
    principal = Principal.objects.filter(**rows, kind="role").order_by("arn").first()
    account = Account.objects.filter(
        **rows, account_id=principal.account_id if principal else ""
    ).first()
    unit = OrganizationalUnit.objects.filter(**rows).order_by("path").first()
    # Policies of other types have no statements to visit.
    control = {"aws_managed": False, "type": "SERVICE_CONTROL_POLICY"}
    policy = Policy.objects.filter(**rows, **control).order_by("name").first()
    resource = ResourcePolicy.objects.filter(**rows).order_by("arn").first()
    if account is None or unit is None or policy is None or principal is None or resource is None:
        missing = [
            name
            for name, row in (
                *(("account", account), ("OU", unit)),
                *(("policy", policy), ("role", principal), ("bucket", resource)),
            )
            if row is None
        ]
        raise VisitFailed(f"the first inventory stored no {', '.join(missing)}")
    draft, job = kept_draft(run.connection, policy), kept_job(run.connection)
    report = structure_findings(Viewer(sees_inventory=True), connection=run.connection)
    if not report.findings:
        raise VisitFailed("the first inventory has no structure finding; weaknesses are planted")
    visitor = visitor or User.objects.order_by("pk").first()
    if visitor is None:
        raise VisitFailed("there is nobody to visit anything")
    keep_setting_versions(run.connection, visitor)
    # The address of a version, and of two of them, names the first.
    kept_baseline(run.connection, visitor)
    kept_ignore_rule(run.connection, visitor)
    group = kept_group()
    return SampleRows(
        run.connection,
        run,
        account,
        unit,
        policy,
        principal,
        resource,
        draft.pk,
        job.pk,
        kept_effect(run).pk,
        kept_replay(run.connection).pk,
        report.findings[0].key,
        kept_delivery(),
        signed_entry().pk,
        visitor,
        kept_service_account(),
        group,
        kept_grant(run.connection, group, unit.target_id),
        kept_notification(visitor),
        kept_change(run.connection, policy=policy, unit=unit),
        _crossing_edge_key(run.connection),
        _trust_finding_key(run.connection),
        kept_contract(run.connection, account, visitor),
        kept_exception(run.connection, account, visitor),
        kept_party(run.connection, visitor),
        kept_finding(run.connection, account),
        kept_result(run.connection, account).guardrail_id,
        kept_drift(run.connection, account),
        kept_detection(run.connection, account),
    )


def coverage_states() -> set[str]:
    """Return every state that the first inventory's coverage has."""
    return set(Coverage.objects.filter(held_until__isnull=True).values_list("state", flat=True))


def stored_accounts() -> int:
    """Return how many accounts the first inventory stored."""
    return Account.objects.filter(seen_until__isnull=True).count()
