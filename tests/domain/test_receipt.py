"""Where deliveries stand by what was reported of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.domain.delivery import MOVES, Delivery, DeliveryStatus
from inbox_app.domain.notification_type import Channel
from inbox_app.domain.receipt import Receipt, ReceiptKind, status_after
from tests.clock import START

REPORTABLE = [DeliveryStatus.UNKNOWN, DeliveryStatus.SENT, DeliveryStatus.DELIVERED]
kinds = st.lists(st.sampled_from(ReceiptKind))


@given(status=st.sampled_from(DeliveryStatus), told=kinds, data=st.data())
def test_neither_order_nor_repeats_matter(
    status: DeliveryStatus, told: list[ReceiptKind], data: st.DataObject
) -> None:
    again = data.draw(st.permutations([*told, *told]))
    assert status_after(status, told) is status_after(status, again)


@given(status=st.sampled_from(DeliveryStatus), one=kinds, other=kinds)
def test_what_comes_in_parts_ends_as_if_it_came_together(
    status: DeliveryStatus, one: list[ReceiptKind], other: list[ReceiptKind]
) -> None:
    parts = status_after(status_after(status, one), other)
    assert parts is status_after(status, [*one, *other])


@given(status=st.sampled_from(DeliveryStatus), told=kinds)
def test_only_moves_that_there_are_are_made(
    status: DeliveryStatus, told: list[ReceiptKind]
) -> None:
    after = status_after(status, told)
    assert after is status or after in MOVES[status]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([], DeliveryStatus.SENT),
        ([ReceiptKind.SENT], DeliveryStatus.SENT),
        ([ReceiptKind.DELAYED], DeliveryStatus.SENT),
        ([ReceiptKind.UNSUBSCRIBED], DeliveryStatus.SENT),
        ([ReceiptKind.DELIVERED, ReceiptKind.SENT], DeliveryStatus.DELIVERED),
        ([ReceiptKind.CLICKED], DeliveryStatus.DELIVERED),
        ([ReceiptKind.COMPLAINED], DeliveryStatus.DELIVERED),
        ([ReceiptKind.FAILED, ReceiptKind.DELIVERED], DeliveryStatus.FAILED),
    ],
)
def test_what_each_report_means(told: list[ReceiptKind], status: DeliveryStatus) -> None:
    assert status_after(DeliveryStatus.SENT, told) is status


@pytest.mark.parametrize("status", [each for each in DeliveryStatus if each not in REPORTABLE])
def test_what_is_not_out_is_moved_by_no_report(status: DeliveryStatus) -> None:
    assert status_after(status, ReceiptKind) is status


@pytest.mark.parametrize(
    ("address", "concerns"),
    [
        ("ana@example.com", True),
        ("Ana@EXAMPLE.com", True),
        ("", True),
        # No mailbox.
        ("+34600000001", True),
        ("ben@example.com", False),
    ],
)
def test_a_report_about_somebody_elses_mailbox_is_told_apart(address: str, concerns: bool) -> None:
    delivery = Delivery(
        *(1, 2, 3, 4, "trk_1", Channel.EMAIL, "ana@example.com", DeliveryStatus.SENT),
        *(START, START, START),
    )
    assert Receipt("1", ReceiptKind.FAILED, START, address=address).concerns(delivery) is concerns
