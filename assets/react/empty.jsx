// What a list without rows says: that all is done, that nothing was found, or what will come.
import { useEffect } from "react";
import { Link } from "react-router";
import { announce } from "./announce.js";
import { Icon } from "./icon.jsx";
import { address, isWhole } from "./where.js";
import { useWords } from "./words.js";

const ICONS = {
  first: "bell", all: "check", unread: "check", saved: "save", snoozed: "snooze",
  archived: "archive", everything: "inbox", part: "tag", search: "search", indexing: "sync",
};

function kindOf(part, counts, complete) {
  if (part.query) return complete ? "search" : "indexing";
  if (!isWhole(part)) return "part";
  const nothing = Object.values(counts).every((count) => count === 0);
  return part.view === "all" && nothing ? "first" : part.view;
}

export function Empty({ part, counts, complete }) {
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
        {kind === "first" && (
          <Link to="/preferences/" className="button" discover="none">{say("frame.preferences")}</Link>
        )}
        {kind === "search" && <SearchOn part={part} />}
      </div>
    </div>
  );
}

/** Where else to look, or how to see everything again. */
function SearchOn({ part }) {
  const say = useWords();
  return (
    <div className="calm-acts">
      {part.view !== "everything" && (
        <Link to={address({ ...part, view: "everything" })} className="button" discover="none">
          {say("search.everywhere")}
        </Link>
      )}
      <Link to={address({ ...part, query: "" })} className="button" data-kind="quiet" discover="none">
        {say("search.clear")}
      </Link>
    </div>
  );
}
