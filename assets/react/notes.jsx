// What else there is to know of the open notification: done, saved, snoozed, soon gone.
import { Icon } from "./parts.jsx";
import { overlay, usePending } from "./pending.js";
import { nearTime, useNow } from "./time.jsx";
import { useWords } from "./words.js";

export function Notes({ row }) {
  const say = useWords();
  const now = useNow();
  usePending();
  const { archived, saved, snoozed, woken, expires } = overlay(row);
  const near = (moment) => ({ at: nearTime(new Date(moment), new Date(now), say) });
  const notes = [
    archived && ["check", say("item.archived")],
    saved && ["bookmark", say("item.saved")],
    snoozed && now > 0 && ["clock", say("item.snoozed", near(snoozed))],
    woken && now > 0 && ["clock", say("item.woken", near(woken))],
    expires && now > 0 && ["clock", say("item.expires", near(expires)), "warn"],
  ].filter(Boolean);
  return notes.map(([icon, text, tone]) => (
    <span key={text} className="chip" data-tone={tone}><Icon name={icon} />{text}</span>
  ));
}
