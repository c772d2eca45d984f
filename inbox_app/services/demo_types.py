"""The demo environment's types: what they are called, where they go and what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption, DigestTime
from inbox_app.domain.environment import Environment
from inbox_app.domain.notification_type import Channel, NotificationType, title_from_name
from inbox_app.domain.preference import Preferences
from inbox_app.domain.quiet_hours import QuietHours, Span
from inbox_app.domain.template import Mode, Template
from inbox_app.domain.user import Profile, User
from inbox_app.lib import ids
from inbox_app.runtime import Runtime
from inbox_app.storage import types, users

INAPP, EMAIL, PUSH = Channel.INAPP_WEB, Channel.EMAIL, Channel.PUSH
SMS, SLACK = Channel.SMS, Channel.SLACK
OFF, INSTANT, DAILY = DeliveryOption.OFF, DeliveryOption.INSTANT, DeliveryOption.DAILY
ANY = frozenset(DeliveryOption)
SHORT = frozenset({OFF, INSTANT, DeliveryOption.HOURLY})
OPTIONS: Mapping[Channel, ChannelOptions] = {
    EMAIL: ChannelOptions(offered=ANY),
    SLACK: ChannelOptions(OFF, SHORT),
    SMS: ChannelOptions(OFF),
}
CONTENT: Mapping[Channel, Mapping[str, Any]] = {
    EMAIL: {"subject": "{{ title }}", "html": "<h1>{{ title }}</h1><p>{{ body }}</p>"},
    PUSH: {"title": "{{ title }}", "message": "{{ title }}"},
    SMS: {"message": "{{ title }}"},
    SLACK: {"text": "{{ title }}"},
}


@dataclass(frozen=True)
class DemoType:
    """One type; its title is made from the name."""

    name: str
    category: str
    description: str
    channels: tuple[Channel, ...] = (INAPP, EMAIL)
    required: bool = False
    subs: tuple[tuple[str, str], ...] = ()
    escalation: timedelta | None = None


TYPES = (
    DemoType("mention", "Projects", "Somebody writes your name", (INAPP, EMAIL, PUSH, SLACK)),
    DemoType(
        *("comment", "Projects", "On things you follow", (INAPP, EMAIL, PUSH, SLACK)),
        subs=(("own", "On what you wrote"), ("followed", "On what you follow")),
    ),
    DemoType("reply", "Projects", "Somebody answers you", (INAPP, EMAIL, PUSH)),
    DemoType("review_requested", "Projects", "Your opinion is asked for", (INAPP, EMAIL, SLACK)),
    DemoType("assigned", "Projects", "Something becomes yours to do", (INAPP, EMAIL, SLACK)),
    DemoType("share", "Projects", "You are given access to a file"),
    DemoType("approval", "Projects", "You are to say yes or no", (INAPP, EMAIL, PUSH)),
    DemoType("weekly_summary", "Projects", "Every Monday morning"),
    DemoType(
        *("invoice_due", "Billing", "Three days and one day before"),
        escalation=timedelta(hours=2),
    ),
    DemoType("invoice_paid", "Billing", "A customer has paid"),
    DemoType("expense", "Billing", "Your expenses are paid out"),
    DemoType("sign_in_alert", "Security", "Always sent, to protect your account", required=True),
    DemoType("security", "Security", "Keys and passwords to look at", (INAPP, EMAIL, SMS)),
    DemoType("deploy_finished", "Deploys", "A deploy of yours went through", (INAPP, SLACK)),
    DemoType(
        *("deploy_failed", "Deploys", "A deploy was rolled back"), (INAPP, EMAIL, PUSH, SLACK)
    ),
    DemoType(*("incident", "Deploys", "Something is down, or up again"), (INAPP, EMAIL, PUSH, SMS)),
)
ADAS = Profile(
    number="+4915155501990",
    push_tokens=(
        {
            "type": "FCM",
            "token": "demo-device",
            "device": {"device_id": "demo", "model": "Pixel 9"},
        },
    ),
    slack_channel="@ada",
)
ADA_CHOSE = Preferences(
    cells={
        "mention": {"": {EMAIL: DAILY}},
        "comment": {
            "": {EMAIL: DeliveryOption.WEEKLY, PUSH: OFF, SLACK: DeliveryOption.HOURLY},
            "own": {EMAIL: DAILY},
        },
        "invoice_paid": {"": {EMAIL: OFF}},
    },
    times=DigestTime(time(8)),
    quiet=QuietHours({day: Span(time(20), time(7, 30)) for day in range(5)}),
)


async def make(rt: Runtime, environment: Environment) -> None:
    """Makes the types with their templates, and ada with what she chose."""
    now = rt.clock.now()
    made = [_type(environment, each) for each in TYPES]
    keys = {(environment.id, each.name) for each in TYPES}
    who = (environment.id, "ada")
    ada = User(ids.row_id(), *who, created_at=now, updated_at=now)
    async with rt.database.write() as tx:
        await users.add_missing(tx, [replace(ada, profile=ADAS, preferences=ADA_CHOSE)])
        await types.add_missing(tx, made, now)
        for kind in (await types.find_many(tx, keys)).values():
            for template in _templates(kind, now):
                await types.put_template(tx, template)


def _type(environment: Environment, each: DemoType) -> NotificationType:
    return NotificationType(
        id=ids.row_id(),
        environment_id=environment.id,
        name=each.name,
        title=title_from_name(each.name),
        channels=each.channels,
        options={channel: OPTIONS[channel] for channel in each.channels if channel in OPTIONS},
        required=each.required,
        escalation=each.escalation,
        sub_notifications=dict(each.subs),
        category=each.category,
        description=each.description,
    )


def _templates(kind: NotificationType, now: datetime) -> list[Template]:
    return [
        Template(
            *(kind.id, channel, "usual", CONTENT[channel], frozenset({Mode.INSTANT})), now, now
        )
        for channel in kind.channels
        if channel in CONTENT
    ]
