from __future__ import annotations

import threading
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from adreel.domain.errors import SetupError
from adreel.providers.local.photo.network import Network

YUNET = Path(str(files("adreel.assets") / "models" / "yunet.onnx"))
BLOB = np.zeros((1, 3, 320, 320), np.float32)
OUTPUTS = ["cls_8", "bbox_32"]


def test_a_network_takes_memory_only_while_it_is_used() -> None:
    network = Network(YUNET)
    with network.loaded():
        assert not network.is_loaded, "it is loaded by the first call"
        first = network(BLOB, OUTPUTS)
        assert network.is_loaded
        again = network(BLOB, OUTPUTS)
    assert not network.is_loaded
    assert [output.size for output in first] == [1600, 400]
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    network(BLOB, OUTPUTS)
    assert not network.is_loaded


def test_it_stays_loaded_until_its_last_user_is_done() -> None:
    network = Network(YUNET)
    begun, done = threading.Event(), threading.Event()

    def other() -> None:
        with network.loaded():
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=other)
    with network.loaded():
        network(BLOB, OUTPUTS)
        thread.start()
        assert begun.wait(60)
    assert network.is_loaded
    done.set()
    thread.join()
    assert not network.is_loaded


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")
    with pytest.raises(SetupError, match=r"broken\.onnx is missing or damaged"):
        Network(broken)(BLOB, OUTPUTS)
