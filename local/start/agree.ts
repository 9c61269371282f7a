import { existsSync } from 'node:fs';
import { openDatabase } from '../host/database';
import { rolloutKey } from '../../src/domain/tables';
import type { RolloutRow } from '../../src/domain/rollout';
import { tableRows } from '../../src/azure/rows-tables';
import type { Folder } from './folder';
import { announcementFile, type Announcement } from './release';

/**
 * Rows (in Azurite), orchestrations (slipway.db) and the local Azure (azure/) are kept apart, as they are in Azure, but one is worth nothing
 * without the others. Answers what is missing, as sentences; none where all is there or nothing has been yet.
 */
export async function whatIsMissing(folder: Folder, storage: string): Promise<string[]> {
  const rows = await tableRows({ kind: 'connection-string', text: storage }).everywhere<RolloutRow>(rolloutKey);
  const announced = folder.read<Announcement>(announcementFile);
  const database = folder.at('slipway.db');
  return missing({
    rollouts: rows.map(({ value }) => ({ id: value.id, round: value.round })),
    stories: existsSync(database) ? storiesIn(database) : [],
    announcedId: announced?.rolloutId,
    hasInstances: existsSync(database),
    hasAzure: existsSync(folder.at('azure')),
    folder: folder.shown,
  });
}

/** How far each story of a rollout has come, by the state that the embedded host keeps: it is written after the rows of its round. */
function storiesIn(file: string): Story[] {
  const database = openDatabase(file);
  try {
    const found = database.prepare("SELECT id, custom_status AS status FROM instances WHERE name = 'rollout'").all();
    return (found as { id: string; status: string | null }[]).map(({ id, status }) => {
      const { round } = JSON.parse(status ?? '{}') as { round?: number };
      return { id, round: round ?? 0 };
    });
  } finally {
    database.close();
  }
}

interface Story {
  id: string;
  /** The last wait it came to. */
  round: number;
}

export function missing(found: {
  rollouts: Story[];
  stories: Story[];
  announcedId: string | undefined;
  hasInstances: boolean;
  hasAzure: boolean;
  folder: string;
}): string[] {
  const { rollouts, stories, announcedId, hasInstances, hasAzure, folder } = found;
  const rolloutIds = rollouts.map(({ id }) => id);
  const count = `${rolloutIds.length} rollout${rolloutIds.length === 1 ? '' : 's'}`;
  const sentences: string[] = [];
  if (rolloutIds.length > 0 && !hasInstances)
    sentences.push(`The rows of ${count} are there, but ${folder}/slipway.db, which holds their orchestrations, is gone.`);
  if (rolloutIds.length > 0 && !hasAzure)
    sentences.push(`The rows of ${count} are there, but ${folder}/azure/, which holds the apps they went to, is gone.`);
  if (announcedId !== undefined && !rolloutIds.includes(announcedId))
    sentences.push(`Rollout ${announcedId} was begun, but its rows are not in Azurite's data (${folder}/azurite/).`);
  for (const story of stories) {
    const row = rollouts.find(({ id }) => id === story.id);
    if (!row)
      sentences.push(`The orchestration of rollout ${story.id} is there, but its rows are not in Azurite's data (${folder}/azurite/).`);
    else if (row.round < story.round)
      sentences.push(
        `The rows of rollout ${story.id} are older than its orchestration (round ${row.round}, not ${story.round}): Azurite was killed before it had written them.`,
      );
  }
  return sentences;
}
