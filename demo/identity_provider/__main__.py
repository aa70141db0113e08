"""`python -m demo.identity_provider --port N` or `--address-file FILE`."""

import argparse
import os
import re
import time
from pathlib import Path

import flask
from oidc_provider_mock import User, _storage
from oidc_provider_mock import app as provider_app
from werkzeug.serving import make_server

from demo.identity_provider import IDENTITIES
from demo.stack.ports import LOOPBACK

_STYLESHEET = re.compile(r"<link\s[^>]*https://[^>]*>")


def _tell_when_somebody_signed_in() -> None:
    """Have ID tokens say `auth_time`: the page of this provider asks whoever comes, each time."""
    _storage.AuthorizationCode.get_auth_time = lambda _code: int(time.time())


def _without_foreign_styles(answer: flask.Response) -> flask.Response:
    """Keep pages from loading a stylesheet of another host, which may not be reached."""
    if answer.mimetype == "text/html":
        answer.set_data(_STYLESHEET.sub("", answer.get_data(as_text=True)))
    return answer


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m demo.identity_provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--address-file", type=Path, help="gets the address once it listens")
    options = parser.parse_args()
    # Plain http: nothing of this leaves the machine.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    _tell_when_somebody_signed_in()
    users = [User(sub=one.subject, claims=one.claims()) for one in IDENTITIES]
    app = provider_app(user_claims=users, issue_refresh_token=False)
    app.debug = False
    app.after_request(_without_foreign_styles)
    server = make_server(LOOPBACK, options.port, app, threaded=True)
    if options.address_file:
        partial = options.address_file.with_suffix(".partial")
        partial.write_text(f"http://{LOOPBACK}:{server.server_port}", encoding="utf-8")
        partial.replace(options.address_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
