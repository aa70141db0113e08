"""The approved plan as Terraform: resources of the AWS provider, with imports of what exists.

`aws_organizations_policy`, `aws_organizations_policy_attachment` and
`aws_organizations_organizational_unit`; import ids are `POLICY_ID`, `TARGET_ID:POLICY_ID` and
`OU_ID` (the provider's pages of these resources). `import`, `moved` and `removed` blocks need
Terraform 1.7 or later. What the provider keeps in other resources is said in comments.
"""

from collections.abc import Iterator, Mapping

from governance.changes.elsewhere.approved import (
    ApprovedPolicy,
    ApprovedResult,
    ApprovedUnit,
)
from governance.changes.elsewhere.resource_names import terraform_name, unique_names

_POLICY = "aws_organizations_policy"
_ATTACHMENT = "aws_organizations_policy_attachment"
_UNIT = "aws_organizations_organizational_unit"


def terraform_text(result: ApprovedResult, *, heading: str) -> str:
    """Return the plan as one file of Terraform. `heading`: its first comment, lines of text."""
    names = _Names(result)
    blocks = [
        _comment(heading),
        'terraform {\n  required_version = ">= 1.7"\n}\n',
        *_of_types(result),
        *(block for unit in result.units for block in _of_unit(unit, names)),
        *(block for policy in result.policies for block in _of_policy(policy, names)),
        *_of_moves(result, names),
    ]
    return "\n".join(blocks)


class _Names:
    """The resources' names, and how targets are referred to."""

    def __init__(self, result: ApprovedResult) -> None:
        self.targets = result.names
        self.policies = unique_names(
            (one.policy_id, terraform_name(one.name)) for one in result.policies
        )
        self.before = unique_names(
            (one.policy_id, terraform_name(one.was_named or one.name)) for one in result.policies
        )
        self.units = unique_names((one.target_id, terraform_name(one.name)) for one in result.units)

    def attachment(self, policy_id: str, target_id: str) -> str:
        """Return the name of an attachment's resource."""
        target = self.units.get(target_id, target_id)
        return terraform_name(f"{self.policies[policy_id]}_{target}".replace("-", "_"))

    def target(self, target_id: str) -> str:
        """Return a target as an expression: a new OU by its resource, others by their ids."""
        if target_id.startswith("new-") and target_id in self.units:
            return f"{_UNIT}.{self.units[target_id]}.id"
        return quoted(target_id)

    def said(self, target_id: str) -> str:
        """Return a target's name for a comment behind it; empty where it has none."""
        name = self.targets.get(target_id, "")
        return f" # {_one_line(name)}" if name else ""


