"""Runs ffmpeg. `run` is the only place in adreel that starts a process."""

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

from adreel.domain.errors import SetupError, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adreel.domain.ports import CancelCheck

if sys.platform == "linux":
    import resource

_POLL_SECONDS: Final = 0.1
_KEPT_BYTES: Final = 256 * 1024
_READ_BYTES: Final = 64 * 1024
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
"""All that a tool sees of the environment: no keys or tokens reach a process that reads foreign media."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may use: `seconds` of wall time, `memory` bytes of address space, `output` bytes per file.

    Only Linux can set the last two on a running process; elsewhere the wall time alone holds.
    """

    seconds: float
    memory: int = 6 * 2**30
    output: int = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Output:
    """The last 256 KiB of what a process wrote to each of its two streams."""

    stdout: str
    stderr: str

    @property
    def frames(self) -> int:
        """The last count of frames that ``-progress`` told; 0 when it told none."""
        counts = re.findall(r"^frame=\s*(\d+)", self.stdout, re.MULTILINE)
        return int(counts[-1]) if counts else 0


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    on_frame: Callable[[int], None] | None = None,
    on_output: Callable[[bytes], None] | None = None,
    cancel: CancelCheck | None = None,
) -> Output:
    """Runs ffmpeg to its end, without a shell and without input. Blocks: call it from a worker thread.

    `on_frame` gets the frame numbers ffmpeg reports under ``-progress pipe:1``; `on_output` gets all that it writes to its
    standard output instead, in pieces of any length, and ffmpeg waits meanwhile; `cancel` is asked ten times a second.
    What any of them raises passes through, after the process and its children are killed.
    Raises ToolError when it cannot start, fails, or runs over its limits.
    """
    process = _start(argv)
    try:
        _limit(process.pid, limits)
        output = _follow(process, limits, on_output or (_Progress(on_frame).feed if on_frame else None), cancel)
    finally:
        _end(process)
    if process.returncode != 0:
        raise ToolError(f"ffmpeg failed: {_reason(process.returncode, output.stderr)}")
    return output


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
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
        raise ToolError(f"cannot start {argv[0]}: {error.strerror or error}") from error


def _limit(pid: int, limits: Limits) -> None:
    if sys.platform == "linux":
        # The process may already be gone: then there is nothing to limit.
        with contextlib.suppress(ProcessLookupError):
            for kind, wanted in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_FSIZE, limits.output)):
                allowed = resource.prlimit(pid, kind)[1]
                bound = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
                resource.prlimit(pid, kind, (bound, bound))


def _follow(
    process: subprocess.Popen[bytes],
    limits: Limits,
    on_output: Callable[[bytes], None] | None,
    cancel: CancelCheck | None,
) -> Output:
    """Reads both streams until the process ends."""
    deadline = time.monotonic() + limits.seconds
    kept = {"stdout": bytearray(), "stderr": bytearray()}
    with selectors.DefaultSelector() as selector:
        for key, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            selector.register(_opened(pipe), selectors.EVENT_READ, key)
        while selector.get_map() or process.poll() is None:
            if cancel:
                cancel()
            if time.monotonic() > deadline:
                raise ToolError(f"ffmpeg was stopped: it took longer than {limits.seconds:.0f} s")
            for ready, _events in _news(selector, process):
                chunk = os.read(ready.fd, _READ_BYTES)
                if not chunk:
                    selector.unregister(ready.fileobj)
                elif on_output and ready.data == "stdout":
                    on_output(chunk)
                _keep(kept[ready.data], chunk)
    return Output(**{key: data.decode("utf-8", "replace") for key, data in kept.items()})


def _news(
    selector: selectors.BaseSelector, process: subprocess.Popen[bytes]
) -> list[tuple[selectors.SelectorKey, int]]:
    """Waits until a stream has something to read, or the process with its streams closed ends; for a moment at most."""
    if selector.get_map():
        return selector.select(_POLL_SECONDS)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_POLL_SECONDS)
    return []


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ToolError("a process was started without its output pipes")
    return pipe


def _keep(kept: bytearray, chunk: bytes) -> None:
    kept += chunk
    del kept[:-_KEPT_BYTES]


