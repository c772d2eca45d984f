// Names for what the browser asks for, by which the answer is found and the same is done once.

/** A name that nothing else has. */
export const newAttempt = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

const AGAIN = "~";

/**
 * The same act tried once more, such as `a~1` after `a`: to the server it is the one it may have
 * begun (`ActionState`), but that the first try is over says nothing of the second.
 */
export function nextTry(attempt) {
  const [act, tries = 0] = attempt.split(AGAIN);
  return `${act}${AGAIN}${Number(tries) + 1}`;
}

/** By which the server knows every try of an act. */
export const firstTry = (attempt) => attempt.split(AGAIN)[0];
