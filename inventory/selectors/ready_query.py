"""Queries that are put together once: for a few rows, Django spends more on that than on asking."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db import connection as database
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators


class ReadyQuery:
    """A query in which only some values differ from call to call.

    `build` makes it of such values; `examples` are one for each, which nothing else in the query
    equals.
    """

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], **examples: Any) -> None:
        self._build = build
        self._examples = examples

    @cached_property
    def _composed(self) -> tuple[Any, str, tuple[tuple[str | None, Any], ...]]:
        compiler = self._build(**self._examples).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, values = compiler.as_sql()
        names = {example: name for name, example in self._examples.items()}
        given = tuple((names.get(value), value) for value in values)
        missing = self._examples.keys() - {name for name, _ in given}
        if missing:
            raise ValueError(f"the query does not depend on {', '.join(sorted(missing))}")
        return compiler, sql, given

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Ask with these values; return the columns as PostgreSQL gives them."""
        _, sql, given = self._composed
        with database.cursor() as cursor:
            cursor.execute(sql, [values[name] if name else value for name, value in given])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    @cached_property
    def _reading(self) -> tuple[Any, ...]:
        compiler, _, _ = self._composed
        found, select = compiler.klass_info, compiler.select
        fields = found["select_fields"]
        names = [select[at][0].target.attname for at in fields]
        return (
            found["model"],
            slice(fields[0], fields[-1] + 1),
            names,
            # The stubs are of a later Django.
            get_related_populators(found, select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]
            compiler.get_converters([one[0] for one in select]),
        )

    def objects(self, **values: Any) -> list[Any]:
        """Ask with these values; return models, with those that `select_related` names."""
        model, own, names, related, converters = self._reading
        compiler, _, _ = self._composed
        found: list[Model] = []
        rows: Any = self.rows(**values)
        for row in compiler.apply_converters(rows, converters) if converters else rows:
            one = model.from_db(DEFAULT_DB_ALIAS, names, row[own])
            for populator in related:
                populator.populate(row, one)
            found.append(one)
        return found
