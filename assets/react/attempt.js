// Names for what the browser asks for, by which the answer is found and the same is done once.

/** A name that nothing else has. */
export const newAttempt = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
