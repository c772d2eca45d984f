"""The bell as a person meets it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


class Bell:
    """The bell of one tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.button = page.get_by_test_id("bell")
        self.panel = page.get_by_role("dialog", name="Notifications")
        self.rows = self.panel.get_by_role("listitem")

    def open(self) -> Bell:
        self.button.click()
        expect(self.panel).to_be_visible()
        return self

    def tab(self, name: str) -> None:
        self.panel.get_by_role("tab", name=name).click()

    def expect_titles(self, *titles: str) -> None:
        expect(self.rows.locator(".title")).to_have_text(
            [re.compile(rf"^(Unread: ?)?{re.escape(title)}$") for title in titles]
        )

    def expect_count(self, number: int) -> None:
        count = self.button.locator(".bell-count")
        if number:
            expect(count).to_have_text(str(number))
        else:
            expect(count).to_have_count(0)
