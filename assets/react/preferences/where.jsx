// The person's addresses: their state, and what can be done about each.
import { useEffect, useRef, useState } from "react";
import { newAttempt } from "../attempt.js";
import { lost, useNewLine } from "../line.js";
import { Icon } from "../parts.jsx";
import { turnOff, usePush } from "../push.js";
import { ThisBrowser } from "../push.jsx";
import { useTrouble } from "../trouble.js";
import { useWords } from "../words.js";

const ICONS = { email: "mail", number: "phone", device: "phone", browser: "screen", slack: "slack" };
const KINDS = ["email", "number"];
const REVOCABLE = ["device", "browser"];
const SECOND = 1000;

/** Carries one attempt out at a time and says how it ended; `what` is the key of its failure. */
export function useAttempt(sent, act, what) {
  const [attempt, setAttempt] = useState("");
  const [end, setEnd] = useState(null);
  useEffect(() => {
    const mine = attempt && sent.find((each) => each.attempt === attempt);
    if (mine) setEnd(mine);
  }, [sent, attempt]);
  // Not once more by itself: a message may have gone out.
  useNewLine(() => attempt && setEnd((known) => known ?? { trouble: lost(what) }));
  const start = (...values) => {
    const name = newAttempt();
    setAttempt(name);
    setEnd(null);
    act(...values, name);
  };
  const forget = () => {
    setAttempt("");
    setEnd(null);
  };
  const trouble = end?.trouble.what ? end.trouble : null;
  return {
    start, forget, busy: Boolean(attempt) && !end,
    done: Boolean(end) && !trouble, arrived: Boolean(end?.arrived), trouble,
  };
}

export function Where({ addresses, sent, onAsk, onTest, onConfirm, onCancel, onRemove, onRevoke }) {
  const say = useWords();
  const editable = Boolean(onAsk);
  const acts = { sent, onAsk, onTest, onConfirm, onCancel, onRemove, onRevoke };
  const missing = KINDS.filter((kind) => !addresses.some((each) => each.kind === kind));
  // Whoever may change Slack has it below these (slack.jsx).
  const listed = addresses.filter(({ kind }) => !editable || kind !== "slack");
  return (
    <>
      {!addresses.length && <p className="hint">{say("where.none")}</p>}
      <ul className="addresses">
        {listed.map((each) => <Address key={each.key} address={each} editable={editable} {...acts} />)}
      </ul>
      {editable && <ThisBrowser />}
      {editable && missing.map((kind) => <Add key={kind} kind={kind} sent={sent} onAsk={onAsk} />)}
    </>
  );
}

/** One address; `instead` stands in the place of what can usually be done to one. */
export function Address({ address, editable, instead, state = `where.${address.status}`, children, ...acts }) {
  const say = useWords();
  const [replacing, setReplacing] = useState(false);
  const { kind, text, status, reason, last, sandbox, workspace } = address;
  const name = text || say(workspace ? "workspace.you" : `where.${kind}`);
  const own = editable && address.editable && instead === undefined;
  const here = usePush().address === address.key;
  useEffect(() => setReplacing(false), [address.key]);
  return (
    <li className="address" data-status={status}>
      {address.channels.map((each) => <span key={each} data-at={`address/${each}`} tabIndex={-1} className="anchor" />)}
      <Icon name={ICONS[kind]} />
      <div className="address-text">
        <p>
          <bdi>{name}</bdi>{here && ` · ${say("push.here")}`}{" "}
          <span className="chip" data-tone={TONES[status]}>{say(state)}</span>
        </p>
        {workspace && <p className="hint">{say("workspace.workspace", { name: workspace })}</p>}
        <p className="hint">
          {status === "suppressed" && say(`where.reason_${reason}`)}{" "}
          {sandbox ? say("where.sandbox") : last && say("where.last", { at: last })}
        </p>
        {!sandbox && status === "verified" && address.failure && <LastFailure address={address} />}
        {editable && status === "verified" && <Trial key={address.key} address={address} name={name} {...acts} />}
        {status === "unverified" && own && <Code address={address} {...acts} />}
        {replacing && <Ask kind={kind} sent={acts.sent} onAsk={acts.onAsk} onClose={() => setReplacing(false)} />}
        {children}
      </div>
      {instead}
      {editable && REVOCABLE.includes(kind) && (
        <span className="address-acts">
          <button type="button" className="text-link" aria-label={say("where.remove_this", { name })}
            onClick={() => (here ? turnOff() : acts.onRevoke(address.key))}>{say("where.remove")}</button>
        </span>
      )}
      {own && status !== "unverified" && !replacing && (
        <span className="address-acts">
          {status === "suppressed" && <UseAgain address={address} sent={acts.sent} onAsk={acts.onAsk} />}
          <button type="button" className="text-link" onClick={() => setReplacing(true)}
            aria-label={say("where.replace_this", { name })}>{say("where.replace")}</button>
          <button type="button" className="text-link" onClick={() => acts.onRemove(kind)}
            aria-label={say("where.remove_this", { name })}>{say("where.remove")}</button>
        </span>
      )}
    </li>
  );
}

/** Why the last message did not arrive: in the reader's words, then in the provider's. */
function LastFailure({ address }) {
  const say = useWords();
  const { failure, failure_at: at, failure_detail: detail } = address;
  return (
    <p className="hint">
      {say("where.failed", { at })} {say(`failure.${failure}`)}
      {detail && <> <bdi className="failure-detail">{say("where.provider_said", { detail })}</bdi></>}
    </p>
  );
}

