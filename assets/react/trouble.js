// What did not work, in the reader's words. The server says what it tried and the code of the
// error; its own sentence is more exact, but English.
import { useWords } from "./words.js";

/** Why, and what to do about it: in the words that the error has, else in those of its kind. */
function reasonOf(say, { code, message, fix, why }) {
  const named = why?.key && say(why.key, why.values);
  if (named) return named;
  if (message && say.language === "en") return [message, fix].filter(Boolean).join(" ");
  return code && say(`error.${code}`);
}

/** A trouble as `{ text, reference }`; reference is "" where the log has nothing more to tell. */
export function useTrouble() {
  const say = useWords();
  return ({ what, reference, ...error }) => {
    const tried = say(what);
    const why = reasonOf(say, error);
    return {
      text: why ? say("error.because", { what: tried, why }) : tried,
      reference: reference && say("frame.reference", { id: reference }),
    };
  };
}
