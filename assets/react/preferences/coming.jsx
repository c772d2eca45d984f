// Summaries that are to come: when, with what, how they will look; and a say in them.
import { useEffect, useRef } from "react";
import { announce } from "../announce.js";
import { Icon } from "../parts.jsx";
import { LocalTime } from "../time.jsx";
import { useWords } from "../words.js";
import { useOtherUndos } from "./centre.jsx";

export function Coming({ digests, preview, taken, onLook, onSend, onTakeOut, onPutBack }) {
  const say = useWords();
  const text = taken ? say("coming.taken_out", { n: taken }) : "";
  const { newer, dropUndos } = useOtherUndos();
  useEffect(() => {
    announce(text);
    if (text) dropUndos();
  }, [text]);
  return (
    <>
      {text && (
        <p className="save-state mark" data-save="saved">
          <Icon name="check" /><span>{text}</span>
          <button type="button" className="text-link" data-undo={newer ? undefined : ""} onClick={() => onPutBack()}>{say("frame.undo")}</button>
        </p>
      )}
      {!digests.length && <p className="hint">{say("coming.none")}</p>}
      <ul className="digests">
        {digests.map((each) => (
          <Digest key={each.id} digest={each} onLook={onLook} onSend={onSend} onTakeOut={onTakeOut} />
        ))}
      </ul>
      <Preview preview={preview} onClose={() => onLook("")} />
    </>
  );
}

function Digest({ digest, onLook, onSend, onTakeOut }) {
  const say = useWords();
  const { id, due, count, riders, channel, option, type } = digest;
  const title = say(option === "instant" ? "coming.held" : "coming.digest",
    { at: due, n: count, channel, type });
  return (
    <li className="digest">
      <details>
        <summary>
          <span className="digest-title">{title}</span>
          <span className="hint">{[say(`channel.${channel}`), type].filter(Boolean).join(" · ")}</span>
        </summary>
        <ul className="riders">
          {riders.map((each) => (
            <li key={each.id}>
              <span className="rider-title"><bdi>{each.title}</bdi> <span className="hint"><LocalTime at={each.at} /></span></span>
              <button type="button" className="icon-button" onClick={() => onTakeOut(id, [each.id])}
                aria-label={say("coming.take_out", { title: each.title })} title={say("coming.take_out", { title: each.title })}>
                <Icon name="close" />
              </button>
            </li>
          ))}
          {count > riders.length && <li className="hint">{say("coming.more", { n: count - riders.length })}</li>}
        </ul>
      </details>
      <p className="field-line">
        {riders.length > 0 && (
          <button type="button" className="button" onClick={() => onLook(id)}>{say("coming.preview")}</button>
        )}
        <button type="button" className="button" onClick={() => onSend(id)}>{say("coming.send")}</button>
        <button type="button" className="button" data-kind="quiet" onClick={() => onTakeOut(id, [])}>{say("coming.take_all")}</button>
      </p>
    </li>
  );
}

/** The message in a frame of its own that can run nothing. */
function Preview({ preview, onClose }) {
  const say = useWords();
  const dialog = useRef(null);
  useEffect(() => {
    if (preview.id && !dialog.current.open) dialog.current.showModal();
    if (!preview.id && dialog.current.open) dialog.current.close();
  }, [preview.id]);
  return (
    <dialog className="help preview-dialog" ref={dialog} aria-labelledby="preview-title" onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <header>
        <h2 id="preview-title"><bdi>{preview.subject || say("coming.preview")}</bdi></h2>
        <button type="button" className="icon-button" aria-label={say("frame.close")}
          onClick={() => dialog.current.close()}><Icon name="close" /></button>
      </header>
      {preview.html
        ? <iframe className="preview-frame" sandbox="" srcDoc={preview.html} title={say("coming.preview")} referrerPolicy="no-referrer" />
        : <p className="preview-text" dir="auto">{preview.text}</p>}
    </dialog>
  );
}
