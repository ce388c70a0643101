import { describe, expect, it } from 'vitest'
import { createCommandGate } from '../../../src/batch/leader/control.ts'
import { command } from '../../rig/batch-messages.ts'

const NOW = Date.UTC(2026, 10, 23)
const iso = (ms: number): string => new Date(ms).toISOString()

describe('a command', () => {
  const drain = () => command('i-1', NOW, { verb: 'drain' })

  it('is obeyed once', () => {
    const gate = createCommandGate({ now: () => NOW })
    const given = drain()
    expect(gate(given)).toEqual({ status: 'accepted' })
    expect(gate(given)).toEqual({ status: 'refused', reason: 'it was obeyed before' })
    expect(gate(drain())).toEqual({ status: 'accepted' })
  })

  it('is refused when it was obeyed, for as long as its time is not over on any clock', () => {
    let now = NOW
    const gate = createCommandGate({ now: () => now })
    const given = drain()
    gate(given)
    for (const later of [1000, 599_000, 600_000, 3_600_000, 86_400_000]) {
      now = NOW + later
      expect(gate(given).status).toBe('refused')
    }
  })

  it('is refused after its time', () => {
    const gate = createCommandGate({ now: () => NOW + 601_000 })
    expect(gate(drain())).toEqual({ status: 'refused', reason: 'it has expired' })
  })

  it('is refused when it is good for longer than an hour, or comes from tomorrow', () => {
    const gate = createCommandGate({ now: () => NOW })
    const long = { ...drain(), expires: iso(NOW + 3_601_000) }
    expect(gate(long)).toMatchObject({ status: 'refused', reason: expect.stringContaining('longer than 3600 s') })
    const early = { ...drain(), issued: iso(NOW + 301_000), expires: iso(NOW + 600_000) }
    expect(gate(early)).toMatchObject({ reason: 'it was issued in the future' })
  })
})
