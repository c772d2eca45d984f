// The message after an action, with its undo.
import { useContext, useEffect, useRef, useState } from "react";
import { Actions } from "./actions.jsx";
import { announce } from "./announce.js";
import { expectBack, focusFirst } from "./focus.js";
import { canRepost, useOutbox } from "./outbox.js";
import { Icon } from "./parts.jsx";
import { merged, useOwnMessage } from "./said.js";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const LASTS = 10_000; // ms
const SHOWN = "inbox-flash"; // the server's message shown last: a reload brings it again

/** It waits while the pointer or the focus is on it. */
export function Flash({ message, undoKey }) {
  const say = useWords();
  const actions = useContext(Actions);
  const [shown, setShown] = useState("");
  const [held, setHeld] = useState(false);
  const node = useRef(null);
  const tell = useTrouble();
  const { key, phrase, trouble, tone, undo, attempt } = useNewest(message);
  const waits = useOutbox().some((each) => each.attempt === attempt);
  const told = tone === "bad" ? tell(trouble) : { text: phrase.key && say(phrase.key, phrase.values) };
  const text = [told.text, told.reference].filter(Boolean).join(" · ");
  useEffect(() => {
    if (!key || sessionStorage.getItem(SHOWN) === key) return;
    setShown(key);
    setHeld(false);
    announce(undo ? `${text}. ${say("frame.undo_hint", { key: undoKey.toUpperCase() })}` : text);
  }, [key]);
  useEffect(() => {
    if (message.key) sessionStorage.setItem(SHOWN, message.key);
  }, [message.key]);
  useEffect(() => {
    if (!shown || held) return undefined;
    const timer = setTimeout(() => setShown(""), LASTS);
    return () => clearTimeout(timer);
  }, [shown, held]);
  if (!text || shown !== key) return null;
  const hold = (value) => () => setHeld(value);
  const close = () => {
    if (node.current.contains(document.activeElement)) focusFirst("#view-title", ".detail");
    setShown("");
  };
  return (
    <section className="flash" ref={node} aria-label={say("frame.message")} data-flash={tone}
      data-waits={waits} key={key}
      onMouseEnter={hold(true)} onMouseLeave={hold(false)}
      onFocus={hold(true)} onBlur={hold(false)}>
      {tone === "bad" && <Icon name="alert" />}
      <p>{text}</p>
      {undo && (
        <button type="button" className="undo" data-undo=""
          onClick={() => { expectBack(); close(); actions.undo(undo); }}>{say("frame.undo")}</button>
      )}
      {tone === "bad" && canRepost(attempt) && trouble.code !== "FORBIDDEN" && (
        <button type="button" className="undo" data-retry=""
          onClick={() => { close(); actions.retry(attempt); }}>{say("frame.retry")}</button>
      )}
      <button type="button" className="dismiss" aria-label={say("frame.dismiss")}
        onClick={close}><Icon name="close" /></button>
    </section>
  );
}

/**
 * The server's `message` or the page's own, whichever came last. A server that starts anew has
 * none; the one that is shown can still be undone.
 */
function useNewest(message) {
  const own = useOwnMessage();
  const newest = useRef(message);
  const known = useRef({ message: message.key, own: own.key });
  if (own.key !== known.current.own) newest.current = own;
  if (message.key && message.key !== known.current.message) newest.current = merged(newest.current, message);
  known.current = { message: message.key || known.current.message, own: own.key };
  return newest.current;
}
