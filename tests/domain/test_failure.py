"""Why a message did not arrive, as people are told."""

from __future__ import annotations

import pytest

from inbox_app.domain.delivery import Attempt, AttemptOutcome
from inbox_app.domain.failure import BY_CODE, Failure, failure_of
from inbox_app.lib.catalogue import LANGUAGES, texts
from tests.clock import START


@pytest.mark.parametrize(
    ("outcome", "code", "failure"),
    [
        (AttemptOutcome.PERMANENT, "address", Failure.ADDRESS),
        (AttemptOutcome.PERMANENT, "550 5.1.1", Failure.ADDRESS),
        (AttemptOutcome.PERMANENT, "556 5.1.10", Failure.ADDRESS),
        (AttemptOutcome.PERMANENT, "553 5.1.8", Failure.REFUSED),
        (AttemptOutcome.PERMANENT, "550 5.7.1", Failure.REFUSED),
        (AttemptOutcome.TRANSIENT, "auth", Failure.ACCOUNT),
        (AttemptOutcome.TRANSIENT, "connection", Failure.CONNECTION),
        (AttemptOutcome.TRANSIENT, "451", Failure.PASSING),
        (AttemptOutcome.RATE_LIMITED, "429", Failure.BUSY),
        (AttemptOutcome.UNKNOWN, "timeout", Failure.UNCLEAR),
        (AttemptOutcome.PERMANENT, "blocked", Failure.CONTENT),
    ],
)
def test_a_failure_is_told_by_code_and_outcome(
    outcome: AttemptOutcome, code: str, failure: Failure
):
    attempt = Attempt(1, 1, "smtp", START, outcome, code=code)
    assert failure_of(attempt) is failure


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_failure_has_words(language: str):
    assert {f"failure.{each}" for each in Failure} <= texts(language).keys()
    assert set(BY_CODE.values()) <= set(Failure)
