"""The inbox as a person meets it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as Impatience

TRIES = 5


class InboxPage:
    """One tab with the inbox."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.feed = page.get_by_role("feed")
        self.rows = page.get_by_role("feed").get_by_role("article")
        self.headings = page.locator(".feed .day")
        self.list = page.locator("#list")
        self.skip_link = page.get_by_role("link", name="Skip to the content")
        self.heading = page.locator("h1#view-title")
        self.badge = page.get_by_test_id("badge")
        self.unread_count = page.locator('.rail a[href="/inbox/?view=unread"] .count')
        self.search_field = page.get_by_role("combobox", name="Search notifications")
        self.bulk = page.locator(".bulk")
        self.menu = page.get_by_role("menu")
        self.pill = page.locator(".pill")
        self.detail = Detail(page.locator(".detail"))
        self.flash = page.locator("[data-flash]")
        self.connection = page.locator("[data-connection]")
        self.trouble = page.locator(".list .trouble")
        self.empty = page.locator("[data-empty]")
        self.help = page.get_by_role("dialog", name="Keyboard shortcuts")
        self.account = page.get_by_role("button", name="Account and settings")
        self.announcer = page.locator("#announcer")
        self.ended = page.get_by_role("dialog", name="You were signed out")

    # Going places

    def sign_in(self, url: str) -> InboxPage:
        self.page.goto(url)
        return self.loaded()

    def goto(self, path: str) -> InboxPage:
        self.page.goto(path)
        return self.loaded()

    def loaded(self) -> InboxPage:
        """Rows are there, or the words for none; on a phone the open notification may hide them."""
        expect(self.page.locator('.list [role="feed"], [data-empty]')).to_be_attached()
        return self

    def another_tab(self) -> InboxPage:
        """A second tab of the same browser."""
        tab = InboxPage(self.page.context.new_page())
        return tab.goto(self.page.url)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def show(self, view: str) -> None:
        """Follows the link of a view; waits for its rows."""
        self.go(view)
        name = {"All": "Inbox"}.get(view, view)
        expect(self.heading).to_have_text(name)
        self.settled()

    def go(self, view: str) -> None:
        """Follows the link of a view."""
        views = self.page.get_by_role("navigation", name="Views")
        views.get_by_role("link", name=view).locator("visible=true").click()

    def search(self, text: str) -> None:
        self.search_field.fill(text)
        self.settled()

    def save_filter(self, name: str) -> None:
        """Keeps what is listed under a name."""
        self.page.get_by_role("button", name="Save as a filter").click()
        dialog = self.page.get_by_role("dialog", name="Save as a filter")
        dialog.get_by_role("textbox").fill(name)
        dialog.get_by_role("button", name="Save", exact=True).click()
        expect(dialog).not_to_be_visible()

    def expect_count(self, link: str, count: str) -> None:
        """What stands beside a link of the rail."""
        rail = self.page.get_by_role("navigation", name="Views")
        expect(rail.get_by_role("link", name=link).locator(".count")).to_have_text(count)

    def settled(self) -> None:
        expect(self.page.locator('[data-stale="true"]')).to_have_count(0)

    # Rows

    def row(self, title: str) -> Row:
        exact = self.page.locator(
            ".title", has_text=re.compile(rf"^(Unread: )?{re.escape(title)}$")
        )
        return Row(self.rows.filter(has=exact))

    def titles(self) -> list[str]:
        return [_bare(text) for text in self.rows.locator(".title").all_inner_texts()]

    def snapshot(self) -> list[dict[str, Any]]:
        """Every row with its state, in the order shown."""
        return self.rows.evaluate_all(
            """rows => rows.map(row => ({
                 id: row.dataset.row,
                 unread: row.dataset.unread === "true",
                 chosen: row.querySelectorAll(".choices .chip[data-tone=ok]").length,
                 replies: row.querySelector(".choices")?.innerText.match(/(\\d+) repl/)?.[1] ?? "0",
               }))"""
        )

    def expect_titles(self, *titles: str) -> None:
        expect(self.rows.locator(".title")).to_have_text(
            [re.compile(rf"^(Unread: ?)?{re.escape(title)}$") for title in titles]
        )

    def open(self, title: str) -> Detail:
        self.row(title).open()
        return self.detail.showing(title)

    def expect_unread(self, count: int) -> None:
        """The link of the unread ones says so."""
        if count:
            expect(self.unread_count).to_have_text(str(count))
        else:
            expect(self.unread_count).to_have_count(0)

    def expect_badge(self, text: str) -> None:
        """The heading, the tab's title and its icon have the same number, or none."""
        icon = self.page.locator('link[rel="icon"]')
        if text:
            expect(self.badge.locator("[aria-hidden]")).to_have_text(text)
            expect(self.page).to_have_title(re.compile(rf"^\({re.escape(text)}\) Inbox"))
            expect(icon).to_have_attribute("href", re.compile("^data:image/png"))
        else:
            expect(self.badge).to_have_count(0)
            expect(self.page).to_have_title(re.compile("^Inbox"))
            expect(icon).to_have_attribute("href", "/favicon.svg")

    def mark_all_read(self) -> None:
        self.page.get_by_role("button", name="Mark all as read").click()

    def expect_told(self, text: str | re.Pattern[str]) -> None:
        """The message says so, and the server has done it."""
        expect(self.flash).to_contain_text(text)
        expect(self.flash).to_have_attribute("data-waits", "false")

    def undo(self) -> None:
        self.flash.get_by_role("button", name="Undo").click()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").locator("visible=true").click()

    def expect_ended(self) -> None:
        """The session is over, and nothing private is left on the screen."""
        expect(self.ended).to_be_visible()
        expect(self.page.locator(".app")).to_have_count(0)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused_title(self) -> str:
        """The title of the row with the keyboard focus, or ""."""
        focused = self.page.locator("[data-row]:focus .title")
        return _bare(focused.inner_text()) if focused.count() else ""

    def expect_focus(self, title: str) -> None:
        expect(self.row(title).root).to_be_focused()

    # Scrolling

    def scroll_to_end(self) -> None:
        self.rows.last.scroll_into_view_if_needed()

    def scroll_by(self, pixels: int) -> None:
        self.feed.evaluate("(feed, pixels) => feed.scrollBy(0, pixels)", pixels)

    def scroll_top(self) -> float:
        return self.feed.evaluate("feed => feed.scrollTop")

    def offset(self, title: str) -> float:
        """How far below the top of the list a row begins, px."""
        return self.row(title).root.evaluate(
            """row => row.getBoundingClientRect().top
                 - row.closest('.feed').getBoundingClientRect().top"""
        )


