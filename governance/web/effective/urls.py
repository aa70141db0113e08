"""Addresses of the tab Effective policies."""

from django.urls import URLPattern, URLResolver, path

from governance.web.effective.views import AccountEffective, UnitEffective

effective_patterns: list[URLPattern | URLResolver] = [
    path(
        "accounts/<str:account_id>/effective-policies/",
        AccountEffective.as_view(),
        name="account-effective-policies",
    ),
    path(
        "organizational-units/<str:target_id>/effective-policies/",
        UnitEffective.as_view(),
        name="organizational-unit-effective-policies",
    ),
]
