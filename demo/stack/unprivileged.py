"""Runs a command as an ordinary user with a name: PostgreSQL refuses root, initdb the nameless.

Run as a script by root, or by a uid that the system has no name for (a container's, often):
`python unprivileged.py DATA_DIRECTORY COMMAND…`. It becomes the command, under the same process
id. Only the standard library is used, so that it starts fast.

First choice: a user namespace in which this user appears under another uid. The files stay theirs,
and directories that only they may enter stay reachable. Where the system forbids namespaces (many
containers), root becomes `nobody`, keeping one capability, to pass by the modes of directories.
"""

import ctypes
import os
import pwd
import struct
import sys
from pathlib import Path
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_PR_SET_KEEPCAPS: Final = 8
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAP_DAC_OVERRIDE: Final = 1
_CAPABILITY_VERSION_3: Final = 0x20080522


class NobodyElse(RuntimeError):
    """Neither a user namespace nor another uid can be had."""


def is_needed() -> bool:
    """Return whether PostgreSQL would refuse the user of this process."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_uid == 0
    except KeyError:
        return True


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _someone() -> pwd.struct_passwd:
    """Return a user other than root whom the system knows: initdb asks for the name."""
    for name in ("nobody", "daemon"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NobodyElse("this system knows neither the user nobody nor daemon; run as a user")


def enter_user_namespace() -> None:
    """Go on as another uid inside a namespace, and as before outside of it.

    :raises OSError: the system does not allow it.
    """
    inside = _someone().pw_uid
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", _CLONE_NEWUSER)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="utf-8")
    (own / "uid_map").write_text(f"{inside} {uid} 1", encoding="utf-8")
    (own / "gid_map").write_text(f"{inside} {gid} 1", encoding="utf-8")


def become_someone() -> None:
    """Go on as `nobody`, keeping the capability to pass by the modes of files and directories.

    :raises OSError: the system does not allow it.
    """
    someone = _someone()
    _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(someone.pw_gid, someone.pw_gid, someone.pw_gid)
    os.setresuid(someone.pw_uid, someone.pw_uid, someone.pw_uid)
    kept = 1 << _CAP_DAC_OVERRIDE
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", header, struct.pack("6I", kept, kept, kept, 0, 0, 0))
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def _give(folder: Path, *, uid: int, gid: int) -> None:
    """Have `folder` belong to `uid`: the last start may have found another way than this one."""
    if folder.stat().st_uid == uid:
        return
    for base, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(base, name), uid, gid, follow_symlinks=False)
    os.chown(folder, uid, gid)


def _namespace_allowed() -> bool:
    """Try a namespace in a child: a failed attempt cannot be taken back in this process."""
    child = os.fork()
    if child == 0:
        try:
            enter_user_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def run(data_directory: Path, command: list[str]) -> None:
    """Become `command`, which owns `data_directory`; does not return.

    :raises NobodyElse: the system allows neither way.
    """
    try:
        if _namespace_allowed():
            _give(data_directory, uid=os.geteuid(), gid=os.getegid())
            enter_user_namespace()
        elif os.geteuid() != 0:
            raise NobodyElse(
                f"initdb wants a user with a name, and this system has none for {os.geteuid()}: "
                "add one to /etc/passwd"
            )
        else:
            someone = _someone()
            _give(data_directory, uid=someone.pw_uid, gid=someone.pw_gid)
            become_someone()
    except OSError as error:
        raise NobodyElse(
            f"PostgreSQL does not run as root, and this system lets root be nobody else ({error}); "
            "run the same command as a user"
        ) from error
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]), sys.argv[2:])
    except NobodyElse as problem:
        sys.exit(str(problem))
