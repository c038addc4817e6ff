"""Who is asking: accounts, logins and API keys. Passwords are hashed with Argon2id, tokens kept as SHA-256 only."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from adreel.db.engine import Database
from adreel.db.tables import TokenRow, UserRow
from adreel.domain.errors import AuthError, ConflictError, InputError, NotFoundError
from adreel.domain.user import ApiKey, IssuedToken, TokenKind, User
from adreel.services.defaults import Clock, MakeId, new_id, utc_now
from adreel.services.login_limiter import LoginLimiter
from adreel.services.passwords import Passwords

LOGIN_LIFETIME = timedelta(days=7)
_TOUCH_AFTER = timedelta(minutes=5)
"""A key's last use is written down this often at most: reading must not become writing."""

_LOCAL_ID = "local"
_EMAIL = re.compile(r"[^\s@\x00]{1,64}@[^\s@\x00]{1,255}")
_WRONG = "e-mail or password is wrong"


class AuthService:
    def __init__(
        self,
        db: Database,
        passwords: Passwords | None = None,
        limiter: LoginLimiter | None = None,
        clock: Clock = utc_now,
        make_id: MakeId = new_id,
    ) -> None:
        self._db = db
        self._passwords = passwords or Passwords()
        self._limiter = limiter or LoginLimiter()
        self._clock = clock
        self._make_id = make_id

    async def register(self, email: str, password: str) -> User:
        """A new account. Raises InputError for what is no address or no password, ConflictError for an account that exists."""
        address = normal_email(email)
        hashed = await self._passwords.hash(password)
        user = User(self._make_id(), address)
        try:
            async with self._db.writing() as tx:
                tx.add(UserRow(id=user.id, email=address, password_hash=hashed, created_at=self._clock()))
        except IntegrityError as error:
            raise ConflictError(f"there is already an account for {address}") from error
        return user

    async def login(self, email: str, password: str, client: str) -> IssuedToken:
        """A bearer token for an account. `client` is the address that the request comes from.

        Raises AuthError, which does not tell what was wrong, and BusyError after too many failures.
        """
        address = email.strip().casefold()
        self._limiter.check(address, client)
        row = await self._account(address)
        if not await self._passwords.verify(password, row.password_hash if row else None) or row is None:
            self._limiter.failed(address, client)
            raise AuthError(_WRONG)
        self._limiter.succeeded(address)
        return await self._issue(User(row.id, row.email), TokenKind.LOGIN, "", self._clock() + LOGIN_LIFETIME)

    async def change_password(self, email: str, password: str) -> None:
        """Sets a password and ends every login of the account; API keys stay. Raises NotFoundError, InputError."""
        hashed = await self._passwords.hash(password)
        row = await self._account(email.strip().casefold())
        if row is None:
            raise NotFoundError(f"there is no account for {email}")
        async with self._db.writing() as tx:
            await tx.execute(update(UserRow).where(UserRow.id == row.id).values(password_hash=hashed))
            await tx.execute(delete(TokenRow).where(TokenRow.user_id == row.id, TokenRow.kind == TokenKind.LOGIN.value))

    async def user(self, email: str) -> User:
        """Raises NotFoundError."""
        row = await self._account(email.strip().casefold())
        if row is None:
            raise NotFoundError(f"there is no account for {email}")
        return User(row.id, row.email)

    async def identify(self, token: str) -> User:
        """Whose token this is. Raises AuthError for one that is unknown, revoked or has expired."""
        query = (
            select(TokenRow.id, TokenRow.expires_at, TokenRow.last_used_at, UserRow.id, UserRow.email)
            .join(UserRow, UserRow.id == TokenRow.user_id)
            .where(TokenRow.token_hash == _digest(token))
        )
        async with self._db.reading() as tx:
            found = (await tx.execute(query)).one_or_none()
        now = self._clock()
        if found is None or (found[1] is not None and found[1] <= now):
            raise AuthError("the token is unknown or has expired; log in again")
        token_id, _, used, user_id, email = found
        if used is None or now - used > _TOUCH_AFTER:
            await self._touch(token_id, now)
        return User(user_id, email)

    async def logout(self, token: str) -> None:
        """Ends one login. A token that is not known is as good as ended."""
        async with self._db.writing() as tx:
            await tx.execute(delete(TokenRow).where(TokenRow.token_hash == _digest(token)))

    async def local_user(self) -> User:
        """The one person of a machine where nobody has to log in."""
        async with self._db.reading() as tx:
            known = await tx.scalar(select(UserRow.id).where(UserRow.id == _LOCAL_ID))
        if known is None:
            await self._add_local_user()
        return User(_LOCAL_ID, None)

    async def create_api_key(self, user_id: str, name: str) -> IssuedToken:
        """A key for programs. Raises NotFoundError for an unknown account."""
        async with self._db.reading() as tx:
            row = await tx.get(UserRow, user_id)
        if row is None:
            raise NotFoundError("there is no such account")
        return await self._issue(User(row.id, row.email), TokenKind.API_KEY, name, None)

    async def api_keys(self, user_id: str) -> tuple[ApiKey, ...]:
        """Newest first."""
        query = (
            select(TokenRow.id, TokenRow.name, TokenRow.created_at, TokenRow.last_used_at)
            .where(TokenRow.user_id == user_id, TokenRow.kind == TokenKind.API_KEY.value)
            .order_by(TokenRow.created_at.desc(), TokenRow.id)
        )
        async with self._db.reading() as tx:
            return tuple(ApiKey(*row) for row in (await tx.execute(query)).all())

    async def revoke_api_key(self, user_id: str, key_id: str) -> None:
        """Raises NotFoundError for a key that is not this account's."""
        async with self._db.writing() as tx:
            gone = await tx.execute(
                delete(TokenRow)
                .where(TokenRow.id == key_id, TokenRow.user_id == user_id, TokenRow.kind == TokenKind.API_KEY.value)
                .returning(TokenRow.id)
            )
            if gone.one_or_none() is None:
                raise NotFoundError("there is no such API key")

    async def _account(self, address: str) -> UserRow | None:
        if not _is_address(address):
            return None
        async with self._db.reading() as tx:
            return await tx.scalar(select(UserRow).where(UserRow.email == address))

    async def _add_local_user(self) -> None:
        try:
            async with self._db.writing() as tx:
                tx.add(UserRow(id=_LOCAL_ID, created_at=self._clock()))
        except IntegrityError:
            # Another process was first, which is just as well.
            return

    async def _touch(self, token_id: str, now: datetime) -> None:
        async with self._db.writing() as tx:
            await tx.execute(update(TokenRow).where(TokenRow.id == token_id).values(last_used_at=now))

    async def _issue(self, user: User, kind: TokenKind, name: str, expires: datetime | None) -> IssuedToken:
        token = f"adreel_{kind}_{secrets.token_urlsafe(32)}"
        row = TokenRow(
            id=self._make_id(),
            user_id=user.id,
            kind=kind.value,
            name=name,
            token_hash=_digest(token),
            created_at=self._clock(),
            expires_at=expires,
        )
        async with self._db.writing() as tx:
            tx.add(row)
            if kind is TokenKind.LOGIN:
                await tx.execute(delete(TokenRow).where(TokenRow.expires_at <= self._clock()))
        return IssuedToken(row.id, token, user, expires)


def normal_email(email: str) -> str:
    """The address as it is kept: case does not make another account. Raises InputError."""
    address = email.strip().casefold()
    if not _is_address(address):
        raise InputError(f"{email!r} is not an e-mail address")
    return address


def _is_address(text: str) -> bool:
    """Also false for what no database takes as text: NUL characters and halves of surrogate pairs."""
    return bool(_EMAIL.fullmatch(text)) and text == text.encode(errors="ignore").decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
