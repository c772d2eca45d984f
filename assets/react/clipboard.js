// Copying a text for the reader.

/** Puts a text on the clipboard; whether it is there. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text); // a page without TLS has no clipboard, or it was not allowed
  }
}

/** The older way: what is selected is copied. */
function copySelected(text) {
  const field = document.createElement("textarea");
  const before = document.activeElement;
  field.className = "sr";
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return done;
}
