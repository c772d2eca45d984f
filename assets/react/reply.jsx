// The reply box. What is written outlives navigation, a lost connection, a failed attempt and the
// end of the session; what was sent without an answer is sent again under the same name.
import { useEffect, useRef, useState } from "react";
import { newAttempt } from "./attempt.js";
import { useAway } from "./away.js";
import { draftOf, keepDraft } from "./drafts.js";
import { post } from "./outbox.js";
import { Icon } from "./parts.jsx";
import { MOST, TYPES, fromKept, toKeep, usePictures } from "./pictures.js";
import { suggestPush } from "./push.jsx";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const MAX_LENGTH = 5000;
const WARN_FROM = 4500;
const ANSWER = 8000; // ms to wait for the server's answer before asking again

export const ReplyBox = (props) => <Box key={props.item} {...props} />;

function Box({ item: id, outcome, onReply }) {
  const say = useWords();
  const draft = useRef(null);
  draft.current ??= draftOf(id);
  const [text, setText] = useState(draft.current.text);
  const [sending, setSending] = useState(draft.current.attempt);
  const [trouble, setTrouble] = useState(null);
  const [over, setOver] = useState(false);
  const box = useRef(null);
  const files = useRef(null);

  // The name of an attempt belongs to what is written: another text is another reply.
  const note = (fields) => {
    draft.current = { ...draft.current, attempt: "", ...fields };
    keepDraft(id, draft.current);
  };
  const attached = usePictures(id, draft.current.pictures.map(fromKept),
    (stored) => note({ pictures: stored.map(toKeep) }));
  const { pictures, busy } = attached;
  const write = (value) => {
    setText(value);
    note({ text: value });
  };

  const away = useAway();
  // Without a network it waits with the other acts, also when this page is gone.
  const queue = () => {
    const { text: message, pictures: stored, attempt } = draft.current;
    post({ act: "reply", ids: [id], message: message.trim(), pictures: stored, attempt });
    setSending("");
    write("");
    attached.clear();
  };
  useEffect(() => {
    if (sending && away) queue();
  }, [sending, away]);

  const ask = () => {
    const { text: message, pictures: stored, attempt } = draft.current;
    onReply(id, message.trim(), stored.map((each) => each.id), attempt);
  };
  useEffect(() => {
    if (!sending) return undefined;
    const timer = setInterval(ask, ANSWER);
    return () => clearInterval(timer);
  }, [sending]);
  useEffect(() => {
    if (sending) ask(); // the page was loaded anew before the answer came
  }, []);
  useEffect(() => {
    if (!sending || outcome.attempt !== sending) return;
    setSending("");
    setTrouble(outcome.trouble.what ? outcome.trouble : null);
    if (outcome.trouble.what) return note({});
    write("");
    attached.clear();
    suggestPush("reply");
  }, [outcome, sending]);

  const length = [...text.trim()].length;
  const ready = (length > 0 || pictures.length > 0) && length <= MAX_LENGTH && !busy && !sending;
  function send() {
    if (!ready) return;
    const attempt = newAttempt();
    note({ attempt });
    setTrouble(null);
    setSending(attempt);
    if (!away) ask();
  }
  const take = (chosen) => !sending && attached.add([...chosen]);
  const onPaste = (event) => {
    const pasted = [...event.clipboardData.files];
    if (!pasted.length) return;
    event.preventDefault();
    take(pasted);
  };
  const carries = (event) => [...event.dataTransfer.types].includes("Files");
  const drag = {
    onDragOver: (event) => { if (carries(event)) { event.preventDefault(); setOver(true); } },
    onDragLeave: () => setOver(false),
    onDrop: (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer.files);
    },
  };

  return (
    <div className="answer-parts">
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        <div className="answer-box" data-over={over} data-filled={length > 0 || pictures.length > 0} {...drag}
          onClick={(event) => event.target === event.currentTarget && box.current.focus()}>
          <textarea ref={box} data-reply="" rows={1} dir="auto" value={text} readOnly={Boolean(sending)}
            placeholder={say(over ? "item.drop" : "item.reply_hint")} aria-label={say("item.reply_label")}
            aria-describedby="reply-note" aria-keyshortcuts="Control+Enter"
            onChange={(event) => write(event.target.value)} onPaste={onPaste}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send();
            }} />
          {pictures.length > 0 && (
            <Previews pictures={pictures} frozen={Boolean(sending)} onRemove={attached.remove} />
          )}
          <div className="answer-acts">
            <input ref={files} type="file" accept={TYPES.join()} multiple hidden
              data-testid="picture-files"
              onChange={({ target }) => { take(target.files); target.value = ""; }} />
            <button type="button" className="icon-button" aria-label={say("item.attach")}
              title={say("item.attach")} disabled={pictures.length >= MOST || Boolean(sending)}
              onClick={() => files.current.click()}><Icon name="picture" /></button>
            <button type="submit" className="button send" data-kind={ready || sending ? "primary" : "quiet"}
              disabled={!ready}>
              <Icon name="send" /><span>{say(sending ? "item.sending" : "item.send")}</span>
            </button>
          </div>
        </div>
      </form>
      <Notes trouble={trouble} problems={attached.problems} length={length} />
    </div>
  );
}

/** What will go with the reply; each can be taken off again. */
function Previews({ pictures, frozen, onRemove }) {
  const say = useWords();
  return (
    <ul className="previews" aria-label={say("item.pictures")}>
      {pictures.map(({ key, name, address, progress, id }) => (
        <li key={key} data-ready={Boolean(id)}>
          {address && <img src={address} alt={name} />}
          {!id && (
            <progress value={progress} max={1} aria-label={say("item.uploading", { name })} />
          )}
          {!frozen && (
            <button type="button" aria-label={say("item.picture_remove", { name })}
              title={say("item.picture_remove", { name })} onClick={() => onRemove(key)}>
              <Icon name="close" />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What is in the way, and how long the text is. */
function Notes({ trouble, problems, length }) {
  const say = useWords();
  const tell = useTrouble();
  const WORDS = {
    type: ({ name }) => say("item.picture_type", { name }),
    size: ({ name }) => say("item.picture_size", { name }),
    many: ({ name }) => say("item.picture_many", { name, n: MOST }),
    failed: ({ name, trouble: why }) => {
      const what = say("item.picture_failed", { name });
      if (!why.code) return what;
      const because = say.language === "en" && why.message ? why.message : say(`error.${why.code}`);
      return because ? say("error.because", { what, why: because }) : what;
    },
  };
  return (
    <div className="answer-note" id="reply-note">
      {trouble && (
        <p data-tone="bad" role="alert">{tell(trouble).text} {say("item.reply_kept")}</p>
      )}
      {problems.length > 0 && (
        <div data-tone="bad" role="alert">
          {problems.map((each, i) => <p key={i}><bdi>{WORDS[each.what](each)}</bdi></p>)}
        </div>
      )}
      {length > WARN_FROM && (
        <p data-tone={length > MAX_LENGTH ? "bad" : undefined}>
          {say("item.reply_length", { n: length, max: MAX_LENGTH })}
        </p>
      )}
    </div>
  );
}
