// Pictures for a reply: uploaded one at a time as soon as they are chosen, with progress.
import { useEffect, useRef, useState } from "react";
import { pictureAddress } from "./thread.jsx";

export const MOST = 4;
export const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const LARGEST = 5_000_000; // bytes; the server says so, too

const preview = (file) => new Promise((resolve) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => resolve("");
  reader.readAsDataURL(file); // the policy of the page allows no other address for a file
});

/** Sends a file; `request` then holds how to end that. Resolves to what the server stored. */
function send(item, { key, file }, request, onProgress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    request.current = { sending, key };
    sending.open("POST", `/inbox/attachments/${encodeURIComponent(item)}`);
    sending.responseType = "json";
    sending.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    sending.onload = () => (sending.status === 201 ? resolve : reject)(sending.response ?? {});
    sending.onerror = () => reject({ code: "OFFLINE" });
    sending.onabort = () => reject({ code: "ABORTED" });
    sending.send(file);
  });
}

let made = 0;

/**
 * The pictures of the reply that is being written to `item`: each with `key`, `name`, `address`,
 * `progress` (0 to 1), and `id` once the server has it. `kept` are those of a draft.
 */
export function usePictures(item, kept, onChange) {
  const [pictures, setPictures] = useState(kept);
  const [problems, setProblems] = useState([]); // { what, name, ... }
  const now = useRef([]);
  const queue = useRef([]);
  const request = useRef(null);
  now.current = pictures;

  useEffect(() => () => {
    queue.current = [];
    request.current?.sending.abort();
  }, []);

  const put = (next) => {
    now.current = next;
    setPictures(next);
    onChange(next.filter((each) => each.id));
  };
  const change = (key, fields) =>
    put(now.current.map((each) => (each.key === key ? { ...each, ...fields } : each)));
  const complain = (problem) => setProblems((all) => [...all, problem]);

  async function work() {
    if (request.current) return;
    for (let next = queue.current.shift(); next; next = queue.current.shift()) {
      const { key, file } = next;
      if (!now.current.some((each) => each.key === key)) continue;
      try {
        const stored = await send(item, next, request, (progress) => change(key, { progress }));
        change(key, { id: stored.id, progress: 1 });
      } catch (trouble) {
        put(now.current.filter((each) => each.key !== key));
        if (trouble.code !== "ABORTED") complain({ what: "failed", name: file.name, trouble });
      }
    }
    request.current = null;
  }

  async function add(files) {
    setProblems([]);
    for (const file of files) {
      if (!TYPES.includes(file.type)) complain({ what: "type", name: file.name });
      else if (file.size > LARGEST) complain({ what: "size", name: file.name });
      else if (now.current.length >= MOST) complain({ what: "many", name: file.name });
      else {
        const key = `picture-${made += 1}`;
        put([...now.current, { key, name: file.name, progress: 0, address: "" }]);
        preview(file).then((address) => change(key, { address }));
        queue.current.push({ key, file });
      }
    }
    work();
  }

  const remove = (key) => {
    if (request.current?.key === key) request.current.sending.abort();
    put(now.current.filter((each) => each.key !== key));
  };
  const clear = () => { put([]); setProblems([]); };
  return { pictures, problems, add, remove, clear, busy: pictures.some((each) => !each.id) };
}

/** A picture of a draft as it is kept, and as it is shown. */
export const toKeep = ({ id, name }) => ({ id, name });
export const fromKept = ({ id, name }) =>
  ({ key: id, id, name, progress: 1, address: pictureAddress(id) });
