import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAgenda } from '../../../src/batch/plan/simulate/agenda.ts'
import { createVirtualQueue, type Letter } from '../../../src/batch/plan/simulate/queue.ts'

it('whatever is handed back, what was sent first comes first', () => {
  const step = fc.record({ send: fc.nat(5), receive: fc.nat(6), release: fc.nat(4) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = createVirtualQueue<number>(createAgenda())
      let sent = 0
      const visible = new Set<number>()
      let held: Letter<number>[] = []
      for (const { send, receive, release } of steps) {
        const contents = Array.from({ length: send }, () => sent++)
        queue.send(contents)
        for (const content of contents) visible.add(content)
        const expected = [...visible].sort((a, b) => a - b).slice(0, receive)
        const letters = queue.receive(receive)
        expect(letters.map(({ content }) => content)).toEqual(expected)
        for (const content of expected) visible.delete(content)
        held = [...letters, ...held]
        const back = held.splice(0, release)
        queue.release(back)
        for (const { content } of back) visible.add(content)
        expect(queue.gauge()).toMatchObject({ visible: visible.size, inFlight: held.length })
      }
    }),
  )
})
