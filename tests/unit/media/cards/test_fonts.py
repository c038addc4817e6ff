"""Choosing fonts, and the promise that no character becomes an empty box."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from adreel.domain.errors import TextError
from adreel.media.cards.font_chain import FontChain, find_chain
from adreel.media.cards.fonts import DISPLAY_FONTS, check_text, font_report, resolve_font
from adreel.media.cards.typefaces import FONT_FOLDER, MAX_FONT_BYTES, coverage

CUNEIFORM = "\U00012000"


@pytest.fixture
def cuneiform(tmp_path: Path) -> Path:
    """A folder with one installed font, which has nothing but a space and one sign."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 700), (600, 700), (600, 0)):
        pen.lineTo(point)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "space", "sign"])
    builder.setupCharacterMap({0x20: "space", ord(CUNEIFORM): "sign"})
    empty = TTGlyphPen(None).glyph()
    builder.setupGlyf({".notdef": empty, "space": empty, "sign": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (700, 0), "space": (300, 0), "sign": (700, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable(
        {"familyName": "Clay", "styleName": "Regular", "fullName": "Clay Regular", "psName": "Clay-Regular"}
    )
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWeightClass=400)
    builder.setupPost()
    folder = tmp_path / "installed"
    folder.mkdir()
    builder.save(str(folder / "clay.ttf"))
    return folder


def _chain(text: str) -> FontChain:
    font = resolve_font(None, [])
    return find_chain(text, font.face, font.folders)


def test_the_default_is_montserrat_and_its_digest_is_that_of_the_file() -> None:
    font = resolve_font(None)
    assert font.face.family == "Montserrat"
    assert len(font.digest) == 64
    assert font.digest != resolve_font("Inter").digest


@pytest.mark.parametrize("name", [*DISPLAY_FONTS, "playfair display", " POPPINS "])
def test_shipped_families_are_found_by_name(name: str) -> None:
    assert resolve_font(name, []).face.family.casefold() == name.strip().casefold()


def test_an_unknown_name_is_refused_with_the_names_there_are(cuneiform: Path) -> None:
    with pytest.raises(TextError, match=r"'Comic'.*Montserrat.*Playfair Display.*Clay"):
        resolve_font("Comic", [cuneiform])


def test_installed_families_are_found_by_name(cuneiform: Path) -> None:
    assert resolve_font("clay", [cuneiform]).face.path == cuneiform / "clay.ttf"


def test_a_font_file_comes_first_in_the_chain(cuneiform: Path) -> None:
    font = resolve_font(str(cuneiform / "clay.ttf"), [])
    chain = find_chain(f"{CUNEIFORM} mug", font.face, font.folders)
    assert [face.family for face in chain.letters] == ["Clay", "Inter"]


def test_a_file_of_a_shipped_family_replaces_it(tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttf"
    shutil.copy(FONT_FOLDER / DISPLAY_FONTS["Inter"], mine)
    font = resolve_font(str(mine), [])
    assert [face.path for face in find_chain("Ωδή", font.face, []).faces] == [mine]


@pytest.mark.parametrize("content", [b"", b"not a font", b"\x00\x01\x00\x00" + bytes(200), b"OTTO\xff\xff" + bytes(64)])
def test_a_broken_font_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(content)
    with pytest.raises(TextError, match=r"broken\.ttf"):
        resolve_font(str(broken))


def test_a_font_cut_short_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "cut.ttf"
    broken.write_bytes((FONT_FOLDER / DISPLAY_FONTS["Poppins"]).read_bytes()[:20_000])
    with pytest.raises(TextError, match=r"cut\.ttf"):
        resolve_font(str(broken))


def test_missing_and_huge_font_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"nowhere\.otf"):
        resolve_font(str(tmp_path / "nowhere.otf"))
    huge = tmp_path / "huge.ttf"
    with huge.open("wb") as file:
        file.truncate(MAX_FONT_BYTES + 1)
    with pytest.raises(TextError, match="30 MB"):
        resolve_font(str(huge))


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Aurora Mug, 100 % Ünïçødé", ["Montserrat"]),
        ("Привет", ["Montserrat"]),
        ("Ωδή", ["Montserrat", "Inter"]),
        ("مرحبا", ["Montserrat", "Noto Sans Arabic"]),
        ("שלום", ["Montserrat", "Noto Sans Hebrew"]),
        ("नमस्ते", ["Montserrat", "Noto Sans Devanagari"]),
        ("สวัสดี", ["Montserrat", "Noto Sans Thai"]),
        ("தமிழ் காபி", ["Montserrat", "Noto Sans Tamil"]),
        ("বাংলা শাড়ি", ["Montserrat", "Noto Sans Bengali"]),
        ("తెలుగు", ["Montserrat", "Noto Sans Telugu"]),
        ("ગુજરાતી", ["Montserrat", "Noto Sans Gujarati"]),
        ("ಕನ್ನಡ", ["Montserrat", "Noto Sans Kannada"]),
        ("മലയാളം", ["Montserrat", "Noto Sans Malayalam"]),
        ("ਪੰਜਾਬੀ", ["Montserrat", "Noto Sans Gurmukhi"]),
        ("አማርኛ ቡና", ["Montserrat", "Noto Sans Ethiopic"]),
        ("你好，世界", ["Montserrat", "Noto Sans SC"]),
        ("謝謝臺灣", ["Montserrat", "Noto Sans SC"]),
        ("日本のコーヒー", ["Montserrat", "Noto Sans JP"]),
        ("한국어", ["Montserrat", "Noto Sans KR"]),
    ],
)
def test_every_script_has_its_face_without_installed_fonts(text: str, letters: list[str]) -> None:
    chain = _chain(text)
    assert [face.family for face in chain.letters] == letters
    assert chain.emoji is None


