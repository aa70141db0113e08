"""Readings that tests make up, in place of AWS."""

from inventory.aws.client import CallLog
from inventory.aws.errors import AwsReadDenied
from inventory.collecting.outcomes import CollectorOutcome
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.records import AccountRecord, OrganizationRecord, PrincipalRecord
from inventory.selectors.coverage import latest_coverage
from inventory.selectors.runs import run_coverage
from inventory.viewing import Viewer

ONE, OTHER, CLOSED = "111111111111", "222222222222", "333333333333"


def account(account_id, state="ACTIVE"):
    return AccountRecord(
        account_id, account_id, "a@example.org", "arn", state, "r-ab12", "r-ab12/", "CREATED", None
    )


def organization(organization_id="o-exampleorg1"):
    return OrganizationRecord(organization_id, "arn", "ALL", ONE, "arn", "a@example.org")


class FakeAws:
    """What reading gives: records and errors by collector, in place of AWS."""

    def __init__(self, clock):
        self.clock = clock
        self.accounts = [account(ONE), account(OTHER), account(CLOSED, "SUSPENDED")]
        self.organization = organization()
        self.errors = {}
        self.read = []

    @property
    def accounts_read(self):
        """The accounts that were read, in order, however many groups of collectors there are."""
        return list(dict.fromkeys(account_id for account_id, _ in self.read))

    def read_organization(self, connection, *, run_id, clock):
        records = {
            "organizations.organization": (self.organization,),
            "organizations.accounts": tuple(self.accounts),
        }
        return self._outcomes(registry.collectors(Reader.ORGANIZATION), records, "")

    def read_group(self, connection, account_id, group, *, run_id, clock):
        self.read.append((account_id, group))
        role = PrincipalRecord(
            "role", f"arn:aws:iam::{account_id}:role/a", "a", "/", "AROA", None, "{}", "", (), {}
        )
        return self._outcomes(
            registry.group_collectors(Reader.ACCOUNT, group),
            {"iam.authorization_details": (role,)},
            account_id,
        )

    def fails(self, collector, error, account_id=""):
        self.errors[account_id, collector] = error

    def denies(self, account_id):
        for each in registry.collectors(Reader.ACCOUNT):
            self.fails(each.name, AwsReadDenied("denied", remedy="allow it"), account_id)

    def _outcomes(self, collectors, records, account_id):
        return [
            CollectorOutcome(
                collector,
                ()
                if (account_id, collector.name) in self.errors
                else records.get(collector.name, ()),
                self.errors.get((account_id, collector.name)),
                CallLog(),
                0.1,
                self.clock(),
            )
            for collector in collectors
        ]


def again(run):
    run.refresh_from_db()
    return run


def covered(run):
    return run_coverage(Viewer(sees_inventory=True), run=again(run))


def latest(connection):
    return latest_coverage(Viewer(sees_inventory=True), connection=connection)


def part(run, account_id):
    return run.tasks.get(account_id=account_id, group="iam")
