"""Passwords of words that everybody here knows are refused."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from governance.access.sign_in.passwords import ContextWordsValidator
from tests.factories.connections import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _instance(settings):
    settings.SITE_URL = "https://governance.example.org"
    ConnectionFactory.create(name="Acme Payments", slug="acme-prod")


@pytest.mark.parametrize(
    "password",
    [
        *("orgwarden2026!", "OrgWardenOrgwarden", "payments-2026", "PaymentsOrgwarden1"),
        *("governance.example1", "example-payments"),
    ],
)
def test_of_the_product_the_host_and_organizations(password):
    with pytest.raises(ValidationError, match="little more than names of this instance"):
        ContextWordsValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "orgwarden correct horse", "acme prod 1234", "a much longer secret"],
)
def test_of_other_words_are_taken_also_with_such_a_word_in_them(password):
    ContextWordsValidator().validate(password)


def test_are_refused_wherever_a_password_is_set():
    with pytest.raises(ValidationError) as refused:
        validate_password("orgwarden2026!")
    assert [one.code for one in refused.value.error_list] == ["password_of_context_words"]
