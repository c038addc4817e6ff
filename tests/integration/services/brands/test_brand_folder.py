from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from adreel.domain.brand import BrandKit
from adreel.domain.errors import AdreelError, ConflictError, InputError, NotFoundError
from adreel.domain.films.logo import BrandLogo, LogoCorner
from adreel.media.cards.fonts import resolve_font
from adreel.media.cards.logo import read_logo
from adreel.services.brands.folder import BrandFolder


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    path = tmp_path / "my logo.png"
    picture = Image.new("RGBA", (120, 60))
    picture.paste((20, 90, 100, 255), (20, 10, 100, 50))
    picture.save(path)
    return path


@pytest.fixture
def brands(tmp_path: Path) -> BrandFolder:
    return BrandFolder(tmp_path / "brands")


def test_a_kit_is_kept_with_copies_of_its_files(brands: BrandFolder, logo: Path, tmp_path: Path) -> None:
    font = tmp_path / "Mine.ttf"
    font.write_bytes(Path(resolve_font(None).face.path).read_bytes())
    texts = BrandKit("morgen", 'Mor"gen\\', "#1F6F78", str(font), "Buy\x7f", "morgen.example", "Größe: ✓")
    kept = brands.add(replace(texts, logo=BrandLogo(logo), mark=LogoCorner.TOP_LEFT))
    assert kept.mark is LogoCorner.TOP_LEFT
    logo.unlink()
    font.unlink()
    assert kept == brands.get("morgen")
    assert replace(kept, logo=None, mark=None, font=texts.font) == texts
    assert kept.logo is not None
    assert kept.logo.dark is None
    assert [file.is_file() for file in (*kept.files, Path(kept.font or ""))] == [True, True]
    assert brands.names() == ("morgen",)


def test_music_is_a_genre_or_a_copy_of_a_file(brands: BrandFolder, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    with wave.open(str(song), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes((b"\x00\x10" * 20 + b"\x00\xf0" * 20) * 300)
    kept = brands.add(BrandKit("morgen", music=str(song)))
    song.unlink()
    assert Path(kept.music or "").is_file()
    assert brands.add(replace(kept, music="chill"), overwrite=True).music == "chill"


def test_a_taken_name_is_replaced_only_on_request(brands: BrandFolder, logo: Path) -> None:
    brands.add(BrandKit("morgen", title="Old", logo=BrandLogo(logo)))
    with pytest.raises(ConflictError, match="morgen"):
        brands.add(BrandKit("morgen", title="New"))
    assert brands.get("morgen").title == "Old"
    assert brands.add(BrandKit("morgen", title="New"), overwrite=True) == BrandKit("morgen", title="New")
    assert brands.names() == ("morgen",)


def test_a_logo_in_svg_is_kept_as_its_drawing(brands: BrandFolder, tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 9'><rect width='20' height='9' fill='#0a0'/></svg>"
    )
    [kept] = brands.add(BrandKit("morgen", logo=BrandLogo(dark=path))).files
    assert Image.open(kept).format == "PNG"
    assert read_logo(kept).shape[:2] == (720, 1600)


def test_a_kit_can_be_replaced_by_itself(brands: BrandFolder, logo: Path) -> None:
    kept = brands.add(BrandKit("morgen", logo=BrandLogo(logo, logo)))
    assert brands.add(replace(kept, title="Morgen"), overwrite=True).files == kept.files
    assert all(file.is_file() for file in kept.files)


def test_a_removed_kit_is_gone(brands: BrandFolder, logo: Path) -> None:
    kept = brands.add(BrandKit("morgen", logo=BrandLogo(logo)))
    brands.remove("morgen")
    assert (brands.names(), kept.files[0].exists()) == ((), False)
    for work in (brands.get, brands.remove):
        with pytest.raises(NotFoundError, match="there are: none"):
            work("morgen")


@pytest.mark.parametrize(
    ("kit", "words"),
    [
        (BrandKit("../x"), "no name"),
        (BrandKit("a", color="red"), "red"),
        (BrandKit("a", font="No Such Family"), "No Such Family"),
        (BrandKit("a", music="polka"), "neither a genre"),
        (BrandKit("a", music=__file__), "is not music"),
        (BrandKit("a", legal="x" * 1000), "legal"),
        (BrandKit("a", title=""), "title"),
        (BrandKit("a", mark=LogoCorner.TOP_LEFT), "has none; give it a logo"),
        (BrandKit("a", logo=BrandLogo(Path("/none.png"))), "does not exist"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_kept(brands: BrandFolder, kit: BrandKit, words: str) -> None:
    with pytest.raises(AdreelError, match=words):
        brands.add(kit)
    assert brands.names() == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "logo.svg holds <script>"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "no logo that can be used"),
        (b"x" * 5_000_001, "larger than 5 MB"),
        (b"", "no logo that can be used"),
    ],
)
def test_a_file_that_is_no_logo_is_refused(brands: BrandFolder, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "logo.svg"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        brands.add(BrandKit("a", logo=BrandLogo(path)))


@pytest.mark.parametrize(("size", "words"), [((39, 200), "at least 40"), ((80, 80), "shows nothing")])
def test_a_logo_must_show_something(brands: BrandFolder, tmp_path: Path, size: tuple[int, int], words: str) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", size).save(path)
    with pytest.raises(InputError, match=words):
        brands.add(BrandKit("a", logo=BrandLogo(path)))


@pytest.mark.parametrize(
    "text", ['logo_light = "../../secret"', "title = 3", 'other = "x"', "title = ", 'logo_on_clips = "middle"']
)
def test_a_file_changed_by_hand_reaches_nothing_outside(brands: BrandFolder, tmp_path: Path, text: str) -> None:
    brands.add(BrandKit("a"))
    (tmp_path / "brands/a/brand.toml").write_text(text)
    if "secret" in text:
        assert brands.get("a").files == (tmp_path / "brands/a/secret",)
        return
    with pytest.raises(InputError, match=r"brand\.toml"):
        brands.get("a")
