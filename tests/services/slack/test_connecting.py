"""Connecting Slack: the way there and back, what is stored of it, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from inbox_app.channels.slack.connecting import SCOPES
from inbox_app.domain.delivery import Integration
from inbox_app.domain.environment import Environment
from inbox_app.domain.errors import InboxError, NotFound
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.user import Profile
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.services import (
    address_trials,
    environments,
    slack_connecting,
    users,
)
from inbox_app.services.access import Viewer
from inbox_app.services.centre_views import ENDED
from inbox_app.storage import outbox
from inbox_app.storage import users as people
from tests.clock import SetClock
from tests.services.slack.process import REDIRECT, address_of, connect, integrate, sign_in
from tests.standins.http import Do, Respond
from tests.standins.slack import ADA, TEAM_NAME, SlackStandIn, answer


async def refused(rt: Runtime, viewer: Viewer, **query: str) -> str:
    with pytest.raises(InboxError) as raised:
        await slack_connecting.finish(rt, viewer, query)
    return raised.value.name


def state_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


async def test_slack_is_asked_for_what_is_needed_and_where_to_lead_back(
    runtime: Runtime, ada: Viewer
):
    url = await slack_connecting.begin(runtime, ada)
    assert url.startswith("https://slack.com/oauth/v2/authorize?")
    assert url.isascii()
    assert "redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fslack%2Fconnected" in url
    query = parse_qs(urlsplit(url).query)
    assert query.pop("state") != [""]
    assert query == {
        "client_id": ["11.22"],
        "scope": [",".join(SCOPES)],
        "redirect_uri": [REDIRECT],
    }


async def test_once_it_is_connected_messages_go_to_the_person(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn
):
    await connect(runtime, ada, slack)
    found = await address_of(runtime, ada)
    assert found is not None
    assert (found.text, found.workspace, found.status) == ("", TEAM_NAME, "verified")
    assert found.editable
    assert await address_trials.send(runtime, ada.user_id, found.key)
    [post] = slack.posts
    assert (post.channel, post.token in slack.valid) == (ADA, True)
    assert "test" in post.text


async def test_the_token_is_sealed(runtime: Runtime, ada: Viewer, slack: SlackStandIn):
    await connect(runtime, ada, slack)
    async with runtime.database.read() as tx:
        user = await people.get(tx, ada.user_id)
    assert user is not None
    sealed = user.profile.slack_token or ""
    assert "xoxe" not in sealed
    assert "xoxe.xoxb-1" in runtime.sealer.unseal(sealed)


@pytest.mark.parametrize("settings_of_app", [{"client_id": ""}, {"client_secret": ""}, None])
async def test_nothing_is_offered_without_an_app_to_connect_to(
    runtime: Runtime, environment: Environment, settings_of_app: dict[str, str] | None
):
    ben = await sign_in(runtime, environment, "ben")
    if settings_of_app is not None:
        await integrate(runtime, environment, **settings_of_app)
    assert not await slack_connecting.is_offered(runtime, environment.id)
    with pytest.raises(NotFound):
        await slack_connecting.begin(runtime, ben)
    await integrate(runtime, environment)
    assert await slack_connecting.is_offered(runtime, environment.id)


# The state


async def test_a_way_back_without_the_right_state_does_nothing(
    runtime: Runtime, environment: Environment, ada: Viewer, slack: SlackStandIn
):
    url = await slack_connecting.begin(runtime, ada)
    state = state_in(url)
    ben = await sign_in(runtime, environment, "ben")
    again = await sign_in(runtime, environment, "ada")
    assert await refused(runtime, ada, code="c") == "server.slack_no_state"
    assert await refused(runtime, ada, code="c", state="1.guess") == "server.slack_wrong_state"
    assert (
        await refused(runtime, ada, code="c", state=f"{state[:-9]}AAAAAAAAA")
        == "server.slack_wrong_state"
    )
    sealed = runtime.sealer.seal('{"for": "something else"}')
    assert await refused(runtime, ada, code="c", state=sealed) == "server.slack_wrong_state"
    assert await refused(runtime, ben, code="c", state=state) == "server.slack_other_session"
    assert await refused(runtime, again, code="c", state=state) == "server.slack_other_session"
    assert slack.requests == []
    for viewer in (ada, ben):
        assert await address_of(runtime, viewer) is None


async def test_a_state_is_good_for_one_time(runtime: Runtime, ada: Viewer, slack: SlackStandIn):
    url = await slack_connecting.begin(runtime, ada)
    slack.instead["oauth.v2.access"] = answer(ok=False, error="invalid_code")
    assert await refused(runtime, ada, code="c", state=state_in(url)) == "server.slack_refused"
    slack.instead.clear()
    back = parse_qs(urlsplit(slack.agree(url)).query)
    again = await refused(runtime, ada, code=back["code"][0], state=state_in(url))
    assert again == "server.slack_used"
    assert len(slack.asked("oauth.v2.access")) == 1


async def test_a_state_is_good_for_ten_minutes(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn, clock: SetClock
):
    early, late = [await slack_connecting.begin(runtime, ada) for _ in range(2)]
    clock.advance(minutes=10)
    back = parse_qs(urlsplit(slack.agree(early)).query)
    await slack_connecting.finish(runtime, ada, {k: v[0] for k, v in back.items()})
    clock.advance(seconds=1)
    assert await refused(runtime, ada, code="c", state=state_in(late)) == "server.slack_late"


async def test_an_app_that_was_changed_meanwhile_is_not_the_one_that_was_asked(
    runtime: Runtime, environment: Environment, ada: Viewer, integration: Integration
):
    url = await slack_connecting.begin(runtime, ada)
    async with runtime.database.write() as tx:
        await outbox.remove_integration(tx, environment.id, integration.id)
    await integrate(runtime, environment)
    assert await refused(runtime, ada, code="c", state=state_in(url)) == "server.slack_closed"


# What Slack says


async def test_who_says_no_has_changed_nothing(runtime: Runtime, ada: Viewer, slack: SlackStandIn):
    url = await slack_connecting.begin(runtime, ada)
    said = {"error": "access_denied", "state": state_in(url)}
    assert await refused(runtime, ada, **said) == "server.slack_denied"
    assert slack.requests == []
    assert await address_of(runtime, ada) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (Respond(429, {"Retry-After": "30"}), "server.slack_busy"),
        (Respond(503, body=b"<html>"), "server.slack_busy"),
        (Do.CUT_BEFORE_READING, "server.slack_busy"),
        (answer(ok=False, error="bad_redirect_uri"), "server.slack_refused"),
        (answer(ok=False, error="bad_client_secret"), "server.slack_refused"),
        (answer(ok=True, access_token="xoxb-1"), "server.slack_refused"),
        (answer(ok=True, team={"id": "T1"}, authed_user={"id": ADA}), "server.slack_refused"),
    ],
)
async def test_a_code_that_is_not_exchanged_changes_nothing(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn, said: Respond | Do, name: str
):
    url = await slack_connecting.begin(runtime, ada)
    slack.script(said)
    assert await refused(runtime, ada, code="c", state=state_in(url)) == name
    assert await address_of(runtime, ada) is None


# When the token dies


async def test_when_the_token_dies_the_person_is_asked_to_connect_again(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn, clock: SetClock
):
    await connect(runtime, ada, slack)
    slack.revoked |= slack.valid
    before = await address_of(runtime, ada)
    assert before is not None
    assert not await address_trials.send(runtime, ada.user_id, before.key)
    dead = await address_of(runtime, ada)
    assert dead is not None
    assert (dead.status, dead.reason) == ("suppressed", ENDED)
    clock.at += address_trials.REST
    await connect(runtime, ada, slack)
    alive = await address_of(runtime, ada)
    assert alive is not None
    assert (alive.status, alive.reason) == ("verified", "")
    assert await address_trials.send(runtime, ada.user_id, alive.key)


# Applications and the person


async def test_what_the_person_connected_is_used_whatever_applications_say(
    runtime: Runtime, environment: Environment, ada: Viewer, slack: SlackStandIn
):
    await connect(runtime, ada, slack)
    said = Profile(slack_channel="#elsewhere", slack_token="sealed", email="ada@acme.example")
    user = await users.identify(runtime, environment, "ada", said)
    assert user.profile.email == "ada@acme.example"
    assert user.profile.slack_channel is None
    assert "xoxe" in runtime.sealer.unseal(user.profile.slack_token or "")
    slack.revoked |= slack.valid
    found = await address_of(runtime, ada)
    assert found is not None
    await address_trials.send(runtime, ada.user_id, found.key)
    await users.identify(runtime, environment, "ada", said)
    dead = await address_of(runtime, ada)
    assert dead is not None
    assert dead.reason == ENDED


async def test_after_it_was_disconnected_applications_are_heard_again(
    runtime: Runtime, environment: Environment, ada: Viewer, slack: SlackStandIn
):
    await connect(runtime, ada, slack)
    await slack_connecting.disconnect(runtime, ada.user_id)
    await users.identify(runtime, environment, "ada", Profile(slack_channel="#elsewhere"))
    found = await address_of(runtime, ada)
    assert found is not None
    assert (found.text, found.workspace, found.editable) == ("#elsewhere", "", False)


# Disconnecting


async def test_disconnecting_revokes_the_token(runtime: Runtime, ada: Viewer, slack: SlackStandIn):
    await connect(runtime, ada, slack)
    assert await slack_connecting.disconnect(runtime, ada.user_id)
    assert slack.revoked == {"xoxe.xoxb-1"}
    assert await address_of(runtime, ada) is None
    with pytest.raises(NotFound):
        await slack_connecting.disconnect(runtime, ada.user_id)


async def test_a_token_that_is_over_is_renewed_to_be_revoked(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn, clock: SetClock
):
    """Its refresh token would be good for ever."""
    await connect(runtime, ada, slack)
    clock.advance(hours=13)
    slack.valid.clear()
    assert await slack_connecting.disconnect(runtime, ada.user_id)
    assert slack.refreshed == ["xoxe-1-1"]
    assert slack.revoked == {"xoxe.xoxb-2"}
    assert await address_of(runtime, ada) is None


@pytest.mark.parametrize(("refused", "ended"), [("invalid_refresh_token", True), ("", False)])
async def test_what_cannot_be_renewed_may_still_work_unless_slack_knows_it_no_more(
    runtime: Runtime,
    ada: Viewer,
    slack: SlackStandIn,
    clock: SetClock,
    refused: str,
    ended: bool,
):
    await connect(runtime, ada, slack)
    clock.advance(hours=13)
    slack.valid.clear()
    said = answer(ok=False, error=refused) if refused else Respond(503)
    slack.instead["oauth.v2.access"] = said
    assert await slack_connecting.disconnect(runtime, ada.user_id) is ended
    assert await address_of(runtime, ada) is None


async def test_without_the_app_nobody_renews_a_token_that_is_over(
    runtime: Runtime, ada: Viewer, integration: Integration, slack: SlackStandIn, clock: SetClock
):
    await connect(runtime, ada, slack)
    async with runtime.database.write() as tx:
        await outbox.remove_integration(tx, ada.environment_id, integration.id)
    clock.advance(hours=13)
    slack.valid.clear()
    assert not await slack_connecting.disconnect(runtime, ada.user_id)
    assert await address_of(runtime, ada) is None


async def test_connected_in_another_workspace_the_token_of_the_first_is_revoked(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn
):
    await connect(runtime, ada, slack)
    slack.team = {"id": "T0OTHER", "name": "Other"}
    await connect(runtime, ada, slack)
    assert slack.revoked == {"xoxe.xoxb-1"}
    found = await address_of(runtime, ada)
    assert found is not None
    assert (found.workspace, found.status) == ("Other", "verified")


async def test_connected_again_in_the_same_workspace_nothing_is_revoked(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn
):
    """There the old token may be the new one."""
    await connect(runtime, ada, slack)
    await connect(runtime, ada, slack)
    assert slack.revoked == set()


async def test_what_cannot_be_revoked_is_forgotten_all_the_same(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn
):
    await connect(runtime, ada, slack)
    slack.instead["auth.revoke"] = Do.CUT_AFTER_READING
    assert not await slack_connecting.disconnect(runtime, ada.user_id)
    assert await address_of(runtime, ada) is None


async def test_what_is_dead_needs_no_revoking(runtime: Runtime, ada: Viewer, slack: SlackStandIn):
    await connect(runtime, ada, slack)
    slack.revoked |= slack.valid
    assert await slack_connecting.disconnect(runtime, ada.user_id)


async def test_a_token_that_others_speak_by_is_left_alone(
    runtime: Runtime, environment: Environment, ada: Viewer, slack: SlackStandIn
):
    """Slack would put the app out of the workspace for them, too."""
    ben = await sign_in(runtime, environment, "ben")
    await connect(runtime, ada, slack)
    await connect(runtime, ben, slack)
    assert await slack_connecting.disconnect(runtime, ada.user_id)
    assert slack.revoked == set()
    assert await address_of(runtime, ada) is None
    assert await slack_connecting.disconnect(runtime, ben.user_id)
    assert slack.revoked == {"xoxe.xoxb-2"}


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_token_that_the_operator_uses_is_left_alone(
    runtime: Runtime,
    environment: Environment,
    ada: Viewer,
    slack: SlackStandIn,
    elsewhere: bool,
):
    await connect(runtime, ada, slack)
    place = await environments.create(runtime, "Elsewhere") if elsewhere else environment
    operators = Integration(
        *(ids.row_id(), place.id, Channel.SLACK, "slack", "Slack"),
        {"bot_token": "xoxe.xoxb-1"},
    )
    async with runtime.database.write() as tx:
        await outbox.put_integration(tx, operators, runtime.sealer, runtime.clock.now())
    assert await slack_connecting.disconnect(runtime, ada.user_id)
    assert slack.revoked == set()


async def test_open_pages_hear_of_it(runtime: Runtime, ada: Viewer, slack: SlackStandIn):
    with runtime.hub.subscribe(ada.user_id, ada.session_id) as subscription:
        await connect(runtime, ada, slack)
        assert await subscription.wait(5) is not None
        await slack_connecting.disconnect(runtime, ada.user_id)
        assert await subscription.wait(5) is not None


async def test_an_address_sealed_with_a_lost_key_can_be_disconnected(
    runtime: Runtime, ada: Viewer, slack: SlackStandIn
):
    await connect(runtime, ada, slack)
    async with runtime.database.write() as tx:
        user = await people.get(tx, ada.user_id)
        assert user is not None
        profile = replace(user.profile, slack_token="1.damaged")
        await people.save(tx, [replace(user, profile=profile)])
    assert await slack_connecting.disconnect(runtime, ada.user_id)
    assert await address_of(runtime, ada) is None
