"""What a reading process takes from itself before it sees a stranger's file: time, memory, network, writing.

Nothing here needs privileges. What the system doesn't give is returned in words, so that it can be said.
"""

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_SYSCALL_BITS = 0x40000000
"""Calls of x86's third interface, x32, start there; a list of the 64-bit numbers doesn't hold them."""
_WRITING = 0o3 | 0o100 | 0o1000
"""Flags of open: writing, reading and writing, creating, emptying."""
_THREAD = 0x10000
"""Flag of clone: a thread of this process and no process of its own."""
_ALLOW, _DENY = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of the kernel's filter language (classic BPF)."""
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
"""Where a call's number, machine and arguments stand in what the filter sees."""
_NO_NEW_PRIVILEGES = 38
_SET_FILTER, _ALL_THREADS = 1, 1


@dataclass(frozen=True)
class _Machine:
    """Numbers of the kernel's calls on one kind of processor."""

    audit: int
    seccomp: int
    clone: int
    openat: int
    open: int | None
    denied: tuple[int, ...]


_NEWER = (424, 425, 434, 438, 452)
"""pidfd_send_signal, io_uring_setup, pidfd_open, pidfd_getfd, fchmodat2."""
_UNKNOWN = (435, 437)
"""clone3 and openat2, whose flags a filter can't see: as if the kernel were too old, so that libraries take others."""
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        seccomp=317,
        clone=56,
        openat=257,
        open=2,
        denied=(
            *(41, 42, 43, 44, 46, 49, 50, 53, 288, 307),  # socket … listen, socketpair, accept4, sendmmsg
            *(57, 58, 59, 322, 62, 101, 310, 311),  # fork, vfork, execve, execveat, kill, ptrace, process_vm_*
            *(76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 132, 133, 235),  # truncate, rename … mknod, utimes
            *(165, 188, 189, 190, 197, 198, 199),  # mount, setxattr …, removexattr …
            *(258, 259, 260, 261, 263, 264, 265, 266, 268, 280, 316),  # mkdirat … fchmodat, utimensat, renameat2
        ),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        seccomp=277,
        clone=220,
        openat=56,
        open=None,
        denied=(
            *(198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
            *(221, 281, 129, 117, 270, 271),
            *(33, 34, 35, 36, 37, 38, 45, 52, 53, 54, 55, 88, 276),
            *(40, 5, 6, 7, 14, 15, 16),
        ),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine(memory: int, *, closed: bool = True) -> tuple[str, ...]:
    """Bound this process for good; return what the system doesn't give, in words.

    Args:
        memory: bytes of address space.
        closed: no network, no programs, no writing; else memory and time alone are bounded.
    """
    missing = []
    if not _limit(memory, closed=closed):
        missing.append("memory is not bounded")
    if not _can_time():
        missing.append("processor time is not bounded, only time by the clock")
    if closed and not _filter_calls():
        missing.append("network, programs and writing to files are not closed off")
    return tuple(missing)


def bound_time(seconds: float) -> None:
    """End this process when it has used so many seconds of processor time more; 0 takes the bound away.

    By the clock a busy machine would make a student's notebook fail that is read in no time elsewhere.
    """
    if _can_time():
        import signal

        signal.setitimer(signal.ITIMER_PROF, seconds)


def _can_time() -> bool:
    return sys.platform != "win32"


def _limit(memory: int, *, closed: bool) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if closed:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no byte into any file; a pipe is none
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        size = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (ValueError, OSError):  # macOS takes no bound of the address space
        return False
    return True


def _filter_calls() -> bool:
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None or sys.maxsize < 2**32:
        return False
    program = b"".join(_program(machine))
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False
        described = _Program(len(program) // 8, program)
        call = (machine.seccomp, _SET_FILTER, _ALL_THREADS, ctypes.byref(described))
        return bool(libc.syscall(*map(_wide, call[:3]), call[3]) == 0)
    except (OSError, AttributeError):
        return False


def _wide(number: int) -> ctypes.c_long:
    return ctypes.c_long(number)


def _program(machine: _Machine) -> Iterator[bytes]:
    """The filter: what would write, connect or start is answered "not permitted", all else goes on."""
    refused, unknown = _DENY | errno.EPERM, _DENY | errno.ENOSYS
    yield from (_step(_LOAD, _MACHINE), _step(_EQUAL, machine.audit, 1, 0), _step(_RETURN, refused))
    yield from (_step(_LOAD, _NUMBER), _step(_AT_LEAST, _SYSCALL_BITS, 0, 1), _step(_RETURN, refused))
    for number in (*machine.denied, *_NEWER):
        yield from (_step(_EQUAL, number, 0, 1), _step(_RETURN, refused))
    for number in _UNKNOWN:
        yield from (_step(_EQUAL, number, 0, 1), _step(_RETURN, unknown))
    for opening, argument in ((machine.open, 1), (machine.openat, 2)):
        if opening is not None:
            yield from (_step(_EQUAL, opening, 0, 4), _step(_LOAD, _ARGUMENTS + 8 * argument))
            yield from (_step(_ANY_BIT, _WRITING, 0, 1), _step(_RETURN, refused), _step(_LOAD, _NUMBER))
    yield from (_step(_EQUAL, machine.clone, 0, 3), _step(_LOAD, _ARGUMENTS))
    yield from (_step(_ANY_BIT, _THREAD, 1, 0), _step(_RETURN, refused), _step(_RETURN, _ALLOW))


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
