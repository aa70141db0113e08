"""Drift beside the structure: services, roles, Control Tower, guardrails, trust, writes."""

import json
from datetime import timedelta

import pytest

from governance.baseline.guardrails.models import GuardrailProof, GuardrailResult
from governance.baseline.structure.adopting import baseline_adopt
from governance.drift.finding import refresh_drift
from governance.drift.models import DriftItem
from governance.drift.resolving import CannotResolve, drift_adopt, drift_except
from inventory.models import ServiceConfiguration
from inventory.service_facts import ENABLED_CONTROL, TRAIL
from tests.factories.policies import PolicyAttachmentFactory, content, denying
from tests.factories.principals import RoleFactory
from tests.factories.second_state import second_run
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT
from tests.factories.versions import VersionFactory, changed, ended
from tests.governance.drift.conftest import ADOPTED_AT, FOUND_AT, acting

KIND = DriftItem.Kind
LOGS = "333333333331"
PAYMENTS = "222222222222"


class ConfigurationFactory(VersionFactory[ServiceConfiguration]):
    class Meta:
        model = ServiceConfiguration


@pytest.fixture
def trail(connection):
    return ConfigurationFactory.create(
        connection=connection,
        account_id=LOGS,
        service=TRAIL.service,
        kind=TRAIL.kind,
        region="eu-central-1",
        name="organization",
        arn=f"arn:aws:cloudtrail:eu-central-1:{LOGS}:trail/organization",
        facts={"logging": True, "multi_region": True, "organization_trail": True},
    )


@pytest.fixture
def role(connection):
    return RoleFactory.create(
        connection=connection, account_id=PAYMENTS, name="AWSControlTowerExecution"
    )


@pytest.fixture
def looked(connection, trail, role):
    """Drift as of the first run, without any baseline."""
    refresh_drift(connection, now=ADOPTED_AT)


