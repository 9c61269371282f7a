import { setTimeout } from 'node:timers/promises';
import { DefaultAzureCredential } from '@azure/identity';
import { armAppControl } from '../../src/azure/app-control-arm';
import { scmPackagePush } from '../../src/azure/package-push-scm';
import { siteOfResourceId } from '../../src/domain/adoption';
import { appContract, type AppWorld } from './app.contract';

const id = process.env['SLIPWAY_TEST_SLOT'] ?? '';
const site = siteOfResourceId(id);
if (!site) throw new Error('SLIPWAY_TEST_SLOT names no slot of a function app: npm run test:azure says how it is written.');
const access = { credential: new DefaultAzureCredential(), armEndpoint: 'https://management.azure.com' };
const push = scmPackagePush(access);
const control = armAppControl({ ...access, contentOf: push.contentOf, digestAt: () => undefined });

const until: AppWorld['until'] = async (read, so) => {
  for (;;) {
    const value = await read();
    if (so(value)) return value;
    // Azure sets the pace here, and counts what is read.
    await setTimeout(10_000);
  }
};

appContract('a function app of a subscription', () => ({ target: { ...site, slot: id.split('/').at(-1) ?? '' }, control, push, until }));
