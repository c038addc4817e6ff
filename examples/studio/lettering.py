"""Letter-spaced text for labels and dials, in the typeface that comes with Pillow (Aileron, public domain)."""

from PIL import ImageDraw, ImageFont


def spaced(
    draw: ImageDraw.ImageDraw,
    text: str,
    centre: tuple[float, float],
    size: float,
    gap: float,
    fill: str,
    weight: int = 0,
) -> None:
    """Draw `text` centred on a point, `gap` pixels between letters; `weight` thickens the strokes."""
    font = ImageFont.load_default(size)
    lengths = [font.getlength(letter) for letter in text]
    x = centre[0] - (sum(lengths) + gap * (len(text) - 1)) / 2
    for letter, length in zip(text, lengths, strict=True):
        draw.text((x, centre[1]), letter, fill=fill, font=font, anchor="lm", stroke_width=weight, stroke_fill=fill)
        x += length + gap
