import { describe, expect, it } from '@jest/globals';
import { applySight } from '../../src/domain/service-gate';
import { sayRequest, waitedFor } from '../../src/domain/waited-for';
import { opened } from '../mail/world';
import { asked, petra, waiting } from './service-gates';

const gates = [
  { name: 'change', approvers: ['ServiceNow (acme.service-now.com)'], needed: 1 },
  { name: 'release', approvers: ['Ann@example.com', 'ben@example.com'], needed: 1 },
];
const [change, release] = gates;

describe('who is waited for', () => {
  const row = waiting();
  const approved = applySight(row, asked, { kind: 'approved', by: [petra] }, opened)!;
  const doubtful = applySight(approved, asked, { kind: 'unknown', why: 'does not answer' }, opened)!;

  it('are those of each gate who have not answered, however their names are written', () => {
    expect(waitedFor(gates, { decisions: [] })).toEqual(gates);
    expect(waitedFor(gates, row.ask!)).toEqual([change, { ...release, approvers: ['ben@example.com'] }]);
  });

  it('is no service that answered, whoever it names', () => {
    expect(waitedFor(gates, approved.ask!).map(({ name }) => name)).toEqual(['release']);
  });

  it('is a service again whose yes nobody can vouch for now', () => {
    expect(waitedFor(gates, doubtful.ask!).map(({ name }) => name)).toEqual(['change', 'release']);
  });
});

describe('what was heard of a request', () => {
  it('begins with what the service calls it, or else with its gate', () => {
    expect(sayRequest({ gate: 'change', number: 'CHG0030001', says: 'is in Assess' })).toBe('CHG0030001 is in Assess');
    expect(sayRequest({ gate: 'change', says: 'was not made yet' })).toBe('the request of gate change was not made yet');
  });
});
