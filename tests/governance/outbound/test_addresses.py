"""Which addresses may be called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.outbound.addresses import AddressRefused, checked_addresses, parse_address


def resolving(*addresses):
    return lambda host, port: addresses


class TestParseAddress:
    def test_takes_an_https_address_apart(self):
        found = parse_address("https://Hooks.Example.com:8443/a/b?c=d")
        assert (found.host, found.port, found.target) == ("hooks.example.com", 8443, "/a/b?c=d")
        assert found.origin == "https://hooks.example.com:8443"
        assert not found.allowed

    def test_leaves_the_usual_port_out_of_the_origin(self):
        assert parse_address("https://hooks.example.com:443").origin == "https://hooks.example.com"

    def test_keeps_what_may_be_secret_out_of_the_origin(self):
        found = parse_address("https://hooks.example.com/services/T000/secret?key=secret")
        assert "secret" not in found.origin

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("", "empty"),
            ("http://hooks.example.com", "https://"),
            ("ftp://hooks.example.com", "https://"),
            ("file:///etc/passwd", "https://"),
            ("hooks.example.com", "https://"),
            ("https://", "no host"),
            ("https://user:pass@hooks.example.com", "password"),
            ("https://user@hooks.example.com", "password"),
            ("https://hooks.example.com/#part", "fragment"),
            ("https://hooks.example.com/a b", "spaces"),
            ("https://hooks.example.com/\r\nHost: internal", "line breaks"),
            ("https://hooks.example.com/\x00", "line breaks"),
            ("https://höoks.example.com/", "ASCII"),
            ("https://hooks.example.com:99999/", "port"),
            ("https://hooks.example.com:0/", "port 0"),
            ("https://hooks.example.com:x/", "port"),
            ("https://[::1/", "cannot be read"),
            ("https://exa$mple.com/", "not a name of a host"),
            ("https://hooks.example.com/" + "a" * 2000, "longer"),
        ],
    )
    def test_refuses_what_is_no_https_address_and_says_why(self, url, said):
        with pytest.raises(AddressRefused, match=said):
            parse_address(url)

    def test_accepts_http_where_the_settings_name_the_origin(self):
        found = parse_address(
            "http://10.0.0.7:8080/siem", allowed_origins=["http://10.0.0.7:8080/"]
        )
        assert found.allowed

    def test_refuses_another_port_of_a_host_that_the_settings_name(self):
        with pytest.raises(AddressRefused, match="https"):
            parse_address("http://10.0.0.7:8081/", allowed_origins=["http://10.0.0.7:8080"])

    @given(st.text(max_size=60))
    def test_never_fails_in_another_way(self, text):
        for url in (text, f"https://{text}"):
            try:
                found = parse_address(url)
            except AddressRefused:
                continue
            assert found.scheme == "https"
            assert "\n" not in found.target


class TestCheckedAddresses:
    def test_returns_every_public_address(self):
        address = parse_address("https://hooks.example.com")
        found = checked_addresses(address, addresses_of=resolving("93.184.215.14", "2606:2800::1"))
        assert found == ("93.184.215.14", "2606:2800::1")

    @pytest.mark.parametrize(
        "internal",
        ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a00:1", "::1", "fe80::1%eth0"],
    )
    def test_refuses_a_name_of_which_one_address_is_internal(self, internal):
        address = parse_address("https://hooks.example.com")
        with pytest.raises(AddressRefused, match="not public"):
            checked_addresses(address, addresses_of=resolving("93.184.215.14", internal))

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1"])
    def test_refuses_internal_addresses_however_they_are_written(self, host):
        with pytest.raises(AddressRefused):
            checked_addresses(parse_address(f"https://{host}/"))

    def test_refuses_a_name_that_does_not_resolve(self):
        def nothing(host, port):
            raise OSError(-2, "Name or service not known")

        address = parse_address("https://hooks.example.com")
        with pytest.raises(AddressRefused, match="does not resolve"):
            checked_addresses(address, addresses_of=nothing)

    def test_accepts_an_internal_address_whose_origin_the_settings_name(self):
        address = parse_address("http://siem:8080", allowed_origins=["http://siem:8080"])
        assert checked_addresses(address, addresses_of=resolving("10.0.0.7")) == ("10.0.0.7",)
