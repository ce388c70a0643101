import type { Arch, Lane } from '../index.ts'
import { type OptionRow, STORE, VOICE } from './option-rows.ts'

/** Where a batch is worked at. */
const BATCH: readonly OptionRow[] = [
  ...STORE.filter(({ key }) => key === 'to' || key === undefined),
  {
    flags: '--queues <address>',
    help: 'https://sqs.REGION.amazonaws.com/ACCOUNT/NAME, or a folder (default: in a folder store)',
  },
  ...VOICE,
]

const RECIPE: OptionRow = { flags: '--recipe <name>', help: 'what is made of each image: web, thumb (default web)' }

export const LANES: readonly Lane[] = ['hi', 'std', 'bulk']

export const BATCH_SUBMIT_OPTIONS: readonly OptionRow[] = [
  RECIPE,
  { flags: '--lane <lane>', choices: LANES, help: 'hi, std or bulk (default std)' },
  {
    flags: '--batch <name>',
    help: 'its name (default: made of the images and the recipe, so that a second run goes on)',
  },
  { flags: '--deadline <hours>', value: 'number', help: 'close with what there is after so long (default 12)' },
  {
    flags: '--budget <dollars>',
    value: 'number',
    help: 'refuse a fleet that could cost more if everything goes wrong',
  },
  { flags: '--max-instances <n>', value: 'number', help: 'instances at most (default 10)' },
  { flags: '--group <name>', help: 'Auto Scaling group whose instances are the workers' },
  { flags: '--local <n>', value: 'number', help: 'start so many workers on this machine' },
  { flags: '--watch', help: 'wait until the batch has closed' },
  ...BATCH,
]

export const BATCH_WATCH_OPTIONS: readonly OptionRow[] = [
  {
    flags: '--every <seconds>',
    value: 'number',
    help: 'look so often (default 2; longer for over 10,000 images, as each look lists them)',
  },
  { flags: '--manifest <file>', help: 'write the image manifest to this file when the batch has closed' },
  ...BATCH,
]

/** Of verbs that need no more than the place: status, reassemble, dlq, redrive. */
export const BATCH_OPTIONS: readonly OptionRow[] = BATCH

export const BATCH_WORKER_OPTIONS: readonly OptionRow[] = [
  { flags: '--slots <n>', value: 'number', help: 'images at once (default: the cores of this machine)' },
  { flags: '--idle <seconds>', value: 'number', help: 'stay so long when nothing is left, or never (default 30)' },
  { flags: '--instance <id>', help: 'its name (default: that of the EC2 instance, else a new one)' },
  { flags: '--group <name>', help: 'Auto Scaling group that it belongs to, and leads if nobody does' },
  ...BATCH,
]

export const BATCH_CONTROL_OPTIONS: readonly OptionRow[] = [
  { flags: '--instance <id>', help: 'whom to tell (default: all that have said anything within a day)' },
  ...BATCH,
]

export const BATCH_REPRO_OPTIONS: readonly OptionRow[] = [
  { flags: '--out <dir>', help: 'where original, recipe and variants go (default repro-ITEM)' },
  ...BATCH,
]

export const BATCH_ESTIMATE_OPTIONS: readonly OptionRow[] = [
  RECIPE,
  ...STORE.filter(({ flags }) => flags.startsWith('--config')),
  ...VOICE,
]

export const ARCHES: readonly Arch[] = ['arm64', 'x64']

const ARCH: OptionRow = {
  flags: '--arch <arch>',
  choices: ARCHES,
  help: 'of the instances: arm64 or x64 (default arm64)',
}

export const BATCH_STACK_OPTIONS: readonly OptionRow[] = [
  ARCH,
  { flags: '--name <name>', help: 'what the names of queues, group and roles begin with (default lading)' },
  { flags: '--bundle <sha256>', help: "the workers' code, as batch pack says it (default: asked when it is made)" },
  { flags: '--max-instances <n>', value: 'number', help: 'instances at most (default 10)' },
  { flags: '--lifetime <minutes>', value: 'number', help: 'how long an instance lives at most (default 240)' },
  ...VOICE,
]

export const BATCH_PACK_OPTIONS: readonly OptionRow[] = [
  ARCH,
  { flags: '--out <dir>', help: 'where the bundle goes, as SHA256.tar.gz (default here)' },
  { flags: '--node <file>', help: "the Node that goes along (default: this one, or npm's for another machine)" },
  { flags: '--no-node', help: 'none goes along: the image of the instances has one' },
  ...VOICE,
]
