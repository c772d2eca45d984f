"""Links in e-mails: what is in them comes back, and nothing else is taken for one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib import links
from inbox_app.lib.links import ClickLink, OpenLink, PreferenceLink, ReplyLink, UnsubscribeLink
from inbox_app.lib.sealing import Sealer
from inbox_app.lib.signing import BadSignature

SEALER = Sealer("a" * 32)
KEYS = st.integers(0, 2**63 - 1)
UNSUBSCRIBE = UnsubscribeLink(1, 2, 3, 4)


@given(st.builds(UnsubscribeLink, KEYS, KEYS, KEYS, KEYS))
def test_a_link_to_unsubscribe_comes_back_as_it_was(link: UnsubscribeLink):
    token = links.unsubscribe_token(SEALER, link)
    assert len(token) == 64
    assert links.read_unsubscribe(SEALER, token) == link


@given(st.builds(PreferenceLink, KEYS, KEYS))
def test_a_link_to_preferences_comes_back_as_it_was(link: PreferenceLink):
    token = links.preference_token(SEALER, link)
    assert len(token) == 43
    assert links.read_preference(SEALER, token) == link


@given(KEYS, st.text(max_size=2_048).filter(lambda url: url.isprintable()))
def test_the_target_of_a_click_comes_back_as_it_was(delivery: int, url: str):
    link = ClickLink(delivery, url)
    assert links.read_click(SEALER, links.click_token(SEALER, link)) == link


@given(KEYS, st.data())
def test_the_name_of_a_message_comes_back_in_any_case(delivery: int, data: st.DataObject):
    token = links.reply_token(SEALER, ReplyLink(delivery))
    assert len(token) == 39
    assert token == token.lower()
    other = "".join(data.draw(st.sampled_from([each, each.upper()])) for each in token)
    assert links.read_reply(SEALER, other) == ReplyLink(delivery)


@given(KEYS, st.data())
def test_the_name_of_a_message_with_any_other_character_is_none(delivery: int, data: st.DataObject):
    token = links.reply_token(SEALER, ReplyLink(delivery))
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda each: each.lower() != token[place]))
    with pytest.raises(BadSignature):
        links.read_reply(SEALER, token[:place] + other + token[place + 1 :])


@given(st.data())
def test_a_token_with_any_other_character_is_none(data: st.DataObject):
    token = links.unsubscribe_token(SEALER, UNSUBSCRIBE)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda each: each != token[place]))
    with pytest.raises(BadSignature):
        links.read_unsubscribe(SEALER, token[:place] + other + token[place + 1 :])


@given(st.text())
def test_no_text_is_taken_for_a_token(text: str):
    for read in (
        *(links.read_unsubscribe, links.read_open, links.read_click),
        *(links.read_preference, links.read_reply),
    ):
        with pytest.raises(BadSignature):
            read(SEALER, text)


@pytest.mark.parametrize("change", ["", "A", "=", "=="])
def test_a_token_that_was_cut_or_grew_is_none(change: str):
    token = links.unsubscribe_token(SEALER, UNSUBSCRIBE)
    with pytest.raises(BadSignature):
        links.read_unsubscribe(SEALER, token + change if change else token[:-1])


def test_a_token_of_one_kind_is_none_of_another():
    picture = links.open_token(SEALER, OpenLink(4))
    with pytest.raises(BadSignature):
        links.read_click(SEALER, picture)
    click = links.click_token(SEALER, ClickLink(4, ""))
    with pytest.raises(BadSignature):
        links.read_open(SEALER, click)


def test_a_token_of_another_server_is_none():
    token = links.open_token(Sealer("b" * 32), OpenLink(4))
    with pytest.raises(BadSignature):
        links.read_open(SEALER, token)


def test_a_token_made_before_a_rotation_holds_until_the_old_key_is_gone():
    old = links.open_token(SEALER, OpenLink(4))
    assert links.read_open(Sealer("b" * 32, "a" * 32), old) == OpenLink(4)
    with pytest.raises(BadSignature):
        links.read_open(Sealer("b" * 32), old)


@pytest.mark.parametrize("change", ["", "a", "=", "aaaaaaaa"])
def test_the_name_of_a_message_that_was_cut_or_grew_is_none(change: str):
    token = links.reply_token(SEALER, ReplyLink(4))
    with pytest.raises(BadSignature):
        links.read_reply(SEALER, token + change if change else token[:-1])


def test_the_picture_of_an_e_mail_names_no_message():
    raw = base64.urlsafe_b64decode(links.open_token(SEALER, OpenLink(4)))
    with pytest.raises(BadSignature):
        links.read_reply(SEALER, base64.b32encode(raw).decode().rstrip("="))
