"""Finds names that contain some letters by an index, without PostgreSQL's extension for it.

The extension pg_trgm is not everywhere: a role may not be allowed to create it, and a PostgreSQL
from a wheel comes without. A function in SQL gives the same pieces of three letters, and GIN
indexes arrays of them.
"""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField

SHORTEST: Final = 3
CREATE_FUNCTION: Final = """
CREATE FUNCTION inventory_trigrams(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT array_agg(DISTINCT substr(lower(words), place, 3))
    FROM generate_series(1, length(words) - 2) AS place
);
"""
DROP_FUNCTION: Final = "DROP FUNCTION inventory_trigrams(text);"


def trigrams(column: str) -> Func:
    """Return the expression for a column's pieces of three letters, in small letters."""
    return Func(
        column, function="inventory_trigrams", output_field=ArrayField(TextField(), null=True)
    )


def trigrams_of(words: str) -> list[str]:
    """Return the pieces of three letters that a text with these words must have."""
    small = words.lower()
    return sorted({small[place : place + 3] for place in range(len(small) - 2)})
