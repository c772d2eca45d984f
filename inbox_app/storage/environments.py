"""Repository of environments, API keys and single-use tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, text, update

from inbox_app.domain import look
from inbox_app.domain.environment import ApiKey, Environment
from inbox_app.domain.look import Look
from inbox_app.domain.notification_type import Channel
from inbox_app.lib.sealing import Sealer
from inbox_app.storage.engine import Transaction
from inbox_app.storage.statements import upsert
from inbox_app.storage.tables.columns import table
from inbox_app.storage.tables.environments import ApiKeyRow, EnvironmentRow, UsedTokenRow

ENVIRONMENTS, KEYS, TOKENS = table(EnvironmentRow), table(ApiKeyRow), table(UsedTokenRow)


async def add(tx: Transaction, environment: Environment, sealer: Sealer, now: datetime) -> None:
    """Stores a new environment; its client secret is sealed."""
    await tx.execute(
        insert(ENVIRONMENTS).values(
            id=environment.id,
            client_id=environment.client_id,
            client_secret_sealed=sealer.seal(environment.client_secret),
            title=environment.title,
            secure_mode=environment.secure_mode,
            disable_sending=sorted(environment.disable_sending),
            demo=environment.demo,
            look=look.as_document(environment.look) or None,
            created_at=now,
        )
    )


async def lock(tx: Transaction) -> None:
    """Keeps others from adding environments until the transaction ends; SQLite has one writer."""
    if tx.dialect.name == "postgresql":
        await tx.execute(text("LOCK TABLE environments IN SHARE ROW EXCLUSIVE MODE"))


async def all_of_them(tx: Transaction, sealer: Sealer) -> list[Environment]:
    """Every environment, oldest first."""
    rows = await tx.execute(select(ENVIRONMENTS).order_by(ENVIRONMENTS.c.created_at))
    return [_environment(row, sealer) for row in rows.mappings()]


async def by_client_id(tx: Transaction, client_id: str, sealer: Sealer) -> Environment | None:
    rows = await tx.execute(select(ENVIRONMENTS).where(ENVIRONMENTS.c.client_id == client_id))
    row = rows.mappings().first()
    return _environment(row, sealer) if row else None


async def by_id(tx: Transaction, environment_id: int, sealer: Sealer) -> Environment | None:
    rows = await tx.execute(select(ENVIRONMENTS).where(ENVIRONMENTS.c.id == environment_id))
    row = rows.mappings().first()
    return _environment(row, sealer) if row else None


async def by_key_hash(tx: Transaction, key_hash: str, sealer: Sealer) -> Environment | None:
    """The environment of an API key that is not revoked."""
    rows = await tx.execute(
        select(ENVIRONMENTS)
        .join(KEYS, KEYS.c.environment_id == ENVIRONMENTS.c.id)
        .where(KEYS.c.hash == key_hash, KEYS.c.revoked_at.is_(None))
    )
    row = rows.mappings().first()
    return _environment(row, sealer) if row else None


async def set_secure_mode(tx: Transaction, environment_id: int, secure: bool) -> None:
    await tx.execute(
        update(ENVIRONMENTS).where(ENVIRONMENTS.c.id == environment_id).values(secure_mode=secure)
    )


async def set_look(tx: Transaction, environment_id: int, chosen: Look) -> None:
    await tx.execute(
        update(ENVIRONMENTS)
        .where(ENVIRONMENTS.c.id == environment_id)
        .values(look=look.as_document(chosen) or None)
    )


async def add_key(tx: Transaction, key: ApiKey, key_hash: str) -> None:
    await tx.execute(
        insert(KEYS).values(
            id=key.id,
            environment_id=key.environment_id,
            name=key.name,
            hash=key_hash,
            hint=key.hint,
            created_at=key.created_at,
            revoked_at=None,
        )
    )


async def keys(tx: Transaction, environment_id: int) -> list[ApiKey]:
    """All keys of an environment, oldest first, revoked ones too."""
    rows = await tx.execute(
        select(KEYS).where(KEYS.c.environment_id == environment_id).order_by(KEYS.c.created_at)
    )
    return [_key(row) for row in rows.mappings()]


async def revoke_key(tx: Transaction, key_id: int, now: datetime) -> bool:
    """Ends a key; False when there is no such key or it had ended before."""
    done = await tx.execute(
        update(KEYS).where(KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount == 1


async def use_token(
    tx: Transaction, environment_id: int, token_id: str, expires_at: datetime
) -> bool:
    """Marks a single-use token as used; False when it was used before."""
    done = await tx.execute(
        upsert(tx.dialect.name, TOKENS)
        .values(environment_id=environment_id, token_id=token_id, expires_at=expires_at)
        .on_conflict_do_nothing()
    )
    return done.rowcount == 1


async def forget_tokens(tx: Transaction, before: datetime) -> None:
    """Drops used tokens that have expired: their expiry alone refuses them now."""
    await tx.execute(delete(TOKENS).where(TOKENS.c.expires_at < before))


def _environment(row: RowMapping, sealer: Sealer) -> Environment:
    return Environment(
        id=row["id"],
        client_id=row["client_id"],
        client_secret=sealer.unseal(row["client_secret_sealed"]),
        title=row["title"],
        secure_mode=row["secure_mode"],
        disable_sending=frozenset(Channel(name) for name in row["disable_sending"]),
        demo=row["demo"],
        look=look.from_document(row["look"] or {}),
    )


def _key(row: RowMapping) -> ApiKey:
    fields = ("id", "environment_id", "name", "hint", "created_at", "revoked_at")
    return ApiKey(**{name: row[name] for name in fields})
