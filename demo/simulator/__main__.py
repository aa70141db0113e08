"""`python -m demo.simulator`: start the AWS simulator."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from demo.seeding.reading import BadOrganization
from demo.simulator.journal import JournalBroken
from demo.simulator.server import start_simulator
from demo.simulator.service_models import prepare

DEMO_ORGANIZATION = Path(__file__).parent.parent / "organization"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--address-file", type=Path, help="write the endpoint's URL here")
    parser.add_argument(
        "--organization",
        type=Path,
        default=DEMO_ORGANIZATION,
        help="a folder like demo/organization, or an organization.json",
    )
    parser.add_argument(
        "--rate-factor", type=float, default=1.0, help="multiplies AWS's request rates"
    )
    parser.add_argument("--state", type=Path, help="keep what was written to AWS in this file")
    arguments = parser.parse_args()
    if arguments.rate_factor <= 0:
        parser.error("--rate-factor must be above 0")
    try:
        simulator = start_simulator(
            arguments.organization,
            port=arguments.port,
            rate_factor=arguments.rate_factor,
            state=arguments.state,
        )
    except (BadOrganization, JournalBroken, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    for warning in simulator.front.world.seed.warnings:
        print(f"warning: {warning}", file=sys.stderr)

    def end(_signal: int, _frame: FrameType | None) -> None:
        # serve_forever cannot be shut down from its own thread.
        threading.Thread(target=simulator.server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if arguments.address_file is not None:
        arguments.address_file.parent.mkdir(parents=True, exist_ok=True)
        # Renamed into place, so that nobody reads half an address.
        written = arguments.address_file.with_suffix(".written")
        written.write_text(simulator.endpoint_url + "\n", encoding="utf-8")
        written.replace(arguments.address_file)
    organization = simulator.front.world.organization
    print(
        f"{simulator.endpoint_url} plays AWS for {organization.organization_id}: "
        f"{len(organization.accounts)} accounts",
        flush=True,
    )
    # Aside, while whoever started it starts something else.
    threading.Thread(target=prepare, name="prepare", daemon=True).start()
    simulator.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
