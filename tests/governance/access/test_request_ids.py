"""Each request has an id: the proxy's if it is fit, else one of our own."""

import pytest
from django.urls import reverse

from governance.audit.models import AuditEntry
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def test_an_answer_names_the_id_that_the_proxy_gave(client):
    answer = client.get(reverse("sign-in"), headers={"X-Request-ID": "proxy-0123456789"})
    assert answer.headers["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space inside", "<script>alert"])
def test_an_id_that_is_unfit_is_replaced(client, given):
    answer = client.get(reverse("sign-in"), headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


def test_an_entry_of_the_audit_log_names_the_request(client):
    client.force_login(person("administrator"))
    connection = ConnectionFactory.create()
    address = reverse("connection-switch", kwargs={"slug": connection.slug})
    client.post(address, {"enabled": "false"}, headers={"X-Request-ID": "request-42-a"})
    entry = AuditEntry.objects.get(action="connection.switch")
    assert entry.request_id == "request-42-a"
    assert len(entry.session) == 16
    assert entry.address == "127.0.0.1"
