"""What is declared of how services are set up."""

import pytest

from inventory.collectors import registry
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import ALTERNATE_CONTACTS, EC2_DEFAULTS, SERVICE_KINDS


class TestServiceKinds:
    def test_declare_each_fact_once_with_what_it_means(self) -> None:
        for kind in SERVICE_KINDS.values():
            names = [each.name for each in kind.facts]
            assert len(names) == len(set(names)), kind.key
            assert all(each.meaning and each.call for each in kind.facts), kind.key

    def test_fit_the_columns_of_their_table(self) -> None:
        for kind in SERVICE_KINDS.values():
            assert len(kind.service) <= 32, kind.key
            assert len(kind.kind) <= 64, kind.key

    def test_are_each_covered_by_the_collector_that_they_name(self) -> None:
        covered = {
            (each.where["service"], each.where["kind"]): collector.name
            for collector in registry.COLLECTORS
            for each in collector.covers
            if each.record is ServiceConfigurationRecord
        }
        declared = {(each.service, each.kind): each.collector for each in SERVICE_KINDS.values()}
        assert covered == declared

    def test_refuse_a_fact_that_they_do_not_declare(self) -> None:
        with pytest.raises(ValueError, match="account:alternate-contacts declares no fact legal"):
            ALTERNATE_CONTACTS.record({"legal": "law@example.com"})

    def test_hold_none_for_what_was_not_read_and_say_why(self) -> None:
        record = EC2_DEFAULTS.record(
            {"ebs_encryption": True},
            region="eu-west-1",
            unknown={"serial_console": "UnauthorizedOperation"},
        )
        assert record.facts["ebs_encryption"] is True
        assert record.facts["serial_console"] is None
        assert record.unknown == {"serial_console": "UnauthorizedOperation"}
        assert set(record.facts) == EC2_DEFAULTS.fact_names
