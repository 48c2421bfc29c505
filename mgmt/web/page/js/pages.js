// The pages that are not made of the catalogue alone, a row each: where it stands in the menu, and
// the module that shows it. A module is loaded when its page is opened.
//
// A module exports `show(context)`, which returns the page's element and may return a promise of
// it. The context has `name` and `title` of the row, `path`, the parts of the address behind the
// page's name, `query`, and `signal`, which aborts when the page is left.

/** @type {{name: string, place: string, title: string, load: () => Promise<any>}[]} */
export const pages = [
  { name: 'overview', place: 'Monitor > Overview', title: 'Overview',
    load: () => import('./monitor/overview.js') },
  { name: 'alarms', place: 'Monitor > Summary > Active Alarms', title: 'Active Alarms',
    load: () => import('./monitor/alarms.js') },
  { name: 'alarms-history', place: 'Monitor > Summary > Alarms History', title: 'Alarms History',
    load: () => import('./monitor/alarms.js') },
  { name: 'charts', place: 'Monitor > Performance Monitoring > Charts', title: 'Charts',
    load: () => import('./monitor/charts.js') },
  { name: 'registrations', place: 'Monitor > VoIP Status > Registration Status',
    title: 'Registration Status', load: () => import('./monitor/registrations.js') },
  { name: 'proxy-sets', place: 'Monitor > VoIP Status > Proxy Sets Status',
    title: 'Proxy Sets Status', load: () => import('./monitor/proxy_sets.js') },
  { name: 'trace', place: 'Troubleshoot > Debug > Registration Trace', title: 'Registration Trace',
    load: () => import('./troubleshoot/trace.js') },
  { name: 'sip-trace', place: 'Troubleshoot > Debug > SIP Trace', title: 'SIP Trace',
    load: () => import('./troubleshoot/sip_trace.js') },
  { name: 'log', place: 'Troubleshoot > Logging > Log', title: 'Log',
    load: () => import('./troubleshoot/log.js') },
  { name: 'configuration-file', place: 'Setup > Administration > Maintenance > Configuration File',
    title: 'Configuration File', load: () => import('./maintenance/configuration_file.js') },
  { name: 'debug-file', place: 'Troubleshoot > Debug > Debug File', title: 'Debug File',
    load: () => import('./maintenance/debug_file.js') },
];