def quoted(text: str) -> str:
    """Return text as a quoted string of Terraform's language, interpolation switched off."""
    out = []
    for each in text:
        if each in '\\"':
            out.append(f"\\{each}")
        elif each in "\n\r\t":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[each])
        elif not each.isprintable():
            code = ord(each)
            out.append(f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")
        else:
            out.append(each)
    return f'"{_plain("".join(out))}"'


def _plain(text: str) -> str:
    """Return text in which `${` and `%{` stand for themselves."""
    return text.replace("${", "$${").replace("%{", "%%{")


def _text(text: str) -> str:
    """Return a policy's text as an expression, several lines as a heredoc that adds none."""
    if "\n" not in text or "\r" in text or not all(e.isprintable() or e == "\n" for e in text):
        return quoted(text)
    lines = {line.strip() for line in text.split("\n")}
    mark = "POLICY"
    while mark in lines:
        mark += "_"
    ended = text if text.endswith("\n") else f"{text}\n"
    expression = f"<<{mark}\n{_plain(ended)}{mark}\n"
    return expression if text.endswith("\n") else f"chomp({expression}  )"


def _comment(text: str) -> str:
    return "".join(f"# {_one_line(line)}".rstrip() + "\n" for line in text.split("\n"))


def _one_line(text: str) -> str:
    return " ".join("".join(e if e.isprintable() else " " for e in text).split())


def _import(address: str, import_id: str) -> str:
    return f"import {{\n  to = {address}\n  id = {quoted(import_id)}\n}}\n"


def _removed(address: str, import_id: str, said: str) -> str:
    """Return a block that destroys what Terraform holds, and how else it is taken away."""
    return (
        f"# {said} ({import_id}). Where Terraform holds it under another address, name that here.\n"
        f"removed {{\n  from = {address}\n  lifecycle {{\n    destroy = true\n  }}\n}}\n"
    )


def _of_types(result: ApprovedResult) -> Iterator[str]:
    for policy_type, enabled in sorted(result.policy_types.items()):
        verb = "Add" if enabled else "Take"
        where = "to" if enabled else "out of"
        yield _comment(
            f"{verb} {policy_type} {where} enabled_policy_types of aws_organizations_organization."
        )


def _of_unit(unit: ApprovedUnit, names: _Names) -> Iterator[str]:
    address = f"{_UNIT}.{names.units[unit.target_id]}"
    if unit.is_deleted:
        yield _removed(address, unit.target_id, f"OU {_one_line(unit.name)} is deleted")
        return
    if not unit.is_new:
        yield _import(address, unit.target_id)
    yield (
        f'resource "{_UNIT}" "{names.units[unit.target_id]}" {{\n'
        f"  name      = {quoted(unit.name)}\n"
        f"  parent_id = {names.target(unit.parent_id)}{names.said(unit.parent_id)}\n}}\n"
    )


def _of_policy(policy: ApprovedPolicy, names: _Names) -> Iterator[str]:
    name = names.policies[policy.policy_id]
    address = f"{_POLICY}.{name}"
    if policy.is_deleted:
        yield from _deleted(policy, address, names)
        return
    if not policy.aws_managed:
        if not policy.is_new:
            yield _import(address, policy.policy_id)
        if names.before[policy.policy_id] != name:
            yield (
                "# Only if Terraform holds the policy under its name before; then without import.\n"
                f"# moved {{\n#   from = {_POLICY}.{names.before[policy.policy_id]}\n"
                f"#   to   = {address}\n# }}\n"
            )
        yield _policy_resource(policy, name)
    for target_id in policy.target_ids:
        yield from _attachment(policy, target_id, address, names)
    gone = {*policy.detached_ids, *policy.had_target_ids} - set(policy.target_ids)
    for target_id in sorted(gone):
        yield _removed(
            f"{_ATTACHMENT}.{names.attachment(policy.policy_id, target_id)}",
            f"{target_id}:{policy.policy_id}",
            f"{_one_line(policy.name)} is detached from "
            f"{_one_line(names.targets.get(target_id, target_id))}",
        )


def _deleted(policy: ApprovedPolicy, address: str, names: _Names) -> Iterator[str]:
    for target_id in policy.had_target_ids:
        yield _removed(
            f"{_ATTACHMENT}.{names.attachment(policy.policy_id, target_id)}",
            f"{target_id}:{policy.policy_id}",
            f"{_one_line(policy.name)} is detached before it is deleted",
        )
    yield _removed(address, policy.policy_id, f"{_one_line(policy.name)} is deleted")


def _policy_resource(policy: ApprovedPolicy, name: str) -> str:
    lines = [
        f'resource "{_POLICY}" "{name}" {{',
        f"  name    = {quoted(policy.name)}",
        f"  type    = {quoted(policy.policy_type)}",
        f"  content = {_text(policy.text)}".rstrip("\n"),
    ]
    if policy.description:
        lines.append(f"  description = {quoted(policy.description)}")
    set_tags = {key: value for key, value in policy.tags.items() if value is not None}
    if set_tags:
        lines.append("  # Beside the tags that it has already:")
        lines.append("  tags = {")
        lines += [f"    {quoted(key)} = {quoted(value)}" for key, value in sorted(set_tags.items())]
        lines.append("  }")
    gone = sorted(key for key, value in policy.tags.items() if value is None)
    if gone:
        lines.append(f"  # Without the tags {', '.join(map(_one_line, gone))}.")
    return "\n".join([*lines, "}", ""])


def _attachment(
    policy: ApprovedPolicy, target_id: str, address: str, names: _Names
) -> Iterator[str]:
    name = names.attachment(policy.policy_id, target_id)
    reference = quoted(policy.policy_id) if policy.aws_managed else f"{address}.id"
    if target_id in policy.had_target_ids:
        yield _import(f"{_ATTACHMENT}.{name}", f"{target_id}:{policy.policy_id}")
    yield (
        f'resource "{_ATTACHMENT}" "{name}" {{\n'
        f"  policy_id = {reference}\n"
        f"  target_id = {names.target(target_id)}{names.said(target_id)}\n}}\n"
    )


def _of_moves(result: ApprovedResult, names: _Names) -> Iterator[str]:
    for move in result.moves:
        parent: Mapping[str, str] = names.targets
        yield _comment(
            f"Account {move.name or move.account_id} ({move.account_id}): set parent_id = "
            f"{names.target(move.parent_id)} ({parent.get(move.parent_id, 'a new OU')}) in its "
            "aws_organizations_account."
        )
