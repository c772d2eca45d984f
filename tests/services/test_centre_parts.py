"""What a change of settings sends: no more than it changed, and nothing less."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.delivery_option import ChannelOptions, DeliveryOption
from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.preference import Preferences
from inbox_app.services import centre_parts

CHANNELS = (Channel.INAPP_WEB, Channel.EMAIL, Channel.SMS)
OFFERED = ChannelOptions(offered=frozenset(DeliveryOption))
KINDS = [
    NotificationType(
        *(place + 1, 1, f"type-{place}", f"Type {place}", CHANNELS[: 1 + place % 3]),
        options=dict.fromkeys(CHANNELS, OFFERED),
        required=place == 5,
        category=["", "Projects", "Billing"][place % 3],
        sub_notifications={"own": "Own"} if place % 2 else {},
    )
    for place in range(8)
]
OPTIONS = st.dictionaries(st.sampled_from(CHANNELS), st.sampled_from(DeliveryOption))
SETTINGS = st.builds(
    Preferences,
    cells=st.dictionaries(
        st.sampled_from([each.name for each in KINDS]),
        st.dictionaries(st.sampled_from(["", "own"]), OPTIONS),
        max_size=3,
    ),
    channels=st.dictionaries(st.sampled_from(CHANNELS), st.booleans(), max_size=1),
)


@given(before=SETTINGS, after=SETTINGS)
def test_an_edit_names_all_that_it_changed(before: Preferences, after: Preferences):
    known = centre_parts.categories(before, KINDS)
    fresh = centre_parts.categories(after, KINDS)
    edited = centre_parts.edited(before, after, KINDS)
    assert edited == centre_parts.changed(known, fresh)
    assert centre_parts.merged(known, edited) == fresh


def test_one_choice_names_one_type():
    chosen = Preferences(cells={"type-1": {"": {Channel.EMAIL: DeliveryOption.OFF}}})
    (category,) = centre_parts.edited(Preferences(), chosen, KINDS)
    assert [kind.name for kind in category.types] == ["type-1"]
