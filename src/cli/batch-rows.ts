import {
  BATCH_CONTROL_OPTIONS,
  BATCH_ESTIMATE_OPTIONS,
  BATCH_OPTIONS,
  BATCH_REPRO_OPTIONS,
  BATCH_STACK_OPTIONS,
  BATCH_SUBMIT_OPTIONS,
  BATCH_WATCH_OPTIONS,
  BATCH_WORKER_OPTIONS,
} from './options.ts'
import type { CommandRow } from './program.ts'

/** `lading batch ...`: bulk images, on this machine or on a fleet. */
export const BATCH_COMMANDS: readonly CommandRow[] = [
  {
    name: 'batch submit',
    args: '<folder>',
    summary: 'send a folder of images to be worked at; a second run goes on',
    options: BATCH_SUBMIT_OPTIONS,
    load: () => import('./commands/batch-submit.ts'),
  },
  {
    name: 'batch status',
    args: '<batch>',
    summary: 'how far a batch is',
    options: BATCH_OPTIONS,
    load: () => import('./commands/batch-status.ts'),
  },
  {
    name: 'batch watch',
    args: '<batch>',
    summary: 'look until a batch has closed',
    options: BATCH_WATCH_OPTIONS,
    load: () => import('./commands/batch-watch.ts'),
  },
  {
    name: 'batch worker',
    args: '',
    summary: 'take work from the queues and do it, until nothing is left',
    options: BATCH_WORKER_OPTIONS,
    load: () => import('./commands/batch-worker.ts'),
  },
  {
    name: 'batch control',
    args: '<verb> [value]',
    summary: 'tell workers: drain, stop, pause, resume, concurrency N, stats, cancel BATCH; or list them',
    options: BATCH_CONTROL_OPTIONS,
    load: () => import('./commands/batch-control.ts'),
  },
  {
    name: 'batch estimate',
    args: '<folder>',
    summary: 'what a batch would cost and take, and what another recipe would save; sends nothing',
    options: BATCH_ESTIMATE_OPTIONS,
    load: () => import('./commands/batch-estimate.ts'),
  },
  {
    name: 'batch reassemble',
    args: '<batch>',
    summary: 'make the result of a batch again from its receipts',
    options: BATCH_OPTIONS,
    load: () => import('./commands/batch-reassemble.ts'),
  },
  {
    name: 'batch repro',
    args: '<batch> <item>',
    summary: 'fetch one image and render it here as a worker would; the item by its id or its path',
    options: BATCH_REPRO_OPTIONS,
    load: () => import('./commands/batch-repro.ts'),
  },
  {
    name: 'batch dlq',
    args: '',
    summary: 'messages that nobody could do, and why',
    options: BATCH_OPTIONS,
    load: () => import('./commands/batch-dlq.ts'),
  },
  {
    name: 'batch redrive',
    args: '[id...]',
    summary: 'send them once more: all, or those named by id, item or batch',
    options: BATCH_OPTIONS,
    load: () => import('./commands/batch-redrive.ts'),
  },
  {
    name: 'batch stack',
    args: '',
    summary: 'print a CloudFormation template: queues, store, roles, workers on spot instances',
    options: BATCH_STACK_OPTIONS,
    load: () => import('./commands/batch-stack.ts'),
  },
]
