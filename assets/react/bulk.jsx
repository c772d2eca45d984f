// What can be done to all that is selected, and how far an act on many is.
import { useContext, useEffect, useRef } from "react";
import { Actions } from "./actions.jsx";
import { announce } from "./announce.js";
import { leaves, rowOf } from "./focus.js";
import { Icon } from "./icon.jsx";
import { overlay } from "./pending.js";
import { clearSelection, isSelected, selectAll, useSelection } from "./selection.js";
import { openSnooze } from "./snooze.jsx";
import { isWhole, partOf, useWhere } from "./where.js";
import { useWords } from "./words.js";

const ACTS = {
  all: ["archive", "snooze", "save"],
  unread: ["archive", "snooze", "save"],
  saved: ["archive", "unsave"],
  snoozed: ["archive", "unsnooze"],
  archived: ["restore", "save"],
  everything: ["archive", "save"],
};

/** How many match what is listed: exact for a whole view, else as the server counts. */
const countOf = (where, counts, matching) =>
  isWhole(where) && where.view in counts ? counts[where.view] : matching;

export function Bulk({ where, rows, counts, job, matching, capped, onCount, onStop }) {
  const say = useWords();
  const actions = useContext(Actions);
  const chosen = useSelection();
  const bar = useRef(null);
  const { view, category, type, query } = where;
  useEffect(clearSelection, [view, category, type, query]);
  useEffect(() => {
    if (chosen.all && !isWhole(where)) onCount(partOf(where));
  }, [chosen.all, view, category, type, query]);
  const picked = rows.filter((row) => isSelected(chosen, row.id));
  const total = countOf(where, counts, matching);
  const text = chosen.all
    ? total < 0 ? say("bulk.all")
      : say(capped && !isWhole(where) ? "bulk.at_least" : "bulk.all_count", { n: total })
    : say("bulk.selected", { n: picked.length });
  const active = chosen.all || picked.length > 0;
  useEffect(() => announce(active ? text : ""), [active, text]);
  if (job.attempt) return <Job job={job} onStop={onStop} />;
  if (!active) return null;

  /** The toolbar goes, and a focus within it to the rows. */
  const close = (left) => {
    if (bar.current?.contains(document.activeElement)) focusAmong(rows, picked, left);
    clearSelection();
  };
  const perform = (act, until) => {
    if (chosen.all) actions.performAll(partOf(where), picked, act, until);
    else actions.performMany(picked.map(overlay), act, until);
    close(leaves(view, act) ? rows.filter((row) => !picked.includes(row)) : rows);
  };
  const press = (act) => (event) => (act === "snooze"
    ? openSnooze(event.currentTarget, say, (until) => perform(act, until))
    : perform(act));
  const read = picked.some((row) => row.unread) || chosen.all ? "read" : "unread";
  return (
    <div className="bulk" role="toolbar" aria-label={text} ref={bar}>
      <button type="button" className="icon-button" aria-label={say("bulk.clear")}
        title={say("bulk.clear")} onClick={() => close(rows)}><Icon name="close" /></button>
      <div className="bulk-text">
        <span className="bulk-count">{text}</span>
        {!chosen.all && (
          <button type="button" className="text-link" onClick={selectAll}>{say("bulk.select_all")}</button>
        )}
      </div>
      <span className="push" />
      {[read, ...ACTS[view]].map((act) => (
        <button key={act} type="button" className="icon-button" data-act={act}
          aria-label={say(`act.${act}`)} title={say(`act.${act}`)} onClick={press(act)}>
          <Icon name={act} />
        </button>
      ))}
    </div>
  );
}

/** Focuses the first that is picked, or the next one that is `left`, or the one before, or the heading. */
function focusAmong(rows, picked, left) {
  const from = rows.indexOf(picked[0]);
  const next = left.find((row) => rows.indexOf(row) >= from) ?? left.at(-1);
  (next ? rowOf(next.id) : document.getElementById("view-title"))?.focus();
}

function Job({ job, onStop }) {
  const say = useWords();
  return (
    <div className="bulk" role="status" data-job={job.act}>
      <Icon name="sync" />
      <span className="bulk-count">{say("bulk.progress", { n: job.count })}</span>
      <span className="push" />
      <button type="button" className="button" onClick={() => onStop()}>{say("bulk.stop")}</button>
    </div>
  );
}

/** Marks everything that is listed as read. */
export function ReadAll({ className }) {
  const say = useWords();
  const where = useWhere();
  const { performAll } = useContext(Actions);
  if (["archived", "snoozed"].includes(where.view)) return null;
  const label = say("list.mark_all_read");
  const part = { ...partOf(where), view: where.view === "all" ? "unread" : where.view };
  return (
    <button type="button" className={className} aria-label={label} title={label} data-read-all=""
      onClick={() => performAll(part, [], "read")}><Icon name="check-all" /></button>
  );
}
