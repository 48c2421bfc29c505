// Elements of the document, made in one expression.

/**
 * An element. `properties` are those of the element, beside these: `class`, `dataset` and names
 * with a dash, which are attributes; `on` has its listeners by event. A value of null or undefined
 * is left out, and so are such children.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    } else if (name === 'dataset') {
      Object.assign(made.dataset, value);
    } else if (name === 'class') {
      made.className = value;
    } else if (name.includes('-') || name === 'role' || name === 'for') {
      made.setAttribute(name, value);
    } else {
      made[name] = value;
    }
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** An element of a drawing; `properties` are attributes. */
export function drawn(tag, properties = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children.flat());
  return made;
}

let lastId = 0;

/** A fresh id for an element that another one refers to. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** Draws what is in `node` anew; the focus stays where it was in it, as far as that is still there. */
export function redraw(node, ...children) {
  const inside = () => [...node.querySelectorAll('a, button, summary')];
  const held = inside().indexOf(document.activeElement);
  node.replaceChildren(...children.flat());
  if (held >= 0) inside()[held]?.focus({ preventScroll: true });
}

/** A button with a text. */
export function button(text, listener, properties = {}) {
  return element('button', { type: 'button', class: 'btn btn-outline-secondary', ...properties,
                             on: { click: listener } }, text);
}
