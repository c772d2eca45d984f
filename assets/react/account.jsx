// The profile and the language on the account page.
import { useEffect, useState } from "react";
import { Status, useField } from "./saving.jsx";
import { useMounted } from "./where.js";
import { browserLanguage, LANGUAGES, useWords } from "./words.js";

const LONGEST_NAME = 100;

export function NameField({ viewer, saving, onSave }) {
  const say = useWords();
  const { shown, save, state } = useField(viewer.name, saving, onSave);
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown, state.phase]);
  const ready = text.trim() && text.trim() !== viewer.name && state.phase !== "saving";
  const submit = (event) => {
    event.preventDefault();
    if (ready) save("name", text.trim());
  };
  return (
    <form className="field" onSubmit={submit}>
      <label htmlFor="account-name">{say("account.name")}</label>
      <div className="field-line">
        <input id="account-name" className="input" dir="auto" autoComplete="name" value={text}
          maxLength={LONGEST_NAME} aria-describedby="account-name-hint"
          onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="button" data-kind="primary" disabled={!ready}>
          {say("account.save")}
        </button>
      </div>
      <p className="hint" id="account-name-hint">
        {say("account.name_hint")} <Status state={state} />
      </p>
    </form>
  );
}

export function LanguageField({ viewer, saving, onSave }) {
  const say = useWords();
  const mounted = useMounted();
  const { shown, save, state } = useField(viewer.language, saving, onSave);
  return (
    <div className="field">
      <label htmlFor="account-language">{say("account.language_label")}</label>
      <div className="field-line">
        <select id="account-language" className="input" value={shown}
          onChange={(event) => save("language", event.target.value)}>
          <option value="">
            {say("account.language_auto", { name: mounted ? browserLanguage() : "…" })}
          </option>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code} lang={code}>{name}</option>
          ))}
        </select>
        <Status state={state} />
      </div>
    </div>
  );
}
