import { DefaultAzureCredential } from '@azure/identity';
import { communicationMail } from '../../src/azure/mail';
import { mailContract } from './mail.contract';

const valueOf = (name: string): string => process.env[name] ?? '';

mailContract('Communication Services', () => ({
  mail: communicationMail({
    endpoint: valueOf('SLIPWAY_TEST_MAIL_ENDPOINT'),
    sender: valueOf('SLIPWAY_TEST_MAIL_SENDER'),
    credential: new DefaultAzureCredential(),
  }),
  to: valueOf('SLIPWAY_TEST_MAIL_TO'),
}));
