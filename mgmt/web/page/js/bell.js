// The bell in the tool bar: how many alarms are active, on every page.
import { get } from './api.js';
import { drawn, element } from './dom.js';
import { follow } from './live.js';

const shape = 'M8 1a1 1 0 0 0-1 1v.3A4.5 4.5 0 0 0 3.5 6.7V10L2 12v.5h12V12l-1.5-2V6.7A4.5 4.5 0 0 0 9 2.3V2' +
              'a1 1 0 0 0-1-1zM6.5 13.5a1.5 1.5 0 0 0 3 0z';

export function bell() {
  const count = element('span');
  const node = element('a', { class: 'tool bell', id: 'bell', href: '#/alarms', 'aria-label': 'Active alarms' },
    drawn('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' },
          drawn('path', { d: shape, fill: 'currentColor' })), count);
  const look = async () => {
    const page = await get('alarms/active?limit=1', { background: true });
    const active = page?.total ?? 0;
    count.textContent = String(active);
    node.classList.toggle('needed', active > 0);
    node.setAttribute('aria-label', `${active === 0 ? 'No' : active} active alarm${active === 1 ? '' : 's'}`);
  };
  // As long as the page stands; where the first look finds nobody, the next one shows the count.
  follow(['alarm'], look, new AbortController().signal).catch(() => {});
  return node;
}
