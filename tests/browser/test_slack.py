"""Connecting Slack as a person does it, against a Slack on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import ARTIFACTS, OpenInbox
from tests.browser.host import Host, Person
from tests.browser.looks import EVERY_LOOK
from tests.browser.pages.inbox import InboxPage
from tests.browser.pages.preferences import PreferencesPage
from tests.browser.slack import SlackWorkspace, slack_workspace
from tests.browser.test_accessibility import expect_accessible
from tests.standins.http import Do, Respond

SIZES = pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])


class Slack:
    """The part of the preference page that is Slack's."""

    def __init__(self, inbox: InboxPage, workspace: SlackWorkspace) -> None:
        self.inbox, self.page, self.workspace = inbox, inbox.page, workspace
        self.row = self.page.locator(".slack-address .address")
        self.places = self.page.get_by_role("listbox", name="Channels and people")
        self.search = self.page.get_by_role("combobox", name="Channel or person")
        workspace.shown_in(self.page)
        PreferencesPage.of(inbox)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def connect(self, button: str = "Connect Slack") -> Slack:
        self.button(button).click()
        self.page.get_by_role("link", name="Allow").click()
        expect(self.row).to_contain_text("Connected")
        return self

    def choose(self) -> Locator:
        """Opens the list of places; its options."""
        self.button("Change where messages in Slack go").click()
        return self.places.get_by_role("option")


@pytest.fixture(scope="module")
def running(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorkspace]:
    with slack_workspace(tmp_path_factory.mktemp("slack")) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def host_of_slack(running: SlackWorkspace) -> Iterator[Host]:
    sender = Host(running.server)
    running.integrate(sender)
    yield sender
    sender.close()


@pytest.fixture
def workspace(running: SlackWorkspace) -> SlackWorkspace:
    """Another one for each test, so that nobody else has connected it."""
    running.slack.start_over()
    return running


@pytest.fixture
def ada(host_of_slack: Host) -> Person:
    return host_of_slack.person("Ada Diaz")


@SIZES
def test_slack_from_connecting_to_disconnecting(
    open_inbox: OpenInbox, workspace: SlackWorkspace, ada: Person, width: int, height: int
) -> None:
    slack = Slack(open_inbox(ada, width=width, height=height), workspace)
    slack.connect()
    expect(slack.inbox.flash).to_contain_text("Slack is connected")
    expect(slack.page).to_have_url(f"{workspace.server.url}/preferences/?at=address%2FSLACK")
    expect(slack.row).to_contain_text("Direct messages to you")
    expect(slack.row).to_contain_text("In the workspace Acme Ångström.")

    slack.button("Send a test to Direct messages to you").click()
    expect(slack.row).to_contain_text("Did it arrive?")
    assert [each.channel for each in workspace.slack.posts] == ["U0ADA"]

    options = slack.choose()
    expect(options).to_have_count(6)
    expect(options.first).to_contain_text("Ada")
    expect(options.first).to_have_attribute("aria-selected", "true")
    slack.search.fill("cafe")
    expect(options).to_have_text(["ops-caféThe app will join"])
    slack.search.press("ArrowDown")
    slack.search.press("Enter")
    expect(slack.inbox.flash).to_contain_text("Messages in Slack now go to #ops-café")
    expect(slack.row).to_contain_text("#ops-café")
    expect(slack.button("Change where messages in Slack go")).to_be_focused()
    slack.button("Send a test to #ops-café").click()
    expect(slack.row).to_contain_text("Did it arrive?")
    assert workspace.slack.posts[-1].channel == "C0OPS"

    slack.button("Disconnect Slack").click()
    slack.button("Cancel").click()
    slack.button("Disconnect Slack").click()
    slack.button("Disconnect").click()
    expect(slack.inbox.flash).to_contain_text("Slack is disconnected")
    expect(slack.row).to_have_count(0)
    expect(slack.button("Connect Slack")).to_be_visible()
    assert workspace.slack.revoked
    assert not workspace.slack.valid


def test_an_answer_in_slack_appears_in_the_open_inbox(
    open_inbox: OpenInbox, workspace: SlackWorkspace, ada: Person
) -> None:
    slack = Slack(open_inbox(ada), workspace).connect()
    kind = ada.host.make_type("Question", channels=["INAPP_WEB", "SLACK"])
    said = {"inapp": {"title": "May Ben go?"}, "slack": {"text": "May Ben go?"}}
    ada.host.post("/send", {"type": kind, "to": {"id": ada.id}, **said})
    workspace.wait_for("chat.postMessage")
    inbox = slack.inbox.goto("/inbox/")
    inbox.open("May Ben go?")
    workspace.replies("Yes, he may")
    inbox.detail.expect_said("Yes, he may")
    assert workspace.slack.posts[-1].text == "May Ben go?"


