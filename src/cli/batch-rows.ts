import { BATCH_ESTIMATE_OPTIONS, BATCH_OPTIONS, BATCH_SUBMIT_OPTIONS, BATCH_WATCH_OPTIONS } from './options.ts'
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
]
