// The environment's own colours: tones that the server has derived from its accent.
const NAMES = ["accent", "accent-hover", "accent-ink", "accent-soft", "accent-text", "selected"];

const rule = (selector, tones) =>
  `${selector} { ${NAMES.map((name) => `--${name}: ${tones[name]};`).join(" ")} }`;

/** Lays the tones over those of tokens.css; `{}` leaves these as they are. */
export function applyLook({ light, dark }) {
  if (!light) return undefined;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${rule(":root", light)} ${rule(".dark", dark)}`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
  };
}
