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

const LANE: OptionRow = { flags: '--lane <lane>', choices: LANES, help: 'hi, std or bulk (default std)' }

const DEADLINE: OptionRow = {
  flags: '--deadline <hours>',
  value: 'number',
  help: 'close with what there is after so long (default 12)',
}

const BUDGET: OptionRow = {
  flags: '--budget <dollars>',
  value: 'number',
  help: 'refuse a fleet that could cost more if everything goes wrong',
}

const MAX_INSTANCES: OptionRow = {
  flags: '--max-instances <n>',
  value: 'number',
  help: 'instances at most (default 10)',
}

const LIFETIME: OptionRow = {
  flags: '--lifetime <minutes>',
  value: 'number',
  help: 'how long an instance lives at most (default 240)',
}

export const BATCH_SUBMIT_OPTIONS: readonly OptionRow[] = [
  RECIPE,
  LANE,
  {
    flags: '--batch <name>',
    help: 'its name (default: made of the images and the recipe, so that a second run goes on)',
  },
  DEADLINE,
  // Workers of this machine cost nothing, and would be refused for what a fleet could.
  { ...BUDGET, without: '--local' },
  { ...MAX_INSTANCES, without: '--local' },
  { flags: '--group <name>', help: 'Auto Scaling group whose instances are the workers', without: '--local' },
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

export const BATCH_DASHBOARD_OPTIONS: readonly OptionRow[] = [
  { flags: '--port <n>', value: 'number', help: 'listen there; 0: any free one (default the first free from 4600 on)' },
  { flags: '--host <address>', help: 'listen there instead of 127.0.0.1' },
  { flags: '--i-know', help: 'with --host: other machines may reach it', needs: '--host' },
  { flags: '--group <name>', help: 'Auto Scaling group whose instances are the workers' },
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

const CONFIG: readonly OptionRow[] = STORE.filter(({ flags }) => flags.startsWith('--config'))

export const BATCH_ESTIMATE_OPTIONS: readonly OptionRow[] = [RECIPE, ...CONFIG, ...VOICE]

export const BATCH_SIMULATE_OPTIONS: readonly OptionRow[] = [
  { flags: '--batches <file>', help: 'several batches instead of a folder: a list of them, in JSON' },
  RECIPE,
  LANE,
  { flags: '--per-hour <n>', value: 'number', help: 'so many images come in an hour, evenly (default: all at once)' },
  DEADLINE,
  BUDGET,
  MAX_INSTANCES,
  { flags: '--slots <n>', value: 'number', help: 'cores of an instance (default 4)' },
  LIFETIME,
  { flags: '--boot <seconds>', value: 'number', help: 'how long an instance takes to start (default 45)' },
  {
    flags: '--interruptions <n>',
    value: 'number',
    help: 'how often EC2 takes an instance away in an hour, on average (default 0)',
  },
  { flags: '--hour-price <dollars>', value: 'number', help: 'of an instance (default: 0.016 for each core)' },
  { flags: '--core-speed <n>', value: 'number', help: 'speed of a core, 2 being twice the measured one (default 1)' },
  { flags: '--local <n>', value: 'number', help: 'so many workers on this machine instead of a fleet' },
  { flags: '--seed <n>', value: 'number', help: 'of the interruptions; the same one gives the same run (default 1)' },
  ...CONFIG,
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
  MAX_INSTANCES,
  LIFETIME,
  ...VOICE,
]

export const BATCH_PACK_OPTIONS: readonly OptionRow[] = [
  ARCH,
  { flags: '--out <dir>', help: 'where the bundle goes, as SHA256.tar.gz (default here)' },
  { flags: '--node <file>', help: "the Node that goes along (default: this one, or npm's for another machine)" },
  { flags: '--no-node', help: 'none goes along: the image of the instances has one' },
  ...VOICE,
]
