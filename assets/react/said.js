// Messages of the page's own, shown as the server's are: of what it does without the server, and
// of acts, at once. What the server says of the newest act then takes the message's place.
import { useSyncExternalStore } from "react";
import { firstTry } from "./attempt.js";

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

const SILENT = ["open", "choose", "reply"];
const LATER = ["undo", "mute"]; // the server tells what came of it

/**
 * Tells what an act of the outbox does, with its undo. The undo of an earlier one is not offered
 * any more: it is not what was done last.
 */
export function tellAct({ act, ids, until, part, attempt }) {
  if (SILENT.includes(act)) return;
  if (part) return become({});
  if (LATER.includes(act)) return become({ attempt });
  const phrase = { key: `said.${act}`, values: { n: ids.length, until } };
  become({ attempt, phrase, undo: firstTry(attempt) });
}

/**
 * What is to be shown when the server says `told`: of an act that is not the newest it comes late,
 * and of the newest it is the message that shows already.
 */
export function merged(shown, told) {
  if (told.tone === "bad" || !told.attempt || !current.attempt) return told;
  if (told.attempt !== current.attempt) return shown;
  return current.phrase.key ? { ...told, key: current.key } : told;
}

/** The newest one, with a `key` of its own. */
export const useOwnMessage = () => useSyncExternalStore(subscribe, () => current, () => NONE);
