// The open notification: which of its states shows, its focus, its reading.
import { useContext, useEffect, useLayoutEffect, useRef } from "react";
import { Actions } from "./actions.jsx";
import { isPhone, take } from "./focus.js";
import { overlay, settle } from "./pending.js";
import { useWhere } from "./where.js";

/** `loaded` is the id of what the server has opened; it trails the address by a moment. */
export function DetailPane({ loaded, phase, row, label, children }) {
  const pane = useRef(null);
  const { id } = useWhere();
  const state = !id ? "none" : id !== loaded || phase === "new" ? "loading" : phase;
  useReport(state === "ready" ? row : null);
  useEffect(() => settle(new Map([[row.id, row]])), [row]);
  useLayoutEffect(() => {
    pane.current.scrollTop = 0;
  }, [id]);
  useEffect(() => {
    if (state !== "ready") return;
    const reply = take("reply");
    const heading = take("heading") || isPhone();
    const target = reply ? "[data-reply]" : heading ? '[data-when="ready"] h2' : null;
    if (target) pane.current.querySelector(target)?.focus({ preventScroll: !reply });
  }, [state, id]);
  return (
    <section className="detail" ref={pane} data-state={state} data-detail={id} aria-label={label}
      aria-busy={state === "loading"} tabIndex={-1}>
      {/* On a phone it is the whole page. */}
      <h1 className="sr phone-only">{label}</h1>
      {children}
    </section>
  );
}

/** Marks an item as read once it is open in a visible tab; once, so that "unread" can last. */
function useReport(row) {
  const { perform } = useContext(Actions);
  const reported = useRef("");
  useEffect(() => {
    if (!row) {
      reported.current = "";
      return undefined;
    }
    const report = () => {
      if (document.hidden || reported.current === row.id) return;
      reported.current = row.id;
      if (overlay(row).unread) perform(row.id, "open");
    };
    report();
    document.addEventListener("visibilitychange", report);
    return () => document.removeEventListener("visibilitychange", report);
  }, [row]);
}
