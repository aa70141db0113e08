"""The card of change requests on the page of a policy, an OU or an account."""

import pytest
from django.template import RequestContext

from governance.changes.states import ChangeState
from governance.web.templatetags.requests_about import requests_about
from inventory.viewing import Place
from tests.factories.change_requests import change_request
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person

pytestmark = pytest.mark.django_db
OU = "ou-ab12-11111111"


@pytest.mark.parametrize("sees", ["everything", "one organization"])
def test_counts_requests_about_a_target_and_those_that_reach_it_from_above(rf, sees):
    connection, other = ConnectionFactory.create_batch(2)
    author = person("author", *([] if sees == "everything" else [Place(connection.pk, "")]))
    states = [ChangeState.DRAFT, ChangeState.DRAFT, ChangeState.WITHDRAWN]
    for state in states:
        change_request(connection, author, state=state, object_ids=[OU], reaching_ids=[])
    change_request(connection, author, object_ids=["p-a"], reaching_ids=["r-ab12"])
    change_request(connection, author, object_ids=["p-a"], reaching_ids=["ou-ab12-22222222"])
    change_request(other, author, object_ids=[OU], reaching_ids=["r-ab12"])
    request = rf.get("/")
    request.user = author
    context = RequestContext(request, {"request": request, "connection": connection})

    alone = requests_about(context, OU)
    below_root = requests_about(context, OU, f"r-ab12/{OU}/")

    assert (len(alone["open"]), alone["more"], alone["closed"]) == (2, 0, 1)
    assert (len(below_root["open"]), below_root["more"], below_root["closed"]) == (3, 0, 1)
