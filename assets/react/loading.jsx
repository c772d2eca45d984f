// What stands in place of rows that are not there yet, or could not be loaded.
import { Icon } from "./icon.jsx";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

export function Trouble({ retry, ...trouble }) {
  const say = useWords();
  const { text, reference } = useTrouble()(trouble);
  return (
    <div className="trouble" role="alert">
      <Icon name="alert" />
      <div>
        {text}
        {reference && <small>{reference}</small>}
      </div>
      <button type="button" className="button" onClick={() => retry()}>{say("frame.retry")}</button>
    </div>
  );
}

export const BoneRow = ({ width = 60 }) => (
  <div className="bones">
    <span className="bone" />
    <div>
      <span className="bone" style={{ width: `${width}%` }} />
      <span className="bone" style={{ width: `${width * 0.7}%` }} />
    </div>
  </div>
);

export const Bones = () => {
  const say = useWords();
  return (
    <div className="feed-frame feed-bones" role="status" aria-busy="true" aria-label={say("list.loading")}>
      <div className="day"><span className="bone" /></div>
      {[72, 56, 80, 64, 48, 70].map((width, i) => <BoneRow key={i} width={width} />)}
    </div>
  );
};
