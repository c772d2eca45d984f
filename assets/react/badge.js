// The number of unseen notifications on the tab, in its title and drawn into its icon, and
// on the installed app.
import { useEffect } from "react";

const LARGEST = 99;
const SIZE = 64; // px; browsers scale it down
const PLAIN = "/favicon.svg";

export const capped = (number) => (number > LARGEST ? `${LARGEST}+` : String(number));

const icon = () => document.querySelector('link[rel="icon"]');

/** Draws the icon with the number in its corner. */
function draw(picture, text) {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0, SIZE, SIZE);
  pen.font = `600 ${text.length > 2 ? 26 : 34}px system-ui, sans-serif`;
  const width = Math.max(pen.measureText(text).width + 16, 42);
  pen.fillStyle = "#c01c28";
  pen.beginPath();
  pen.roundRect(SIZE - width, SIZE - 42, width, 42, 21);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, SIZE - width / 2, SIZE - 20);
  return canvas.toDataURL("image/png");
}

export function useBadge(unseen, title) {
  const badge = unseen ? capped(unseen) : "";
  useEffect(() => {
    document.title = badge ? `(${badge}) ${title}` : title;
  }, [badge, title]);
  useEffect(() => {
    // On the icon of the installed app, which has no title.
    navigator.setAppBadge?.(unseen).catch(() => {});
  }, [unseen]);
  useEffect(() => {
    const link = icon();
    if (!link) return undefined;
    if (!badge) {
      link.href = PLAIN;
      return undefined;
    }
    const picture = new Image();
    let current = true;
    picture.onload = () => current && Object.assign(link, { href: draw(picture, badge), type: "image/png" });
    picture.src = PLAIN;
    return () => { current = false; };
  }, [badge]);
}
