// How many changes of settings are not confirmed yet, for the notice that the line is lost.
import { useSyncExternalStore } from "react";

let count = 0;
const listeners = new Set();

export function tellUnsent(next) {
  if (next === count) return;
  count = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useUnsent = () => useSyncExternalStore(subscribe, () => count, () => 0);
