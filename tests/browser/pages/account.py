"""The account page as a person meets it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages.inbox import InboxPage


class AccountPage:
    """One tab with the account."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1)
        self.name = page.locator("#account-name")
        self.language = page.locator("#account-language")
        self.zone = page.get_by_role("combobox", name="Time zone")
        self.zones = page.locator("#zone-options").get_by_role("option")
        self.sessions = page.locator(".session")
        self.shortcuts = page.locator("#keys").get_by_role("switch")
        self.flash = page.locator("[data-flash]")

    @classmethod
    def of(cls, inbox: InboxPage) -> AccountPage:
        """Goes there by the link of the frame."""
        inbox.page.goto("/account/")
        account = cls(inbox.page)
        expect(account.sessions.first).to_be_visible()
        return account

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def expect_saved(self, text: str = "Saved") -> None:
        expect(self.page.locator("[data-save=saved]")).to_have_text(text)

    def expect_failed(self, text: str) -> None:
        expect(self.page.locator("[data-save=failed]")).to_contain_text(text)

    def rename(self, name: str) -> None:
        self.name.fill(name)
        self.button("Save").click()

    def choose_zone(self, typed: str, name: str) -> None:
        self.zone.click()
        self.zone.fill(typed)
        self.page.get_by_role("option", name=name).click()

    def set_key(self, act: str, key: str) -> None:
        self.page.get_by_role("button", name=f"Change the key for “{act}”").click()
        self.page.keyboard.press(key)
