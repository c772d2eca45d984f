"""The preference page as a person meets it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages.inbox import InboxPage


class PreferencesPage:
    """One tab with everything that can be set."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cards = page.locator(".centre[data-phase=ready]")
        self.lead = page.locator(".centre-lead")
        self.search = page.get_by_role("searchbox")
        self.undo = page.locator("[data-undo]")
        self.history = page.locator(".entry")
        self.figures = page.locator(".figure")

    @classmethod
    def of(cls, inbox: InboxPage, at: str = "") -> PreferencesPage:
        inbox.page.goto(f"/preferences/{f'?at={at}' if at else ''}")
        return cls(inbox.page).ready()

    def ready(self) -> PreferencesPage:
        expect(self.cards).to_be_visible()
        return self

    def cell(self, type_title: str, channel: str = "E-mail") -> Locator:
        return self.page.get_by_label(f"{type_title}: {channel}", exact=True)

    def row(self, type_name: str) -> Locator:
        return self.page.locator(f'[data-type="{type_name}"]')

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def expect_saved(self, text: str = "Saved") -> None:
        expect(self.page.locator("[data-save=saved]").last).to_contain_text(text)
