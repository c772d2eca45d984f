// Times in the reader's own zone and habits.
import { useSyncExternalStore } from "react";
import { useWords } from "./words.jsx";

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

/** The page's language, with the reader's regional habits where they speak it. */
function language() {
  const page = document.documentElement.lang;
  return navigator.languages.find((each) => each.split("-")[0] === page) ?? page;
}

const made = new Map();
function format(options, kind = Intl.DateTimeFormat) {
  const key = JSON.stringify(options);
  if (!made.has(key)) made.set(key, new kind(language(), options));
  return made.get(key);
}

const clock = (date) => format({ hour: "numeric", minute: "2-digit" }).format(date);
const midnight = (date) =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate());
/** Whole days between, counted by the calendar; days that change the clock count as days too. */
const daysBetween = (past, present) =>
  Math.round((midnight(present) - midnight(past)) / DAY);

function shortTime(date, present, words) {
  const age = present - date;
  const days = daysBetween(date, present);
  if (age < MINUTE) return words.now;
  if (age < HOUR)
    return format({ style: "unit", unit: "minute", unitDisplay: "short" }, Intl.NumberFormat)
      .format(Math.floor(age / MINUTE));
  if (days < 2) return clock(date);
  if (days < 7) return format({ weekday: "short" }).format(date);
  const year = date.getFullYear() === present.getFullYear() ? undefined : "numeric";
  return format({ day: "numeric", month: "short", year }).format(date);
}

function longTime(date, present, words) {
  const days = daysBetween(date, present);
  const named = [words.today, words.yesterday][days];
  if (named) return `${named}, ${clock(date)}`;
  return format({
    weekday: "long", day: "numeric", month: "long", year: "numeric",
    hour: "numeric", minute: "2-digit",
  }).format(date);
}

/** Short, but no bare clock time for yesterday: no heading stands above to tell the day. */
const threadTime = (date, present, words) =>
  daysBetween(date, present) === 1 && present - date >= HOUR
    ? longTime(date, present, words)
    : shortTime(date, present, words);

const FORMS = { short: shortTime, long: longTime, thread: threadTime };

/** The heading a row stands under: today, yesterday, this week, or its month. */
export function groupOf(at, time, words) {
  const date = new Date(at);
  const present = new Date(time);
  const days = daysBetween(date, present);
  if (days <= 0) return words.today;
  if (days === 1) return words.yesterday;
  if (days <= (present.getDay() + 6) % 7) return words.this_week;
  const sameYear = date.getFullYear() === present.getFullYear();
  if (sameYear && date.getMonth() === present.getMonth()) return words.this_month;
  return format({ month: "long", year: sameYear ? undefined : "numeric" }).format(date);
}

export const clockNow = () => clock(new Date());

/** A moment as `<time>`: short for the list, long for the open notification, or for its thread. */
export function LocalTime({ at, form = "short" }) {
  const words = useWords();
  const present = useNow();
  if (!at || !present) return null;
  const date = new Date(at);
  const exact = format({ dateStyle: "full", timeStyle: "short" }).format(date);
  const text = FORMS[form](date, new Date(present), words);
  return <time dateTime={at} title={exact}>{text}</time>;
}
