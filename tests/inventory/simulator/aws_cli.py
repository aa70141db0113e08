"""The part of the AWS CLI that the commands of a rollback use, after its user guide.

`aws SERVICE OPERATION --member value … [--endpoint-url URL] [--query PATH] [--output text]`; lists
of texts are several values, lists of structures are JSON. Credentials and region are the
environment's.
"""

import json
import sys
from typing import Any

import botocore.session
from botocore import xform_name

_OF_ITS_OWN = ("endpoint-url", "query", "output")


def main(words: list[str]) -> int:
    """Make one call, and print what `--query` asks for."""
    service, operation, *rest = words
    given: dict[str, list[str]] = {}
    for word in rest:
        if word.startswith("--"):
            given[word[2:]] = []
        else:
            given[list(given)[-1]].append(word)
    own = {name: given.pop(name)[0] for name in _OF_ITS_OWN if name in given}
    client = botocore.session.get_session().create_client(
        service, endpoint_url=own.get("endpoint-url")
    )
    method = operation.replace("-", "_")
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    parameters: dict[str, Any] = json.loads(given.pop("cli-input-json", ["{}"])[0])
    members: dict[str, Any] = model.input_shape.members if model.input_shape else {}
    for name, shape in members.items():
        values = given.pop(xform_name(name, "-"), None)
        if values is None:
            continue
        if shape.type_name == "list":
            texts = shape.member.type_name == "string"
            parameters[name] = values if texts else json.loads(values[0])
        else:
            (parameters[name],) = values
            if "://" in values[0].partition(" ")[0]:
                raise SystemExit(f"{values[0]} would be opened as a file")
    if given:
        raise SystemExit(f"Unknown options: {', '.join(given)}")
    answer = getattr(client, method)(**parameters)
    for part in filter(None, own.get("query", "").split(".")):
        answer = answer[part]
    if "query" in own:
        sys.stdout.write(f"{answer}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
