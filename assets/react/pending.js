// What the reader has just done and the server has not yet confirmed. A row shows it at once, and
// whatever is told of the row meanwhile, until the server has done it or says that it failed.
import { useSyncExternalStore } from "react";

const EFFECTS = {
  archive: { archived: true },
  restore: { archived: false },
  read: { unread: false },
  unread: { unread: true },
  save: { saved: true },
  unsave: { saved: false },
  unsnooze: { snoozed: "" },
};

const waiting = new Map(); // id -> fields
const listeners = new Set();
let version = 0;

function changed() {
  version += 1;
  for (const listener of listeners) listener();
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What an act makes of a row; `until` is when a snooze ends. */
const effect = (act, until) => (act === "snooze" ? { snoozed: until } : EFFECTS[act]);

/** Shows `act` on the item as done. */
export function expect(id, act, until = "") {
  const fields = act.fields ?? effect(act, until);
  waiting.set(id, { ...waiting.get(id), ...fields });
  changed();
}

export function forget(ids) {
  if (ids.map((id) => waiting.delete(id)).some(Boolean)) changed();
}

/** Drops what the rows in `known` (id -> row) confirm. */
export function settle(known) {
  const same = (row, fields) => Object.entries(fields).every(([name, value]) =>
    (name === "snoozed" ? Boolean(row[name]) === Boolean(value) : row[name] === value));
  const done = [...waiting].filter(([id, fields]) => {
    const row = known.get(id);
    if (!row) return false;
    // Another change of the item must not bring its buttons back before the answer is stored.
    return fields.done ? isAnswered(row) : same(row, fields);
  });
  forget(done.map(([id]) => id));
}

export const overlay = (row) => {
  const fields = waiting.get(row.id);
  return fields ? { ...row, ...fields } : row;
};

const isAnswered = ({ actions, done }) =>
  actions.some((each, i) => !each.url && (done?.[i] ?? each.done));

/** Whether an answer to the item is on its way: there can be only one. */
export const isAnswering = (id) => Boolean(waiting.get(id)?.done);

export const isWaiting = (id) => waiting.has(id);

/** Re-renders when something is added or dropped; another number each time. */
export function usePending() {
  return useSyncExternalStore(subscribe, () => version, () => 0);
}
