"""Accounts over the API: for admins only."""

from __future__ import annotations

import pytest

from adreel.domain.accounts.user import Role
from support.api import PASSWORD, Api, log_in


@pytest.fixture
async def admin(guarded: Api) -> dict[str, str]:
    """The header of Eve, an admin."""
    await guarded.services.auth.register("eve@example.com", PASSWORD, Role.ADMIN)
    return await log_in(guarded, "eve")


async def id_of(api: Api, name: str) -> str:
    return (await api.services.auth.user(f"{name}@example.com")).id


async def test_members_cannot_see_or_change_accounts(guarded: Api) -> None:
    ada = await log_in(guarded, "ada")
    bob = await id_of(guarded, "bob")
    requests = [
        ("GET", "/api/users", None),
        ("POST", "/api/users", {"email": "x@example.com", "password": PASSWORD}),
        ("PATCH", f"/api/users/{bob}", {"role": "admin"}),
        ("DELETE", f"/api/users/{bob}", None),
        ("GET", f"/api/users/{bob}/keys", None),
        ("DELETE", f"/api/users/{bob}/keys/one", None),
    ]
    for method, path, body in requests:
        answer = await guarded.http.request(method, path, json=body, headers=ada)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:adreel:problem:forbidden"), path
    assert (await guarded.http.get("/api/users")).status_code == 401
    assert (await guarded.http.get("/api/auth/me", headers=ada)).json()["role"] == "member"


async def test_admins_list_and_create_accounts(guarded: Api, admin: dict[str, str]) -> None:
    made = await guarded.http.post("/api/users", json={"email": "dan@example.com", "password": PASSWORD}, headers=admin)
    assert (made.status_code, made.json()["role"], made.json()["sessions"]) == (201, "member", 0)
    await log_in(guarded, "dan")
    users = (await guarded.http.get("/api/users", headers=admin)).json()["users"]
    assert [user["email"] for user in users] == [f"{name}@example.com" for name in ("ada", "bob", "eve", "dan")]
    assert {user["spent"] for user in users} == {"0.00"}
    assert next(user for user in users if user["email"].startswith("eve"))["last_used_at"] is not None
    again = await guarded.http.post(
        "/api/users", json={"email": "dan@example.com", "password": PASSWORD}, headers=admin
    )
    assert again.status_code == 409


async def test_a_disabled_account_is_shut_out_until_it_is_enabled(guarded: Api, admin: dict[str, str]) -> None:
    ada, path = await log_in(guarded, "ada"), f"/api/users/{await id_of(guarded, 'ada')}"
    key = (await guarded.http.post("/api/auth/keys", json={"name": "shop"}, headers=ada)).json()["key"]
    disabled = await guarded.http.patch(path, json={"disabled": True}, headers=admin)
    assert disabled.json()["disabled_at"] is not None
    for header in (ada, {"Authorization": f"Bearer {key}"}):
        answer = await guarded.http.get("/api/sessions", headers=header)
        assert (answer.status_code, "disabled" in answer.json()["detail"]) == (401, True)
    login = {"email": "ada@example.com", "password": PASSWORD}
    assert (await guarded.http.post("/api/auth/login", json=login)).status_code == 401
    enabled = await guarded.http.patch(path, json={"disabled": False}, headers=admin)
    assert enabled.json()["disabled_at"] is None
    assert (await guarded.http.get("/api/sessions", headers={"Authorization": f"Bearer {key}"})).status_code == 200


async def test_keys_have_names_and_last_uses_and_are_revoked(guarded: Api, admin: dict[str, str]) -> None:
    ada, path = await log_in(guarded, "ada"), f"/api/users/{await id_of(guarded, 'ada')}/keys"
    made = (await guarded.http.post("/api/auth/keys", json={"name": "shop"}, headers=ada)).json()
    [key] = (await guarded.http.get(path, headers=admin)).json()["keys"]
    assert (key["id"], key["name"], key["last_used_at"]) == (made["id"], "shop", None)
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert (await guarded.http.get("/api/sessions", headers=bearer)).status_code == 200
    [key] = (await guarded.http.get(path, headers=admin)).json()["keys"]
    assert key["last_used_at"] is not None
    assert (await guarded.http.delete(f"{path}/{made['id']}", headers=admin)).status_code == 204
    assert (await guarded.http.get("/api/sessions", headers=bearer)).status_code == 401
    assert (await guarded.http.get("/api/users/none/keys", headers=admin)).status_code == 404


async def test_the_last_admin_stays_one(guarded: Api, admin: dict[str, str]) -> None:
    eve, ada = await id_of(guarded, "eve"), await id_of(guarded, "ada")
    refused = [
        await guarded.http.patch(f"/api/users/{eve}", json={"role": "member"}, headers=admin),
        await guarded.http.patch(f"/api/users/{eve}", json={"disabled": True}, headers=admin),
        await guarded.http.delete(f"/api/users/{eve}", headers=admin),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 409]
    promoted = await guarded.http.patch(f"/api/users/{ada}", json={"role": "admin"}, headers=admin)
    assert promoted.json()["role"] == "admin"
    assert (await guarded.http.delete(f"/api/users/{eve}", headers=admin)).status_code == 204
    assert (await guarded.http.get("/api/users", headers=admin)).status_code == 401
    assert (await guarded.http.delete(f"/api/users/{eve}", headers=await log_in(guarded, "ada"))).status_code == 404
