"""Addresses of the tab Ceiling."""

from django.urls import URLPattern, URLResolver, path

from governance.web.ceiling_tabs.action_part import AccountAction, UnitAction
from governance.web.ceiling_tabs.differences_part import UnitDifferences
from governance.web.ceiling_tabs.service_parts import (
    AccountActions,
    AccountServices,
    UnitActions,
    UnitServices,
)

_ACCOUNT = "accounts/<str:account_id>/ceiling/"
_UNIT = "organizational-units/<str:target_id>/ceiling/"

ceiling_patterns: list[URLPattern | URLResolver] = [
    path(_ACCOUNT, AccountServices.as_view(), name="account-ceiling"),
    path(
        f"{_ACCOUNT}<str:service>/",
        AccountActions.as_view(),
        name="account-ceiling-service",
    ),
    path(
        f"{_ACCOUNT}<str:service>/<str:action>/",
        AccountAction.as_view(),
        name="account-ceiling-action",
    ),
    path(_UNIT, UnitServices.as_view(), name="organizational-unit-ceiling"),
    path(
        f"{_UNIT}<str:service>/",
        UnitActions.as_view(),
        name="organizational-unit-ceiling-service",
    ),
    path(
        f"{_UNIT}<str:service>/<str:action>/",
        UnitAction.as_view(),
        name="organizational-unit-ceiling-action",
    ),
    path(
        "organizational-units/<str:target_id>/differences/",
        UnitDifferences.as_view(),
        name="organizational-unit-differences",
    ),
]
