import type { LogFormat } from '../index.ts'
import { KEEPING, type OptionRow, PUBLISHING, SITE, STORE, VOICE } from './option-rows.ts'

const LOG_FORMATS: Readonly<Record<LogFormat, true>> = {
  common: true,
  cloudfront: true,
  'cloudfront-json': true,
  s3: true,
  alb: true,
  logpush: true,
}

const LOG_FORMAT: OptionRow = {
  flags: '--format <name>',
  choices: Object.keys(LOG_FORMATS),
  help: 'common (Apache, nginx; combined too), cloudfront, cloudfront-json, s3, alb, logpush (default: told)',
}

/** It has no configuration, no store and no site. */
export const REPORT_OPTIONS: readonly OptionRow[] = [
  LOG_FORMAT,
  { flags: '--top <n>', value: 'number', help: 'rows of single files (default 20)' },
  { flags: '--html <file>', help: 'write a page with the report to this file, too' },
  { flags: '--tariff <name>', help: 'whose prices stand in the table: cloudfront, s3, r2 (default the first)' },
  { flags: '--prices <file>', help: 'these prices instead of those that come with Lading' },
  { flags: '--site <dir>', help: 'the folder of the site: which files it has, and what would move to a CDN' },
  ...STORE.filter(({ flags }) => flags.startsWith('--config')).map((row) => ({ ...row, needs: '--site' })),
  ...VOICE,
]

/** Of the site's options, those that change no number of an estimate. */
const UNESTIMATED: ReadonlySet<string> = new Set([...PUBLISHING, 'strict'])

export const ESTIMATE_OPTIONS: readonly OptionRow[] = [
  { flags: '--views <n>', value: 'number', help: 'views of pages in a month (default 10000, or one for each visit)' },
  { flags: '--visits <n>', value: 'number', help: 'visits in a month (default one for each view)' },
  {
    flags: '--returning <share>',
    help: 'share of visits by browsers that were there a month before (default 30%)',
    without: '--traffic',
  },
  { flags: '--traffic <file>', value: 'list', help: 'access logs, or a folder of them, instead; repeatable' },
  { ...LOG_FORMAT, help: `with --traffic: ${LOG_FORMAT.help}`, needs: '--traffic' },
  { flags: '--deploys <n>', value: 'number', help: 'deploys in a month (default 4)' },
  { flags: '--changed <share>', help: 'share of the files that each one changes (default 10%)' },
  { flags: '--uplink <rate>', help: 'of the first upload: 100Mbit, 1Gbit (default 100Mbit)' },
  { flags: '--provider <name>', value: 'list', help: 'only cloudfront, s3, r2, or one of --prices; repeatable' },
  { flags: '--prices <file>', help: 'these prices instead of those that come with Lading' },
  ...STORE.filter(({ key, flags }) => key === 'to' || key === 'concurrency' || flags.startsWith('--config')),
  ...SITE.filter(({ key }) => key === 'host' || !UNESTIMATED.has(key ?? '')),
  ...KEEPING,
  ...VOICE.filter(({ flags }) => !flags.includes('--verbose')),
]
