from __future__ import annotations

from support.api import Api, log_in

PATH = "/api/account/webhooks"
URL = "https://shop.example.com/hook"


async def test_webhooks_are_registered_listed_tested_and_deleted(api: Api) -> None:
    made = await api.http.post(PATH, json={"url": URL})
    assert made.status_code == 201
    webhook = made.json()
    assert webhook["secret"].startswith("whsec_")
    listed = (await api.http.get(PATH)).json()["webhooks"]
    assert listed == [{name: webhook[name] for name in ("id", "url", "created_at", "disabled_at")}]
    tested = await api.http.post(f"{PATH}/{webhook['id']}/test")
    assert (tested.status_code, tested.json()["type"]) == (202, "webhook.test")
    deliveries = (await api.http.get(f"{PATH}/{webhook['id']}/deliveries")).json()["deliveries"]
    assert [each["id"] for each in deliveries] == [tested.json()["id"]]
    assert (await api.http.delete(f"{PATH}/{webhook['id']}")).status_code == 204
    assert (await api.http.get(PATH)).json() == {"webhooks": []}


async def test_addresses_that_cannot_be_used_are_refused(api: Api) -> None:
    plain = await api.http.post(PATH, json={"url": "http://shop.example.com/"})
    assert (plain.status_code, plain.json()["type"]) == (422, "urn:adreel:problem:input")
    assert (await api.http.post(PATH, json={"url": URL})).status_code == 201
    assert (await api.http.post(PATH, json={"url": URL})).status_code == 409


async def test_a_webhook_is_its_owners(guarded: Api) -> None:
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    webhook = (await guarded.http.post(PATH, json={"url": URL}, headers=ada)).json()
    assert (await guarded.http.get(PATH, headers=bob)).json() == {"webhooks": []}
    for method, path in (("POST", "/test"), ("GET", "/deliveries"), ("DELETE", "")):
        answer = await guarded.http.request(method, f"{PATH}/{webhook['id']}{path}", headers=bob)
        assert answer.status_code == 404, path
    assert (await guarded.http.get(PATH)).status_code == 401