/** Sends a test and asks whether it arrived; if not, tells what to look at. */
function Trial({ address, name, sent, onTest }) {
  const say = useWords();
  const [answer, setAnswer] = useState("");
  const testing = useAttempt(sent, onTest, "failed.test");
  const start = () => {
    setAnswer("");
    testing.start(address.key);
  };
  const asks = testing.done && testing.arrived && !address.sandbox && !answer;
  const lost = testing.done && (answer === "no" || !testing.arrived);
  const says = testing.done && (address.sandbox
    ? "where.test_captured"
    : { yes: "where.test_fine", no: "where.test_lost" }[answer] ?? (testing.arrived ? "where.test_asked" : "where.test_failed"));
  return (
    <div className="trial">
      <p role="status">{says && say(says)}</p>
      {asks && (
        <span className="field-line">
          <button type="button" className="button" onClick={() => setAnswer("yes")}>{say("where.test_yes")}</button>
          <button type="button" className="button" onClick={() => setAnswer("no")}>{say("where.test_no")}</button>
        </span>
      )}
      {lost && !address.sandbox && <p className="hint">{say(`where.check_${address.kind}`)}</p>}
      {!asks && (
        <button type="button" className="text-link" disabled={testing.busy} onClick={start}
          aria-label={say("where.test_this", { name })}>{say("where.test")}</button>
      )}
      <Complaint trouble={testing.trouble} />
    </div>
  );
}

const TONES = { verified: "ok", unverified: "warn", suppressed: "warn" };

function UseAgain({ address, sent, onAsk }) {
  const say = useWords();
  const asking = useAttempt(sent, onAsk, "failed.code");
  return (
    <>
      <button type="button" className="text-link" disabled={asking.busy}
        onClick={() => asking.start(address.kind, address.text)}>{say("where.again")}</button>
      <Complaint trouble={asking.trouble} />
    </>
  );
}

function Add({ kind, sent, onAsk }) {
  const say = useWords();
  const [open, setOpen] = useState(false);
  if (open) return <Ask kind={kind} sent={sent} onAsk={onAsk} onClose={() => setOpen(false)} />;
  return (
    <button type="button" className="button" data-at={kind === "email" ? "address/EMAIL" : "address/SMS"}
      onClick={() => setOpen(true)}>{say(`where.add_${kind}`)}</button>
  );
}

const INPUTS = {
  email: { type: "email", autoComplete: "email" },
  number: { type: "tel", autoComplete: "tel" },
};

/** Takes an address and asks for a code to it. */
function Ask({ kind, sent, onAsk, onClose }) {
  const say = useWords();
  const [typed, setTyped] = useState("");
  const asking = useAttempt(sent, onAsk, "failed.code");
  const input = useRef(null);
  useEffect(() => input.current.focus(), []);
  useEffect(() => { if (asking.done) onClose(); }, [asking.done]);
  const submit = (event) => {
    event.preventDefault();
    if (typed.trim() && !asking.busy) asking.start(kind, typed.trim());
  };
  return (
    <form className="field" onSubmit={submit} noValidate>
      <label htmlFor={`new-${kind}`}>{say(`where.new_${kind}`)}</label>
      <div className="field-line">
        <input id={`new-${kind}`} ref={input} className="input" dir="ltr" value={typed} {...INPUTS[kind]}
          aria-describedby={`new-${kind}-hint`} onChange={(event) => setTyped(event.target.value)} />
        <button type="submit" className="button" data-kind="primary" disabled={asking.busy}>{say("where.send_code")}</button>
        <button type="button" className="button" data-kind="quiet" onClick={onClose}>{say("where.cancel")}</button>
      </div>
      <p className="hint" id={`new-${kind}-hint`}>{say("where.code_hint")}</p>
      <Complaint trouble={asking.trouble} />
    </form>
  );
}

/** Takes the code that is on its way; six digits at once send themselves. */
function Code({ address, sent, onAsk, onConfirm, onCancel }) {
  const say = useWords();
  const [typed, setTyped] = useState("");
  const confirming = useAttempt(sent, onConfirm, "failed.confirm");
  const again = useAttempt(sent, onAsk, "failed.code");
  const left = useSecondsUntil(address.again_at);
  const { kind } = address;
  const id = `code-${kind}`;
  const enter = (text) => {
    const digits = text.replace(/\D/g, "").slice(0, 6);
    setTyped(digits);
    if (digits.length === 6 && digits !== typed) confirming.start(kind, digits);
  };
  const submit = (event) => {
    event.preventDefault();
    if (typed) confirming.start(kind, typed);
  };
  return (
    <form className="field code" onSubmit={submit}>
      <label htmlFor={id}>{say("where.code")}</label>
      <div className="field-line">
        <input id={id} className="input" dir="ltr" inputMode="numeric" autoComplete="one-time-code" value={typed}
          onChange={(event) => enter(event.target.value)} />
        <button type="submit" className="button" data-kind="primary" disabled={confirming.busy || !typed}>
          {say("where.confirm")}
        </button>
      </div>
      <Complaint trouble={confirming.trouble ?? again.trouble} />
      <p className="field-line">
        <button type="button" className="text-link" disabled={left > 0 || again.busy}
          onClick={() => { confirming.forget(); again.start(kind, address.text); }}>
          {left > 0 ? say("where.resend_in", { n: left }) : say("where.resend")}
        </button>
        <button type="button" className="text-link" onClick={() => onCancel(kind)}>{say("where.cancel")}</button>
      </p>
    </form>
  );
}

/** Counts down to a moment. */
export function useSecondsUntil(at) {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const look = () => setLeft(at ? Math.max(0, Math.ceil((new Date(at) - Date.now()) / SECOND)) : 0);
    look();
    const timer = setInterval(look, SECOND);
    return () => clearInterval(timer);
  }, [at]);
  return left;
}

export function Complaint({ trouble }) {
  const tell = useTrouble();
  return <p className="complaint" role="alert">{trouble && tell(trouble).text}</p>;
}
