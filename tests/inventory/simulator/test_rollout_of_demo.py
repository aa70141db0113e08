"""Changes over HTTP: the apply worker's own identity writes, and nobody else's can."""

import pytest
from botocore.credentials import ReadOnlyCredentials
from django.utils import timezone

from demo.simulator import credentials
from governance.access.actors import user_actor
from governance.changes.aws_writer import ApplyRoleRefused, AwsWriteError, AwsWriter, RefusalKind
from governance.changes.planning.steps import AwsCall
from governance.changes.rollout import services
from governance.changes.rollout.executor import rollout_advance
from governance.changes.rollout.worker import Worker
from inventory.collecting.connection_test import APPLY_CHECK, CheckState, check_connection
from inventory.models import Connection
from tests.factories.people import UserFactory, person
from tests.factories.rollouts import SCP, approved_request, steps

TEXT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"gamelift:*","Resource":"*"}]}'
)


def identity(key):
    return ReadOnlyCredentials(key.access_key_id, key.secret_access_key, None)


@pytest.fixture
def writing(connection):
    """The connection with its apply role."""
    account_id = connection.organization_role_arn.split(":")[4]
    connection.apply_role_arn = f"arn:aws:iam::{account_id}:role/{credentials.APPLY_ROLE}"
    connection.save()
    return Connection.objects.get(pk=connection.pk)


def writer(connection, key, calls=tuple(AwsCall)):
    return AwsWriter(connection, calls=calls, session_name="orgwarden-test", identity=identity(key))


class TestIdentity:
    def test_the_web_and_inventory_workers_identity_cannot_assume_the_apply_role(self, writing):
        with pytest.raises(ApplyRoleRefused, match=r"not assumed.*AccessDenied"):
            writer(writing, credentials.WORKER).open()

    def test_it_cannot_write_as_the_organization_reader_either(self, writing):
        reader = Connection.objects.get(pk=writing.pk)
        reader.apply_role_arn = reader.organization_role_arn
        aws = writer(reader, credentials.WORKER)
        with pytest.raises(AwsWriteError) as refused:
            aws.write(AwsCall.DELETE_POLICY, {"PolicyId": "p-examplepolicy"})
        assert refused.value.code == "AccessDeniedException"
        assert refused.value.kind is RefusalKind.REFUSED

    def test_a_session_makes_the_calls_of_its_plan_and_no_others(self, writing):
        aws = writer(writing, credentials.APPLY_WORKER, calls=(AwsCall.ATTACH_POLICY,))
        assert aws.read("ListRoots")["Roots"]
        with pytest.raises(AwsWriteError, match="session policy"):
            aws.write(AwsCall.DELETE_POLICY, {"PolicyId": "p-examplepolicy"})

    def test_another_external_id_is_not_let_in(self, writing):
        writing.external_id = "someone-elses"
        with pytest.raises(ApplyRoleRefused):
            writer(writing, credentials.APPLY_WORKER).open()

    def test_the_test_of_a_connection_passes_where_this_process_is_not_let_in(self, writing):
        (check,) = [
            each
            for each in check_connection(writing, account_ids=()).checks
            if each.action == APPLY_CHECK
        ]
        assert check.state == CheckState.PASSED
        assert "only the apply worker" in check.message

    def test_it_fails_where_the_web_server_could_write(self, writing, monkeypatch):
        for name, value in credentials.APPLY_WORKER.environment().items():
            monkeypatch.setenv(name, value)
        writing.organization_role_arn = writing.apply_role_arn
        report = check_connection(writing, account_ids=())
        (check,) = [each for each in report.checks if each.action == APPLY_CHECK]
        assert check.state == CheckState.FAILED
        assert "its own identity" in check.remedy


class TestRollout:
    def test_a_plan_is_made_and_taken_back_over_http(self, writing, simulator, console):
        simulator.control("PUT", "/enforcement", {"seconds": 0})
        ada, grace = UserFactory.create(), person("security")
        root = console.list_roots()["Roots"][0]["Id"]
        new = {"PolicyId": "new-1", "Name": "no-arcades", "Type": SCP, "Content": TEXT}
        plan = steps(
            (0, "CreatePolicy", {**new, "Description": ""}),
            (1, "AttachPolicy", {"PolicyId": "new-1", "TargetId": root}),
        )
        request = approved_request(
            writing, plan, author=ada, approver=grace, now=timezone.now(), number=5
        )
        rollout = services.rollout_start(
            actor=user_actor(ada), change_request_id=request.pk, now=timezone.now()
        )
        worker = Worker(
            holder="test",
            clock=timezone.now,
            sleep=lambda _seconds: None,
            api_of=lambda rollout, calls: writer(writing, credentials.APPLY_WORKER, calls),
        )
        rollout_advance(rollout_id=rollout.pk, worker=worker)
        attached = console.list_policies_for_target(TargetId=root, Filter=SCP)["Policies"]
        assert "no-arcades" in {each["Name"] for each in attached}
        back = services.rollout_roll_back(
            actor=user_actor(ada), change_request_id=request.pk, now=timezone.now()
        )
        rollout_advance(rollout_id=back.pk, worker=worker)
        request.refresh_from_db()
        assert request.state == "rolled_back"
        names = {each["Name"] for each in console.list_policies(Filter=SCP)["Policies"]}
        assert "no-arcades" not in names
