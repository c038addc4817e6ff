"""The Python snippets of the documents run as they stand. Films are small; hosted models are those of the stand-in."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from support import forked
from support.replicate import StandIn
from support.small_films import SMALL_ASPECTS

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "docs/python.md", "docs/architecture/api.md")
SMALL = "\n".join(
    (
        "from adreel.domain.films.formats import ASPECTS, FrameSize",
        *(f"ASPECTS[{aspect!r}] = {size!r}" for aspect, size in SMALL_ASPECTS.items()),
    )
)


def snippets() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in DOCUMENTS:
        blocks = re.findall(
            r"^```python\n(.+?)^```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        found += [(f"{name}:{number}", block) for number, block in enumerate(blocks, start=1)]
    return found


FEED = "id,title,price,image_link\nmug,Morgen Mug,24.90 EUR,https://127.0.0.1/mug.jpg\n"
"""Its photo may not be fetched: the snippet's batch has no film, which other tests have."""

LONG = ("docs/python.md:3", "docs/python.md:4")
"""They buy a film and make a session: test_make_hosted.py and test_studio.py do the same."""


def _snippet(name: str, code: str) -> Any:
    return pytest.param(code, id=name, marks=pytest.mark.long if name in LONG else ())


@pytest.mark.parametrize("code", [_snippet(name, code) for name, code in snippets()])
def test_a_snippet_runs_as_it_stands(code: str, tmp_path: Path, data_dir: Path, stand_in: StandIn) -> None:
    # Clips of the size of the photos would take most of the time.
    stand_in.rules(alike=True)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "feed.csv").write_text(FEED, encoding="utf-8")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "ADREEL_DATA_DIR": str(data_dir),
        "ADREEL_REPLICATE_API_TOKEN": "any",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
    }
    program = tmp_path / "snippet.py"
    program.write_text(f"{SMALL}\n{code}", encoding="utf-8")
    done = forked.run([sys.executable, "-P", program], cwd=tmp_path, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    if "ad.mp4" in code or "ad-" in code:
        assert list(tmp_path.glob("ad*.mp4")) or list(tmp_path.glob("draft*.mp4"))


def test_there_are_snippets() -> None:
    assert len(snippets()) >= 5
    assert {name for name, _ in snippets()} >= set(LONG)
