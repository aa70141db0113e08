"""Files of owners: what lines ask for, and what is wrong in which line."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access.owners.files import (
    FileLine,
    LineError,
    UnreadableFile,
    file_changes,
    file_lines,
)
from governance.access.owners.importing import CannotImport, import_preview, owners_import
from governance.access.owners.labels import LabelMap
from governance.access.owners.models import Label, Ownership
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.parties import Parties
from governance.access.owners.targets import ACCOUNT, ROOT, OwnedTarget, OwnedTree
from governance.audit.models import AuditEntry
from inventory.viewing import Place
from tests.factories.owners import acting, acting_as, group_of
from tests.factories.people import person
from tests.governance.access.owners.conftest import NOW

TREE = OwnedTree(
    {
        "r-1": OwnedTarget("r-1", ROOT, "Root", ""),
        "012345678901": OwnedTarget("012345678901", ACCOUNT, "shop", "r-1"),
        "222222222222": OwnedTarget("222222222222", ACCOUNT, "twin", "r-1"),
        "222222222223": OwnedTarget("222222222223", ACCOUNT, "Twin", "r-1"),
    }
)


def read(content, name="owners.csv"):
    return file_lines(content.encode(), name=name)


def changes(*lines, parties=None):
    return file_changes(lines, labels=LabelMap(TREE, {}, {}), parties=parties or Parties([], []))


class TestCsv:
    def test_reads_lines_by_their_head(self):
        (line,) = read("\ufeffTarget,Owner,criticality\r\n012345678901,ada; group:x ;,high\r\n")

        assert line == FileLine(
            2, "012345678901", ("ada", "group:x"), {LabelKind.CRITICALITY: "high"}
        )

    def test_a_column_that_is_left_out_changes_nothing_and_an_empty_cell_takes_away(self):
        first, second = read("target,owner\na,\nb,c\n")
        assert (first.owners, first.labels) == ((), {})
        (line,) = read("target,environment\na,prod\n")
        assert line.owners is None
        assert second.owners == ("c",)

    def test_counts_lines_as_an_editor_does(self):
        lines = read('target,owner\n"a\nb",x\n\nc,y\n')
        assert [line.number for line in lines] == [3, 5]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "line 1: give the column target"),
            ("target\na\n", "line 1: give the column target, and owner"),
            ("target,colour\n", "line 1: colour is not a column"),
            ("target,owner,owner\n", "line 1: a column comes twice"),
            ("target,owner\n", "no entry"),
            ("target,owner\na,b,c\n", "line 2: 3 cells, and the head has 2"),
            ('target,owner\n"a,b\n', "line 2: unexpected end of data"),
            ("target,owner\na,\0\n", "NUL"),
        ],
    )
    def test_says_why_it_cannot_be_read(self, content, said):
        with pytest.raises(UnreadableFile, match=said):
            read(content)

    def test_refuses_what_is_no_utf8_or_too_large(self):
        with pytest.raises(UnreadableFile, match="not UTF-8"):
            file_lines(b"target,owner\n\xff\n", name="x.csv")
        with pytest.raises(UnreadableFile, match="larger than 2 MB"):
            file_lines(b"a" * 2_000_001, name="x.csv")
        with pytest.raises(UnreadableFile, match="more than 5,000"):
            read("target,owner\n" + "a,b\n" * 5001)


class TestYaml:
    def test_reads_a_list_of_entries_with_their_lines(self):
        first, second = read(
            "- target: 012345678901\n  owner: [ada, ben]\n\n- target: r-1\n  environment: prod\n",
            "x.YML",
        )
        assert first == FileLine(1, "012345678901", ("ada", "ben"), {})
        assert second == FileLine(4, "r-1", None, {LabelKind.ENVIRONMENT: "prod"})

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("a: b\n", "give a list"),
            ("- a\n", "line 1: an entry has names"),
            ("- target: x\n  colour: y\n", "line 1: colour is not a column"),
            ("- target: x\n  owner: {a: b}\n", "line 2: text is expected"),
            ("- target: &a x\n  owner: *a\n", "line 2: aliases"),
            ("- [\n", "line 2"),
            ("- target: x\n  target: y\n  owner: z\n", "line 1: a column comes twice"),
        ],
    )
    def test_says_in_which_line_it_cannot_be_read(self, content, said):
        with pytest.raises(UnreadableFile, match=said):
            read(content, "x.yaml")


class TestChanges:
    def test_finds_targets_by_id_or_by_a_name_that_only_one_has(self):
        found = changes(
            FileLine(2, "SHOP", (), {}),
            FileLine(3, "twin", (), {}),
            FileLine(4, "12345678901", (), {}),
            FileLine(5, "nowhere", (), {}),
            FileLine(6, "", (), {}),
            FileLine(7, "012345678901", (), {}),
        )

        assert found.owners == {"012345678901": ()}
        assert found.errors == [
            LineError(3, "2 targets are called 'twin'; give the id"),
            LineError(4, "account ids have 12 digits; is it 012345678901?"),
            LineError(5, "'nowhere' is not a root, OU or account of this organization"),
            LineError(6, "no target; give an account id, an OU id or a name"),
            LineError(7, "account shop is in line 2 already"),
        ]

    def test_says_which_owner_or_label_is_none(self):
        found = changes(
            FileLine(2, "shop", ("bob",), {LabelKind.ENVIRONMENT: "Production"}),
            FileLine(3, "r-1", None, {LabelKind.CRITICALITY: "prod"}),
        )

        assert [error.message for error in found.errors] == [
            "'bob' matches no user name, e-mail or group",
            "criticality 'prod' is none of critical, high, medium, low",
        ]
        assert found.labels == {LabelKind.ENVIRONMENT: {"012345678901": "production"}}

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
        st.sampled_from(["x.csv", "x.yaml"]),
    )
    def test_any_text_is_read_or_refused_with_a_reason(self, text, name):
        lines = []
        with contextlib.suppress(UnreadableFile):
            lines = read(f"target,owner\n{text}" if name == "x.csv" else text, name)
        found = changes(*lines)
        assert len(found.line_of) + len(found.errors) >= len(lines)


@pytest.mark.django_db
class TestImport:
    @pytest.fixture
    def security(self, db):
        return acting_as("security")

    def run(self, connection, by, content):
        return owners_import(
            by=by, connection=connection, lines=read(content), name="x.csv", now=NOW
        )

    def test_applies_all_and_says_so_in_the_log(self, connection, target_id, security, ada):
        group_of("team", ada)
        done = self.run(
            connection,
            security,
            f"target,owner,environment\n{target_id('Test')},ada;group:team,test\nwebsite,ada,\n",
        )

        assert len(done.owners) == 2
        assert Ownership.objects.filter(source="file").count() == 3
        assert Label.objects.get().value == "test"
        assert AuditEntry.objects.get(action="owner.import").after == {
            "lines": 2,
            "owners_changed": 2,
            "labels_changed": 1,
        }

    def test_the_same_again_changes_nothing(self, connection, security, ada):
        content = "target,owner\nTest,ada\n"
        self.run(connection, security, content)
        assert import_preview(connection, read(content), by=security).is_empty

    def test_one_wrong_line_and_nothing_is_changed(self, connection, security, ada):
        with pytest.raises(CannotImport) as refused:
            self.run(connection, security, "target,owner\nTest,ada\nTest2,ada\n")
        assert [error.number for error in refused.value.errors] == [3]
        assert not Ownership.objects.exists()

    def test_lines_outside_of_ones_part_are_errors(self, connection, target_id, ada):
        by = acting(person("security", Place(connection.pk, target_id("Test"))))
        with pytest.raises(CannotImport) as refused:
            self.run(connection, by, "target,owner\npayments-test,ada\npayments,ada\n")
        assert [error.number for error in refused.value.errors] == [3]

    def test_the_label_of_a_file_holds_for_the_owners_of_the_same_file(
        self, connection, security, ada
    ):
        done = self.run(
            connection, security, "target,owner,environment\npayments-test,ada,production\n"
        )
        assert Ownership.objects.get().proposals.count() == 1
        assert done.labels[0].after == "production"

    def test_costs_the_same_queries_to_preview_many_lines(
        self, connection, security, ada, django_assert_max_num_queries
    ):
        names = ("Test", "payments", "website", "retired", "log-archive", "Security")
        content = "target,owner\n" + "".join(f"{name},ada\n" for name in names)
        with django_assert_max_num_queries(14):
            import_preview(connection, read(content), by=security)
