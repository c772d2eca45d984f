// What a list without rows says: that all is done, that nothing was found, or what will come.
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { announce } from "./announce.js";
import { Icon } from "./icon.jsx";
import { calendar, nearTime, useNow, wallClock } from "./time.jsx";
import { address, isWhole } from "./where.js";
import { useWords } from "./words.js";

const ICONS = {
  first: "bell", all: "check", unread: "check", saved: "save", snoozed: "snooze",
  archived: "archive", everything: "inbox", part: "tag", search: "search", indexing: "sync",
};

const PATIENCE = 3000; // ms until another test may be asked for

function kindOf(part, counts, complete) {
  if (part.query) return complete ? "search" : "indexing";
  if (!isWhole(part)) return "part";
  const nothing = Object.values(counts).every((count) => count === 0);
  return part.view === "all" && nothing ? "first" : part.view;
}

const DONE = ["all", "unread"]; // kinds that say that all is done

export function Empty({ part, counts, complete, calm, onCalm, onTest }) {
  const say = useWords();
  const kind = kindOf(part, counts, complete);
  const title = say(`empty.${kind}`, { query: part.query, category: part.category || part.type });
  useEffect(() => announce(title), [title]);
  return (
    <div className="feed-frame">
      <div className="calm" data-empty={kind}>
        <span className="badge-icon"><Icon name={ICONS[kind]} /></span>
        <h2 dir="auto">{title}</h2>
        <p>{say(`empty.${kind}_text`)}</p>
        {kind === "first" && <First onTest={onTest} />}
        {DONE.includes(kind) && <Calm calm={calm} counts={counts} onLook={onCalm} />}
        {(kind === "search" || kind === "part") && <SearchOn part={part} />}
      </div>
    </div>
  );
}

/** For who has never got anything: where to choose, and something to look at. */
function First({ onTest }) {
  const say = useWords();
  const [sent, setSent] = useState(false);
  useEffect(() => {
    if (!sent) return undefined;
    const timer = setTimeout(() => setSent(false), PATIENCE);
    return () => clearTimeout(timer);
  }, [sent]);
  const send = () => {
    setSent(true);
    onTest(say.language);
  };
  return (
    <div className="calm-acts">
      <button type="button" className="button" data-kind="primary" disabled={sent} onClick={send}>
        {say("empty.test")}
      </button>
      <Link to="/preferences/" className="button" discover="none">{say("frame.preferences")}</Link>
    </div>
  );
}

/** What was cleared today, and when the next summary comes. */
function Calm({ calm, counts, onLook }) {
  const say = useWords();
  const now = useNow();
  const { day } = calendar(say, new Date(now));
  useEffect(() => {
    if (now) onLook(new Date(wallClock(say, day, 0)).toISOString());
  }, [Boolean(now), day, say.zone, counts.archived]);
  return (
    <>
      {calm.cleared > 0 && <p className="calm-fact">{say("empty.cleared", { n: calm.cleared })}</p>}
      {calm.due && now > 0 && (
        <p className="calm-fact">
          {say("empty.digest", { channel: `channel.${calm.channel}`, at: nearTime(new Date(calm.due), new Date(now), say) })}
        </p>
      )}
    </>
  );
}

/** Where else to look, or how to see everything again. */
function SearchOn({ part }) {
  const say = useWords();
  return (
    <div className="calm-acts">
      {part.query && part.view !== "everything" && (
        <Link to={address({ ...part, view: "everything" })} className="button" discover="none">
          {say(part.view === "archived" ? "search.all_views" : "search.everywhere")}
        </Link>
      )}
      {part.query && (
        <Link to={address({ ...part, query: "" })} className="button" data-kind="quiet" discover="none">
          {say("search.clear")}
        </Link>
      )}
      {(part.category || part.type) && (
        <Link to={address({ view: part.view })} className="button" data-kind="quiet" discover="none">
          {say("search.show_all")}
        </Link>
      )}
    </div>
  );
}
