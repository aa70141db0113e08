"""Contracts come from a file and go into one, in one form, with errors by line."""

import pytest

from governance.approvals.agreements.terms import AgreementInvalid
from governance.audit.models import AuditEntry
from governance.contracts.directory import ContractDirectory
from governance.contracts.files import ContractFileUnreadable, contract_file, read_contract_file
from governance.contracts.importing import (
    CannotImportContracts,
    contracts_import,
    contracts_import_preview,
)
from governance.contracts.models import TrustContract
from governance.contracts.reading import read_terms
from tests.factories.edits import NOW
from tests.governance.contracts.conftest import PAYMENTS, acting, given_terms

FILE = b"""
- from: {vendor: datadog}
  to: {organizational_unit: Prod}
  actions: [sts:AssumeRole]
  guards: [external_id]
  purpose: Datadog reads metrics.
  until: 2027-06-30
- from:
    provider: token.actions.githubusercontent.com
    tenant: halden-freight
  to: {resource: "arn:aws:iam::222222222222:role/deploy-*"}
  actions: [sts:AssumeRoleWithWebIdentity]
  purpose: GitHub deploys.
"""
WRONG = b"""
- from: {account: "22222222222"}
  to: {account: paymets}
  actions: [sts:AssumeRole]
  purpose: Wrong ids.
- from: {vendor: Datadgo}
  to: {environment: prodution}
  actions: [AssumeRole]
  guards: [externalid]
  purpose: Wrong words.
  untill: 2027-01-01
- from: {service: events.amazonaws.com, account: "222222222222"}
  to: {account: "222222222222"}
  actions: [sqs:SendMessage]
  until: 2020-01-01
"""


@pytest.fixture
def directory(connection):
    return ContractDirectory(connection)


class TestReading:
    def test_names_become_ids(self, directory):
        first, second = read_contract_file(FILE, directory, today=NOW.date()).contracts
        assert first.terms.source.value == "Datadog"
        assert first.terms.target.value == "ou-ab12-prod0001"
        assert (first.line, second.line) == (2, 8)
        assert second.terms.source.tenant == "halden-freight"

    def test_what_is_written_is_read_as_the_same_contracts(self, directory):
        read = read_contract_file(FILE, directory, today=NOW.date())
        written = contract_file(one.terms for one in read.contracts)
        again = read_contract_file(written.encode(), directory, today=NOW.date())
        assert [one.terms for one in again.contracts] == [one.terms for one in read.contracts]

    def test_errors_name_the_line_and_a_remedy(self, directory):
        read = read_contract_file(WRONG, directory, today=NOW.date())
        said = [(one.line, one.message.split(":")[0]) for one in read.errors]
        assert said == [
            *((2, "from"), (3, "to"), (6, "from"), (7, "to"), (8, "actions"), (9, "guards")),
            *((11, "untill"), (12, "from"), (12, "purpose"), (15, "until")),
        ]
        remedies = "\n".join(one.message for one in read.errors)
        for remedy in (
            "is it 022222222222?",
            "did you mean payments?",
            "did you mean Datadog?",
            "did you mean production?",
            "write service:Action",
            "did you mean external_id?",
            "did you mean until?",
            "name one of account, ",
            "2020-01-01 is past",
        ):
            assert remedy in remedies

    @pytest.mark.parametrize("content", [b"", b"a: b", b"- &a 1", b"[", b"\xff\xfe"])
    def test_what_is_no_list_is_unreadable(self, directory, content):
        with pytest.raises(ContractFileUnreadable):
            read_contract_file(content, directory, today=NOW.date())

    @pytest.mark.parametrize(
        ("members", "wrong"),
        [
            ({"from": {"kind": "acount", "value": "x"}}, "from.kind"),
            ({"from": "everyone"}, "from"),
            ({"from": {"kind": "principal", "value": "role/x"}}, "from.value"),
            ({"from": {"kind": "service", "value": "events"}}, "from.value"),
            ({"from": {"kind": "organization", "value": "acme"}}, "from.value"),
            ({"from": {"kind": "account", "value": PAYMENTS, "tenant": "a"}}, "from.tenant"),
            ({"to": {"kind": "resource", "value": "bucket"}}, "to.value"),
            ({"to": {"kind": "account", "value": "999999999999"}}, "to.value"),
            ({"actions": []}, "actions"),
            ({"actions": "sts:AssumeRole"}, "actions"),
            ({"until": "soon"}, "until"),
            ({"purpose": "a\0b"}, "purpose"),
        ],
    )
    def test_each_member_that_is_wrong_is_named(self, directory, members, wrong):
        with pytest.raises(AgreementInvalid) as caught:
            read_terms(given_terms(**members), directory)
        assert set(caught.value.errors) == {wrong}


class TestImporting:
    def test_declares_what_is_new_and_leaves_what_is_there(self, connection, ada):
        first = contracts_import(by=acting(ada), connection=connection, content=FILE, now=NOW)
        assert [str(one) for one in first.made] == ["C-1", "C-2"]
        again = contracts_import(by=acting(ada), connection=connection, content=FILE, now=NOW)
        assert (again.made, len(again.unchanged)) == ((), 2)
        entry = AuditEntry.objects.filter(action="contract.import").latest("pk")
        assert entry.after == {"declared": [], "unchanged": [1, 2], "submitted": False}

    def test_an_error_in_one_line_declares_nothing(self, connection, ada):
        content = FILE + b"- {from: {account: x}, to: {account: payments}, actions: [a]}\n"
        preview = contracts_import_preview(connection, content, by=acting(ada), now=NOW)
        assert len(preview.new) == 2
        with pytest.raises(CannotImportContracts, match="3 lines are wrong"):
            contracts_import(by=acting(ada), connection=connection, content=content, now=NOW)
        assert not TrustContract.objects.exists()
