// What is being written, kept in the tab: it outlives a reload and the end of the session.

const PREFIX = "inbox-draft-";
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

export const dropDrafts = () =>
  Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))
    .forEach((key) => sessionStorage.removeItem(key));
