// What can be done to an item: `perform(id, change, act)` and `choose(id, change, number)`.
import { createContext } from "react";

export const Actions = createContext({ perform: () => {}, choose: () => {} });
