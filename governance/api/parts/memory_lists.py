"""Lists whose rows are computed rather than stored: paged by key all the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from governance.api.parts.list_endpoint import ListEndpoint
from governance.api.parts.pagination import Key, PageRequest, RowPage, page_of_list

Value = TypeVar("Value")


class MemoryListEndpoint(ListEndpoint):
    """An address of many things that are in memory.

    `sort_keys`: what `ordering` may name → a row's place in it, which is unique. `found_in`: the
    ordering in which `found` returns them already, if it does.
    """

    filter_backends = []
    sort_keys: ClassVar[Mapping[str, Callable[[Any], list[Any]]]]
    found_in: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Tell the documentation the orderings."""
        super().__init_subclass__(**kwargs)
        if "sort_keys" in vars(cls):
            cls.orderings = {name: (Key(name),) for name in cls.sort_keys}

    def found(self) -> Sequence[Any]:
        """Return all rows that the filters leave, in any order but that of `found_in`."""
        raise NotImplementedError(f"{type(self).__qualname__} must define found")

    def page(self, asked: PageRequest) -> RowPage:
        """Sort the rows and cut out the page."""
        name = asked.ordering.removeprefix("-")
        sort_key = self.sort_keys[name]

        def place(row: Any) -> list[Any]:
            # One value of the cursor: every ordering has one key.
            return [sort_key(row)]

        rows = self.found()
        if name != self.found_in:
            rows = sorted(rows, key=place)
        return page_of_list(rows, asked, key=place)


def chosen(request: Request, name: str, known: Mapping[str, Value]) -> tuple[Value, ...]:
    """Return the values that the query gives a parameter, which may be given more than once.

    `known`: what may be given → what it stands for.

    :raises ValidationError: one of them is none that there is.
    """
    found = []
    for value in request.query_params.getlist(name):
        try:
            found.append(known[value])
        except KeyError:
            message = f"{value!r} is not valid; choose one of {', '.join(known)}"
            raise ValidationError({name: [message]}) from None
    return tuple(found)
