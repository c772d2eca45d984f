// Where the page runs, as far as that decides what a person can do.

/** Whether it was installed, and runs as an app. */
export const isInstalled = () =>
  navigator.standalone === true || window.matchMedia("(display-mode: standalone)").matches;

/** iPads call themselves Macs, which have no touch screen. */
export const isApple = () =>
  /iPhone|iPad|iPod/.test(navigator.userAgent)
  || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
