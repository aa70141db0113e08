"""Whose requests a sentence is about, by the conditions of its clause."""

import pytest

from governance.effects.headline_callers import callers_of

ROLE = "arn:aws:iam::*:role/"
OUTSIDE = "`aws:PrincipalOrgID` is not `o-acme` (or it is absent)"
FOR_OUTSIDE = "`aws:SourceOrgID` is not `o-acme` (or it is absent)"
CASES = [
    ([], ("", "")),
    ([f"the principal does not match `{ROLE}A`"], ("", " except role A")),
    ([f"the principal matches `{ROLE}A`"], ("role A", "")),
    # An exemption that is there already is no new one.
    (
        [
            f"the principal matches one of `{ROLE}ci/*`, `{ROLE}A`",
            f"the principal does not match `{ROLE}A`",
        ],
        ("role ci/*", ""),
    ),
    (
        [f"the principal matches `{ROLE}ci/*`", f"the principal does not match `{ROLE}ci/x`"],
        ("role ci/* (but not role ci/x)", ""),
    ),
    (
        [
            f"the principal matches `{ROLE}*`",
            "the principal does not match `arn:aws:iam::*:user/*`",
        ],
        ("every role", ""),
    ),
    ([OUTSIDE], ("", " outside the organization")),
    (
        [OUTSIDE, "`aws:PrincipalIsAWSService` is `false`"],
        ("", " outside the organization (AWS services aside)"),
    ),
    (
        [OUTSIDE, f"the principal does not match `{ROLE}A`"],
        ("", " outside the organization except role A"),
    ),
    (
        ["`aws:PrincipalOrgID` is not `o-other` (or it is absent)"],
        ("", " outside organization o-other"),
    ),
    # Not known to send one: these may be of another organization, or of none that is known.
    (["`aws:PrincipalOrgID` is not `o-acme`"], ("", "")),
    (
        [FOR_OUTSIDE, "`aws:PrincipalIsAWSService` is `true`", "`aws:SourceAccount` is present"],
        ("AWS services acting for accounts outside the organization", ""),
    ),
    ([FOR_OUTSIDE], ("", "")),
]


@pytest.mark.parametrize(("phrases", "said"), CASES)
def test_names_the_callers_and_says_no_condition_twice(phrases, said):
    found = callers_of(phrases, "o-acme")
    assert (found.only, found.rest) == said
    assert found.phrases == (frozenset(phrases) if any(said) else frozenset())
