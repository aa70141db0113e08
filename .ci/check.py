"""What `make check` runs: every check, whatever the ones before it say, and a summary by name.

`python .ci/check.py NAME …` runs those that are named, as `.pre-commit-config.yaml` does.
"""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

# The checks of Django need settings, but neither a database nor a real secret.
SETTINGS = {
    "ORGWARDEN_SECRET_KEY": secrets.token_urlsafe(64),
    "ORGWARDEN_ALLOWED_HOSTS": "orgwarden.example.com",
    "PYTHONWARNINGS": "ignore:Got an error checking a consistent migration history",
}

LONGEST_TEMPLATE_LINE = 200

# Kinds of secrets that have a form of their own; what merely looks random is not searched for.
SECRETS = (
    *("AWSKeyDetector", "PrivateKeyDetector", "JwtTokenDetector", "BasicAuthDetector"),
    *("GitHubTokenDetector", "GitLabTokenDetector", "PypiTokenDetector", "NpmDetector"),
    *("SlackDetector", "DiscordBotTokenDetector", "TelegramBotTokenDetector"),
    *("SendGridDetector", "MailchimpDetector", "TwilioKeyDetector", "StripeDetector"),
    *("AzureStorageKeyDetector", "OpenAIDetector", "ArtifactoryDetector"),
)
# Access keys of the simulator and of tests, which open nothing: words, not characters.
INVENTED_KEYS = r"^A(KIA|SIA)[A-Z]*(EXAMPLE|ORGWARDEN|CONSOLE|NOBODY|WRITER)"
NO_TEXT = (".png", ".xz", ".woff2", ".gz", "package-lock.json", "requirements.txt", "-dev.txt")


class CheckFailed(Exception):
    """A check found something; the message says what."""


def tool(name: str, *arguments: str, settings: str = "test") -> Callable[[], None]:
    """Return a check that runs an installed tool in the root of the project."""

    def run() -> None:
        done = subprocess.run(
            [BIN / name, *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                **SETTINGS,
                "DJANGO_SETTINGS_MODULE": f"governance.config.settings.{settings}",
            },
            check=False,
        )
        if done.returncode:
            raise CheckFailed(f"{name} ended with {done.returncode}")

    return run


