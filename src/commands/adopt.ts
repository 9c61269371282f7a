import type { Ports } from '../azure/ports';
import { problem, type InputProblem } from '../domain/problems';
import { siteOfResourceId, writeAdoption, type Adoption } from '../domain/adoption';
import { examineTarget, problemOfTarget } from './examine';

export type Adopted = { kind: 'adopted'; adoption: Adoption } | { kind: 'refused'; problem: InputProblem };

/** Reads a function app that is there, its slots, plan and settings, and writes what slipway.yaml would say of it. Nothing is changed. */
export function createAdopt(ports: Pick<Ports, 'settings' | 'appControl' | 'packagePush'>): (resource: string) => Promise<Adopted> {
  return async (resource) => {
    const site = siteOfResourceId(resource);
    if (!site) return { kind: 'refused', problem: problem('invalid-resource') };
    try {
      const slots = await ports.appControl.listSlots(site);
      // Without a slot the preflight says so by the usual name.
      const slot = slots.find((name) => name.toLowerCase() === 'staging') ?? slots[0] ?? null;
      const { findings } = await examineTarget(ports, { ...site, slot: slot ?? 'staging' });
      const yaml = writeAdoption({ site, slots, slot, findings, usual: ports.settings.azure });
      return { kind: 'adopted', adoption: { resource, yaml, slot, findings } };
    } catch (error) {
      return { kind: 'refused', problem: problemOfTarget(error) };
    }
  };
}
