// The open notification: which of its states shows, its focus, its reading; and the reply box.
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Actions } from "./actions.jsx";
import { isPhone, take } from "./focus.js";
import { settle } from "./pending.js";
import { Icon } from "./parts.jsx";
import { useWhere } from "./where.js";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const MAX_LENGTH = 5000;
const WARN_FROM = 4500;

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
      if (row.unread) perform(row.id, row.change, "open");
    };
    report();
    document.addEventListener("visibilitychange", report);
    return () => document.removeEventListener("visibilitychange", report);
  }, [row]);
}

const draftKey = (id) => `inbox-draft-${id}`;

/** The reply box. What is typed outlives navigation, a lost connection and a failed attempt. */
export function ReplyBox({ item: id, outcome, onReply }) {
  const say = useWords();
  const tell = useTrouble();
  const [text, setText] = useState("");
  const [sending, setSending] = useState("");
  const [trouble, setTrouble] = useState(null);
  const box = useRef(null);

  useEffect(() => {
    setText(sessionStorage.getItem(draftKey(id)) ?? "");
    setSending("");
    setTrouble(null);
  }, [id]);

  useEffect(() => {
    if (!sending || outcome.attempt !== sending) return;
    setSending("");
    setTrouble(outcome.trouble.what ? outcome.trouble : null);
    if (!outcome.trouble.what) write("");
  }, [outcome, sending]);

  function write(value) {
    setText(value);
    if (value) sessionStorage.setItem(draftKey(id), value);
    else sessionStorage.removeItem(draftKey(id));
  }

  const length = [...text.trim()].length;
  const ready = length > 0 && length <= MAX_LENGTH && !sending;
  function send() {
    if (!ready) return;
    const attempt = crypto.getRandomValues(new Uint32Array(2)).join("-");
    setSending(attempt);
    setTrouble(null);
    onReply(id, text.trim(), attempt);
  }

  return (
    <div className="answer-parts">
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        <div className="answer-box" onClick={() => box.current.focus()}>
          <textarea ref={box} data-reply="" rows={1} dir="auto" value={text} readOnly={Boolean(sending)}
            placeholder={say("item.reply_hint")} aria-label={say("item.reply_label")}
            aria-describedby="reply-note"
            onChange={(event) => write(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send();
            }} />
          <button type="submit" className="button send" data-kind={length ? "primary" : "quiet"}
            disabled={!ready}>
            <Icon name="send" /><span>{say(sending ? "item.sending" : "item.send")}</span>
          </button>
        </div>
      </form>
      <p className="answer-note" id="reply-note">
        {trouble && (
          <span data-tone="bad" role="alert">
            {tell(trouble).text} {say("item.reply_kept")}
          </span>
        )}
        {length > WARN_FROM && (
          <span data-tone={length > MAX_LENGTH ? "bad" : undefined}>
            {say("item.reply_length", { n: length, max: MAX_LENGTH })}
          </span>
        )}
      </p>
    </div>
  );
}
