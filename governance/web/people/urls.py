"""Addresses of people, groups and the rules of identity providers."""

from django.urls import URLPattern, path

from governance.web.people.claim_rules import ClaimRuleDelete, ClaimRulesPage
from governance.web.people.groups import GroupDelete, GroupPage, GroupsPage
from governance.web.people.listing import PeoplePage, PersonCreate, ServiceAccountCreate
from governance.web.people.person import (
    PersonAct,
    PersonEdit,
    PersonPage,
    PersonPasswordLink,
    PersonSessionEnd,
    PersonTokenRevoke,
)

people_patterns: list[URLPattern] = [
    path("people/", PeoplePage.as_view(), name="people"),
    path("people/new/", PersonCreate.as_view(), name="person-create"),
    path(
        "people/new-service-account/",
        ServiceAccountCreate.as_view(),
        name="service-account-create",
    ),
    path("people/<int:user_id>/", PersonPage.as_view(), name="person"),
    path("people/<int:user_id>/edit/", PersonEdit.as_view(), name="person-edit"),
    path("people/<int:user_id>/do/<slug:act>/", PersonAct.as_view(), name="person-act"),
    path(
        "people/<int:user_id>/password-link/",
        PersonPasswordLink.as_view(),
        name="person-password-link",
    ),
    path(
        "people/<int:user_id>/sessions/end/",
        PersonSessionEnd.as_view(),
        name="person-sessions-end",
    ),
    path(
        "people/<int:user_id>/sessions/<int:session_id>/end/",
        PersonSessionEnd.as_view(),
        name="person-session-end",
    ),
    path(
        "people/<int:user_id>/tokens/<int:token_id>/revoke/",
        PersonTokenRevoke.as_view(),
        name="person-token-revoke",
    ),
    path("groups/", GroupsPage.as_view(), name="groups"),
    path("groups/<int:group_id>/", GroupPage.as_view(), name="group"),
    path("groups/<int:group_id>/delete/", GroupDelete.as_view(), name="group-delete"),
    path("identity-provider/", ClaimRulesPage.as_view(), name="claim-rules"),
    path(
        "identity-provider/rules/<int:rule_id>/delete/",
        ClaimRuleDelete.as_view(),
        name="claim-rule-delete",
    ),
]
