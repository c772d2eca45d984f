// What was changed when and by whom; each change can be taken back while nothing of it was changed since.
import { useMemo } from "react";
import { LocalTime } from "../time.jsx";
import { useWords } from "../words.js";
import { Mark, useChange } from "./centre.jsx";
import { wallTime, weekday } from "./words.js";

const BY = {
  user: "by_user", application: "by_application", inbox: "by_inbox",
  "unsubscribe link": "by_link", "undo of the unsubscribe link": "by_link_undo",
};
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const FEW = 3;

function value(say, keys, text) {
  if (text === "") return say("history.usual");
  const found = JSON.parse(text);
  const [kind] = keys;
  if (kind === "types") return say(`choice.${found}`);
  if (typeof found === "boolean") return say(found ? "choice.on" : "choice.off");
  if (kind === "pausedUntil") return say("history.moment", { at: found });
  if (/^\d\d:\d\d$/.test(found)) return wallTime(say, found);
  if (kind === "digest" && keys[1] === "weekday") return weekday(say, WEEKDAYS.indexOf(found) >= 0 ? WEEKDAYS.indexOf(found) : found);
  return String(found);
}

function subject(say, keys, titles) {
  const [kind, name] = keys;
  if (kind === "types") {
    const channel = say(`channel.${keys.at(-1)}`);
    const sub = keys[2] === "subs" ? titles[`${name}/${keys[3]}`] ?? keys[3] : "";
    return say("what.cell", { type: [titles[name] ?? name, sub].filter(Boolean).join(" · "), channel });
  }
  if (kind === "channels") return say(`channel.${name}`);
  if (kind === "quietHours") return say("history.quiet", { day: weekday(say, WEEKDAYS.indexOf(name)) });
  return say(`history.${kind}`);
}

const changeText = (say, { path, before, after }, titles) => say("history.change", {
  what: subject(say, path, titles), before: value(say, path, before), after: value(say, path, after),
});

export function History({ history, categories, more, onOlder }) {
  const say = useWords();
  const titles = useMemo(() => Object.fromEntries(categories.flatMap(({ types }) => types.flatMap((type) => [
    [type.name, type.title], ...type.subs.map((sub) => [`${type.name}/${sub.id}`, sub.title]),
  ]))), [categories]);
  if (!history.length) return <p className="hint">{say("history.none")}</p>;
  return (
    <>
      <ol className="history">
        {history.map((each) => <Entry key={each.id} entry={each} titles={titles} />)}
      </ol>
      {more && <button type="button" className="button" onClick={() => onOlder()}>{say("history.more")}</button>}
    </>
  );
}

function Entry({ entry, titles }) {
  const say = useWords();
  const change = useChange();
  const { id, at, by, changes, undoable } = entry;
  const lines = changes.slice(0, FEW).map((each) => changeText(say, each, titles));
  return (
    <li className="entry">
      <div>
        {lines.map((line) => <p key={line}><bdi>{line}</bdi></p>)}
        {changes.length > FEW && <p className="hint">{say("history.and_more", { n: changes.length - FEW })}</p>}
        <p className="hint"><LocalTime at={at} form="long" /> · {say(`history.${BY[by] ?? "by_application"}`)}</p>
        <Mark fields={[`history/${id}`]} />
      </div>
      {undoable && (
        <button type="button" className="button" onClick={() => change("undo", id, `history/${id}`)}
          aria-label={say("history.undo_this", { change: lines[0] })}>{say("frame.undo")}</button>
      )}
    </li>
  );
}
