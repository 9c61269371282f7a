import { createHash } from 'node:crypto';
import type { Collection, Store } from '../store';
import { groupMembers, mayMove, stageOf, type Person } from './servicenow-model';

/** A row of change_request. Columns are text, as the database has them. */
export interface ChangeRecord {
  sys_id: string;
  number: string;
  columns: Record<string, string>;
  workNotes: JournalEntry[];
  /** An ACL of theirs keeps it, and who approves it, from Slipway's user. */
  isHidden?: true;
}

export interface ApprovalRecord {
  sys_id: string;
  sysapproval: string;
  approver: Person;
  state: 'requested' | 'approved' | 'rejected' | 'cancelled' | 'not_required';
  comments: JournalEntry[];
  /** Absent in what an older local Azure kept. */
  createdAtMs?: number;
  updatedAtMs: number;
}

export interface JournalEntry {
  atMs: number;
  by: string;
  text: string;
}

export interface ServiceNowRecords {
  changes: Collection<ChangeRecord>;
  approvals: Collection<ApprovalRecord>;
  byNumber(number: string): ChangeRecord;
  create(columns: Record<string, string>, by: string): ChangeRecord;
  /** Writes columns and, if there is one, a note. A `state` has been judged before. */
  update(change: ChangeRecord, columns: Record<string, string>, by: string, note?: string): ChangeRecord;
  approvalsOf(change: ChangeRecord): ApprovalRecord[];
  /** Slipway's user may not read it any more. */
  hide(number: string): void;
  /** One approver of those who are asked answers; the first of them unless named. */
  answer(number: string, state: 'approved' | 'rejected', options?: { by?: string; comment?: string }): void;
}

export const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** As long as those of ServiceNow; the nth of its kind always has the same. */
const idOf = (kind: string, n: number): string => createHash('sha256').update(`${kind} ${n}`).digest('hex').slice(0, 32);

/** Kept with the rest of the state. */
export function openServiceNow(store: Store, now: () => number): ServiceNowRecords {
  const changes = store.collection<ChangeRecord>('servicenow-change');
  const approvals = store.collection<ApprovalRecord>('servicenow-approval');
  const approvalsOf = (change: ChangeRecord): ApprovalRecord[] =>
    approvals.all().filter(({ sysapproval }) => sysapproval === change.sys_id);
  const close = (change: ChangeRecord, state: 'cancelled' | 'not_required'): void => {
    for (const one of approvalsOf(change)) if (one.state === 'requested') approvals.put(one.sys_id, { ...one, state, updatedAtMs: now() });
  };

  function byNumber(number: string): ChangeRecord {
    const found = changes.all().find((one) => one.number === number);
    if (!found) throw new Error(`ServiceNow of the local Azure has no change request ${number}.`);
    return found;
  }

  function update(change: ChangeRecord, columns: Record<string, string>, by: string, note?: string): ChangeRecord {
    return store.together(() => {
      const at = now();
      const moved = columns['state'] !== undefined && columns['state'] !== change.columns['state'];
      const next: ChangeRecord = {
        ...change,
        columns: { ...change.columns, ...columns, sys_updated_on: stamp(at), sys_updated_by: by },
        workNotes: note === undefined || note === '' ? change.workNotes : [...change.workNotes, { atMs: at, by, text: note }],
      };
      changes.put(change.sys_id, next);
      return moved ? entered(next) : next;
    });
  }

  /** What the flow of the change type does when a change comes into a state. */
  function entered(change: ChangeRecord): ChangeRecord {
    const { state = '' } = change.columns;
    const stage = stageOf(state);
    if (stage) {
      for (const approver of groupMembers[stage]) {
        const sys_id = idOf('approval', approvals.all().length);
        const made = { createdAtMs: now(), updatedAtMs: now() };
        approvals.put(sys_id, { sys_id, sysapproval: change.sys_id, approver, state: 'requested', comments: [], ...made });
      }
      return put(change, { approval: 'requested' });
    }
    if (state === '-5' || state === '4') close(change, 'cancelled');
    return state === '-5' && change.columns['approval'] !== 'rejected' ? put(change, { approval: 'not requested' }) : change;
  }

  function put(change: ChangeRecord, columns: Record<string, string>): ChangeRecord {
    const next = { ...change, columns: { ...change.columns, ...columns } };
    changes.put(change.sys_id, next);
    return next;
  }

  return {
    changes,
    approvals,
    byNumber,
    approvalsOf,
    update,
    create(columns, by) {
      const at = stamp(now());
      const number = `CHG${String(30_001 + changes.all().length).padStart(7, '0')}`;
      const usual = { type: 'normal', state: '-5', approval: 'not requested', on_hold: 'false' };
      const made = { sys_created_on: at, sys_created_by: by, sys_updated_on: at, sys_updated_by: by };
      const change: ChangeRecord = {
        sys_id: idOf('change', changes.all().length),
        number,
        columns: { ...usual, ...columns, ...made },
        workNotes: [],
      };
      changes.put(change.sys_id, change);
      return change;
    },
    hide(number) {
      const change = byNumber(number);
      changes.put(change.sys_id, { ...change, isHidden: true });
    },
    answer(number, state, { by, comment = '' } = {}) {
      store.together(() => {
        const change = byNumber(number);
        const asked = approvalsOf(change).find((one) => one.state === 'requested' && (by === undefined || one.approver.email === by));
        if (!asked) throw new Error(`Nobody ${by === undefined ? '' : `called ${by} `}is asked to approve ${number}.`);
        const { approver } = asked;
        const comments = comment === '' ? [] : [{ atMs: now(), by: approver.name, text: comment }];
        approvals.put(asked.sys_id, { ...asked, state, comments, updatedAtMs: now() });
        close(change, state === 'approved' ? 'not_required' : 'cancelled');
        // A rejected change goes back to New; an approved one goes on by itself.
        if (state === 'rejected') update(put(change, { approval: 'rejected' }), { state: '-5' }, approver.user);
        else if (change.columns['state'] === '-4') update(change, { state: '-3' }, approver.user);
        else update(change, { state: '-2', approval: 'approved' }, approver.user);
      });
    },
  };
}

/** Whoever works in ServiceNow's own pages is bound by the same state model. */
export function moveByHand(records: ServiceNowRecords, number: string, state: string, by: Person, note: string): void {
  const change = records.byNumber(number);
  if (!mayMove(change.columns['type'] ?? '', change.columns['state'] ?? '', state))
    throw new Error(`${number} can't be moved from ${change.columns['state']} to ${state}.`);
  records.update(change, { state }, by.user, note);
}
