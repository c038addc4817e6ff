from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from adreel.domain.errors import DownloadError, NoSpaceError, RenderError, StorageError
from adreel.domain.machine_faults import fault_in_words, fault_or, machine_fault

FULL = [errno.ENOSPC, errno.EDQUOT]
OTHER = [errno.EROFS, errno.EMFILE, errno.ENFILE]


@pytest.mark.parametrize("number", FULL + OTHER)
def test_faults_of_the_machine_are_found_behind_what_was_made_of_them(number: int) -> None:
    try:
        try:
            raise OSError(number, os.strerror(number), "/srv/adreel/cache/segment.mp4")
        except OSError as error:
            raise RenderError("cannot encode frame 5") from error
    except RenderError as error:
        fault = machine_fault(error)
    assert isinstance(fault, StorageError)
    assert isinstance(fault, NoSpaceError) is (number in FULL)
    assert fault.retryable
    assert "/srv/adreel/cache/segment.mp4" in str(fault)


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.EINVAL, errno.EIO, errno.EAGAIN, None])
def test_other_errors_stay_what_they_are(number: int | None) -> None:
    error = ValueError("x") if number is None else OSError(number, "x")
    assert machine_fault(error) is None
    otherwise = RenderError("broken")
    assert fault_or(error, Path("/srv"), otherwise) is otherwise


def test_the_folder_that_is_known_is_named() -> None:
    fault = machine_fault(OSError(errno.ENOSPC, "x"), Path("/srv/adreel"))
    assert isinstance(fault, NoSpaceError)
    assert fault.folder == "/srv/adreel"
    assert "/srv/adreel" in str(fault)
    assert (fault.http_status, fault.exit_code) == (507, 2)


def test_errors_of_ours_that_say_so_pass_as_they_are() -> None:
    full = NoSpaceError("full", folder="/srv", needed=5, free=1)
    wrapped = DownloadError("cannot fetch")
    wrapped.__cause__ = full
    assert machine_fault(wrapped) is full


def test_a_circle_of_causes_ends() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__context__, two.__context__ = two, one
    assert machine_fault(one) is None


@pytest.mark.parametrize(
    ("words", "full"),
    [
        ("[mp4 @ 0x1] av_interleaved_write_frame(): No space left on device", True),
        ("out.mp4: Disk quota exceeded", True),
        ("out.mp4: Read-only file system", False),
        ("in.mp4: Too many open files", False),
    ],
)
def test_the_words_of_ffmpeg_say_it_too(words: str, full: bool) -> None:
    fault = fault_in_words(words, Path("/srv"))
    assert fault is not None
    assert isinstance(fault, NoSpaceError) is full
    assert fault_in_words("Invalid data found when processing input") is None
