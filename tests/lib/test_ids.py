"""Identifiers: unique, and in the order of time."""

from __future__ import annotations

import time
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.lib import ids


def milliseconds(tracking_id: str) -> int:
    return UUID(tracking_id).int >> 80


def test_a_tracking_id_is_a_uuid_of_version_7():
    made = UUID(ids.tracking_id())
    assert (made.version, made.variant) == (7, RFC_4122)


def test_tracking_ids_are_unique():
    assert len({ids.tracking_id() for _ in range(20_000)}) == 20_000


def test_tracking_ids_come_in_the_order_of_time():
    made = [ids.tracking_id() for _ in range(2_000)]
    moments = [milliseconds(each) for each in made]
    assert moments == sorted(moments)
    assert [each[:13] for each in made] == sorted(each[:13] for each in made)


def test_a_tracking_id_carries_the_time_it_was_made():
    before = time.time_ns() // 1_000_000
    made = milliseconds(ids.tracking_id())
    assert before <= made <= time.time_ns() // 1_000_000


def test_row_ids_fit_a_signed_bigint_and_do_not_repeat():
    made = {ids.row_id() for _ in range(20_000)}
    assert len(made) == 20_000
    assert all(0 < each < 2**63 for each in made)


def test_tokens_carry_their_prefix_and_256_random_bits():
    made = {ids.token("pingram_sk_") for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(each.startswith("pingram_sk_") and len(each) == 11 + 43 for each in made)


@given(st.integers(0, 2**63 - 1))
def test_a_key_is_read_as_it_was_told(key: int):
    assert ids.read(str(key)) == key


@pytest.mark.parametrize("text", ["", "²", "-1", "1 ", "٣", "x", str(2**63), "9" * 5_000])
def test_what_can_be_no_key_is_none(text: str):
    assert ids.read(text) is None
