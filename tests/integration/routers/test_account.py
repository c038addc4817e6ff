from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from adreel.catalogue.loader import load_catalogue
from adreel.domain.costs.ledger import Purchase, PurchaseKind
from support.api import Api, log_in, opened_api, with_services


def purchase(session_id: str, user_id: str, price: str) -> Purchase:
    return Purchase(
        f"{session_id}:{price}", session_id, user_id, PurchaseKind.CLIP, "replicate", "wan-2.2-i2v-fast", Decimal(price)
    )


async def test_on_this_machine_nobody_has_a_name_or_a_limit(api: Api) -> None:
    account = (await api.http.get("/api/account")).json()
    assert {limit["limit"] for limit in account.pop("limits").values()} == {None}
    assert account == {
        "email": None,
        "auth": False,
        "budget": {"cap": None, "spent": "0.00", "reserved": "0.00", "left": None},
    }


async def test_a_limit_is_set_held_and_removed(guarded: Api) -> None:
    guarded.http.headers.update(await log_in(guarded, "ada"))
    user = (await guarded.http.get("/api/auth/me")).json()["id"]
    session_id = await guarded.new_session()
    assert (await guarded.http.post("/api/account/budget", json={"cap": "25.00"})).status_code == 200
    await guarded.services.ledger.reserve(purchase(session_id, user, "0.80"))
    account = (await guarded.http.get("/api/account")).json()
    assert (account["email"], account["auth"]) == ("ada@example.com", True)
    assert account["budget"] == {"cap": "25.00", "spent": "0.00", "reserved": "0.80", "left": "24.20"}
    refused = await guarded.http.post("/api/account/budget", json={"cap": 0.5})
    assert refused.status_code == 409
    assert "give $0.80 or more" in refused.json()["detail"]
    removed = await guarded.http.post("/api/account/budget", json={"cap": None})
    assert removed.json()["budget"] == {"cap": None, "spent": "0.00", "reserved": "0.80", "left": None}
    bob = await log_in(guarded, "bob")
    assert (await guarded.http.get("/api/account", headers=bob)).json()["budget"]["reserved"] == "0.00"


async def test_a_sessions_limit_is_set_and_held(api: Api) -> None:
    user = (await api.services.auth.local_user()).id
    session_id = await api.new_session(budget_cap="2")
    await api.services.ledger.reserve(purchase(session_id, user, "1.25"))
    path = f"/api/sessions/{session_id}/budget"
    refused = await api.http.post(path, json={"cap": "1"})
    assert refused.status_code == 409
    assert (await api.http.post(path, json={"cap": "3.5"})).json() == {
        "session_id": session_id,
        "budget": {"cap": "3.50", "spent": "0.00", "reserved": "1.25", "left": "2.25"},
    }
    assert (await api.http.get(f"/api/sessions/{session_id}")).json()["budget_cap"] == "3.50"
    assert (await api.http.post(path, json={"cap": None})).json()["budget"]["left"] is None
    for wrong in ({}, {"cap": "-1"}, {"cap": "much"}, {"cap": "1", "more": 1}):
        assert (await api.http.post(path, json=wrong)).status_code == 422


async def test_what_there_is_to_choose_from(api: Api) -> None:
    options = (await api.http.get("/api/options")).json()
    assert {"name": "upbeat", "title": "Upbeat"} in options["genres"]
    assert options["fonts"][0]["name"] == "Montserrat"
    assert options["aspects"] == ["16:9", "9:16", "1:1", "4:5"]
    assert (options["max_upload_mb"], options["auth"], options["has_image_model"]) == (50, False, False)


async def test_models_say_how_long_they_take_and_what_they_want(api: Api, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[models.sdxl]\nunusable = "its licence forbids advertisements"\n', encoding="utf-8")
    wanting = {"replicate": "set ADREEL_REPLICATE_API_TOKEN to use it"}
    async with opened_api(with_services(api.backend, wanting=wanting, catalogue=load_catalogue(own))) as found:
        models = {each["name"]: each for each in (await found.http.get("/api/models")).json()["models"]}
    assert (models["local"]["typical_seconds"], models["local"]["unavailable_reason"]) == (12.0, None)
    hosted = models["wan-2.2-i2v-fast"]
    assert (hosted["typical_seconds"], hosted["available"]) == (45.0, False)
    assert hosted["unavailable_reason"] == "set ADREEL_REPLICATE_API_TOKEN to use it"
    assert models["sdxl"]["available"] is False
    assert models["sdxl"]["unavailable_reason"] == "its licence forbids advertisements"


async def test_models_say_what_they_make_and_where_their_price_comes_from(api: Api) -> None:
    models = {each["name"]: each for each in (await api.http.get("/api/models")).json()["models"]}
    veo, stable, writer = models["veo-3.1-fast"], models["stable-video-diffusion"], models["llama-3-70b"]
    assert (veo["aspects"], veo["resolution"]) == (["16:9", "9:16"], "1080p")
    assert (veo["source"], veo["seen_on"], veo["status"]) == ("Replicate model page, mirror", "2026-10-06", "current")
    assert (stable["status"], stable["price_is_estimate"], stable["price"]) == ("legacy", True, "0.80")
    assert (writer["status"], writer["aspects"], writer["resolution"]) == ("doubtful", None, None)
    assert models["runway-gen2"]["resolution"] == "720p"
    assert "llama-3.1-405b" not in models
