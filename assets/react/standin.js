// What is kept (kept.js) stands in for the server while that cannot be reached: it is put where the
// server would put its own, so that lists, the open notification and counters show it, and the
// server's takes its place when the line is back.
import { useContext, useEffect, useMemo, useState } from "react";
import { DispatchContext, StateStoreContext } from "$/utils/context-registry";
import { standsDown, standsIn, useAway, useLate } from "./away.js";
import { forgetKept, readKept } from "./kept.js";
import { overlay, usePending } from "./pending.js";
import { partOf, samePart, useWhere } from "./where.js";

const NO_TROUBLE = { what: "", code: "", message: "", reference: "", fix: "", why: { key: "", values: {} } };
const needsNetwork = (what) => ({ ...NO_TROUBLE, what, code: "NETWORK" });
const NOTHING_KNOWN = { title: "", description: "", subject: "", required: false, lines: [] };

/** The page's states as `{ feed, detail, viewer }`, to read and to write. */
function useStates(slots) {
  const dispatch = useContext(DispatchContext);
  const store = useContext(StateStoreContext);
  return useMemo(() => Object.fromEntries(Object.entries(slots).map(([slot, { state, fields }]) => [slot, {
    get: (name) => store.getSnapshot(state)[fields[name]],
    put: (values) => dispatch[state](Object.fromEntries(
      Object.entries(values).map(([name, value]) => [fields[name], value]))),
  }])), [dispatch, store, slots]);
}

/**
 * Shows what is kept while there is no line; `slots` tells where the states are (`ui/kept.py`), and
 * `line` is "" until the server has answered. Not on
 * pages that belong to nobody (`enabled`).
 */
export function useStandIn(slots, line, enabled) {
  const states = useStates(slots);
  const where = useWhere();
  const away = useAway();
  const late = useLate(line);
  const [kept, setKept] = useState(undefined); // null: there is nothing
  const needed = enabled && (away || late);
  const pending = usePending();
  useEffect(() => {
    let current = true;
    if (needed) readKept().then((found) => current && setKept(found), () => current && setKept(null));
    else setKept(undefined);
    return () => { current = false; };
  }, [needed]);
  useEffect(() => {
    if (kept === undefined) return standsDown();
    if (kept && !isOf(kept, states)) {
      forgetKept();
      return setKept(null);
    }
    // A line that is only slow brings what is not kept.
    if (kept || away) stand(kept, states, where);
  }, [kept, where, away]);
  useEffect(() => {
    // What is counted is all kept: nobody else has told yet.
    if (kept && !line) states.feed.put({ counts: counted(kept) });
  }, [kept, pending, line]);
}

const isOf = (kept, { viewer }) => {
  const { session } = viewer.get("viewer");
  return !viewer.get("ended") && (!session || session === kept.viewer.session);
};

function stand(kept, { viewer, feed, detail, settings, account }, where) {
  if (kept && !viewer.get("viewer").name) viewer.put({ viewer: kept.viewer });
  for (const page of [settings, account]) {
    if (page.get("phase") === "new") page.put({ phase: "failed", trouble: needsNetwork("failed.load_settings") });
  }
  if (!where.view) return;
  const fresh = feed.get("phase") === "new";
  if (fresh || !samePart(feed.get("shown"), where)) {
    if (kept) standsIn(fresh ? kept.at : "", kept.more);
    feed.put(listed(kept, feed, where));
  }
  const { id } = where;
  if (id && (detail.get("id") !== id || detail.get("phase") === "new")) detail.put(opened(kept, id));
}

/** The counters with what waits to be sent. */
function counted(kept) {
  const counts = { ...kept.counts };
  for (const { row } of kept.items) {
    for (const [now, sign] of [[overlay(row), 1], [row, -1]]) {
      for (const name of countersOf(now)) counts[name] += sign;
    }
  }
  return counts;
}

/** The counters that a row is part of, but for that of unseen ones: acts count as seeing. */
function countersOf({ archived, snoozed, unread, saved }) {
  const active = !archived && !snoozed;
  const is = { all: active, unread: active && unread, archived, saved, snoozed: snoozed && !archived };
  return Object.keys(is).filter((name) => is[name]);
}

const WINDOW = { fresh: [], patch: {}, more: false, older: false, beyond: false, complete: true };

/** The list of a part of the inbox; a search is the server's. */
function listed(kept, feed, where) {
  const shown = partOf(where);
  if (where.query) return { ...WINDOW, page: [], shown, phase: "failed", trouble: needsNetwork("failed.search") };
  if (!kept) return { ...WINDOW, page: [], shown, phase: "failed", trouble: needsNetwork("failed.load") };
  const { category, type } = where;
  const page = newest(kept, feed).filter((row) =>
    (!category || row.category === category) && (!type || row.type_name === type));
  return { ...WINDOW, page, shown, phase: "ready", trouble: NO_TROUBLE };
}

/** The kept rows, each as the list knows it where that is newer. */
function newest(kept, feed) {
  const patch = feed.get("patch");
  const known = new Map([...feed.get("page"), ...feed.get("fresh")]
    .map((row) => [row.id, { ...row, ...patch[row.id] }]));
  const rows = kept.items.map(({ row }) => row);
  for (const row of rows) {
    if (!known.has(row.id) || known.get(row.id).change < row.change) known.set(row.id, row);
  }
  return [...known.values()];
}

function opened(kept, id) {
  const found = kept?.items.find(({ row }) => row.id === id);
  if (!found?.whole) return { id, phase: "failed", trouble: needsNetwork("failed.open") };
  const { row, html, can_reply, thread, body, host } = found;
  const item = { row, body: "", html, can_reply, thread, about: {} };
  return { id, phase: "ready", item, body, host, why: NOTHING_KNOWN, trouble: NO_TROUBLE };
}
