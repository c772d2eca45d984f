// Wall times, weekdays and lists in the reader's language.
const MONDAY = 4; // the first day of 1970 was a Thursday
const DAY = 86_400_000;

const inUtc = (say, options) => new Intl.DateTimeFormat(say.locale, { ...options, timeZone: "UTC" });

/** A wall time such as `20:00`, as the reader writes it. */
export const wallTime = (say, text) =>
  inUtc(say, { hour: "numeric", minute: "2-digit" }).format(new Date(`1970-01-01T${text}Z`));

/** The name of a weekday; 0 is Monday. */
export const weekday = (say, day, form = "long") =>
  inUtc(say, { weekday: form }).format(new Date((MONDAY + day) * DAY));

export const listed = (say, texts) =>
  new Intl.ListFormat(say.locale, { type: "unit", style: "long" }).format(texts);

const upper = (say, text) => text.charAt(0).toLocaleUpperCase(say.locale) + text.slice(1);

const SETS = { "0123456": "days.all", "01234": "days.work", "56": "days.weekend" };

/** On which days: "on workdays", or their names. */
export function onDays(say, days) {
  const set = SETS[days.join("")];
  return set ? say(set) : say("days.some", { days: listed(say, days.map((day) => weekday(say, day))) });
}

export const quietText = (say, { start, end, days }) =>
  say("summary.quiet", {
    days: onDays(say, days), start: wallTime(say, start), end: wallTime(say, end),
  });

function reached(say, { channel, option, at, weekday: day, month_day: monthDay }) {
  const by = say(`by.${channel}`);
  const timed = { daily: "daily", weekly: "weekly", monthly: `monthly_${monthDay}` };
  const form = !(option in timed) ? option : at ? timed[option] : `${option}_any`;
  return say(`summary.${form}`, { by, at: at && wallTime(say, at), day: at && weekday(say, day) });
}

/** Channels of which the same is to be said, named together. */
function together(say, channels) {
  const mixed = channels.filter(({ option }) => option === "mixed");
  const others = channels.filter(({ option }) => option !== "mixed").map((each) => reached(say, each));
  if (!mixed.length) return others;
  const by = new Intl.ListFormat(say.locale).format(mixed.map(({ channel }) => say(`by.${channel}`)));
  return [...others, say("summary.mixed", { by })];
}

/** What applies, in a sentence. */
export function summaryText(say, { channels, quiet }) {
  const used = channels.filter(({ option }) => option !== "off");
  const parts = used.length ? together(say, used) : [say("summary.nothing")];
  const quieter = quiet.map((each) => quietText(say, each));
  return say("summary.sentence", { text: upper(say, listed(say, [...parts, ...quieter])) });
}
