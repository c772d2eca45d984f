// The catalogue of strings, handed down from the server's `words.py`.
import { createContext, useContext } from "react";

export const Words = createContext({});
export const useWords = () => useContext(Words);

/** Fills the `{name}` places of a text. */
export const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** The singular or plural of a pair of texts, with `{n}` filled in. */
export const count = ([one, many], n) => fill(n === 1 ? one : many, { n });
