// What did not work, in the reader's words. The server says what it tried and the code of the
// error; its own sentence is more exact, but English.
import { useWords } from "./words.js";

/** A trouble as `{ text, reference }`; reference is "" where the log has nothing more to tell. */
export function useTrouble() {
  const say = useWords();
  return ({ what, code, message, reference }) => {
    const tried = say(what);
    const why = code && (say.language === "en" ? message : say(`error.${code}`));
    return {
      text: why ? say("error.because", { what: tried, why }) : tried,
      reference: reference && say("frame.reference", { id: reference }),
    };
  };
}
