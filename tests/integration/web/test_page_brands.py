"""Brand kits on the page: edited in the settings, chosen on the Script and Finish screens."""

from __future__ import annotations

from support.api import Api


async def text_of(api: Api, path: str) -> str:
    answer = await api.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_settings_hold_the_kits_and_both_steps_offer_them(api: Api) -> None:
    session_id, clips = await api.with_clips(1)
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    assert 'href="/settings#brands">add your brand' in await text_of(api, f"/s/{session_id}/finish")
    kit = {
        "name": "morgen",
        "title": "<Morgen>",
        "color": "#1F6F78",
        "font": "Poppins",
        "cta": "Order & go",
        "music": "chill",
    }
    assert (await api.http.post("/api/brands", json=kit)).status_code == 201
    settings = await text_of(api, "/settings")
    assert settings.count('data-brand="morgen"') == 1
    assert 'value="Order &amp; go"' in settings
    assert "&lt;Morgen&gt;" in settings
    assert "<Morgen>" not in settings
    finish = await text_of(api, f"/s/{session_id}/finish")
    assert '<option value="morgen" >&lt;Morgen&gt;</option>' in finish
    assert "Order &amp; go" not in finish
    assert (await api.http.patch(f"/api/sessions/{session_id}", json={"brand_kit": "morgen"})).status_code == 200
    finish = await text_of(api, f"/s/{session_id}/finish")
    for shown in (
        '<option value="morgen" selected>',
        ">Order &amp; go</textarea>",
        '<option value="" selected>Of the brand: Poppins</option>',
        'value="#1F6F78" disabled',
        "Of the brand: chill",
        'data-hear="chill" data-matched',
        'data-brand-cta="Order &amp; go"',
    ):
        assert shown in finish, shown
    assert '<option value="morgen" selected>' in await text_of(api, f"/s/{session_id}/script")
    copied = (await api.http.post(f"/api/sessions/{session_id}/copy")).json()
    assert copied["brand_kit"] == "morgen"
