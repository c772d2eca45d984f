// Whether the server can be reached, as far as this page knows, and what stands in for it.
import { useEffect, useState, useSyncExternalStore } from "react";

const PATIENCE = 4000; // ms for the first answer of the server

let now = { away: false, asOf: "", short: false };
const listeners = new Set();

function become(next) {
  now = { ...now, ...next };
  for (const listener of listeners) listener();
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const setAway = (away) => { if (away !== now.away) become({ away }); };
/**
 * What was kept at `asOf` (ISO) stands in for what the server would tell, and is `short` when that
 * has more.
 */
export const standsIn = (asOf, short) => become({ asOf, short });
/** The server tells again. */
export const standsDown = () => { if (now.asOf || now.short) become({ asOf: "", short: false }); };

export const isAway = () => now.away;
export const useAway = () => useSyncExternalStore(subscribe, () => now.away, () => false);
export const useAsOf = () => useSyncExternalStore(subscribe, () => now.asOf, () => "");

export const useShort = () => useSyncExternalStore(subscribe, () => now.short, () => false);

/** Whether the first answer of the server is late; `line` is "" until it is there. */
export function useLate(line) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (line) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [line]);
  return late;
}
