"""The thread of the open notification: replies with pictures, sent once, kept until they are."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import OpenInbox
from tests.browser.host import Person
from tests.browser.pages.inbox import Detail, InboxPage
from tests.lib.test_images import picture


def png(name: str = "plan.png") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": picture("PNG")}


def attach(detail: Detail, *files: FilePayload) -> None:
    detail.root.get_by_test_id("picture-files").set_input_files(list(files))


def send(detail: Detail) -> None:
    detail.root.get_by_role("button", name="Send").click()


@pytest.fixture
def detail(inbox: InboxPage, person: Person) -> Detail:
    person.send("Hello")
    return inbox.open("Hello")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (768, 1024), (390, 844)])
def test_a_reply_with_pictures(
    open_inbox: OpenInbox, person: Person, width: int, height: int
) -> None:
    person.send("Hello")
    detail = open_inbox(person, width=width, height=height).open("Hello")
    attach(detail, png("one.png"), png("two.png"))
    previews = detail.root.locator(".previews li")
    expect(previews.locator("img")).to_have_count(2)
    expect(detail.root.locator('.previews li[data-ready="true"]')).to_have_count(2)
    detail.root.get_by_role("button", name="Remove one.png").click()
    expect(previews).to_have_count(1)
    send(detail)
    thumb = detail.thread.get_by_role("button", name="Picture 1 of 1 from You")
    thumb.click()
    dialog = detail.root.get_by_role("dialog", name="Picture 1 of 1 from You")
    expect(dialog.get_by_role("img")).to_be_visible()
    detail.root.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(thumb).to_be_focused()
    expect(previews).to_have_count(0)


def test_pictures_are_pasted_and_dropped(detail: Detail) -> None:
    data = base64.b64encode(picture("PNG")).decode()
    transfer = detail.root.page.evaluate_handle(
        """data => {
             const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
             const carried = new DataTransfer();
             carried.items.add(new File([bytes], "clip.png", { type: "image/png" }));
             return carried;
           }""",
        data,
    )
    ready = detail.root.locator('.previews li[data-ready="true"]')
    box = detail.root.locator(".answer-box")
    box.dispatch_event("dragover", {"dataTransfer": transfer})
    box.dispatch_event("drop", {"dataTransfer": transfer})
    expect(ready).to_have_count(1)
    detail.reply_box.evaluate(
        """(box, clipboardData) => box.dispatchEvent(
             new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))""",
        transfer,
    )
    expect(ready).to_have_count(2)


def test_what_cannot_be_attached_is_told(detail: Detail) -> None:
    large: FilePayload = {
        "name": "huge.png", "mimeType": "image/png", "buffer": b"x" * 5_000_001,
    }  # fmt: skip
    text: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"x"}
    attach(detail, large, text)
    expect(detail.reply_note).to_contain_text("huge.png is larger than 5 MB.")
    expect(detail.reply_note).to_contain_text("note.txt is no PNG, JPEG, GIF or WebP picture.")
    attach(detail, *(png(f"{n}.png") for n in range(5)))
    expect(detail.reply_note).to_contain_text("4.png was left out: a reply takes 4 pictures.")
    expect(detail.root.locator(".previews li")).to_have_count(4)


def test_a_picture_that_the_server_refuses_is_told(detail: Detail, mishaps: list[str]) -> None:
    broken: FilePayload = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"}
    attach(detail, broken)
    expect(detail.reply_note).to_contain_text("broken.png could not be uploaded")
    expect(detail.root.locator(".previews li")).to_have_count(0)
    mishaps.clear()


def test_a_draft_keeps_its_pictures(inbox: InboxPage, detail: Detail) -> None:
    attach(detail, png())
    expect(detail.root.locator('.previews li[data-ready="true"]')).to_have_count(1)
    detail.reply_box.fill("Look")
    inbox.page.reload()
    expect(detail.reply_box).to_have_value("Look")
    expect(detail.root.locator(".previews img")).to_have_count(1)
    send(detail)
    expect(detail.thread.locator(".thumb")).to_have_count(1)


def test_ctrl_enter_sends_and_a_repeated_attempt_is_one_reply(
    inbox: InboxPage, detail: Detail, person: Person
) -> None:
    """As after a lost answer: the page is gone before it comes and tries again when it is back."""
    detail.reply_box.fill("Once")
    inbox.page.evaluate(
        """() => {
             const keep = sessionStorage.removeItem;
             Storage.prototype.removeItem = function (key) {
               if (!key.startsWith("inbox-draft-")) keep.call(this, key);
             };
           }"""
    )
    detail.reply_box.press("Control+Enter")
    detail.expect_said("Once")
    inbox.page.reload()
    expect(detail.reply_box).to_have_value("")
    detail.expect_said("Once")
    (item,) = person.items().values()
    assert len(item["replies"]) == 1


def test_the_reply_of_somebody_else_leaves_alone_what_is_typed(
    inbox: InboxPage, detail: Detail, person: Person
) -> None:
    detail.reply_box.fill("I was about to")
    (tracking_id,) = person.items()
    person.answer(tracking_id, "Never mind", author="Mara Klein")
    detail.expect_said("Never mind")
    expect(detail.thread.first).to_contain_text("Mara Klein")
    expect(detail.reply_box).to_have_value("I was about to")
    expect(detail.reply_box).to_be_focused()
    expect(inbox.announcer).to_contain_text("Mara Klein replied")


def test_a_long_thread_starts_at_the_newest(inbox: InboxPage, person: Person) -> None:
    tracking_id = person.send("Hello")
    for number in range(12):
        person.answer(tracking_id, f"Reply {number}", author="Mara Klein")
    detail = inbox.open("Hello")
    detail.expect_said(*(f"Reply {n}" for n in range(2, 12)))
    detail.root.get_by_role("button", name="Show 2 earlier").click()
    detail.expect_said(*(f"Reply {n}" for n in range(12)))
