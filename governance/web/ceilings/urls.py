"""Addresses of the tab Ceiling."""

from django.urls import URLPattern, URLResolver, path

from governance.web.ceilings import views

_ACCOUNT = "accounts/<str:account_id>/ceiling/"
_UNIT = "organizational-units/<str:target_id>/ceiling/"

ceiling_patterns: list[URLPattern | URLResolver] = [
    path(_ACCOUNT, views.AccountServices.as_view(), name="account-ceiling"),
    path(
        f"{_ACCOUNT}<str:service>/",
        views.AccountActions.as_view(),
        name="account-ceiling-service",
    ),
    path(
        f"{_ACCOUNT}<str:service>/<str:action>/",
        views.AccountAction.as_view(),
        name="account-ceiling-action",
    ),
    path(_UNIT, views.UnitServices.as_view(), name="organizational-unit-ceiling"),
    path(
        f"{_UNIT}<str:service>/",
        views.UnitActions.as_view(),
        name="organizational-unit-ceiling-service",
    ),
    path(
        f"{_UNIT}<str:service>/<str:action>/",
        views.UnitAction.as_view(),
        name="organizational-unit-ceiling-action",
    ),
    path(
        "organizational-units/<str:target_id>/differences/",
        views.UnitDifferences.as_view(),
        name="organizational-unit-differences",
    ),
]
