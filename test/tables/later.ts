/**
 * Rows of the catalogue of bad input that other parts of the work bring, with the part's name. A row leaves this list
 * when its test arrives; a test holds that no row is in both places.
 */
export const LATER: Readonly<Record<string, string>> = {
  A14: 'Windows support: no such name can be made on this platform',
  A27: 'real servers: virtual-hosted addressing of a key called soap',
  C14: 'images: what a picture tells about the place where it was taken',
  D15: 'Windows support: volumes that fold case',
  E14: 'real servers: sign-in sessions that have expired',
  E19: 'nothing asks a question yet; the wizard brings the rule',
  D17: 'needs the right to mount; the walk never looks at the device',
  J17: 'doctor asks EC2 for the launch template, by a package that nothing needs yet; that of `stack` wants IMDSv2',
  J19: 'a breaker that stops the growth of the fleet and ends `watch` as well, else paused instances are paid for',
  D16: 'archives as roots are not supported',
}

/** Rows whose tests carry no row name in their title: where the test is, and how its title or command starts. */
export const ELSEWHERE: Readonly<Record<string, readonly [file: string, text: string]>> = {
  A23: ['unit/config/target.test.ts', 'prefix'],
  A24: ['scenarios/addresses.txt', 'E_PREFIX'],
  B02: ['unit/store/s3-answers.test.ts', 'sends equal parts of at least 8 MiB and one request for less'],
  B16: ['unit/config/resolve.test.ts', "it('refuse a rule that does nothing"],
  E01: ['unit/cli/run.test.ts', 'alone shows the shortest way in and exits with 2'],
  E02: ['unit/config/load.test.ts', 'names an unknown option, its line and the one that was meant'],
  E03: ['unit/config/load.test.ts', 'names path, expected and got for a wrong type'],
  E04: ['unit/config/load.test.ts', 'that throws is shown with the frames of its own files'],
  E05: ['unit/config/load.test.ts', 'with a syntax error is shown with file, line and column'],
  E06: ['unit/config/load.test.ts', "it('must be one'"],
  E07: ['unit/config/load.test.ts', 'may not hold credentials, which are not repeated'],
  E08: ['unit/config/target.test.ts', 'refuses user-info in an endpoint and does not repeat it'],
  E09: ['unit/config/resolve.test.ts', 'are not spoken to over plain http'],
  E10: ['unit/config/target.test.ts', "it.each(['My_Bucket', '192.168.0.1'"],
  E11: ['unit/config/target.test.ts', 'takes dots, access point aliases and ARNs'],
  E13: ['unit/store/s3-answers.test.ts', 'lists where it looked for credentials'],
  E15: ['unit/cli/run.test.ts', 'refuses --concurrency %j with the range'],
  E16: ['scenarios/usage.txt', '$ lading sync site --dryrun'],
  E17: ['scenarios/usage.txt', '$ lading snyc site'],
  E18: ['scenarios/usage.txt', '--host --in-place'],
  E20: ['unit/cli/terminal.test.ts', 'NO_COLOR'],
  E21: ['command.test.ts', 'ends quietly when its reader has seen enough'],
  E22: ['unit/cli/reporters.test.ts', 'fits into %d columns'],
  E23: ['unit/config/resolve.test.ts', "describe('public addresses'"],
  E24: ['scenarios/channel.txt', 'E_CHANNEL'],
  G05: ['faults/signals.test.ts', 'SIGINT'],
  G06: ['faults/signals.test.ts', 'SIGTERM'],
  G07: ['faults/signals.test.ts', 'SIGHUP'],
  H10: ['stories/csp.test.ts', 'H10: a content security policy that lacks the CDN'],
  E25: ['unit/cli/run.test.ts', 'is refused in one line'],
}
