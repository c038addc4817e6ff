"""Accounts, for admins."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adreel.domain.accounts.user import AccountRecord
from adreel.routers.auth import key_bodies
from adreel.routers.common.deps import AdminUser, ItemId, ServicesDep
from adreel.routers.common.problems import problems
from adreel.routers.schemas.auth import Keys
from adreel.routers.schemas.users import ChangeUserRequest, CreateUserRequest, UserAnswer, Users

router = APIRouter(prefix="/api/users", tags=["users"])


@router.get("", responses=problems(401, 403))
async def list_users(services: ServicesDep, _admin: AdminUser) -> Users:
    """Lists all accounts. 403 for members."""
    return Users(users=[_user(each) for each in await services.directory.list()])


@router.post("", status_code=201, responses=problems(401, 403, 409, 413))
async def create_user(services: ServicesDep, _admin: AdminUser, body: CreateUserRequest) -> UserAnswer:
    """Creates an account. 409 when there is one for the address."""
    made = await services.auth.register(body.email, body.password.get_secret_value(), body.role)
    return _user(await services.directory.get(made.id))


@router.patch("/{user_id}", responses=problems(401, 403, 404, 409, 413))
async def change_user(services: ServicesDep, _admin: AdminUser, user_id: ItemId, body: ChangeUserRequest) -> UserAnswer:
    """Changes an account's role, disables or enables it. A disabled account cannot log in and its keys are refused.

    409 for the last admin.
    """
    directory = services.directory
    if body.role is not None:
        await directory.set_role(user_id, body.role)
    if body.disabled is not None:
        await (directory.disable(user_id) if body.disabled else directory.enable(user_id))
    return _user(await directory.get(user_id))


@router.delete("/{user_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def delete_user(services: ServicesDep, _admin: AdminUser, user_id: ItemId) -> Response:
    """Deletes an account with all its sessions, logins and keys, and stops its jobs. 409 for the last admin."""
    await services.directory.check_removable(user_id)
    await services.account.delete(user_id)
    await services.deletions.soon()
    return Response(status_code=204)


@router.get("/{user_id}/keys", responses=problems(401, 403, 404))
async def list_user_keys(services: ServicesDep, _admin: AdminUser, user_id: ItemId) -> Keys:
    """Lists the API keys of an account, without the secret keys."""
    await services.directory.get(user_id)
    return key_bodies(await services.auth.api_keys(user_id))


@router.delete("/{user_id}/keys/{key_id}", status_code=204, responses=problems(401, 403, 404))
async def revoke_user_key(services: ServicesDep, _admin: AdminUser, user_id: ItemId, key_id: ItemId) -> Response:
    """Revokes an API key of an account with immediate effect."""
    await services.auth.revoke_api_key(user_id, key_id)
    return Response(status_code=204)


def _user(account: AccountRecord) -> UserAnswer:
    return UserAnswer(
        id=account.id,
        email=account.email,
        role=account.role,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
        last_used_at=account.last_used_at,
        sessions=account.sessions,
        spent=account.spent,
    )
