import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { membersPage } from './durable-members';

/** Writes local/host/MEMBERS.md. Runs from dist/scripts. */
const root = path.resolve(__dirname, '../..');
writeFileSync(path.join(root, 'local/host/MEMBERS.md'), membersPage(root));
