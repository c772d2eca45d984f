// What is being written, kept in the tab: it outlives a reload and the end of the session.

const PREFIX = "inbox-draft-";
const OWNER = "inbox-drafts-of";
const NOTHING = { text: "", pictures: [], attempt: "" };

/** The draft of a reply to an item: its text, its pictures, and the name it was sent under if it was. */
export function draftOf(id) {
  try {
    return { ...NOTHING, ...JSON.parse(sessionStorage.getItem(PREFIX + id)) };
  } catch {
    return NOTHING;
  }
}

export function keepDraft(id, draft) {
  if (draft.text || draft.pictures.length) sessionStorage.setItem(PREFIX + id, JSON.stringify(draft));
  else sessionStorage.removeItem(PREFIX + id);
}

/** Drops what somebody else was writing in this tab; `person` is who looks at it now. */
export function claimDrafts(person) {
  if ((sessionStorage.getItem(OWNER) ?? person) !== person) dropDrafts();
  sessionStorage.setItem(OWNER, person);
}

export const dropDrafts = () =>
  Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX) || key === OWNER)
    .forEach((key) => sessionStorage.removeItem(key));
