// One row of the list.
import { memo } from "react";
import { Link } from "react-router";
import { Icon } from "./icon.jsx";
import { Acts, Avatar, Choices } from "./parts.jsx";
import { select, selectRange } from "./selection.js";
import { clock, dayAndClock, LocalTime, useNow, weekday } from "./time.jsx";
import { address } from "./where.js";
import { useWords } from "./words.js";

const DAY = 86_400_000;

const same = (a, b) =>
  a === b || JSON.stringify(a) === JSON.stringify(b); // a few short fields: cheaper than a render

export const Row = memo(RowView, (before, after) =>
  Object.keys(after).every((name) => same(before[name], after[name])),
);

function RowView({ row, place, open, waiting, arrived, position, size, selected }) {
  const say = useWords();
  const { id, change, unread } = row;
  const titleId = `title-${id}`;
  const previewId = `preview-${id}`;
  const timeId = `time-${id}`;
  return (
    <article className="row" data-row={id} data-change={change} data-unread={unread}
      data-open={open} data-waiting={waiting} data-arrived={arrived} data-selected={selected}
      tabIndex={0} aria-labelledby={titleId} aria-describedby={`${previewId} ${timeId}`}
      aria-posinset={position} aria-setsize={size}>
      <i className="dot" />
      <div className="face">
        <Avatar image={row.image} initials={row.initials} tone={row.type_title || row.initials} />
        <Pick row={row} selected={selected} />
      </div>
      <div className="row-text">
        <div className="line">
          <p className="title" id={titleId}>
            <Link to={address(place, id)} tabIndex={-1} discover="none"
              aria-current={open ? "true" : undefined}>
              {unread && <span className="sr">{say("list.unread_mark")} </span>}
              <bdi>{row.title}</bdi>
            </Link>
          </p>
          {row.saved && (
            <span className="saved-mark" title={say("view.saved")}>
              <Icon name="save" /><span className="sr">{say("view.saved")}</span>
            </span>
          )}
          <LocalTime at={row.at} id={timeId} />
        </div>
        <p className="preview" id={previewId} dir="auto">
          {row.category && <><bdi className="category">{row.category}</bdi>{" · "}</>}
          {row.preview || row.type_title}
        </p>
        <div className="choices">
          <Choices row={row} />
          <Chips row={row} />
          {waiting && <span className="chip" data-tone="warn">{say("list.waiting")}</span>}
        </div>
      </div>
      <div className="row-acts"><Acts row={row} /></div>
    </article>
  );
}

const listed = () => [...document.querySelectorAll("[data-row]")].map((row) => row.dataset.row);

/** The box that selects a row; with Shift all rows since the one before. */
function Pick({ row, selected }) {
  const say = useWords();
  const onClick = ({ shiftKey }) => (shiftKey ? selectRange : select)(row.id, listed());
  return (
    <label className="pick">
      <input type="checkbox" checked={selected} tabIndex={-1} readOnly onClick={onClick}
        aria-label={say("list.select", { title: row.title })} />
    </label>
  );
}

/** What else is to be known of a row at a glance. */
function Chips({ row }) {
  const say = useWords();
  const now = useNow();
  const ahead = (at) => at && new Date(at) - now;
  const left = ahead(row.expires);
  const held = row.held.filter(({ until }) => ahead(until) > 0);
  return (
    <>
      {row.size > 1 && <span className="chip">{say("list.group", { n: row.size })}</span>}
      {row.replies > 0 && (
        <span className="chip"><Icon name="reply" />{say("list.replies", { n: row.replies })}</span>
      )}
      {row.snoozed && (
        <span className="chip">
          <Icon name="snooze" />{say("list.snoozed", { at: dayAndClock(say, row.snoozed) })}
        </span>
      )}
      {row.woken && (
        <span className="chip">
          <Icon name="snooze" />{say("list.woken", { day: weekday(say, row.woken) })}
        </span>
      )}
      {left > 0 && left < DAY && (
        <span className="chip" data-tone="warn">
          {say("list.expires", { at: clock(say, new Date(row.expires)) })}
        </span>
      )}
      {held.map(({ channel, until }) => (
        <span key={channel} className="chip" data-tone="warn">
          <Icon name="snooze" />
          {say("list.held", { channel: `channel.${channel}`, at: dayAndClock(say, until) })}
        </span>
      ))}
    </>
  );
}
