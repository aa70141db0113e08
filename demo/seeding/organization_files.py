"""Read an organization from its files, and fill an empty simulator with it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from demo.seeding.filling import fill
from demo.seeding.json_organization import read_json_organization
from demo.seeding.plan import OrganizationPlan
from demo.seeding.reading import BadOrganization
from demo.seeding.yaml_folder import read_yaml_folder
from demo.simulator.world import Seed

_DEMO_FOLDER = Path(__file__).parent.parent / "organization"


def read_organization(path: Path) -> OrganizationPlan:
    """Read an organization's files.

    :raises BadOrganization: something is missing or wrong; the text names file and key.
    """
    if path.is_dir():
        return read_yaml_folder(path)
    if path.suffix == ".json" and path.is_file():
        return read_json_organization(path, profiles_folder=_DEMO_FOLDER / "profiles")
    raise BadOrganization(
        f"{path}: give a folder with organization.yaml or a file organization.json"
    )


def seeding_of(path: Path) -> Callable[[datetime], Seed]:
    """Return what fills an empty simulator with this organization, dated from a given time."""
    plan = read_organization(path)

    def seeding(seeded_at: datetime) -> Seed:
        return fill(plan, seeded_at)

    return seeding
