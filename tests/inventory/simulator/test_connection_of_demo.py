"""The connection test against the simulator: it names what is missing."""

import pytest

from demo.simulator import credentials
from inventory.collecting.connection_test import CheckState, check_connection
from inventory.collectors import registry
from inventory.collectors.collector import Reader

pytestmark = pytest.mark.simulator


@pytest.fixture
def refuse(simulator):
    def order(operation):
        simulator.control("POST", "/faults", {"kind": "refuse", "operation": operation})

    yield order
    simulator.control("DELETE", "/faults")


def problems(report):
    return {(check.action, check.state) for check in report.problems}


class TestCheckConnection:
    def test_passes_each_permission_of_both_roles(self, connection, simulator, account_named):
        management = simulator.control("GET", "/ready")["management_account_id"]
        report = check_connection(connection, account_ids=[account_named("security-tooling")])
        assert report.problems == []
        assert report.worker_arn.endswith(f":user/{credentials.WORKER.user_name}")
        assert report.management_account_id == management
        tried = {check.action for check in report.checks}
        assert tried >= {*registry.actions(Reader.ORGANIZATION), *registry.actions(Reader.ACCOUNT)}

    def test_tries_the_management_account_and_some_others_by_itself(self, connection):
        report = check_connection(connection, sample=2)
        assert len(report.accounts_tested) == 3
        assert report.accounts_tested[0] == report.management_account_id
        assert report.accounts_in_organization > 60

    @pytest.mark.parametrize("operation", ["DescribePolicy", "ListTargetsForPolicy"])
    def test_names_the_permission_that_is_missing(self, connection, refuse, operation):
        refuse(operation)
        report = check_connection(connection, account_ids=[])
        assert problems(report) == {(f"organizations:{operation}", CheckState.DENIED)}
        [check] = report.problems
        assert "docs/roles/organization-reader.yaml" in check.remedy

    def test_names_the_organizations_role_when_it_is_missing(self, connection):
        connection.organization_role_arn = connection.organization_role_arn + "X"
        report = check_connection(connection)
        assert problems(report) == {("sts:AssumeRole", CheckState.DENIED)}
        [check] = report.problems
        assert "OrgwardenOrganizationReaderX does not exist in account" in check.message

    def test_tells_of_a_wrong_external_id(self, connection):
        connection.external_id = "wrong"
        [check] = check_connection(connection).problems
        assert "does not trust the worker with the connection's ExternalId" in check.message

    def test_names_the_account_without_the_audit_role(self, connection):
        connection.audit_role_name = "NoSuchRole"
        report = check_connection(connection, sample=1)
        assert problems(report) == {("sts:AssumeRole", CheckState.DENIED)}
        assert {check.account_id for check in report.problems} == set(report.accounts_tested)

    def test_refuses_an_endpoint_that_is_not_allowed(self, connection, settings):
        settings.AWS_ENDPOINTS_ALLOWED = []
        report = check_connection(connection)
        assert problems(report) == {("endpoint", CheckState.FAILED)}
        assert "ORGWARDEN_AWS_ENDPOINTS_ALLOWED" in report.problems[0].remedy

    def test_says_that_the_worker_has_no_credentials(self, connection, monkeypatch):
        for name in credentials.WORKER.environment():
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        report = check_connection(connection)
        assert problems(report) == {("sts:GetCallerIdentity", CheckState.DENIED)}
        assert "no AWS credentials" in report.problems[0].message

    def test_ends_in_time_and_says_which_steps_were_not_tried(self, connection):
        report = check_connection(connection, seconds=0)
        [check] = report.problems
        assert check.state == CheckState.FAILED
        assert "the time for this reading was used up before sts:GetCallerIdentity" in check.message
