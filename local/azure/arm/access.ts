import type { Store } from '../store';

/** A role given to Slipway's identity: what it may do, and where that and everything below it begins. */
export interface Grant {
  scope: string;
  /** As in a role definition: `*` stands for anything. */
  actions: string[];
  notActions: string[];
}

export interface Access {
  /** From here on only what is granted is allowed; undefined: everything is, as before anybody said otherwise. */
  grant(grants: Grant[] | undefined): void;
  granted(): Grant[] | undefined;
  allows(action: string, scope: string): boolean;
}

export function openAccess(store: Store): Access {
  const kept = store.collection<{ grants: Grant[] }>('access');
  const granted = (): Grant[] | undefined => kept.get('own')?.grants;
  return {
    grant: (grants) => (grants ? kept.put('own', { grants }) : kept.remove('own')),
    granted,
    allows(action, scope) {
      const grants = granted();
      return (
        grants === undefined ||
        grants.some((each) => isWithin(scope, each.scope) && covers(each.actions, action) && !covers(each.notActions, action))
      );
    },
  };
}

const isWithin = (scope: string, outer: string): boolean =>
  `${scope}/`.toLowerCase().startsWith(`${outer.replace(/\/$/, '')}/`.toLowerCase());

const covers = (patterns: string[], action: string): boolean =>
  patterns.some((pattern) => new RegExp(`^${pattern.split('*').map(escape).join('.*')}$`, 'i').test(action));

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const verbs: Record<string, string> = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };

/**
 * The action that ARM asks for, and the resource it asks it on: the types in the path, then read for GET, write for PUT and PATCH, delete for
 * DELETE; a POST names its own (`…/config/appsettings/list` is `Microsoft.Web/sites/config/list/action`). Source: "Azure custom roles" and
 * "Azure resource provider operations" on Microsoft Learn, whose names are made so. Undefined: the path names no resource.
 */
export function actionOf(method: string, pathname: string): { action: string; scope: string } | undefined {
  const match = /^(.*\/providers\/)([^/]+)\/(.+)$/i.exec(pathname.replace(/\/$/, ''));
  const verb = method === 'POST' ? 'action' : verbs[method];
  if (!match || verb === undefined) return undefined;
  const [, before = '', namespace = '', rest = ''] = match;
  const parts = rest.split('/');
  const types = parts.filter((_, n) => n % 2 === 0);
  const resource = method === 'POST' || parts.length % 2 === 1 ? parts.slice(0, -1) : parts;
  return { action: [namespace, ...types, verb].join('/'), scope: [`${before}${namespace}`, ...resource].join('/') };
}
