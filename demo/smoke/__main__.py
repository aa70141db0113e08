"""Starts the demo stack aside, waits for its first inventory, visits everything, and stops it."""

import html
import json
import os
import re
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

import django

from demo.seeding.organization_files import read_organization
from demo.smoke.addresses import addresses
from demo.smoke.visitor import VisitedPage, VisitFailed, Visitor
from demo.stack.aside import running_stack
from demo.stack.postgres import PostgresFailed
from demo.stack.process_group import StopRequested
from demo.stack.processes import NotReady, ProcessDied
from demo.stack.state import ROOT
from demo.stack.supervisor import Stack
from demo.stack.valkey import ValkeyMissing

if TYPE_CHECKING:
    from demo.smoke.samples import SampleRows

# A part of a page as well: it tells htmx to ask no more, since the run has ended.
_STOP_POLLING: Final = 286


def _token() -> str:
    """Issue a token with every right that its person and a token may have, as they would."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from governance.access.actors import user_actor
    from governance.access.rights import TOKEN_SCOPES
    from governance.access.tokens import token_issue

    now = timezone.now()
    administrator = User.objects.get(username="administrator")
    _, token = token_issue(
        actor=user_actor(administrator),
        user=administrator,
        name="smoke",
        scopes=[scope for scope in TOKEN_SCOPES if administrator.has_perm(scope)],
        expires_at=now + timedelta(hours=1),
        now=now,
    )
    return token


def _visit_pages(stack: Stack, things: "SampleRows", failures: list[str]) -> int:
    """Visit every page as somebody of the staff, who may see all; return how many."""
    visitor = Visitor(stack.address)
    visitor.sign_in("staff", stack.people()["staff"])
    visited = 0
    for address in addresses(things.parameters()):
        if address.path.startswith("/api/"):
            continue
        if address.lacking:
            failures.append(f"{address.path}: no sample for {', '.join(address.lacking)}")
            continue
        visited += 1
        _check(visitor.get(address.path), address.path, failures, _words(address.path, things))
    return visited


def _visit_api(stack: Stack, things: "SampleRows", failures: list[str]) -> int:
    """Visit every endpoint with a token, or as a person where no token may; return how many."""
    visitor = Visitor(stack.address, token=_token())
    person = Visitor(stack.address)
    person.sign_in("administrator", stack.people()["administrator"])
    visited = 0
    for address in addresses(things.parameters()):
        if not address.path.startswith("/api/"):
            continue
        if address.lacking:
            failures.append(f"{address.path}: no sample for {', '.join(address.lacking)}")
            continue
        visited += 1
        answer = visitor.get(address.path)
        if answer.status == HTTPStatus.FORBIDDEN:
            answer = person.get(address.path)
        _check(answer, address.path, failures, _words(address.path, things))
    return visited


def _words(path: str, things: "SampleRows") -> list[str]:
    """Return what has to stand at an address: the name of what it is about."""
    named = {
        things.account.account_id: things.account.name,
        things.unit.target_id: things.unit.name,
        things.policy.policy_id: things.policy.name,
    }
    return [name for part, name in named.items() if path.rstrip("/").endswith(f"/{part}")]


def _check(answer: VisitedPage, path: str, failures: list[str], words: list[str]) -> None:
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        return
    text = html.unescape(answer.text)
    lacking = [word for word in words if word not in text]
    if answer.status not in {HTTPStatus.OK, _STOP_POLLING}:
        failures.append(f"{path}: {answer.status} {_gist(text)}")
    elif not text.strip():
        failures.append(f"{path}: says nothing")
    elif lacking:
        failures.append(f"{path}: does not say {', '.join(lacking)}")
    elif answer.content_type == "application/json":
        json.loads(answer.text)


def _gist(text: str) -> str:
    """Return the beginning of an answer, without markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:200]


def _visit_strangers(stack: Stack, things: "SampleRows", failures: list[str]) -> None:
    """Check that nobody who has not signed in, and no unknown token, gets to see anything."""
    account = f"/o/{things.connection.slug}/"
    answer = Visitor(stack.address).get(account)
    if "/sign-in/" not in answer.url:
        failures.append(f"{account}: {answer.status} for someone who has not signed in")
    api = f"/api/v1/organizations/{things.connection.slug}/accounts"
    answer = Visitor(stack.address, token="ow_unknown").get(api)  # noqa: S106
    if answer.status != HTTPStatus.UNAUTHORIZED:
        failures.append(f"{api}: {answer.status} for an unknown token")


def _visit(stack: Stack) -> list[str]:
    """Visit everything, and return what was wrong."""
    os.environ.update(stack.environment)
    django.setup()
    # Importable only now: tables need the settings.
    from django.contrib.auth.models import User

    from demo.smoke.people import kept_notification
    from demo.smoke.samples import coverage_states, stored_accounts, stored_things

    failures: list[str] = []
    things = stored_things(User.objects.get(username="administrator"))
    expected = len(read_organization(ROOT / "demo" / "organization").accounts)
    if stored_accounts() != expected:
        failures.append(
            f"{stored_accounts()} accounts were stored, the organization has {expected}"
        )
    if not {"complete", "denied"} <= coverage_states():
        failures.append(f"coverage is {coverage_states()}: one account refuses the audit role")
    # An inbox is its person's alone.
    inbox = kept_notification(User.objects.get(username="staff"))
    pages = _visit_pages(stack, replace(things, notification=inbox), failures)
    endpoints = _visit_api(stack, things, failures)
    _visit_strangers(stack, things, failures)
    print(f"visited {pages} pages and {endpoints} endpoints", flush=True)
    return failures


def main() -> int:
    """Run it; 0 if all is well."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="orgwarden smoke ") as name:
        folder = Path(name)
        try:
            with running_stack(folder) as stack:
                failures = _visit(stack)
        except StopRequested:
            failures = ["it was asked to stop"]
        except (ProcessDied, NotReady, VisitFailed, PostgresFailed, ValkeyMissing) as problem:
            failures = [str(problem)]
        if failures:
            lines = (folder / "log").read_text(encoding="utf-8").splitlines()
            shown = [line for line in lines if ' HTTP/1.1" ' not in line]
            print("\n".join(["the log ends with:", *shown[-120:]]))
    print(f"stopped after {time.monotonic() - began:.0f} s")
    for failure in failures:
        print(f"smoke failed: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