def templates(name: str, *arguments: str) -> Callable[[], None]:
    """Return a check that runs a tool over every template."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
    if not files:
        return lambda: None
    return tool(name, *arguments, *files)


def _pins(lock: Path) -> dict[str, tuple[str, bool]]:
    """Return, by package, its pinned version and whether the `.in` file names it itself."""
    source = f"-r {lock.with_suffix('.in').name}"
    found: dict[str, tuple[str, bool]] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        pin = re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line)
        if pin:
            name = canonicalize_name(pin[1])
            found[name] = (pin[2], False)
        elif name and line.endswith((f"# via {source}", f"#   {source}")):
            found[name] = (found[name][0], True)
    return found


def locks() -> None:
    """Check that each lock pins what its `.in` file asks for, and nothing that it no longer does.

    :raises CheckFailed: naming every package out of step.
    """
    problems = []
    for source in (ROOT / "requirements.in", ROOT / "requirements-dev.in"):
        pins = _pins(source.with_suffix(".txt"))
        asked = set()
        for line in source.read_text(encoding="utf-8").splitlines():
            text = line.partition("#")[0].strip()
            if not text or text.startswith("-"):
                continue
            requirement = Requirement(text)
            name = canonicalize_name(requirement.name)
            asked.add(name)
            version = pins.get(name, (None, False))[0]
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                problems.append(f"{source.name} asks for {text}, the lock has {version}")
        stale = sorted(name for name, (_, direct) in pins.items() if direct and name not in asked)
        problems += [f"the lock has {name}, {source.name} does not ask for it" for name in stale]
    if problems:
        raise CheckFailed("run `make lock`: " + "; ".join(problems))


def hosts() -> None:
    """Check that no lock names the host it was made from: every machine has its own index.

    :raises CheckFailed: naming file and line.
    """
    pattern = re.compile(r'^(?!\s*#).*(https?://|--(extra-)?index-url|--find-links)|"resolved":')
    found = []
    for name in ("requirements.txt", "requirements-dev.txt", "package-lock.json"):
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line) and '"url":' not in line:  # a page about funding
                found.append(f"{name}:{number}")
    if found:
        raise CheckFailed("a host stands in " + ", ".join(found[:10]))


def template_lines() -> None:
    """Check that every line of a template is short enough to be read and compared.

    :raises CheckFailed: naming file and line.
    """
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) >= LONGEST_TEMPLATE_LINE
    ]
    if found:
        raise CheckFailed(
            f"lines of {LONGEST_TEMPLATE_LINE} characters or more: " + ", ".join(found[:10])
        )


def secrets_in_files() -> None:
    """Check that no tracked file holds a key, a token or a password in an address.

    By detect-secrets. A line that only looks so says `# pragma: allowlist secret`.

    :raises CheckFailed: naming file, line and kind, never the secret.
    """
    tracked = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  as every hook finds it
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    invented = {
        "path": "detect_secrets.filters.regex.should_exclude_secret",
        "pattern": [INVENTED_KEYS],
    }
    found = []
    with transient_settings(
        {"plugins_used": [{"name": name} for name in SECRETS], "filters_used": [invented]}
    ):
        for name in tracked:
            if not name or name.endswith(NO_TEXT) or not (ROOT / name).is_file():
                continue
            found += [
                f"{name}:{secret.line_number} ({secret.type})"
                for secret in scan_file(str(ROOT / name))
                if not (name.startswith("tests/") and secret.type == "Basic Auth Credentials")
            ]
    if found:
        raise CheckFailed("what looks like a secret stands in " + ", ".join(found[:10]))


def dependencies(lock: str = "requirements.txt", *arguments: str) -> None:
    """Check that no locked package has a known vulnerability; says loudly where nobody knows.

    :raises CheckFailed: one has.
    """
    done = subprocess.run(
        [
            *(BIN / "pip-audit", "--requirement", lock, "--require-hashes", "--disable-pip"),
            *("--progress-spinner", "off", "--timeout", "10", *arguments),
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        return
    if re.search(r"Found \d+ known vulnerabilit", done.stderr):
        raise CheckFailed(f"a locked package is known to be vulnerable:\n{done.stdout}")
    last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    print(f"   NOT AUDITED: no index of vulnerabilities answered, so {lock} may have some ({last})")


CHECKS: dict[str, Callable[[], None]] = {
    # Takes longest, so it begins first.
    "types": tool("mypy", "--no-error-summary"),
    "lint": tool("ruff", "check", "--quiet", "."),
    "format": tool("ruff", "format", "--check", "--quiet", "."),
    "import contracts": tool("lint-imports", "--no-logo"),
    "migrations": tool("python", "manage.py", "makemigrations", "--check", "--dry-run"),
    "templates' form": templates("djade", "--check"),
    "templates": templates("djlint", "--lint", "--quiet"),
    "templates' lines": template_lines,
    "deployment": tool(
        "python", "manage.py", "check", "--deploy", "--fail-level", "WARNING", settings="prod"
    ),
    "code for security": tool(
        "bandit",
        "--quiet",
        "--configfile",
        "pyproject.toml",
        "--severity-level",
        "medium",
        "--recursive",
        "policies",
        "inventory",
        "governance",
    ),
    "secrets": secrets_in_files,
    "dependencies": dependencies,
    "locks in step": locks,
    "locks name no host": hosts,
}


def _run(name: str) -> bool:
    """Run one check in this process and say what it found; True if it passed."""
    print(f"== {name}", flush=True)
    try:
        CHECKS[name]()
    except (CheckFailed, OSError) as problem:
        print(f"   {problem}", flush=True)
        return False
    return True


def _run_aside(name: str) -> bool:
    """Run one check in a process of its own and print all that it wrote at its end."""
    done = subprocess.run(
        [sys.executable, __file__, name],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(done.stdout, end="", flush=True)
    return done.returncode == 0


def main(names: list[str]) -> int:
    """Run the named checks, or all where none is named, and return the number of failed ones.

    Several run side by side, one a processor.
    """
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}")
        return len(unknown)
    if len(names) == 1:
        return 0 if _run(names[0]) else 1
    chosen = names or list(CHECKS)
    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        passed = list(side_by_side.map(_run_aside, chosen))
    failed = [name for name, is_well in zip(chosen, passed, strict=True) if not is_well]
    print(
        f"{len(chosen) - len(failed)} checks passed, {len(failed)} failed"
        + "".join(f"\n  {name}" for name in failed)
    )
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
