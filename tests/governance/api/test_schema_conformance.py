"""The API does what its OpenAPI document says: requests made from the document by schemathesis.

Bounded: so many requests an operation, the same in every run. Operations share one stored
organization; where an address names something, half of the requests name what is there.
"""

import os
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import ignored_auth

from demo.smoke.samples import stored_things
from governance.access import rights
from governance.access.models import ApiToken
from governance.api.documentation import openapi_document
from inventory.collecting.connection_test import ConnectionReport
from inventory.models import SuspectedDeletion
from inventory.runs import dispatch
from tests.factories.people import owner_of_every_scope, person, token_of
from tests.factories.rich_snapshots import rich_snapshot

EXAMPLES = int(os.environ.get("ORGWARDEN_SCHEMA_EXAMPLES", "2"))
CSRF = "c" * 32
# 403, 409, 412, 422 and 503 are of who asks and of the state of things: a run goes on, nothing is
# known of a time.
ACCEPTED = {200, 201, 202, 204, 304, 403, 404, 409, 412, 422, 503}
# Texts in a language of their own, such as policies and questions: a schema says only that they
# are texts. What is wrong with one is told with its name.
READ_PARAMETERS = {
    *("action", "assume", "kind", "resource", "resource_account_id", "resource_policy", "under"),
    *("from", "to"),
}
# Where in a body they begin; `#` is the body as a whole, of which one member or another is asked.
READ_POINTERS = (
    *(
        "#/account_id",
        "#/action",
        "#/address",
        "#/as_of",
        "#/assume",
        "#/body",
        "#/bucket",
        "#/content",
        "#/context",
        "#/effects",
        "#/from",
        "#/is_enabled",
        "#/name",
        "#/operations",
        "#/rings",
        "#/ticket_url",
        "#/to",
    ),
    *(
        "#/group",
        "#/organization",
        "#/person",
        "#/target_id",
        "#/principal",
        "#/resource",
        "#/text",
        "#/under",
    ),
    # Of log sources: what AWS takes as a name, and what goes with the kind of source.
    *("#/athena", "#/kms_key_arn", "#/monthly_budget_usd", "#/organization_path"),
    *("#/prefix", "#/queue_url", "#/read_from", "#/trail_arn"),
    # Which members are asked for, and within which bounds, another member or the day decides.
    *("#/assignee", "#/enabled", "#/guardrail_id", "#/kind", "#/mitigation", "#/owner"),
    *("#/reason", "#/targets", "#/until", "#/values", "#/way"),
)
CONFIG = {
    "generation": {"allow-x00": False, "with-security-parameters": False},
    "checks": {
        # `_is_accepted` judges instead.
        "positive_data_acceptance": {"enabled": False},
        "negative_data_rejection": {
            "expected-statuses": ["400", "403", "404", "405", "409", "412", "415", "422", "428"]
        },
        "missing_required_header": {"expected-statuses": ["400", "415", "428"]},
    },
}


@pytest.fixture(scope="module")
def document():
    """The OpenAPI document, made and loaded once."""
    loaded = schemathesis.openapi.from_dict(
        deepcopy(openapi_document()), config=schemathesis.Config.from_dict(CONFIG)
    )
    loaded.app = get_wsgi_application()
    return loaded


@pytest.fixture
def api(db, monkeypatch, settings, document):
    """The loaded document, over an organization with something of everything."""
    settings.API_READS_A_MINUTE = settings.API_WRITES_A_MINUTE = 1_000_000
    monkeypatch.setattr(dispatch, "send_start", lambda run_id: None)
    # What a test of a connection asks AWS is another test's; here AWS is out of reach.
    monkeypatch.setattr("governance.api.connection_test.connection_test", _report)
    rich_snapshot("acme")
    person("administrator", username="administrator")
    # The requests are made in the transaction of the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield document
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _report(**_: Any) -> ConnectionReport:
    return ConnectionReport()


def _session(of: User) -> dict[str, Any]:
    client = Client()
    client.force_login(of)
    session = client.cookies["sessionid"].value
    return {
        "cookies": {"sessionid": session, "csrftoken": CSRF},
        "headers": {"X-CSRFToken": CSRF, "Accept-Encoding": "identity"},
    }


