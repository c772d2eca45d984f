// The person's Slack: connecting it, where in it messages go, and ending that.
import { useEffect, useId, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { newAttempt } from "../attempt.js";
import { lost, useNewLine } from "../line.js";
import { Icon } from "../parts.jsx";
import { tell } from "../said.js";
import { useWords } from "../words.js";
import { Address, Complaint, useAttempt, useSecondsUntil } from "./where.jsx";

const PAUSE = 150; // ms between two searches while one types
const SECOND = 1000;
const ICONS = { public: "slack", private: "lock", person: "person" };

export function Slack({ addresses, offered, found, ended, sent, onTest, ...acts }) {
  const say = useWords();
  const [open, setOpen] = useState(""); // "places", "leaving" or ""
  const buttons = useOpeners(open);
  const address = addresses.find(({ kind }) => kind === "slack");
  const own = Boolean(address?.editable);
  useWelcome(own);
  const close = () => setOpen("");
  const dead = address?.reason === "Ended";
  return (
    <>
      {address && (
        <ul className="addresses slack-address">
          <Address address={address} editable sent={sent} onTest={onTest}
            state={dead ? "workspace.ended" : own && address.status === "verified" ? "workspace.connected" : undefined}
            instead={own && !open && (
              <span className="address-acts">
                {!dead && (
                  <button type="button" className="text-link" ref={buttons.places} aria-label={say("workspace.change_this")}
                    onClick={() => setOpen("places")}>{say("workspace.change")}</button>
                )}
                <button type="button" className="text-link" ref={buttons.leaving} aria-label={say("workspace.disconnect_this")}
                  onClick={() => setOpen("leaving")}>{say("workspace.disconnect")}</button>
              </span>
            )}>
            {dead && <Connect words="workspace.again" primary />}
            {own && open === "places" && (
              <Places found={found} ended={ended} onClose={close} {...acts} />
            )}
            {own && open === "leaving" && (
              <Leave ended={ended} onDisconnect={acts.onDisconnect} onClose={close} />
            )}
          </Address>
        </ul>
      )}
      {!own && offered && (
        <div className="slack-offer">
          <Connect words="workspace.connect" />
          <p className="hint">{say("workspace.connect_hint")}</p>
        </div>
      )}
    </>
  );
}

/** The buttons that open something, by its name: whichever did has the focus again afterwards. */
function useOpeners(open) {
  const before = useRef("");
  const buttons = { places: useRef(null), leaving: useRef(null) };
  useEffect(() => {
    if (!open) buttons[before.current]?.current?.focus();
    before.current = open;
  }, [open]);
  return buttons;
}

/** Says so once somebody has come back from Slack, and takes it out of the address. */
function useWelcome(connected) {
  const { search } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    const query = new URLSearchParams(search);
    if (!connected || query.get("slack") !== "connected") return;
    query.delete("slack");
    tell("workspace.said_connected");
    navigate({ search: query.toString() }, { replace: true });
  }, [search, connected]);
}

/** Leaves for Slack's page. */
function Connect({ words, primary }) {
  const say = useWords();
  return (
    <form method="post" action="/slack/connect">
      <button type="submit" className="button" data-kind={primary ? "primary" : undefined}>
        <Icon name="slack" />{say(words)}
      </button>
    </form>
  );
}

function Leave({ ended, onDisconnect, onClose }) {
  const say = useWords();
  const leaving = useAttempt(ended, onDisconnect, "failed.slack_disconnect");
  const yes = useRef(null);
  useEffect(() => yes.current.focus(), []);
  return (
    <div className="field">
      <p>{say("workspace.disconnect_ask")}</p>
      <div className="field-line">
        <button type="button" ref={yes} className="button" data-kind="danger" disabled={leaving.busy}
          onClick={() => leaving.start()}>{say("workspace.disconnect")}</button>
        <button type="button" className="button" data-kind="quiet" onClick={onClose}>{say("where.cancel")}</button>
      </div>
      <Complaint trouble={leaving.trouble} />
    </div>
  );
}

