"""Addresses of people and programs: who they are, and what they may do."""

from django.urls import URLPattern, path

from governance.api import grants, groups, people, role_assignments, tokens

ACCESS: list[URLPattern] = [
    path("v1/grants", grants.GrantList.as_view(), name="grants"),
    path("v1/grants/<int:grant_id>", grants.GrantDetail.as_view(), name="grant"),
    path("v1/grants/<int:grant_id>/confirm", grants.GrantConfirm.as_view(), name="grant-confirm"),
    path("v1/grants/<int:grant_id>/refuse", grants.GrantRefuse.as_view(), name="grant-refuse"),
    path("v1/people", people.PersonList.as_view(), name="people"),
    path("v1/people/<int:user_id>", people.PersonDetail.as_view(), name="person"),
    path(
        "v1/people/<int:user_id>/deactivate",
        people.PersonDeactivate.as_view(),
        name="person-deactivate",
    ),
    path(
        "v1/people/<int:user_id>/reactivate",
        people.PersonReactivate.as_view(),
        name="person-reactivate",
    ),
    path("v1/service-accounts", people.ServiceAccountList.as_view(), name="service-accounts"),
    path(
        "v1/service-accounts/<int:service_account_id>",
        people.ServiceAccountDetail.as_view(),
        name="service-account",
    ),
    path(
        "v1/service-accounts/<int:service_account_id>/deactivate",
        people.ServiceAccountDeactivate.as_view(),
        name="service-account-deactivate",
    ),
    path(
        "v1/service-accounts/<int:service_account_id>/reactivate",
        people.ServiceAccountReactivate.as_view(),
        name="service-account-reactivate",
    ),
    path("v1/groups", groups.GroupList.as_view(), name="groups"),
    path("v1/groups/<int:group_id>", groups.GroupDetail.as_view(), name="group"),
    path("v1/tokens", tokens.TokenList.as_view(), name="tokens"),
    path("v1/tokens/<int:token_id>", tokens.TokenDetail.as_view(), name="token"),
    path(
        "v1/role-assignments",
        role_assignments.RoleAssignmentList.as_view(),
        name="role-assignments",
    ),
    path(
        "v1/role-assignments/<int:assignment_id>",
        role_assignments.RoleAssignmentDetail.as_view(),
        name="role-assignment",
    ),
    path(
        "v1/role-assignments/<int:assignment_id>/recertify",
        role_assignments.RoleAssignmentRecertify.as_view(),
        name="role-assignment-recertify",
    ),
]
