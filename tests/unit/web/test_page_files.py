from __future__ import annotations

import gzip
import re

import pytest

from adreel.web.files import FOLDER, static_files
from adreel.web.rendering import FOLDER as TEMPLATES
from adreel.web.rendering import policy

SCREENS = ("start", "images", "script", "clips", "finish", "result", "settings", "login", "catalogue", "batch")
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


def rules_of(text: str) -> dict[str, str]:
    parts = [rule.partition(" ") for rule in text.split("; ")]
    return {name: allowed for name, _, allowed in parts}


def test_files_are_there_compressed_and_typed() -> None:
    found = static_files()
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*")} == set(found.files)
    for file in found.files.values():
        assert gzip.decompress(file.packed) == file.content
        assert file.media_type.partition(";")[0] in (
            "text/css",
            "text/javascript",
            "image/svg+xml",
            "image/webp",
        )


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screens_modules_are_all_that_it_loads(screen: str) -> None:
    found = static_files()
    loaded = found.modules(f"js/{screen}.js")
    assert loaded[0] == f"js/{screen}.js"
    assert len(set(loaded)) == len(loaded)
    for name in loaded:
        imported = re.findall(r'from "\./([\w-]+\.js)"', found.files[name].content.decode())
        assert {f"js/{other}" for other in imported} <= set(loaded)


def test_every_script_belongs_to_a_screen() -> None:
    found = static_files()
    used = {name for screen in SCREENS for name in found.modules(f"js/{screen}.js")}
    # What runs before any module.
    used |= set(
        re.findall(r"""<script src="{{ static\('([^']+)'\) }}">""", (TEMPLATES / "base.html").read_text("utf-8"))
    )
    assert used == {name for name in found.files if name.endswith(".js")}


def test_nothing_inline_and_nothing_from_elsewhere() -> None:
    for path in (*TEMPLATES.glob("*.html"), *FOLDER.rglob("*.*")):
        if path.suffix == ".webp":
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            assert not INLINE.search(text), path
        assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text.replace("http://www.w3.org/2000/svg", "")), path


def test_what_people_wrote_is_never_made_markup() -> None:
    """Escaped by the templates; scripts set text, and markup only ever comes whole from the service."""
    for path in TEMPLATES.glob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape", path.read_text(encoding="utf-8")), path
    for path in FOLDER.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path
        )


def test_a_file_that_is_not_there_cannot_be_named() -> None:
    with pytest.raises(KeyError):
        static_files().url("css/none.css")


def test_the_policy_is_strict() -> None:
    rules = rules_of(policy(()))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy(())


def test_the_policy_lets_media_come_from_where_they_are_kept() -> None:
    rules = rules_of(policy(["https://media.example:9000"]))
    assert rules["img-src"].endswith(" https://media.example:9000")
    assert rules["media-src"].endswith(" https://media.example:9000")
    assert "media.example" not in rules["script-src"] + rules["connect-src"] + rules["default-src"]
