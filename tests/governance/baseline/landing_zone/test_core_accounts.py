"""Which accounts do the landing zone's work, by evidence and by what people confirmed."""

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.audit.models import AuditEntry
from governance.baseline.landing_zone.confirming import (
    CannotConfirmCoreAccount,
    NoSuchCoreAccount,
    core_account_confirm,
    core_account_remove,
)
from governance.baseline.landing_zone.core_accounts import CoreAccountState, core_accounts
from governance.baseline.landing_zone.findings import core_account_findings
from governance.baseline.landing_zone.models import CoreAccount
from inventory.models import Coverage
from inventory.service_facts import LANDING_ZONE, TRAIL
from inventory.viewing import Place, Viewer
from tests.factories.organization import AccountFactory, DelegatedAdministratorFactory
from tests.factories.people import person
from tests.factories.resources import BucketFactory
from tests.factories.service_configurations import GOOD_TRAIL, configuration, covered_kinds
from tests.factories.versions import changed
from tests.governance.baseline.landing_zone.conftest import (
    LOG_ARCHIVE,
    MANAGEMENT,
    NOW,
    PAYMENTS,
    WEBSITE,
)

Purpose = CoreAccount.Purpose


def standing(viewer, snapshot, purpose):
    found = core_accounts(viewer, connection=snapshot.connection, now=NOW)
    return next(each for each in found if each.purpose == purpose)


def delegate(snapshot, service, account_id):
    DelegatedAdministratorFactory.create(
        connection=snapshot.connection, account_id=account_id, service_principal=service
    )


def confirm(snapshot, purpose, account_id, role="security"):
    user = person(role)
    return core_account_confirm(
        by=ActingPerson(user, user_actor(user)),
        connection=snapshot.connection,
        purpose=purpose,
        account_id=account_id,
        now=NOW,
    )


class TestEvidence:
    def test_finds_the_log_archive_by_its_bucket_and_not_by_its_name_alone(
        self, viewer, read_whole
    ):
        found = standing(viewer, read_whole, Purpose.LOG_ARCHIVE)
        assert (found.state, found.account_id) == (CoreAccountState.FOUND, LOG_ARCHIVE)
        assert found.candidate.by_name_alone
        configuration(
            read_whole.connection,
            TRAIL,
            MANAGEMENT,
            region="us-east-1",
            name="everything",
            arn=f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/everything",
            **GOOD_TRAIL,
        )
        BucketFactory.create(
            connection=read_whole.connection, account_id=PAYMENTS, name=GOOD_TRAIL["bucket"]
        )
        found = standing(viewer, read_whole, Purpose.LOG_ARCHIVE)
        assert found.account_id == PAYMENTS
        assert found.candidate.evidence[0].words == (
            "owns bucket organization-trail, to which organization trail everything delivers"
        )
        assert [each.account_id for each in found.candidates] == [PAYMENTS, LOG_ARCHIVE]

    def test_takes_the_management_account_from_organizations(self, viewer, read_whole):
        found = standing(viewer, read_whole, Purpose.MANAGEMENT)
        assert (found.state, found.account_id) == (CoreAccountState.FOUND, MANAGEMENT)

    def test_finds_who_administers_services_and_whom_control_tower_names(self, viewer, read_whole):
        for service in ("guardduty.amazonaws.com", "securityhub.amazonaws.com"):
            delegate(read_whole, service, WEBSITE)
        delegate(read_whole, "sso.amazonaws.com", PAYMENTS)
        configuration(
            read_whole.connection,
            LANDING_ZONE,
            MANAGEMENT,
            security_account_id=WEBSITE,
            backup_account_id=LOG_ARCHIVE,
        )
        tooling = standing(viewer, read_whole, Purpose.SECURITY_TOOLING)
        assert tooling.account_id == WEBSITE
        assert {each.words for each in tooling.candidate.evidence} == {
            "is the delegated administrator of GuardDuty",
            "is the delegated administrator of Security Hub",
            "Control Tower's landing zone manifest names it for security roles",
        }
        assert standing(viewer, read_whole, Purpose.IDENTITY).account_id == PAYMENTS
        assert standing(viewer, read_whole, Purpose.BACKUP).account_id == LOG_ARCHIVE

    def test_does_not_choose_between_accounts_that_are_equally_likely(self, viewer, read_whole):
        delegate(read_whole, "guardduty.amazonaws.com", WEBSITE)
        delegate(read_whole, "securityhub.amazonaws.com", PAYMENTS)
        found = standing(viewer, read_whole, Purpose.SECURITY_TOOLING)
        assert (found.state, found.account_id) == (CoreAccountState.AMBIGUOUS, "")
        assert found.because == "payments, website are equally likely"

    def test_takes_an_account_for_tests_for_no_core_account(self, viewer, read_whole):
        AccountFactory.create(
            connection=read_whole.connection, name="network-test", account_id="555555555555"
        )
        covered_kinds(read_whole.run, "555555555555", [TRAIL])
        found = standing(viewer, read_whole, Purpose.NETWORK)
        assert found.state == CoreAccountState.MISSING


