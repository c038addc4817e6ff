"""Scripts from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import adreel
from adreel import AdRequest, Studio
from adreel.domain.ad import EndCard
from adreel.domain.errors import ClaimError

REQUEST = AdRequest(("mug.jpg",), "Morgen Mug", ("Holds 350 ml",))


async def test_a_script_is_written_and_is_text(tmp_path: Path) -> None:
    ad = await Studio(data_dir=tmp_path).write_script(REQUEST)
    assert (ad.product, ad.facts) == (REQUEST.product, REQUEST.facts)
    assert adreel.parse_ad(adreel.to_toml(ad)) == ad


async def test_a_claim_without_a_source_is_refused(tmp_path: Path) -> None:
    request = AdRequest(REQUEST.photos, REQUEST.product, REQUEST.facts, end=EndCard("The best. Order now"))
    with pytest.raises(ClaimError, match=r"'The best\.' claims a superlative"):
        await Studio(data_dir=tmp_path).write_script(request)
