import { randomBytes } from 'node:crypto';
import type { AppControl } from '../../src/azure/app-control';
import type { PackagePush } from '../../src/azure/package-push';
import type { Target } from '../../src/domain/settings';
import { plainApp } from '../local-azure/cloud';

export interface AppWorld {
  target: Target;
  control: AppControl;
  push: PackagePush;
  /** Reads again until it is so. */
  until<T>(read: () => Promise<T>, so: (value: T) => boolean): Promise<T>;
}

/** What a function app with a slot holds, local or real. It is written to, pushed to and swapped. */
export function appContract(name: string, open: () => AppWorld): void {
  describe(`an app: ${name}`, () => {
    const id = `r-${randomBytes(4).toString('hex')}`;

    it('is read with its slot, and has none of another name', async () => {
      const { control, target } = open();
      expect(await control.readFacts(target)).toMatchObject({ slotExists: true, preparedForSwap: false, operationInProgress: false });
      expect((await control.readFacts({ ...target, slot: 'nowhere' })).slotExists).toBe(false);
    });

    it('takes settings, and is written to only where one changes', async () => {
      const { control, target } = open();
      const write = { SLIPWAY_TEST: id };
      expect(await control.writeSlotSettings(target, { reset: [], write })).toEqual({ changed: true });
      expect(await control.writeSlotSettings(target, { reset: [], write })).toEqual({ changed: false });
      expect(await control.writeSlotSettings(target, { reset: ['SLIPWAY_TEST'], write: {} })).toEqual({ changed: true });
      expect(await control.writeSlotSettings(target, { reset: ['SLIPWAY_TEST'], write: {} })).toEqual({ changed: false });
    });

    it('takes a package, and production has marker and content of the slot after a swap', async () => {
      const { control, push, target, until } = open();
      const [marker, message] = [`${id}.0123456789ab`, `${id}.1`];
      await control.writeSlotSettings(target, { reset: [], write: { SLIPWAY_MARKER: marker } });
      await until(
        () => push.isReady(target),
        (isReady) => isReady,
      );
      expect(await push.readDeployment(target, message)).toEqual({ kind: 'missing' });
      expect(await push.push(target, await plainApp('2.0.0'), message)).toMatchObject({ kind: 'accepted' });
      const deployment = await until(
        () => push.readDeployment(target, message),
        ({ kind }) => kind === 'succeeded' || kind === 'failed',
      );
      expect(deployment).toEqual({ kind: 'succeeded' });
      const before = await control.readSlots(target);
      expect(before.staging).toMatchObject({ marker, content: { kind: 'read', message } });

      expect(await control.postSwap(target)).toEqual({ kind: 'accepted' });
      const after = await until(
        () => control.readSlots(target),
        ({ production, staging }) => !production.operationInProgress && !staging.operationInProgress,
      );
      expect(after.production).toMatchObject({ marker, content: before.staging.content });
      expect(after.staging.content).toEqual(before.production.content);
    });
  });
}
