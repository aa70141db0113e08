"""Principals by some letters of their name, or by the beginning of their ARN."""

import pytest

from inventory.models import Principal
from inventory.selectors.principals import principals_with_words
from inventory.selectors.search import search
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.principals import RoleFactory

pytestmark = pytest.mark.django_db

SEES = Viewer(sees_inventory=True)
ACCOUNT_ID = "222222222222"


@pytest.fixture
def connection():
    connection = ConnectionFactory.create()
    for name in ("Deploy-Checkout", "deployer", "a%b", "ab", "Auditor"):
        RoleFactory.create(
            connection=connection,
            account_id=ACCOUNT_ID,
            name=name,
            arn=f"arn:aws:iam::{ACCOUNT_ID}:role/{name}",
        )
    return connection


def names(words):
    found = principals_with_words(Principal.objects.all(), words)
    return set(found.values_list("name", flat=True))


@pytest.mark.usefixtures("connection")
class TestWords:
    @pytest.mark.parametrize("words", ["ploy", "PLOY", " deploy "])
    def test_stand_anywhere_in_the_name_in_any_case(self, words):
        assert names(words) == {"Deploy-Checkout", "deployer"}

    @pytest.mark.parametrize(
        ("words", "found"), [("a%b", {"a%b"}), ("a%", {"a%b"}), ("zzzz", set())]
    )
    def test_stand_for_themselves(self, words, found):
        assert names(words) == found

    def test_may_be_shorter_than_what_the_index_holds(self):
        assert names("ab") == {"ab"}

    def test_have_all_their_letters_in_a_row(self):
        assert names("checkdeploy") == set()

    @pytest.mark.parametrize(
        "words",
        [
            *(
                "arn:aws:iam::2222",
                f"arn:aws:iam::{ACCOUNT_ID}",
                f"arn:aws:iam::{ACCOUNT_ID}:role/D",
            ),
            f"ARN:AWS:IAM::{ACCOUNT_ID}:role/d",
        ],
    )
    def test_begin_the_arn(self, words):
        assert "Deploy-Checkout" in names(words)

    def test_of_another_account_find_nothing(self):
        assert names("arn:aws:iam::333333333333:role/D") == set()

    @pytest.mark.parametrize("words", ["a", "arn", "arn:"])
    def test_that_begin_every_arn_leave_all(self, words):
        assert len(names(words)) == 5


class TestPalette:
    def test_puts_the_very_name_first(self, connection):
        found = search(SEES, connection=connection, words="deployer")
        assert [hit.name for hit in found] == ["deployer"]

    def test_finds_a_whole_arn(self, connection):
        arn = f"arn:aws:iam::{ACCOUNT_ID}:role/Auditor"
        assert [hit.key for hit in search(SEES, connection=connection, words=arn)] == [arn]

    def test_finds_two_letters_only_where_they_are_all_of_the_name(self, connection):
        assert [hit.name for hit in search(SEES, connection=connection, words="ab")] == ["ab"]
