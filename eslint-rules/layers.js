'use strict';

/**
 * Which file may import which: imports point one way, so that what is judged (domain) knows nothing of what is done, and the same code runs
 * on a laptop and in Azure. Used by the lint rule and by test/structure.test.ts.
 */

/** Each layer of src/ may import its own files and those of the layers named here. Files directly in src/ put everything together. */
const layers = {
  domain: [],
  azure: ['domain'],
  channels: ['domain', 'azure'],
  gates: ['domain', 'azure'],
  activities: ['domain', 'azure', 'channels', 'gates'],
  orchestrators: ['domain', 'azure', 'channels', 'gates', 'activities'],
  commands: ['domain', 'azure', 'channels', 'gates', 'activities', 'orchestrators'],
  triggers: ['domain', 'azure', 'channels', 'gates', 'activities', 'orchestrators', 'commands', 'dashboard'],
  client: ['domain'],
  cli: ['domain', 'client'],
  dashboard: ['domain', 'client'],
};

/** What each part of local/ may import besides itself. The host is to run any app, so it knows neither Slipway nor our Azure. */
const localParts = {
  host: [],
  azure: ['local/host'],
  start: ['local/host', 'local/azure', 'src'],
};

const areaOf = (file) => file.split('/').slice(0, 2).join('/');
const layerOf = (file) => (file.split('/').length > 2 ? file.split('/')[1] : 'root');

/** Files of activities/ that orchestrators may import as values: names, no effects. */
const catalogues = ['src/activities/catalogue', 'src/activities/activity'];

/**
 * A sentence that says why `from` must not import `to`, or undefined where it may. Paths are relative to the repository with `/`;
 * `typeOnly`: the import vanishes when compiled.
 */
function whyNot(from, to, typeOnly = false) {
  if (from.startsWith('src/')) {
    if (to.startsWith('local/')) return 'src/ must run without the laptop: it imports nothing from local/.';
    if (to.startsWith('test/')) return 'src/ imports nothing from test/.';
    if (!to.startsWith('src/')) return undefined;
    const [own, other] = [layerOf(from), layerOf(to)];
    if (own === 'root' || own === other) return undefined;
    if (other === 'root') return `Files directly in src/ put everything together; ${own}/ must not know them.`;
    const below = layers[own];
    if (below === undefined) return `src/${own}/ is no layer of this design; put the file where its kind belongs.`;
    if (!below.includes(other))
      return `Imports point one way: ${own}/ may import ${below.join(', ') || 'nothing else'}, and ${other}/ is not below it.`;
    if (own === 'orchestrators' && other === 'activities' && !typeOnly && !catalogues.some((name) => to.startsWith(name)))
      return 'Orchestrators import types from activities/, and names from its catalogue: an activity runs elsewhere.';
    return undefined;
  }
  if (from.startsWith('local/') && /^(?:local|src|test)\//.test(to)) {
    const own = from.split('/')[1];
    const allowed = localParts[own] ?? [];
    if (areaOf(to) === `local/${own}` || allowed.some((name) => to === name || to.startsWith(`${name}/`))) return undefined;
    return `local/${own}/ may import ${allowed.join(', ') || 'nothing outside itself'}, not ${areaOf(to)}/.`;
  }
  return undefined;
}

module.exports = { layers, whyNot };
