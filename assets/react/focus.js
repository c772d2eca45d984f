// Where the keyboard focus should go once the page has changed.
const wishes = { leaving: "", heading: false, reply: false, returning: false, top: false };

/** The row of `id` may leave the list: its successor gets the focus then. */
export const followUp = (id) => (wishes.leaving = id);
/** A row that comes back by an undo gets the focus. */
export const expectBack = () => (wishes.returning = true);
/** The first row gets the focus, once the list has been exchanged for other rows. */
export const expectTop = () => (wishes.top = true);
/** The next notification that opens gets the focus. */
export const focusHeading = () => (wishes.heading = true);
/** The reply box of the next notification that opens gets the focus. */
export const focusReply = () => (wishes.reply = true);

export function take(name) {
  const wish = wishes[name];
  wishes[name] = name === "leaving" ? "" : false;
  return wish;
}

export const peek = (name) => wishes[name];

export const rowsOnPage = () => [...document.querySelectorAll("[data-row]")];
export const rowOf = (id) =>
  document.querySelector(`[data-row="${CSS.escape(id)}"]`);
/** Puts the focus on the first of these that is visible. */
export const focusFirst = (...selectors) =>
  selectors.map((each) => document.querySelector(each)).find((each) => each?.checkVisibility())
    ?.focus();
export const isPhone = () => window.matchMedia("(max-width: 767px)").matches;

const AWAY = {
  all: ["archive", "snooze"],
  unread: ["archive", "snooze", "read"],
  saved: ["unsave"],
  snoozed: ["archive", "unsnooze"],
  archived: ["restore"],
  everything: [],
};

/** Whether what an act is done to leaves the list of a view. */
export const leaves = (view, act) => Boolean(AWAY[view]?.includes(act));