class _Progress:
    """Finds ``frame=N`` in the lines of ``-progress``, which may arrive in pieces."""

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
    """Kills what still runs of the process's group and collects its exit status."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _opened(process.stdout).close()
    _opened(process.stderr).close()


_SOURCE = re.compile(r"^(\[[^\]]*\] ?)+")
_EMPTY_WORDS = re.compile(
    r"^(Conversion failed!|Exiting .*|Error opening (in|out)put files?.*|Last message repeated.*)$"
)
_TELLING = re.compile(
    r"error|invalid|fail|corrupt|cannot|could not|no such|not found|unable|missing|truncat|premature", re.IGNORECASE
)


def _reason(code: int, stderr: str) -> str:
    """The line of ffmpeg's output that names the cause: the first that sounds like one."""
    if code == -signal.SIGXFSZ:
        return "its output grew larger than allowed"
    lines = [_SOURCE.sub("", line).strip() for line in stderr.splitlines()]
    lines = [line for line in lines if line and not _EMPTY_WORDS.match(line)]
    telling = [line for line in lines if _TELLING.search(line)]
    words = (telling or lines[-1:] or [f"exit status {code}"])[0]
    return "".join(char for char in words if char.isprintable())[:400]


_ASK_LIMITS = Limits(seconds=30)

REQUIRED_ENCODERS = frozenset({"libx264", "pcm_s16le"})
REQUIRED_FILTERS = frozenset(
    {
        *("scale", "crop", "pad", "format", "setsar", "setparams", "colorspace", "sidedata", "bwdif", "premultiply"),
        *("split", "overlay", "gblur", "lutyuv", "setpts", "fps", "tpad", "trim"),
        *("aresample", "asetpts", "apad", "atrim", "blackdetect", "freezedetect", "metadata"),
    }
)
_FILTERS_PACKETS = 7
TONE_MAP_FILTERS = frozenset({"zscale", "tonemap"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an ffmpeg can do. `version` is its own word, for example ``n9.0.2`` or ``7.1.1-1``."""

    version: str
    encoders: frozenset[str]
    filters: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of what adreel needs and this ffmpeg lacks."""
        return tuple(sorted((REQUIRED_ENCODERS - self.encoders) | (REQUIRED_FILTERS - self.filters)))

    @property
    def can_tone_map(self) -> bool:
        """Whether HDR clips can be used."""
        return self.filters >= TONE_MAP_FILTERS


def find_ffmpeg(override: Path | None = None) -> Path:
    """The ffmpeg to use: `override` if given, else that of the imageio-ffmpeg wheel. Raises SetupError."""
    if override is not None:
        if not override.is_file() or not os.access(override, os.X_OK):
            raise SetupError(f"the ffmpeg set to {override} is not a program; correct the setting or remove it")
        return override
    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise SetupError("no ffmpeg was found; reinstall the imageio-ffmpeg package or set the path of one") from error


def capabilities(ffmpeg: Path) -> Capabilities:
    """Asks an ffmpeg what it can do, in about 0.1 s. Raises SetupError when it does not answer like ffmpeg."""
    try:
        with ThreadPoolExecutor(2) as asking:
            filters, encoders = asking.map(partial(_ask, ffmpeg), ("-filters", "-encoders"))
    except ToolError as error:
        raise SetupError(f"{ffmpeg} does not work as ffmpeg: {error}") from error
    version = re.match(r"ffmpeg version (\S+)", filters.stderr)
    if version is None:
        raise SetupError(f"{ffmpeg} is not ffmpeg; correct the setting or remove it")
    return Capabilities(version[1], _names(encoders.stdout), _names(filters.stdout))


def filters_packets(ffmpeg: Path) -> bool:
    """Whether packets can be left out before they are decoded: since FFmpeg 7.0. False for builds that name no release."""
    told = re.match(r"ffmpeg version n?(\d+)\.", _ask(ffmpeg, "-version").stdout)
    return told is not None and int(told[1]) >= _FILTERS_PACKETS


def _ask(ffmpeg: Path, question: str) -> Output:
    return run([str(ffmpeg), question], limits=_ASK_LIMITS)


def _names(listing: str) -> frozenset[str]:
    """Second words of ffmpeg's lists: ``V....D libx264  description``."""
    return frozenset(re.findall(r"^ [A-Z.|]{2,6} (\w+) ", listing, re.MULTILINE))


def require(ffmpeg: Path) -> Capabilities:
    """As `capabilities`, but raises SetupError naming what is missing for adreel to work."""
    found = capabilities(ffmpeg)
    if found.missing:
        raise SetupError(f"{ffmpeg} (version {found.version}) lacks {', '.join(found.missing)}; use another ffmpeg")
    return found
