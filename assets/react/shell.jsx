// The page around the panes: what the list and the open notification share, the keyboard, the
// connection, the title of the tab, and messages.
import { useContext, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { EventLoopContext } from "$/utils/context-registry";
import { Actions } from "./actions.jsx";
import { announce } from "./announce.js";
import { setAway, useAsOf } from "./away.js";
import { claimDrafts, keepDraft } from "./drafts.js";
import { Ended, isNobodys, useEnd } from "./ended.jsx";
import { focusFirst, followUp, leaves } from "./focus.js";
import { Help, useShortcuts } from "./keyboard.jsx";
import { forgetKept, useKeeping } from "./kept.js";
import { Leaving } from "./leaving.jsx";
import { Menu } from "./menu.jsx";
import * as outbox from "./outbox.js";
import { isAnswering } from "./pending.js";
import { Icon } from "./parts.jsx";
import { useBadge } from "./badge.js";
import { closePushes, lookAfterPush } from "./push.js";
import { PushOffer, suggestPush } from "./push.jsx";
import { useUnsent } from "./preferences/unsent.js";
import { complain, tell, tellAct } from "./said.js";
import { lookAgain } from "./seen.js";
import { applyLook } from "./look.js";
import { useStandIn } from "./standin.js";
import { clock } from "./time.jsx";
import { address, useTrail, useWhere } from "./where.js";
import { follow, useWords } from "./words.js";
import { worker } from "./worker.js";

const PATIENCE = 2000; // ms without a connection before anything is said

const NO_OUTCOME = { attempt: "", trouble: { what: "" } };
const NO_SLOTS = {};

/**
 * Around every page.
 *
 * `title` is the key of the page's title; `viewer` is empty until the server has told who looks.
 */
export function Shell({ title, viewer, unseen, change, ended, signedOut, lone, line, settled, outcome = NO_OUTCOME,
  slots = NO_SLOTS, onAct, onActOnAll, onMute, onUndo, onChoose, onReply, onSwitch, children }) {
  const say = useWords();
  const where = useWhere();
  // Who came by a link is sent to the page that says that the link is over.
  const over = useEnd(lone ? "" : viewer.name, ended, signedOut);
  const navigate = useNavigate();
  const [lost, setLost] = useState(0); // acts that waited when the session ended
  const place = useRef(where);
  place.current = where;

  const actions = useMemo(() => ({
    perform(id, act, until) {
      post({ act, ids: [id], until });
      if (act !== "open") leave(id, act, place.current, navigate);
      if (act === "snooze") suggestPush("snooze");
    },
    performMany(rows, act, until) {
      post({ act, ids: rows.map(({ id }) => id), until });
      rows.forEach(({ id }) => leave(id, act, place.current, navigate));
    },
    performAll(part, rows, act, until) {
      post({ act, ids: rows.map(({ id }) => id), until, part });
      rows.forEach(({ id }) => leave(id, act, place.current, navigate));
    },
    mute: (id) => post({ act: "mute", ids: [id] }),
    undo(handle) {
      if (outbox.withdraw(handle)) tell("said.undone");
      else post({ act: "undo", handle });
    },
    retry: (attempt) => tellAct(outbox.repost(attempt)),
    choose(id, number) {
      if (!isAnswering(id)) outbox.post({ act: "choose", ids: [id], number });
    },
  }), []);

  useEffect(() => {
    if (!ended) return;
    forgetKept();
    // Who has signed in anew may be the same person, whose acts still wait.
    isNobodys(signedOut).then((nobodys) => {
      if (!nobodys) return outbox.handOver();
      setLost(outbox.countWaiting());
      return outbox.discard();
    });
  }, [ended]);
  useEffect(() => {
    if (!viewer.person || lone) return;
    outbox.begin(viewer.person);
    claimDrafts(viewer.person);
  }, [viewer.person, lone]);
  useEffect(() => outbox.settled(settled), [settled]);
  useEffect(() => {
    const reply = outbox.replied(outcome.attempt);
    if (!reply || !outcome.trouble.what) return;
    keepDraft(reply.ids[0], { text: reply.message, pictures: reply.pictures, attempt: "" });
    complain(outcome.trouble.what, outcome.trouble);
  }, [outcome]);
  useEffect(() => {
    if (!line) return;
    lookAgain();
    outbox.resume(line, ({ attempt, act, ids = [], until, part, handle, number, message, pictures, age }) => {
      if (act === "mute") onMute(ids[0], attempt);
      else if (act === "undo") onUndo(handle, attempt);
      else if (act === "choose") onChoose(ids[0], number, attempt, age);
      else if (act === "reply") onReply(ids[0], message, pictures.map(({ id }) => id), attempt);
      else if (part) onActOnAll(part, act, until, attempt, age);
      else onAct(ids, act, until, attempt, age);
    });
  }, [line]);
  useEffect(() => {
    if (viewer.name) follow(viewer.language, viewer.zone);
  }, [viewer.name, viewer.language, viewer.zone]);
  useEffect(() => applyLook(viewer.look), [viewer.look]);
  useEffect(() => {
    if (!viewer.name || lone) return;
    worker();
    lookAfterPush();
  }, [viewer.name, lone]);
  useKeeping(line && !ended ? viewer.session : "", change);
  useStandIn(slots, line, !lone);
  useEffect(() => {
    if (where.id) closePushes(where.id);
  }, [where.id]);
  useEffect(() => {
    // A push was clicked: it opens here, without loading the page anew.
    const onMessage = ({ data, ports }) => {
      if (!data?.open) return;
      navigate(data.open);
      ports[0]?.postMessage("shown");
    };
    navigator.serviceWorker?.addEventListener("message", onMessage);
    return () => navigator.serviceWorker?.removeEventListener("message", onMessage);
  }, []);
  useBadge(unseen, [say(title), viewer.brand].filter(Boolean).join(" · "));
  useTrail();
  useShortcuts(viewer.shortcuts, viewer.key_of);

  return (
    <Actions.Provider value={actions}>
      {over
        ? <Ended signedOut={signedOut} lost={lost} />
        : <div className="app" data-open={Boolean(where.id)} data-lone={lone}>{children}</div>}
      {!over && <Menu />}
      {!over && !lone && <PushOffer />}
      <Help enabled={viewer.shortcuts} keys={viewer.key_of} onSwitch={onSwitch} />
      {!lone && <Leaving signedOut={signedOut} />}
      <div id="announcer" className="sr" role="status" aria-live="polite" />
    </Actions.Provider>
  );
}

/** Does it, and tells. */
const post = (entry) => tellAct(outbox.post(entry));

const CLOSING = ["archive", "restore", "snooze", "unsnooze", "unread"];

/** Hands the focus on where the item is about to leave the list, and closes it if it is open. */
function leave(id, act, where, navigate) {
  const { view, id: openId } = where;
  const stays = !leaves(view, act) || (act === "read" && id === openId);
  const focused = document.activeElement?.closest("[data-row], [data-detail]");
  const inside = focused && (focused.dataset.row ?? focused.dataset.detail) === id;
  if (inside && !stays) followUp(id);
  if (id === openId && CLOSING.includes(act)) navigate(address(where), { replace: true });
}

/** Past the views to the content. A link by address would drop the query from it. */
export function SkipLink({ className, children }) {
  const skip = (event) => {
    event.preventDefault();
    focusFirst("#list", ".detail", "#content");
  };
  return <a href="#main" className={className} onClick={skip}>{children}</a>;
}

/** The keyboard's help, also reached by a button. */
export function HelpButton({ className, children }) {
  return (
    <button type="button" className={className}
      onClick={() => document.getElementById("help").showModal()}>
      {children}
    </button>
  );
}

/** Says that the page is offline or has lost the server, and how much waits to be sent. */
export function Connection() {
  const say = useWords();
  const asOf = useAsOf();
  const waiting = outbox.useOutbox().length + useUnsent();
  const online = useOnline();
  const [, errors] = useContext(EventLoopContext);
  const lost = !online || errors.length > 0;
  const [since, setSince] = useState("");
  useEffect(() => {
    if (errors.length) outbox.hangUp();
  }, [errors]);
  useEffect(() => outbox.setConnected(!lost), [lost]);
  useEffect(() => setAway(Boolean(since)), [since]);
  useEffect(() => {
    if (!lost) return setSince("");
    const time = clock(say, new Date());
    if (!online) return setSince(time);
    const timer = setTimeout(() => setSince(time), PATIENCE);
    return () => clearTimeout(timer);
  }, [lost, online]);
  const time = asOf ? clock(say, new Date(asOf)) : since;
  const text = time && say(online && !asOf ? "frame.reconnecting" : "frame.offline", { time });
  useEffect(() => announce(text), [text]);
  if (!text) return null;
  return (
    <div className="notice" data-connection={online ? "reconnecting" : "offline"}>
      <Icon name={online ? "sync" : "offline"} />
      <span>{text} {waiting > 0 && say("frame.changes_wait", { n: waiting })}</span>
    </div>
  );
}

function useOnline() {
  const [online, setOnline] = useState(true);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    look();
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return online;
}

/** What shows when the page itself has failed. */
export function Crashed() {
  const say = useWords();
  return (
    <main className="lost">
      <div className="calm">
        <h2>{say("crashed.title")}</h2>
        <p>{say("crashed.text")}</p>
        <a className="button" href="">{say("crashed.reload")}</a>
      </div>
    </main>
  );
}