def test_who_says_no_or_comes_with_a_wrong_state_is_told_what_to_do(
    open_inbox: OpenInbox, workspace: SlackWorkspace, ada: Person, mishaps: list[str]
) -> None:
    slack = Slack(open_inbox(ada), workspace)
    page = slack.page
    slack.button("Connect Slack").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading")).to_have_text("Slack is not connected")
    page.get_by_role("link", name="Open preferences").click()
    expect(slack.button("Connect Slack")).to_be_visible()
    page.goto("/slack/connected?code=stolen&state=guessed")
    expect(page.get_by_role("heading")).to_have_text("This server did not ask Slack for that")
    assert "refresh" not in page.content()
    page.get_by_role("link", name="Open preferences").click()
    expect(slack.row).to_have_count(0)
    assert workspace.slack.requests == []
    # The browser notes the status of both pages.
    mishaps.clear()


def test_when_slack_asks_for_a_pause_the_page_says_so_and_goes_on(
    open_inbox: OpenInbox, workspace: SlackWorkspace, ada: Person
) -> None:
    slack = Slack(open_inbox(ada), workspace).connect()
    workspace.slack.instead["conversations.list"] = Respond(429, {"Retry-After": "2"})
    options = slack.choose()
    complaint = slack.page.get_by_role("alert").filter(visible=True)
    expect(complaint).to_contain_text("Try again in 2 seconds")
    workspace.slack.instead["conversations.list"] = Do.CUT_AFTER_READING
    slack.button("Try again").click()
    expect(complaint).to_contain_text("Slack does not answer")
    workspace.slack.instead.clear()
    slack.button("Try again").click()
    expect(options).to_have_count(6)
    expect(complaint).to_have_count(0)
    slack.search.fill("closed")
    expect(options).to_have_count(1)
    options.first.click()
    expect(complaint).to_contain_text("Invite it there with /invite")
    slack.search.fill("nothing like it")
    expect(slack.page.get_by_text("Nothing in this workspace is called")).to_be_visible()
    slack.search.press("Escape")
    expect(slack.row).to_contain_text("Direct messages to you")


def test_when_the_token_dies_the_page_asks_to_connect_again(
    open_inbox: OpenInbox, workspace: SlackWorkspace, ada: Person
) -> None:
    slack = Slack(open_inbox(ada), workspace).connect()
    workspace.slack.revoked |= workspace.slack.valid
    slack.button("Send a test to Direct messages to you").click()
    expect(slack.row).to_contain_text("Slack has ended the connection.")
    expect(slack.row).to_contain_text("Connection ended")
    slack.connect("Connect again")
    expect(slack.row).not_to_contain_text("ended")


def test_where_nothing_is_set_up_nothing_is_offered(inbox: InboxPage) -> None:
    centre = PreferencesPage.of(inbox)
    expect(centre.button("Add an e-mail address")).to_be_visible()
    expect(centre.button("Connect Slack")).to_have_count(0)


@EVERY_LOOK
@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_how_it_looks(  # noqa: PLR0913, PLR0917 - every way it can look
    open_inbox: OpenInbox,
    workspace: SlackWorkspace,
    ada: Person,
    scheme: str,
    width: int,
    height: int,
    locale: str,
) -> None:
    """Every state is accessible, and is kept as a picture to be looked at."""
    look = {"width": width, "height": height, "color_scheme": scheme, "locale": locale}
    ada.host.post(f"/users/{ada.id}", {"email": f"{ada.id}@acme.example"})
    inbox = open_inbox(ada, **look)
    workspace.shown_in(inbox.page)
    PreferencesPage.of(inbox)
    folder = ARTIFACTS / "screens" / f"{width}-{scheme}"

    def look_at(name: str) -> None:
        card = inbox.page.locator("#where")
        card.scroll_into_view_if_needed()
        card.screenshot(path=folder / f"slack-{locale[:2]}-{name}.png", animations="disabled")
        expect_accessible(inbox)

    connect = inbox.page.locator('form[action="/slack/connect"] button')
    expect(connect).to_be_visible()
    look_at("offered")
    connect.click()
    inbox.page.get_by_role("link", name="Allow").click()
    acts = inbox.page.locator(".slack-address .address-acts button")
    expect(acts.first).to_be_visible()
    inbox.flash.get_by_role("button").last.click()
    look_at("connected")
    acts.first.click()
    search = inbox.page.locator(".slack-places input")
    expect(inbox.page.locator(".slack-places li")).to_have_count(6)
    look_at("places")
    search.fill("nothing like it")
    expect(inbox.page.locator(".slack-places li")).to_have_count(0)
    look_at("nothing")
    search.press("Escape")
    acts.last.click()
    look_at("leaving")
    inbox.page.locator(".slack-address .button[data-kind=quiet]").click()
    workspace.slack.revoked |= workspace.slack.valid
    inbox.page.locator(".slack-address .trial button").click()
    expect(connect).to_be_visible()
    look_at("ended")
