import { openLocations } from './arm/locations';
import { armRoutes } from './arm/routes';
import { slotLimit } from './arm/site-resource';
import { openCertificates } from './certificates';
import { chatPaths, chatRoutes } from './chat/routes';
import { maxTopicBytes, topicRoutes } from './eventgrid/routes';
import { identityRoutes } from './identity/routes';
import { itsmPeople, openItsm } from './itsm/open';
import { inboxRoutes } from './inbox/routes';
import { mailRoutes, maxMailBytes } from './mail/routes';
import { openDesk } from './message-desk';
import { maxEventBytes, pagerRoutes } from './pager/routes';
import { noSuchSlot, openPlatform, type Platform } from './platform';
import { scmRoutes } from './scm/routes';
import { grantsOf, sitesOf } from './snapshot';
import { openServers, type Servers } from './servers';
import { production, type Slot } from './sites';
import { frontDoor } from './slots/front-door';
import { packageUrlOf } from './slots/package-url';
import type { LocalAzure, LocalAzureOptions, MessageAddresses, SiteSpec } from './types';
import { webhookRoutes } from './webhook/routes';

const maxPackageBytes = 1024 * 1024 * 1024;

/** Starts the local Azure, or goes on with the one whose state is in the directory: sites, settings, deployments, mails, a swap that was running. */
export async function startLocalAzure(options: LocalAzureOptions): Promise<LocalAzure> {
  const platform = openPlatform(options);
  const { sites, swaps, deployments, schedule } = platform;
  const certificates = await openCertificates(platform.store, options.directory);
  const servers = openServers(platform.store, platform.clock, certificates, platform.log);
  // The sites first: the resource manager says where they are as soon as it answers.
  for (const site of sites.sites.all()) await openSite(platform, servers, site.name);
  const addresses = await openServices(platform, servers);
  await platform.slots.startAll();
  deployments.resume();
  swaps.resume();
  const createSite = siteMaker(platform, servers);
  return {
    ...addresses,
    access: platform.access,
    ...scenario(platform),
    itsmPeople: itsmPeople(platform),
    caFile: certificates.caFile,
    movedPorts: servers.moved(),
    createSite,
    async createFromSnapshot(snapshot, { principalId, ...changes }) {
      for (const spec of sitesOf(snapshot, changes)) await createSite(spec);
      platform.access.grant(grantsOf(snapshot, principalId, changes.name));
    },
    async stop() {
      await schedule.stop();
      await platform.slots.stop();
      await servers.stop();
      platform.store.close();
    },
  };
}

/** Does nothing where a site of this name exists. */
function siteMaker(platform: Platform, servers: Servers): LocalAzure['createSite'] {
  const { sites, slots, deployments, schedule } = platform;
  return async (spec) => {
    if (sites.find(spec.name)) return;
    checkSpec(spec);
    const packages = [{ name: production, package: spec.package }, ...spec.slots];
    // All at once, or a kill in between would leave a site whose packages nobody brings any more.
    const bring = platform.store.together(() => {
      sites.create(spec, schedule.now());
      return packages.flatMap(({ name, package: zip }) => (zip ? [deployments.receive(slotOf(platform, spec.name, name), zip)] : []));
    });
    await openSite(platform, servers, spec.name);
    for (const finish of bring) await finish();
    for (const slot of sites.slotsOf(spec.name)) if (packageUrlOf(slot) !== undefined) await slots.restart(slot);
  };
}

/** What listens once, whatever sites there are. */
async function openServices(
  platform: Platform,
  servers: Servers,
): Promise<Pick<LocalAzure, 'armUrl' | 'identity' | 'mail' | 'messaging' | 'itsm' | 'inboxUrl'>> {
  const { tokens, secret } = platform;
  const header = secret('identity-header');
  const accessKey = secret('mail-access-key', 'base64');
  const identity = await servers.listen('identity', identityRoutes(tokens, header), { tls: false });
  const own = { armUrl: '', mailUrl: '' };
  const arm = armRoutes({ ...platform, locations: openLocations(secret('locations')), armUrl: () => own.armUrl });
  own.armUrl = (await servers.listen('arm', arm, { tls: true })).url;
  const mail = mailRoutes({ ...platform, desk: openDesk(platform), accessKey, endpoint: () => own.mailUrl });
  own.mailUrl = (await servers.listen('mail', mail, { tls: true, maxBodyBytes: maxMailBytes })).url;
  const inbox = await servers.listen('inbox', inboxRoutes(platform), { tls: false });
  return {
    armUrl: own.armUrl,
    identity: { endpoint: `${identity.url}/msi/token`, header },
    mail: { endpoint: own.mailUrl, accessKey },
    messaging: await openMessaging(platform, servers),
    itsm: await openItsm(platform, servers, inbox.url),
    inboxUrl: `${inbox.url}/`,
  };
}