class TestServices:
    def test_a_trail_that_stops_is_found_and_closes_when_it_logs_again(
        self, looked, snapshot, trail, find
    ):
        second_run(snapshot)
        off = changed(trail, at=SECOND_RUN_AT, facts={**trail.facts, "logging": False})
        (item,) = find().values()
        assert (item.kind, item.attribute) == (KIND.LOGGING_OFF, "logging")
        assert (item.desired["logging"], item.collected["logging"]) == (True, False)
        assert item.severity == "critical"
        second_run(snapshot, at=THIRD_RUN_AT)
        on = changed(off, at=THIRD_RUN_AT, facts=trail.facts)
        assert find(now=THIRD_RUN_AT) == {}
        fourth = THIRD_RUN_AT + (THIRD_RUN_AT - SECOND_RUN_AT)
        second_run(snapshot, at=fourth)
        changed(on, at=fourth, facts={**trail.facts, "logging": False})
        (again,) = find(now=fourth).values()
        assert (again.pk, again.reopened) == (item.pk, 1)

    def test_a_trail_of_the_organization_is_one_item_though_every_account_shows_it(
        self, snapshot, connection, trail, find
    ):
        common = {"facts": trail.facts, "service": TRAIL.service, "kind": TRAIL.kind}
        common |= {"region": trail.region, "name": trail.name, "arn": trail.arn}
        shadow = ConfigurationFactory.create(connection=connection, account_id=PAYMENTS, **common)
        refresh_drift(connection, now=ADOPTED_AT)
        second_run(snapshot)
        for row in (trail, shadow):
            changed(row, at=SECOND_RUN_AT, facts={**trail.facts, "logging": False})
        (item,) = find().values()
        assert item.account_id == LOGS

    def test_a_trail_that_is_deleted_is_off(self, looked, snapshot, trail, find):
        second_run(snapshot)
        ended(trail, at=SECOND_RUN_AT)
        (item,) = find().values()
        assert (item.kind, item.attribute, item.collected) == (KIND.LOGGING_OFF, "existence", None)

    def test_a_run_that_could_not_read_a_fact_hides_nothing(self, looked, snapshot, trail, find):
        second_run(snapshot)
        unread = {"facts": {"multi_region": True}, "unknown": {"logging": "denied"}}
        silent = changed(trail, at=SECOND_RUN_AT, **unread)
        assert find() == {}
        second_run(snapshot, at=THIRD_RUN_AT)
        changed(silent, at=THIRD_RUN_AT, facts={**trail.facts, "logging": False}, unknown={})
        (item,) = find(now=THIRD_RUN_AT).values()
        assert (item.attribute, item.desired["logging"]) == ("logging", True)

    def test_what_was_switched_off_before_the_first_look_is_found(self, snapshot, trail, find):
        second_run(snapshot)
        changed(trail, at=SECOND_RUN_AT, facts={**trail.facts, "logging": False})
        (item,) = find().values()
        assert (item.kind, item.attribute) == (KIND.LOGGING_OFF, "logging")

    def test_an_account_that_left_has_none(self, looked, snapshot, trail, role, find):
        second_run(snapshot)
        changed(trail, at=SECOND_RUN_AT, facts={**trail.facts, "logging": False})
        (item,) = find().values()
        second_run(snapshot, at=THIRD_RUN_AT)
        ended(snapshot.accounts["log-archive"], at=THIRD_RUN_AT)
        ended(snapshot.accounts["payments"], at=THIRD_RUN_AT)
        ended(ServiceConfiguration.objects.get(seen_until=None), at=THIRD_RUN_AT)
        ended(role, at=THIRD_RUN_AT)
        assert find(now=THIRD_RUN_AT) == {}
        item.refresh_from_db()
        assert item.resolution == "account left the organization"

    def test_what_is_accepted_stays_closed_until_it_changes(
        self, looked, snapshot, trail, find, connection, sam
    ):
        second_run(snapshot)
        changed(trail, at=SECOND_RUN_AT, facts={**trail.facts, "multi_region": False})
        (item,) = find().values()
        drift_adopt(
            by=acting(sam),
            connection=connection,
            item_ids=[item.pk],
            reason="One region is enough.",
            now=FOUND_AT,
        )
        assert find() == {}
        item.refresh_from_db()
        assert item.resolution == "accepted"


class TestRoles:
    def test_a_landing_zone_role_that_trusts_otherwise_is_found(self, looked, snapshot, role, find):
        second_run(snapshot)
        other = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
                ],
            }
        )
        changed(role, at=SECOND_RUN_AT, trust_policy=content(other))
        (item,) = find().values()
        assert (item.kind, item.attribute) == (KIND.LANDING_ZONE_ROLE, "trust_policy")
        assert (item.account_id, item.severity) == (PAYMENTS, "critical")

    def test_one_that_changes_further_stays_one_item_until_it_is_as_it_was_first(
        self, looked, snapshot, role, find, connection, sam
    ):
        second_run(snapshot)
        other = changed(role, at=SECOND_RUN_AT, boundary_arn="arn:aws:iam::aws:policy/Limits")
        (item,) = find().values()
        second_run(snapshot, at=THIRD_RUN_AT)
        third = changed(other, at=THIRD_RUN_AT, attached_policy_arns=["arn:aws:iam::aws:policy/A"])
        (again,) = find(now=THIRD_RUN_AT).values()
        assert (again.pk, again.attribute) == (item.pk, "attached_policy_arns, boundary_arn")
        assert [event.what for event in again.events.all()] == ["seen", "changed"]
        fourth = THIRD_RUN_AT + timedelta(days=1)
        second_run(snapshot, at=fourth)
        changed(third, at=fourth, boundary_arn="", attached_policy_arns=role.attached_policy_arns)
        assert find(now=fourth) == {}

    def test_another_layout_of_the_same_policies_is_no_drift(
        self, looked, snapshot, connection, role, find
    ):
        def texts(principal, sid):
            statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **sid}
            trust = {"Statement": [{**statement, "Principal": {"AWS": principal}}]}
            inline = {"Statement": {"Effect": "Allow", "Action": "s3:getobject", "Resource": "*"}}
            return {
                "trust_policy": content(json.dumps(trust)),
                "inline_policies": {"read": content(json.dumps({**sid, **inline})).sha256},
            }

        other = RoleFactory.create(
            connection=connection,
            account_id=PAYMENTS,
            name="OrganizationAccountAccessRole",
            **texts("111111111111", {}),
        )
        refresh_drift(connection, now=ADOPTED_AT)
        second_run(snapshot)
        root = "arn:aws:iam::111111111111:root"
        changed(other, at=SECOND_RUN_AT, **texts(root, {"Sid": "One"}))
        assert find() == {}

    def test_other_roles_are_not_watched(self, looked, snapshot, connection, find):
        mine = RoleFactory.create(connection=connection, account_id=PAYMENTS, name="Deployer")
        refresh_drift(connection, now=ADOPTED_AT)
        second_run(snapshot)
        ended(mine, at=SECOND_RUN_AT)
        assert find() == {}


