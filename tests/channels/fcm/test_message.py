"""The JSON of a push: any text arrives as it was."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.fcm.message import message
from inbox_app.domain.notification_type import Channel
from tests.channels.parcels import make_parcel


@given(
    title=st.text(max_size=50),
    words=st.text(min_size=1, max_size=50),
    data=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=5),
)
def test_any_text_arrives_as_it_was(title: str, words: str, data: dict[str, str]):
    fields = {"title": title, "message": words}
    parcel = make_parcel(Channel.PUSH, fields=fields, options={"customData": data})
    said = json.loads(message(parcel))["message"]
    whole = {"title": title, "body": words} if title else {"body": words}
    assert said["notification"] == whole
    assert said["data"] == {**data, "trackingId": "trk_1"}


def test_half_a_character_becomes_a_question_mark():
    fields = {"title": "\ud83d", "message": "7"}
    parcel = make_parcel(Channel.PUSH, fields=fields)
    assert json.loads(message(parcel))["message"]["notification"] == {"title": "?", "body": "7"}
