// The list of notifications. It is one component because its order, its headings and its scroll
// position depend on each other and on the reader's clock and zone.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { announce } from "./announce.js";
import { useAway, useShort } from "./away.js";
import { expectTop, isPhone, peek, rowOf, take } from "./focus.js";
import { isWaiting, overlay, settle, usePending } from "./pending.js";
import { Bulk } from "./bulk.jsx";
import { Empty } from "./empty.jsx";
import { useGestures } from "./gestures.js";
import { Icon } from "./icon.jsx";
import { BoneRow, Bones, Trouble } from "./loading.jsx";
import { Row } from "./row.jsx";
import { useReading } from "./seen.js";
import { isSelected, useSelection } from "./selection.js";
import { groupOf, useNow } from "./time.jsx";
import { partOf, samePart, useWhere } from "./where.js";
import { useWords } from "./words.js";

const AT_TOP = 8; // px: nearer to the top than this counts as the top
const NEAR_END = "600px";

const SHOWS = {
  all: (row) => !row.archived && !row.snoozed,
  // What was opened stays until the next one is, or it would vanish while it is read.
  unread: (row, openId) => !row.archived && !row.snoozed && (row.unread || row.id === openId),
  saved: (row) => row.saved,
  snoozed: (row) => Boolean(row.snoozed) && !row.archived,
  archived: (row) => row.archived,
  everything: () => true,
};

const newestFirst = (a, b) =>
  a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? 1 : a.id > b.id ? -1 : 0;

/** Loaded rows, arrivals and changes as one map from id to row. */
function merge({ page, fresh, patch }) {
  const known = new Map();
  for (const row of [...page, ...fresh]) {
    known.set(row.id, patch[row.id] ? { ...row, ...patch[row.id] } : row);
  }
  return known;
}

/**
 * The last list there was, while the server rebuilds its own after a restart: it starts with one
 * page and is asked for as many rows as were shown.
 */
function useKept(data, onMore) {
  const kept = useRef({ data, lost: false });
  const last = kept.current;
  const short = last.lost && data.phase === "ready" && samePart(data.shown, last.data.shown)
    && data.more && data.page.length < last.data.page.length;
  if (data.phase === "new") last.lost = last.data.phase === "ready";
  else if (!short) kept.current = { data, lost: false };
  useEffect(() => {
    if (short) onMore(last.data.page.length);
  }, [short]);
  return kept.current.data;
}

export function Feed({ page, fresh, patch, counts, shown, phase, trouble, more, older, beyond, complete,
  calm, job, matching, capped, ...events }) {
  const say = useWords();
  const where = useWhere();
  const data = useKept(
    { page, fresh, patch, counts, shown, phase, trouble, more, older, beyond, complete }, events.onMore);
  const pending = usePending();
  const known = useMemo(() => merge(data), [data.page, data.fresh, data.patch]);
  const rows = useMemo(
    () => [...known.values()].map(overlay)
      .filter((row) => (SHOWS[data.shown.view] ?? SHOWS.all)(row, where.id)).sort(newestFirst),
    [known, pending, data.shown, where.id],
  );
  const met = useRef(new Map()); // id -> date of rows that were here once, in any view
  useEffect(() => {
    settle(known);
    for (const { id, at } of known.values()) met.current.set(id, at);
  }, [known]);
  const wasEmpty = useRef("");
  useEffect(() => {
    if (!complete && phase === "ready") events.onIndex();
  }, [complete, phase, shown]);
  const box = JSON.stringify(data.shown);

  if (data.phase === "new") return <Bones />;
  // Next to the search it is told what is wrong with it.
  const misread = where.query && data.trouble.what && data.trouble.code === "INVALID_INPUT"
    && (data.phase === "failed" || !samePart(data.shown, where));
  if (data.phase === "failed") {
    return misread ? <div className="feed-frame" data-empty="misread" />
      : <Trouble {...data.trouble} retry={events.onRetry} />;
  }
  if (!rows.length && !data.more && !data.older) {
    wasEmpty.current = box;
    if (misread) return <div className="feed-frame" data-empty="misread" />;
    const troubled = data.trouble.what && !samePart(data.shown, where);
    return troubled
      ? <Trouble {...data.trouble} retry={events.onRetry} />
      : <Empty part={data.shown} counts={data.counts} complete={data.complete} calm={calm}
        onCalm={events.onCalm} onTest={events.onTest} />;
  }
  const first = wasEmpty.current === box;
  const bulk = { job, matching, capped, onCount: events.onCount, onStop: events.onStop };
  return <Rows {...data} {...events} misread={misread} box={box} bulk={bulk} rows={rows} where={where} say={say}
    first={first} met={met.current} />;
}

