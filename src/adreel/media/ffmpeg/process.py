"""Runs ffmpeg and adreel's helper processes. `run` is the only function in adreel that starts a process."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import imageio_ffmpeg

from adreel.domain.errors import MachineError, SetupError, ToolError
from adreel.domain.machine_faults import fault_in_words, fault_or

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adreel.domain.ports import CancelCheck

if sys.platform == "linux":
    import resource

_POLL_SECONDS: Final = 0.1
_TAIL_BYTES: Final = 256 * 1024
_READ_BYTES: Final = 64 * 1024
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
"""The only environment variables passed on: a process that reads untrusted media gets no keys or tokens."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one process: `seconds` of wall time, `memory` bytes of address space, `output` bytes per file.

    Only Linux can set the last two on a running process; elsewhere only the wall time is limited.
    """

    seconds: float
    memory: int = 6 * 2**30
    output: int = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Output:
    """The last 256 KiB that a process wrote to each of its two output streams."""

    stdout: str
    stderr: str

    @property
    def frames(self) -> int:
        """The last frame count reported by ``-progress``; 0 when there was none."""
        counts = re.findall(r"^frame=\s*(\d+)", self.stdout, re.MULTILINE)
        return int(counts[-1]) if counts else 0


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    on_frame: Callable[[int], None] | None = None,
    on_output: Callable[[bytes], None] | None = None,
    cancel: CancelCheck | None = None,
    tool: str = "ffmpeg",
) -> Output:
    """Runs a program to its end, without a shell and without input. `tool` is its name in errors.

    Blocks: call it from a worker thread.

    `on_frame` receives the frame numbers that ffmpeg reports under ``-progress pipe:1``; `on_output` receives the raw standard
    output instead, in chunks of any length, while ffmpeg waits; `cancel` is called ten times a second. An exception raised by
    any of them kills the process with its children and propagates.
    Raises ToolError when the program cannot start, fails, or exceeds its limits; MachineError when it was killed from outside or
    memory ran out, NoSpaceError or StorageError when it could not write: these three do not mean that its input is bad.
    """
    process = _start(argv)
    try:
        _limit(process.pid, limits)
        output = _communicate(
            process, limits, on_output or (_Progress(on_frame).feed if on_frame else None), cancel, tool
        )
    finally:
        _end(process)
    if process.returncode != 0:
        raise fault_in_words(output.stderr, _target(argv)) or _failure(tool, process.returncode, output.stderr)
    return output


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment, "LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"},
            start_new_session=True,
        )
    except OSError as error:
        raise fault_or(error, None, ToolError(f"cannot start {argv[0]}: {error.strerror or error}")) from error


def _target(argv: Sequence[str]) -> Path | None:
    """The output folder: ffmpeg's last argument is its output, with or without the protocol."""
    last = Path(argv[-1].removeprefix("file:"))
    return last.parent if last.is_absolute() else None


def _limit(pid: int, limits: Limits) -> None:
    if sys.platform == "linux":
        # The process may have ended already.
        with contextlib.suppress(ProcessLookupError):
            for kind, limit in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_FSIZE, limits.output)):
                hard = resource.prlimit(pid, kind)[1]
                bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
                resource.prlimit(pid, kind, (bound, bound))


def _communicate(
    process: subprocess.Popen[bytes],
    limits: Limits,
    on_output: Callable[[bytes], None] | None,
    cancel: CancelCheck | None,
    tool: str,
) -> Output:
    """Reads both streams until the process ends."""
    deadline = time.monotonic() + limits.seconds
    tails = {"stdout": bytearray(), "stderr": bytearray()}
    with selectors.DefaultSelector() as selector:
        for key, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            selector.register(_opened(pipe), selectors.EVENT_READ, key)
        while selector.get_map() or process.poll() is None:
            if cancel:
                cancel()
            if time.monotonic() > deadline:
                raise ToolError(f"{tool} was stopped: it took longer than {limits.seconds:.0f} s")
            for ready, _events in _poll(selector, process):
                chunk = os.read(ready.fd, _READ_BYTES)
                if not chunk:
                    selector.unregister(ready.fileobj)
                elif on_output and ready.data == "stdout":
                    on_output(chunk)
                _append(tails[ready.data], chunk)
    return Output(**{key: data.decode("utf-8", "replace") for key, data in tails.items()})


def _poll(
    selector: selectors.BaseSelector, process: subprocess.Popen[bytes]
) -> list[tuple[selectors.SelectorKey, int]]:
    """Waits, at most `_POLL_SECONDS`, until a stream is readable or, once both streams are closed, the process ends."""
    if selector.get_map():
        return selector.select(_POLL_SECONDS)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_POLL_SECONDS)
    return []


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ToolError("a process was started without its output pipes")
    return pipe


def _append(tail: bytearray, chunk: bytes) -> None:
    tail += chunk
    del tail[:-_TAIL_BYTES]


class _Progress:
    """Parses ``frame=N`` lines of ``-progress``, which may arrive in chunks."""

    def __init__(self, on_frame: Callable[[int], None]) -> None:
        self._on_frame = on_frame
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            if name == b"frame" and value.strip().isdigit():
                self._on_frame(int(value))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the process group if it still runs and collects the exit status."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _opened(process.stdout).close()
    _opened(process.stderr).close()


