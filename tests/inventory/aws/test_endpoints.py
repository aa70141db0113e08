"""Which addresses may be called in AWS's place."""

import pytest

from inventory.aws.endpoints import check_endpoint
from inventory.aws.errors import EndpointRefused


@pytest.fixture(autouse=True)
def _nothing_allowed(settings):
    settings.AWS_ENDPOINTS_ALLOWED = []


def resolving(*addresses):
    return lambda host, port: addresses


class TestCheckEndpoint:
    def test_accepts_none_for_aws_itself(self):
        check_endpoint("")

    def test_accepts_a_public_https_address(self):
        check_endpoint("https://aws.example.com", addresses_of=resolving("93.184.215.14"))

    def test_accepts_what_the_settings_allow_whatever_it_is(self, settings):
        settings.AWS_ENDPOINTS_ALLOWED = ["http://127.0.0.1:5000"]
        check_endpoint("http://127.0.0.1:5000/")

    def test_refuses_another_port_than_the_one_allowed(self, settings):
        settings.AWS_ENDPOINTS_ALLOWED = ["http://127.0.0.1:5000"]
        with pytest.raises(EndpointRefused, match="not https"):
            check_endpoint("http://127.0.0.1:5001")

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.1",
            "224.0.0.1",
            "::1",
            "fe80::1%eth0",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::5db8:d70e",
            "2600:1f18::5efe:10.0.0.1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "::ffff:0:169.254.169.254",
            "fec0::1",
            *("192.0.0.192", "192.88.99.1", "168.63.129.16", "5f00::1", "3fff::1"),
        ],
    )
    def test_refuses_a_name_that_is_an_internal_address(self, address):
        with pytest.raises(EndpointRefused, match="not public"):
            check_endpoint("https://aws.example.com", addresses_of=resolving(address))

    @pytest.mark.parametrize(
        "address",
        [
            *("::ffff:93.184.215.14", "::93.184.215.14", "64:ff9b::93.184.215.14"),
            *("2002:5db8:d70e::1", "2600:1f18::1", "::ffff:0:93.184.215.14"),
        ],
    )
    def test_judges_an_ipv6_form_by_the_ipv4_address_that_it_stands_for(self, address):
        check_endpoint("https://aws.example.com", addresses_of=resolving(address))

    def test_refuses_a_name_with_one_internal_address_among_public_ones(self):
        with pytest.raises(EndpointRefused, match=r"10\.0\.0\.1"):
            check_endpoint(
                "https://aws.example.com", addresses_of=resolving("93.184.215.14", "10.0.0.1")
            )

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("http://aws.example.com", "not https"),
            ("file:///etc/passwd", "not https"),
            ("https://user:secret@aws.example.com", "user name"),
            ("https://aws.example.com/?a=b", "query"),
            ("https://aws.example.com:99999", "port"),
            ("https://", "no host"),
        ],
    )
    def test_refuses_what_is_no_plain_https_address(self, url, why):
        with pytest.raises(EndpointRefused, match=why):
            check_endpoint(url, addresses_of=resolving("93.184.215.14"))

    def test_refuses_a_name_that_does_not_resolve(self):
        def failing(host, port):
            raise OSError("Name or service not known")

        with pytest.raises(EndpointRefused, match="does not resolve"):
            check_endpoint("https://aws.example.com", addresses_of=failing)

    def test_says_what_to_do(self):
        with pytest.raises(EndpointRefused) as refused:
            check_endpoint("http://aws.example.com")
        assert "ORGWARDEN_AWS_ENDPOINTS_ALLOWED" in refused.value.remedy
