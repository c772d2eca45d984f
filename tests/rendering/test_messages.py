"""Messages and digests: each channel's terms, required fields, limits and warnings."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.delivery import Message
from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.notification_type import Channel
from inbox_app.rendering.messages import (
    MAX_PUSH_TITLE,
    Part,
    Reader,
    render,
    render_digest,
)
from inbox_app.rendering.slack import MAX_TEXT
from inbox_app.rendering.sms import MAX_SENDER, MAX_SMS

READER = Reader("Ada", "u1", "Europe/Paris", "Shop", "https://hub.example/p", "")
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
any_text = st.text(st.characters(codec=None), max_size=12)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [
        *("subject", "html", "previewText", "senderName", "message", "title", "body", "text"),
        *("blocks", "icon", "url", "image", "actions", "replies", "username", "metadata"),
        *("mediaUrls", "from"),
    ]
)
contents = st.dictionaries(names, any_text | st.just("{{ v }}{{ w | upcase }}") | json_values)


FIELDS = ("subject", "html", "message", "title", "text")


def part(
    content: dict[str, Any], values: dict[str, Any] | None = None, title: str = "", url: str = ""
) -> Part:
    return Part(title, values or {}, content, {}, AT, url)


def rendered(channel: Channel, values: dict[str, Any] | None = None, **content: Any) -> Message:
    return render(channel, part(content, values), READER)


@given(st.sampled_from(Channel), contents, json_values)
def test_any_content_ends_in_a_message_or_in_invalid_input(
    channel: Channel, content: dict[str, Any], value: object
):
    one = part(content, {"v": value}, title=str(content.get("title", "")))
    for make in (
        lambda: render(channel, one, READER),
        lambda: render_digest(channel, [one, one], READER, content, "Orders"),
        lambda: render_digest(channel, [one], READER, None, "Orders"),
    ):
        with suppress(InvalidInput):
            json.dumps(dict(make().fields))


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.CALL])
def test_a_text_or_call_has_its_message(channel: Channel):
    found = rendered(channel, {"n": 17.0}, message="Order {{n}} for {{user.name}} {{gone}}\0")
    assert found.fields == {"message": "Order 17 for Ada"}
    assert found.warnings == ("No value for {{gone}}.",)


def test_a_text_can_have_pictures_and_a_sender():
    content: dict[str, Any] = {
        "message": "Look",
        "mediaUrls": ["https://a.example/{{n}}.png", "{{gone}}", " https://b.example/ "],
        "from": "{{user.name}}\r\nShop",
        "autoReply": {"message": "Thanks"},
    }
    assert rendered(Channel.SMS, {"n": 17}, **content).fields == {
        "message": "Look",
        "media_urls": ["https://a.example/17.png", "https://b.example/"],
        "from": "Ada Shop",
    }
    assert rendered(Channel.CALL, **content).fields == {"message": "Look"}


def test_a_value_of_the_sender_takes_the_place_of_what_every_template_has():
    message = "{{user.name}} {{user.id}} {{environment}} {{preferences_url}}"
    assert rendered(Channel.SMS, message=message).fields == {
        "message": "Ada u1 Shop https://hub.example/p"
    }
    values = {"environment": "Mine", "user": {"name": "Bo", "id": 2}, "preferences_url": "x"}
    assert rendered(Channel.SMS, values, message=message).fields == {"message": "Bo 2 Mine x"}


def test_replacements_come_before_placeholders_and_are_escaped_in_html():
    content = {"subject": "NAME", "html": "<p>NAME TAG</p>"}
    replacements = {"NAME": "{{who}}", "TAG": "<b>"}
    replaced = Part("", {"who": "A&B"}, content, replacements, AT, "")
    found = render(Channel.EMAIL, replaced, READER).fields
    assert found["subject"] == "A&B"
    assert "<p>A&amp;B &lt;b&gt;</p>" in found["html"]


def test_a_push_has_title_message_and_links():
    found = rendered(Channel.PUSH, title="Hi\n{{user.name}}", message="a\nb", url="shop://order/1")
    assert found.fields == {
        "title": "Hi Ada",
        "message": "a\nb",
        "icon": "",
        "url": "shop://order/1",
    }
    found = rendered(Channel.WEB_PUSH, title="Hi", message="a", url="/x", icon="https://i.example")
    assert found.fields == {"title": "Hi", "message": "a", "icon": "https://i.example", "url": "/x"}


def test_an_in_app_message_has_the_fields_of_its_content():
    found = rendered(
        Channel.INAPP_WEB,
        {"v": "<i>"},
        title="{{v}}",
        html="<p onclick=x>{{v}}{{ w }}</p>",
        actions=[{"label": "Open", "url": "/x"}],
        replies=False,
    )
    assert found.fields == {
        "title": "<i>",
        "body": "",
        "html": "<p>&lt;i&gt;</p>",
        "url": "",
        "image": "",
        "actions": [{"label": "Open", "url": "/x"}],
        "replies": False,
    }
    assert found.warnings == ("No value for {{w}}.",)


def test_slack_gets_text_blocks_and_options_with_texts_filled():
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*{{v}}*"}},
        {"type": "actions", "elements": [{"type": "button", "url": "https://x.example/{{u}}"}]},
    ]
    found = rendered(
        Channel.SLACK,
        {"v": "<!channel> & co", "u": "?a&b"},
        text="Hi {{v}}",
        blocks=blocks,
        username="{{user.name}}",
        mrkdwn=True,
        metadata={"event_type": "x", "event_payload": {"n": 1}},
        unknown="x",
    ).fields
    assert found["text"] == "Hi &lt;!channel&gt; &amp; co"
    assert found["blocks"][0]["text"]["text"] == "*&lt;!channel&gt; &amp; co*"
    assert found["blocks"][1]["elements"][0]["url"] == "https://x.example/?a&b"
    assert (found["username"], found["mrkdwn"]) == ("Ada", True)
    assert found["metadata"] == {"event_type": "x", "event_payload": {"n": 1}}
    assert "unknown" not in found


@pytest.mark.parametrize(
    ("channel", "content", "named"),
    [
        (Channel.SMS, {}, "sms.message"),
        (Channel.SMS, {"message": "x" * (MAX_SMS + 1)}, "sms.message"),
        (Channel.SMS, {"message": ["x"]}, "message is not a text"),
        (Channel.SMS, {"message": "x", "from": "x" * (MAX_SENDER + 1)}, "sms.from"),
        (Channel.SMS, {"message": "x", "mediaUrls": ["http://a.example/"]}, "sms.mediaUrls"),
        (Channel.SMS, {"message": "x", "mediaUrls": ["/a.png"]}, "sms.mediaUrls"),
        (Channel.SMS, {"message": "x", "mediaUrls": ["javascript:x"]}, "sms.mediaUrls"),
        (Channel.SMS, {"message": "x", "mediaUrls": ["https://a.example/"] * 11}, "sms.mediaUrls"),
        (Channel.SMS, {"message": "x", "mediaUrls": [1]}, "sms.mediaUrls"),
        (Channel.CALL, {"message": " {{gone}} "}, "call.message"),
        (Channel.PUSH, {"message": "x"}, "mobile_push.title"),
        (Channel.PUSH, {"title": "x" * (MAX_PUSH_TITLE + 1), "message": "x"}, "mobile_push.title"),
        (Channel.WEB_PUSH, {"title": "x"}, "web_push.message"),
        (Channel.WEB_PUSH, {"title": "x", "message": "x", "url": "javascript:1"}, "web_push.url"),
        (Channel.SLACK, {}, "slack.text"),
        (Channel.SLACK, {"text": "x" * (MAX_TEXT + 1)}, "slack.text"),
        (Channel.SLACK, {"blocks": [{"type": "x"}] * 51}, "slack.blocks"),
        (Channel.SLACK, {"blocks": {"type": "x"}}, "slack.blocks"),
        (Channel.INAPP_WEB, {}, "inapp.title"),
        (Channel.INAPP_WEB, {"title": "x", "actions": ["x"]}, "inapp.actions"),
        (Channel.INAPP_WEB, {"title": "x", "actions": True}, "inapp.actions"),
    ],
)
def test_what_is_missing_wrong_or_too_long_is_named(
    channel: Channel, content: dict[str, Any], named: str
):
    with pytest.raises(InvalidInput, match=named):
        rendered(channel, **content)


@pytest.mark.parametrize("channel", Channel)
def test_content_nested_without_end_is_refused(channel: Channel):
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(InvalidInput):
        rendered(channel, subject=deep, message=deep, title=deep, text="x", blocks=deep)
    with pytest.raises(InvalidInput):
        rendered(channel, {"v": deep}, **dict.fromkeys(FIELDS, "{{v}}"))


ORDERS = [
    part(
        {
            "subject": f"Order {i}",
            "html": f"<h1>Order {i}</h1><p>Two <i>teas</i></p>",
        },
        {"n": i, "title": "own"} if i == 3 else {"n": i},
        title=f"Order <{i}>",
        url=f"https://shop.example/{i}",
    )
    for i in range(1, 6)
]


def digest(channel: Channel, content: dict[str, Any] | None = None, count: int = 5) -> Message:
    return render_digest(channel, ORDERS[:count], READER, content, "Order shipped")


def test_a_digest_template_loops_over_the_items_on_the_readers_clock():
    row = "{{i.n}} {{i.title}} {{i.at}} {{i.url}}"
    source = f"{{{{count}}}} {{{{title}}}}:{{% for i in items %}} {row}{{% endfor %}}{{{{gone}}}}"
    found = digest(Channel.SMS, {"message": source}, count=2)
    assert found.fields["message"] == (
        "2 Order shipped: 1 Order <1> 2026-03-01 09:00 https://shop.example/1"
        " 2 Order <2> 2026-03-01 09:00 https://shop.example/2"
    )
    assert found.warnings == ("No value for {{gone}}.",)


def test_a_digest_in_a_zone_nobody_knows_is_told_in_utc():
    lost = Reader("", "u1", "Mars/Olympus", "Shop", "", "")
    found = render_digest(
        Channel.SMS, ORDERS[:1], lost, {"message": "{% for i in items %}{{i.at}}{% endfor %}"}, ""
    )
    assert found.fields["message"] == "2026-03-01 08:00"


def test_the_built_in_e_mail_lists_each_part_with_its_link():
    found = digest(Channel.EMAIL).fields
    assert found["subject"] == "5 updates: Order shipped"
    assert '<a href="https://shop.example/1">Order &lt;1&gt;</a>' in found["html"]
    assert "Order <5> (https://shop.example/5)\n\nOrder 5\nTwo teas" in found["text"]
    assert found["preview_text"] == "Order <1>, Order <2>, Order <3>"
    assert found["text"].endswith("Change what you get: https://hub.example/p")


def test_the_built_in_short_forms_name_some_and_count_the_others():
    short = "Order <1>; Order <2>; Order <3> and 2 more"
    for channel in (Channel.SMS, Channel.CALL):
        assert digest(channel).fields == {"message": f"5 updates: Order shipped. {short}."}
    for channel in (Channel.PUSH, Channel.WEB_PUSH):
        assert digest(channel).fields["title"] == "5 updates: Order shipped"
        assert digest(channel).fields["message"] == short
    assert digest(Channel.SMS, count=1).fields["message"] == "1 update: Order shipped. Order <1>."
    assert digest(Channel.PUSH, count=1).fields["url"] == "https://shop.example/1"
    assert digest(Channel.INAPP_WEB, count=2).fields["body"] == "\u2022 Order <1>\n\u2022 Order <2>"


def test_the_built_in_slack_form_links_each_part():
    assert digest(Channel.SLACK, count=2).fields["text"] == (
        "*2 updates: Order shipped*\n"
        "\u2022 <https://shop.example/1|Order &lt;1&gt;>\n"
        "\u2022 <https://shop.example/2|Order &lt;2&gt;>"
    )


def test_a_part_that_cannot_be_filled_is_told_and_the_others_go_out():
    broken = part({"message": "{{ a b }}"}, title="Broken")
    untitled = part({"message": "First {{gone}}\nSecond"}, url="javascript:1")
    found = render_digest(Channel.EMAIL, [broken, untitled], READER, None, "")
    assert found.fields["subject"] == "2 updates"
    assert "Broken\n\nFirst\n\nSecond" in found.fields["text"]
    assert "javascript" not in found.fields["html"]
    assert any("line 1" in warning for warning in found.warnings)
    assert "No value for {{gone}}." in found.warnings


def test_a_digest_of_very_many_stays_within_limits():
    many = ORDERS * 400
    listing = render_digest(Channel.EMAIL, many, READER, None, "T" * 3_000).fields
    assert "and 1900 more" in listing["text"]
    assert len(listing["subject"]) < 200
    for channel in Channel:
        json.dumps(dict(render_digest(channel, many, READER, None, "T").fields))
