"""Without a network: what still opens, what is kept, and what is done when it is back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import InboxPage

WORKER_READY = "() => navigator.serviceWorker.ready.then(({ active }) => active.state)"
# Has the worker keep the inbox now, and waits until all of these titles are in what it keeps.
KEEP = """async (titles) => {
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage("keep");
  for (;;) {
    const name = (await caches.keys()).find((each) => each.startsWith("kept-"));
    const answer = name && await (await caches.open(name)).match("/inbox/kept");
    const kept = answer ? await answer.json() : { items: [] };
    if (titles.every((title) => kept.items.some(({ row }) => row.title === title))) return;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}"""
# All that a page could read of what is stored here, as one text.
STORED = """async () => {
  const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      found.push(request.url, await (await cache.match(request)).text());
    }
  }
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => resolve(asked.result);
    });
    for (const store of database.objectStoreNames) {
      found.push(JSON.stringify(await new Promise((resolve) => {
        const asked = database.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => resolve(asked.result);
      })));
    }
    database.close();
  }
  return found.join("\\n");
}"""


def keep(inbox: InboxPage, *titles: str) -> None:
    inbox.page.evaluate(KEEP, list(titles))


def stored(page: Page) -> str:
    return page.evaluate(STORED)


def go_offline(inbox: InboxPage) -> None:
    inbox.context.set_offline(True)
    expect(inbox.connection).to_contain_text("Offline")


def go_online(inbox: InboxPage) -> None:
    inbox.context.set_offline(False)
    expect(inbox.connection).to_have_count(0)


@pytest.fixture
def told(inbox: InboxPage, person: Person) -> InboxPage:
    """Three notifications, kept."""
    person.send("One", body="The first of them")
    person.send("Two", body="The second of them")
    person.send("Talk", body="Well?", replies=True)
    inbox.expect_titles("Talk", "Two", "One")
    keep(inbox, "One", "Two", "Talk")
    return inbox


def test_the_page_opens_without_a_network(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send("Hello")
    inbox.expect_titles("Hello")
    inbox.page.evaluate(WORKER_READY)
    inbox.context.set_offline(True)
    inbox.page.reload()
    expect(inbox.heading).to_have_text("Inbox")
    expect(inbox.connection).to_contain_text("Offline")
    inbox.context.set_offline(False)
    inbox.expect_titles("Hello")
    mishaps.clear()


def test_the_inbox_is_kept_by_itself_and_shown_without_a_network(
    inbox: InboxPage, person: Person, mishaps: list[str]
) -> None:
    person.send("One", body="The first of them")
    inbox.expect_titles("One")
    # What a page asks for a while after it has changed.
    inbox.page.evaluate(KEEP.replace('active.postMessage("keep");', ""), ["One"])
    go_offline(inbox)
    inbox.page.reload()
    inbox.expect_titles("One")
    inbox.expect_unread(1)
    expect(inbox.page.locator(".person-name").first).to_have_text(person.name)
    inbox.open("One")
    expect(inbox.detail.root).to_contain_text("The first of them")
    go_online(inbox)
    inbox.expect_titles("One")
    expect(inbox.detail.title).to_have_text("One")
    mishaps.clear()


def test_what_is_done_without_a_network_is_done_once_when_it_is_back(
    told: InboxPage, person: Person, mishaps: list[str]
) -> None:
    go_offline(told)
    told.page.reload()
    told.expect_titles("Talk", "Two", "One")
    told.row("One").act("Mark as done")
    told.row("Two").choose("Save")
    told.open("Talk").reply("From the plane")
    expect(told.detail.thread.last).to_contain_text("Waiting to be sent")
    told.detail.expect_said("From the plane")
    expect(told.row("Talk").root).to_contain_text("Waiting to be sent")
    told.page.reload()
    told.expect_titles("Talk", "Two")
    told.row("Talk").expect_read()
    told.detail.expect_said("From the plane")
    expect(told.row("Two").root.locator(".saved-mark")).to_be_visible()
    go_online(told)
    told.expect_titles("Talk", "Two")
    told.detail.expect_said("From the plane")
    expect(told.page.get_by_text("Waiting to be sent")).to_have_count(0)
    person.wait_until(lambda items: sum("archived" in each for each in items.values()) == 1)
    by_title = {each["title"]: each for each in person.items().values()}
    assert "archived" in by_title["One"]
    assert "opened" in by_title["Talk"]
    assert [each["message"] for each in by_title["Talk"]["replies"]] == ["From the plane"]
    told.expect_count("Saved", "1")
    mishaps.clear()
