"""What a filter needs to know beyond its rows: who looks, at what, at which time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import django_filters
from django.forms import Form

from inventory.models import Connection
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class FilterScope:
    """`as_of`: the time looked back to, None for now. `now`: the clock of this request."""

    viewer: Viewer
    connection: Connection
    as_of: datetime | None
    now: datetime

    @property
    def moment(self) -> datetime:
        """The time looked at, now or past."""
        return self.as_of or self.now


class ScopedFilterSet(django_filters.FilterSet):
    """A set of filters over rows of one organization. Give `scope` beside `data` and `queryset`.

    `offers_the_same`: its choices are the same in every organization.
    """

    offers_the_same: ClassVar[bool] = True
    scope: FilterScope

    def __init__(self, data: Any = None, *args: Any, scope: FilterScope, **kwargs: Any) -> None:
        """Bind the filters to `data`, such as `request.GET`."""
        self.scope = scope
        super().__init__(data, *args, **kwargs)

    def get_form_class(self) -> type[Form]:
        """Return the form of the filters, made once where it is always the same."""
        made = _forms.get(type(self))
        if made is None:
            made = super().get_form_class()
            if self.offers_the_same:
                _forms[type(self)] = made
        return made


_forms: Final[dict[type[ScopedFilterSet], type[Form]]] = {}
