"""Checks a commit's subject: `python .ci/commit_subject.py FILE`, as git's hook commit-msg does.

What CONTRIBUTING.md says and a program can tell: at most 72 characters, a capital first, no full
stop, an empty line below. That it is imperative and says what changed, for whom, is the author's.
"""

import sys
from pathlib import Path
from typing import Final

MOST_CHARACTERS: Final = 72
# What git writes itself, and rewrites or squashes later.
_BY_GIT: Final = ("Merge ", "Revert ", "fixup! ", "squash! ", "amend! ")


def problems(message: str) -> list[str]:
    """Return what is wrong with a commit's message, each in one sentence."""
    lines = [line for line in message.split("\n") if not line.startswith("#")]
    subject = lines[0].rstrip("\r") if lines else ""
    if subject.startswith(_BY_GIT):
        return []
    found = []
    if not subject.strip():
        return ["The first line is the subject; it is empty."]
    if len(subject) > MOST_CHARACTERS:
        found.append(f"The subject has {len(subject)} characters; {MOST_CHARACTERS} are the most.")
    if not subject[0].isupper():
        found.append("The subject begins with a capital letter.")
    if subject.endswith("."):
        found.append("The subject ends without a full stop.")
    if len(lines) > 1 and lines[1].strip():
        found.append("An empty line stands between subject and text.")
    return found


def main(arguments: list[str]) -> int:
    """Check the message in a file; 0 if nothing is wrong."""
    found = problems(Path(arguments[0]).read_text(encoding="utf-8"))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
