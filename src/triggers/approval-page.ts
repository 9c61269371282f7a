import type { DecideAnswer } from '../commands/decide';
import type { Approval, ApprovalQuestion, Instead, LinkRefusal } from '../commands/read-approval';
import { escapeHtml, oneLine } from '../domain/escape-html';
import { checksInShort, foremostFacts } from '../domain/notice-model';
import type { DecisionRecord, Intent } from '../domain/rollout';
import { sayTime } from '../domain/say';

/** What the page says and with which HTTP status. */
export interface ApprovalPage {
  status: number;
  /** State and subject, on one line. */
  title: string;
  /** Sentences: what happened, why, what to do next. */
  sentences: string[];
  /** The question to put, with its form. */
  question?: ApprovalQuestion;
}

/** Both forms of answer have these kinds; a question is only read. */
export type Answered = Approval | DecideAnswer;

const closed = 'You can close this page.';

/** `isPost`: somebody tried to decide, so a late answer is a conflict and not a page like any other. */
export function pageOf(answer: Answered, isPost: boolean, question?: ApprovalQuestion): ApprovalPage {
  const asking = question === undefined ? {} : { question };
  switch (answer.kind) {
    case 'question':
      return { status: 200, title: answer.notice.headline, sentences: [answer.notice.sentence], question: answer };
    case 'decided':
      return decidedPage(answer);
    case 'needs-code':
      return {
        status: 400,
        title: 'The code is missing',
        sentences: ['Nothing was decided. The code stands in the mail below the button: type it and answer again.'],
        ...asking,
      };
    case 'needs-comment':
      return {
        status: 400,
        title: 'A no needs a reason',
        sentences: ['Nothing was decided. Write why into the comment: whoever asked for the rollout reads it. Then answer again.'],
        ...asking,
      };
    case 'asked-for-it':
      return {
        status: 403,
        title: 'Somebody else has to answer',
        sentences: [
          `Nothing was decided. ${answer.signedInAs.join(', ')} asked for this rollout, and policy wants another to answer.`,
          closed,
        ],
      };
    case 'wrong-code':
      return {
        status: 403,
        title: 'That is not the code',
        sentences: [`Nothing was decided. Look at the code in the newest mail and type it again; ${tries(answer.left)}`],
        ...asking,
      };
    case 'needs-sign-in':
      return {
        status: 401,
        title: answer.signedInAs.length === 0 ? 'Nobody is signed in' : 'Somebody else is signed in',
        sentences: [
          `Nothing was decided. ${answer.approver} is asked${answer.signedInAs.length === 0 ? '' : `, and ${answer.signedInAs.join(', ')} is signed in`}.`,
          `Sign in as ${answer.approver} with the link below, then answer.`,
        ],
        ...asking,
      };
    case 'locked':
      return {
        status: 429,
        title: 'This mail is locked',
        sentences: [
          'Too many wrong codes were given, and nothing was decided.',
          'A new mail with a new link and a new code is on its way: answer from that one.',
        ],
      };
    default:
      return insteadPage(answer, isPost);
  }
}

function insteadPage(answer: Instead, isPost: boolean): ApprovalPage {
  switch (answer.kind) {
    case 'already-decided':
      return {
        status: isPost ? 409 : 200,
        title: `Answered already: ${answer.journey}`,
        sentences: [saidSentence(answer.decision), answer.held ?? '', `Nothing is left to answer here. ${closed}`],
      };
    case 'ended':
      return {
        status: 410,
        title: `Ended: ${answer.journey}`,
        sentences: [answer.ending.reason, answer.ending.serves, answer.ending.next],
      };
    case 'withdrawn':
      return {
        status: 410,
        title: `No longer asked: ${answer.journey}`,
        sentences: [intentSentence(answer.intent), `Your answer is not needed any more. ${closed}`],
      };
    case 'expired':
      return {
        status: 410,
        title: `Expired: ${answer.journey}`,
        sentences: [
          `The time to answer ended at ${sayTime(answer.at)}, so the rollout ends and production stays as it is.`,
          'Ask for it to be rolled out again if it is still wanted.',
        ],
      };
    case 'not-asked':
      return {
        status: 404,
        title: 'Nothing is asked here',
        sentences: ['The rollout that this link names is not known, or asks nobody now.', 'Open the newest mail about it.'],
      };
    case 'link-refused':
      return refusals[answer.why];
  }
}