function Rows({ rows, misread, page, box, shown, counts, more, older, beyond, trouble, where, say, first,
  met, bulk, onMore, onSeen, onRetry, onNewest, onOlder }) {
  const scroller = useRef(null);
  const above = useSteadyScroll(scroller, rows, `${box} ${older}`, say, first, met, shown.view === "archived");
  const sentinel = useNearEnd(scroller, page, more && !trouble.what, onMore);
  useReading(scroller, rows, onSeen);
  useFocusAfterLeaving(rows, met);
  const now = useNow();
  const away = useAway();
  const short = useShort();
  const elsewhere = !samePart(shown, where);
  const chosen = useSelection();
  const pulled = useGestures(scroller, onNewest);
  const stale = elsewhere && !trouble.what;
  const size = more || older || beyond ? -1 : rows.length;
  const exchange = (ask) => {
    expectTop();
    ask();
  };
  const toTop = () => {
    if (older) return exchange(onNewest);
    scroller.current.scrollTo({ top: 0, behavior: "smooth" });
    if (rows.length) rowOf(rows[0].id)?.focus({ preventScroll: true });
  };
  return (
    <div className="feed-frame" data-selecting={rows.some((row) => isSelected(chosen, row.id))}>
      <Bulk {...bulk} where={where} rows={rows} counts={counts} />
      {pulled > 0 && (
        <span className="pull" data-far={pulled === 1} style={{ opacity: pulled }} aria-hidden="true">
          <Icon name="sync" />
        </span>
      )}
      {(above.count > 0 || older) && (
        <button type="button" className="pill" onClick={toTop}>
          <Icon name="up" />
          {above.count > 0 ? say("list.new_above", { n: above.count }) : say("list.newest")}
        </button>
      )}
      {trouble.what && elsewhere && !misread && <Trouble {...trouble} retry={onRetry} />}
      <div className="feed" ref={scroller} role="feed" data-box={shown.view} data-stale={stale}
        aria-labelledby="view-title" aria-busy={stale} tabIndex={-1}>
        {/* One flat list: in lists within it, React would make all rows anew below one that comes. */}
        {rows.flatMap((row, i) => {
          const group = groupOf(row.at, now, say);
          const first = i === 0 || groupOf(rows[i - 1].at, now, say) !== group;
          return [
            first && <div key={`day-${group}`} className="day">{group}</div>,
            <Row key={row.id} row={row} place={partOf(shown)} selected={isSelected(chosen, row.id)} open={row.id === where.id}
              waiting={isWaiting(row.id) && away} arrived={above.arrived.has(row.id)}
              position={i + 1} size={size} />,
          ];
        })}
        {more && <div ref={sentinel} aria-hidden="true"><BoneRow /></div>}
        {trouble.what && !elsewhere && <Trouble {...trouble} retry={onRetry} />}
        {short && <p className="feed-end">{say("list.kept_end")}</p>}
        {beyond && (
          <div className="feed-end">
            <button type="button" className="button" onClick={() => exchange(onOlder)}>
              {say("list.show_older")}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

/** Loads more when the end comes near; asks again once the answer has come. */
function useNearEnd(scroller, page, active, onMore) {
  const sentinel = useRef(null);
  useEffect(() => {
    if (!active || !sentinel.current) return undefined;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (!entry.isIntersecting) return;
        watch.disconnect();
        onMore(0);
      },
      { root: scroller.current, rootMargin: NEAR_END },
    );
    watch.observe(sentinel.current);
    return () => watch.disconnect();
  }, [page, active]);
  return sentinel;
}

/**
 * Keeps what is read in place when rows come or go above it, and counts what came unseen. Other rows
 * in place of all, such as older ones, are shown from their top.
 */
function useSteadyScroll(scroller, rows, place, say, first, met, still) {
  const before = useRef({ place, newest: first ? "" : rows[0]?.at ?? "", spots: [], width: 0 });
  const [above, setAbove] = useState({ count: 0, arrived: new Set() });

  useEffect(() => {
    const node = scroller.current;
    const onScroll = () => {
      if (node.scrollTop < AT_TOP) setAbove((now) => (now.count ? { ...now, count: 0 } : now));
    };
    node.addEventListener("scroll", onScroll, { passive: true });
    return () => node.removeEventListener("scroll", onScroll);
  }, []);

  useLayoutEffect(() => {
    const node = scroller.current;
    const last = before.current;
    const exchanged = (node.scrollTop >= AT_TOP || peek("top")) && !anyOf(last.spots, rows);
    if (last.place !== place || exchanged) {
      node.scrollTop = 0;
      setAbove({ count: 0, arrived: new Set() });
      // The button that was pressed may be gone with the rows beside it.
      const here = document.activeElement;
      const inList = here === document.body || node.parentNode.contains(here);
      if (take("top") && inList) focusAt(rows[0]?.id);
    } else {
      const came = still ? [] : rows.filter((row) => isNew(row, last.newest, met));
      const held = node.scrollTop >= AT_TOP || (came.length > 0 && node.matches(":hover"));
      if (held && last.width === node.clientWidth) hold(node, last.spots);
      if (came.length) {
        announce(say("list.arrived", { n: came.length }));
        setAbove((now) => ({
          count: held ? now.count + came.length : 0,
          arrived: new Set(came.map((row) => row.id)),
        }));
      }
    }
    const newest = newestOf(rows, last.place === place ? last.newest : "");
    before.current = { place, newest, spots: spotsOf(node), width: node.clientWidth };
  }, [rows, place]);
  return above;
}

/** Whether a row has just been sent; others come into view by an act elsewhere. */
const isNew = (row, newest, met) => row.at > newest && !row.seen && met.get(row.id) !== row.at;

/** The date of the newest row there has been; an archived row that comes back is no arrival. */
const newestOf = (rows, before) => (rows[0] && rows[0].at > before ? rows[0].at : before);

/** Whether any of the rows was there before. */
const anyOf = (spots, rows) => {
  const ids = new Set(rows.map(({ id }) => id));
  return spots.some(({ id }) => ids.has(id));
};

/** Where each row begins, in the content of the list. */
const spotsOf = (node) =>
  [...node.querySelectorAll("[data-row]")].map((row) => ({
    id: row.dataset.row,
    top: row.offsetTop,
    bottom: row.offsetTop + row.offsetHeight,
  }));

/** Scrolls by as much as the first row in sight was moved. */
function hold(node, spots) {
  for (const { id, top, bottom } of spots) {
    const row = bottom > node.scrollTop && node.querySelector(`[data-row="${CSS.escape(id)}"]`);
    if (row) {
      node.scrollTop += row.offsetTop - top;
      return;
    }
  }
}

/**
 * After a row has left the list the focus goes to the next one, else the previous, else the heading;
 * after an undo from the heading to the row that is back.
 */
function useFocusAfterLeaving(rows, met) {
  const before = useRef([]);
  useLayoutEffect(() => {
    const ids = rows.map((row) => row.id);
    const leaving = peek("leaving");
    if (leaving && before.current.includes(leaving) && !ids.includes(leaving)) {
      take("leaving");
      const index = Math.min(before.current.indexOf(leaving), ids.length - 1);
      focusAt(ids[index]);
    }
    const back = peek("returning")
      && ids.find((id) => met.has(id) && !before.current.includes(id));
    // Unless the reader has moved on meanwhile.
    if (back && take("returning") && document.activeElement?.id === "view-title") focusAt(back);
    before.current = ids;
  }, [rows]);
  useEffect(() => () => {
    // The last row has gone and the list with it.
    if (take("leaving")) focusAt(undefined);
  }, []);
}

function focusAt(id) {
  const target = id ? rowOf(id) : document.getElementById("view-title");
  // On a phone the list is still hidden behind the open notification for one more frame.
  if (isPhone()) requestAnimationFrame(() => target?.focus());
  else target?.focus();
}
