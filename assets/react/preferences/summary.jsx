// What applies in a sentence, and the pause.
import { useRef } from "react";
import { calendar, useNow, wallClock } from "../time.jsx";
import { useWords } from "../words.js";
import { Icon } from "../parts.jsx";
import { Mark, useSetting } from "./centre.jsx";
import { summaryText } from "./words.js";

const FIELD = "pause";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MORNING = 8;
const FARTHEST = 365; // days

/** The date so many days from now in the reader's zone, and when the morning of a date begins. */
function dayAhead(say, days) {
  const { day } = calendar(say, new Date());
  return new Date((day + days) * DAY).toISOString().slice(0, "2026-01-01".length);
}

const morning = (say, date) => new Date(wallClock(say, Date.parse(date) / DAY, MORNING * HOUR));

export function Summary({ summary }) {
  const say = useWords();
  const now = useNow();
  const { shown, change } = useSetting(FIELD, summary.paused_until);
  const until = now && shown && new Date(shown) > now ? shown : "";
  return (
    <div className="centre-lead" id="pause" data-at="pause" tabIndex={-1}>
      <p className="lead">{now > 0 && summaryText(say, summary)}</p>
      {until && (
        <p className="paused" role="status">
          <Icon name="pause" /><span>{say("pause.until", { at: until })}</span>
          <button type="button" className="button" onClick={() => change("")}>{say("pause.resume")}</button>
        </p>
      )}
      <div className="field-line">
        <Pause until={until} onPause={(at) => change(at.toISOString())} />
        <Mark fields={[FIELD]} />
      </div>
    </div>
  );
}

function Pause({ until, onPause }) {
  const say = useWords();
  const menu = useRef(null);
  const pick = (at) => {
    menu.current.hidePopover();
    onPause(at);
  };
  const pickDate = (event) => {
    event.preventDefault();
    pick(morning(say, new FormData(event.target).get("date")));
  };
  return (
    <div className="pause">
      <button type="button" className="button" popoverTarget="pause-menu">
        <Icon name="pause" />{say(until ? "pause.change" : "pause.open")}
      </button>
      <div id="pause-menu" className="menu pause-menu" popover="auto" ref={menu} role="group"
        aria-label={say("pause.open")}>
        <button type="button" className="menu-item" onClick={() => pick(new Date(Date.now() + HOUR))}>
          {say("pause.hour")}
        </button>
        <button type="button" className="menu-item" onClick={() => pick(morning(say, dayAhead(say, 1)))}>
          {say("pause.tomorrow")}
        </button>
        <form className="pause-date" onSubmit={pickDate}>
          <label htmlFor="pause-date">{say("pause.date")}</label>
          <input id="pause-date" className="input" name="date" type="date" required
            min={dayAhead(say, 1)} max={dayAhead(say, FARTHEST)} />
          <button type="submit" className="button" data-kind="primary">{say("pause.act")}</button>
        </form>
      </div>
    </div>
  );
}
