/** The contract suites that also run against a real subscription, and the variables that name what each may read and write there. */

interface Variable {
  name: string;
  form: RegExp;
  what: string;
}

interface Suite {
  name: string;
  file: string;
  variables: readonly Variable[];
}

const endpoint = /^https:\/\/[^\s/]+\/?$/;
const address = /^[^\s@]+@[^\s@]+$/;

const suites: readonly Suite[] = [
  {
    name: 'rows',
    file: 'test/azure/rows.azure.test.ts',
    variables: [
      { name: 'SLIPWAY_TEST_STORAGE', form: /^[a-z0-9]{3,24}$/, what: 'a storage account, where a table is made and deleted again' },
    ],
  },
  {
    name: 'app control and package push',
    file: 'test/azure/app.azure.test.ts',
    variables: [
      {
        name: 'SLIPWAY_TEST_SLOT',
        form: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Web\/sites\/[^/]+\/slots\/[^/]+$/i,
        what: 'the resource id of a slot of a function app made for this: it is written to, pushed to and swapped into production',
      },
    ],
  },
  {
    name: 'mail',
    file: 'test/mail/mail.azure.test.ts',
    variables: [
      { name: 'SLIPWAY_TEST_MAIL_ENDPOINT', form: endpoint, what: 'the https endpoint of a Communication Services resource' },
      { name: 'SLIPWAY_TEST_MAIL_SENDER', form: address, what: 'a sender of a mail domain connected to it' },
      { name: 'SLIPWAY_TEST_MAIL_TO', form: address, what: 'who gets one mail' },
    ],
  },
];

export interface SuitePlan {
  files: string[];
  /** One of each suite that is left out, and what to set. */
  skipped: string[];
  /** Variables that are set and hold something else. */
  mistakes: string[];
}

/** A suite runs where all its variables are set. */
export function planSuites(environment: Readonly<Record<string, string | undefined>>): SuitePlan {
  const valueOf = ({ name }: Variable): string => environment[name] ?? '';
  const plan: SuitePlan = { files: [], skipped: [], mistakes: [] };
  for (const { name, file, variables } of suites) {
    const missing = variables.filter((one) => valueOf(one) === '');
    const wrong = variables.filter((one) => valueOf(one) !== '' && !one.form.test(valueOf(one)));
    plan.mistakes.push(...wrong.map((one) => `${one.name} is not of its form: it names ${one.what}.`));
    if (missing.length > 0) plan.skipped.push(`Skipped: ${name}. Set ${missing.map((one) => `${one.name} (${one.what})`).join(', ')}.`);
    else plan.files.push(file);
  }
  return plan;
}
