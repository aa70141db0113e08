"""Filters of a list as chips: what is chosen, and what can be chosen, each with its address."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import BadRequest
from django.http import QueryDict

# Choices past this number are asked for by a field instead of a list of links.
_MOST_CHOICES = 30

# What in an address says where in a list one is. It holds for one filter and order alone.
PLACES = ("page", "after_row", "before_row")

Filters = TypeVar("Filters", bound=django_filters.FilterSet)


def checked(filters: Filters) -> Filters:
    """Return filters bound to an address once their values are known to be good.

    :raises BadRequest: a value in the address is none that the filter knows.
    """
    if not filters.is_valid():
        problems = "; ".join(
            f"{name}: {' '.join(str(error) for error in errors)}"
            for name, errors in filters.form.errors.items()
        )
        raise BadRequest(f"A filter in the address cannot be read. {problems}")
    return filters


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One value of a filter, with the address of the list so filtered."""

    label: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FilterChip:
    """One filter. `said`: the chosen values in words, empty while it is not used.

    `choices` is empty for a filter that takes free text; a form asks for it.
    """

    name: str
    label: str
    said: str
    without: str
    choices: tuple[FilterChoice, ...]


def address(query: QueryDict, **changes: str | None) -> str:
    """Return the query with some values replaced, or removed where None; never the place in it."""
    kept = [
        (name, value)
        for name, values in query.lists()
        if name not in PLACES and name not in changes
        for value in values
    ]
    kept += [(name, value) for name, value in changes.items() if value is not None]
    return f"?{urlencode(kept)}"


def without(query: QueryDict, names: Iterable[str]) -> QueryDict:
    """Return a query that says nothing of some names."""
    rest = query.copy()
    for name in names:
        rest.pop(name, None)
    return rest


def one_of(query: QueryDict, name: str, known: Collection[str]) -> str:
    """Return what the address chooses; empty where it names nothing.

    :raises BadRequest: it names none of those known.
    """
    value = query.get(name, "")
    if value and value not in known:
        listed = ", ".join(one for one in known if one)
        raise BadRequest(f"{name} is {value!r}; it can be {listed}.")
    return value


def filter_chips(
    filters: django_filters.FilterSet, query: QueryDict, *, leave_out: Iterable[str] = ("q",)
) -> list[FilterChip]:
    """Describe each filter but those in `leave_out`, those in use first."""
    left_out = set(leave_out)
    chips = [
        _chip(name, filters.form.fields[name], query)
        for name in filters.filters
        if name not in left_out
    ]
    return sorted(chips, key=lambda chip: not chip.said)


def choice_chip(
    query: QueryDict,
    name: str,
    label: str,
    offered: Sequence[tuple[str, str]],
    *,
    said: Mapping[str, str] | None = None,
) -> FilterChip:
    """Return a filter of given values as a chip.

    `offered`: each value with the words of its choice. `said`: the words of a value once it is
    chosen, where they are others.
    """
    values = [value for value in query.getlist(name) if value]
    words = dict(offered) if said is None else said
    return FilterChip(
        name=name,
        label=label,
        said=" or ".join(words.get(value, value) for value in values),
        without=address(query, **{name: None}),
        choices=tuple(
            FilterChoice(label, address(query, **{name: value}), value in values)
            for value, label in offered
        ),
    )


def _chip(name: str, field: forms.Field, query: QueryDict) -> FilterChip:
    pairs = _choices(field)
    label = str(field.label or name.replace("_", " ").capitalize())
    few = pairs if len(pairs) <= _MOST_CHOICES else []
    return choice_chip(query, name, label, few, said=dict(pairs))


def _choices(field: Any) -> list[tuple[str, str]]:
    if isinstance(field, forms.NullBooleanField):
        return [("true", "Yes"), ("false", "No")]
    return [
        (str(value), str(label))
        for value, label in getattr(field, "choices", ())
        if value not in ("", None)
    ]
