"""When a notification reaches somebody on a channel: at once, later with others, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum


class DeliveryOption(StrEnum):
    """What a user can choose for a channel of a type, in the native API's names."""

    OFF = "off"
    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def is_digest(self) -> bool:
        return self not in {DeliveryOption.OFF, DeliveryOption.INSTANT}


class MonthDay(StrEnum):
    """The day of a monthly digest, in the native API's names."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True)
class DigestTime:
    """When digests are due, on the user's own clock.

    Attributes:
        at: Local time of day of daily, weekly and monthly digests.
        weekday: Day of weekly digests, 0 is Monday.
        month_day: Day of monthly digests.
    """

    at: time = time(8)
    weekday: int = 0
    month_day: MonthDay = MonthDay.FIRST


@dataclass(frozen=True)
class Batching:
    """In-app items that say the same of one thing become one: "Ana and 4 others".

    Attributes:
        key: Name of the merge parameter whose value says what belongs together; "" puts all
            items of the type together.
        window: How long after the newest item another one still joins it.
    """

    key: str = ""
    window: timedelta = timedelta(hours=1)


@dataclass(frozen=True)
class ChannelOptions:
    """How a type behaves on one channel.

    Attributes:
        default: What applies to a user who chose nothing.
        offered: What a user may choose; the default is always among it.
        times: When digests are due, for each digest option that says so.
        batching: In-app only; None leaves every item by itself.
    """

    default: DeliveryOption = DeliveryOption.INSTANT
    offered: frozenset[DeliveryOption] = frozenset({DeliveryOption.OFF, DeliveryOption.INSTANT})
    times: Mapping[DeliveryOption, DigestTime] = field(
        default_factory=dict[DeliveryOption, DigestTime]
    )
    batching: Batching | None = None

    def offers(self, option: DeliveryOption) -> bool:
        """Whether people may choose it."""
        return option in self.offered or option is self.default
