"""Users read one by one and many at once are the same users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from inbox_app.domain.environment import Environment
from inbox_app.domain.preference import Preferences
from inbox_app.domain.user import Profile, User
from inbox_app.runtime import Runtime
from inbox_app.storage import users

MADE = datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)


def everything(environment: Environment) -> User:
    """A user with a value in every column, and texts that JSON has to take care with."""
    profile = Profile(
        email='"quoted"\\@example.com',
        number="+4930123456",
        timezone="Europe/Berlin",
        push_tokens=({"token": "a/b\n", "type": "FCM"},),
        web_push_tokens=({"sub": {"endpoint": "https://push.example.com/1"}},),
        slack_channel="#général",
        slack_token="sealed",
        properties={"name": "Zoë 🦉 \u2028", "age": 41.5, "vip": True, "big": 2**53},
    )
    chosen = Preferences(paused_until=MADE + timedelta(days=1), escalation=timedelta(minutes=5))
    return User(2**53 + 1, environment.id, "zoë 🦉", MADE, MADE, MADE, profile, chosen)


async def test_many_at_once_are_as_one_by_one(runtime: Runtime, environment: Environment):
    bare = User(7, environment.id, "bare", MADE, MADE)
    full = everything(environment)
    async with runtime.database.write() as tx:
        await users.add_missing(tx, [bare, full])
        names = {(environment.id, "bare"), (environment.id, full.external_id)}
        for to_change in (False, True):
            found = await users.find_many(tx, names, to_change=to_change)
            assert found == {
                (environment.id, "bare"): bare,
                (environment.id, full.external_id): full,
            }
        assert await users.find(tx, environment.id, full.external_id) == full
        assert await users.find_many(tx, {(environment.id, "nobody")}) == {}