_NO_MEMORY = re.compile(r"Cannot allocate memory", re.IGNORECASE)
"""The C library's message for ENOMEM."""


def _failure(tool: str, code: int, stderr: str) -> ToolError | MachineError:
    if code == -signal.SIGKILL:
        return MachineError(
            f"{tool} was killed: this machine has too little memory, or another process stopped it; try again"
        )
    if _NO_MEMORY.search(stderr):
        return MachineError(f"{tool} stopped: it could not allocate memory; make room and try again")
    return ToolError(f"{tool} failed: {_reason(code, stderr)}")


_CRASHES = frozenset({-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL})
_REMARK = re.compile(r"^(\[[^\]]*\] ?)*?\[(info|verbose|warning)\] ")
_SOURCE = re.compile(r"^(\[[^\]]*\] ?)+")
_UNINFORMATIVE = re.compile(
    r"^(Conversion failed!|Exiting .*|Error opening (in|out)put files?.*|Last message repeated.*)$"
)
_CAUSE = re.compile(
    r"error|invalid|fail|corrupt|cannot|could not|no such|not found|unable|missing|truncat|premature", re.IGNORECASE
)


def _reason(code: int, stderr: str) -> str:
    """The first line of ffmpeg's output that reads like a cause, else the last line, else the exit status."""
    if code == -signal.SIGXFSZ:
        return "its output grew larger than allowed"
    if code in _CRASHES:
        return f"it crashed ({signal.Signals(-code).name})"
    lines = [_SOURCE.sub("", line).strip() for line in stderr.splitlines() if not _REMARK.match(line)]
    lines = [line for line in lines if line and not _UNINFORMATIVE.match(line)]
    causes = [line for line in lines if _CAUSE.search(line)]
    reason = (causes or lines[-1:] or [f"exit status {code}"])[0]
    return "".join(char for char in reason if char.isprintable())[:400]


_QUERY_LIMITS = Limits(seconds=30)

REQUIRED_ENCODERS = frozenset({"libx264", "pcm_s16le"})
REQUIRED_FILTERS = frozenset(
    {
        *("scale", "crop", "pad", "format", "setsar", "setparams", "colorspace", "sidedata", "bwdif", "premultiply"),
        *("split", "overlay", "gblur", "lutyuv", "setpts", "fps", "tpad", "trim"),
        *("aresample", "asetpts", "apad", "atrim", "blackdetect", "freezedetect", "metadata"),
    }
)
_FILTERS_PACKETS_SINCE = 7
TONE_MAP_FILTERS = frozenset({"zscale", "tonemap"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Encoders and filters of an ffmpeg. `version` as it reports it, for example ``n9.0.2`` or ``7.1.1-1``."""

    version: str
    encoders: frozenset[str]
    filters: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of encoders and filters that adreel needs and this ffmpeg lacks."""
        return tuple(sorted((REQUIRED_ENCODERS - self.encoders) | (REQUIRED_FILTERS - self.filters)))

    @property
    def can_tone_map(self) -> bool:
        """Whether HDR clips can be used."""
        return self.filters >= TONE_MAP_FILTERS


def find_ffmpeg(override: Path | None = None) -> Path:
    """The ffmpeg to use: `override` if given, else the one of the imageio-ffmpeg wheel. Raises SetupError."""
    if override is not None:
        if not override.is_file() or not os.access(override, os.X_OK):
            raise SetupError(f"the ffmpeg set to {override} is not a program; correct the setting or remove it")
        return override
    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise SetupError("no ffmpeg was found; reinstall the imageio-ffmpeg package or set the path of one") from error


def capabilities(ffmpeg: Path) -> Capabilities:
    """Queries an ffmpeg's capabilities, in about 0.1 s. Raises SetupError when its output is not that of ffmpeg."""
    try:
        with ThreadPoolExecutor(2) as pool:
            filters, encoders = pool.map(partial(_query, ffmpeg), ("-filters", "-encoders"))
    except ToolError as error:
        raise SetupError(f"{ffmpeg} does not work as ffmpeg: {error}") from error
    version = re.match(r"ffmpeg version (\S+)", filters.stderr)
    if version is None:
        raise SetupError(f"{ffmpeg} is not ffmpeg; correct the setting or remove it")
    return Capabilities(version[1], _names(encoders.stdout), _names(filters.stdout))


def filters_packets(ffmpeg: Path) -> bool:
    """Whether packets can be dropped before decoding: since FFmpeg 7.0. False for builds without a release number."""
    release = re.match(r"ffmpeg version n?(\d+)\.", _query(ffmpeg, "-version").stdout)
    return release is not None and int(release[1]) >= _FILTERS_PACKETS_SINCE


def _query(ffmpeg: Path, option: str) -> Output:
    return run([str(ffmpeg), option], limits=_QUERY_LIMITS)


def _names(listing: str) -> frozenset[str]:
    """The names in ffmpeg's listings: the second column of ``V....D libx264  description``."""
    return frozenset(re.findall(r"^ [A-Z.|]{2,6} (\w+) ", listing, re.MULTILINE))


def require(ffmpeg: Path) -> Capabilities:
    """Like `capabilities`, but raises SetupError that names what adreel needs and this ffmpeg lacks."""
    found = capabilities(ffmpeg)
    if found.missing:
        raise SetupError(f"{ffmpeg} (version {found.version}) lacks {', '.join(found.missing)}; use another ffmpeg")
    return found
