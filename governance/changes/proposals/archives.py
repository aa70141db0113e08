"""A zip of small text files, read with limits on everything that a hostile one could grow by."""

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

LARGEST_BYTES: Final = 2_000_000
LARGEST_UNPACKED: Final = 4_000_000
MOST_FILES: Final = 200
_LONGEST_NAME: Final = 300
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class ArchiveUnreadable(ValueError):
    """A file is no zip that is read. `file`: which of its files, empty for the zip as such."""

    def __init__(self, message: str, file: str = "") -> None:
        self.file = file
        super().__init__(message)


def read_archive(content: bytes) -> Mapping[str, bytes]:
    """Return the files of a zip by their paths. Folders and what macOS adds are passed over.

    :raises ArchiveUnreadable: see there.
    """
    if len(content) > LARGEST_BYTES:
        raise ArchiveUnreadable(f"the zip is larger than {LARGEST_BYTES // 1_000_000} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise ArchiveUnreadable(f"this is not a zip: {error}") from None
    except (ValueError, RuntimeError) as error:
        if isinstance(error, ArchiveUnreadable):
            raise
        raise ArchiveUnreadable(f"this is not a zip: {error}") from None


def _read(archive: zipfile.ZipFile) -> Mapping[str, bytes]:
    entries = [each for each in archive.infolist() if not _passed_over(each)]
    if len(entries) > MOST_FILES:
        raise ArchiveUnreadable(f"the zip holds more than {MOST_FILES} files")
    found: dict[str, bytes] = {}
    left = LARGEST_UNPACKED
    for entry in entries:
        name = entry.filename
        _check(entry)
        if name in found:
            raise ArchiveUnreadable("it is in the zip twice", name)
        # The size in the head may lie: no more than this is ever unpacked.
        with archive.open(entry) as file:
            text = file.read(left + 1)
        if len(text) > left:
            message = f"the files are larger than {LARGEST_UNPACKED // 1_000_000} MB together"
            raise ArchiveUnreadable(message, name)
        left -= len(text)
        found[name] = text
    if not found:
        raise ArchiveUnreadable("the zip holds no file")
    return found


def _passed_over(entry: zipfile.ZipInfo) -> bool:
    parts = entry.filename.split("/")
    return entry.is_dir() or parts[0] == "__MACOSX" or parts[-1] == ".DS_Store"


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise ArchiveUnreadable("it is encrypted", name)
    if entry.compress_type not in _METHODS:
        raise ArchiveUnreadable("it is packed by a method that is not read; use deflate", name)
    mode = entry.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise ArchiveUnreadable("it is a link or another special file", name)
    parts = name.split("/")
    plain = name.isprintable() and "\\" not in name and ":" not in name
    if not plain or len(name) > _LONGEST_NAME or {"", ".", ".."} & set(parts):
        raise ArchiveUnreadable("its path is not a plain one", name[:_LONGEST_NAME])
