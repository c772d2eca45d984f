// The snooze menu: the usual moments in the reader's zone, or one of their own.
import { useState } from "react";
import { openMenu } from "./menu.jsx";
import { calendar, clock, format, wallClock } from "./time.jsx";
import { useWords } from "./words.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MORNING = 8;
const EVENING = 18;

/** The usual moments as `{ name, at }`, the soonest first, none twice (domain/snooze.py). */
export function choices(say, now) {
  const { day } = calendar(say, new Date(now));
  const weekday = (day + 3) % 7; // the first day of 1970 was a Thursday; Monday is 0
  const found = [
    { name: "hour", at: now + HOUR },
    { name: "evening", at: wallClock(say, day, EVENING * HOUR) },
    { name: "tomorrow", at: wallClock(say, day + 1, MORNING * HOUR) },
    { name: "monday", at: wallClock(say, day + 7 - weekday, MORNING * HOUR) },
  ].sort((one, other) => one.at - other.at);
  return found.filter(({ at }, i) => at > now && at !== found[i - 1]?.at);
}

/** Opens the menu beside `anchor`; calls `pick` with the moment chosen (ISO). */
export function openSnooze(anchor, say, pick) {
  const weekday = (at) => format(say, { weekday: "short" }).format(at);
  const items = choices(say, Date.now()).map(({ name, at }) => ({
    name,
    icon: "snooze",
    label: say(`snooze.${name}`),
    note: name === "monday" ? `${weekday(at)} ${clock(say, at)}` : clock(say, at),
    run: () => pick(new Date(at).toISOString()),
  }));
  openMenu(anchor, say("act.snooze"), items, (close) => (
    <OwnTime onPick={(until) => { close(); pick(until); }} />
  ));
}

/** A date and a time of the reader's own, in their zone. */
function OwnTime({ onPick }) {
  const say = useWords();
  const [text, setText] = useState("");
  const [late, setLate] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    const typed = Date.parse(`${text}Z`);
    const at = wallClock(say, Math.floor(typed / DAY), typed % DAY);
    if (at > Date.now()) onPick(new Date(at).toISOString());
    else setLate(true);
  };
  return (
    <form className="own-time" onSubmit={submit}>
      <label htmlFor="snooze-at">{say("snooze.pick")}</label>
      <div>
        <input id="snooze-at" className="input" type="datetime-local" required value={text}
          aria-invalid={late} aria-describedby="snooze-note"
          onChange={({ target }) => { setText(target.value); setLate(false); }} />
        <button type="submit" className="button">{say("act.snooze")}</button>
      </div>
      <p id="snooze-note" className="complaint" role="alert">{late && say("snooze.over")}</p>
    </form>
  );
}
