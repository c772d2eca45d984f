"""What the database says of an environment, read past the application."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.chaos.crowd import Crowd, Errand

STATES = """
SELECT u.external_id, s.change, s.active, s.unread, s.unseen, s.archived,
  (SELECT count(*) FROM inbox_items i WHERE i.user_id = u.id AND i.archived IS NULL),
  (SELECT count(*) FROM inbox_items i
     WHERE i.user_id = u.id AND i.archived IS NULL AND i.opened IS NULL),
  (SELECT count(*) FROM inbox_items i WHERE i.user_id = u.id AND i.seen IS NULL),
  (SELECT count(*) FROM inbox_items i WHERE i.user_id = u.id AND i.archived IS NOT NULL),
  (SELECT max(change) FROM inbox_items i WHERE i.user_id = u.id)
FROM inbox_states s JOIN users u ON u.id = s.user_id
"""
ITEMS = """
SELECT i.tracking_id, u.external_id, i.title
FROM inbox_items i JOIN users u ON u.id = i.user_id
"""


def check(database: Path, crowd: Crowd, errands: list[Errand]) -> None:
    """Every answered notification is there once, for its user, and every counter is right."""
    wanted = {errand.key: errand for errand in errands}
    assert crowd.answers.keys() == wanted.keys()
    with closing(sqlite3.connect(database)) as connection:
        items = {row[0]: row[1:] for row in connection.execute(ITEMS) if row[2].startswith("Note")}
        accepted = {row[0] for row in connection.execute("SELECT tracking_id FROM notifications")}
        states = connection.execute(STATES).fetchall()
    for key, told in crowd.answers.items():
        assert len(set(told)) == 1, f"{key} was answered with {told}"
        assert items[told[0]] == (wanted[key].user_id, wanted[key].title)
    assert len(items) == len(wanted)
    assert items.keys() <= accepted
    _check_states(states, Counter(errand.user_id for errand in errands))


def _check_states(states: list[tuple[int, ...]], sent: Counter[str]) -> None:
    for user_id, change, *counters, newest in states:
        assert counters[:4] == counters[4:], f"{user_id}: counted and true {counters}"
        assert change == newest
        if user_id in sent:
            # An open tab reports what was seen, which takes change numbers of its own.
            assert counters[0] == sent[str(user_id)] <= change
    assert sent.keys() <= {state[0] for state in states}
