import { rowsContract } from './rows.contract';
import { rowsInMemory } from './rows-in-memory';

rowsContract('in memory', rowsInMemory);
