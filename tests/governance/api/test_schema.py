"""The OpenAPI document and its page."""

import json
from typing import Any

import pytest
import yaml
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from governance.api.documentation import openapi_document


@pytest.fixture(scope="module")
def generated():
    """The document, and what its making complained of."""
    with GENERATOR_STATS.silence():
        schema = SchemaGenerator().get_schema(request=None, public=True)
        complaints = [*GENERATOR_STATS._error_cache, *GENERATOR_STATS._warn_cache]
    return schema, complaints


class TestSchema:
    def test_is_made_without_a_warning(self, generated):
        _, complaints = generated
        assert complaints == []

    def test_is_valid_openapi(self, generated):
        schema, _ = generated
        validate_schema(schema)
        assert schema["openapi"].startswith("3.")

    def test_describes_every_operation_and_the_problems_it_can_end_with(self, generated):
        schema, _ = generated
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                where = f"{method} {path}"
                assert operation["summary"].endswith("."), where
                assert "Needs: " in operation["description"], where
                assert {"400", "401", "403", "429", "500"} <= set(operation["responses"]), where

    def test_gives_every_operation_an_id_of_its_own(self, generated):
        schema, _ = generated
        ids = [
            operation["operationId"]
            for operations in schema["paths"].values()
            for operation in operations.values()
        ]
        assert len(ids) == len(set(ids)) > 20


def _read_yaml(content: bytes) -> Any:
    return yaml.load(content, yaml.CSafeLoader)


class TestAddress:
    @pytest.mark.parametrize(
        ("accepted", "read"),
        [("application/json", json.loads), ("application/yaml", _read_yaml)],
        ids=["json", "yaml"],
    )
    def test_gives_the_document_in_each_form_however_often_it_is_asked(
        self, viewer, accepted, read
    ):
        first, second = (viewer.get(reverse("api:schema"), HTTP_ACCEPT=accepted) for _ in range(2))
        assert first.content == second.content
        assert read(first.content)["paths"].keys() == openapi_document()["paths"].keys()

    def test_makes_the_document_once(self, viewer, monkeypatch):
        viewer.get(reverse("api:schema"), HTTP_ACCEPT="application/json")
        monkeypatch.setattr(SchemaGenerator, "parse", None)
        again = viewer.get(reverse("api:schema"), HTTP_ACCEPT="application/yaml")
        assert again.status_code == 200

    def test_tells_of_errors_in_that_form_too(self, client):
        answer = client.get(reverse("api:schema"), headers={"Accept": "application/json"})
        assert answer.status_code == 401
        assert answer.json()["status"] == 401
