// The line to the server. What was on it when it broke may never have arrived.
import { useContext, useEffect, useRef } from "react";
import { EventLoopContext } from "$/utils/context-registry";

/** Calls `again` whenever there is a new line; what it sends once more may arrive twice. */
export function useNewLine(again) {
  const [, errors] = useContext(EventLoopContext);
  const latest = useRef(again);
  latest.current = again;
  // Reflex begins another list of errors with each line.
  useEffect(() => {
    if (!errors.length) latest.current();
  }, [errors]);
}

/** The trouble of an attempt of which nothing was heard before its line broke. */
export const lost = (what) => ({ what, code: "OFFLINE" });