class TestMissing:
    def test_is_told_from_unknown_while_something_was_not_read(self, viewer, read_whole):
        assert standing(viewer, read_whole, Purpose.NETWORK).state == CoreAccountState.MISSING
        covered_kinds(read_whole.run, PAYMENTS, [TRAIL], state=Coverage.State.DENIED)
        found = standing(viewer, read_whole, Purpose.NETWORK)
        assert found.state == CoreAccountState.UNKNOWN
        assert found.because == "CloudTrail was not read in 1 account"

    def test_is_unknown_to_somebody_who_sees_a_part(self, read_whole):
        part = frozenset({Place(read_whole.connection.pk, PAYMENTS)})
        limited = Viewer(sees_inventory=True, limits=(part,))
        found = standing(limited, read_whole, Purpose.LOG_ARCHIVE)
        assert (found.state, found.candidates) == (CoreAccountState.UNKNOWN, ())

    def test_is_a_finding_and_unknown_one_that_is_not_verified(self, viewer, read_whole):
        def findings():
            found = core_accounts(viewer, connection=read_whole.connection, now=NOW)
            return {each.key: each for each in core_account_findings(found)}

        assert findings()["core_account_missing:network"].verified
        covered_kinds(read_whole.run, PAYMENTS, [TRAIL], state=Coverage.State.FAILED)
        assert not findings()["core_account_missing:network"].verified

    def test_merged_accounts_are_a_finding(self, viewer, read_whole):
        delegate(read_whole, "guardduty.amazonaws.com", MANAGEMENT)
        found = core_accounts(viewer, connection=read_whole.connection, now=NOW)
        merged = [each for each in core_account_findings(found) if "merged" in each.kind]
        assert [each.target_id for each in merged] == [MANAGEMENT]
        assert merged[0].because == "it is bound by no SCP, so nothing else belongs there"


class TestConfirming:
    def test_is_recorded_and_stands_against_weaker_evidence(self, viewer, read_whole):
        confirm(read_whole, Purpose.LOG_ARCHIVE, PAYMENTS)
        found = standing(viewer, read_whole, Purpose.LOG_ARCHIVE)
        assert (found.state, found.account_id) == (CoreAccountState.CONFIRMED, PAYMENTS)
        entry = AuditEntry.objects.get(action="core_account.confirm")
        assert (entry.object_id, entry.after) == (
            "log_archive",
            {"account_id": PAYMENTS, "name": "payments"},
        )

    def test_is_contradicted_by_stronger_evidence(self, viewer, read_whole):
        confirm(read_whole, Purpose.SECURITY_TOOLING, PAYMENTS)
        delegate(read_whole, "guardduty.amazonaws.com", WEBSITE)
        found = standing(viewer, read_whole, Purpose.SECURITY_TOOLING)
        assert (found.state, found.account_id) == (CoreAccountState.CONTRADICTED, PAYMENTS)
        assert found.because == "website is the delegated administrator of GuardDuty"

    def test_is_contradicted_once_the_account_is_closed(self, viewer, read_whole):
        confirm(read_whole, Purpose.BACKUP, WEBSITE)
        changed(read_whole.accounts["website"], at=NOW, state="SUSPENDED")
        found = standing(viewer, read_whole, Purpose.BACKUP)
        assert (found.state, found.because) == (
            CoreAccountState.CONTRADICTED,
            "the account is suspended",
        )

    def test_replaces_who_was_confirmed_and_can_be_forgotten(self, viewer, read_whole):
        confirm(read_whole, Purpose.BACKUP, WEBSITE)
        confirm(read_whole, Purpose.BACKUP, PAYMENTS)
        assert CoreAccount.objects.get().account_id == PAYMENTS
        user = person("administrator")
        by = ActingPerson(user, user_actor(user))
        asked = {"by": by, "connection": read_whole.connection, "purpose": "backup", "now": NOW}
        core_account_remove(**asked)
        entry = AuditEntry.objects.get(action="core_account.remove")
        assert entry.before == {"account_id": PAYMENTS}
        with pytest.raises(NoSuchCoreAccount):
            core_account_remove(**asked)

    @pytest.mark.parametrize(
        ("purpose", "account_id", "member"),
        [
            (Purpose.BACKUP, "999999999999", "account_id"),
            (Purpose.BACKUP, "12", "account_id"),
            (Purpose.MANAGEMENT, PAYMENTS, "account_id"),
            ("cafeteria", PAYMENTS, "purpose"),
        ],
    )
    def test_refuses_what_cannot_be(self, read_whole, purpose, account_id, member):
        with pytest.raises(CannotConfirmCoreAccount) as refused:
            confirm(read_whole, purpose, account_id)
        assert refused.value.member == member

    def test_needs_the_right(self, read_whole):
        with pytest.raises(MayNot):
            confirm(read_whole, Purpose.BACKUP, PAYMENTS, role="viewer")