/** What Slack has for what was typed; what was found before stays until then. */
function useSearch(found, onSearch) {
  const [attempt, setAttempt] = useState("");
  const [end, setEnd] = useState(null);
  const timer = useRef();
  const asked = useRef("");
  const look = (text) => {
    const name = newAttempt();
    asked.current = text;
    setAttempt(name);
    onSearch(text, name);
  };
  const lookSoon = (text) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => look(text.trim()), PAUSE);
  };
  useEffect(() => {
    look("");
    return () => clearTimeout(timer.current);
  }, []);
  useEffect(() => {
    if (attempt && found.attempt === attempt) setEnd({ ...found, typed: asked.current, againAt: againAt(found) });
  }, [found, attempt]);
  useNewLine(() => {
    if (attempt && end?.attempt !== attempt) setEnd({ attempt, places: [], trouble: lost("failed.slack_search") });
  });
  const busy = !end || end.attempt !== attempt;
  return { end, busy, lookSoon, again: () => look(asked.current) };
}

/** When Slack may be asked again that has asked for a pause, or "". */
function againAt({ trouble: { why } }) {
  return why?.key === "why.slack_busy" ? new Date(Date.now() + why.values.n * SECOND).toISOString() : "";
}

/** Channels and people, found as one types (WAI-ARIA APG, combobox with a list). */
function Places({ found, ended, onSearch, onChoose, onClose }) {
  const say = useWords();
  const list = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(-1);
  const input = useRef(null);
  const { end, busy, lookSoon, again } = useSearch(found, onSearch);
  const choosing = useAttempt(ended, onChoose, "failed.slack_choose");
  const places = end?.places ?? [];
  useEffect(() => input.current.focus(), []);
  useEffect(() => { if (choosing.done) onClose(); }, [choosing.done]);
  const choose = (place) => choosing.busy || choosing.start(place.id);
  const moveBy = (step) => {
    if (!places.length) return;
    const next = active < 0 && step < 0 ? places.length - 1 : (active + step + places.length) % places.length;
    setActive(next);
    document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const KEYS = {
    ArrowDown: () => moveBy(1),
    ArrowUp: () => moveBy(-1),
    Enter: () => places[active] && choose(places[active]),
    Escape: onClose,
  };
  const onKeyDown = (event) => {
    if (!KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  };
  const write = ({ target }) => {
    setTyped(target.value);
    setActive(-1);
    choosing.forget();
    lookSoon(target.value);
  };
  return (
    <div className="field slack-places" aria-busy={busy || choosing.busy}>
      <label htmlFor={`${list}-search`}>{say("workspace.search")}</label>
      <div className="field-line">
        <input id={`${list}-search`} ref={input} className="input" role="combobox" dir="auto" autoComplete="off"
          spellCheck={false} maxLength={80} value={typed} aria-expanded={places.length > 0} aria-controls={list}
          aria-autocomplete="list" aria-activedescendant={places[active] ? `${list}-${active}` : undefined}
          onChange={write} onKeyDown={onKeyDown} />
        <button type="button" className="button" data-kind="quiet" onClick={onClose}>{say("where.cancel")}</button>
      </div>
      <ul id={list} role="listbox" className="options" aria-label={say("workspace.results")} hidden={!places.length}>
        {places.map((place, i) => (
          <Place key={place.id} id={`${list}-${i}`} place={place} active={i === active} onChoose={() => choose(place)} />
        ))}
      </ul>
      <p className="hint" role="status">{status(say, { end, busy, places })}</p>
      <Complaint trouble={choosing.trouble ?? (end?.trouble.what && !busy ? end.trouble : null)} />
      {end?.trouble.what && <Retry busy={busy} againAt={end.againAt} onRetry={again} />}
    </div>
  );
}

function Retry({ busy, againAt, onRetry }) {
  const say = useWords();
  const left = useSecondsUntil(againAt);
  return (
    <p>
      <button type="button" className="button" disabled={busy || left > 0} onClick={onRetry}>
        {left > 0 ? say("workspace.retry_in", { n: left }) : say("workspace.retry")}
      </button>
    </p>
  );
}

function status(say, { end, busy, places }) {
  if (busy) return say("workspace.looking");
  if (end.trouble.what) return "";
  if (!places.length) return say("workspace.none", { query: end.typed });
  return [end.more && say("workspace.more"), !end.whole && say("workspace.part")].filter(Boolean).join(" ");
}

function Place({ id, place, active, onChoose }) {
  const say = useWords();
  const { kind, name, note, own, joined, chosen } = place;
  const more = own ? say("workspace.own") : joined ? note : say("workspace.joins");
  return (
    <li id={id} role="option" aria-selected={chosen} data-active={active} onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}>
      <span className="slack-place">
        <Icon name={ICONS[kind]} />
        <bdi>{name}</bdi>
        {kind === "private" && <span className="sr">{say("workspace.private")}</span>}
      </span>
      {more && <span className="option-note"><bdi>{more}</bdi></span>}
    </li>
  );
}
