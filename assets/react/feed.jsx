// The list of notifications. It is one component because its order, its headings and its scroll
// position depend on each other and on the reader's clock and zone.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { announce } from "./announce.js";
import { isPhone, peek, rowOf, take } from "./focus.js";
import { isWaiting, overlay, settle, usePending } from "./pending.js";
import { Icon } from "./parts.jsx";
import { Row } from "./row.jsx";
import { useReading } from "./seen.js";
import { groupOf, useNow } from "./time.jsx";
import { useWhere } from "./where.js";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const AT_TOP = 8; // px: nearer to the top than this counts as the top
const NEAR_END = "600px";

const SHOWS = {
  all: (row) => !row.archived,
  // What was opened stays until the next one is, or it would vanish while it is read.
  unread: (row, openId) => !row.archived && (row.unread || row.id === openId),
  archived: (row) => row.archived,
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
  const short = last.lost && data.phase === "ready" && data.box === last.data.box
    && data.more && data.page.length < last.data.page.length;
  if (data.phase === "new") last.lost = last.data.phase === "ready";
  else if (!short) kept.current = { data, lost: false };
  useEffect(() => {
    if (short) onMore(last.data.page.length);
  }, [short]);
  return kept.current.data;
}

export function Feed({ page, fresh, patch, counts, box, phase, trouble, more, older, ...events }) {
  const say = useWords();
  const where = useWhere();
  const data = useKept({ page, fresh, patch, counts, box, phase, trouble, more, older }, events.onMore);
  const pending = usePending();
  const known = useMemo(() => merge(data), [data.page, data.fresh, data.patch]);
  const rows = useMemo(
    () => [...known.values()].map(overlay)
      .filter((row) => SHOWS[data.box](row, where.id)).sort(newestFirst),
    [known, pending.version, data.box, where.id],
  );
  const met = useRef(new Set()); // ids of rows that were here once, in any view
  useEffect(() => {
    settle(known);
    for (const id of known.keys()) met.current.add(id);
  }, [known]);
  const wasEmpty = useRef("");

  if (data.phase === "new") return <Bones />;
  if (data.phase === "failed") return <Trouble {...data.trouble} retry={events.onRetry} />;
  if (!rows.length && !data.more && !data.older) {
    wasEmpty.current = data.box;
    return <Empty box={data.box} counts={data.counts} />;
  }
  const first = wasEmpty.current === data.box;
  return <Rows {...data} {...events} rows={rows} where={where} say={say} first={first}
    met={met.current} />;
}

function Rows({ rows, box, counts, more, older, trouble, where, say, first, met, onMore, onSeen,
  onRetry, onNewest, onOlder }) {
  const scroller = useRef(null);
  const above = useSteadyScroll(scroller, rows, box, say, first, met);
  const sentinel = useNearEnd(scroller, rows.length, more && !trouble.what, onMore);
  useReading(scroller, rows, onSeen);
  useFocusAfterLeaving(rows, met);
  const now = useNow();
  const elsewhere = box !== where.view;
  const stale = elsewhere && !trouble.what;
  const size = more || older ? -1 : rows.length;
  const toTop = () => {
    if (older) return onNewest();
    scroller.current.scrollTo({ top: 0, behavior: "smooth" });
    rowOf(rows[0].id)?.focus({ preventScroll: true });
  };
  return (
    <div className="feed-frame">
      {(above.count > 0 || older) && (
        <button type="button" className="pill" onClick={toTop}>
          <Icon name="up" />
          {above.count > 0 ? say("list.new_above", { n: above.count }) : say("list.newest")}
        </button>
      )}
      {trouble.what && elsewhere && <Trouble {...trouble} retry={onRetry} />}
      <div className="feed" ref={scroller} role="feed" data-box={box} data-stale={stale}
        aria-labelledby="view-title" aria-busy={stale} tabIndex={-1}>
        {rows.map((row, i) => {
          const group = groupOf(row.at, now, say);
          const first = i === 0 || groupOf(rows[i - 1].at, now, say) !== group;
          return [
            first && <div key={`day-${group}`} className="day">{group}</div>,
            <Row key={row.id} row={row} view={box} open={row.id === where.id}
              waiting={isWaiting(row.id) && !navigator.onLine} arrived={above.arrived.has(row.id)}
              position={i + 1} size={size} />,
          ];
        })}
        {more && <div ref={sentinel} aria-hidden="true"><BoneRow /></div>}
        {trouble.what && !elsewhere && <Trouble {...trouble} retry={onRetry} />}
        <FeedEnd more={more} box={box} rows={rows} counts={counts} onOlder={onOlder} say={say} />
      </div>
    </div>
  );
}