@pytest.mark.parametrize(
    "text",
    [
        "😀",
        "👨‍👩‍👧‍👦",
        "🇫🇷",
        "1️⃣",
        "❤️",
        "🧑🏽‍🚀",
        "🫨",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_emoji_are_in_colour(text: str) -> None:
    emoji = _chain(f"Mug {text}").emoji
    assert emoji is not None
    assert emoji.family == "Noto Color Emoji"


def test_a_word_is_set_in_one_face_although_the_first_has_some_of_its_letters() -> None:
    chain = _chain("Ωδή Mug")
    first, second = chain.letters
    assert ord("Ω") in coverage(first)
    assert ord("δ") not in coverage(first)
    assert chain.excluded == {first: "Ω"}
    assert second.family == "Inter"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"Mug {CUNEIFORM}", r"U\+12000, Cuneiform"),
        ("\u0378", r"U\+0378, unknown script"),
        ("\ue000", r"U\+E000"),
        ("\U00020bb7野家", r"U\+20BB7, Chinese"),
        ("ខ្មែរ", r"Khmer"),
    ],
)
def test_what_no_font_shows_is_refused_by_name_with_what_to_do(text: str, named: str) -> None:
    with pytest.raises(TextError, match=named) as error:
        check_text(text, resolve_font(None, []))
    assert "choose a font file" in str(error.value)


def test_only_a_few_missing_characters_are_named() -> None:
    with pytest.raises(TextError, match="and 15 more"):
        check_text("".join(chr(0x12000 + offset) for offset in range(20)), resolve_font(None, []))


def test_installed_fonts_are_searched_for_what_the_shipped_ones_lack(cuneiform: Path) -> None:
    font = resolve_font(None, [cuneiform])
    check_text(f"Mug {CUNEIFORM}", font)
    assert find_chain(f"Mug {CUNEIFORM}", font.face, font.folders).letters[-1].family == "Clay"


def test_check_text_accepts_marks_joiners_and_mixed_scripts() -> None:
    check_text("Z\u0301oë 👩\u200d🚀 क्\u200dष می\u200cخواهم 你好\nשלום", resolve_font(None, []))


def test_the_report_names_a_family_for_every_promised_script() -> None:
    report = {line.script: line.families for line in font_report([])}
    assert all(report.values())
    assert report["Greek"] == ("Inter",)
    assert report["Japanese"] == ("Noto Sans JP",)
    assert report["emoji"] == ("Noto Color Emoji",)
    assert report["Tamil"] == ("Noto Sans Tamil",)
    assert len(report) == 19


def test_every_shipped_font_has_its_licence_beside_it_and_all_are_small() -> None:
    fonts = sorted(FONT_FOLDER.glob("*.ttf"))
    assert len(fonts) == 25
    for font in fonts:
        licence = FONT_FOLDER / f"{font.name.split('.')[0]}.LICENSE"
        assert "SIL Open Font License" in licence.read_text(encoding="utf-8")
    assert sum(font.stat().st_size for font in fonts) <= 14 * 2**20
