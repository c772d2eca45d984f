// The replies to the open notification: the newest are in sight, pictures open large.
import { useEffect, useRef, useState } from "react";
import { announce } from "./announce.js";
import { useOutbox } from "./outbox.js";
import { Avatar, Icon } from "./parts.jsx";
import { useDialog } from "./saving.jsx";
import { LocalTime } from "./time.jsx";
import { useWords } from "./words.js";

const SHOWN = 10; // of a long thread at first
const MORE = 30;

export const pictureAddress = (id) => `/inbox/attachments/${encodeURIComponent(id)}`;

export function Thread({ item, replies, name, initials }) {
  const say = useWords();
  const [limit, setLimit] = useState(SHOWN);
  const list = useRef(null);
  const viewer = useDialog();
  const [picture, setPicture] = useState(null);
  useEffect(() => setLimit(SHOWN), [item]);
  useArrivals(item, replies);
  const waiting = useOutbox().filter(({ act, ids }) => act === "reply" && ids[0] === item);
  const hidden = Math.max(0, replies.length - limit);
  const earlier = () => {
    setLimit(limit + MORE);
    list.current.focus();
  };
  const show = (chosen) => {
    setPicture(chosen);
    viewer.open();
  };
  return (
    <>
      {hidden > 0 && (
        <button type="button" className="button earlier" data-kind="quiet" onClick={earlier}>
          <Icon name="up" />{say("item.earlier", { n: hidden })}
        </button>
      )}
      <ol ref={list} tabIndex={-1} aria-label={say("item.replies")}>
        {replies.slice(hidden).map((reply) => <Said key={reply.id} reply={reply} onShow={show} />)}
        {waiting.map(({ attempt, message, pictures, at }) => (
          <Said key={attempt} waiting onShow={show} reply={{
            author: name, initials, message, at: new Date(at).toISOString(), mine: true, attachments: pictures,
          }} />
        ))}
      </ol>
      <dialog className="viewer" aria-label={picture?.label} {...viewer.props}>
        <button type="button" className="icon-button" aria-label={say("frame.close")}
          onClick={viewer.close}><Icon name="close" /></button>
        {picture && (
          <img src={pictureAddress(picture.id)} alt={picture.label}
            width={picture.width} height={picture.height} />
        )}
      </dialog>
    </>
  );
}

/** Tells screen readers of a reply of somebody else that came while this is open. */
function useArrivals(item, replies) {
  const say = useWords();
  const known = useRef({ item: "", ids: new Set() });
  useEffect(() => {
    const last = known.current;
    const came = replies.filter((each) => !each.mine && !last.ids.has(each.id));
    if (last.item === item) came.forEach((each) => announce(say("item.replied", { name: each.author })));
    known.current = { item, ids: new Set(replies.map((each) => each.id)) };
  }, [item, replies]);
}

function Said({ reply, waiting = false, onShow }) {
  const say = useWords();
  const { author, initials, message, at, mine, attachments } = reply;
  const name = mine ? say("item.you") : author;
  return (
    <li className="said" data-mine={mine} data-waiting={waiting}>
      <Avatar image="" initials={initials} tone={author} size="m" />
      <div className="bubble">
        <small><bdi>{name}</bdi><LocalTime at={at} form="thread" /></small>
        {message && <p dir="auto">{message}</p>}
        {waiting && <span className="chip" data-tone="warn">{say("list.waiting")}</span>}
        {attachments.length > 0 && (
          <div className="thumbs">
            {attachments.map((each, i) => {
              const label = say("item.picture_of", { number: i + 1, count: attachments.length, name });
              return (
                <button key={each.id} type="button" className="thumb" aria-label={label}
                  onClick={() => onShow({ ...each, label })}>
                  <img src={pictureAddress(each.id)} alt="" loading="lazy" decoding="async"
                    width={each.width} height={each.height} />
                </button>
              );
            })}
          </div>
        )}
      </div>
    </li>
  );
}
