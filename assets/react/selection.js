// Which notifications are selected: some by id, or all that match what is listed.
import { useSyncExternalStore } from "react";

const NONE = { ids: new Set(), all: false, last: "" };
let current = NONE;
const listeners = new Set();

function become(next) {
  current = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** `{ ids, all, last }`; `last` is the one chosen last, from which a range goes. */
export const useSelection = () => useSyncExternalStore(subscribe, () => current, () => NONE);

export function clearSelection() {
  if (current !== NONE) become(NONE);
}
export const selectAll = () => become({ ...current, all: true });

/** Selects a row or takes it out; out of all, it leaves those that are `listed`. */
export function select(id, listed = []) {
  const ids = new Set(current.all ? listed : current.ids);
  if (!ids.delete(id)) ids.add(id);
  become(ids.size ? { ids, all: false, last: id } : NONE);
}

/** Selects from the one chosen last up to this one, of those that are `listed`. */
export function selectRange(id, listed) {
  const [from, to] = [listed.indexOf(current.last), listed.indexOf(id)];
  if (from < 0 || to < 0) return select(id, listed);
  const range = listed.slice(Math.min(from, to), Math.max(from, to) + 1);
  return become({ ids: new Set([...current.ids, ...range]), all: false, last: id });
}

export const isSelected = ({ ids, all }, id) => all || ids.has(id);
