"""Addresses of owners, and of the rules that read owners and labels from tags."""

from django.urls import URLPattern, path

from governance.api import label_rules, owner_rules, owners

OWNERS: list[URLPattern] = [
    path("/owners", owners.OwnerList.as_view(), name="owners"),
    path("/owners/import", owners.OwnersImport.as_view(), name="owners-import"),
    path("/owners/<str:target_id>", owners.TargetOwnersEndpoint.as_view(), name="target-owners"),
    path(
        "/owners/<str:target_id>/recertify",
        owner_rules.TargetOwnersRecertify.as_view(),
        name="target-owners-recertify",
    ),
    path("/owner-rules", owner_rules.OwnerRuleList.as_view(), name="owner-rules"),
    path("/owner-rules/preview", owner_rules.OwnerRulePreview.as_view(), name="owner-rule-preview"),
    path(
        "/owner-rules/<int:owner_rule_id>",
        owner_rules.OwnerRuleDetail.as_view(),
        name="owner-rule",
    ),
    path("/label-rules", label_rules.LabelRuleList.as_view(), name="label-rules"),
    path(
        "/label-rules/<int:label_rule_id>",
        label_rules.LabelRuleDetail.as_view(),
        name="label-rule",
    ),
]
