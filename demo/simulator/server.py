"""The simulator as a threaded HTTP server on this machine, whose connections stay open as AWS's do.

Werkzeug's own handler ends a connection with each answer: a new one, and a thread for it, takes
longer than most answers.
"""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from demo.seeding.organization_files import seeding_of
from demo.simulator.front import Front
from demo.simulator.journal import Journal
from demo.simulator.rates import Rates
from demo.simulator.world import World


class RequestHandler(MotoRequestHandler):
    """Answers the requests of one connection, and writes no line about them.

    The counts of the control address say more.
    """

    protocol_version = "HTTP/1.1"
    # Otherwise the end of a long answer waits until its beginning is acknowledged.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request, in one piece.

        The connection ends after an answer shorter than it claims to be: nobody could tell where
        the next one begins.
        """
        environ = self.make_environ()
        # Read whole, or the next request would begin with what is left.
        if "CONTENT_LENGTH" in environ:
            asked = self.rfile.read(int(environ["CONTENT_LENGTH"]))
        else:
            asked = environ["wsgi.input"].read() if "wsgi.input_terminated" in environ else b""
        environ |= {"wsgi.input": io.BytesIO(asked), "CONTENT_LENGTH": str(len(asked))}
        lines: list[str] = []
        claimed = 0

        def start_response(
            status: str, headers: list[tuple[str, str]], *_: Any
        ) -> Callable[[bytes], object]:
            nonlocal claimed
            claimed = int(dict(headers)["Content-Length"])
            lines[:] = [
                f"{self.protocol_version} {status}",
                *(f"{name}: {value}" for name, value in headers),
                f"Date: {self.date_time_string()}",
            ]
            return self.wfile.write

        body = b"".join(self.server.app(environ, start_response))
        if len(body) != claimed and self.command != "HEAD":
            self.close_connection = True
        if self.close_connection:
            lines.append("Connection: close")
        head = "".join(f"{line}\r\n" for line in lines)
        self.wfile.write(f"{head}\r\n".encode("latin-1") + body)


@dataclass
class Simulator:
    """A running simulator. `endpoint_url`: what a client takes as its endpoint for all services."""

    front: Front
    server: BaseWSGIServer

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def serve(self) -> None:
        """Answer until `stop`."""
        self.server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def start_simulator(
    organization: Path, *, port: int = 0, rate_factor: float = 1.0, state: Path | None = None
) -> Simulator:
    """Seed `organization` and bind the server to 127.0.0.1.

    :raises demo.seeding.BadOrganization: the data are wrong; the text names file and key.
    :raises demo.simulator.journal.JournalBroken: `state` cannot be read.
    :raises OSError: the port is taken.
    """
    began = time.perf_counter()
    journal = Journal(state, str(organization))
    world = World(seeding_of(organization), journal, Rates(rate_factor))
    front = Front(world, time.perf_counter() - began)
    server = make_server("127.0.0.1", port, front, threaded=True, request_handler=RequestHandler)
    return Simulator(front, server)
