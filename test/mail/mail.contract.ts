import { randomUUID } from 'node:crypto';
import type { MailSender } from '../../src/azure/mail';

/** What a mail service holds, local or real: one mail arrives. */
export function mailContract(name: string, open: () => { mail: MailSender; to: string }): void {
  describe(`mail: ${name}`, () => {
    it('takes a message, and under the same id once more', async () => {
      const { mail, to } = open();
      const message = { to, subject: 'Test of Slipway', html: '<p>This is a test.</p>', text: 'This is a test.', headers: {} };
      const id = randomUUID();
      expect(await mail.send(message, id)).toEqual({ kind: 'sent' });
      expect(await mail.send(message, id)).toEqual({ kind: 'sent' });
    });
  });
}
