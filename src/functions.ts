import { composePorts } from './compose';
import { registerEverything } from './registrations';

registerEverything(composePorts(process.env));