const tries = (left: number): string =>
  left === 1 ? 'one more wrong one locks this mail.' : `after ${left} more wrong ones this mail is locked.`;

const decidedPage = ({ decision: { answer }, journey, held }: Extract<Answered, { kind: 'decided' }>): ApprovalPage => {
  const then =
    answer === 'yes'
      ? (held ?? 'Slipway goes on by itself as soon as it has every yes that policy asks for.')
      : 'The rollout ends, and production stays as it is.';
  return { status: 200, title: `You said ${answer}: ${journey}`, sentences: [then, closed] };
};

const saidSentence = ({ approver, answer, at, comment }: DecisionRecord): string =>
  `${approver} said ${answer} at ${sayTime(at)}${comment === undefined ? '.' : `: “${comment}”`}`;

const intentSentence = ({ kind, by, reason, at }: Intent): string =>
  kind === 'supersede' ? `A newer release took its place at ${sayTime(at)}: ${reason}` : `${by} cancelled it at ${sayTime(at)}: ${reason}`;

const damaged: ApprovalPage = {
  status: 400,
  title: 'This link is damaged',
  sentences: ['It is not one that Slipway wrote, or a part of it is missing.', 'Open the link in the mail again, whole.'],
};
const forged: ApprovalPage = {
  status: 403,
  title: 'This link is not valid',
  sentences: ['Its signature does not hold, so nobody can answer by it.', 'Open the link in the mail again, whole.'],
};

const refusals: Record<LinkRefusal, ApprovalPage> = {
  malformed: damaged,
  'wrong-algorithm': forged,
  'bad-signature': forged,
  'unknown-key': {
    status: 403,
    title: 'This link can’t be checked any more',
    sentences: [
      'The key it was signed with is no longer kept.',
      'Ask whoever runs Slipway to put the older key back beside the new one, or start the rollout again.',
    ],
  },
  'not-an-approver': {
    status: 403,
    title: 'You are no longer asked',
    sentences: ['The person this mail went to is not among those who may answer.', closed],
  },
  'newer-mail': {
    status: 410,
    title: 'A newer mail has taken the place of this one',
    sentences: ['This link no longer counts.', 'Answer from the newest mail about this rollout.'],
  },
  'other-digest': {
    status: 409,
    title: 'This link asks about another package',
    sentences: ['What would go to production is not what this mail was about.', 'Answer from the newest mail about this rollout.'],
  },
};

/** Copies the code out of the fragment, which no server sees, at the moment a person presses a button. It never submits. */
const script = `for (const button of document.querySelectorAll('button[name=answer]'))
  button.addEventListener('click', () => {
    const field = document.getElementById('code');
    if (field.value === '') field.value = location.hash.slice(1);
  });`;

const style = `:root{color-scheme:light dark}
body{margin:0 auto;max-width:40rem;padding:1rem;font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
h1{font-size:1.35rem;line-height:1.3;margin:.5rem 0}
h2{font-size:1rem;margin:1.5rem 0 .25rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;overflow-wrap:anywhere}
th{font-weight:400;opacity:.75;width:11rem;overflow-wrap:normal}
@media (max-width:30rem){th{width:7rem}}
label{display:block;margin:.8rem 0 .2rem}
input,textarea,button{font:inherit;box-sizing:border-box;max-width:100%}
input,textarea{width:100%;padding:.5rem}
input{font-family:ui-monospace,Consolas,monospace;letter-spacing:.1em;max-width:16rem}
.answers{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}
.answers button{padding:.8rem 1.4rem;border:2px solid;border-radius:6px;background:transparent;cursor:pointer}
.answers button[value=yes]{background:#1a56b0;border-color:#1a56b0;color:#fff;font-weight:600}
.quiet{opacity:.75}`;

