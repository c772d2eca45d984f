"""Templates: the content of a notification type for a channel, checked when it is saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.template import Mode, Template
from inbox_app.rendering import liquid
from inbox_app.rendering.text import web_link
from inbox_app.runtime import Runtime
from inbox_app.services.types import known
from inbox_app.storage import types
from inbox_app.storage.engine import Transaction

MOST = 100
"""Templates of a type on one channel."""
NEEDED: Mapping[Channel, tuple[str, ...]] = {
    Channel.EMAIL: ("subject", "html"),
    Channel.INAPP_WEB: ("title",),
    Channel.SMS: ("message",),
    Channel.CALL: ("message",),
    Channel.PUSH: ("title", "message"),
    Channel.WEB_PUSH: ("title", "message"),
    Channel.SLACK: ("text",),
}
"""What a message cannot do without; for Slack, blocks may stand in for it."""
LINKS = ("redirectURL", "imageURL")
NOT_LIQUID = frozenset({"internal"})
"""For the sender's editor alone; never sent."""


@dataclass(frozen=True)
class Place:
    """Where a template is: its environment, and the name of its type and its channel."""

    environment: Environment
    type_name: str
    channel: Channel


async def create(rt: Runtime, place: Place, name: str, content: Mapping[str, Any]) -> Template:
    """Saves a new template; a complete one is the default at once while there is none.

    Args:
        content: The channel's fields as `domain.template.Template` keeps them.

    Raises:
        NotFound: there is no such type.
        Conflict: there is a template of that name, or there are too many.
        InvalidInput: a field is wrong Liquid.
    """
    _check(content)
    now = rt.clock.now()
    async with rt.database.write() as tx:
        kind, siblings = await _siblings(tx, place, to_change=True)
        if any(each.name == name for each in siblings):
            raise Conflict(f"There is a template {name!r} already.", fix="Change it, with PATCH.")
        if len(siblings) >= MOST:
            raise Conflict(f"There are {MOST} templates.", fix="Delete some that are not used.")
        first = not any(Mode.INSTANT in each.default_for for each in siblings)
        usable = not _lacking(place.channel, content)
        modes = frozenset({Mode.INSTANT}) if first and usable else frozenset[Mode]()
        made = Template(kind.id, place.channel, name, _merged({}, content), modes, now, now)
        await types.put_template(tx, made)
    return made


async def every(rt: Runtime, place: Place) -> list[Template]:
    """The templates of a type on a channel, by name.

    Raises:
        NotFound: there is no such type.
    """
    async with rt.database.read() as tx:
        return (await _siblings(tx, place))[1]


async def get(rt: Runtime, place: Place, name: str) -> Template:
    """One template.

    Raises:
        NotFound: there is none.
    """
    return _named(await every(rt, place), name)


async def change(rt: Runtime, place: Place, name: str, change: Mapping[str, Any]) -> Template:
    """Merges fields into a template, one level deep; None takes a field out.

    Raises:
        NotFound: there is none.
        InvalidInput: a field is wrong Liquid, or a default template would lack one.
    """
    _check(change)
    async with rt.database.write() as tx:
        _, siblings = await _siblings(tx, place, to_change=True)
        found = _named(siblings, name)
        changed = replace(found, content=_merged(found.content, change), updated_at=rt.clock.now())
        if found.default_for:
            _require_all(changed)
        await types.put_template(tx, changed)
    return changed


async def remove(rt: Runtime, place: Place, name: str) -> None:
    """Deletes a template.

    Raises:
        NotFound: there is none.
    """
    async with rt.database.write() as tx:
        _, siblings = await _siblings(tx, place, to_change=True)
        await types.remove_template(tx, _named(siblings, name))


async def make_default(rt: Runtime, place: Place, name: str, modes: Collection[Mode]) -> Template:
    """Lets a template be the one taken in these modes; another that was is no more.

    Raises:
        NotFound: there is none.
        InvalidInput: it lacks a field.
    """
    async with rt.database.write() as tx:
        _, siblings = await _siblings(tx, place, to_change=True)
        chosen = _named(siblings, name)
        _require_all(chosen)
        for each in siblings:
            rest = each.default_for - frozenset(modes)
            if each is not chosen and rest != each.default_for:
                await types.put_template(tx, replace(each, default_for=rest))
        chosen = replace(chosen, default_for=chosen.default_for | frozenset(modes))
        await types.put_template(tx, chosen)
    return chosen


async def _siblings(
    tx: Transaction, place: Place, *, to_change: bool = False
) -> tuple[NotificationType, list[Template]]:
    """The type with its templates on the channel; changes of these wait for each other."""
    kind = await known(tx, place.environment, place.type_name, to_change=to_change)
    found = await types.templates(tx, [kind.id])
    return kind, [each for each in found if each.channel is place.channel]


def _named(templates: Iterable[Template], name: str) -> Template:
    for each in templates:
        if each.name == name:
            return each
    raise NotFound(f"There is no template {name!r} for this type and channel.")


def _merged(content: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(content)
    for name, value in change.items():
        before = merged.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[name] = {**cast("Any", before), **cast("Any", value)} if both else value
    # Several items without a form of their own read as the newest with "(+3)".
    if not _filled(merged.get("batch") or {}, "title"):
        merged.pop("batch", None)
    return {name: value for name, value in merged.items() if value is not None}


def _require_all(template: Template) -> None:
    lacking = _lacking(template.channel, template.content)
    if lacking:
        raise InvalidInput(
            f"The template {template.name!r} has no {' and no '.join(lacking)}.",
            fix="Only a complete template can be a default.",
        )


def _lacking(channel: Channel, content: Mapping[str, Any]) -> list[str]:
    """The fields without which nothing can be sent, and which are not there."""
    if channel is Channel.SLACK and content.get("blocks"):
        return []
    if channel is Channel.INAPP_WEB:
        content = content.get("instant") or {}
    return [name for name in NEEDED[channel] if not _filled(content, name)]


def _filled(content: Mapping[str, Any], name: str) -> bool:
    return bool(str(content.get(name) or "").strip())


def _check(content: Mapping[str, Any]) -> None:
    """Raises InvalidInput, which names the field, when one is wrong Liquid."""
    for name, value in content.items():
        if name not in NOT_LIQUID:
            _check_value(name, value, html=name == "html")


def _check_value(name: str, value: object, *, html: bool) -> None:
    if isinstance(value, str):
        if name.endswith(LINKS) and "{" not in value:
            web_link(name, value)
        try:
            liquid.check(value, html=html)
        except InvalidInput as error:
            raise InvalidInput(f"{name}: {error.message}", fix=error.fix) from error
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            _check_value(f"{name}.{key}", inner, html=key == "html")
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[object]", value)):
            _check_value(f"{name}.{index}", inner, html=False)
