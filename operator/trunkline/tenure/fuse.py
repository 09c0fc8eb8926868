"""Ends the process if a thread stands still between its last look at the clock and the send that follows.

No check in a program is near enough to a system call: a process that is stopped behind it (SIGSTOP, a paused container,
a suspended machine) goes on with the send whenever it is continued. So the kernel holds the deadline: a timer on
CLOCK_BOOTTIME with a signal for just this thread, armed before the last look. What expires while the thread stands
still is delivered before it executes another instruction, and the signal's handler is the C library's `_exit`. Linux
only; elsewhere the checks are all there is.

    timer_create(2), SIGEV_THREAD_ID: https://man7.org/linux/man-pages/man2/timer_create.2.html
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
from typing import Any

SIGNAL = signal.SIGVTALRM
"""Nothing else of the process uses it. Its number, 26, is the exit status, for the handler is given no other."""

_SIGEV_THREAD_ID = 4
_CLOCK_BOOTTIME = 7
_TIMER_ABSTIME = 1

logger = logging.getLogger(__name__)


class _Event(ctypes.Structure):
    """struct sigevent, 64 bytes."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signo", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("thread", ctypes.c_int),
        ("rest", ctypes.c_int * 11),
    )


class _Moment(ctypes.Structure):
    """struct timespec."""

    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = (("interval", _Moment), ("value", _Moment))


class _Timer:
    """One thread's timer; deleted with it."""

    def __init__(self, libc: Any) -> None:
        self._libc = libc
        self._id = ctypes.c_void_p()
        event = _Event(signo=SIGNAL, notify=_SIGEV_THREAD_ID, thread=threading.get_native_id())
        if libc.timer_create(_CLOCK_BOOTTIME, ctypes.byref(event), ctypes.byref(self._id)):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def set(self, at: float) -> None:
        """0 disarms."""
        seconds = int(at)
        setting = _Setting(value=_Moment(seconds, int((at - seconds) * 1e9)))
        if self._libc.timer_settime(self._id, _TIMER_ABSTIME, ctypes.byref(setting), None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def __del__(self) -> None:
        if self._id.value is not None:
            self._libc.timer_delete(self._id)


class Fuse:
    """One for the process; each thread arms its own."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._lock = threading.Lock()
        self._libc: Any = None
        self._impossible = not sys.platform.startswith("linux")

    def arm(self, at: float) -> None:
        """The process ends at this second of CLOCK_BOOTTIME, unless this thread disarms before."""
        timer = self._timer()
        if timer is not None:
            timer.set(max(at, 1e-9))

    def disarm(self) -> None:
        """This thread is past what must not happen late."""
        timer = getattr(self._local, "timer", None)
        if timer is not None:
            timer.set(0.0)

    def _timer(self) -> _Timer | None:
        timer: _Timer | None = getattr(self._local, "timer", None)
        if timer is not None or self._impossible:
            return timer
        try:
            timer = self._local.timer = _Timer(self._library())
        except (OSError, AttributeError) as error:  # a sandbox without the system call, a C library without it
            self._impossible = True
            logger.warning("no timer can be set for a process that stands still; its checks must do: %s", error)
        return timer

    def _library(self) -> Any:
        with self._lock:
            if self._libc is None:
                libc = ctypes.CDLL(None, use_errno=True)
                libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
                libc.signal.restype = ctypes.c_void_p
                # A handler, not the default action: that does nothing in a process with number 1, as in a container.
                libc.signal(SIGNAL, ctypes.cast(libc._exit, ctypes.c_void_p))  # noqa: SLF001  # POSIX calls it so
                self._libc = libc
            return self._libc
