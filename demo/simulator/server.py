"""The simulator as a threaded HTTP server on this machine."""

import time
from dataclasses import dataclass
from pathlib import Path

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from demo.seeding import seeding_of
from demo.simulator.front import Front
from demo.simulator.journal import Journal
from demo.simulator.rates import Rates
from demo.simulator.world import World


class QuietRequestHandler(MotoRequestHandler):
    """Writes no line a request: the counts of the control address say more."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


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
    server = make_server(
        "127.0.0.1", port, front, threaded=True, request_handler=QuietRequestHandler
    )
    return Simulator(front, server)