def _bare(title: str) -> str:
    """A row's title without what only screen readers are told."""
    return title.removeprefix("Unread:").strip()


class Row:
    """One row of the list."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.time = root.locator("time")

    def open(self) -> None:
        self.root.get_by_role("link").click()

    def act(self, name: str) -> None:
        """Presses one of the row's own buttons or tools, by its name."""
        button = self.root.get_by_role("button", name=name, exact=True)
        for _ in range(TRIES):
            self.root.hover()
            # What arrives above may move it from under the pointer meanwhile.
            with suppress(Impatience):
                return button.click(timeout=3_000)
        raise AssertionError(f"{name} cannot be pressed.")

    def choose(self, name: str) -> None:
        """Chooses from the row's menu."""
        self.act("More")
        self.root.page.get_by_role("menuitem", name=name).click()

    def snooze(self, until: str) -> None:
        self.act("Snooze")
        self.root.page.get_by_role("menuitem", name=until).click()

    def pick(self) -> None:
        """Selects the row, or takes it out."""
        self.root.hover()
        self.root.get_by_role("checkbox").click(force=True)

    def link(self) -> Locator:
        return self.root.get_by_role("link")

    def expect_read(self) -> None:
        expect(self.root).to_have_attribute("data-unread", "false")

    def expect_unread(self) -> None:
        expect(self.root).to_have_attribute("data-unread", "true")

    def expect_gone(self) -> None:
        expect(self.root).to_have_count(0)

    def expect_chosen(self, label: str) -> None:
        expect(self.root).to_contain_text(f"You chose: {label}")


class Detail:
    """The open notification."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.title = root.get_by_role("heading", level=2)
        self.body = root.locator(".body")
        self.thread = root.locator(".said")
        self.reply_box = root.get_by_role("textbox", name="Your reply")
        self.reply_note = root.locator(".answer-note")
        self.link = root.get_by_role("link", name="Open link")
        self.reasons = root.locator(".why li")

    def showing(self, title: str) -> Detail:
        expect(self.root).to_have_attribute("data-state", "ready")
        expect(self.title).to_have_text(title)
        return self

    def expect_closed(self) -> None:
        expect(self.root).to_have_attribute("data-state", "none")

    def expect_gone(self) -> None:
        expect(self.root).to_have_attribute("data-state", "gone")
        expect(self.root).to_contain_text("No longer available")

    def act(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()

    def close(self) -> None:
        self.root.get_by_role("link", name="Back to the list").locator("visible=true").click()

    def reply(self, text: str) -> None:
        self.reply_box.fill(text)
        self.root.get_by_role("button", name="Send").click()

    def expect_said(self, *messages: str) -> None:
        expect(self.thread.locator("p")).to_have_text(list(messages))