/** Below the last row: how to go on where the window of rows is full, or that this is all. */
function FeedEnd({ more, box, rows, counts, onOlder, say }) {
  const total = counts[box];
  if (more || total <= rows.length) return null;
  return (
    <div className="feed-end">
      <button type="button" className="button" onClick={onOlder}>{say("list.show_older")}</button>
    </div>
  );
}

/** Loads more when the end comes near; asks again only when rows have come. */
function useNearEnd(scroller, length, active, onMore) {
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
  }, [length, active]);
  return sentinel;
}

/** Keeps what is read in place when rows come or go above it, and counts what came unseen. */
function useSteadyScroll(scroller, rows, box, say, first, met) {
  const before = useRef({ box, newest: first ? "" : rows[0].at, spots: [], width: 0 });
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
    if (last.box !== box) {
      node.scrollTop = 0;
      setAbove({ count: 0, arrived: new Set() });
    } else {
      const came = box === "archived" ? [] : rows.filter((row) => isNew(row, last.newest, met));
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
    const newest = newestOf(rows, last.box === box ? last.newest : "");
    before.current = { box, newest, spots: spotsOf(node), width: node.clientWidth };
  }, [rows, box]);
  return above;
}

/** Whether a row has just been sent; others come into view by an act elsewhere. */
const isNew = (row, newest, met) => row.at > newest && !row.seen && !met.has(row.id);

/** The date of the newest row there has been; an archived row that comes back is no arrival. */
const newestOf = (rows, before) => (rows[0] && rows[0].at > before ? rows[0].at : before);

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

function Trouble({ retry, ...trouble }) {
  const say = useWords();
  const { text, reference } = useTrouble()(trouble);
  return (
    <div className="trouble" role="alert">
      <Icon name="alert" />
      <div>
        {text}
        {reference && <small>{reference}</small>}
      </div>
      <button type="button" className="button" onClick={() => retry()}>{say("frame.retry")}</button>
    </div>
  );
}

function Empty({ box, counts }) {
  const say = useWords();
  const fresh = box === "all" && counts.archived === 0;
  const kind = fresh ? "first" : box;
  const title = say(`empty.${kind}`);
  useEffect(() => announce(title), [title]);
  return (
    <div className="feed-frame">
      <div className="calm" data-empty={box}>
        <span className="badge-icon"><Icon name={fresh ? "bell" : box === "archived" ? "archive" : "check"} /></span>
        <h2>{title}</h2>
        <p>{say(`empty.${kind}_text`)}</p>
      </div>
    </div>
  );
}

const BoneRow = ({ width = 60 }) => (
  <div className="bones">
    <span className="bone" />
    <div>
      <span className="bone" style={{ width: `${width}%` }} />
      <span className="bone" style={{ width: `${width * 0.7}%` }} />
    </div>
  </div>
);

const Bones = () => {
  const say = useWords();
  return (
    <div className="feed-frame feed-bones" role="status" aria-busy="true" aria-label={say("list.loading")}>
      <div className="day"><span className="bone" /></div>
      {[72, 56, 80, 64, 48, 70].map((width, i) => <BoneRow key={i} width={width} />)}
    </div>
  );
};
