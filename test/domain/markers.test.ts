import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holdsTheSame, provesContent, pushMessage, sameContent, sayContent, type Content } from '../../src/domain/live';
import { digestOfMarker, markerOf, rolloutOfMarker } from '../../src/domain/release';
import { isBeforeSwap, phases } from '../../src/domain/rollout';
import { rolloutIdOf } from '../../src/domain/rollout-id';
import * as tables from '../../src/domain/tables';
import { content, digest, slot } from './generated';

const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const id = fc
  .record({ version: fc.string(), key: fc.string() })
  .map(({ version, key }) => rolloutIdOf('hello', 'production', version, key));
const read = (message: string): Content => ({ kind: 'read', deploymentId: 'd1', message });

describe('a marker', () => {
  it('names the rollout that staged the slot', () => {
    fc.assert(fc.property(id, sha256, (rolloutId, whole) => expect(rolloutOfMarker(markerOf(rolloutId, whole))).toBe(rolloutId)));
  });

  it('is not found in texts that are none', () => {
    for (const text of [
      '',
      'hello',
      '.0123456789ab',
      'a.0123456789a',
      'a.0123456789abc',
      'a.0123456789AB',
      'a b.0123456789ab',
      'a.0123456789ab\n',
    ])
      expect(rolloutOfMarker(text)).toBeUndefined();
  });
});

describe('the content proof', () => {
  it('is the message of any push of that very rollout', () => {
    fc.assert(
      fc.property(id, id, fc.nat(), (one, other, push) => {
        expect(provesContent(read(pushMessage(one, push)), one, digest('a'))).toBe(true);
        expect(provesContent(read(pushMessage(other, push)), one, digest('a'))).toBe(one === other);
        expect(provesContent(read(pushMessage(`${one}-x`, push)), one, digest('a'))).toBe(false);
        expect(provesContent(read(pushMessage(one, push)), `${one}-x`, digest('a'))).toBe(false);
      }),
    );
  });

  it('is nothing else that a slot may say of itself', () => {
    for (const message of ['', 'a', 'a.', 'a.x', 'a.1x', 'a.1.1', 'ab.1', 'A.1', ' a.1', 'a.-1'])
      expect(provesContent(read(message), 'a', digest('a'))).toBe(false);
    for (const other of [{ kind: 'unreadable' }, { kind: 'empty' }, { kind: 'other-package', urlHash: digest('a') }] as const)
      expect(provesContent(other, 'a', digest('a'))).toBe(false);
  });

  it('is, of a package by URL, its digest, as a whole or as a marker has it', () => {
    fc.assert(
      fc.property(id, sha256, sha256, (rolloutId, one, other) => {
        const named: Content = { kind: 'package', sha256: one };
        expect(provesContent(named, rolloutId, one)).toBe(true);
        expect(provesContent(named, rolloutId, digestOfMarker(markerOf(rolloutId, one)))).toBe(true);
        expect(provesContent(named, rolloutId, other)).toBe(one === other);
        expect(provesContent(named, rolloutId, digestOfMarker('no marker'))).toBe(false);
      }),
    );
  });

  it('is said in a few words, with nothing of a foreign address', () => {
    expect(sayContent(read('r.1'))).toBe('deployment "r.1"');
    expect(sayContent({ kind: 'package', sha256: digest('a') })).toBe('package aaaaaaaaaaaa');
    expect(sayContent({ kind: 'other-package', urlHash: digest('f') })).not.toContain('fff');
    expect(sayContent({ kind: 'empty' })).toBe('no deployment');
    expect(sayContent({ kind: 'unreadable' })).toBe('no readable deployment');
  });
});

describe('two slots', () => {
  it('hold the same content only when both could be read, and then as each sees the other', () => {
    fc.assert(
      fc.property(content, content, (a, b) => {
        expect(sameContent(a, a)).toBe(a.kind !== 'unreadable');
        expect(sameContent(a, b)).toBe(sameContent(b, a));
        if (sameContent(a, b)) expect(a).toEqual(b);
      }),
    );
  });

  it('hold the same only with the same marker, whatever else differs', () => {
    fc.assert(
      fc.property(slot, slot, (a, b) => {
        expect(holdsTheSame(a, { ...b, content: a.content })).toBe(a.marker === b.marker && a.content.kind !== 'unreadable');
        expect(holdsTheSame(a, { ...b, marker: a.marker })).toBe(sameContent(a.content, b.content));
      }),
    );
  });
});

describe('the phases', () => {
  it('lead up to the swap, from which on a cancel comes too late', () => {
    expect(phases.filter(isBeforeSwap)).toEqual(['queued', 'planning', 'announcing', 'staging', 'proving', 'asking']);
  });
});

describe('names of rows and partitions', () => {
  const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);

  it('hold nothing that Tables refuse, whatever text they are made of', () => {
    fc.assert(
      fc.property(name, fc.string({ unit: 'binary' }), (gate, text) => {
        const keys = [tables.gateKey(gate), tables.decisionKey(gate, text), tables.keyPartition(text), tables.ledgerIdKey(text)];
        for (const key of keys) expect(key).toMatch(/^[\w.-]{1,200}$/);
      }),
    );
  });

  it('are one for an approver however the address is written, and others for others', () => {
    fc.assert(
      fc.property(name, fc.emailAddress(), fc.emailAddress(), (gate, one, other) => {
        expect(tables.decisionKey(gate, one.toUpperCase())).toBe(tables.decisionKey(gate, one));
        const isSame = tables.decisionKey(gate, one) === tables.decisionKey(gate, other);
        expect(isSame).toBe(one.toLowerCase() === other.toLowerCase());
      }),
    );
  });

  it('keep lanes apart: no name holds the dot between app and environment', () => {
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        expect(tables.lanePartition(a, b) === tables.lanePartition(c, d)).toBe(a === c && b === d);
      }),
    );
  });

  it('sort a ledger’s entries by number', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(tables.ledgerEntryKey(a) < tables.ledgerEntryKey(b)).toBe(a < b);
      }),
    );
  });

  it('keep what lies in one partition apart', () => {
    const rows = [
      tables.rolloutKey,
      tables.sourceKey,
      tables.releaseSettingsKey,
      tables.gateKey('1'),
      tables.pushKey(1),
      tables.swapKey(1),
      tables.noticeKey('1'),
      tables.decisionKey('1', ''),
    ];
    expect(new Set(rows).size).toBe(rows.length);
    expect(new Set([tables.laneKey, tables.ledgerHeadKey, tables.ledgerEntryKey(1), tables.ledgerIdKey('1')]).size).toBe(4);
  });
});
