/**
 * Faults that somebody could build in, one each: what is changed where (`before` stands in the file exactly once), and which test of which file must then
 * fail. A promise whose mutant lives is a promise that nothing holds.
 */
export const mutants = [
  {
    name: 'a swap is posted though the slots are not as before',
    edits: [
      {
        file: 'src/activities/post-swap.ts',
        before: "if (may !== 'yes') return",
        after: "if (may === 'nothing') return",
      },
    ],
    tests: 'test/activities/guards.test.ts',
    mustFail: 'a swap is not posted when staging holds something else by now',
  },
  {
    name: 'a swap is posted twice',
    edits: [
      {
        file: 'src/activities/post-swap.ts',
        before: "if (await ports.rows.read(rolloutId, swapKey(attempt))) return { kind: 'unknown', code: 'posted-before' };",
        after: '',
      },
      {
        file: 'src/activities/post-swap.ts',
        before: "if (first.kind === 'conflict') return { kind: 'unknown', code: 'posted-before' };",
        after: '',
      },
    ],
    tests: 'test/activities/guards.test.ts',
    mustFail: 'a swap is posted once by attempt',
  },
  {
    name: 'a second attempt without the settle time',
    edits: [
      {
        file: 'src/orchestrators/swap.ts',
        before: 'isDue(story, asBeforeSinceMs + enoughSeconds * 1000 + 1000)',
        after: 'isDue(story, asBeforeSinceMs + 0 * enoughSeconds)',
      },
    ],
    tests: 'test/scenarios/swapping.test.ts',
    mustFail: 'posted a second time, after the settle time',
  },
  {
    name: 'reading the link decides',
    edits: [
      {
        file: 'src/triggers/approval.http.ts',
        before: "        return show(pageOf(await read(token), false), '', request.method === 'HEAD');",
        after:
          "        return show(pageOf(await decide({ token, code: '', answer: 'yes', comment: '', signedInAs: [] }, instances(context)), false), '', request.method === 'HEAD');",
      },
      { file: 'src/commands/decide.ts', before: "if (normalCode(answering.code) === '') return { kind: 'needs-code' };", after: '' },
      {
        file: 'src/commands/decide.ts',
        before: 'if (!codeMatches(ports.linkKeys, found.keyId, found.subject, answering.code))',
        after: "if (normalCode(answering.code) !== '' && !codeMatches(ports.linkKeys, found.keyId, found.subject, answering.code))",
      },
    ],
    tests: 'test/triggers/approval.test.ts',
    mustFail: 'shows one question with two buttons and the evidence, and changes nothing',
  },
  {
    name: 'a decision without its code',
    edits: [
      {
        file: 'src/commands/decide.ts',
        before: 'if (!codeMatches(ports.linkKeys, found.keyId, found.subject, answering.code))',
        after: 'if (false && !codeMatches(ports.linkKeys, found.keyId, found.subject, answering.code))',
      },
    ],
    tests: 'test/gates/decide.test.ts',
    mustFail: 'a code that is wrong ten times locks the mail',
  },
  {
    name: 'an event is believed without a row',
    edits: [
      {
        file: 'src/orchestrators/ask.ts',
        before: '  let [reminded, escalated] = [0, 0];',
        after: '  let [reminded, escalated, dueMs] = [0, 0, 0];',
      },
      {
        file: 'src/orchestrators/ask.ts',
        before: "if (verdict === 'granted') return settled(undefined);",
        after: "if (verdict === 'granted' || (verdict === 'waiting' && nowMs(story) < dueMs - 1000)) return settled(undefined);",
      },
      {
        file: 'src/orchestrators/ask.ts',
        before: "return { kind: 'again', atMs: Math.min(next, byTime[escalated]?.atMs ?? next, pollMs) };",
        after: "dueMs = Math.min(next, byTime[escalated]?.atMs ?? next, pollMs);\n    return { kind: 'again', atMs: dueMs };",
      },
      // The last look before the swap asks the rows once more: it has to believe the story as well.
      {
        file: 'src/activities/grant-swap.ts',
        before: "if (row.ask?.state === 'open' && (row.ask.held || row.ask.reopened === undefined)) return { kind: 'held' };",
        after: '',
      },
      { file: 'src/activities/grant-swap.ts', before: 'if (!standingKept(', after: "if (row.ask?.state !== 'open' && !standingKept(" },
      {
        file: 'src/activities/grant-swap.ts',
        before: "row.intent || row.ending || row.ask?.state !== 'granted' ||",
        after: 'row.intent || row.ending ||',
      },
    ],
    tests: 'test/scenarios/asking.test.ts',
    mustFail: 'an event raised with the host.s own key approves nothing',
  },
  {
    name: 'an expiry that is not written by ETag',
    edits: [
      {
        file: 'src/activities/look-at-ask.ts',
        before: "if (verdict !== 'waiting' && verdict !== 'held') return { ...row, ask: { ...bare, state: verdict } };",
        after: "if (verdict !== 'waiting' && verdict !== 'held') return undefined;",
      },
    ],
    tests: 'test/activities/races.test.ts',
    mustFail: 'an ask that expires is not expired where an answer was written',
  },
  {
    name: 'a newcomer stages before its turn',
    edits: [
      {
        file: 'src/domain/lane.ts',
        before: "if (lane.state === 'free' && older.length === 0) {",
        after: "if (lane.state !== 'blocked' && older.length === 0) {",
      },
    ],
    tests: 'test/domain/lane.test.ts',
    mustFail: 'changes hands only when its holder leaves',
  },
  {
    name: 'an act under a turn that is over',
    edits: [
      {
        file: 'src/azure/rollout-rows.ts',
        before: "if (lane?.value.state !== 'held' || lane.value.holder !== row.id || lane.value.epoch !== epoch)",
        after: "if (lane?.value.state !== 'held' || lane.value.holder !== row.id || lane.value.epoch < epoch)",
      },
    ],
    tests: 'test/activities/races.test.ts',
    mustFail: 'an act is refused under an earlier turn of the same rollout',
  },
  {
    name: "a notice's id by chance",
    edits: [
      {
        file: 'src/domain/notice-model.ts',
        before: "const hash = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);",
        after: "const hash = createHash('sha1').update(namespace).update(`${name}${Math.random()}`, 'utf8').digest().subarray(0, 16);",
      },
    ],
    tests: 'test/mail/deliver.test.ts',
    mustFail: 'asks each approver who has not decided, once',
  },
  {
    name: 'the marker is read, and the content proof is not',
    edits: [
      {
        file: 'src/domain/judge-swap.ts',
        before: "return sameContent(production.content, expected.content) ? 'ours' : 'not-ours';",
        after: "return 'ours';",
      },
    ],
    tests: 'test/scenarios/asking.test.ts',
    mustFail: 'a package that a stranger pushes to staging at the gate never reaches production',
  },
  {
    name: 'the digest is not checked',
    edits: [
      {
        file: 'src/azure/packages-blob.ts',
        before: "if (fetched.sha256 !== sha256) return { kind: 'wrong-digest', found: fetched.sha256 };",
        after: '',
      },
    ],
    tests: 'test/azure/packages.test.ts',
    mustFail: 'names the digest it found',
  },
  {
    name: "the ledger's head is written without a condition",
    edits: [
      {
        file: 'src/azure/ledger.ts',
        before: "? { kind: 'replace', partition, row: ledgerHeadKey, value: next, etag: head.etag }",
        after:
          "? { kind: 'replace', partition, row: ledgerHeadKey, value: next, etag: (await ports.rows.read(partition, ledgerHeadKey))?.etag ?? '' }",
      },
      {
        file: 'src/azure/ledger.ts',
        before: "{ kind: 'insert', partition, row: ledgerEntryKey(entry.number), value: entry },",
        after: "{ kind: 'insert', partition, row: `${ledgerEntryKey(entry.number)}${deed.id}`, value: entry },",
      },
    ],
    tests: 'test/activities/races.test.ts',
    mustFail: 'the ledger is one chain whoever writes to it at once',
  },
  {
    name: 'the rows are written after the start',
    edits: [
      {
        file: 'src/azure/admit-rollout.ts',
        before: '  const partition = keyPartition(admission.key);',
        after:
          "  await instances.start('rollout', admission.row.id, { rolloutId: admission.row.id });\n  const partition = keyPartition(admission.key);",
      },
    ],
    tests: 'test/front-door/commands.test.ts',
    mustFail: 'a redelivery completes what a crash left',
  },
  {
    name: 'a rollout is found only after its rows are there',
    edits: [
      { file: 'src/azure/admit-rollout.ts', before: '  await noteOpen(ports, id);\n', after: '' },
      {
        file: 'src/azure/admit-rollout.ts',
        before: "  return (await ports.rows.write(changes)).kind === 'written';",
        after: "  const { kind } = await ports.rows.write(changes);\n  await noteOpen(ports, id);\n  return kind === 'written';",
      },
    ],
    tests: 'test/front-door/commands.test.ts',
    mustFail: 'a redelivery completes what a crash left',
  },
  {
    name: 'a rollout is let go before it is among those that ended',
    edits: [
      {
        file: 'src/azure/rollout-index.ts',
        before: "  const ended = { kind: 'insert', row: endedKey(",
        after:
          "  await rows.write([{ kind: 'delete', partition: openPartition, row: openKey(row.id) }]);\n  const ended = { kind: 'insert', row: endedKey(",
      },
    ],
    tests: 'test/azure/rollout-index.test.ts',
    mustFail: 'is let go only once it is found among the ended ones',
  },
  {
    name: 'a rollout is let go while a notice of it waits',
    edits: [{ file: 'src/commands/watch-over.ts', before: 'if (isTold && isQuiet(', after: 'if (isQuiet(' }],
    tests: 'test/commands/watch-over.test.ts',
    mustFail: 'not before each of its notices was sent or given up',
  },
  {
    name: 'the round is written after reading',
    edits: [
      {
        file: 'src/activities/look-at-ask.ts',
        before: '    await openRound(ports, rolloutId, round);\n',
        after: '',
      },
      {
        file: 'src/activities/look-at-ask.ts',
        before: '    await recordDecisions(ports, row);\n    const { verdict',
        after: '    await recordDecisions(ports, row);\n    await openRound(ports, rolloutId, round);\n    const { verdict',
      },
    ],
    tests: 'test/activities/races.test.ts',
    mustFail: 'a round is open before anything is read for it',
  },
  {
    name: 'a swap back when the state is what broke',
    edits: [
      {
        file: 'src/orchestrators/watch.ts',
        before: "if (seen.kind === 'state-breach') {",
        after:
          "if (seen.kind === 'state-breach') return endings.healthBreach('its marker is gone');\n    if (seen.kind === 'state-breach') {",
      },
    ],
    tests: 'test/scenarios/swapping.test.ts',
    mustFail: 'a stranger who swaps back during the watch is seen; Slipway posts nothing',
  },
  {
    name: 'triggers are switched off by settings that travel',
    edits: [{ file: 'src/azure/app-control-arm.ts', before: 'await makeSticky(client, target, Object.keys(settings));', after: '' }],
    tests: 'test/azure/app-control.test.ts',
    mustFail: 'makes names sticky',
  },
  {
    name: 'whoever starts an instance tells the story too',
    edits: [
      {
        file: 'src/activities/begin-rollout.ts',
        before: "if (row.starter !== starter || row.ending) return { kind: 'elsewhere' };",
        after: "if (row.ending) return { kind: 'elsewhere' };",
      },
    ],
    tests: 'test/activities/races.test.ts',
    mustFail: 'is told by the instance that claimed it first',
  },
  {
    name: 'a change in the millisecond of the opening is not seen',
    edits: [{ file: 'src/domain/rollout.ts', before: 'Date.parse(roundOpenedAt) + 1)', after: 'Date.parse(roundOpenedAt))' }],
    tests: 'test/gates/decide.test.ts',
    mustFail: 'in the millisecond in which the round opened',
  },
  {
    name: "today's policy is not asked before the swap",
    edits: [
      {
        file: 'src/activities/grant-swap.ts',
        before: 'gatesToday(asked, gatesFor(policy, row), row)',
        after: 'gatesToday(asked, plan.gates, row)',
      },
    ],
    tests: 'test/activities/guards.test.ts',
    mustFail: 'goes to those whom policy names today when whoever said yes may no longer',
  },
  {
    name: 'an override passes a stopped line',
    edits: [
      { file: 'src/domain/standstill.ts', before: "(['window', 'freeze'] as const)", after: "(['window', 'freeze', 'stop'] as const)" },
    ],
    tests: 'test/domain/standstill.test.ts',
    mustFail: 'binds no revert, and no override to windows and freezes',
  },
  {
    name: 'Jira: one approved step of two is enough',
    edits: [
      {
        file: 'src/gates/jira.ts',
        before: "newest.some(({ decision }) => decision !== 'approved')",
        after: "newest.every(({ decision }) => decision !== 'approved')",
      },
      { file: 'src/gates/jira.ts', before: 'if (!readyIn.some(', after: 'if (!/./.test(status) && !readyIn.some(' },
    ],
    tests: 'test/gates/jira.test.ts',
    mustFail: 'takes one step of two for no approval',
  },
  {
    name: 'Jira: a search that did not take the login is believed',
    edits: [{ file: 'src/gates/jira.ts', before: '/^AUTHENTICATED_FAILED|^AUTHENTICATION_DENIED/', after: '/^NEVER/' }],
    tests: 'test/gates/jira.test.ts',
    mustFail: 'believes no search that did not take the login',
  },
  {
    name: 'Jira: a request that asks for something else by now is believed',
    edits: [
      {
        file: 'src/gates/jira.ts',
        before: "if (!JSON.stringify(at(request, 'requestFieldValues') ?? '').includes(correlation))",
        after: "if (correlation === '')",
      },
    ],
    tests: 'test/gates/jira.test.ts',
    mustFail: 'does not believe one whose description was written over',
  },
  {
    name: 'Jira: what is not found yet is made again at once',
    edits: [{ file: 'src/gates/jira.ts', before: 'settleMs: 300_000', after: 'settleMs: 0' }],
    tests: 'test/gates/jira.test.ts',
    mustFail: 'is done once where its answer is lost',
  },
  {
    name: 'two activities change places without a version branch',
    edits: [
      {
        file: 'src/orchestrators/stage.ts',
        before:
          "  yield* tell(story, 'switchOffTriggers', { epoch: story.epoch });\n  yield* tell(story, 'writeMarker', { epoch: story.epoch });",
        after:
          "  yield* tell(story, 'writeMarker', { epoch: story.epoch });\n  yield* tell(story, 'switchOffTriggers', { epoch: story.epoch });",
      },
    ],
    tests: 'test/history/replay.test.ts',
    mustFail: 'are told alike',
  },
  {
    name: 'a service is asked at one pace, however long nobody answers',
    edits: [
      {
        file: 'src/domain/request-pace.ts',
        before: 'Math.max(pollSeconds, Math.min(Math.ceil(waitedSeconds / steadyLooks), slowestSeconds))',
        after: 'Math.max(pollSeconds, 0 * waitedSeconds)',
      },
    ],
    tests: 'test/domain/request-pace.test.ts',
    mustFail: 'in an ask of 7 days and a poll of 60 s is at most 300 times',
  },
  {
    name: 'every nudge is a look',
    edits: [{ file: 'src/commands/nudge-rollout.ts', before: "? 'soon' : 'now'", after: "? 'now' : 'now'" }],
    tests: 'test/front-door/nudge.test.ts',
    mustFail: 'is heeded once in half a minute, however many come and at once',
  },
  {
    name: 'a nudge that comes while another is heeded is lost',
    edits: [
      {
        file: 'src/domain/request-pace.ts',
        before: 'Math.min(paced, Math.ceil(windowSeconds - sinceNudgeSeconds) + 1)',
        after: 'paced',
      },
    ],
    tests: 'test/front-door/nudge.test.ts',
    mustFail: 'has another look follow, which answers those that came meanwhile',
  },
  {
    name: 'a service that asks to be left alone is asked all the same',
    edits: [{ file: 'src/activities/look-at-request.ts', before: 'if (isResting(', after: 'if (false && isResting(' }],
    tests: 'test/gates/jira.test.ts',
    mustFail: 'is not looked at again before it wants to be, whatever wakes the rollout',
  },
  {
    name: 'a change that was made twice stays open where cancelling it got no answer',
    edits: [
      { file: 'src/gates/made-twice.ts', before: "if (done.kind === 'unknown')", after: "if (done.kind === 'unknown' && number === '')" },
    ],
    tests: 'test/gates/servicenow.test.ts',
    mustFail: 'is looked for again where cancelling the other got no answer, and nobody is asked before',
  },
  {
    name: 'a login that was refused is sent as often as the doctor is asked',
    edits: [
      {
        file: 'src/commands/remember-refusals.ts',
        before: 'if (sight && isRefusedLogin(sight))',
        after: 'if (false && isRefusedLogin(sight))',
      },
    ],
    tests: 'test/gates/try-login.test.ts',
    mustFail: 'is not tried again for a minute, however often and by how many it is asked, and what was told is told',
  },
  {
    name: 'a login that a service repeats as a form has it is told',
    edits: [{ file: 'src/gates/service-call.ts', before: '[...secrets, ...encoded, ...lower]', after: '[...secrets]' }],
    tests: 'test/gates/try-login.test.ts',
    mustFail: 'a secret that something on the way repeats as it was sent is not told',
  },
];
