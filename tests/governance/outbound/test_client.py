"""What is sent to an address that was checked, and what is made of the answer."""

import datetime
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from governance.outbound.addresses import AddressRefused
from governance.outbound.client import CallFailed, post
from tests.governance.outbound.receiver import Receiver

HOST = "hooks.example.com"


def _certificate(folder, name):
    """Write a certificate that vouches for itself; return its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def certificate(tmp_path):
    return _certificate(tmp_path, HOST)


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Receiver(context=context) as receiver:
        yield receiver


def here(host, port):
    return ["127.0.0.1"]


def send(receiver, path="/", **more):
    more = {"headers": {"Content-Type": "application/json"}} | more
    return post(f"{receiver.origin}{path}", body=b"{}", allowed_origins=[receiver.origin], **more)


class TestPost:
    def test_sends_the_body_and_the_headers_with_the_name_of_the_host(self):
        with Receiver() as receiver:
            answer = send(receiver, "/hooks?a=b")
        (one,) = receiver.received
        assert (one.path, one.body) == ("/hooks?a=b", b"{}")
        assert one.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert one.headers["content-type"] == "application/json"
        assert (answer.status, answer.body, answer.is_success) == (204, "", True)

    def test_refuses_an_internal_address_without_connecting(self):
        with Receiver() as receiver, pytest.raises(AddressRefused, match="not public"):
            post(f"https://{HOST}:{receiver.port}/", body=b"", headers={}, addresses_of=here)
        assert not receiver.received

    def test_does_not_follow_a_redirect(self):
        with Receiver() as inner, Receiver(answers=[302]) as receiver:
            receiver.headers["Location"] = f"{inner.origin}/"
            answer = send(receiver)
        assert (answer.status, answer.is_success) == (302, False)
        assert not inner.received

    def test_reads_no_more_than_a_little_of_the_answer(self):
        with Receiver(answers=[500], answer_body=b"x" * 100_000) as receiver:
            answer = send(receiver)
        assert answer.truncated
        assert len(answer.body) == 4096

    def test_gives_up_on_an_answer_that_comes_drop_by_drop(self):
        with (
            Receiver(answers=[200], answer_body=b"x" * 1000, drip_seconds=0.05) as receiver,
            pytest.raises(CallFailed, match="no whole answer within"),
        ):
            send(receiver, total_seconds=0.4)

    def test_says_that_nothing_listens_there(self):
        with Receiver() as receiver:
            origin = receiver.origin
        with pytest.raises(CallFailed, match="refused"):
            post(f"{origin}/", body=b"", headers={}, allowed_origins=[origin])

    def test_refuses_headers_with_line_breaks(self):
        with Receiver() as receiver, pytest.raises(CallFailed):
            send(receiver, headers={"X-Name": "a\r\nX-Other: b"})
        assert not receiver.received

    def test_resolves_once_and_connects_to_what_was_checked(self):
        asked = []

        def changing(host, port):
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

        with Receiver() as receiver:
            origin = f"http://{HOST}:{receiver.port}"
            answer = post(
                f"{origin}/", body=b"", headers={}, allowed_origins=[origin], addresses_of=changing
            )
        assert (answer.ip_address, asked) == ("127.0.0.1", [HOST])


class TestPostOverTls:
    def test_names_the_host_to_tls_and_in_the_header_though_it_connects_to_an_address(
        self, secure, certificate
    ):
        origin = f"https://{HOST}:{secure.port}"
        answer = post(
            f"{origin}/x",
            body=b"{}",
            headers={},
            allowed_origins=[origin],
            addresses_of=here,
            context=ssl.create_default_context(cafile=certificate),
        )
        assert answer.status == 204
        assert secure.server_names == [HOST]
        assert secure.received[0].headers["host"] == f"{HOST}:{secure.port}"

    def test_refuses_a_certificate_of_another_host(self, secure, certificate):
        origin = f"https://other.example.com:{secure.port}"
        with pytest.raises(CallFailed, match="certificate"):
            post(
                f"{origin}/x",
                body=b"{}",
                headers={},
                allowed_origins=[origin],
                addresses_of=here,
                context=ssl.create_default_context(cafile=certificate),
            )
        assert not secure.received

    def test_refuses_a_certificate_that_nobody_vouches_for(self, secure):
        origin = f"https://{HOST}:{secure.port}"
        with pytest.raises(CallFailed, match="not trusted"):
            post(f"{origin}/x", body=b"", headers={}, allowed_origins=[origin], addresses_of=here)
