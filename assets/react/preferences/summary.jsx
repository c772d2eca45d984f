// What applies in a sentence, and the pause.
import { useRef } from "react";
import { useNow } from "../time.jsx";
import { useWords } from "../words.js";
import { Icon } from "../parts.jsx";
import { Mark, useSetting } from "./centre.jsx";
import { momentIn, summaryText, todayIn } from "./words.js";

const FIELD = "pause";
const HOUR = 3_600_000;
const MORNING = 8;
const FARTHEST = 365; // days

/** The date so many days from now, and when its morning begins, in the reader's zone. */
function dayAhead(zone, days) {
  const { year, month, day } = todayIn(zone);
  return new Date(Date.UTC(year, month, day + days)).toISOString().slice(0, "2026-01-01".length);
}

function morning(zone, date) {
  const [year, month, day] = date.split("-").map(Number);
  return momentIn(zone, year, month - 1, day, MORNING);
}

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
    pick(morning(say.zone, new FormData(event.target).get("date")));
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
        <button type="button" className="menu-item" onClick={() => pick(morning(say.zone, dayAhead(say.zone, 1)))}>
          {say("pause.tomorrow")}
        </button>
        <form className="pause-date" onSubmit={pickDate}>
          <label htmlFor="pause-date">{say("pause.date")}</label>
          <input id="pause-date" className="input" name="date" type="date" required
            min={dayAhead(say.zone, 1)} max={dayAhead(say.zone, FARTHEST)} />
          <button type="submit" className="button" data-kind="primary">{say("pause.act")}</button>
        </form>
      </div>
    </div>
  );
}
