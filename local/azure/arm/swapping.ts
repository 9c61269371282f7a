import { jsonObject, type Answer, type Asked } from '../servers';
import { placeOf, settingsAfterSwap, type Slot } from '../sites';
import { webAnswer, webError } from './errors';
import { faultySwap, type NoteSwap } from './faulty-swap';
import type { ArmParts, Place } from './operation';
import { siteResource, slotId } from './site-resource';
import { applySettings, takeBack, type SwapOperation } from './swap';

type Target = { kind: 'found'; target: Slot } | { kind: 'refused'; answer: Answer };

async function targetOf(asked: Asked, { site, slot }: Place, parts: ArmParts): Promise<Target> {
  const refused = (message: string): Target => ({ kind: 'refused', answer: webAnswer(webError.badRequest(message)) });
  const body = await jsonObject(asked);
  const name = body?.['targetSlot'];
  if (typeof name !== 'string' || name === '') return refused('The request body is invalid: targetSlot is missing.');
  if (typeof body?.['preserveVnet'] !== 'boolean') return refused('The request body is invalid: preserveVnet is missing.');
  if (name.toLowerCase() === slot.name.toLowerCase()) return refused('Source and target slots are the same.');
  const target = parts.sites.slot(site.name, name);
  return target ? { kind: 'found', target } : { kind: 'refused', answer: webAnswer(webError.slotNotFound(name)) };
}

/**
 * Begins a swap. There is no If-Match and no key: the same POST after the swap swaps back.
 * https://learn.microsoft.com/azure/app-service/deploy-staging-slots ("To return to the preswapped state, do another swap").
 */
export async function swap(asked: Asked, place: Place, parts: ArmParts): Promise<Answer> {
  const { site, slot } = place;
  const found = await targetOf(asked, place, parts);
  const target = found.kind === 'found' ? found.target.name : '';
  const note = (answer: Answer, operation: SwapOperation | undefined): Answer => {
    parts.receipts.swapPost({
      atMs: parts.schedule.now(),
      site: site.name,
      source: slot.name,
      target,
      answered: answer.status,
      operationId: operation?.id ?? null,
    });
    return answer;
  };
  if (found.kind === 'refused') return note(found.answer, undefined);
  const running = parts.swaps.running(site.name);
  if (running) return note(webAnswer(webError.otherOperation(running.id, running.createdMs, running.source)), undefined);
  // Begun and noted at once: a kill in between would leave a swap that nobody seems to have asked for.
  return parts.swapParts.store.together(() => faultySwap(place, found.target, parts, note) ?? begin(place, found.target, parts, note));
}

function begin({ site, slot }: Place, target: Slot, parts: ArmParts, note: NoteSwap): Answer {
  if (parts.faults.strike('stranger-swaps-first', placeOf(slot))) parts.swaps.apply(site.name, slot.name, target.name, 'stranger');
  const operation = parts.swaps.begin(site.name, slot.name, target.name, 'arm');
  return note({ status: 202, headers: runningHeaders(`${slotId(site, slot)}/operationresults/${operation.id}`, parts) }, operation);
}

const runningHeaders = (path: string, parts: ArmParts): Record<string, string> => ({
  location: parts.locations.sign(`${parts.armUrl()}${path}?api-version=2025-05-01`),
  'retry-after': String(parts.pace.swapRetryAfterSeconds),
});

/** 202 with another Location each time, until the slot's resource, or the error of the swap, is the answer. */
export function operationResult(asked: Asked, { site, slot, hosts }: Place, parts: ArmParts): Answer {
  const id = asked.url.pathname.split('/').at(-1) ?? '';
  const operation = parts.swaps.get(id);
  const here = operation?.site === site.name && operation.source === slot.name;
  if (!operation || !here || !parts.locations.isSigned(asked.url)) {
    return webAnswer({ status: 404, code: 'NotFound', message: `Operation '${id}' was not found.`, extendedCode: '51004' });
  }
  if (operation.outcome === 'running')
    return { status: 202, headers: runningHeaders(`${slotId(site, slot)}/operationresults/${id}`, parts) };
  return operation.error ? webAnswer(operation.error) : { status: 200, body: siteResource(site, slot, hosts) };
}

export async function preview(asked: Asked, place: Place, parts: ArmParts): Promise<Answer> {
  const found = await targetOf(asked, place, parts);
  if (found.kind === 'refused') return found.answer;
  if (place.slot.targetSwapSlot !== null) return webAnswer(webError.prepared());
  await applySettings(parts.swapParts, { source: place.slot, target: found.target }, { targetSwapSlot: found.target.name });
  return { status: 200 };
}

export async function endPreview(_: Asked, { slot }: Place, parts: ArmParts): Promise<Answer> {
  await takeBack(parts.swapParts, slot);
  return { status: 200 };
}

/** What the target's settings would be after a swap, compared with what they are. Values are secrets, in Azure's answer too. */
export async function listDifferences(asked: Asked, place: Place, parts: ArmParts): Promise<Answer> {
  const { site, slot } = place;
  const found = await targetOf(asked, place, parts);
  if (found.kind === 'refused') return found.answer;
  const now = found.target.settings;
  const after = settingsAfterSwap(site, slot, found.target);
  const names = [...new Set([...Object.keys(now), ...Object.keys(after)])].filter((name) => now[name] !== after[name]);
  const value = names.map((name) => ({
    id: `${slotId(site, slot)}/slotsdiffs/${name}`,
    name,
    type: 'Microsoft.Web/sites/slots',
    location: site.location,
    properties: {
      level: after[name] === undefined ? 'Warning' : 'Information',
      settingType: 'AppSetting',
      diffRule:
        after[name] === undefined ? 'SettingsWillBeMissing' : now[name] === undefined ? 'SettingsWillBeAdded' : 'SettingsWillBeModified',
      settingName: name,
      valueInCurrentSlot: slot.settings[name] ?? null,
      valueInTargetSlot: now[name] ?? null,
      description: `App setting '${name}' of '${found.target.name}' will ${after[name] === undefined ? 'be missing' : 'change'} after the swap.`,
    },
  }));
  return { status: 200, body: { value, nextLink: null } };
}
