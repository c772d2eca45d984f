"""What the browser keeps of the inbox, as tests look into it, and the network gone and back."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocketRoute, expect

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

# How many acts wait on the disk.
WAITING = """() => new Promise((resolve) => {
  const asked = indexedDB.open("inbox");
  asked.onsuccess = () => {
    const counted = asked.result.transaction("acts").objectStore("acts").count();
    counted.onsuccess = () => { asked.result.close(); resolve(counted.result); };
  };
})"""
# Until nothing is kept.
FORGOTTEN = """async () => {
  while ((await caches.keys()).some((name) => name.startsWith("kept-"))) {
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}"""
CONTROLLED = """() => navigator.serviceWorker.controller || new Promise((resolve) => {
  navigator.serviceWorker.addEventListener("controllerchange", () => resolve(true), { once: true });
}).then(() => true)"""
# Whether there is a worker that works, one that waits, and one that is being installed.
ONE_WORKER = """() => navigator.serviceWorker.getRegistration().then(
  ({ active, waiting, installing }) => [active, waiting, installing].map(Boolean))"""


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


def lose(inbox: InboxPage, what: str) -> None:
    """Loads the page anew; whatever it sends with this word in it does not arrive."""

    def relay(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        line.on_message(lambda text: None if what in str(text) else server.send(text))

    inbox.page.route_web_socket("**/_event/**", relay)
    inbox.page.reload()
