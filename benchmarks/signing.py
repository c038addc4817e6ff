"""`python -m benchmarks.signing`: what content credentials add to a film, in time and bytes; writes docs/signing.md."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from adreel.provenance.history import FilmHistory, Ingredient
from adreel.provenance.identity import Identity, own_identity
from adreel.provenance.reading import read_credentials
from adreel.provenance.signing import FilmSigner
from benchmarks.material import quiet
from benchmarks.report import ROOT, machine, table

REPORT = ROOT / "docs" / "signing.md"
PHOTOS = sorted((ROOT / "examples" / "mug").glob("*.jpg"))
RATES = ("1.2M", "6M", "50M")
"""Bit rates of films of 15 s: adreel's own, that of X, and the most that any placement takes."""

TIMES, MANY, THREADS = 9, 100, 4


@dataclass(frozen=True, slots=True)
class Signed:
    """Bytes of a film, bytes that signing added; processor seconds of signing, with the film read back, and of `verify`."""

    rate: str
    size: int
    added: int
    sign: float
    verify: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.signing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="write no page")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adreel-signing-") as name:
        folder = Path(name)
        identity = own_identity(folder / "keys")
        found = [_signed(_film(folder, rate), rate, identity) for rate in RATES]
        states, seconds = _together(_film(folder, RATES[0]), identity)
    text = document(found, states, seconds)
    print(text)
    if not given.quick:
        REPORT.write_text(text, encoding="utf-8")


def _film(folder: Path, rate: str) -> Path:
    path = folder / f"{rate}.mp4"
    made = (
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=1920x1080:r=30:d=15,noise=alls=40:allf=t",
        "-f",
        "lavfi",
        "-i",
        "sine=d=15",
    )
    encoded = ("-c:v", "libx264", "-preset", "ultrafast", "-b:v", rate, "-maxrate", rate, "-bufsize", rate)
    sound = ("-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart")
    subprocess.run(quiet(*made, *encoded, *sound, str(path)), check=True)
    return path


def _history() -> FilmHistory:
    photos = tuple(Ingredient(f"photo {number}", path) for number, path in enumerate(PHOTOS, start=1))
    return FilmHistory(photos, drawn=len(photos), cards=True, composed=True)


def _signed(film: Path, rate: str, identity: Identity) -> Signed:
    signer, copy = FilmSigner(lambda: identity), film.with_name("copy.mp4")
    times: list[tuple[float, float]] = []
    for _ in range(TIMES):
        copy.write_bytes(film.read_bytes())
        begun = time.process_time()
        signer.sign(copy, _history())
        done = time.process_time()
        assert read_credentials(copy, identity.root).state == "Trusted"
        times.append((done - begun, time.process_time() - done))
    sign, verify = (statistics.median(each) for each in zip(*times, strict=True))
    return Signed(rate, film.stat().st_size, copy.stat().st_size - film.stat().st_size, sign, verify)


def _together(film: Path, identity: Identity) -> tuple[int, float]:
    """How many of a hundred films that four threads sign are trusted by the root, and the processor seconds for each."""
    signer, data = FilmSigner(lambda: identity), film.read_bytes()

    def sign(number: int) -> bool:
        copy = film.with_name(f"{number}.mp4")
        copy.write_bytes(data)
        signer.sign(copy, _history())
        state = read_credentials(copy, identity.root).state
        copy.unlink()
        return state == "Trusted"

    begun = time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        trusted = sum(pool.map(sign, range(MANY)))
    return trusted, (time.process_time() - begun) / MANY


def document(found: list[Signed], trusted: int, seconds: float) -> str:
    rows = [
        [
            each.rate,
            f"{each.size / 1e6:.1f}",
            f"{each.added:,}",
            f"{1000 * each.sign:.0f}",
            f"{1000 * each.verify:.0f}",
        ]
        for each in found
    ]
    header = ["film of 15 s at", "MB", "bytes added", "signed and read back, CPU ms", "verified, CPU ms"]
    many = f"{MANY} films signed by {THREADS} threads at once: {trusted} trusted, {1000 * seconds:.0f} CPU ms each."
    return (
        "\n\n".join(
            [
                "# What content credentials add",
                f"Written by `make signing`.\n\n{machine()}",
                _METHOD,
                table(header, rows),
                many,
            ]
        )
        + "\n"
    )


_METHOD = f"""\
Films of 1920x1080 with four photos as ingredients. Signing includes what adreel does about it: the XMP source type, hashes of
all packets before and after, and reading the signed film back. Medians of {TIMES} times, processor seconds of all threads."""


if __name__ == "__main__":
    main()
