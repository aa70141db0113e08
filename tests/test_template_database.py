"""The database that test processes copy is made once, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from django.db import connection

from tests import template_database
from tests.template_database import prepared_template

NAME = "orgwarden_template_of_a_test"


@pytest.fixture
def prepared(monkeypatch):
    """Have another template asked for; return what was prepared for it, and leave nothing."""
    names: list[str] = []
    monkeypatch.setattr(template_database, "_NAME", NAME)
    monkeypatch.setattr(template_database, "_UNFINISHED", f"{NAME}_unfinished")
    monkeypatch.setattr(template_database, "_prepare", names.append)
    yield names
    with closing(psycopg2.connect(**template_database.server_parameters())) as servers_own:
        servers_own.autocommit = True
        with servers_own.cursor() as cursor:
            for name in (NAME, f"{NAME}_unfinished"):
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")


class TestPreparedTemplate:
    def test_is_made_by_the_first_of_several_that_ask_at_once(self, prepared):
        with ThreadPoolExecutor(3) as several:
            given = list(several.map(lambda _: prepared_template(), range(3)))

        assert given == [NAME] * 3
        assert prepared == [f"{NAME}_unfinished"]

    @pytest.mark.django_db
    def test_is_the_one_that_this_process_has_copied(self):
        assert prepared_template() == connection.settings_dict["TEST"]["TEMPLATE"]
