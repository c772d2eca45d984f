// Messages of the page's own, of what it does without the server; shown as the server's are.
import { useSyncExternalStore } from "react";

const NONE = { key: "", phrase: { key: "", values: {} }, trouble: { what: "" }, tone: "plain", undo: "", attempt: "" };

let current = NONE;
let count = 0;
const listeners = new Set();

function become(message) {
  count += 1;
  current = { ...NONE, key: `own-${count}`, ...message };
  for (const listener of listeners) listener();
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Shows a text of the catalogue. */
export const tell = (key) => become({ phrase: { key, values: {} } });
/** Shows what could not be done, and why where that is known. */
export const complain = (what, why = {}) => become({ tone: "bad", trouble: { ...why, what } });

/** The newest one, with a `key` of its own. */
export const useOwnMessage = () => useSyncExternalStore(subscribe, () => current, () => NONE);
