// What can be done to items.
//
// - `perform(id, act, until)`: to one; `until` is when a snooze ends (ISO).
// - `performMany(rows, act, until)`: to some; `performAll(part, rows, act, until)`: to all that a
//   part of the inbox holds, of which `rows` are on the page.
// - `choose(id, number)`: one of an item's own buttons. `mute(id)`: no more of its kind.
// - `undo(handle)`, `retry(attempt)`.
import { createContext } from "react";

const nothing = () => {};

export const Actions = createContext({
  perform: nothing, performMany: nothing, performAll: nothing, choose: nothing, mute: nothing,
  undo: nothing, retry: nothing,
});