class TestControlTower:
    def test_a_control_that_drifted_is_found_and_one_not_checked_is_not_verified(
        self, looked, snapshot, connection, find, sam
    ):
        second_run(snapshot)
        facts = {"control": "arn:aws:controltower:eu-central-1::control/AWS-GR_X"}
        facts |= {"target_id": "ou-ab12-work0001", "status": "SUCCEEDED"}
        row = ConfigurationFactory.create(
            connection=connection,
            account_id="111111111111",
            service=ENABLED_CONTROL.service,
            kind=ENABLED_CONTROL.kind,
            region="eu-central-1",
            name="arn:aws:controltower:eu-central-1:111111111111:enabledcontrol/1",
            facts={**facts, "drift_status": "DRIFTED"},
            seen_from=SECOND_RUN_AT,
        )
        (item,) = find().values()
        assert (item.kind, item.place_id) == (KIND.CONTROL_INEFFECTIVE, "ou-ab12-work0001")
        assert item.collected == {"drift_status": "DRIFTED"}
        with pytest.raises(CannotResolve, match="repair it in Control Tower"):
            drift_adopt(
                by=acting(sam),
                connection=connection,
                item_ids=[item.pk],
                reason="Never mind.",
                now=FOUND_AT,
            )
        second_run(snapshot, at=THIRD_RUN_AT)
        changed(row, at=THIRD_RUN_AT, facts={**facts, "drift_status": "UNKNOWN"})
        (item,) = find(now=THIRD_RUN_AT).values()
        assert (item.state, item.verified) == ("open", False)


class TestGuardrails:
    def result(self, connection, outcome, *, at, until=None):
        proof, _ = GuardrailProof.objects.get_or_create(
            digest=outcome.ljust(64, "0"), defaults={"content": {"because": f"It {outcome}."}}
        )
        return GuardrailResult.objects.create(
            connection=connection,
            guardrail_id="leave-organization",
            account_id=PAYMENTS,
            outcome=outcome,
            proof=proof,
            fingerprint=outcome,
            seen_from=at,
            seen_until=until,
        )

    @pytest.fixture
    def guardrail_id(self):
        from governance.baseline.guardrails.shipped import shipped_guardrails

        return next(one.id for one in shipped_guardrails().values() if one.kind == "effect")

    def test_one_that_held_and_fails_is_drift_and_one_that_never_held_is_not(
        self, looked, connection, snapshot, find, guardrail_id, sam
    ):
        second_run(snapshot)
        self.result(connection, "holds", at=FIRST_RUN_AT, until=SECOND_RUN_AT)
        failing = self.result(connection, "fails", at=SECOND_RUN_AT)
        GuardrailResult.objects.update(guardrail_id=guardrail_id)
        (item,) = find().values()
        assert (item.kind, item.target_id) == (KIND.GUARDRAIL_FAILS, guardrail_id)
        assert item.place_id == "ou-ab12-prod0001"
        assert item.collected["accounts"][0]["because"] == "It fails."
        (asked,) = drift_except(
            by=acting(sam),
            connection=connection,
            item_ids=[item.pk],
            reason="Being rebuilt.",
            until=FOUND_AT.date() + timedelta(days=30),
            now=FOUND_AT,
        )
        assert (asked.state, asked.target_ids) == ("draft", [PAYMENTS])
        assert [event.what for event in item.events.all()] == ["seen", "except"]
        ended(failing, at=THIRD_RUN_AT)
        second_run(snapshot, at=THIRD_RUN_AT)
        self.result(connection, "not_covered", at=THIRD_RUN_AT)
        GuardrailResult.objects.update(guardrail_id=guardrail_id)
        (item,) = find(now=THIRD_RUN_AT).values()
        assert (item.state, item.verified) == ("open", False)