/** The whole page. `nonce` is the one of its content security policy; `comment` is kept where an answer has to be given again. */
export function renderApprovalPage(page: ApprovalPage, nonce: string, comment = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(oneLine(page.title))}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(oneLine(page.title))}</h1>
${page.sentences
  .filter((sentence) => sentence !== '')
  .map((sentence) => `<p>${escapeHtml(sentence)}</p>`)
  .join('\n')}
${page.question ? questionPart(page.question, { nonce, comment, isAgain: page.status !== 200 }) : ''}
</main>
</body>
</html>
`;
}

/** What the person shows that the answer is theirs: a code in the form, or a sign-in that the platform keeps in a cookie. */
function proofPart({ proof, approver, isGroup, path }: ApprovalQuestion): string {
  if (proof === 'entra') {
    // The platform's own page (App Service authentication) brings the person back here.
    const address = `/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(path)}`;
    return `<p>Your answer counts while you are signed in as ${isGroup ? 'a member of the group that is asked at ' : ''}${escapeHtml(approver)}. <a href="${escapeHtml(address)}">Sign in</a></p>`;
  }
  return `<label for="code">Code from the mail</label>
<input id="code" name="code"${proof === 'code' ? ' required' : ''} maxlength="40" autocapitalize="characters" spellcheck="false">`;
}

/** With a link that brings its code along, typing one is the exception, kept out of the way until it is needed (`isAgain`). */
function questionPart(
  question: ApprovalQuestion,
  { nonce, comment, isAgain }: { nonce: string; comment: string; isAgain: boolean },
): string {
  const { notice, approver, expiresAt, proof } = question;
  const isForemost = ({ name }: { name: string }) => foremostFacts.includes(name);
  return `${table('', [...notice.facts.filter(isForemost), { name: 'Checks', value: checksInShort(notice.checks) }])}
<p>Asked of ${escapeHtml(approver)}. It expires at <time datetime="${escapeHtml(expiresAt)}">${escapeHtml(sayTime(expiresAt))}</time>.</p>
<form method="post" autocomplete="off">
<button type="submit" disabled hidden aria-hidden="true"></button>
${proof === 'link' ? '' : proofPart(question)}
<div class="answers"><button name="answer" value="yes">Yes, go on</button><button name="answer" value="no">No, stop it</button></div>
${proof === 'link' ? `<details${isAgain ? ' open' : ''}><summary>The page says that the code is missing?</summary>${proofPart(question)}</details>` : ''}
<label for="comment">Comment: a no needs one, a yes may have one</label>
<textarea id="comment" name="comment" rows="2" maxlength="1000">${escapeHtml(comment)}</textarea>
</form>
${table(
  'Checks',
  notice.checks.map(({ name, verdict, seen }) => ({ name, value: `${verdict}: ${seen}` })),
)}
${table(
  'Evidence',
  notice.facts.filter((fact) => !isForemost(fact)),
)}
${list('What Slipway did so far', notice.did)}
${proof === 'link' ? `<script nonce="${nonce}">${script}</script>` : ''}`;
}

const title2 = (title: string): string => (title === '' ? '' : `<h2>${escapeHtml(title)}</h2>`);

function table(title: string, facts: { name: string; value: string }[]): string {
  if (facts.length === 0) return '';
  const rows = facts.map(({ name, value }) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`);
  return `${title2(title)}<table>${rows.join('')}</table>`;
}

const list = (title: string, items: string[]): string =>
  items.length === 0 ? '' : `${title2(title)}<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
