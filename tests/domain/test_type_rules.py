"""A type's rules as a document."""

from __future__ import annotations

from inbox_app.domain.notification_type import Channel, NotificationType
from inbox_app.domain.type_rules import as_document, from_document


def test_what_is_kept_for_no_day_is_not_kept_for_ever():
    kind = NotificationType(1, 1, "order", "Order", (Channel.EMAIL,), retention=0)
    assert as_document(kind) == {"retentionDays": 0}
    assert from_document(as_document(kind))["retention"] == 0


def test_what_is_as_usual_is_left_out():
    assert as_document(NotificationType(1, 1, "order", "Order", (Channel.EMAIL,))) == {}
