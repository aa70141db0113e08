"""Asks the web server in this container whether it is well, as the proxy in front of it would."""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
connection.request(
    "GET",
    "/healthz",
    headers={
        "Host": os.environ["ORGWARDEN_ALLOWED_HOSTS"].split(",")[0].strip(),
        "X-Forwarded-Proto": "https",
    },
)
sys.exit(connection.getresponse().status != 200)
