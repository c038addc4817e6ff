"""Authentication: accounts, logins and API keys. Passwords are hashed with Argon2id, tokens stored as SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from adreel.db.engine import Database
from adreel.db.tables import TokenRow, UserRow
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits
from adreel.domain.accounts.user import LOCAL_USER_ID, ApiKey, Grant, IssuedToken, Role, TokenKind, User
from adreel.domain.errors import AuthError, BusyError, ConflictError, NotFoundError
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.services.accounts.emails import account_name, names_of, normal_email
from adreel.services.accounts.limits import admit_key
from adreel.services.accounts.login_budgets import Attempt, LoginBudgets
from adreel.services.accounts.login_gate import LoginGate
from adreel.services.accounts.passwords import Passwords

LOGIN_LIFETIME = timedelta(days=7)
_TOUCH_AFTER = timedelta(minutes=5)
"""A key's last use is recorded this often at most, so that reads do not become writes."""

_WRONG = "e-mail or password is wrong"
_DISABLED = "this account is disabled; ask the operator of the service"


class AuthService:
    def __init__(
        self,
        db: Database,
        passwords: Passwords | None = None,
        clock: Clock = utc_now,
        make_id: MakeId = new_id,
        ended: Callable[[Collection[str]], None] = lambda _: None,
        limits: AccountLimits = NO_LIMITS,
    ) -> None:
        """`ended` is called with the ids of logins and keys that this process has ended.

        `limits` are the defaults of accounts.
        """
        self._db = db
        self._passwords = passwords or Passwords()
        self._gate = LoginGate()
        self._budgets = LoginBudgets(db, clock)
        self._clock = clock
        self._make_id = make_id
        self._ended = ended
        self._limits = limits

    async def register(self, email: str, password: str, role: Role = Role.MEMBER) -> User:
        """Creates an account. Raises InputError for an invalid address or password, ConflictError when it exists."""
        address = normal_email(email)
        hashed = await self._passwords.hash(password)
        user = User(self._make_id(), address, role)
        try:
            async with self._db.writing() as tx:
                tx.add(_row(user, hashed, self._clock()))
        except IntegrityError as error:
            raise ConflictError(f"there is already an account for {address}") from error
        return user

    async def login(self, email: str, password: str, client: str, device: str | None = None) -> IssuedToken:
        """Issues a bearer token for an account. `client` is the address of the request.

        `device` is the id of a device on which this account has logged in before (see KnownDevices): it has its own budget
        of attempts. Raises AuthError, which does not say what was wrong unless the account is disabled, and BusyError after too
        many attempts.
        """
        attempt = Attempt(account_name(email), client, device)
        row = await self._verified(attempt, email, password)
        if row is None:
            raise AuthError(_WRONG)
        await self._budgets.succeeded(attempt)
        if row.disabled_at is not None:
            raise AuthError(_DISABLED)
        return await self._issue(_user(row), TokenKind.LOGIN, "", self._clock() + LOGIN_LIFETIME)

    async def change_password(self, email: str, password: str) -> None:
        """Sets a password and ends every login of the account; API keys stay. Raises NotFoundError, InputError.

        Also refills the budgets of login attempts, for an owner whom an attacker's guessing delays.
        """
        hashed = await self._passwords.hash(password)
        row = await self._account(email)
        if row is None:
            raise NotFoundError(f"there is no account for {email}")
        async with self._db.writing() as tx:
            await tx.execute(update(UserRow).where(UserRow.id == row.id).values(password_hash=hashed))
            logins = delete(TokenRow).where(TokenRow.user_id == row.id, TokenRow.kind == TokenKind.LOGIN.value)
            gone = (await tx.scalars(logins.returning(TokenRow.id))).all()
        self._ended(gone)
        await self._budgets.forget_account(account_name(email))

    async def user(self, email: str) -> User:
        """The user of an account. Raises NotFoundError."""
        row = await self._account(email)
        if row is None:
            raise NotFoundError(f"there is no account for {email}")
        return _user(row)

    async def identify(self, token: str) -> User:
        """The user of a token. Raises AuthError when it is unknown, revoked or expired."""
        return (await self.grant(token)).user

    async def grant(self, token: str) -> Grant:
        """The user and the id of a token. Raises AuthError when it is unknown, revoked or expired."""
        query = (
            select(TokenRow.id, TokenRow.expires_at, TokenRow.last_used_at, UserRow)
            .join(UserRow, UserRow.id == TokenRow.user_id)
            .where(TokenRow.token_hash == _digest(token))
        )
        async with self._db.reading() as tx:
            found = (await tx.execute(query)).one_or_none()
        now = self._clock()
        if found is None or (found[1] is not None and found[1] <= now):
            raise AuthError("the token is unknown or has expired; log in again")
        token_id, _, used, row = found
        if row.disabled_at is not None:
            raise AuthError(_DISABLED)
        if used is None or now - used > _TOUCH_AFTER:
            await self._touch(token_id, now)
        return Grant(_user(row), token_id)

    async def check_token(self, token_id: str) -> None:
        """Raises AuthError for a login or key that has ended since `grant`."""
        query = select(TokenRow.expires_at).join(UserRow, UserRow.id == TokenRow.user_id)
        query = query.where(TokenRow.id == token_id, UserRow.disabled_at.is_(None))
        async with self._db.reading() as tx:
            found = (await tx.execute(query)).one_or_none()
        if found is None or (found[0] is not None and found[0] <= self._clock()):
            raise AuthError("the login has ended; log in again")

    async def logout(self, token: str) -> None:
        """Ends one login. Ignores an unknown token."""
        async with self._db.writing() as tx:
            known = delete(TokenRow).where(TokenRow.token_hash == _digest(token))
            gone = (await tx.scalars(known.returning(TokenRow.id))).all()
        self._ended(gone)

    async def local_user(self) -> User:
        """The single user of an installation without logins."""
        async with self._db.reading() as tx:
            known = await tx.scalar(select(UserRow.id).where(UserRow.id == LOCAL_USER_ID))
        if known is None:
            await self._add_local_user()
        return User(LOCAL_USER_ID, None, Role.ADMIN)

    async def create_api_key(self, user_id: str, name: str) -> IssuedToken:
        """Issues a key for programs. Raises NotFoundError for an unknown account, LimitError beyond its number of keys."""
        async with self._db.reading() as tx:
            row = await tx.get(UserRow, user_id)
        if row is None:
            raise NotFoundError("there is no such account")
        return await self._issue(_user(row), TokenKind.API_KEY, name, None)

    async def api_keys(self, user_id: str) -> tuple[ApiKey, ...]:
        """The account's keys, newest first."""
        query = (
            select(TokenRow.id, TokenRow.name, TokenRow.created_at, TokenRow.last_used_at)
            .where(TokenRow.user_id == user_id, TokenRow.kind == TokenKind.API_KEY.value)
            .order_by(TokenRow.created_at.desc(), TokenRow.id)
        )
        async with self._db.reading() as tx:
            return tuple(ApiKey(*row) for row in (await tx.execute(query)).all())

    async def revoke_api_key(self, user_id: str, key_id: str) -> None:
        """Ends a key. Raises NotFoundError for a key that is not this account's."""
        async with self._db.writing() as tx:
            gone = await tx.execute(
                delete(TokenRow)
                .where(TokenRow.id == key_id, TokenRow.user_id == user_id, TokenRow.kind == TokenKind.API_KEY.value)
                .returning(TokenRow.id)
            )
            if gone.one_or_none() is None:
                raise NotFoundError("there is no such API key")
        self._ended([key_id])

    async def _verified(self, attempt: Attempt, email: str, password: str) -> UserRow | None:
        """The account if the password matches, else None. Raises BusyError."""
        self._gate.check(attempt)
        # Counted first, or concurrent attempts would all pass while the first hash is computed.
        await self._budgets.reserve(attempt)
        try:
            with self._gate.entered(attempt):
                row = await self._account(email)
                fits = await self._passwords.verify(password, row.password_hash if row else None)
        except BusyError:
            await self._budgets.give_back(attempt)
            raise
        return row if fits else None

    async def forget_attempts(self) -> None:
        """Deletes expired counts of attempts."""
        await self._budgets.forget_full()

    async def _account(self, email: str) -> UserRow | None:
        names = names_of(email)
        async with self._db.reading() as tx:
            found = {row.email: row for row in await tx.scalars(select(UserRow).where(UserRow.email.in_(names)))}
        return next((found[name] for name in names if name in found), None)

    async def _add_local_user(self) -> None:
        try:
            async with self._db.writing() as tx:
                tx.add(UserRow(id=LOCAL_USER_ID, created_at=self._clock()))
        except IntegrityError:
            # Another process was first.
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
            if kind is TokenKind.API_KEY:
                await admit_key(tx, user.id, self._limits)
            tx.add(row)
            if kind is TokenKind.LOGIN:
                await tx.execute(delete(TokenRow).where(TokenRow.expires_at <= self._clock()))
        return IssuedToken(row.id, token, user, expires)


def _user(row: UserRow) -> User:
    return User(row.id, row.email, Role(row.role))


def _row(user: User, password_hash: str, now: datetime) -> UserRow:
    return UserRow(id=user.id, email=user.email, password_hash=password_hash, role=user.role.value, created_at=now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
