// A new version of the pages: an open tab is told, and loads it when the reader wishes.
import { useEffect, useState } from "react";
import { Icon } from "./icon.jsx";
import { lookForUpdate } from "./worker.js";
import { useWords } from "./words.js";

/** Whether a worker of another build has taken over from the one that this page came with. */
function useUpdate(line) {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const workers = navigator.serviceWorker;
    let known = workers?.controller;
    if (!workers) return undefined;
    const onChange = () => {
      // The first one of all brings nothing new.
      if (known) setReady(true);
      known = workers.controller;
    };
    workers.addEventListener("controllerchange", onChange);
    return () => workers.removeEventListener("controllerchange", onChange);
  }, []);
  useEffect(() => {
    // A server that started anew may have brought another build.
    if (line) lookForUpdate();
  }, [line]);
  return ready;
}

/** Offers to load the new version; never does so by itself, and what is being written stays. */
export function Update({ line }) {
  const say = useWords();
  const ready = useUpdate(line);
  return (
    <div className="news" role="status">
      {ready && (
        <p className="notice" data-update="">
          <Icon name="sync" />
          <span>{say("frame.new_version")}</span>
          <button type="button" className="text-link" onClick={() => window.location.reload()}>
            {say("frame.reload")}
          </button>
        </p>
      )}
    </div>
  );
}
