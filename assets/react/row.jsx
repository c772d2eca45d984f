// One row of the list.
import { memo } from "react";
import { Link } from "react-router";
import { Acts, Avatar, Choices, Icon } from "./parts.jsx";
import { LocalTime } from "./time.jsx";
import { address } from "./where.js";
import { useWords } from "./words.js";

const same = (a, b) =>
  a === b || JSON.stringify(a) === JSON.stringify(b); // a few short fields: cheaper than a render

export const Row = memo(RowView, (before, after) =>
  Object.keys(after).every((name) => same(before[name], after[name])),
);

function RowView({ row, view, open, waiting, arrived, position, size }) {
  const say = useWords();
  const { id, change, unread } = row;
  const titleId = `title-${id}`;
  const previewId = `preview-${id}`;
  return (
    <article className="row" data-row={id} data-change={change} data-unread={unread}
      data-open={open} data-waiting={waiting} data-arrived={arrived} tabIndex={0}
      aria-labelledby={titleId} aria-describedby={previewId}
      aria-posinset={position} aria-setsize={size}>
      <i className="dot" />
      <Avatar image={row.image} initials={row.initials} tone={row.type_title || row.initials} />
      <div>
        <div className="line">
          <p className="title" id={titleId}>
            <Link to={address(view, id)} tabIndex={-1} discover="none"
              aria-current={open ? "true" : undefined}>
              {unread && <span className="sr">{say("list.unread_mark")} </span>}
              <bdi>{row.title}</bdi>
            </Link>
          </p>
          <LocalTime at={row.at} />
        </div>
        <p className="preview" id={previewId} dir="auto">{row.preview || row.type_title}</p>
        <div className="choices">
          <Choices row={row} />
          {row.replies > 0 && (
            <span className="chip"><Icon name="reply" />{say("list.replies", { n: row.replies })}</span>
          )}
          {waiting && <span className="chip" data-tone="warn">{say("list.waiting")}</span>}
        </div>
      </div>
      <div className="row-acts"><Acts row={row} /></div>
    </article>
  );
}
