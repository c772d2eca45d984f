// The catalogue of texts (inbox_app/lib/words) in the page's language, which can change at any
// time. English is built in and is what pages are prerendered in; others are loaded when needed.
// The script in the head (inbox_app/ui/language.py) has begun to load one before this runs.
import { useLayoutEffect, useSyncExternalStore } from "react";
import english from "../words/en.json";
import languages from "../words/languages.json";

const BUILT_IN = "en";
const COOKIE = "inbox_language";
const YEAR = 31_536_000; // seconds
const PLACE = /\{(\w+)(?::(\w+))?\}/g;

const listeners = new Set();
const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const isBrowser = typeof document !== "undefined";

/** The page's language, with the reader's regional habits where they speak it. */
const localeOf = (language) =>
  (isBrowser && navigator.languages.find((each) => each.split("-")[0] === language)) || language;

/** Says texts of one language; differs from the one before whenever language or zone does. */
function tongue(language, texts, zone) {
  const locale = localeOf(language);
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(locale);
  const timeZone = zone || undefined;
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone });
  const filled = (value, form) => {
    if (form === "word") return say(value);
    if (form === "moment") {
      const at = new Date(value);
      return say("time.day_and_clock", { day: day.format(at), clock: clock.format(at) });
    }
    return typeof value === "number" ? numbers.format(value) : value;
  };
  const say = (key, values = {}) => {
    const text = texts[key] ?? english[key] ?? "";
    const form = typeof text === "string" ? text : text[plurals.select(values.n)] ?? text.other;
    return form.replace(PLACE, (whole, name, kind) =>
      name in values ? filled(values[name], kind) : whole);
  };
  return Object.assign(say, { language, locale, zone: zone || "", texts });
}

const builtIn = tongue(BUILT_IN, english, "");
let current = builtIn;
let loadingFirst = false; // the page waits for texts other than the built-in ones

function become(language, texts, zone) {
  current = tongue(language, texts, zone);
  loadingFirst = false;
  const root = document.documentElement;
  root.lang = language;
  root.dir = texts.dir;
  for (const listener of listeners) listener();
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** `say(key, values)` in the page's language; also its `language`, `locale` and `zone`. */
export function useWords() {
  const say = useSyncExternalStore(subscribe, () => current, () => builtIn);
  // Not before: React first takes the page over in the language that it was prerendered in.
  useLayoutEffect(() => {
    if (say === current && !loadingFirst) delete document.documentElement.dataset.wording;
  }, [say]);
  return say;
}

const spoken = () =>
  navigator.languages.map((each) => each.split("-")[0].toLowerCase())
    .find((each) => each in languages) ?? BUILT_IN;

/** Languages there are, by their own names. */
export const LANGUAGES = languages;

/** The name of the language that the browser asks for. */
export const browserLanguage = () => languages[spoken()];

const loading = new Map();
function load(language) {
  if (language === BUILT_IN) return Promise.resolve(english);
  if (!loading.has(language)) {
    const asked = window.inboxWords ?? fetch(`/words/${language}.json`);
    window.inboxWords = undefined;
    const texts = asked.then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)));
    texts.catch(() => loading.delete(language)); // the next time may succeed
    loading.set(language, texts);
  }
  return loading.get(language);
}

let wanted = BUILT_IN;

/** Switches language and zone; English stays when the other cannot be loaded. */
async function speak(language, zone) {
  wanted = language;
  try {
    const texts = await load(language);
    if (wanted === language) become(language, texts, zone);
  } catch {
    if (wanted === language) become(BUILT_IN, english, zone);
  }
}

/** Takes over what the person chose, "" for what the browser says, and keeps it for the next page. */
export function follow(language, zone) {
  const age = language ? YEAR : 0;
  const secure = window.location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${COOKIE}=${language};path=/;max-age=${age};samesite=lax${secure}`;
  const next = language || spoken();
  if (next !== wanted || (zone || "") !== current.zone) speak(next, zone);
}

export const deviceZone = () => browserZone();

if (isBrowser) {
  const first = document.documentElement.lang;
  loadingFirst = first in languages && first !== BUILT_IN;
  if (loadingFirst) speak(first, "");
}
