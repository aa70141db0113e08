"""The OpenAPI document and its page."""

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


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
