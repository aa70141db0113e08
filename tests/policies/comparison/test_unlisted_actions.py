"""Names that stand for all actions outside the catalogue."""

from __future__ import annotations

import random

from policies.comparison.unlisted_actions import names_for_all
from policies.compiled import default_compiler
from tests.policies.comparison.test_compare import compared, deny, level, names, tree


def statements(*patterns: str | list[str]):
    return level(*(deny(Action=pattern) for pattern in patterns)).statements


def chosen(*patterns: str | list[str]) -> list[str] | None:
    return names_for_all(statements(*patterns), default_compiler().catalogue)


class TestNamesForAll:
    def test_are_one_for_each_pattern_and_one_for_the_rest(self):
        assert sorted(chosen("s3:*", "s3:Get*", "s3:GetObject") or []) == [
            "anotherservice:anotheraction",
            "s3:example",
            "s3:getexample",
        ]

    def test_keep_out_of_longer_patterns(self):
        assert "ec2:another" in (chosen("ec2:*", "ec2:e*") or [])

    def test_hold_exact_names_that_the_catalogue_lacks(self):
        assert "s3:getwhatisnew" in (chosen("s3:GetWhatIsNew") or [])

    def test_are_none_where_a_wildcard_stands_elsewhere(self):
        assert chosen("s3:*Object") is None

    def test_stand_for_every_name(self):
        rng = random.Random(7)
        letters = "ab:"
        patterns = ["x:*", "x:a*", "x:ab*", "x:aab*", "y:b*", "y*", "x:ba", "*"]
        every = statements(*patterns)
        found = chosen(*patterns)
        assert found is not None
        vectors = {tuple(one.covers_action(name) for one in every) for name in found}
        for _ in range(3000):
            name = rng.choice("xyz") + ":" + "".join(rng.choices(letters[:2], k=rng.randint(1, 5)))
            assert tuple(one.covers_action(name) for one in every) in vectors, name


class TestComparingThem:
    def test_falls_back_on_names_as_texts_where_a_pattern_allows_no_choice(self):
        below = [deny(Action="s3:*Thing")]
        found = compared(tree([deny(Action="s3:Get*")], below), tree(unit=below))
        unlisted = [item for item in found.newly_allowed if item.actions.are_unlisted]
        assert names(unlisted) == ["actions not in the catalogue"]
        assert not unlisted[0].witness.action.endswith("thing")

    def test_finds_them_denied_by_a_pattern_below(self):
        below = [deny(Action="s3:Get*")]
        found = compared(tree([deny(Action="s3:GetWhatIsNew")], below), tree(unit=below))
        assert not found
