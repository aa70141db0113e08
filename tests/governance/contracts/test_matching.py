"""A contract covers an edge when all that the edge lets in lies within what is agreed to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.contracts.matching import (
    CrossingFacts,
    CrossingGuard,
    TermsPart,
    contract_covers,
    mismatches,
)
from governance.contracts.terms import (
    ContractSource,
    ContractTarget,
    ContractTerms,
    SourceKind,
    TargetKind,
)
from policies.trust import GuardKind

ORGANIZATION, ROOT = "o-abcdefghij", "r-ab12"
BUILD, BOOKING, VENDOR = "111111111111", "222222222222", "999999999999"
ROLE = f"arn:aws:iam::{BOOKING}:role/export"
RUNNER = f"arn:aws:iam::{BUILD}:role/ci/runner"
EXTERNAL_ID = CrossingGuard(GuardKind.EXTERNAL_ID, "sts:ExternalId", "StringEquals", ("a",), True)


def crossing(kind="account", principal_id=BUILD, **values):
    usual = {
        "principal_account_id": BUILD,
        "source_path": (BUILD, "ou-ab12-build001", ROOT),
        "target_path": (BOOKING, "ou-ab12-prod0001", ROOT),
        "target_environment": "production",
        "organization_id": ORGANIZATION,
    }
    return CrossingFacts(
        principal_kind=kind,
        principal_id=principal_id,
        resource_arn=ROLE,
        target_account_id=BOOKING,
        actions=("sts:AssumeRole",),
        **{**usual, **values},
    )


def terms(source, target=(TargetKind.ACCOUNT, BOOKING), actions=("sts:AssumeRole",), guards=()):
    return ContractTerms(
        ContractSource(*source), ContractTarget(*target), tuple(actions), tuple(guards), "CI"
    )


OUTSIDE = {"principal_account_id": VENDOR, "source_path": ()}
VENDORS = {**OUTSIDE, "vendor": "Datadog"}
GITHUB = {
    **{"principal_account_id": "", "source_path": ()},
    **{"provider": "token.actions.githubusercontent.com", "tenant": "halden-freight"},
}
GITHUB_ARN = f"arn:aws:iam::{BOOKING}:oidc-provider/token.actions.githubusercontent.com"
NAMES_RUNNERS = CrossingGuard(
    *(GuardKind.PRINCIPAL, "aws:PrincipalArn", "ArnLike"),
    *((f"arn:aws:iam::{BUILD}:role/ci/*",), True),
)

SOURCES = [
    # what the contract is from, the edge, whether it covers the edge
    ((SourceKind.ACCOUNT, BUILD), crossing(), True),
    ((SourceKind.ACCOUNT, BUILD), crossing("role", RUNNER), True),
    ((SourceKind.ACCOUNT, BOOKING), crossing(), False),
    ((SourceKind.ACCOUNT, BUILD), crossing("everyone", "*", principal_account_id=""), False),
    ((SourceKind.ACCOUNT, BUILD), crossing("federated", GITHUB_ARN), False),
    ((SourceKind.ORGANIZATIONAL_UNIT, "ou-ab12-build001"), crossing(), True),
    ((SourceKind.ORGANIZATIONAL_UNIT, "ou-ab12-prod0001"), crossing(), False),
    ((SourceKind.ORGANIZATIONAL_UNIT, ROOT), crossing("organization", ORGANIZATION), True),
    ((SourceKind.ORGANIZATIONAL_UNIT, ROOT), crossing("organization", "o-zzzzzzzzzz"), False),
    (
        (SourceKind.ORGANIZATIONAL_UNIT, "ou-ab12-build001"),
        crossing("organization", ORGANIZATION),
        False,
    ),
    (
        (SourceKind.ORGANIZATIONAL_UNIT, "ou-ab12-build001"),
        crossing("organizational_unit", f"{ORGANIZATION}/{ROOT}/ou-ab12-build001/*"),
        True,
    ),
    (
        (SourceKind.ORGANIZATIONAL_UNIT, "ou-ab12-build001"),
        crossing("organizational_unit", f"{ORGANIZATION}/{ROOT}/*"),
        False,
    ),
    ((SourceKind.PRINCIPAL, RUNNER), crossing("role", RUNNER), True),
    ((SourceKind.PRINCIPAL, f"arn:aws:iam::{BUILD}:role/*"), crossing("role", RUNNER), True),
    ((SourceKind.PRINCIPAL, RUNNER), crossing(), False),
    ((SourceKind.PRINCIPAL, RUNNER), crossing("role", f"{RUNNER}-2"), False),
    (
        (SourceKind.PRINCIPAL, f"arn:aws:iam::{BUILD}:role/runner"),
        crossing("session", f"arn:aws:sts::{BUILD}:assumed-role/runner/build-7"),
        True,
    ),
    (
        (SourceKind.PRINCIPAL, f"arn:aws:iam::{BUILD}:role/ci/*"),
        crossing(guards=(NAMES_RUNNERS,)),
        True,
    ),
    (
        (SourceKind.PRINCIPAL, f"arn:aws:iam::{BUILD}:role/ci/*"),
        crossing(guards=(replace(NAMES_RUNNERS, holds=False),)),
        False,
    ),
    (
        (SourceKind.PRINCIPAL, RUNNER),
        crossing(guards=(replace(NAMES_RUNNERS, operator="ForAnyValue:ArnNotLike"),)),
        False,
    ),
    ((SourceKind.VENDOR, "Datadog"), crossing("account", VENDOR, **VENDORS), True),
    ((SourceKind.VENDOR, "Snyk"), crossing("account", VENDOR, **VENDORS), False),
    ((SourceKind.VENDOR, "Datadog"), crossing("account", VENDOR, **OUTSIDE), False),
    (
        (SourceKind.PROVIDER, GITHUB["provider"], "halden-freight"),
        crossing("federated", GITHUB_ARN, **GITHUB),
        True,
    ),
    ((SourceKind.PROVIDER, GITHUB_ARN), crossing("federated", GITHUB_ARN, **GITHUB), True),
    (
        (SourceKind.PROVIDER, GITHUB["provider"], "halden-freight"),
        crossing("federated", GITHUB_ARN, **{**GITHUB, "tenant": ""}),
        False,
    ),
    (
        (SourceKind.PROVIDER, GITHUB["provider"], "halden-freight"),
        crossing("federated", GITHUB_ARN, **{**GITHUB, "tenant": "halden-freight*"}),
        False,
    ),
    ((SourceKind.SERVICE, "s3.amazonaws.com"), crossing("service", "s3.amazonaws.com"), True),
    ((SourceKind.SERVICE, "s3.amazonaws.com"), crossing("service", "sns.amazonaws.com"), False),
    ((SourceKind.ORGANIZATION, ORGANIZATION), crossing(), True),
    ((SourceKind.ORGANIZATION, ORGANIZATION), crossing("account", VENDOR, **OUTSIDE), False),
    ((SourceKind.ORGANIZATION, "o-zzzzzzzzzz"), crossing("organization", "o-zzzzzzzzzz"), True),
    ((SourceKind.EVERYONE, "*"), crossing("everyone", "*", **OUTSIDE), True),
    ((SourceKind.EVERYONE, "*"), crossing("account", VENDOR, **OUTSIDE), True),
    ((SourceKind.EVERYONE, "*"), crossing("deleted", "AROAEXAMPLE", **OUTSIDE), False),
]

TARGETS = [
    ((TargetKind.ACCOUNT, BOOKING), True),
    ((TargetKind.ACCOUNT, BUILD), False),
    ((TargetKind.ORGANIZATIONAL_UNIT, "ou-ab12-prod0001"), True),
    ((TargetKind.ORGANIZATIONAL_UNIT, "ou-ab12-build001"), False),
    ((TargetKind.RESOURCE, ROLE), True),
    ((TargetKind.RESOURCE, f"arn:aws:iam::{BOOKING}:role/exp*"), True),
    ((TargetKind.RESOURCE, f"arn:aws:iam::{BUILD}:role/*"), False),
    ((TargetKind.RESOURCE, "arn:aws:s3:::*"), False),
    ((TargetKind.ENVIRONMENT, "production"), True),
    ((TargetKind.ENVIRONMENT, "test"), False),
]


class TestSource:
    @pytest.mark.parametrize(("source", "edge", "covered"), SOURCES)
    def test_all_that_the_edge_lets_in_lies_within_it(self, source, edge, covered):
        assert contract_covers(terms(source), edge) is covered
        parts = {one.part for one in mismatches(terms(source), edge)}
        assert parts == (set() if covered else {TermsPart.SOURCE})


class TestTarget:
    @pytest.mark.parametrize(("target", "covered"), TARGETS)
    def test_what_the_edge_lets_into_lies_within_it(self, target, covered):
        assert contract_covers(terms((SourceKind.ACCOUNT, BUILD), target), crossing()) is covered


class TestActions:
    @pytest.mark.parametrize(
        ("agreed", "used", "covered"),
        [
            (["sts:AssumeRole"], ["STS:assumerole"], True),
            (["s3:Get*"], ["s3:GetObject", "s3:GetObjectTagging"], True),
            (["s3:Get*"], ["s3:GetObject", "s3:PutObject"], False),
            (["s3:GetObject"], ["s3:Get*"], False),
            (["s3:GetObject", "s3:PutObject"], ["s3:PutObject"], True),
            (["s3:*"], ["*"], False),
            (["*"], ["*"], True),
            (["s3:GetObject?"], ["s3:GetObject*"], False),
        ],
    )
    def test_every_action_of_the_edge_is_agreed_to(self, agreed, used, covered):
        edge = replace(crossing(), actions=tuple(used))
        assert contract_covers(terms((SourceKind.ACCOUNT, BUILD), actions=agreed), edge) is covered

    @given(
        wide=st.text("Gets*?", min_size=1, max_size=6),
        narrow=st.text("Gets*?", min_size=1, max_size=6),
        name=st.text("Gets", max_size=6),
    )
    def test_what_is_covered_never_allows_an_action_that_is_not_agreed_to(self, wide, narrow, name):
        # A pattern that holds no wildcard is an action: what both match lies within the wide one.
        source = (SourceKind.ACCOUNT, BUILD)
        covers = contract_covers(
            terms(source, actions=[f"s3:{wide}"]), replace(crossing(), actions=(f"s3:{narrow}",))
        )
        in_narrow = contract_covers(
            terms(source, actions=[f"s3:{narrow}"]), replace(crossing(), actions=(f"s3:{name}",))
        )
        in_wide = contract_covers(
            terms(source, actions=[f"s3:{wide}"]), replace(crossing(), actions=(f"s3:{name}",))
        )
        assert not (covers and in_narrow and not in_wide)


class TestGuards:
    def test_each_guard_asked_for_must_stand_and_hold(self):
        asked = terms((SourceKind.ACCOUNT, BUILD), guards=[GuardKind.EXTERNAL_ID])
        assert contract_covers(asked, crossing(guards=(EXTERNAL_ID,)))
        assert not contract_covers(asked, crossing())
        loose = replace(EXTERNAL_ID, holds=False)
        (found,) = mismatches(asked, crossing(guards=(loose,)))
        assert (found.part, found.reason) == (
            TermsPart.GUARDS,
            "No guard that holds on: ExternalId.",
        )

    def test_more_guards_than_asked_for_are_no_matter(self):
        asked = terms((SourceKind.ACCOUNT, BUILD))
        assert contract_covers(asked, crossing(guards=(EXTERNAL_ID,)))


class TestMismatches:
    def test_say_what_of_the_contract_differs(self):
        agreed = terms(
            (SourceKind.ACCOUNT, VENDOR), (TargetKind.ORGANIZATIONAL_UNIT, "ou-ab12-test0001")
        )
        edge = replace(crossing(), actions=("sts:AssumeRole", "sts:TagSession"))
        assert [(one.part.value, one.reason) for one in mismatches(agreed, edge)] == [
            ("from", f"Its source lies outside account {VENDOR}."),
            ("to", "Its target lies outside OU ou-ab12-test0001."),
            ("actions", "It allows more: sts:TagSession."),
        ]
