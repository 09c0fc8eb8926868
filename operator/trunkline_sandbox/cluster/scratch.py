"""Scratch directories that are removed in the end, if need be by the next who makes one.

Each holds a file that is locked for as long as the directory is in use. The kernel lets go of the lock however the
process ends, so a directory whose lock is free was left over by one that was killed. May make and remove directories
of this user below the temporary directory, under the caller's prefix.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_LOCK = "lock"
# A path to a unix socket has to fit 104 bytes on macOS, 108 on Linux, and we put sockets below the directory.
_LONGEST_PARENT = 55


@dataclass(frozen=True, slots=True)
class Scratch:
    """A directory, private to this user, and the descriptor of its locked file.

    As a context manager it lets go of the lock; whoever inherited the descriptor holds it on.
    """

    directory: Path
    lock: int

    @classmethod
    def create(cls, prefix: str) -> Scratch:
        """A new one whose name begins with `prefix`; what is left over under that prefix is removed first."""
        usual = Path(tempfile.gettempdir())
        parent = usual if len(os.fsencode(usual)) <= _LONGEST_PARENT else Path("/tmp")
        _remove_left_over(parent, prefix)
        directory = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        # Named only when it is locked: nobody ever finds a lock that is free in a directory that is in use.
        unnamed = directory / f"{_LOCK}.new"
        lock = os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        unnamed.rename(directory / _LOCK)
        return cls(directory, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.lock)


def _remove_left_over(parent: Path, prefix: str) -> None:
    for directory in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if directory.is_symlink() or directory.stat().st_uid != os.getuid():
                continue
            with (directory / _LOCK).open("r") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