class TestWrites:
    def test_without_a_baseline_every_write_is_told(self, looked, snapshot, connection, find):
        second_run(snapshot)
        regions = snapshot.policies["deny-regions"]
        wider = changed(regions, at=SECOND_RUN_AT, content=content(denying("ec2:*")))
        PolicyAttachmentFactory.create(
            connection=connection,
            policy_id="p-unatt001",
            target_id="ou-ab12-test0001",
            seen_from=SECOND_RUN_AT,
        )
        found = find()
        text = found[KIND.WRITE_UNEXPLAINED, "p-regio001", "content"]
        assert (text.effect, "rds" in text.desired["text"]) == ("allows", True)
        attached = found[KIND.WRITE_UNEXPLAINED, "p-unatt001", "attachment"]
        assert (attached.effect, attached.place_id) == ("denies", "ou-ab12-test0001")
        second_run(snapshot, at=THIRD_RUN_AT)
        changed(wider, at=THIRD_RUN_AT, content=regions.content)
        assert set(find(now=THIRD_RUN_AT)) == {(KIND.WRITE_UNEXPLAINED, "p-unatt001", "attachment")}

    def test_what_a_baseline_adopts_later_is_told_no_more(
        self, looked, snapshot, connection, find, sam
    ):
        second_run(snapshot)
        regions = snapshot.policies["deny-regions"]
        changed(regions, at=SECOND_RUN_AT, content=content(denying("ec2:*")))
        (item,) = find().values()
        baseline_adopt(by=acting(sam), connection=connection, reason="As it is.", now=FOUND_AT)
        assert find() == {}
        item.refresh_from_db()
        assert item.resolution == "in baseline version 1"

    def test_one_that_cannot_be_read_any_more_is_not_verified(
        self, looked, snapshot, connection, find
    ):
        second_run(snapshot)
        changed(snapshot.policies["deny-regions"], at=SECOND_RUN_AT, description="Hm.")
        assert [item.verified for item in find().values()] == [True]
        unread = {"organizations.policies.SERVICE_CONTROL_POLICY": "denied"}
        second_run(snapshot, at=THIRD_RUN_AT, states=unread)
        found = find(now=THIRD_RUN_AT)
        assert found[KIND.WRITE_UNEXPLAINED, "p-regio001", "description"].verified is False

    def test_with_one_only_what_it_does_not_tell(self, baseline, snapshot, find):
        second_run(snapshot)
        changed(snapshot.policies["deny-regions"], at=SECOND_RUN_AT, description="Hm.")
        changed(
            snapshot.policies["deny-instances"],
            at=SECOND_RUN_AT,
            content=content(denying("ec2:*")),
        )
        found = find()
        assert set(found) == {
            (KIND.WRITE_UNEXPLAINED, "p-regio001", "description"),
            (KIND.POLICY_UPDATED, "p-insta001", "content"),
        }
        assert found[KIND.WRITE_UNEXPLAINED, "p-regio001", "description"].effect == "cosmetic"
