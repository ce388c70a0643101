import type { Ask } from '../../src/index.ts'

/** A public address that serves whatever it is asked for, to every origin: for tests that are about something else. */
export const openCdn: Ask = async () => ({
  status: 200,
  headers: { 'access-control-allow-origin': '*' },
  bytes: new Uint8Array(),
})
