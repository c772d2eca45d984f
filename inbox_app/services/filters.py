"""Filters that a person saved under names of their own, each with its number of unread items."""

from __future__ import annotations

from collections.abc import Sequence

from inbox_app.domain.errors import Conflict, InvalidInput, NotFound
from inbox_app.domain.inbox_filter import InboxFilter, as_document, from_document
from inbox_app.domain.search import parse
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services.inbox import count_each
from inbox_app.services.inbox.finding import UTC_ZONE
from inbox_app.services.views import FilterView
from inbox_app.storage import filters, inbox
from inbox_app.storage.engine import Transaction
from inbox_app.storage.filters import SavedFilter

MOST, LONGEST_NAME = 50, 60


async def listed(rt: Runtime, user_id: int) -> list[FilterView]:
    """A person's filters in their order, with how many unread items each holds."""
    async with rt.database.read() as tx:
        saved = await filters.of_person(tx, user_id)
    return await _views(rt, user_id, saved)


async def create(rt: Runtime, user_id: int, name: str, chosen: InboxFilter) -> FilterView:
    """Saves a filter, the last in the order.

    Raises:
        Conflict: there is one of this name, or there are as many as may be.
        InvalidInput: the name is empty or too long, or the filter cannot be read.
    """
    saved = SavedFilter(ids.token(), _name(name), from_document(as_document(chosen)))
    parse(chosen.query, rt.clock.now(), UTC_ZONE)
    async with rt.database.write() as tx:
        known = await _locked(tx, user_id)
        if len(known) >= MOST:
            raise Conflict(f"There are {MOST} filters already.", fix="Delete one first.")
        _check_free(known, saved)
        await filters.add(tx, user_id, len(known), saved)
        await filters.arrange(tx, user_id, [each.id for each in (*known, saved)])
    return (await _views(rt, user_id, [saved]))[0]


async def rename(rt: Runtime, user_id: int, filter_id: str, name: str) -> None:
    """Gives a filter another name.

    Raises:
        Conflict: another has this name.
        InvalidInput: the name is empty or too long.
        NotFound: there is no such filter.
    """
    async with rt.database.write() as tx:
        known = await _locked(tx, user_id)
        found = _found(known, filter_id)
        _check_free(known, SavedFilter(found.id, _name(name), found.chosen))
        await filters.rename(tx, user_id, filter_id, _name(name))


async def arrange(rt: Runtime, user_id: int, filter_ids: Sequence[str]) -> None:
    """Puts filters in this order; those that are not named follow as they are.

    Raises:
        NotFound: one of them is not there.
    """
    async with rt.database.write() as tx:
        known = await _locked(tx, user_id)
        named = [_found(known, each).id for each in dict.fromkeys(filter_ids)]
        others = [each.id for each in known if each.id not in named]
        await filters.arrange(tx, user_id, [*named, *others])


async def delete(rt: Runtime, user_id: int, filter_id: str) -> None:
    """Deletes a filter.

    Raises:
        NotFound: there is no such filter.
    """
    async with rt.database.write() as tx:
        _found(await _locked(tx, user_id), filter_id)
        await filters.remove(tx, user_id, filter_id)


async def _locked(tx: Transaction, user_id: int) -> list[SavedFilter]:
    """A person's filters, which nobody else changes meanwhile."""
    await inbox.lock(tx, user_id)
    return await filters.of_person(tx, user_id)


async def _views(rt: Runtime, user_id: int, saved: Sequence[SavedFilter]) -> list[FilterView]:
    counted = await count_each(rt, user_id, [each.chosen for each in saved])
    return [_view(each, *number) for each, number in zip(saved, counted, strict=True)]


def _view(saved: SavedFilter, unread: int, capped: bool) -> FilterView:
    chosen = saved.chosen
    return FilterView(
        *(saved.id, saved.name, chosen.box.value, chosen.category, chosen.type_name),
        *(chosen.query, unread, capped),
    )


def _found(known: Sequence[SavedFilter], filter_id: str) -> SavedFilter:
    found = next((each for each in known if each.id == filter_id), None)
    if found is None:
        raise NotFound("There is no such filter.", fix="It may have been deleted in another tab.")
    return found


def _check_free(known: Sequence[SavedFilter], wanted: SavedFilter) -> None:
    taken = {each.name.casefold() for each in known if each.id != wanted.id}
    if wanted.name.casefold() in taken:
        raise Conflict(f"There is a filter {wanted.name!r} already.", fix="Take another name.")


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput(
            "The filter needs a name." if not name else "The name is too long.",
            fix=f"Write 1 to {LONGEST_NAME} characters.",
        )
    return name
