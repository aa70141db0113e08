"""Denies by the caller's address that forget calls without one, and private addresses.

A call through a VPC endpoint carries aws:VpcSourceIp instead of aws:SourceIp; a call that an AWS
service makes for the caller may come from the service's own address. Each way is tried as a
request of which the network keys are known; other keys do not exempt a way of calling.

Source: IAM user guide, "aws:SourceIp", "aws:VpcSourceIp", "aws:ViaAWSService", "AWS: Denies access
to AWS based on the source IP", "IAM Access Analyzer policy check reference" (Private IP address).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.conditions.ip import parse_network
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.document import Condition, Effect, Operator
from policies.language.json_reader import shown
from policies.lint.finding import LintFinding
from policies.lint.subject import LintSubject, some_names

_SOURCE_IP: Final = "aws:sourceip"
_NETWORK_KEYS: Final = frozenset(
    {
        _SOURCE_IP, "aws:viaawsservice", "aws:calledvia", "aws:calledviafirst",
        "aws:calledvialast", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce",
        "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:vpcsourceip",
        "aws:ec2instancesourcevpc", "aws:ec2instancesourceprivateipv4",
    }
)  # fmt: skip
_CHAIN_KEYS: Final = frozenset({"aws:calledvia", "aws:calledviafirst", "aws:calledvialast"})
_BY_A_SERVICE: Final[Mapping[str, ContextValue]] = {
    **dict.fromkeys(_NETWORK_KEYS - _CHAIN_KEYS, ABSENT),
    "aws:viaawsservice": "true",
}
_THROUGH_AN_ENDPOINT: Final[Mapping[str, ContextValue]] = {
    _SOURCE_IP: ABSENT,
    "aws:viaawsservice": "false",
    **dict.fromkeys(_CHAIN_KEYS, ABSENT),
}
_PRIVATE: Final = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
            "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128",
        ),
    )
)  # fmt: skip
"""Private, shared, loopback and link-local addresses (RFC 1918, 6598, 1122, 3927, 4193, 4291)."""


def check_source_addresses(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield denies by address that also hit AWS services and VPC endpoints, and private ranges."""
    for index, statement, compiled in subject.statements():
        addresses = [
            c for c in statement.conditions
            if c.key.lower() == _SOURCE_IP and c.operator is not Operator.NULL
        ]  # fmt: skip
        for condition in addresses:
            if condition.operator is Operator.IP_ADDRESS:
                yield from _private(subject, index, condition)
        if compiled.effect is Effect.DENY and any(c.negated for c in addresses):
            yield from _without_exemption(subject, index, compiled)


def _private(subject: LintSubject, index: int, condition: Condition) -> Iterator[LintFinding]:
    private = [value for value in dict.fromkeys(condition.values) if _is_private(value)]
    if private:
        yield subject.warning(
            "private_source_address",
            f"aws:SourceIp holds public addresses only, so {some_names(map(shown, private))} "
            "matches no request. Use aws:VpcSourceIp for addresses within a VPC.",
            condition.path,
            index,
        )


def _is_private(value: str) -> bool:
    network = parse_network(value)
    return network is not None and any(_within(network, private) for private in _PRIVATE)


def _within(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)


def _without_exemption(
    subject: LintSubject, index: int, compiled: CompiledStatement
) -> Iterator[LintFinding]:
    hit: list[str] = []
    remedies: list[str] = []
    if _applies(compiled, _BY_A_SERVICE):
        hit.append("calls that AWS services make for the caller from addresses of their own")
        remedies.append('"BoolIfExists": {"aws:ViaAWSService": "false"}')
    if _applies(compiled, _THROUGH_AN_ENDPOINT):
        hit.append("calls through VPC endpoints, which carry no aws:SourceIp")
        remedies.append(
            '"Null": {"aws:SourceVpc": "true"}, or "StringNotEqualsIfExists" on aws:SourceVpc '
            "with the intended VPCs"
        )
    if hit:
        yield subject.warning(
            "source_ip_without_exemption",
            f"This also denies {'; and '.join(hit)}. Add {'; and '.join(remedies)}.",
            subject.condition_path(index, _SOURCE_IP),
            index,
        )


def _applies(compiled: CompiledStatement, context: Mapping[str, ContextValue]) -> bool:
    """Whether every condition on the network surely holds for a way of calling."""

    def lookup(key: str) -> ContextValue:
        return context.get(key, UNKNOWN)

    return all(
        condition.holds(lookup) is True
        for condition in compiled.conditions
        if condition.key in _NETWORK_KEYS
    )