def _token(of: User) -> dict[str, Any]:
    _, token = token_of(of, *rights.TOKEN_SCOPES)
    return {"headers": {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}}


def _known() -> dict[str, str]:
    """Return what addresses can name."""
    known = stored_things().parameters()
    row, _ = token_of(person("viewer"), rights.VIEW_INVENTORY)
    suspected = SuspectedDeletion.objects.first()
    return {**known, "token_id": str(row.pk), "suspected_id": str(suspected.pk if suspected else 1)}


def _conforms(operation: Any, mode: GenerationMode, sent_with: dict[str, Any], known: Any) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), named=st.booleans())
    def sent(case: Any, named: bool) -> None:
        if named or mode is GenerationMode.POSITIVE:
            case.path_parameters = {
                name: known.get(name, value) for name, value in case.path_parameters.items()
            }
        # Cursors come from answers alone; `TestPages` follows them.
        if mode is GenerationMode.POSITIVE:
            case.query.pop("cursor", None)
        response = case.call(**sent_with)
        if mode is GenerationMode.POSITIVE:
            assert _is_accepted(response), (
                f"{case.method} {response.request.url} {case.body!r:.300}: "
                f"{response.status_code} {response.content[:400]!r}"
            )
        try:
            # It asks again as nobody, but `sent_with` goes with that too; `test_rights.py` asks so.
            case.validate_response(
                response, excluded_checks=[ignored_auth], transport_kwargs=sent_with
            )
        except FailureGroup as failure:
            raise AssertionError(
                f"{_described(failure)}\n{case.method} {response.request.url} {case.body!r:.300}\n"
                f"{response.status_code} {response.content[:400]!r}"
            ) from None

    sent()


class TestDocument:
    @pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
    def test_is_kept_by_every_operation(self, api, mode):
        # One operation is asked by a token and the next by a session; in the other mode the other
        # way round.
        staff = owner_of_every_scope(username="staff")
        senders = [_token(staff), _session(staff)]
        if mode is GenerationMode.NEGATIVE:
            senders.reverse()
        known = _known()
        broken: list[str] = []
        asked = 0
        for found in api.get_all_operations():
            operation = found.ok()
            try:
                _conforms(operation, mode, senders[asked % 2], known)
            except BaseException as failure:  # told of all operations at once
                if isinstance(failure, KeyboardInterrupt | SystemExit):
                    raise
                broken.append(f"{operation.label}: {_described(failure)}")
            asked += 1
        assert asked > 60
        assert not broken, "\n\n".join(broken)
        assert ApiToken.objects.exists()


def _is_accepted(response: Any) -> bool:
    if response.status_code in ACCEPTED:
        return True
    errors = response.json().get("errors", []) if response.status_code == 400 else []
    return bool(errors) and all(
        error.get("parameter") in READ_PARAMETERS
        or error.get("pointer") == "#"
        or error.get("pointer", "").startswith(READ_POINTERS)
        for error in errors
    )


def _described(failure: BaseException) -> str:
    parts = getattr(failure, "exceptions", None)
    return "\n".join(map(str, parts)) if parts else f"{type(failure).__name__}: {failure}"


class TestLinks:
    def test_lead_from_answers_to_addresses_that_conform_too(self, api):
        """What an answer names is asked for next: rows of lists, queued jobs, runs."""
        sent_with = _token(owner_of_every_scope(username="staff"))
        machine: Any = api.as_state_machine()

        class Following(machine):  # type: ignore[misc]
            def before_call(self, case: Any) -> None:
                if "slug" in case.path_parameters:
                    case.path_parameters["slug"] = "acme"
                case.query.pop("cursor", None)

            def get_call_kwargs(self, case: Any) -> dict[str, Any]:
                return sent_with

            def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
                followed.add(case.operation.label)
                case.validate_response(
                    response, excluded_checks=[ignored_auth], transport_kwargs=sent_with
                )

        followed: set[str] = set()
        Following.run(
            settings=settings(
                max_examples=EXAMPLES * 3,
                stateful_step_count=6,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
        )
        assert len(followed) > 5
