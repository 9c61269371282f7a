/** The places within the page, each with an address of its own that can be kept and sent on. */
export type Place =
  | { at: 'live' }
  | { at: 'rollout'; id: string }
  | { at: 'figures' }
  | { at: 'start' }
  | { at: 'ledger'; app: string; environment: string }
  | { at: 'nowhere' };

export function placeOf(pathname: string): Place {
  const parts = pathname.split('/').filter((part) => part !== '');
  const [base, what = '', ...rest] = parts.map(decode);
  if (base === undefined) return { at: 'live' };
  if (base !== 'dashboard') return { at: 'nowhere' };
  const [first, second, third] = rest;
  if (what === '' && first === undefined) return { at: 'live' };
  if (what === 'rollouts' && first !== undefined && second === undefined) return { at: 'rollout', id: first };
  if (what === 'ledger' && first !== undefined && second !== undefined && third === undefined)
    return { at: 'ledger', app: first, environment: second };
  if ((what === 'figures' || what === 'start') && first === undefined) return { at: what };
  return { at: 'nowhere' };
}

export function addressOf(place: Exclude<Place, { at: 'nowhere' }>): string {
  switch (place.at) {
    case 'live':
      return '/';
    case 'rollout':
      return `/dashboard/rollouts/${encodeURIComponent(place.id)}`;
    case 'ledger':
      return `/dashboard/ledger/${encodeURIComponent(place.app)}/${encodeURIComponent(place.environment)}`;
    default:
      return `/dashboard/${place.at}`;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