/** Services that take messages. */
async function openMessaging(platform: Platform, servers: Servers): Promise<MessageAddresses> {
  const { secret } = platform;
  const desk = openDesk(platform);
  const paths = chatPaths(secret);
  const chat = await servers.listen('chat', chatRoutes(desk, paths), { tls: false });
  const signingKey = `whsec_${secret('webhook-secret', 'base64')}`;
  const webhook = await servers.listen('webhook', webhookRoutes(desk, signingKey), { tls: false });
  const routingKey = secret('pagerduty-key').slice(0, 32);
  const pager = await servers.listen('pager', pagerRoutes(desk, routingKey), { tls: false, maxBodyBytes: maxEventBytes });
  const topicKey = secret('eventgrid-key', 'base64');
  const topic = await servers.listen('eventgrid', topicRoutes(desk, topicKey), { tls: false, maxBodyBytes: maxTopicBytes });
  return {
    slackUrl: chat.url + paths.slack,
    teamsUrl: chat.url + paths.teams,
    chimeUrl: chat.url + paths.chime,
    pagerduty: { endpoint: pager.url, routingKey },
    webhook: { url: `${webhook.url}/hooks/slipway`, secret: signingKey },
    eventgrid: { url: `${topic.url}/api/events`, key: topicKey },
  };
}

/** A front door and an SCM site for each slot, on ports of their own: on one address of this computer names can't tell them apart. */
async function openSite(platform: Platform, servers: Servers, site: string): Promise<void> {
  for (const { name } of platform.sites.slotsOf(site)) {
    const front = await servers.listen(`${site}/${name} site`, frontDoor(site, name, platform), { tls: false });
    const scm = await servers.listen(`${site}/${name} scm`, scmRoutes(site, name, platform), { tls: true, maxBodyBytes: maxPackageBytes });
    platform.doors.put(site, name, { front, scm });
  }
}

/** What a scenario reads and stirs. */
function scenario(
  platform: Platform,
): Pick<LocalAzure, 'siteUrl' | 'scmUrl' | 'sites' | 'faults' | 'strangerPushes' | 'strangerSwaps' | 'receipts' | 'mails' | 'messages'> {
  const { sites, swaps, doors, faults, deployments, receipts, mails, messages } = platform;
  return {
    siteUrl: (site, slot = production) => doors.of(site, slot).front.url,
    scmUrl: (site, slot = production) => doors.of(site, slot).scm.url,
    sites: () =>
      sites.sites
        .all()
        .flatMap((site) => sites.slotsOf(site.name))
        .map(({ site, name }) => ({ name: site, slot: name, url: doors.of(site, name).front.url, scmUrl: doors.of(site, name).scm.url })),
    faults,
    strangerPushes: async (site, slotName, zip) => deployments.receive(slotOf(platform, site, slotName), zip)(),
    async strangerSwaps(site, slotName) {
      const slot = slotOf(platform, site, slotName);
      await swaps.ended(swaps.begin(slot.site, slot.name, production, 'stranger').id);
    },
    receipts: () => ({
      ...receipts.read(),
      swaps: swaps
        .all()
        .map(({ id, site, source, target, by, phases, outcome }) => ({ operationId: id, site, source, target, by, phases, outcome })),
    }),
    mails: () => mails.all(),
    messages: () => messages.all(),
  };
}

function slotOf({ sites }: Platform, site: string, slot: string): Slot {
  const found = sites.slot(site, slot);
  if (!found) throw noSuchSlot(site, slot);
  return found;
}

function checkSpec(spec: SiteSpec): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/.test(spec.name)) {
    throw new Error(`'${spec.name}' is no name for a site: 2 to 60 letters, digits and hyphens, none of them a hyphen at either end.`);
  }
  const limit = slotLimit({ ...spec, stickyNames: null });
  if (spec.slots.length > limit) {
    throw new Error(`A plan of size ${spec.planSku} has room for ${limit} slots besides production, not for ${spec.slots.length}.`);
  }
}
