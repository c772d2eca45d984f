// Speaks to screen readers through one polite region, at most once in five seconds.
const GAP = 5000;
let texts = [];
let timer;

const region = () => document.getElementById("announcer");

function speak() {
  timer = texts.length ? setTimeout(speak, GAP) : undefined;
  if (texts.length && region()) region().textContent = texts.join(" ");
  texts = [];
}

export function announce(text) {
  if (!text) return;
  texts.push(text);
  if (timer === undefined) speak();
}
