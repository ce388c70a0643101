import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../rig/eventually.ts'
import { startInstances } from '../../servers/instances.ts'

it('The instances of a group say why they can no longer be watched, to whoever waits for one', async () => {
  const server = createServer((_, response) => {
    response
      .writeHead(403)
      .end('<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed</Message></Error></ErrorResponse>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo // it listens at a port
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }
  const stop = async (): Promise<void> => undefined
  const endpoint = `http://127.0.0.1:${port}`
  const instances = startInstances({ endpoint, port, credentials, folder: '', stop }, { group: 'workers', folder: '' })
  await eventually(() => expect(() => instances.all).toThrow('not allowed'))
  await expect(instances.close()).rejects.toThrow('not allowed')
})
