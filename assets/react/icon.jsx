// An icon of the page's sprite (ui/components/icons.py).
export const Icon = ({ name }) => (
  <svg className="icon" aria-hidden="true"><use href={`#icon-${name}`} /></svg>
);
