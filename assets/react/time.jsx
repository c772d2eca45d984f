// Times in the reader's language, and in the zone they chose or else their device's.
import { useSyncExternalStore } from "react";
import { useWords } from "./words.js";

const TICK = 20_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let now = 0;
let timer;
const listeners = new Set();

function tick() {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener) {
  if (!listeners.size) {
    now = Date.now();
    timer = setInterval(tick, TICK);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (!listeners.size) clearInterval(timer);
  };
}

const currentTime = () => (now ||= Date.now());

/** The present, in milliseconds, renewed every 20 seconds; 0 in the prerendered page. */
export const useNow = () => useSyncExternalStore(subscribe, currentTime, () => 0);

const made = new Map();
/** A formatter in the reader's language and zone. */
export function format({ locale, zone }, options, kind = Intl.DateTimeFormat) {
  const key = JSON.stringify([locale, zone, options]);
  if (!made.has(key)) {
    const inZone = kind === Intl.DateTimeFormat && zone ? { timeZone: zone } : {};
    made.set(key, new kind(locale, { ...options, ...inZone }));
  }
  return made.get(key);
}

export const clock = (say, date) =>
  format(say, { hour: "numeric", minute: "2-digit" }).format(date);

const DATE = { year: "numeric", month: "numeric", day: "numeric", calendar: "gregory" };

/** What the calendar in the reader's zone shows: year, month and the number of the day since 1970. */
export function calendar({ zone }, date) {
  const parts = format({ locale: "en", zone }, DATE).formatToParts(date);
  const [year, month, day] = ["year", "month", "day"]
    .map((name) => Number(parts.find(({ type }) => type === name).value));
  return { year, month, day: Date.UTC(year, month - 1, day) / DAY };
}

const CLOCK = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" };

/** How far the reader's clocks are ahead of UTC at a moment, in milliseconds. */
function ahead(say, at) {
  const parts = format({ locale: "en", zone: say.zone }, CLOCK).formatToParts(at);
  const [hour, minute, second] = ["hour", "minute", "second"]
    .map((name) => Number(parts.find(({ type }) => type === name).value));
  const wall = calendar(say, at).day * DAY + hour * HOUR + minute * MINUTE + second * 1000;
  return wall - Math.floor(at / 1000) * 1000;
}

/** When the reader's clocks show a time: a day's number since 1970 and milliseconds into it. */
export function wallClock(say, day, time) {
  const wall = day * DAY + time;
  return wall - ahead(say, wall - ahead(say, wall));
}

/** Whole days between, counted by the calendar; days that change the clock count as days too. */
const daysBetween = (say, past, present) => calendar(say, present).day - calendar(say, past).day;
const sameYear = (say, one, other) => calendar(say, one).year === calendar(say, other).year;

function shortTime(date, present, say) {
  const age = present - date;
  const days = daysBetween(say, date, present);
  if (age < MINUTE) return say("time.now");
  if (age < HOUR)
    return format(say, { style: "unit", unit: "minute", unitDisplay: "short" }, Intl.NumberFormat)
      .format(Math.floor(age / MINUTE));
  if (days < 2) return clock(say, date);
  if (days < 7) return format(say, { weekday: "short" }).format(date);
  const year = sameYear(say, date, present) ? undefined : "numeric";
  return format(say, { day: "numeric", month: "short", year }).format(date);
}

function longTime(date, present, say) {
  const named = ["time.today", "time.yesterday"][daysBetween(say, date, present)];
  if (named) return say("time.day_and_clock", { day: say(named), clock: clock(say, date) });
  return format(say, {
    weekday: "long", day: "numeric", month: "long", year: "numeric",
    hour: "numeric", minute: "2-digit",
  }).format(date);
}

/** A moment of the past or the future as people say it: the clock, and the day unless it is today. */
export function nearTime(date, present, say) {
  const days = daysBetween(say, present, date);
  const at = clock(say, date);
  if (!days) return at;
  if (days === 1) return say("time.near_tomorrow", { clock: at });
  if (days === -1) return say("time.near_yesterday", { clock: at });
  if (Math.abs(days) < 7)
    return say("time.near_day", { day: format(say, { weekday: "long" }).format(date), clock: at });
  const year = sameYear(say, date, present) ? undefined : "numeric";
  const day = format(say, { day: "numeric", month: "short", year }).format(date);
  return say("time.day_and_clock", { day, clock: at });
}

/** Short, but no bare clock time for yesterday: no heading stands above to tell the day. */
const threadTime = (date, present, say) =>
  daysBetween(say, date, present) === 1 && present - date >= HOUR
    ? longTime(date, present, say)
    : shortTime(date, present, say);

const FORMS = { short: shortTime, long: longTime, thread: threadTime };

/** The heading a row stands under: today, yesterday, this week, or its month. */
export function groupOf(at, time, say) {
  const date = new Date(at);
  const [then, today] = [calendar(say, date), calendar(say, new Date(time))];
  const days = today.day - then.day;
  if (days <= 0) return say("time.today");
  if (days === 1) return say("time.yesterday");
  const sinceMonday = (today.day + 3) % 7; // the first day of 1970 was a Thursday
  if (days <= sinceMonday) return say("time.this_week");
  const year = then.year === today.year ? undefined : "numeric";
  if (!year && then.month === today.month) return say("time.this_month");
  return format(say, { month: "long", year }).format(date);
}

/**
 * A moment as `<time>`: short for the list, long for the open notification, or for its thread. It is
 * read out exactly, also where it describes something (`id`).
 */
export function LocalTime({ at, id, form = "short" }) {
  const say = useWords();
  const present = useNow();
  if (!at || !present) return null;
  const date = new Date(at);
  const exact = format(say, { dateStyle: "full", timeStyle: "short" }).format(date);
  const text = FORMS[form](date, new Date(present), say);
  return <time id={id} dateTime={at} title={exact} aria-label={exact}>{text}</time>;
}

/** The day of the week, in a word. */
export const weekday = (say, at) => format(say, { weekday: "short" }).format(new Date(at));

/** A clock time, with its day unless that is today. */
export function dayAndClock(say, at) {
  const date = new Date(at);
  const days = -daysBetween(say, date, new Date(currentTime()));
  if (days === 0) return clock(say, date);
  const named = days > 0 && days < 7
    ? weekday(say, at)
    : format(say, { day: "numeric", month: "short" }).format(date);
  return say("time.day_and_clock", { day: named, clock: clock(say, date) });
}
