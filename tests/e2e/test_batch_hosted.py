"""A batch whose clips are bought, against the stand-in: the cost first, never beyond the budget, nothing bought twice."""

from __future__ import annotations

import signal
from decimal import Decimal
from pathlib import Path

import pytest

from support.hosted_make import WAN, Shop
from support.replicate import StandIn

TEMPLATE = """
version = 1
product = "{title:50!}"
prompt = "calm"
[end]
cta = ""
[[beats]]
name = "offer"
shot = { photo = 1, camera = "push_in", intensity = 0.5 }
seconds = 2.5
words = [{ role = "price", text = "{price!}" }]
"""
ORDER = ("batch", "feed.csv", "--script", "ad.toml", "--out", "out", "--music", "none", "--engine", "replicate")


@pytest.fixture
def shop(tmp_path: Path, stand_in: StandIn) -> Shop:
    return Shop(tmp_path, stand_in)


def write_feed(shop: Shop, price: str = "24.90") -> None:
    rows = [f"A,Mug,{price} EUR,red.jpg", f"B,Bowl,{price} EUR,blue.jpg"]
    (shop.folder / "feed.csv").write_text("\n".join(["id,title,price,image_link", *rows]))


@pytest.mark.long
def test_a_batch_buys_within_its_budget_and_nothing_twice(shop: Shop) -> None:
    write_feed(shop)
    (shop.folder / "ad.toml").write_text(TEMPLATE)
    assert "give the most that the batch may cost with --budget" in shop.run(*ORDER).err
    tried = shop.run(*ORDER, "--budget", "5", "--dry-run")
    assert "2 new, 0 changed, 0 unchanged" in tried.out
    assert shop.bought() == []
    cost = Decimal(tried.out.partition("cost $")[2].partition(",")[0])
    assert cost > 0

    # For one of two films only: the other is refused before anything is bought for it.
    half = cost / 2
    poor = shop.run(*ORDER, "--budget", str(half))
    assert poor.code == 1
    assert "1 films made" in poor.out
    assert f"of the batch's budget of ${half}" in poor.err
    assert shop.bought().count(WAN) == 1
    assert shop.bill() <= half

    # Another price buys nothing, also when nothing is left.
    write_feed(shop, "21.90")
    changed = shop.run(*ORDER, "--budget", str(shop.bill()))
    assert "1 films made" in changed.out
    assert shop.bought().count(WAN) == 1

    # Killed while it buys the second film, and run again.
    child = shop.start(*ORDER, "--budget", str(cost))
    with child:
        shop.until_ordered(child, "wan-2.2-i2v-fast", 1)
        child.send_signal(signal.SIGKILL)
    done = shop.run(*ORDER, "--budget", str(cost))
    assert done.code == 0, done.err
    assert "0 new, 0 changed, 2 unchanged" in shop.run(*ORDER, "--budget", str(cost), "--dry-run").out
    assert shop.bought().count(WAN) == 2
    assert shop.bill() <= cost
    shop.check_books()
    assert len(list((shop.folder / "out" / "films").glob("*.mp4"))) == 2
